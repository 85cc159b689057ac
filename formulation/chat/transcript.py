"""The record of what was said: one JSON line an exchange, with the hash of the prompt and without secrets."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

from formulation.chat.port import ChatReply, ChatRequest, ReplyFormat, wire_format, wire_messages

BLOTTED = "[secret]"
_LIKE_A_KEY = re.compile(r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bBearer\s+[A-Za-z0-9._~+/-]{16,}=*")


def scrub(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Return the text with the given secrets, and what is shaped like a key, blotted out."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, BLOTTED)
    return _LIKE_A_KEY.sub(BLOTTED, text)


class Transcript:
    """The exchanges of one or many jobs, kept in memory and, where a path is given, appended to a file.

    A line holds ``key`` (SHA-256 of what was asked), ``agent``, ``model``, ``messages``, ``response_format``,
    ``seed``, ``reply`` or ``error``, ``usage``, ``cost``, ``attempts``, ``time_s`` and ``cached``. Lines with a
    reply can be replayed by `formulation.chat.recorded`.
    """

    def __init__(self, path: Path | None = None, secrets: tuple[str, ...] = ()) -> None:
        self.path = path
        self.lines: list[dict[str, Any]] = []
        self._secrets = secrets
        self._lock = threading.Lock()

    def note(self, request: ChatRequest, model: str, outcome: ChatReply | Exception) -> None:
        """Record one exchange, scrubbed."""
        line: dict[str, Any] = {
            "key": request.key,
            "agent": request.agent,
            "model": model,
            "messages": wire_messages(request, ReplyFormat.JSON_SCHEMA),
            "response_format": wire_format(request, ReplyFormat.JSON_SCHEMA),
            "seed": request.seed,
        }
        if isinstance(outcome, ChatReply):
            line |= {
                "reply": outcome.content,
                "usage": {"prompt_tokens": outcome.usage.prompt_tokens, "reply_tokens": outcome.usage.reply_tokens},
                "cost": outcome.cost,
                "attempts": outcome.attempts,
                "time_s": round(outcome.time_s, 4),
                "cached": outcome.cached,
            }
        else:
            line |= {"error": type(outcome).__name__, "detail": str(outcome)}
        text = scrub(json.dumps(line, ensure_ascii=False), self._secrets)
        with self._lock:
            self.lines.append(json.loads(text))
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(text + "\n")
