"""A ratio of two linear functions over linear rows, optimised exactly by a few linear models.

W. Dinkelbach, "On nonlinear fractional programming", Management Science 13 (1967): where the denominator D is
positive, x maximises N/D with value r if and only if it maximises N - r D with value 0. Starting from any feasible
point's ratio, each maximiser's own ratio is the next r; the steps are few, for they converge superlinearly.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from solvers.formats.nl import Expression, NlModel
from solvers.milp import Domain, FloatVector, Milp, Sense
from solvers.port import Cancellation, SolveOptions, time_left
from solvers.result import Point, Reason, Solution, Termination

MAX_STEPS = 100
AWAY_FROM_ZERO = 1e-6
"""A denominator that comes nearer to 0 than this is left to a solver for nonlinear models."""

SAME = 1e-9
"""Two ratios are the same within this, relative to the larger of them and 1."""


@dataclass(frozen=True, slots=True)
class Affine:
    """``constant + sum(terms[j] * x[j])``."""

    constant: float = 0.0
    terms: Mapping[int, float] = field(default_factory=dict)

    def plus(self, other: Affine, factor: float = 1.0) -> Affine:
        """Return this and ``factor`` times the other."""
        terms = dict(self.terms)
        for j, a in other.terms.items():
            terms[j] = terms.get(j, 0.0) + factor * a
        return Affine(self.constant + factor * other.constant, {j: a for j, a in terms.items() if a != 0.0})

    def times(self, factor: float) -> Affine:
        """Return this, multiplied."""
        return Affine().plus(self, factor)

    def at(self, values: FloatVector) -> float:
        """Return the value at a point of shape (n,)."""
        return self.constant + sum(a * float(values[j]) for j, a in self.terms.items())

    def vector(self, n: int) -> FloatVector:
        """Return the coefficients, of shape (n,)."""
        row = np.zeros(n)
        for j, a in self.terms.items():
            row[j] = a
        return row


ONE = Affine(1.0)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One affine function over another; over `ONE` where it is no ratio."""

    above: Affine
    below: Affine = ONE


class _NoRatio(Exception):
    """The expression is something else."""


def ratio_of(body: Expression, linear: Mapping[int, float], defined: Mapping[int, Ratio]) -> Ratio | None:
    """Return what an .nl expression and its linear part are; None where they are no ratio of affine functions.

    ``defined`` holds what is known of the text's defined variables.
    """
    try:
        rest = Affine().plus(Affine(0.0, linear))  # without the zeros that the text keeps for its gradient
        return _sum(_evaluated(body, defined), Ratio(rest), 1.0)
    except _NoRatio:
        return None


def _evaluated(body: Expression, defined: Mapping[int, Ratio]) -> Ratio:
    stack: list[Ratio] = []
    for kind, number in reversed(body):
        match kind:
            case "n":
                stack.append(Ratio(Affine(float(number))))
            case "v":
                index = int(number)
                stack.append(defined.get(index) or Ratio(Affine(0.0, {index: 1.0})))
            case "1" if number == 16:
                stack.append(_product(stack.pop(), Ratio(Affine(-1.0))))
            case "2" if number in _BINARY:
                first, second = stack.pop(), stack.pop()
                stack.append(_BINARY[int(number)](first, second))
            case "l54":
                total = Ratio(Affine())
                for _ in range(int(number)):
                    total = _sum(total, stack.pop(), 1.0)
                stack.append(total)
            case _:
                raise _NoRatio
    return stack[-1]


def _sum(a: Ratio, b: Ratio, factor: float) -> Ratio:
    """Return a + factor * b, where the two have one denominator, or one of them has a constant one."""
    if not b.below.terms:
        if not a.below.terms:
            return Ratio(a.above.times(1.0 / a.below.constant).plus(b.above, factor / b.below.constant))
        share = _constant(b.above) / b.below.constant
        return Ratio(a.above.plus(a.below.times(share), factor), a.below)
    if not a.below.terms:
        return _sum(Ratio(b.above.times(factor), b.below), a, 1.0)
    if a.below != b.below:
        raise _NoRatio
    return Ratio(a.above.plus(b.above, factor), a.below)


def _product(a: Ratio, b: Ratio) -> Ratio:
    if a.below.terms and b.below.terms:
        raise _NoRatio
    if a.below.terms:
        a, b = b, a
    if not a.above.terms:
        return Ratio(b.above.times(a.above.constant / a.below.constant), b.below)
    if not b.above.terms:
        return Ratio(a.above.times(b.above.constant / a.below.constant), b.below)
    raise _NoRatio


def _quotient(a: Ratio, b: Ratio) -> Ratio:
    if not b.above.terms and b.above.constant == 0.0:
        raise _NoRatio
    return _product(a, Ratio(b.below, b.above))


def _power(a: Ratio, b: Ratio) -> Ratio:
    if b.above.terms or b.below != ONE or b.above.constant not in (1.0, -1.0):
        raise _NoRatio
    return a if b.above.constant > 0 else _quotient(Ratio(ONE), a)


def _constant(form: Affine) -> float:
    if form.terms:
        raise _NoRatio
    return form.constant


_BINARY = {0: lambda a, b: _sum(a, b, 1.0), 1: lambda a, b: _sum(a, b, -1.0), 2: _product, 3: _quotient, 5: _power}


@dataclass(frozen=True, slots=True)
class Fractional:
    """The ratio to optimise, and the rows and bounds as a `Milp` without an objective."""

    sense: Sense
    ratio: Ratio
    rows: Milp

    def model(self, sense: Sense, objective: Affine) -> Milp:
        """Return the rows with a linear objective."""
        vector = objective.vector(self.rows.n_columns)
        return replace(self.rows, sense=sense, objective=vector, constant=objective.constant)


def fractional(read: NlModel) -> Fractional | None:
    """Return what an .nl text says as a fractional program; None where it is none, or no ratio at all."""
    defined: dict[int, Ratio] = {}
    for index in sorted(read.defined):
        linear, body = read.defined[index]
        known = ratio_of(body, linear, defined)
        if known is None:
            return None
        defined[index] = known
    objective = ratio_of(read.objective, read.objective_linear, defined)
    if objective is None or not objective.below.terms:
        return None
    forms = []
    for body, linear in zip(read.rows, read.rows_linear, strict=True):
        form = ratio_of(body, linear, defined)
        if form is None or form.below.terms:
            return None
        forms.append(form.above.times(1.0 / form.below.constant))
    return Fractional(read.sense, objective, _milp(read, forms))


def _milp(read: NlModel, forms: list[Affine]) -> Milp:
    n, m = read.n_columns, len(forms)
    entries = [(i, j, a) for i, form in enumerate(forms) for j, a in form.terms.items()]
    at = ([i for i, _, _ in entries], [j for _, j, _ in entries])
    constants = np.array([form.constant for form in forms])
    return Milp(
        sense=read.sense,
        objective=np.zeros(n),
        matrix=sparse.csr_array(([a for _, _, a in entries], at), shape=(m, n)),
        row_lower=read.row_lower - constants,
        row_upper=read.row_upper - constants,
        column_lower=read.column_lower,
        column_upper=read.column_upper,
        domains=np.where(read.whole, Domain.INTEGER, Domain.CONTINUOUS).astype(np.int8),
        column_names=[f"x{j}" for j in range(n)],
        row_names=[f"r{i}" for i in range(m)],
    )


def solve_fractional(
    program: Fractional, options: SolveOptions, cancellation: Cancellation | None = None
) -> Solution | None:
    """Return the optimum of a ratio, or what a limit left of it, with a bound that holds.

    None where the method does not apply: the denominator may come to 0, or the ratio has no attained optimum that a
    linear model finds. The point is not replayed here.
    """
    from solvers.solving import solve

    started = time.monotonic()

    def solved(sense: Sense, objective: Affine) -> Solution:
        left = replace(options, time_limit_s=time_left(options, started), start=None, mip_gap=None)
        return solve(program.model(sense, objective), left, cancellation=cancellation)

    above, below = program.ratio.above, program.ratio.below
    least = solved(Sense.MINIMIZE, below)
    if least.termination.reason is Reason.INFEASIBLE:
        return replace(least, sense=program.sense, time_s=time.monotonic() - started)
    if least.termination.reason is not Reason.OPTIMAL or least.point is None or least.bound is None:
        return None
    floor, point = least.bound, least.point.values
    if floor < AWAY_FROM_ZERO:
        most = solved(Sense.MAXIMIZE, below)
        if most.point is None or most.bound is None or most.bound > -AWAY_FROM_ZERO:
            return None
        above, below, floor, point = above.times(-1.0), below.times(-1.0), -most.bound, most.point.values
    if program.sense is Sense.MINIMIZE:
        above = above.times(-1.0)
    whole = program.rows.domains != Domain.CONTINUOUS
    sign = 1.0 if program.sense is Sense.MAXIMIZE else -1.0
    nodes, ratio = 0, above.at(point) / below.at(point)
    for _ in range(MAX_STEPS):
        step = solved(Sense.MAXIMIZE, above.plus(below, -ratio))
        nodes += step.nodes or 0
        if step.termination.reason not in (Reason.OPTIMAL, Reason.LIMIT):
            return None
        found = None if step.point is None else np.where(whole, np.round(step.point.values), step.point.values)
        better = -np.inf if found is None else above.at(found) / below.at(found)
        gain = max(step.bound, 0.0) / floor if step.bound is not None else np.inf
        settled = better <= ratio + SAME * max(1.0, abs(ratio))
        bound = ratio if settled and step.termination.reason is Reason.OPTIMAL else ratio + gain
        if found is not None and better > ratio:
            point, ratio = found, better
        if settled or step.termination.reason is Reason.LIMIT:
            return replace(
                step,
                termination=Termination(Reason.OPTIMAL) if settled and bound <= ratio else step.termination,
                sense=program.sense,
                point=Point(point, sign * ratio),
                bound=sign * max(bound, ratio) if np.isfinite(bound) else None,
                duals=None,
                nodes=nodes,
                time_s=time.monotonic() - started,
                choice="a ratio of linear functions, optimised by Dinkelbach's method",
            )
    return None
