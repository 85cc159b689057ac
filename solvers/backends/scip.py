"""SCIP through pyscipopt: MILP, quadratic objectives of any shape, and .nl models to global optimality.

(Bolusani et al. 2024, the SCIP Optimization Suite 9.0, arXiv:2402.17702; Apache-2.0.)
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from solvers.backends.child import solved_in_a_child
from solvers.backends.watch import watching
from solvers.errors import BackendUnavailable, Unsupported
from solvers.infinite import INFINITE
from solvers.milp import Domain, FloatVector, Milp, Sense
from solvers.nonlinear import Nonlinear
from solvers.port import (
    OPTIMAL_GAP,
    Availability,
    Cancellation,
    ModelClass,
    Progress,
    SolveOptions,
    availability_of,
    time_left,
)
from solvers.result import Limit, Point, Reason, Solution, Termination
from solvers.semi import without_semis
from solvers.trivial import solve_without_columns

_LARGE = 20_000
"""From how many nonzeros on it may go on for more than a second, loading or in its first LP, before it can stop."""


@cache
def _library() -> Any:
    try:
        import pyscipopt
    except ImportError as error:
        raise BackendUnavailable(f"pyscipopt cannot be imported ({error}); pip install 'milpwright[scip]'") from error
    return pyscipopt


class Scip:
    """SCIP behind the port."""

    name = "scip"
    classes = frozenset(
        {
            ModelClass.LP,
            ModelClass.MILP,
            ModelClass.QP,
            ModelClass.MIQP,
            ModelClass.SEMI,
            ModelClass.NONLINEAR,
        }
    )

    def availability(self) -> Availability:
        """Whether pyscipopt can be imported."""
        return availability_of(_library)

    def version(self) -> str:
        """The version of SCIP. Raises `BackendUnavailable`."""
        scip = _library().Model()
        return f"{scip.getMajorVersion()}.{scip.getMinorVersion()}.{scip.getTechVersion()}"

    def solve(
        self,
        model: Milp,
        options: SolveOptions,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancellation: Cancellation | None = None,
    ) -> Solution:
        """Solve. Raises `Unsupported` for a semi-continuous column without one of its bounds."""
        if model.n_columns == 0:
            return solve_without_columns(model, solver=self.name, version=self.version())
        started = time.monotonic()
        if cancellation is not None and cancellation.requested:
            return Solution(Termination(Reason.CANCELLED), model.sense, self.name, self.version())
        deaf = model.nonzeros > _LARGE
        if answer := solved_in_a_child(model, options, self.name, on_progress, cancellation, deaf=deaf):
            return answer
        scip = _library().Model()
        columns = _load(scip, without_semis(model))[: model.n_columns]
        if options.start is not None:
            _start(scip, columns, options.start)

        def values() -> FloatVector:
            return np.array([scip.getVal(column) for column in columns], dtype=np.float64)

        return _run(
            scip, model.sense, values, model.objective_at, options, started, self.version(), on_progress, cancellation
        )

    def solve_nonlinear(
        self,
        model: Nonlinear,
        options: SolveOptions,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancellation: Cancellation | None = None,
    ) -> Solution:
        """Solve an .nl model to global optimality; the point has the order of its .col text.

        Raises `FormatError` where SCIP cannot read the text. The point is not replayed here:
        `solvers.nonlinear.solve_nonlinear` does that.
        """
        started = time.monotonic()
        scip = _library().Model()
        scip.hideOutput()
        with tempfile.TemporaryDirectory(prefix="milpwright-nl-") as folder:
            path = Path(folder) / "model.nl"
            path.write_text(model.nl)
            path.with_suffix(".col").write_text(model.col)
            path.with_suffix(".row").write_text(model.row)
            try:
                scip.readProblem(str(path))
            except OSError as error:
                raise Unsupported(f"SCIP cannot read this .nl model: {error}") from None
        by_name = {column.name: column for column in scip.getVars()}
        missing = [name for name in model.column_names if name not in by_name]
        if missing:
            raise Unsupported(f"SCIP lost the column {missing[0]!r} of the .nl model")
        sense = Sense.MAXIMIZE if scip.getObjectiveSense() == "maximize" else Sense.MINIMIZE

        def values() -> FloatVector:
            return np.array([scip.getVal(by_name[name]) for name in model.column_names], dtype=np.float64)

        def objective(_point: FloatVector) -> float:
            return float(scip.getObjVal())

        return _run(scip, sense, values, objective, options, started, self.version(), on_progress, cancellation)


def _load(scip: Any, model: Milp) -> list[Any]:
    """Fill an empty SCIP model and return its columns."""
    scip.hideOutput()
    library = _library()
    infinite = scip.infinity()
    columns: list[Any] = []
    for j in range(model.n_columns):
        low, high = float(model.column_lower[j]), float(model.column_upper[j])
        column = scip.addVar(
            f"x{j}",
            vtype="I" if model.domains[j] == Domain.INTEGER else "C",
            lb=None if low == -math.inf else low,
            ub=None if high == math.inf else high,
            obj=float(model.objective[j]),
        )
        columns.append(column)
    if model.sense is Sense.MAXIMIZE:
        scip.setMaximize()
    indptr, indices, data = (a.tolist() for a in (model.matrix.indptr, model.matrix.indices, model.matrix.data))
    lower, upper = model.row_lower.tolist(), model.row_upper.tolist()
    for i in range(model.n_rows):
        if lower[i] == -math.inf and upper[i] == math.inf:
            continue
        terms = library.quicksum(data[k] * columns[indices[k]] for k in range(indptr[i], indptr[i + 1]))
        if indptr[i] == indptr[i + 1]:
            terms = 0.0 * columns[0]
        low, high = max(lower[i], -infinite), min(upper[i], infinite)
        scip.addCons(library.scip.ExprCons(terms, lhs=low, rhs=high))
    if model.quadratic is not None and model.quadratic.nnz:
        # SCIP's objective is linear: minimise t with t >= x'Qx/2
        value = scip.addVar("quadratic", lb=None, ub=None, obj=1.0)
        half = sparse.coo_array(model.quadratic)
        cells = zip(half.row.tolist(), half.col.tolist(), half.data.tolist(), strict=True)
        square = library.quicksum(0.5 * v * columns[i] * columns[j] for i, j, v in cells)
        scip.addCons(square - value <= 0 if model.sense is Sense.MINIMIZE else square - value >= 0)
    scip.addObjoffset(float(model.constant))
    return columns


def _start(scip: Any, columns: list[Any], start: FloatVector) -> None:
    guess = scip.createPartialSol()
    for column, value in zip(columns, start.tolist(), strict=True):
        if math.isfinite(value):
            scip.setSolVal(guess, column, value)
    scip.addSol(guess)


def _run(
    scip: Any,
    sense: Sense,
    values: Callable[[], FloatVector],
    objective: Callable[[FloatVector], float],
    options: SolveOptions,
    started: float,
    version: str,
    on_progress: Callable[[Progress], None] | None,
    cancellation: Cancellation | None,
) -> Solution:
    """Solve what is loaded, settle "infeasible or unbounded", and return what SCIP holds."""
    _set(scip, options, started)
    if on_progress is not None:
        _listen(scip, started, on_progress)
    with watching(cancellation, scip.interruptSolve):
        scip.optimizeNogil()
    status = str(scip.getStatus())
    if status == "inforunbd":
        scip.freeTransform()
        scip.setParam("misc/allowstrongdualreds", False)
        scip.setPresolve(_library().SCIP_PARAMSETTING.OFF)
        _set(scip, options, started)
        with watching(cancellation, scip.interruptSolve):
            scip.optimizeNogil()
        status = str(scip.getStatus())
    termination = _termination(status)
    if termination.limit is Limit.GAP and options.mip_gap is None:
        termination = Termination(Reason.OPTIMAL)
    point = None
    bound = float(scip.getDualbound())
    if scip.getNSols() > 0 and termination.reason not in (Reason.INFEASIBLE, Reason.UNBOUNDED):
        held = values()
        value = objective(held)
        point = Point(held, value) if math.isfinite(value) and abs(value) < INFINITE else None
    if point is None and termination.reason is Reason.OPTIMAL:
        termination = Termination(Reason.NUMERICAL, detail="SCIP holds no point whose objective is finite")
    proven = (
        bound if abs(bound) < INFINITE and termination.reason not in (Reason.INFEASIBLE, Reason.UNBOUNDED) else None
    )
    solution = Solution(
        termination,
        sense,
        "scip",
        version,
        point=point,
        bound=proven,
        time_s=time.monotonic() - started,
        nodes=int(scip.getNTotalNodes()),
        iterations=int(scip.getNLPIterations()),
    )
    if on_progress is not None:
        value_held = None if point is None else point.objective
        on_progress(Progress(solution.time_s, value_held, proven, solution.gap, solution.nodes))
    return solution


def _set(scip: Any, options: SolveOptions, started: float) -> None:
    scip.setParam("limits/gap", OPTIMAL_GAP if options.mip_gap is None else options.mip_gap)
    scip.setParam("randomization/randomseedshift", options.seed_32)
    scip.setParam("misc/catchctrlc", False)
    if (left := time_left(options, started)) is not None:
        scip.setParam("limits/time", min(left, INFINITE))
    if options.node_limit is not None:
        scip.setParam("limits/nodes", int(options.node_limit))


def _termination(status: str) -> Termination:
    limits = {
        "timelimit": Limit.TIME,
        "nodelimit": Limit.NODES,
        "totalnodelimit": Limit.NODES,
        "stallnodelimit": Limit.NODES,
        "memlimit": Limit.MEMORY,
        "gaplimit": Limit.GAP,
        "primallimit": Limit.GAP,
        "sollimit": Limit.SOLUTIONS,
        "bestsollimit": Limit.SOLUTIONS,
    }
    reasons = {
        "optimal": Reason.OPTIMAL,
        "infeasible": Reason.INFEASIBLE,
        "unbounded": Reason.UNBOUNDED,
        "inforunbd": Reason.INFEASIBLE_OR_UNBOUNDED,
        "userinterrupt": Reason.CANCELLED,
    }
    if status in limits:
        return Termination(Reason.LIMIT, limits[status])
    reason = reasons.get(status, Reason.FAILED)
    return Termination(reason, detail="" if status in reasons else f"SCIP ended with the status {status!r}")


def _listen(scip: Any, started: float, on_progress: Callable[[Progress], None]) -> None:
    library = _library()

    class Listener(library.Eventhdlr):  # type: ignore[misc, name-defined]
        def eventinit(self) -> None:
            self.model.catchEvent(library.SCIP_EVENTTYPE.BESTSOLFOUND, self)

        def eventexit(self) -> None:
            self.model.dropEvent(library.SCIP_EVENTTYPE.BESTSOLFOUND, self)

        def eventexec(self, event: Any) -> None:
            incumbent, bound = float(self.model.getPrimalbound()), float(self.model.getDualbound())
            finite = abs(bound) < INFINITE
            gap = abs(bound - incumbent) / max(abs(incumbent), 1e-10) if finite else None
            seconds = time.monotonic() - started
            on_progress(Progress(seconds, incumbent, bound if finite else None, gap, int(self.model.getNTotalNodes())))

    scip.includeEventhdlr(Listener(), "progress", "reports incumbents")
