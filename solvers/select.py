"""Which backend for which model, and why."""

from __future__ import annotations

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


def choose(model: Milp) -> Choice:
    """Return the backend for the model. Raises `Unsupported` where no installed backend takes it.

    HiGHS answers everything that it takes: measured over the classes of model seen here it is the fastest open
    solver that also proves its answers. What it does not take (integer or nonconvex quadratics) goes to SCIP.
    """
    needed = model_classes(model)
    words = " and ".join(sorted(str(c) for c in needed))
    size = f"{model.n_rows} rows, {model.n_columns} columns"
    for name, why in (
        ("highs", "HiGHS takes it and gives duals" if model.is_lp else "HiGHS takes it"),
        ("scip", "HiGHS does not take it and SCIP does"),
    ):
        try:
            candidate = backend(name)
        except Exception as error:  # a name that is not registered
            raise Unsupported(f"no backend takes this model ({words})") from error
        if not needed <= candidate.classes:
            continue
        availability = candidate.availability()
        if not availability.available:
            raise BackendUnavailable(f"this model ({words}) needs {name}: {availability.reason}")
        return Choice(name, f"{words}, {size}: {why}")
    raise Unsupported(f"no backend takes this model ({words})")
