"""The answer of a finished run, put together from its state and its model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from formulation.answer import (
    AgentUsage,
    Answer,
    AnsweredObjective,
    AnsweredTermination,
    AnsweredVariable,
    Check,
    CheckResult,
    ConstraintFamily,
    ConstraintRow,
    RowPage,
    SolverRun,
    Status,
)
from formulation.checks import checks_of, confidence_of, solution_check
from formulation.clarification import open_questions
from formulation.compile.names import Names
from formulation.events import Finish, ModelSolved
from formulation.explain import explain
from formulation.formulation import Formulation, Keys
from formulation.language import speaking
from formulation.language.detect import language_of_problem
from formulation.policy import finish_of
from formulation.state import State
from solvers.milp import Domain, FloatVector, Milp
from solvers.nonlinear import Nonlinear
from solvers.result import Solution

ROWS_SHOWN = 50
"""How many rows of each constraint family an answer holds; the rest is in its artifacts."""

FAMILIES_SHOWN = 1_000
"""How many constraint families an answer to a bare model holds."""

VARIABLES_SHOWN = 10_000
"""How many variables an answer holds; the rest is in its artifacts."""

BINDING = 1e-6
"""How near to its bound, relative to its size, a row's activity counts as binding."""


def answer_of(state: State, finish: Finish, compiled: Milp | Nonlinear | None) -> Answer:
    """Return the answer of a run that ended with ``finish``; ``compiled`` is its model where it has one."""
    language = language_of_problem(state.problem)
    with speaking(language):
        return explain(_assembled(state, finish, compiled), language)


def _assembled(state: State, finish: Finish, compiled: Milp | Nonlinear | None) -> Answer:
    model = outline(compiled) if isinstance(compiled, Nonlinear) else compiled
    solution = state.solved.solution if isinstance(state.solved, ModelSolved) else None
    checks = checks_of(state)
    confidence, stands = confidence_of(state, checks)
    formulation = state.formulation
    reading = state.read.reading if state.read else None
    said = finish.status in (Status.OPTIMAL, Status.FEASIBLE, Status.INFEASIBLE, Status.UNBOUNDED)
    return Answer(
        status=finish.status,
        termination=AnsweredTermination(finish.reason, finish.limit, finish.detail),
        objective=_objective(formulation, solution),
        variables=answered_variables(formulation, model, solution, most=VARIABLES_SHOWN),
        variables_total=model.n_columns if model else 0,
        constraints=_families(formulation, model, solution, _activity(compiled, solution)),
        formulation=formulation,
        pyomo=state.rendering.source if state.rendering else None,
        lp=_lp(compiled if isinstance(compiled, Milp) else None),
        checks=checks,
        confidence=round(confidence, 4) if said else 0.0,
        confident=stands and finish.status is not Status.ERROR and solution is not None,
        assumptions=formulation.assumptions if formulation else (),
        questions=open_questions(state) if finish.status is Status.NEEDS_ANSWERS else (),
        unread=reading.unread if reading and state.draft is None else (),
        reader=reader_of(state),
        solver=_solver(solution),
        timings=_timings(state),
        usage=usage_of(state),
        text=state.problem.text,
    )


def model_answer(
    given: Milp | Nonlinear, solution: Solution, *, checks: tuple[Check, ...] = (), pyomo: str | None = None
) -> Answer:
    """Return the answer to a model that nobody formulated here: ``formulation`` and ``reader`` are None.

    The service stands behind an answer to a model as given: ``confident`` says that the solve was conclusive
    and the replay held, not that the model is the right one.
    """
    model = outline(given) if isinstance(given, Nonlinear) else given
    finish = finish_of(solution)
    replayed = solution_check(solution)
    every = (*checks, replayed)
    conclusive = finish.status in (Status.OPTIMAL, Status.INFEASIBLE, Status.UNBOUNDED)
    sound = conclusive and all(check.result is not CheckResult.FAILED for check in every)
    answer = Answer(
        status=finish.status,
        termination=AnsweredTermination(finish.reason, finish.limit, finish.detail),
        objective=AnsweredObjective(model.sense, solution.point.objective if solution.point else None),
        variables=answered_variables(None, model, solution, most=VARIABLES_SHOWN),
        variables_total=model.n_columns,
        constraints=_model_families(model, solution, _activity(given, solution)),
        pyomo=pyomo,
        lp=_lp(given if isinstance(given, Milp) else None),
        checks=every,
        confidence=1.0 if sound else 0.0,
        confident=sound,
        solver=_solver(solution),
        timings={"solve_s": solution.time_s},
    )
    return explain(answer)


def outline(model: Nonlinear) -> Milp:
    """Return the columns, bounds, names and row sides of a nonlinear model, without its functions."""
    read = model.read()
    m, n = len(read.row_lower), read.n_columns
    return Milp(
        sense=read.sense,
        objective=np.zeros(n),
        matrix=sparse.csr_array((m, n)),
        row_lower=read.row_lower,
        row_upper=read.row_upper,
        column_lower=read.column_lower,
        column_upper=read.column_upper,
        domains=np.where(read.whole, Domain.INTEGER, Domain.CONTINUOUS).astype(np.int8),
        column_names=model.column_names,
        row_names=model.row_names[:m],
    )


def _activity(model: Milp | Nonlinear | None, solution: Solution | None) -> FloatVector | None:
    """Return each row's value at the point held; None without a model or a point."""
    if model is None or solution is None or solution.point is None:
        return None
    if isinstance(model, Nonlinear):
        return model.read().rows_at(solution.point.values)
    return np.asarray(model.matrix @ solution.point.values)


def _rows_by_family(model: Milp) -> dict[str, list[int]]:
    """Return the positions of each family's rows, families and rows in the order of the model."""
    families: dict[str, list[int]] = {}
    for k in range(model.n_rows):
        families.setdefault(located(model.row_names, k)[0], []).append(k)
    return families


def _model_families(model: Milp, solution: Solution, activity: FloatVector | None) -> tuple[ConstraintFamily, ...]:
    families = _rows_by_family(model)
    duals = solution.duals.rows if solution.duals else None
    return tuple(
        ConstraintFamily(
            name, "", "", (), RowPage(len(rows), 0, tuple(constraint_rows(model, rows[:ROWS_SHOWN], activity, duals)))
        )
        for name, rows in list(families.items())[:FAMILIES_SHOWN]
    )


def reader_of(state: State) -> str | None:
    """Return who read the text: ``chat:MODEL``, the embedded reader's name, or an earlier round's answers."""
    if state.draft is not None:
        return f"chat:{state.formulated.samples[0].reader}" if state.formulated else "answers"
    return state.read.reading.reader if state.read else None


def usage_of(state: State) -> tuple[AgentUsage, ...]:
    """Return what each agent used over the whole run, in the order of their first calls."""
    sums: dict[str, AgentUsage] = {}
    for event in state.events:
        spent = getattr(event, "spent", None)
        if spent is None:
            continue
        have = sums.get(spent.agent, AgentUsage(spent.agent))
        sums[spent.agent] = AgentUsage(
            spent.agent,
            have.calls + spent.calls,
            have.prompt_tokens + spent.prompt_tokens,
            have.reply_tokens + spent.reply_tokens,
            have.cost + spent.cost,
            have.time_s + spent.time_s,
        )
    return tuple(sums.values())


def _objective(formulation: Formulation | None, solution: Solution | None) -> AnsweredObjective | None:
    if formulation is None or formulation.objective is None:
        return None
    stated = formulation.objective
    value = solution.point.objective if solution and solution.point else None
    return AnsweredObjective(stated.sense, value, stated.unit, stated.description or stated.label)


def located(names: Sequence[str], k: int) -> tuple[str, Keys]:
    """Return the family and the index of the k-th column or row, ``x[a,2]`` → ``("x", ("a", 2))``.

    The compiler's names know theirs; other names are read.
    """
    if isinstance(names, Names):
        return names.locate(k)
    family, bracket, inside = names[k].partition("[")
    if not bracket:
        return names[k], ()
    keys = inside.removesuffix("]").split(",")
    return family, tuple(int(key) if key.lstrip("-").isdecimal() else key for key in keys)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def answered_variables(
    formulation: Formulation | None, model: Milp | None, solution: Solution | None, *, most: int | None = None
) -> tuple[AnsweredVariable, ...]:
    """Return the variables of a model in words of its formulation, with their values; the first ``most`` or all."""
    if model is None:
        return ()
    stated = {variable.name: variable for variable in formulation.variables} if formulation else {}
    values = shown_values(model, solution.point.values) if solution and solution.point else None
    found = []
    for k in range(model.n_columns if most is None else min(model.n_columns, most)):
        family, index = located(model.column_names, k)
        variable = stated.get(family)
        found.append(
            AnsweredVariable(
                name=variable.label or family if variable else family,
                description=variable.description if variable else "",
                unit=variable.unit if variable else "",
                index=index,
                domain=variable.domain.value if variable else Domain(model.domains[k]).name.lower(),
                lower=_finite(float(model.column_lower[k])),
                upper=_finite(float(model.column_upper[k])),
                value=float(values[k]) if values is not None else None,
            )
        )
    return tuple(found)


def shown_values(model: Milp, values: FloatVector) -> FloatVector:
    """Return the point as people read it: integer columns whole, and no negative zero."""
    whole = (model.domains == Domain.INTEGER) | (model.domains == Domain.SEMI_INTEGER)
    return np.where(whole, np.round(values), values) + 0.0


def _families(
    formulation: Formulation | None,
    model: Milp | None,
    solution: Solution | None,
    activity: FloatVector | None,
) -> tuple[ConstraintFamily, ...]:
    if formulation is None:
        return ()
    rows = _rows_by_family(model) if model is not None else {}
    duals = solution.duals.rows if solution and solution.duals else None
    families = []
    for constraint in formulation.constraints:
        mine = rows.get(constraint.name, [])
        page = () if model is None else tuple(constraint_rows(model, mine[:ROWS_SHOWN], activity, duals))
        expression = constraint.expression + (f" for each {constraint.for_each}" if constraint.for_each else "")
        families.append(
            ConstraintFamily(
                constraint.label or constraint.name,
                constraint.description,
                expression,
                constraint.evidence,
                RowPage(len(mine), 0, page),
            )
        )
    return tuple(families)


def constraint_rows(
    model: Milp, rows: Sequence[int], activity: FloatVector | None, duals: FloatVector | None
) -> Iterable[ConstraintRow]:
    """Yield the rows with their slack: the distance to the nearer finite side, in the row's own unit."""
    for k in rows:
        lower, upper = float(model.row_lower[k]), float(model.row_upper[k])
        name = model.row_names[k]
        index = located(model.row_names, k)[1]
        if activity is None:
            yield ConstraintRow(name, index, _finite(lower), _finite(upper))
            continue
        at = float(activity[k])
        slack = min(at - lower, upper - at)
        binding = slack <= BINDING * max(1.0, abs(at))
        yield ConstraintRow(
            name,
            index,
            _finite(lower),
            _finite(upper),
            activity=at + 0.0,
            slack=None if not math.isfinite(slack) else (0.0 if binding else slack),
            binding=binding,
            dual=float(duals[k]) + 0.0 if duals is not None else None,
        )


def _lp(model: Milp | None) -> str | None:
    from solvers.formats import write

    return write(model, "lp") if model is not None else None


def _solver(solution: Solution | None) -> SolverRun | None:
    if solution is None:
        return None
    return SolverRun(solution.solver, solution.version, solution.time_s, solution.gap)


def _timings(state: State) -> dict[str, float]:
    named = {"read": state.read, "compile": state.compiled, "program": state.rendering, "solve": state.solved}
    return {f"{name}_s": event.time_s for name, event in named.items() if event is not None}
