"""The coder: a Pyomo program from the text and the names alone, so that it is an independent derivation."""

from __future__ import annotations

from pydantic import Field

from formulation.agents.attachment import attachments
from formulation.agents.lenient import LenientReply, Lines
from formulation.agents.prompt import conversation, marked, prompt
from formulation.chat.port import Message
from formulation.data import Table
from formulation.formulation import Formulation, IndexSet, Parameter, Variable

AGENT = "coder"
MAX_ELEMENTS_SHOWN = 200


class CoderReply(LenientReply):
    """What the coder says: notes on the text, then the program."""

    notes: Lines = Field(default_factory=list)
    program: str


def messages(
    text: str,
    formulation: Formulation,
    tables: tuple[Table, ...] = (),
    *,
    answers: tuple[tuple[str, str], ...] = (),
) -> tuple[Message, ...]:
    """Return the conversation that asks for a program.

    Of the formulation it carries names, index sets, units and descriptions; no expression, value, domain,
    bound, sense or constraint.
    """
    said = marked("answers", "\n".join(f"- {identifier}: {value}" for identifier, value in answers)) if answers else ""
    return conversation(
        prompt(AGENT),
        marked("problem", text),
        attachments(tables),
        said,
        marked("names", names(formulation)),
    )


def names(formulation: Formulation) -> str:
    """Return the names of a formulation, with what they index and what they stand for, and nothing of its model."""
    lines = ["sets:"] if formulation.sets else []
    lines += [_set(element) for element in formulation.sets]
    lines += ["decisions:", *(_decision(element) for element in formulation.variables)]
    if formulation.parameters:
        lines += ["data:", *(_datum(element) for element in formulation.parameters)]
    return "\n".join(lines)


def program(reply: CoderReply) -> str:
    """Return the program of a reply without a fence around it."""
    source = reply.program.strip()
    if source.startswith("```"):
        source = source.split("\n", 1)[1] if "\n" in source else ""
        source = source.rsplit("```", 1)[0]
    return source.strip() + "\n"


def _set(element: IndexSet) -> str:
    if element.elements is None or element.source is not None:
        return f'- data["{element.name}"], read from a data table{_meaning(element.description, "")}'
    many = ", ".join(repr(key) for key in element.elements[:MAX_ELEMENTS_SHOWN])
    more = ", …" if len(element.elements) > MAX_ELEMENTS_SHOWN else ""
    return f'- data["{element.name}"] = [{many}{more}]{_meaning(element.description, "")}'


def _decision(element: Variable) -> str:
    return f"- model.{element.name}{_over(element.indices)}{_meaning(element.description, element.unit)}"


def _datum(element: Parameter) -> str:
    table = ", read from a data table" if element.source is not None else ""
    return f'- data["{element.name}"]{_over(element.indices)}{_meaning(element.description, element.unit)}{table}'


def _over(indices: tuple[str, ...]) -> str:
    return f" over {', '.join(indices)}" if indices else ""


def _meaning(description: str, unit: str) -> str:
    return (f": {description}" if description else "") + (f" [{unit}]" if unit else "")
