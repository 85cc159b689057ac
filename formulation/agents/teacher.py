"""The teacher: one lesson from a problem that was first modelled wrongly and then rightly."""

from __future__ import annotations

import json

from pydantic import BaseModel

from formulation.agents.elements import shown
from formulation.agents.prompt import conversation, marked, prompt
from formulation.chat.port import Message
from formulation.formulation import Formulation

AGENT = "teacher"


class TeacherReply(BaseModel):
    """What the teacher says."""

    title: str
    words: list[str]
    condition: str
    explanation: str
    example: str


def messages(text: str, right: Formulation, went_wrong: str) -> tuple[Message, ...]:
    """Return the conversation that asks for a lesson."""
    form = json.dumps(shown(right, evidence=False), ensure_ascii=False)
    return conversation(
        prompt(AGENT), marked("problem", text), marked("went-wrong", went_wrong), marked("right-model", form)
    )
