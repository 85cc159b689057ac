"""The formulator: the text read and modelled in one reply, extraction first, every element with its quotes."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pydantic import Field

from formulation.agents.attachment import attachments
from formulation.agents.elements import (
    AssumptionReply,
    ConstraintReply,
    ElementError,
    ObjectiveReply,
    ParameterReply,
    QuestionReply,
    Quoting,
    SetReply,
    VariableReply,
    assumption,
    constraint,
    index_set,
    objective,
    parameter,
    shown,
    variable,
)
from formulation.agents.lenient import LenientReply, Lines
from formulation.agents.prompt import conversation, marked, prompt
from formulation.agents.rename import (
    fresh_names,
    renamed_constraints,
    renamed_objective,
    renamed_parameter,
    renamed_set,
    renamed_variable,
)
from formulation.chat.port import Message
from formulation.data import Table
from formulation.formulation import Formulation, Question

AGENT = "formulator"


class FormulatorReply(LenientReply):
    """What the formulator says: its reading, then the elements."""

    reading: Lines
    problem_class: str = ""
    title: str = ""
    sets: list[SetReply] = Field(default_factory=list)
    parameters: list[ParameterReply] = Field(default_factory=list)
    variables: list[VariableReply] = Field(default_factory=list)
    objective: ObjectiveReply | None = None
    constraints: list[ConstraintReply] = Field(default_factory=list)
    assumptions: list[AssumptionReply] = Field(default_factory=list)
    questions: list[QuestionReply] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Formulated:
    """A formulation, what is still open, and the quotes that are not in the text."""

    formulation: Formulation
    questions: tuple[Question, ...]
    lost_quotes: tuple[tuple[str, str], ...]


def messages(
    text: str,
    tables: tuple[Table, ...] = (),
    *,
    answers: tuple[tuple[str, str], ...] = (),
    previous: Formulation | None = None,
    analysis: str = "",
    lessons: str = "",
    complaint: str = "",
) -> tuple[Message, ...]:
    """Return the conversation that asks for a formulation.

    ``previous`` and ``answers`` carry an earlier round on; ``complaint`` says why the last reply was no
    formulation.
    """
    earlier = ""
    if previous is not None:
        form = json.dumps(shown(previous, text), ensure_ascii=False)
        earlier = (
            "An earlier round ended in the formulation below. Keep what is right and settled in it; complete and "
            f"mend it with the user's answers.\n{marked('formulation', form)}"
        )
    said = ""
    if answers:
        questions = {q.id: q.text for q in previous.questions} if previous is not None else {}
        lines = [f"- {identifier}: {questions.get(identifier, '')} → {value}" for identifier, value in answers]
        said = (
            "The user's answers to earlier questions; they hold over the text, and what they settle is not asked "
            f"again:\n{marked('answers', chr(10).join(lines))}"
        )
    return conversation(
        prompt(AGENT),
        marked("problem", text),
        attachments(tables),
        earlier,
        said,
        marked("analysis", analysis) if analysis else "",
        lessons,
        complaint,
    )


def formulated(reply: FormulatorReply, text: str) -> Formulated:
    """Return the typed formulation of a reply. Raises `ElementError` where an element cannot be taken.

    Names that are reserved are replaced throughout by free ones.
    """
    reply = usable(reply)
    quoting = Quoting(text)
    sets = tuple(index_set(s, quoting) for s in reply.sets)
    by_name = {element.name: element for element in sets}
    questions = tuple(q.question() for q in reply.questions)
    try:
        formulation = Formulation(
            sets=sets,
            parameters=tuple(parameter(p, by_name, quoting) for p in reply.parameters),
            variables=tuple(variable(v, quoting) for v in reply.variables),
            objective=None if reply.objective is None else objective(reply.objective, quoting),
            constraints=tuple(constraint(c, quoting) for c in reply.constraints),
            assumptions=tuple(assumption(a) for a in reply.assumptions),
            questions=questions,
            title=reply.title,
            problem_class=reply.problem_class,
        )
    except ElementError:
        raise
    except ValueError as error:
        raise ElementError("formulation", str(error)) from None
    return Formulated(formulation, questions, tuple(quoting.lost))


def usable(reply: FormulatorReply) -> FormulatorReply:
    """Return the reply with reserved names replaced throughout."""
    symbols = [*(s.name for s in reply.sets), *(p.name for p in reply.parameters), *(v.name for v in reply.variables)]
    fresh = fresh_names(symbols, ())
    questions = [q.model_copy(update={"element": fresh.get(q.element, q.element)}) for q in reply.questions]
    return reply.model_copy(
        update={
            "sets": [renamed_set(s, fresh) for s in reply.sets],
            "parameters": [renamed_parameter(p, fresh) for p in reply.parameters],
            "variables": [renamed_variable(v, fresh) for v in reply.variables],
            "objective": None if reply.objective is None else renamed_objective(reply.objective, fresh),
            "constraints": renamed_constraints(reply.constraints, fresh),
            "questions": questions,
        }
    )
