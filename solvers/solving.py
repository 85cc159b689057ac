"""A solve whose answer has been held against the model."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace

from solvers.audit import Audit, Outcome, audit, tidied
from solvers.check import Tolerances
from solvers.errors import OptionsError, SolverFault, Unsupported
from solvers.infinite import INFINITE, with_infinite_bounds
from solvers.milp import Milp
from solvers.port import Cancellation, Progress, SolveOptions, time_left
from solvers.recession import with_proof
from solvers.registry import backend
from solvers.result import Reason, Solution, Termination
from solvers.select import choices

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

    Where the backend that ``auto`` takes fails or runs into numerical trouble, the next one that takes the model
    has what is left of the time; `Solution.choice` says which was taken and why.
    """
    asked = options or SolveOptions()
    _validate(asked, model)
    if solver == "portfolio":
        from solvers.portfolio import race

        return race(model, asked, on_progress=on_progress, cancellation=cancellation, tolerances=tolerances)
    if solver == "auto":
        return _auto(model, asked, on_progress, cancellation, tolerances)
    solution = answered(model, asked, solver, on_progress=on_progress, cancellation=cancellation)
    return held_to(model, solution, tolerances)


def answered(
    model: Milp,
    options: SolveOptions,
    solver: str,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    cancellation: Cancellation | None = None,
) -> Solution:
    """Return a backend's own answer, not replayed; an unbounded model's with its proof. Raises as `solve` does."""
    started = time.monotonic()
    chosen = backend(solver)
    given, model = model, with_infinite_bounds(model)
    if options.threads is not None:
        options = replace(options, threads=min(options.threads, os.cpu_count() or 1))  # more can end the process
    solution = chosen.solve(model, options, on_progress=on_progress, cancellation=cancellation)
    if model is not given and solution.termination.reason is Reason.UNBOUNDED:
        detail = f"bounds of {INFINITE:g} and more count as none"
        solution = replace(solution, termination=Termination(Reason.UNBOUNDED, detail=detail))

    def again(other: Milp) -> Solution:
        left = time_left(options, started)
        return chosen.solve(other, SolveOptions(time_limit_s=left, seed=options.seed), cancellation=cancellation)

    return with_proof(model, solution, again)


def _auto(
    model: Milp,
    options: SolveOptions,
    on_progress: Callable[[Progress], None] | None,
    cancellation: Cancellation | None,
    tolerances: Tolerances,
) -> Solution:
    """Return the first answer that is settled, or else the first at all."""
    started = time.monotonic()
    first: Solution | None = None
    refused: Unsupported | None = None
    said: list[str] = []
    left = options
    for choice in choices(model):
        try:
            raw = answered(model, left, choice.solver, on_progress=on_progress, cancellation=cancellation)
        except Unsupported as refusal:
            refused = refused or refusal
            continue
        solution = held_to(model, raw, tolerances)
        settled = solution.termination.reason not in (Reason.NUMERICAL, Reason.FAILED)
        if settled or first is None:
            why = "; ".join([*said, choice.reason])
            solution = replace(solution, choice=why, time_s=time.monotonic() - started)
        if settled:
            return solution
        first = first or solution
        said.append(f"{choice.solver} ended {solution.termination.reason} ({solution.termination.detail})")
        left = replace(options, time_limit_s=time_left(options, started))
        if left.time_limit_s == 0.0:
            break
    if first is None:
        raise refused or Unsupported("no backend takes this model")
    return first


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


def _validate(options: SolveOptions, model: Milp) -> None:
    if options.start is not None and options.start.shape != (model.n_columns,):
        raise OptionsError(f"a start of shape {options.start.shape} for {model.n_columns} columns")
    if options.time_limit_s is not None and not options.time_limit_s >= 0:
        raise OptionsError(f"a time limit of {options.time_limit_s} s; give seconds, 0 or more")
    if options.node_limit is not None and options.node_limit < 0:
        raise OptionsError(f"a node limit of {options.node_limit}; give 0 or more")
    if options.mip_gap is not None and not 0 <= options.mip_gap < float("inf"):
        raise OptionsError(f"a gap of {options.mip_gap}; give a fraction such as 0.01, 0 or more")
    if options.threads is not None and options.threads < 1:
        raise OptionsError(f"{options.threads} threads; give 1 or more")
