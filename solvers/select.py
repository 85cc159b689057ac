"""Which backend for which model, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from solvers.convexity import is_convex
from solvers.errors import BackendUnavailable, Unsupported
from solvers.milp import Domain, Milp
from solvers.port import ModelClass
from solvers.registry import backend


@dataclass(frozen=True, slots=True)
class Choice:
    """A backend's name, and the reason in a sentence."""

    solver: str
    reason: str


def model_classes(model: Milp) -> frozenset[ModelClass]:
    """Return what a backend must take to solve the model; a quadratic objective counts as convex only if it is."""
    needed: set[ModelClass] = set()
    if bool(np.any(model.domains >= Domain.SEMI_CONTINUOUS)):
        needed.add(ModelClass.SEMI)
    if model.quadratic is not None and model.quadratic.nnz:
        if not is_convex(model):
            return frozenset({ModelClass.NONLINEAR})
        needed.add(ModelClass.MIQP if bool(np.any(model.domains)) else ModelClass.QP)
    elif model.has_integers or needed:
        needed.add(ModelClass.MILP)
    else:
        needed.add(ModelClass.LP)
    return frozenset(needed)


_REASONS = {
    "highs": "HiGHS takes it",
    "glop": "GLOP takes it",
    "scip": "SCIP takes it",
    "cp-sat": "CP-SAT takes it where every column is whole and bounded",
}


def choices(model: Milp) -> Iterator[Choice]:
    """Yield the installed backends for the model: the one to take, then those to turn to where it fails.

    HiGHS answers everything that it takes: measured over the classes of model seen here it is the fastest open
    solver that also proves its answers. What it does not take (integer or nonconvex quadratics) goes to SCIP.
    A backend is imported only when it is its turn. Raises `Unsupported` where no backend takes the model, and
    `BackendUnavailable` where none of those is installed.
    """
    needed = model_classes(model)
    words = " and ".join(sorted(str(c) for c in needed))
    missing = ""
    chosen = 0
    for name, reason in _REASONS.items():
        candidate = backend(name)
        if not needed <= candidate.classes:
            continue
        availability = candidate.availability()
        if availability.available:
            chosen += 1
            yield Choice(name, f"{words}, {model.n_rows} rows, {model.n_columns} columns: {reason}")
        else:
            missing = missing or f"this model ({words}) needs {name}: {availability.reason}"
    if not chosen:
        raise BackendUnavailable(missing) if missing else Unsupported(f"no backend takes this model ({words})")


def choose(model: Milp) -> Choice:
    """Return the backend to take for the model. Raises as `choices` does."""
    return next(choices(model))
