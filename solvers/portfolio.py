"""Several backends race on one model, each in a process of its own; the first proven answer wins."""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from solvers import frames
from solvers.check import Tolerances
from solvers.errors import SolversError, Unsupported
from solvers.milp import Milp, Sense
from solvers.port import Cancellation, ModelClass, Progress, SolveOptions
from solvers.registry import backends
from solvers.result import Limit, Reason, Solution, Termination
from solvers.select import model_classes
from solvers.solving import TOLERANCES, held_to
from solvers.worker import GRACE_S, Worker, error_from

_POLL_S = 0.05
_PROVEN = (Reason.OPTIMAL, Reason.INFEASIBLE, Reason.UNBOUNDED)


def racers(model: Milp) -> tuple[str, ...]:
    """Return the backends that take the model's class, in the order of the registry.

    Whether one is installed is found out in its own process: importing it here would take longer than many a solve.
    """
    needed = model_classes(model)
    found = [b.name for b in backends() if needed <= b.classes]
    if ModelClass.LP in needed:
        found = [name for name in found if name != "scip"]  # its LPs are solved by one of the others' methods
    return tuple(found)


def race(
    model: Milp,
    options: SolveOptions | None = None,
    *,
    solvers: Sequence[str] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancellation: Cancellation | None = None,
    tolerances: Tolerances = TOLERANCES,
) -> Solution:
    """Return the first answer that is proven and stands up to the replay; the other processes are killed.

    Where none is proven in time, the best point held is returned with the limit that stopped it. Raises
    `Unsupported` where no backend takes the model.
    """
    asked = options or SolveOptions()
    started = time.monotonic()
    names = tuple(solvers) if solvers is not None else racers(model)
    if not names:
        raise Unsupported("no installed backend takes this model")
    held: list[Solution] = []
    refusals: list[SolversError] = []
    running: dict[Worker, str] = {}
    with contextlib.ExitStack() as stack:
        for name in names:
            worker = stack.enter_context(Worker())
            worker.ask(model, asked, name, progress=on_progress is not None)
            running[worker] = name
        deadline = None if asked.time_limit_s is None else started + asked.time_limit_s + GRACE_S
        while running:
            if cancellation is not None and cancellation.requested:
                return _best(model, held, Termination(Reason.CANCELLED), started)
            if deadline is not None and time.monotonic() > deadline:
                break
            ready = select.select([w.stream for w in running], [], [], _POLL_S)[0]
            for worker in [w for w in running if w.stream in ready]:
                answer = _heard(worker, running, refusals, on_progress)
                if answer is None:
                    continue
                del running[worker]
                solution = held_to(model, answer, tolerances)
                if solution.termination.reason in _PROVEN:
                    return replace(solution, time_s=time.monotonic() - started)
                held.append(solution)
    if not held and refusals:
        raise refusals[0]
    return _best(model, held, Termination(Reason.LIMIT, Limit.TIME), started)


def _heard(
    worker: Worker,
    running: dict[Worker, str],
    refusals: list[SolversError],
    on_progress: Callable[[Progress], None] | None,
) -> Solution | None:
    """Return an answer, or None for progress; a worker that refuses or dies is taken out of the race."""
    try:
        head, arrays = frames.receive(worker.stream)
    except (EOFError, OSError) as error:
        detail = f"{running[worker]}'s process ended: {error}"
        return Solution(Termination(Reason.FAILED, detail=detail), Sense.MINIMIZE, running[worker], "")
    if head["is"] == "progress":
        if on_progress is not None:
            on_progress(Progress(**head["progress"]))
        return None
    if head["is"] == "error":
        refusals.append(error_from(head))
        del running[worker]
        return None
    return frames.solution_from(head, arrays)


def _best(model: Milp, held: Sequence[Solution], otherwise: Termination, started: float) -> Solution:
    """Return the solution with the best point, or one without a point that says why."""
    took = time.monotonic() - started
    sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
    points = [s for s in held if s.point is not None]
    if points:
        best = min(points, key=lambda s: sign * s.objective)
        bounds = [s.bound for s in held if s.bound is not None]
        bound = (max(bounds) if sign > 0 else min(bounds)) if bounds else None
        ended = otherwise if otherwise.reason is Reason.CANCELLED else best.termination
        return replace(best, termination=ended, bound=bound, time_s=took)
    ended = held[0].termination if held and otherwise.reason is not Reason.CANCELLED else otherwise
    return Solution(ended, model.sense, "portfolio", "", time_s=took)
