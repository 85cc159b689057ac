"""All suites, found among the modules of this package: a module with a `SUITE` is a suite."""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import benchmarks.suites
from benchmarks.errors import SuiteError
from benchmarks.suites.suite import Suite


@cache
def suites() -> dict[str, Suite]:
    """Return every suite by name, sorted."""
    found: dict[str, Suite] = {}
    bad = known_bad()
    for module in sorted(info.name for info in pkgutil.iter_modules(benchmarks.suites.__path__)):
        suite = getattr(importlib.import_module(f"benchmarks.suites.{module}"), "SUITE", None)
        if isinstance(suite, Suite):
            found[suite.name] = replace(suite, known_bad={**suite.known_bad, **bad.get(suite.name, {})})
    return dict(sorted(found.items()))


def known_bad() -> dict[str, dict[str, str]]:
    """Return the reasons to doubt labels, by suite and item: from `benchmarks.label_checks`, or from reading."""
    found: dict[str, dict[str, str]] = {}
    for name in ("known_bad.toml", "disputed.toml"):
        table = tomllib.loads(Path(benchmarks.__file__).with_name(name).read_text(encoding="utf-8"))
        for suite, reasons in table.items():
            found.setdefault(suite, {}).update(reasons)
    return found


def suite_named(name: str) -> Suite:
    """Return the suite of that name, dashes and underlines alike. Raises `SuiteError`."""
    try:
        return suites()[name.replace("-", "_").lower()]
    except KeyError:
        raise SuiteError(f"no suite is called {name!r}; there are {', '.join(suites())}") from None
