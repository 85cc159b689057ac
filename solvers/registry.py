"""The backends that are known, by name. Each is imported only when it is asked for."""

from __future__ import annotations

import importlib

from solvers.errors import OptionsError
from solvers.port import Solver

_CLASSES = {
    "highs": ("solvers.backends.highs", "Highs"),
    "cp-sat": ("solvers.backends.cp_sat", "CpSat"),
    "glop": ("solvers.backends.ortools_lp", "Glop"),
    "pdlp": ("solvers.backends.ortools_lp", "Pdlp"),
    "scip": ("solvers.backends.scip", "Scip"),
}
_extra: dict[str, Solver] = {}


def names() -> tuple[str, ...]:
    """Return the names of the registered backends, the default first."""
    return (*_CLASSES, *_extra)


def backend(name: str) -> Solver:
    """Return the backend of that name, installed or not. Raises `OptionsError` for an unknown name."""
    if name in _extra:
        return _extra[name]
    if name not in _CLASSES:
        raise OptionsError(f"no solver is called {name!r}; there are {', '.join(names())}, auto and portfolio")
    module, cls = _CLASSES[name]
    made: Solver = getattr(importlib.import_module(module), cls)()
    return made


def backends() -> tuple[Solver, ...]:
    """Return every registered backend, installed or not."""
    return tuple(backend(name) for name in names())


def register(solver: Solver) -> None:
    """Add a backend under its own name. Raises `OptionsError` where the name is taken."""
    if solver.name in names() or solver.name in ("auto", "portfolio"):
        raise OptionsError(f"a solver called {solver.name!r} is registered already")
    _extra[solver.name] = solver
