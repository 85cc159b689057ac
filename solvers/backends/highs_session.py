"""One model loaded into HiGHS, to be solved, changed and solved again.

HiGHS (https://highs.dev, MIT) is called through highspy with arrays; nothing is written to a file. A session
belongs to one thread at a time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.errors import BackendUnavailable, Unsupported
from solvers.infinite import INFINITE
from solvers.milp import Domain, FloatVector, Milp, Sense
from solvers.port import OPTIMAL_GAP, Cancellation, Progress, SolveOptions
from solvers.result import Duals, Limit, Reason, Termination
from solvers.semi import without_semis

PROGRESS_INTERVAL_S = 0.1
_NO_NODE_LIMIT = 2**31 - 1

_running = threading.Lock()
_active = 0


@cache
def library() -> Any:
    """Return the highspy module. Raises `BackendUnavailable`."""
    try:
        import highspy
    except ImportError as error:
        raise BackendUnavailable(f"highspy cannot be imported ({error}); install it: pip install highspy") from error
    return highspy


@dataclass(frozen=True, slots=True, eq=False)
class Ranging:
    """How far one number may move before the optimal basis of an LP changes.

    Each array has shape (n,) or (m,) and holds the value that the cost, column bound or row bound may reach;
    the ``*_objective`` arrays hold the objective there.
    """

    cost_down: FloatVector
    cost_up: FloatVector
    row_down: FloatVector
    row_up: FloatVector
    column_down: FloatVector
    column_up: FloatVector
    row_down_objective: FloatVector
    row_up_objective: FloatVector
    cost_down_objective: FloatVector
    cost_up_objective: FloatVector


class Session:
    """A model inside HiGHS. Raises `Unsupported` where HiGHS does not take the model.

    Semi-continuous columns are stated with binaries: HiGHS takes neither negative nor large bounds of them.
    """

    def __init__(self, model: Milp, options: SolveOptions | None = None, *, presolve: bool = True) -> None:
        self._h: Any = library()._core._Highs()
        self._model = model
        self._options = options or SolveOptions()
        self._started = time.monotonic()
        self._set("output_flag", value=False)
        self._set("random_seed", value=self._options.seed_32)
        self._set("small_matrix_value", value=1e-12)
        self._set("mip_rel_gap", value=OPTIMAL_GAP if self._options.mip_gap is None else self._options.mip_gap)
        self._node_limit: int | None = None
        if self._options.node_limit is not None:
            self.limit_nodes(self._options.node_limit)
        if self._options.threads is not None:
            self._threads(self._options.threads)
        if not presolve:
            self._set("presolve", value="off")
        self._load(without_semis(model))
        if self._options.start is not None and not model.is_lp:
            start = np.ascontiguousarray(self._options.start, dtype=np.float64)
            if start.shape != (model.n_columns,):
                raise ValueError(f"a start of shape {start.shape} for {model.n_columns} columns")
            known = np.flatnonzero(np.isfinite(start)).astype(np.int32)
            self._h.setSolution(len(known), known, start[known])

    def limit_nodes(self, nodes: int | None) -> None:
        """Stop the next runs at this many branch-and-bound nodes; None for no such limit."""
        self._node_limit = nodes
        self._set("mip_max_nodes", value=_NO_NODE_LIMIT if nodes is None else min(int(nodes), _NO_NODE_LIMIT))

    def _set(self, option: str, *, value: object) -> None:
        status = self._h.setOptionValue(option, value)
        if status == library().HighsStatus.kError:
            raise ValueError(f"HiGHS does not take {option} = {value!r}")

    def _threads(self, threads: int) -> None:
        """Set the threads; the scheduler is one per process, so its size changes only while nothing runs."""
        if threads == 1:
            self._set("parallel", value="off")
            return
        with _running:
            if _active == 0:
                library().Highs.resetGlobalScheduler(True)
                self._set("threads", value=threads)

    def _load(self, model: Milp) -> None:
        h, n, m = self._h, model.n_columns, model.n_rows
        if float(np.abs(model.matrix.data).max(initial=0.0)) > 1e15:
            self._set("large_matrix_value", value=INFINITE)
        arrays = (
            model.objective,
            model.column_lower,
            model.column_upper,
            model.row_lower,
            model.row_upper,
            np.ascontiguousarray(model.matrix.indptr, dtype=np.int32),
            np.ascontiguousarray(model.matrix.indices, dtype=np.int32),
            model.matrix.data,
        )
        sense = -1 if model.sense is Sense.MAXIMIZE else 1
        head = (n, m, model.nonzeros, 2, sense, float(model.constant))
        status = h.passModel(*head, *arrays, model.domains.astype(np.int32))
        if status == library().HighsStatus.kError:
            raise Unsupported("HiGHS refused the model's arrays")
        if model.quadratic is not None and model.quadratic.nnz:
            if np.any(model.domains):
                raise Unsupported("HiGHS takes a quadratic objective only where every column is continuous")
            lower = sparse.csc_array(sparse.tril(model.quadratic))
            lower.sort_indices()
            status = h.passHessian(
                n, lower.nnz, 1, lower.indptr.astype(np.int32), lower.indices.astype(np.int32), lower.data
            )
            if status == library().HighsStatus.kError:
                raise Unsupported("HiGHS refused the quadratic objective: it is not convex")

    def set_row_bounds(self, rows: NDArray[np.int32], lower: FloatVector, upper: FloatVector) -> None:
        """Change the bounds of some rows; the basis is kept for the next run."""
        self._h.changeRowsBounds(len(rows), rows.astype(np.int32), lower, upper)

    def set_column_bounds(self, columns: NDArray[np.int32], lower: FloatVector, upper: FloatVector) -> None:
        """Change the bounds of some columns, a semi-continuous one's to what they are; the basis is kept."""
        semi = self._model.domains[columns] >= Domain.SEMI_CONTINUOUS
        lower, upper = np.where(semi, np.minimum(lower, 0.0), lower), np.where(semi, np.maximum(upper, 0.0), upper)
        self._h.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)

    def set_objective(self, costs: FloatVector) -> None:
        """Change every cost; shape (n,)."""
        n = self._model.n_columns
        self._h.changeColsCost(n, np.arange(n, dtype=np.int32), np.ascontiguousarray(costs, dtype=np.float64))

    def start_over(self, *, method: str, presolve: bool) -> None:
        """Drop the basis; the next run uses the method (simplex, ipm or choose) with presolve or without."""
        self._h.clearSolver()
        self._set("solver", value=method)
        self._set("presolve", value="choose" if presolve else "off")

    def run(
        self,
        *,
        time_limit_s: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancellation: Cancellation | None = None,
    ) -> Termination:
        """Solve what is loaded and return why HiGHS stopped; an ambiguous status is passed on as it is."""
        global _active
        if cancellation is not None and cancellation.requested:
            return Termination(Reason.CANCELLED)
        limit = math.inf if time_limit_s is None else max(time_limit_s, 0.0)
        self._set("time_limit", value=self._h.getRunTime() + limit)
        if on_progress is not None or cancellation is not None:
            self._listen(on_progress, cancellation)
        with _running:
            _active += 1
        try:
            self._h.run()
            if self._h.getModelStatus() == library().HighsModelStatus.kSolveError:
                self._run_without_presolve()
        finally:
            with _running:
                _active -= 1
            if on_progress is not None or cancellation is not None:
                self._h.setCallback(None, None)
        return self._termination()

    def _run_without_presolve(self) -> None:
        """Solve again from nothing: HiGHS found that what its presolve had left belies the model."""
        _, presolve = self._h.getOptionValue("presolve")
        self._h.clearSolver()
        self._set("presolve", value="off")
        self._h.run()
        self._set("presolve", value=presolve)

    def _listen(self, on_progress: Callable[[Progress], None] | None, cancellation: Cancellation | None) -> None:
        kinds = library().cb.HighsCallbackType
        interrupts = (kinds.kCallbackSimplexInterrupt, kinds.kCallbackIpmInterrupt, kinds.kCallbackMipInterrupt)
        reports = (kinds.kCallbackMipLogging, kinds.kCallbackMipImprovingSolution)
        improving = int(kinds.kCallbackMipImprovingSolution)
        event = None if cancellation is None else cancellation.event
        mip = bool(np.any(self._model.domains))
        last = -math.inf

        def heard(kind: Any, _message: str, out: Any, into: Any, _data: Any) -> None:
            nonlocal last
            if event is not None and event.is_set() and into is not None:
                into.user_interrupt = True
                return
            if on_progress is None:
                return
            now = time.monotonic()
            if now - last < PROGRESS_INTERVAL_S and int(kind) != improving:
                return
            last = now
            seconds = now - self._started
            if not mip:
                on_progress(Progress(seconds))
                return
            incumbent, bound = _finite(out.mip_primal_bound), _finite(out.mip_dual_bound)
            gap = None if incumbent is None or bound is None else abs(bound - incumbent) / max(abs(incumbent), 1e-10)
            on_progress(Progress(seconds, incumbent, bound, gap, max(int(out.mip_node_count), 0)))

        self._h.setCallback(heard, None)
        for kind in interrupts if on_progress is None else (*interrupts, *reports):
            self._h.startCallback(kind)

    def _termination(self) -> Termination:
        status, kinds = self._h.getModelStatus(), library().HighsModelStatus
        limits = {
            kinds.kTimeLimit: Limit.TIME,
            kinds.kIterationLimit: Limit.ITERATIONS,
            kinds.kSolutionLimit: Limit.NODES if self._node_limit is not None else Limit.SOLUTIONS,
            kinds.kMemoryLimit: Limit.MEMORY,
        }
        reasons = {
            kinds.kOptimal: Reason.OPTIMAL,
            kinds.kModelEmpty: Reason.OPTIMAL,
            kinds.kInfeasible: Reason.INFEASIBLE,
            kinds.kUnbounded: Reason.UNBOUNDED,
            kinds.kUnboundedOrInfeasible: Reason.INFEASIBLE_OR_UNBOUNDED,
            kinds.kInterrupt: Reason.CANCELLED,
            kinds.kHighsInterrupt: Reason.CANCELLED,
            kinds.kUnknown: Reason.NUMERICAL,
        }
        if status in limits:
            return Termination(Reason.LIMIT, limits[status])
        detail = "" if status in reasons else f"HiGHS ended with the status {self._h.modelStatusToString(status)!r}"
        if status == kinds.kUnknown:
            detail = "HiGHS could not settle the status within its tolerances"
        return Termination(reasons.get(status, Reason.FAILED), detail=detail)

    @property
    def holds_point(self) -> bool:
        """Whether HiGHS calls the point that it holds feasible."""
        return int(self._h.getInfo().primal_solution_status) == 2

    def point(self) -> FloatVector:
        """Return the point held, shape (n,)."""
        return np.array(self._h.getSolution().col_value, dtype=np.float64)[: self._model.n_columns]

    def duals(self) -> Duals | None:
        """Return row duals and reduced costs in the model's own sense, or None where HiGHS has none."""
        solution = self._h.getSolution()
        if not solution.dual_valid:
            return None
        return Duals(np.array(solution.row_dual, dtype=np.float64), np.array(solution.col_dual, dtype=np.float64))

    @property
    def objective(self) -> float:
        """The objective that HiGHS reports."""
        return float(self._h.getInfo().objective_function_value)

    @property
    def mip_bound(self) -> float | None:
        """The proven bound of a MILP, or None."""
        return _finite(self._h.getInfo().mip_dual_bound)

    @property
    def nodes(self) -> int | None:
        """Branch-and-bound nodes, or None for what is no MILP."""
        count = int(self._h.getInfo().mip_node_count)
        return count if count >= 0 else None

    @property
    def iterations(self) -> int:
        """Simplex, interior point and QP iterations together."""
        info = self._h.getInfo()
        counts = (info.simplex_iteration_count, info.ipm_iteration_count, info.qp_iteration_count)
        return sum(max(int(count), 0) for count in counts)

    def primal_ray(self) -> FloatVector | None:
        """Return a direction of unbounded improvement (n,), or None."""
        status, has, ray = self._h.getPrimalRay()
        return np.array(ray, dtype=np.float64) if has and status != library().HighsStatus.kError else None

    def dual_ray(self) -> FloatVector | None:
        """Return row multipliers (m,) that prove infeasibility, or None."""
        status, has, ray = self._h.getDualRay()
        return np.array(ray, dtype=np.float64) if has and status != library().HighsStatus.kError else None

    def ranging(self) -> Ranging | None:
        """Return the ranges of an optimal LP basis, or None where HiGHS has none."""
        status, r = self._h.getRanging()
        if status == library().HighsStatus.kError or not r.valid:
            return None
        n, m = self._model.n_columns, self._model.n_rows

        def cut(values: Any, length: int) -> FloatVector:
            return np.array(values, dtype=np.float64)[:length]  # HiGHS pads some of these arrays

        return Ranging(
            cost_down=cut(r.col_cost_dn.value_, n),
            cost_up=cut(r.col_cost_up.value_, n),
            row_down=cut(r.row_bound_dn.value_, m),
            row_up=cut(r.row_bound_up.value_, m),
            column_down=cut(r.col_bound_dn.value_, n),
            column_up=cut(r.col_bound_up.value_, n),
            row_down_objective=cut(r.row_bound_dn.objective_, m),
            row_up_objective=cut(r.row_bound_up.objective_, m),
            cost_down_objective=cut(r.col_cost_dn.objective_, n),
            cost_up_objective=cut(r.col_cost_up.objective_, n),
        )

    def version(self) -> str:
        """Return the version of HiGHS."""
        return str(self._h.version())


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) and abs(value) < 1e100 else None
