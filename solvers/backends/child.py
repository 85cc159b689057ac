"""A solve in a process that can be killed, for what a solver does not hear a request to stop in."""

from __future__ import annotations

from collections.abc import Callable

from solvers.errors import Unsupported
from solvers.milp import Milp
from solvers.port import Cancellation, Progress, SolveOptions
from solvers.result import Solution


def solved_in_a_child(
    model: Milp,
    options: SolveOptions,
    solver: str,
    on_progress: Callable[[Progress], None] | None,
    cancellation: Cancellation | None,
    *,
    deaf: bool,
) -> Solution | None:
    """Return a backend's answer from a process of its own, which is killed once a stop is asked for.

    None where nobody can ask for one, where the backend is not ``deaf`` to it on this model, and where it does not
    take the model: that is for the caller to say, who knows the columns' names.
    """
    if cancellation is None or not deaf:
        return None
    from solvers.worker import Worker

    with Worker() as worker:
        try:
            return worker.solve(model, options, solver=solver, on_progress=on_progress, cancellation=cancellation)
        except Unsupported:
            return None
