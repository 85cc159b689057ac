"""The registry of speed benchmarks. An area adds a module to this package; its benchmarks are found by name.

A benchmark is a case (which problem, how large), a phase (what is timed) and a driver (who does it: ``milpwright`` or a
peer). Benchmarks of one case and phase are compared with each other, so a figure is a ratio measured in one run.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

OWN = "milpwright"
"""The driver that is this project."""

Prepare = Callable[[], AbstractContextManager[Callable[[], object]]]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One thing to time. ``prepare`` makes what it needs, untimed, and gives the call that is timed.

    ``needs`` are modules without which the driver cannot run; ``large`` ones are left out where each is run once.
    """

    area: str
    case: str
    phase: str
    driver: str
    prepare: Prepare
    needs: tuple[str, ...] = ()
    large: bool = False

    @property
    def name(self) -> str:
        """The name under which it is chosen and reported."""
        return f"{self.area}/{self.case}/{self.phase}/{self.driver}"

    @property
    def group(self) -> tuple[str, str, str]:
        """What it shares with those that it is compared with."""
        return self.area, self.case, self.phase

    def missing(self) -> str:
        """Return the module that is not installed, "" where all are."""
        return next((name for name in self.needs if importlib.util.find_spec(name) is None), "")


_REGISTRY: dict[str, Benchmark] = {}


def register(
    area: str, case: str, phase: str, driver: str = OWN, *, needs: tuple[str, ...] = (), large: bool = False
) -> Callable[[Prepare], Prepare]:
    """Return a decorator that registers what prepares a benchmark. Raises `ValueError` for a name given twice."""

    def decorate(prepare: Prepare) -> Prepare:
        add(Benchmark(area, case, phase, driver, prepare, needs, large))
        return prepare

    return decorate


def add(benchmark: Benchmark) -> None:
    """Register a benchmark. Raises `ValueError` for a name given twice."""
    if benchmark.name in _REGISTRY:
        raise ValueError(f"the benchmark {benchmark.name} is registered twice")
    _REGISTRY[benchmark.name] = benchmark


def benchmarks(areas: tuple[str, ...] = (), match: str | None = None) -> list[Benchmark]:
    """Return the registered benchmarks, of these areas and with this in their name, own drivers first in a group."""
    import benchmarks.speed as package

    for info in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{info.name}")
    chosen = [b for b in _REGISTRY.values() if (not areas or b.area in areas) and (not match or match in b.name)]
    return sorted(chosen, key=lambda b: (b.group, b.driver != OWN, b.driver))
