"""Linear programs answered by a solver in floating point, taken at its word only where that holds in rationals.

HiGHS says which inequalities bind and where; the multipliers and the point are then made exact (rounded, or solved
for on the support the solver names) and checked, so that nothing here rests on a tolerance. After Applegate, Cook,
Dash and Espinoza, "Exact solutions to linear programming problems" (2007).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from scipy import sparse

from equivalence.certificate import Farkas, Reference, Terms
from equivalence.linear import Inequality, Linear
from solvers.errors import SolversError
from solvers.milp import Domain, FloatVector, Milp, Sense
from solvers.port import SolveOptions
from solvers.registry import backend
from solvers.result import Reason, Solution

_NEAR = 1e-7
_NONE = 1e-9
_SIMPLE = 10**6
_MOST_UNKNOWNS = 400
Equation = tuple[dict[int, Fraction], Fraction]


@dataclass(frozen=True, slots=True)
class Branch:
    """The relaxation breaks the goal where this whole column takes the value between two whole ones."""

    column: int
    value: float


class Guide:
    """A linear model as HiGHS sees it, for questions about one inequality after the other."""

    def __init__(self, linear: Linear, *, deadline: float) -> None:
        self.linear, self.deadline = linear, deadline
        self.model = linear.model
        self.whole = np.flatnonzero(np.array(linear.whole, dtype=np.bool_))

    def ask(
        self, goal: Inequality, guards: Sequence[Inequality], *, search: bool
    ) -> Farkas | tuple[Fraction, ...] | Branch | None:
        """Return multipliers that prove the goal, a point (n,) that breaks it, or where the relaxation breaks it.

        Each is exact, save the last. ``search`` looks for a whole point with branch and cut before it names a
        column to branch on. None where nothing came of it.
        """
        terms, bound = goal
        relaxed = self._relaxation(goal, guards)
        solution = self._solve(relaxed)
        if solution is None:
            return None
        if solution.termination.reason is Reason.INFEASIBLE:
            if solution.farkas is None:
                return None
            tries = (sign * solution.farkas for sign in (1.0, -1.0))
            return next((p for y in tries if (p := self._certified(((), bound), guards, y)) is not None), None)
        if solution.point is None:
            return None
        x = solution.point.values
        if (
            terms
            and solution.duals is not None
            and solution.objective <= float(bound) + _NEAR * (1 + abs(float(bound)))
        ):
            proof = self._certified(goal, guards, solution.duals.rows)
            if proof is not None:
                return proof
        away = np.abs(x[self.whole] - np.round(x[self.whole]))
        if away.max(initial=0.0) <= _NEAR:
            return self._point(x, goal, guards, relaxed)
        if search:
            domains = np.where(self.model.domains == Domain.INTEGER, Domain.INTEGER, Domain.CONTINUOUS)
            found = self._solve(replace(relaxed, domains=domains.astype(np.int8)))
            if found is not None and found.point is not None:
                point = self._point(found.point.values, goal, guards, relaxed)
                if point is not None:
                    return point
        j = int(self.whole[int(np.argmax(away))])
        return Branch(j, float(x[j]))

    def _relaxation(self, goal: Inequality, guards: Sequence[Inequality]) -> Milp:
        """Return max of the goal's form without integrality; a last row ends what could grow for ever."""
        model, (terms, bound) = self.model, goal
        more = [*guards, *([(terms, bound + abs(bound) + 1)] if terms else [])]
        rows = np.repeat(np.arange(len(more)), [len(form) for form, _ in more])
        columns = np.array([j for form, _ in more for j, _ in form], dtype=np.int64)
        values = np.array([float(v) for form, _ in more for _, v in form])
        extra = sparse.csr_array((values, (rows, columns)), shape=(len(more), model.n_columns))
        objective = np.zeros(model.n_columns)
        for j, v in terms:
            objective[j] = float(v)
        return replace(
            model,
            sense=Sense.MAXIMIZE,
            objective=objective,
            constant=0.0,
            matrix=sparse.csr_array(sparse.vstack([model.matrix, extra])) if more else model.matrix,
            row_lower=np.append(model.row_lower, np.full(len(more), -np.inf)),
            row_upper=np.append(model.row_upper, [float(b) for _, b in more]),
            domains=np.zeros(model.n_columns, dtype=np.int8),
            row_names=[f"r{i}" for i in range(model.n_rows + len(more))],
        )

    def _solve(self, model: Milp) -> Solution | None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            return None
        options = SolveOptions(time_limit_s=None if math.isinf(left) else left, threads=1, mip_gap=0.0)
        try:
            return backend("highs").solve(model, options)
        except SolversError:
            return None

    def _certified(self, goal: Inequality, guards: Sequence[Inequality], y: FloatVector) -> Farkas | None:
        """Return the multipliers near ``y`` (one a row, guards next) that prove the goal, or None.

        A positive one stands on a row's upper side, a negative one on its lower side; the columns' bounds take
        what is left of the form.
        """
        rows = self.linear.rows
        own = y[: len(rows) + len(guards)]
        size = float(np.abs(own).max(initial=0.0))
        if not math.isfinite(size) or (size == 0.0 and not goal[0]):
            return None
        support = np.flatnonzero(np.abs(own) > _NONE * max(size, 1.0)).tolist()
        forms = {k: rows[k] if k < len(rows) else guards[k - len(rows)][0] for k in support}
        guess = {k: _simple(float(own[k])) for k in support}
        proof = self._as_proof(goal, guards, forms, guess)
        if proof is not None or len(support) > _MOST_UNKNOWNS:
            return proof
        left = _left_over(goal[0], forms, guess)
        equations: dict[int, Equation] = {
            j: ({}, v) for j, v in {**dict.fromkeys(left, Fraction(0)), **dict(goal[0])}.items()
        }
        for k, form in forms.items():
            for j, v in form:
                equations.setdefault(j, ({}, Fraction(0)))[0][k] = v
        tight = [pair for j, pair in equations.items() if abs(float(left.get(j, 0))) <= _NEAR * max(size, 1.0)]
        exact = solved(tight, guess, deadline=self.deadline)
        return None if exact is None else self._as_proof(goal, guards, forms, exact)

    def _as_proof(
        self,
        goal: Inequality,
        guards: Sequence[Inequality],
        forms: Mapping[int, Terms],
        factors: Mapping[int, Fraction],
    ) -> Farkas | None:
        rows, sides = len(self.linear.rows), self.linear.sides
        used: list[tuple[Reference, Fraction]] = []
        total = Fraction(0)
        wanted: list[tuple[Reference, Fraction]] = []
        for k, factor in factors.items():
            side: Reference = ("row", k, "upper" if factor > 0 else "lower")
            wanted.append((side if k < rows else ("guard", k - rows, side[2]), factor))
        for j, v in _left_over(goal[0], forms, factors).items():
            wanted.append((("column", j, "upper" if v > 0 else "lower"), v))
        for reference, factor in wanted:
            if not factor:
                continue
            inequality = sides.get(reference)
            if reference[0] == "guard":
                inequality = guards[reference[1]] if factor > 0 else None
            if inequality is None:
                return None
            total += abs(factor) * inequality[1]
            used.append((reference, abs(factor)))
        proved = total <= goal[1] if goal[0] else total < 0
        return Farkas(tuple(used)) if proved else None

    def _point(
        self, x: FloatVector, goal: Inequality, guards: Sequence[Inequality], relaxed: Milp
    ) -> tuple[Fraction, ...] | None:
        """Return an exact feasible point near ``x`` that breaks the goal, or None."""
        for at in self._candidates(x, relaxed):
            if self._breaks(at, goal, guards):
                return at
        return None

    def _candidates(self, x: FloatVector, relaxed: Milp) -> Iterable[tuple[Fraction, ...]]:
        yield self._rounded(x)
        if self.whole.size and self.whole.size < self.model.n_columns:
            lower, upper = relaxed.column_lower.copy(), relaxed.column_upper.copy()
            lower[self.whole] = upper[self.whole] = np.round(x[self.whole])
            solution = self._solve(replace(relaxed, column_lower=lower, column_upper=upper))
            if solution is None or solution.point is None:
                return
            x = solution.point.values
            yield self._rounded(x)
        yield from self._vertex(x, relaxed)

    def _rounded(self, x: FloatVector) -> tuple[Fraction, ...]:
        whole = self.linear.whole
        return tuple(Fraction(round(v)) if whole[j] else _simple(v) for j, v in enumerate(x.tolist()))

    def _vertex(self, x: FloatVector, relaxed: Milp) -> Iterable[tuple[Fraction, ...]]:
        """Yield the point that the sides tight at ``x`` determine."""
        near = list(self._rounded(x))
        fixed = set(self.whole.tolist())
        for j, v in enumerate(x.tolist()):
            for side, sign in (("lower", -1), ("upper", 1)):
                held = self.linear.sides.get(("column", j, side))  # type: ignore[arg-type]
                if held is not None and j not in fixed and abs(v - sign * float(held[1])) <= _NEAR * (1 + abs(v)):
                    near[j] = sign * held[1]
                    fixed.add(j)
        if len(near) - len(fixed) > _MOST_UNKNOWNS:
            return
        at = relaxed.matrix @ x
        equations: list[Equation] = []
        for i, terms in enumerate(self.linear.rows):
            for side, sign in (("lower", -1), ("upper", 1)):
                held = self.linear.sides.get(("row", i, side))  # type: ignore[arg-type]
                if held is not None and abs(at[i] - sign * float(held[1])) <= _NEAR * (1 + abs(at[i])):
                    rest = sign * held[1] - sum((v * near[j] for j, v in terms if j in fixed), Fraction(0))
                    equations.append(({j: v for j, v in terms if j not in fixed}, rest))
                    break
        free = {j: near[j] for j in range(len(near)) if j not in fixed}
        exact = solved(equations, free, deadline=self.deadline)
        if exact is not None:
            yield tuple(exact.get(j, v) for j, v in enumerate(near))

    def _breaks(self, at: Sequence[Fraction], goal: Inequality, guards: Sequence[Inequality]) -> bool:
        def over(inequality: Inequality) -> bool:
            return sum((v * at[j] for j, v in inequality[0]), Fraction(0)) > inequality[1]

        return over(goal) and not any(map(over, guards)) and not any(map(over, self.linear.sides.values()))


def _simple(value: float) -> Fraction:
    """Return a simple fraction close by, where there is one."""
    near = Fraction(value).limit_denominator(_SIMPLE)
    return near if abs(float(near) - value) <= _NONE * (1 + abs(value)) else Fraction(value)


def _left_over(form: Terms, forms: Mapping[int, Terms], factors: Mapping[int, Fraction]) -> dict[int, Fraction]:
    """Return the form less the sum of factor times form."""
    left = dict(form)
    for k, factor in factors.items():
        for j, v in forms[k]:
            left[j] = left.get(j, Fraction(0)) - factor * v
    return left


def solved(
    equations: Iterable[Equation], guess: Mapping[int, Fraction], *, deadline: float = math.inf
) -> dict[int, Fraction] | None:
    """Return numbers that satisfy the equations exactly; the unknowns that these leave free are as guessed.

    None where no numbers do, or none were found by the deadline.
    """
    pivots: list[tuple[int, dict[int, Fraction], Fraction]] = []
    for terms, right in sorted(equations, key=lambda e: len(e[0])):
        if time.monotonic() > deadline:
            return None
        row, side = dict(terms), right
        for k, other, other_side in pivots:
            if k in row:
                factor = row[k]
                for j, v in other.items():
                    row[j] = row.get(j, Fraction(0)) - factor * v
                side -= factor * other_side
        row = {j: v for j, v in row.items() if v}
        if not row:
            if side:
                return None
            continue
        k = min(row)
        lead = row[k]
        pivots.append((k, {j: v / lead for j, v in row.items()}, side / lead))
    found = dict(guess)
    for k, row, side in reversed(pivots):
        found[k] = side - sum((v * found[j] for j, v in row.items() if j != k), Fraction(0))
    return found
