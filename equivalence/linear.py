"""Linear forms in exact arithmetic, and a model as inequalities between them: what proofs are about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from equivalence.certificate import Affine, Reference, Terms
from equivalence.exact import rational
from solvers.milp import Domain, Milp, Sense

Inequality = tuple[Terms, Fraction]
"""``terms x <= bound``."""


class Refuted(Exception):
    """A certificate or witness does not prove what it claims; the message says where."""


def require(*, holds: bool, otherwise: str) -> None:
    """Raise `Refuted` unless it holds."""
    if not holds:
        raise Refuted(otherwise)


def negated(terms: Terms) -> Terms:
    """Return minus the form."""
    return tuple((j, -v) for j, v in terms)


def unit(j: int) -> Affine:
    """Return the form that is one column."""
    return Affine(((j, Fraction(1)),))


def add(*parts: tuple[Fraction | int, Affine]) -> Affine:
    """Return the sum of factor times form."""
    total: dict[int, Fraction] = {}
    constant = Fraction(0)
    for factor, form in parts:
        constant += factor * form.constant
        for j, v in form.terms:
            total[j] = total.get(j, Fraction(0)) + factor * v
    return Affine(tuple(sorted((j, v) for j, v in total.items() if v)), constant)


def substitute(form: Affine, images: Sequence[Affine]) -> Affine:
    """Return the form with each column replaced by its image."""
    return add((Fraction(1), Affine((), form.constant)), *((v, images[j]) for j, v in form.terms))


def terms_of(columns: Sequence[int], values: Sequence[float]) -> Terms:
    """Return a row of floats as an exact sparse form."""
    return tuple(sorted((int(j), rational(v)) for j, v in zip(columns, values, strict=True) if v))


def objective_of(model: Milp) -> Affine:
    """Return the linear objective as minimisation."""
    sign = 1 if model.sense is Sense.MINIMIZE else -1
    terms = tuple((j, sign * rational(v)) for j, v in enumerate(model.objective.tolist()) if v)
    return Affine(terms, sign * rational(model.constant))


class Linear:
    """A linear model as exact inequalities ``terms x <= bound``, by reference."""

    def __init__(self, model: Milp) -> None:
        require(holds=model.quadratic is None, otherwise="a quadratic objective is beyond this certificate")
        require(holds=not (model.domains >= 2).any(), otherwise="semi-continuous columns are beyond this certificate")
        self.model, self.n = model, model.n_columns
        starts = model.matrix.indptr.tolist()
        columns, values = model.matrix.indices.tolist(), model.matrix.data.tolist()
        self.rows = [terms_of(columns[s:e], values[s:e]) for s, e in pairwise(starts)]
        self.whole = [d == Domain.INTEGER for d in model.domains.tolist()]
        self.objective = objective_of(model)
        self.sides: dict[Reference, Inequality] = {}
        for i, terms in enumerate(self.rows):
            self._add("row", i, terms, float(model.row_lower[i]), float(model.row_upper[i]))
        for j in range(self.n):
            unit = ((j, Fraction(1)),)
            self._add("column", j, unit, float(model.column_lower[j]), float(model.column_upper[j]))

    def _add(self, kind: str, k: int, terms: Terms, lower: float, upper: float) -> None:
        if math.isfinite(lower):
            self.sides[kind, k, "lower"] = (negated(terms), -rational(lower))  # type: ignore[index]
        if math.isfinite(upper):
            self.sides[kind, k, "upper"] = (terms, rational(upper))  # type: ignore[index]

    def takes_whole_values(self, form: Affine) -> bool:
        """Whether the form is whole by inspection: whole numbers on whole columns."""
        return form.constant.denominator == 1 and all(self.whole[j] and v.denominator == 1 for j, v in form.terms)
