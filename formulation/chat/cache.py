"""Replies kept by what was asked, so that the same question is not paid for twice."""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

from formulation.chat.port import ChatReply, ChatRequest, Usage

MAX_ENTRIES = 2048


class ReplyCache:
    """Replies under the model's name and the request's key; in memory, and in a directory where one is given.

    Only whole, usable replies are put in. Temperature counts as part of what was asked; a sample that is meant
    to differ carries its own seed.
    """

    def __init__(self, directory: Path | None = None, max_entries: int = MAX_ENTRIES) -> None:
        self._directory = directory
        self._max = max_entries
        self._held: OrderedDict[str, ChatReply] = OrderedDict()

    def get(self, model: str, request: ChatRequest) -> ChatReply | None:
        """Return the reply to an equal request, marked as cached; None where there is none."""
        key = _key(model, request)
        reply = self._held.get(key)
        if reply is None and self._directory is not None:
            reply = _load(self._directory / f"{key}.json")
        if reply is None:
            return None
        self._hold(key, reply)
        return replace(reply, usage=Usage(), cost=0.0, attempts=0, time_s=0.0, cached=True)

    def put(self, model: str, request: ChatRequest, reply: ChatReply) -> None:
        """Keep a reply."""
        key = _key(model, request)
        self._hold(key, reply)
        if self._directory is not None:
            self._directory.mkdir(parents=True, exist_ok=True)
            part = self._directory / f"{key}.{os.getpid()}.part"
            part.write_text(json.dumps({"content": reply.content, "model": reply.model}), encoding="utf-8")
            part.replace(self._directory / f"{key}.json")

    def _hold(self, key: str, reply: ChatReply) -> None:
        self._held[key] = reply
        self._held.move_to_end(key)
        while len(self._held) > self._max:
            self._held.popitem(last=False)


def _key(model: str, request: ChatRequest) -> str:
    return hashlib.sha256(f"{model}\n{request.temperature}\n{request.key}".encode()).hexdigest()


def _load(path: Path) -> ChatReply | None:
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        return ChatReply(str(entry["content"]), str(entry["model"]))
    except (OSError, ValueError, KeyError):
        return None
