"""An answer in sentences. Every number in them is taken from the model or from the solution."""

from __future__ import annotations

from dataclasses import replace

from formulation.answer import Answer, AnsweredVariable, ConstraintFamily, Status
from solvers.milp import Sense

LISTED = 12
"""How many decisions or rows a sentence lists before it counts the rest."""


def number(value: float) -> str:
    """Return a number as people write it: thousands separated, at most six significant decimals."""
    if abs(value - round(value)) <= 1e-9 * max(1.0, abs(value)) and abs(value) < 1e15:
        return f"{round(value):,}"
    if abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
        return f"{value:.6g}"
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def quantity(value: float, unit: str) -> str:
    """Return a number with its unit; a currency sign stands before the number, a minus before both."""
    if unit in ("$", "€", "£", "¥"):
        return f"{'-' if value < 0 else ''}{unit}{number(abs(value))}"
    return f"{number(value)} {unit}".rstrip()


def decision(variable: AnsweredVariable) -> str:
    """Return the name of a decision with its index."""
    if not variable.index:
        return variable.name
    return f"{variable.name}[{', '.join(str(key) for key in variable.index)}]"


def explain(answer: Answer) -> Answer:
    """Return the answer with its explanation written."""
    return replace(answer, explanation=" ".join(sentence for sentence in _sentences(answer) if sentence))


def _sentences(answer: Answer) -> list[str]:
    match answer.status:
        case Status.OPTIMAL | Status.FEASIBLE:
            return [_objective(answer), _decisions(answer), _binding(answer), _caveat(answer)]
        case Status.INFEASIBLE:
            return ["No choice of values meets all the constraints at once.", answer.termination.detail]
        case Status.UNBOUNDED:
            return ["Nothing in the model keeps the objective from improving without end.", answer.termination.detail]
        case Status.NO_SOLUTION:
            limit = f" ({answer.termination.limit})" if answer.termination.limit else ""
            return [f"The solver was stopped by a limit{limit} before it held any solution."]
        case Status.NEEDS_ANSWERS:
            return ["The text can be read in more than one way.", *(question.text for question in answer.questions)]
        case Status.NOT_UNDERSTOOD:
            return ["The text was not understood well enough to stand behind a model.", answer.termination.detail]
        case Status.ERROR:
            return [answer.termination.detail or "The work could not be finished."]


def _objective(answer: Answer) -> str:
    objective = answer.objective
    if objective is None or objective.value is None:
        return ""
    what = objective.description or "the objective"
    extreme = "largest" if objective.sense is Sense.MAXIMIZE else "smallest"
    value = quantity(objective.value, objective.unit)
    if answer.status is Status.FEASIBLE:
        return f"The best value found for {what} is {value}; that it is the {extreme} possible was not proved."
    return f"The {extreme} possible value of {what} is {value}."


def _decisions(answer: Answer) -> str:
    chosen = [v for v in answer.variables if v.value is not None and abs(v.value) > 1e-9]
    if not chosen:
        return "Every decision is zero." if answer.variables else ""
    listed = ", ".join(f"{decision(v)} = {quantity(v.value or 0.0, v.unit)}" for v in chosen[:LISTED])
    more = f", and {len(chosen) - LISTED} more" if len(chosen) > LISTED else ""
    return f"It is reached with {listed}{more}."


def binding_families(answer: Answer) -> list[ConstraintFamily]:
    """Return the families of which a shown row binds."""
    return [family for family in answer.constraints if any(row.binding for row in family.rows.items)]


def _binding(answer: Answer) -> str:
    names = [family.name for family in binding_families(answer)]
    if not names:
        return "No constraint binds." if answer.constraints else ""
    listed = ", ".join(names[:LISTED])
    return f"What binds: {listed}."


def _caveat(answer: Answer) -> str:
    if answer.confident:
        return ""
    failed = [check.name for check in answer.checks if check.result == "failed"]
    why = f" ({', '.join(failed)} failed)" if failed else ""
    return f"Treat this with care: the checks do not carry a confident answer{why}."
