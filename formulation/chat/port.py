"""The port: what is asked of a chat model, and what comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Role(StrEnum):
    """Who says a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str

    def wire(self) -> dict[str, str]:
        """Return the message as the endpoint takes it."""
        return {"role": self.role.value, "content": self.content}


class ReplyFormat(StrEnum):
    """How an endpoint can be held to a JSON schema, strongest first."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A conversation that waits for its next turn.

    ``schema`` is the JSON text of the schema that the reply must fit, empty for free text. ``agent`` says who
    asks; it chooses the model and carries the cost, and is no part of what is asked. Samples of one request
    differ in ``seed``.
    """

    agent: str
    messages: tuple[Message, ...]
    schema_name: str = ""
    schema: str = ""
    seed: int | None = None
    temperature: float | None = None
    max_reply_tokens: int | None = None

    @property
    def key(self) -> str:
        """A SHA-256 of what is asked, whoever is asked: messages, reply format and seed."""
        asked = {
            "messages": wire_messages(self, ReplyFormat.JSON_SCHEMA),
            "response_format": wire_format(self, ReplyFormat.JSON_SCHEMA),
            "tools": None,
            "n": None,
            "seed": self.seed,
        }
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call or of several; ``estimated`` where the endpoint did not count them itself."""

    prompt_tokens: int = 0
    reply_tokens: int = 0
    estimated: bool = False

    @property
    def tokens(self) -> int:
        """Prompt and reply together."""
        return self.prompt_tokens + self.reply_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.reply_tokens + other.reply_tokens,
            self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What the model said. ``cost`` is in the currency of the configured prices, 0 without prices."""

    content: str
    model: str
    usage: Usage = Usage()
    cost: float = 0.0
    attempts: int = 1
    time_s: float = 0.0
    cached: bool = False


Progress = Callable[[int], None]
"""Called with the number of characters of the reply received so far."""


class ChatModel(Protocol):
    """Something that continues a conversation.

    ``complete`` returns a reply with text in it, or raises one of `formulation.chat.errors`: it never returns
    an empty, a refused or a cut-off reply as if it were whole.
    """

    @property
    def name(self) -> str:
        """The model's name, as the transcript gives it."""
        ...

    async def complete(self, request: ChatRequest, on_progress: Progress | None = None) -> ChatReply:
        """Return the next turn."""
        ...


def wire_format(request: ChatRequest, format_: ReplyFormat) -> dict[str, Any] | None:
    """Return the ``response_format`` of the request body; None where there is none."""
    if not request.schema or format_ is ReplyFormat.TEXT:
        return None
    if format_ is ReplyFormat.JSON_OBJECT:
        return {"type": "json_object"}
    schema = {"name": request.schema_name, "strict": True, "schema": json.loads(request.schema)}
    return {"type": "json_schema", "json_schema": schema}


def wire_messages(request: ChatRequest, format_: ReplyFormat) -> list[dict[str, str]]:
    """Return the messages of the request body; without schema support the schema is said in words."""
    messages = [message.wire() for message in request.messages]
    if request.schema and format_ is not ReplyFormat.JSON_SCHEMA:
        where = "one JSON object" if format_ is ReplyFormat.JSON_OBJECT else "one fenced ```json block and nothing else"
        rule = f"Reply with {where} that fits this JSON schema:\n{request.schema}"
        messages.insert(1 if messages and messages[0]["role"] == "system" else 0, {"role": "system", "content": rule})
    return messages


def estimated_tokens(text: str) -> int:
    """Return a rough count of the tokens of a text, on the high side for English: three characters a token."""
    return len(text) // 3 + 1
