"""A chat model that answers from a transcript: what was once asked is answered as it was then."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from formulation.chat.errors import ChatUnavailable
from formulation.chat.port import ChatReply, ChatRequest, Progress, Usage, estimated_tokens


class RecordedChat:
    """A `ChatModel` over JSON-lines transcripts; a request that none of them holds is refused, never made up.

    A line needs ``key`` and ``reply``; lines without a reply are passed over. Raises `ValueError`, naming file
    and line, where a transcript cannot be read.
    """

    def __init__(self, paths: Iterable[Path], name: str = "recorded") -> None:
        self._name = name
        self._replies: dict[str, str] = {}
        for path in paths:
            for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if not text.strip():
                    continue
                try:
                    line = json.loads(text)
                    if "reply" in line:
                        self._replies[line["key"]] = line["reply"]
                except (ValueError, KeyError, TypeError) as error:
                    raise ValueError(f"{path}:{number} is no line of a transcript: {error!r}") from error

    def __len__(self) -> int:
        return len(self._replies)

    @property
    def name(self) -> str:
        """The name given at construction."""
        return self._name

    async def complete(self, request: ChatRequest, on_progress: Progress | None = None) -> ChatReply:
        """Return the recorded reply. Raises `ChatUnavailable` where there is none."""
        content = self._replies.get(request.key)
        if content is None:
            raise ChatUnavailable(
                f"no recorded reply to this request of the {request.agent} ({request.key[:12]}); "
                "the prompts have changed since the recording, or the problem was never recorded"
            )
        if on_progress is not None:
            on_progress(len(content))
        prompt = sum(estimated_tokens(message.content) for message in request.messages)
        return ChatReply(content, self._name, Usage(prompt, estimated_tokens(content)), cached=False)
