"""The debugger: one side mended with the smallest change, from an error or a difference in words."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from pydantic import Field

from formulation.agents.attachment import attachments
from formulation.agents.elements import (
    ConstraintReply,
    ElementError,
    ObjectiveReply,
    ParameterReply,
    Quoting,
    SetReply,
    VariableReply,
    constraint,
    index_set,
    objective,
    parameter,
    shown,
    variable,
)
from formulation.agents.lenient import LenientReply
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
from formulation.formulation import Constraint, Formulation, IndexSet, Parameter, Variable

AGENT = "debugger"
MAX_FAULT = 6000


class ProgramEdit(LenientReply):
    """Lines of the program and what replaces them."""

    old: str
    new: str


class FormulationEdits(LenientReply):
    """Whole elements that replace those of the same name or are added, and names to delete."""

    sets: list[SetReply] = Field(default_factory=list)
    parameters: list[ParameterReply] = Field(default_factory=list)
    variables: list[VariableReply] = Field(default_factory=list)
    objective: ObjectiveReply | None = None
    constraints: list[ConstraintReply] = Field(default_factory=list)
    remove: list[str] = Field(default_factory=list)


class DebuggerReply(LenientReply):
    """What the debugger says."""

    diagnosis: str
    side: Literal["formulation", "program", "neither"]
    formulation_edits: FormulationEdits = FormulationEdits()
    program_edits: list[ProgramEdit] = Field(default_factory=list)
    question: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong: in which side it showed, or between the two, and in which words."""

    kind: Literal["formulation_fails", "program_fails", "models_differ", "implausible"]
    detail: str


_SAID = {
    "formulation_fails": "The formulation cannot be compiled:",
    "program_fails": "The program fails:",
    "models_differ": "The two models differ:",
    "implausible": "A model without an optimum is seldom what a text means. Find the error in it, if there is one:",
}


class PatchError(ValueError):
    """A patch that cannot be applied."""


def messages(
    text: str, formulation: Formulation, source: str, fault: Fault, tables: tuple[Table, ...] = ()
) -> tuple[Message, ...]:
    """Return the conversation that asks for a patch."""
    return conversation(
        prompt(AGENT),
        marked("problem", text),
        attachments(tables),
        marked("formulation", json.dumps(shown(formulation, text), ensure_ascii=False)),
        marked("program", source) if source else "",
        f"{_SAID[fault.kind]}\n{marked('fault', fault.detail[:MAX_FAULT])}",
    )


def patched_program(source: str, edits: list[ProgramEdit]) -> str:
    """Return the program after the edits. Raises `PatchError` where an edit's old lines are not there once."""
    if not edits:
        raise PatchError("no edit of the program is given")
    for edit in edits:
        old = edit.old.strip("\n")
        if not old.strip() or source.count(old) != 1:
            raise PatchError(
                f"the lines to replace occur {source.count(old) if old.strip() else 0} times: {old[:80]!r}"
            )
        source = source.replace(old, edit.new.strip("\n"))
    return source


def patched_formulation(formulation: Formulation, edits: FormulationEdits, text: str) -> Formulation:
    """Return the formulation after the edits. Raises `PatchError` where they cannot be applied."""
    if edits == FormulationEdits():
        raise PatchError("no edit of the formulation is given")
    quoting = Quoting(text)
    symbols = [*(s.name for s in edits.sets), *(p.name for p in edits.parameters), *(v.name for v in edits.variables)]
    fresh = fresh_names(symbols, [element.name for element in formulation.symbols])
    gone = set(edits.remove)
    known = {element.name for element in (*formulation.symbols, *formulation.constraints)}
    if gone - known:
        raise PatchError(f"there is no element {', '.join(sorted(gone - known))} to remove")
    try:
        sets = _merged(formulation.sets, [index_set(renamed_set(s, fresh), quoting) for s in edits.sets], gone)
        by_name = {element.name: element for element in sets}
        parameters = [parameter(renamed_parameter(p, fresh), by_name, quoting) for p in edits.parameters]
        variables = [variable(renamed_variable(v, fresh), quoting) for v in edits.variables]
        constraints = [constraint(c, quoting) for c in renamed_constraints(edits.constraints, fresh)]
        aim = edits.objective
        return replace(
            formulation,
            sets=sets,
            parameters=_merged(formulation.parameters, parameters, gone),
            variables=_merged(formulation.variables, variables, gone),
            objective=formulation.objective if aim is None else objective(renamed_objective(aim, fresh), quoting),
            constraints=_merged(formulation.constraints, constraints, gone),
        )
    except (ElementError, ValueError) as error:
        raise PatchError(str(error)) from None


Element = TypeVar("Element", IndexSet, Parameter, Variable, Constraint)


def _merged(old: tuple[Element, ...], new: list[Element], gone: set[str]) -> tuple[Element, ...]:
    """Return the old elements with the new in the place of their namesakes, the rest added, the gone left out.

    Evidence is kept where a new element quotes nothing.
    """
    fresh: dict[str, Element] = {element.name: element for element in new}
    out: list[Element] = []
    for element in old:
        if element.name in fresh:
            late = fresh.pop(element.name)
            out.append(late if late.evidence else replace(late, evidence=element.evidence))
        elif element.name not in gone:
            out.append(element)
    return tuple(out) + tuple(fresh.values())
