"""Numbers that solvers read as infinite, treated alike for all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.errors import Unsupported
from solvers.milp import Milp

INFINITE = 1e20
"""From what size on a number counts as infinite: a bound or side as none, any other as no number to compute with."""


def with_infinite_bounds(model: Milp) -> Milp:
    """Return the model with every bound and side of `INFINITE` and more left out.

    Raises `Unsupported` for numbers of that size elsewhere: costs, coefficients, the constant, and a lower bound (an
    upper one below 0) that no number within reach can meet.
    """
    parts = {"the objective": model.objective, "the matrix": model.matrix.data}
    parts["the constant"] = np.array([model.constant])
    if model.quadratic is not None:
        parts["the Hessian"] = model.quadratic.data
    for part, values in parts.items():
        if float(np.abs(values).max(initial=0.0)) >= INFINITE:
            raise _too_large(part, float(np.abs(values).max()))
    sides = []
    for kind, names in (("row", model.row_names), ("column", model.column_names)):
        lower, upper = getattr(model, f"{kind}_lower"), getattr(model, f"{kind}_upper")
        for values, far in ((lower, lower >= INFINITE), (upper, upper <= -INFINITE)):
            if far.any():
                k = int(np.argmax(far))
                raise _too_large(f"the {kind} {names[k]!r}", float(values[k]))
        sides += [lower, upper]
    if not any(bool((np.isfinite(side) & (np.abs(side) >= INFINITE)).any()) for side in sides):
        return model
    row_lower, row_upper, column_lower, column_upper = (
        np.where(np.abs(side) >= INFINITE, np.copysign(np.inf, side), side) for side in sides
    )
    return replace(
        model, row_lower=row_lower, row_upper=row_upper, column_lower=column_lower, column_upper=column_upper
    )


def _too_large(part: str, size: float) -> Unsupported:
    return Unsupported(f"{part} holds {size:.3g}; solvers read {INFINITE:g} and more as infinite: use other units")
