"""The reviewer: the model read back into words without its sentences, and then held against the text."""

from __future__ import annotations

import json
import re
from typing import Literal

from pydantic import Field

from formulation.agents.elements import shown
from formulation.agents.lenient import LenientReply
from formulation.agents.prompt import conversation, marked, prompt
from formulation.chat.port import Message
from formulation.formulation import Formulation

AGENT = "reviewer"
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'(])|\n+")


class PartReading(LenientReply):
    """One part of the model in plain words."""

    name: str
    meaning: str


class ReadingBack(LenientReply):
    """The whole model in plain words, by someone who has not seen the text."""

    parts: list[PartReading]


class Ruling(LenientReply):
    """Whether one part says what the text says."""

    name: str
    ruling: Literal["match", "mismatch", "missing"]
    reason: str = ""


class ReviewerReply(LenientReply):
    """What the reviewer says in the end."""

    rulings: list[Ruling]
    uncovered: list[int] = Field(default_factory=list)


def blind_messages(formulation: Formulation) -> tuple[Message, ...]:
    """Return the conversation that asks for the model in words: no text, no quotes, no descriptions."""
    form = shown(formulation, evidence=False)
    for group in ("constraints", "variables"):
        for element in form[group]:
            element.pop("description", None)
    if "objective" in form:
        form["objective"].pop("description", None)
        form["objective"]["name"] = "objective"
    return conversation(prompt(AGENT, 0), marked("model", json.dumps(form, ensure_ascii=False)))


def ruling_messages(text: str, reading: ReadingBack) -> tuple[Message, ...]:
    """Return the conversation that asks for the rulings."""
    numbered = "\n".join(f"{n}. {sentence}" for n, sentence in enumerate(sentences(text), 1))
    parts = "\n".join(f"- {part.name}: {part.meaning}" for part in reading.parts)
    return conversation(prompt(AGENT, 1), marked("problem", numbered), marked("reading", parts))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, the rows of its tables among them."""
    return [piece.strip() for piece in _SENTENCE.split(text) if piece.strip()]
