"""All suites, found among the modules of this package: a module with a `SUITE` is a suite."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import benchmarks.suites
from benchmarks.errors import SuiteError
from benchmarks.suites.suite import Suite


@cache
def suites() -> dict[str, Suite]:
    """Return every suite by name, sorted."""
    found: dict[str, Suite] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(benchmarks.suites.__path__)):
        suite = getattr(importlib.import_module(f"benchmarks.suites.{module}"), "SUITE", None)
        if isinstance(suite, Suite):
            found[suite.name] = suite
    return dict(sorted(found.items()))


def suite_named(name: str) -> Suite:
    """Return the suite of that name, dashes and underlines alike. Raises `SuiteError`."""
    try:
        return suites()[name.replace("-", "_").lower()]
    except KeyError:
        raise SuiteError(f"no suite is called {name!r}; there are {', '.join(suites())}") from None
