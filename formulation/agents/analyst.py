"""The analyst: what kind of problem it is, what is asked, where a reader may stumble, what is missing."""

from __future__ import annotations

from pydantic import Field

from formulation.agents.attachment import attachments
from formulation.agents.elements import QuestionReply
from formulation.agents.lenient import LenientReply, Lines
from formulation.agents.prompt import conversation, marked, prompt
from formulation.chat.port import Message
from formulation.data import Table

AGENT = "analyst"


class AnalystReply(LenientReply):
    """What the analyst says."""

    problem_class: str
    asked: str
    entities: Lines = Field(default_factory=list)
    facts: Lines = Field(default_factory=list)
    traps: Lines = Field(default_factory=list)
    missing: list[QuestionReply] = Field(default_factory=list)

    def notes(self) -> str:
        """Return the analysis as the formulator reads it; what is missing is the formulator's own to say."""
        parts = [f"problem class: {self.problem_class}", f"asked: {self.asked}"]
        for heading, lines in (("entities", self.entities), ("facts", self.facts), ("traps", self.traps)):
            parts += [f"{heading}:", *(f"- {line}" for line in lines)] if lines else []
        return "\n".join(parts)


def messages(
    text: str, tables: tuple[Table, ...] = (), *, answers: tuple[tuple[str, str], ...] = ()
) -> tuple[Message, ...]:
    """Return the conversation that asks for an analysis."""
    said = marked("answers", "\n".join(f"- {identifier}: {value}" for identifier, value in answers)) if answers else ""
    return conversation(prompt(AGENT), marked("problem", text), attachments(tables), said)
