"""A mixed-integer linear program as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.errors import ModelError

FloatVector = NDArray[np.float64]
DomainVector = NDArray[np.int8]


class Sense(StrEnum):
    """Whether the objective is made as small or as large as possible."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


class Domain(IntEnum):
    """Which values a column may take between its bounds.

    A semi-continuous (semi-integer) column is 0 or lies between its bounds.
    """

    CONTINUOUS = 0
    INTEGER = 1
    SEMI_CONTINUOUS = 2
    SEMI_INTEGER = 3


@dataclass(frozen=True, slots=True, eq=False)
class Milp:
    """``sense  constant + c'x + x'Qx/2  subject to  row_lower <= Ax <= row_upper, bounds, domains``.

    Shapes: n columns, m rows; ``objective`` (n,), ``matrix`` (m, n) in CSR form with sorted indices and
    without duplicates or explicit zeros, ``row_lower`` and ``row_upper`` (m,), ``column_lower`` and
    ``column_upper`` (n,), ``domains`` (n,) of `Domain`. ``quadratic``, where given, is the full symmetric
    (n, n) Hessian Q. Absent bounds are infinite. Nothing is NaN.

    Raises `ModelError` at construction where shapes disagree, a number is NaN or an infinity stands where a
    finite number must, a lower bound exceeds its upper bound, or names are not one per row and column.
    Crossing bounds are refused here because no format or backend treats them alike; a model that is
    infeasible for another reason is a model like any other.
    """

    sense: Sense
    objective: FloatVector
    matrix: sparse.csr_array
    row_lower: FloatVector
    row_upper: FloatVector
    column_lower: FloatVector
    column_upper: FloatVector
    domains: DomainVector
    column_names: Sequence[str]
    row_names: Sequence[str]
    constant: float = 0.0
    quadratic: sparse.csr_array | None = None
    name: str = ""

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        for field in ("objective", "row_lower", "row_upper", "column_lower", "column_upper"):
            set_(self, field, _frozen(np.ascontiguousarray(getattr(self, field), dtype=np.float64)))
        set_(self, "domains", _frozen(np.ascontiguousarray(self.domains, dtype=np.int8)))
        set_(self, "matrix", _canonical(self.matrix))
        if self.quadratic is not None:
            set_(self, "quadratic", _canonical(self.quadratic))
        _validate(self)

    @property
    def n_columns(self) -> int:
        """The number of variables."""
        return int(self.objective.shape[0])

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return int(self.row_lower.shape[0])

    @property
    def nonzeros(self) -> int:
        """The number of nonzero coefficients in the rows."""
        return int(self.matrix.nnz)

    @property
    def is_lp(self) -> bool:
        """Whether every column is continuous and the objective linear."""
        return self.quadratic is None and not bool(np.any(self.domains))

    @property
    def has_integers(self) -> bool:
        """Whether any column must take whole values."""
        return bool(np.any((self.domains == Domain.INTEGER) | (self.domains == Domain.SEMI_INTEGER)))

    def objective_at(self, values: FloatVector) -> float:
        """Return the objective, constant included, at a point of shape (n,)."""
        linear = self.constant + float(self.objective @ values)
        if self.quadratic is None:
            return linear
        return linear + 0.5 * float(values @ (self.quadratic @ values))

    def relaxed(self) -> Milp:
        """Return the linear relaxation: the same rows and bounds, every column continuous.

        A semi-continuous column's box is widened to hold 0.
        """
        semi = self.domains >= Domain.SEMI_CONTINUOUS
        return replace(
            self,
            domains=np.zeros(self.n_columns, dtype=np.int8),
            column_lower=np.where(semi, np.minimum(self.column_lower, 0.0), self.column_lower),
            column_upper=np.where(semi, np.maximum(self.column_upper, 0.0), self.column_upper),
        )


def _frozen(array: NDArray[np.generic]) -> NDArray[np.generic]:
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


def _canonical(matrix: object) -> sparse.csr_array:
    """Return a CSR matrix with sorted indices, duplicates summed and explicit zeros gone.

    A matrix that is in that form already is not copied.
    """
    csr: sparse.csr_array = sparse.csr_array(matrix, dtype=np.float64)  # type: ignore[call-overload]
    if not (csr.has_canonical_format and csr.has_sorted_indices) or bool(np.any(csr.data == 0.0)):
        csr = csr.copy()
        csr.sum_duplicates()
        csr.eliminate_zeros()
    return csr


def _validate(model: Milp) -> None:
    m, n = model.matrix.shape
    shapes = {
        "objective": (model.objective.shape, (n,)),
        "column_lower": (model.column_lower.shape, (n,)),
        "column_upper": (model.column_upper.shape, (n,)),
        "domains": (model.domains.shape, (n,)),
        "row_lower": (model.row_lower.shape, (m,)),
        "row_upper": (model.row_upper.shape, (m,)),
    }
    for field, (got, wanted) in shapes.items():
        if got != wanted:
            raise ModelError(f"{field} has shape {got}; the matrix of shape {(m, n)} needs {wanted}")
    if len(model.column_names) != n or len(model.row_names) != m:
        raise ModelError(
            f"{len(model.column_names)} column and {len(model.row_names)} row names for {n} columns and {m} rows"
        )
    if model.quadratic is not None:
        if model.quadratic.shape != (n, n):
            raise ModelError(f"quadratic has shape {model.quadratic.shape}; {n} columns need {(n, n)}")
        asymmetry = abs(model.quadratic - model.quadratic.T)
        if asymmetry.nnz and asymmetry.max() > 0:
            raise ModelError("quadratic is not symmetric; give the full Hessian Q of x'Qx/2")
    finite = [
        ("objective", model.objective),
        ("matrix", model.matrix.data),
        ("constant", np.array([model.constant])),
    ]
    if model.quadratic is not None:
        finite.append(("quadratic", model.quadratic.data))
    for field, values in finite:
        if not np.isfinite(values).all():
            raise ModelError(f"{field} holds a number that is NaN or infinite")
    if model.domains.size and not (model.domains.min() >= 0 and model.domains.max() <= max(Domain)):
        raise ModelError("domains holds a value that is no Domain")
    for kind, lower, upper, names in (
        ("column", model.column_lower, model.column_upper, model.column_names),
        ("row", model.row_lower, model.row_upper, model.row_names),
    ):
        bad = ~(lower <= upper) | (lower == np.inf) | (upper == -np.inf)
        if bad.any():
            k = int(np.argmax(bad))
            raise ModelError(f"{kind} {names[k]!r} has the bounds [{lower[k]}, {upper[k]}], which hold no number")
