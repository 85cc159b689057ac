"""HiGHS: LP, MILP and convex QP. (Huangfu and Hall 2018, doi:10.1007/s12532-017-0130-5; MIT licence.)"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from solvers.backends.child import solved_in_a_child
from solvers.backends.highs_session import Session, library
from solvers.certificate import is_unbounded_ray, proves_infeasible
from solvers.convexity import refuse_nonconvex
from solvers.errors import Unsupported
from solvers.lattice import excludes_whole_points, is_open_ended
from solvers.milp import FloatVector, Milp
from solvers.port import (
    Availability,
    Cancellation,
    ModelClass,
    Progress,
    SolveOptions,
    availability_of,
    time_left,
    within_gap,
)
from solvers.recession import gains_are_open
from solvers.result import Point, Reason, Solution, Termination
from solvers.semi import without_idle_semis
from solvers.trivial import solve_without_columns

_SMALL_QP = 200
"""How many rows and columns a QP may have that is solved too soon to be cancelled."""

_LARGE = 200_000
"""How many nonzeros a model has whose presolve takes long enough to be cancelled."""


def _is_deaf(model: Milp) -> bool:
    """Whether HiGHS may go on for more than a second before it hears a request: in its QP solver and in presolve."""
    return model.nonzeros > _LARGE or (model.quadratic is not None and model.n_columns + model.n_rows > _SMALL_QP)


def _may_be_unbounded(model: Milp, solution: Solution) -> bool:
    """Whether a model called infeasible may be unbounded: HiGHS' presolve (1.10 to 1.15) says the one of the other.

    It is not where multipliers prove it infeasible, where branching found it so, or where no column of use is open.
    """
    if solution.termination.reason is not Reason.INFEASIBLE or solution.nodes:
        return False
    if solution.farkas is not None and proves_infeasible(model, solution.farkas):
        return False
    return gains_are_open(model)


class Highs:
    """HiGHS behind the port.

    An "infeasible or unbounded" of HiGHS is resolved here: a MILP is unbounded where it has a feasible point
    and its relaxation has a ray that improves, which for rational data is the same thing (Meyer 1974). Whole columns
    without bounds, on which branching may go on for ever, are tried for divisibility first (`solvers.lattice`).
    """

    name = "highs"
    classes = frozenset({ModelClass.LP, ModelClass.MILP, ModelClass.QP, ModelClass.SEMI})

    def availability(self) -> Availability:
        """Whether highspy can be imported."""
        return availability_of(library)

    def version(self) -> str:
        """The version of HiGHS. Raises `BackendUnavailable`."""
        return str(library().Highs().version())

    def solve(
        self,
        model: Milp,
        options: SolveOptions,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancellation: Cancellation | None = None,
    ) -> Solution:
        """Solve. Raises `Unsupported` for a quadratic objective that is not convex or has integer columns."""
        started = time.monotonic()
        if model.n_columns == 0:
            return solve_without_columns(model, solver=self.name, version=self.version())
        if model.quadratic is not None:
            if np.any(model.domains):
                raise Unsupported("HiGHS takes a quadratic objective only where every column is continuous; try scip")
            refuse_nonconvex(model)
        deaf = _is_deaf(model)
        if answer := solved_in_a_child(model, options, self.name, on_progress, cancellation, deaf=deaf):
            return answer
        model = without_idle_semis(model)
        endless = is_open_ended(model, model.column_lower, model.column_upper)
        if endless and excludes_whole_points(model, model.row_lower, model.row_upper):
            reason = Termination(Reason.INFEASIBLE, detail="divisibility keeps every whole point out")
            return Solution(reason, model.sense, self.name, self.version(), time_s=time.monotonic() - started)
        session = Session(model, options)
        termination = session.run(time_limit_s=options.time_limit_s, on_progress=on_progress, cancellation=cancellation)
        solution = self._held(session, model, options, termination)
        if solution.termination.reason is Reason.INFEASIBLE and model.is_lp:
            solution = self._with_farkas(solution, model, options, started, session)
        ambiguous = solution.termination.reason in (Reason.UNBOUNDED, Reason.INFEASIBLE_OR_UNBOUNDED)
        if ambiguous or _may_be_unbounded(model, solution):
            solution = self._resolved(solution, model, options, started, cancellation)
        solution = replace(solution, time_s=time.monotonic() - started)
        if on_progress is not None:
            point = None if solution.point is None else solution.point.objective
            on_progress(Progress(solution.time_s, point, solution.bound, solution.gap, solution.nodes))
        return solution

    def _held(self, session: Session, model: Milp, options: SolveOptions, termination: Termination) -> Solution:
        """Return what HiGHS holds when it stops."""
        point, bound, duals = None, None, None
        mip = bool(np.any(model.domains))
        optimal = termination.reason is Reason.OPTIMAL
        if (optimal or session.holds_point) and termination.reason is not Reason.INFEASIBLE:
            values = session.point()
            point = Point(values, model.objective_at(values))
        if mip:
            bound = session.mip_bound
        elif optimal and point is not None:
            bound = point.objective
        if optimal and not mip:
            duals = session.duals()
        solution = Solution(
            termination,
            model.sense,
            self.name,
            session.version(),
            point=point,
            bound=bound,
            duals=duals,
            nodes=session.nodes if mip else None,
            iterations=session.iterations,
        )
        return within_gap(solution, options) if mip else solution

    def _resolved(
        self,
        solution: Solution,
        model: Milp,
        options: SolveOptions,
        started: float,
        cancellation: Cancellation | None,
    ) -> Solution:
        """Return the solution with "infeasible or unbounded" settled: a ray, and a feasible point."""
        left = time_left(options, started)
        plain = SolveOptions(seed=options.seed, threads=options.threads)
        flat = replace(model, objective=np.zeros(model.n_columns), quadratic=None, constant=0.0)
        feasibility = Session(flat, plain)
        ended = feasibility.run(time_limit_s=left, cancellation=cancellation)
        match ended.reason:
            case Reason.INFEASIBLE:
                infeasible = replace(solution, termination=ended, point=None, bound=None)
                return (
                    self._with_farkas(infeasible, model, options, started, feasibility) if model.is_lp else infeasible
                )
            case Reason.OPTIMAL:
                values = feasibility.point()
                point = Point(values, model.objective_at(values))
            case _:
                if solution.termination.reason is Reason.INFEASIBLE and ended.reason is not Reason.CANCELLED:
                    return solution  # nothing was found that speaks against what it said first
                return replace(solution, termination=ended, point=None, bound=None)
        relaxed = replace(model.relaxed(), quadratic=None) if model.quadratic is None else model
        session = Session(relaxed, plain, presolve=False)
        ended = session.run(time_limit_s=time_left(options, started), cancellation=cancellation)
        ray: FloatVector | None = session.primal_ray()
        if ended.reason is not Reason.UNBOUNDED and not (ray is not None and is_unbounded_ray(model, ray)):
            if ended.reason in (Reason.LIMIT, Reason.CANCELLED):
                return replace(solution, termination=ended, point=point, bound=None)
            detail = f"called unbounded or infeasible, yet feasible, and its relaxation ended {ended.reason}"
            return replace(solution, termination=Termination(Reason.NUMERICAL, detail=detail), point=point, bound=None)
        return replace(solution, termination=Termination(Reason.UNBOUNDED), point=point, bound=None, ray=ray)

    def _with_farkas(
        self, solution: Solution, model: Milp, options: SolveOptions, started: float, session: Session
    ) -> Solution:
        """Return the solution with the multipliers that prove an LP infeasible, where HiGHS yields them in time."""
        ray = session.dual_ray()
        if ray is None or not np.any(ray):
            again = Session(model, SolveOptions(seed=options.seed), presolve=False)
            if again.run(time_limit_s=time_left(options, started)).reason is Reason.INFEASIBLE:
                ray = again.dual_ray()
        return replace(solution, farkas=ray)
