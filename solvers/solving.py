"""A solve whose answer has been held against the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from solvers.audit import Audit, Outcome, audit, tidied
from solvers.check import Tolerances
from solvers.errors import OptionsError, SolverFault
from solvers.milp import Milp
from solvers.port import Cancellation, Progress, SolveOptions
from solvers.registry import backend
from solvers.result import Reason, Solution, Termination
from solvers.select import choose

TOLERANCES = Tolerances()


def solve(
    model: Milp,
    options: SolveOptions | None = None,
    *,
    solver: str = "auto",
    on_progress: Callable[[Progress], None] | None = None,
    cancellation: Cancellation | None = None,
    tolerances: Tolerances = TOLERANCES,
) -> Solution:
    """Return a solution whose point, objective and (for an LP) duals have been replayed against the model.

    ``solver`` is a registered name, ``auto`` or ``portfolio``. An answer that does not stand up to the replay is
    never passed on: its point is dropped and the termination is ``failed`` with what was missed; an LP whose point
    holds and whose duals do not prove it optimal comes back as ``numerical`` with its point. Raises `OptionsError`
    for options that make no sense, `Unsupported` where the backend does not take the model, and
    `BackendUnavailable` where it is not installed.
    """
    asked = options or SolveOptions()
    _validate(asked)
    if solver == "portfolio":
        from solvers.portfolio import race

        return race(model, asked, on_progress=on_progress, cancellation=cancellation, tolerances=tolerances)
    name = choose(model).solver if solver == "auto" else solver
    chosen = backend(name)
    solution = chosen.solve(model, asked, on_progress=on_progress, cancellation=cancellation)
    return held_to(model, solution, tolerances)


def held_to(model: Milp, solution: Solution, tolerances: Tolerances = TOLERANCES) -> Solution:
    """Return the solution tidied and audited; what does not stand up is taken out of it, and said."""
    tidy = tidied(model, solution, tolerances)
    failed = [a for a in audit(model, tidy, tolerances) if a.outcome is Outcome.FAILED]
    if not failed:
        return tidy
    proof = [a for a in failed if a.name in ("optimality_proof", "bound")]
    if len(proof) == len(failed):
        termination = Termination(Reason.NUMERICAL, detail=_said(tidy, proof))
        return replace(tidy, termination=termination, bound=None, duals=None)
    detail = _said(tidy, failed)
    if tidy.termination.reason is Reason.LIMIT or tidy.termination.reason is Reason.CANCELLED:
        termination = Termination(tidy.termination.reason, tidy.termination.limit, detail)
        return replace(tidy, termination=termination, point=None, duals=None)
    return replace(tidy, termination=Termination(Reason.FAILED, detail=detail), point=None, duals=None, bound=None)


def fault(model: Milp, solution: Solution, tolerances: Tolerances = TOLERANCES) -> SolverFault | None:
    """Return what a backend's raw answer gets wrong, or None."""
    failed = [a for a in audit(model, solution, tolerances) if a.outcome is Outcome.FAILED]
    return SolverFault(_said(solution, failed)) if failed else None


def _said(solution: Solution, failed: list[Audit]) -> str:
    what = "; ".join(f"{a.name}: {a.detail}" for a in failed)
    claimed = solution.termination.reason
    return f"{solution.solver} said {claimed!s}, and the answer does not stand up to a replay: {what}"


def _validate(options: SolveOptions) -> None:
    if options.time_limit_s is not None and not options.time_limit_s >= 0:
        raise OptionsError(f"a time limit of {options.time_limit_s} s; give seconds, 0 or more")
    if options.node_limit is not None and options.node_limit < 0:
        raise OptionsError(f"a node limit of {options.node_limit}; give 0 or more")
    if options.mip_gap is not None and not 0 <= options.mip_gap < float("inf"):
        raise OptionsError(f"a gap of {options.mip_gap}; give a fraction such as 0.01, 0 or more")
    if options.threads is not None and options.threads < 1:
        raise OptionsError(f"{options.threads} threads; give 1 or more")
