"""GLOP and PDLP through OR-Tools' model builder, with arrays. (Apache-2.0.)"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from scipy import sparse

from solvers.backends.child import solved_in_a_child
from solvers.backends.watch import watching
from solvers.certificate import dual_bound
from solvers.errors import BackendUnavailable, Unsupported
from solvers.milp import Milp, Sense
from solvers.port import Availability, Cancellation, ModelClass, Progress, SolveOptions, time_left
from solvers.result import Duals, Limit, Point, Reason, Solution, Termination
from solvers.trivial import solve_without_columns


@cache
def _library() -> Any:
    try:
        from ortools.linear_solver.python import model_builder_helper
    except ImportError as error:
        raise BackendUnavailable(f"ortools cannot be imported ({error}); install it: pip install ortools") from error
    return model_builder_helper


class _LinearSolver:
    """An LP solver of OR-Tools behind the port."""

    name = ""
    classes = frozenset({ModelClass.LP})
    _parameters = ""
    _deaf_from = 500_000
    """From how many nonzeros on it may go on for more than a second before it hears a request to stop."""

    def availability(self) -> Availability:
        """Whether OR-Tools can be imported and holds this solver."""
        try:
            supported = _library().ModelSolverHelper(self.name).solver_is_supported()
        except BackendUnavailable as error:
            return Availability(available=False, reason=str(error))
        return Availability(available=supported, reason="" if supported else f"this OR-Tools holds no {self.name}")

    def version(self) -> str:
        """The version of OR-Tools. Raises `BackendUnavailable`."""
        _library()
        return importlib.metadata.version("ortools")

    def solve(
        self,
        model: Milp,
        options: SolveOptions,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancellation: Cancellation | None = None,
    ) -> Solution:
        """Solve. Raises `Unsupported` for anything that is no LP. A node limit and a gap mean nothing here."""
        started = time.monotonic()
        if not model.is_lp:
            raise Unsupported(f"{self.name} takes linear programs with continuous columns alone; try highs")
        if model.n_columns == 0:
            return solve_without_columns(model, solver=self.name, version=self.version())
        if cancellation is not None and cancellation.requested:
            return Solution(Termination(Reason.CANCELLED), model.sense, self.name, self.version())
        deaf = model.nonzeros > self._deaf_from
        if answer := solved_in_a_child(model, options, self.name, on_progress, cancellation, deaf=deaf):
            return answer
        solver = self._solved(model, options, time_left(options, started), cancellation)
        solution = self._held(model, solver, options, cancellation)
        if solution.termination.reason is Reason.INFEASIBLE_OR_UNBOUNDED:
            solution = self._resolved(model, solution, options, started, cancellation)
        seconds = time.monotonic() - started
        if on_progress is not None:
            value = None if solution.point is None else solution.point.objective
            on_progress(Progress(seconds, value, solution.bound, solution.gap))
        return Solution(
            solution.termination,
            model.sense,
            self.name,
            self.version(),
            point=solution.point,
            bound=solution.bound,
            duals=solution.duals,
            time_s=seconds,
        )

    def _solved(
        self, model: Milp, options: SolveOptions, time_limit_s: float | None, cancellation: Cancellation | None
    ) -> Any:
        library = _library()
        builder = library.ModelBuilderHelper()
        builder.fill_model_from_sparse_data(
            model.column_lower,
            model.column_upper,
            model.objective,
            model.row_lower,
            model.row_upper,
            sparse.csr_matrix(model.matrix),
        )
        builder.set_maximize(model.sense is Sense.MAXIMIZE)
        builder.set_objective_offset(model.constant)
        solver = library.ModelSolverHelper(self.name)
        solver.enable_output(False)
        if time_limit_s is not None:
            solver.set_time_limit_in_seconds(max(time_limit_s, 1e-3))  # it takes 0 for none
        solver.set_solver_specific_parameters(self._parameters.format(seed=options.seed_32))
        with watching(cancellation, solver.interrupt_solve):
            solver.solve(builder)
        return solver

    def _held(self, model: Milp, solver: Any, options: SolveOptions, cancellation: Cancellation | None) -> Solution:
        termination = self._termination(solver, options, cancellation)
        point, bound, duals = None, None, None
        if termination.reason is Reason.OPTIMAL:
            values = np.array(solver.variable_values(), dtype=np.float64)
            point = Point(values, model.objective_at(values))
            duals = Duals(np.array(solver.dual_values(), dtype=float), np.array(solver.reduced_costs(), dtype=float))
            bound = dual_bound(model, duals, values).bound
        return Solution(termination, model.sense, self.name, "", point=point, bound=bound, duals=duals)

    def _termination(self, solver: Any, options: SolveOptions, cancellation: Cancellation | None) -> Termination:
        statuses, status = _library().SolveStatus, solver.status()
        if cancellation is not None and cancellation.requested and status != statuses.OPTIMAL:
            return Termination(Reason.CANCELLED)
        if status == statuses.OPTIMAL:
            return Termination(Reason.OPTIMAL)
        if status == statuses.INFEASIBLE:
            return Termination(Reason.INFEASIBLE_OR_UNBOUNDED)  # presolve says infeasible of either
        if status == statuses.UNBOUNDED:
            return Termination(Reason.INFEASIBLE_OR_UNBOUNDED)
        limit = options.time_limit_s
        if (
            status in (statuses.NOT_SOLVED, statuses.FEASIBLE)
            and limit is not None
            and solver.wall_time() >= 0.9 * limit
        ):
            return Termination(Reason.LIMIT, Limit.TIME)
        if status == statuses.CANCELLED_BY_USER:
            return Termination(Reason.CANCELLED)
        said = str(status).rpartition(".")[2]
        reason = Reason.NUMERICAL if status in (statuses.ABNORMAL, statuses.NOT_SOLVED) else Reason.FAILED
        return Termination(reason, detail=f"{self.name} ended with {said} {solver.status_string() or ''}".strip())

    def _resolved(
        self,
        model: Milp,
        solution: Solution,
        options: SolveOptions,
        started: float,
        cancellation: Cancellation | None,
    ) -> Solution:
        """Return the solution with the status settled by a second solve, without an objective."""
        flat = replace(model, objective=np.zeros(model.n_columns), constant=0.0)
        left = time_left(options, started)
        if left == 0.0:
            return Solution(Termination(Reason.LIMIT, Limit.TIME), model.sense, self.name, "")
        solver = self._solved(flat, options, left, cancellation)
        statuses, status = _library().SolveStatus, solver.status()
        if status == statuses.OPTIMAL:
            values = np.array(solver.variable_values(), dtype=np.float64)
            point = Point(values, model.objective_at(values))
            return Solution(Termination(Reason.UNBOUNDED), model.sense, self.name, "", point=point)
        if status == statuses.INFEASIBLE:
            return Solution(Termination(Reason.INFEASIBLE), model.sense, self.name, "")
        return Solution(self._termination(solver, options, cancellation), model.sense, self.name, "")


class Glop(_LinearSolver):
    """GLOP, the primal and dual simplex of OR-Tools."""

    name = "glop"
    _parameters = "random_seed: {seed}"


class Pdlp(_LinearSolver):
    """PDLP, a first-order method for large LPs (Applegate et al. 2021, arXiv:2106.04756).

    Its points are accurate to 1e-8 relative, not vertices; it is for models that simplex cannot reach.
    """

    name = "pdlp"
    _deaf_from = 1000  # it hears none at all
    _parameters = (
        "termination_criteria {{ simple_optimality_criteria "
        "{{ eps_optimal_relative: 1e-9 eps_optimal_absolute: 1e-9 }} }}"
    )
