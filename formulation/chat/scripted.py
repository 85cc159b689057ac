"""A chat model for tests: it says what it was told to say, in order, and remembers what it was asked."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping

from formulation.chat.errors import ChatError, EmptyReply
from formulation.chat.port import ChatReply, ChatRequest, Progress, Usage, estimated_tokens

Turn = str | ChatError | Callable[[ChatRequest], str]


class ScriptedChat:
    """A `ChatModel` whose turns are given beforehand, for all agents together or agent by agent.

    A turn is the reply, an error to raise, or a function of the request. A call beyond the script fails the
    test: it raises `AssertionError`.
    """

    def __init__(self, script: Iterable[Turn] | Mapping[str, Iterable[Turn]], name: str = "scripted") -> None:
        self._name = name
        self._turns: dict[str, deque[Turn]] = defaultdict(deque)
        if isinstance(script, Mapping):
            for agent, turns in script.items():
                self._turns[agent] = deque(turns)
        else:
            self._turns[""] = deque(script)
        self.requests: list[ChatRequest] = []

    @property
    def name(self) -> str:
        """The name given at construction."""
        return self._name

    @property
    def left(self) -> int:
        """How many turns have not been used."""
        return sum(len(turns) for turns in self._turns.values())

    async def complete(self, request: ChatRequest, on_progress: Progress | None = None) -> ChatReply:
        """Return the next turn of the script."""
        self.requests.append(request)
        turns = self._turns[request.agent] or self._turns[""]
        if not turns:
            raise AssertionError(f"call {len(self.requests)}, by {request.agent}, is not in the script")
        turn = turns.popleft()
        if isinstance(turn, ChatError):
            raise turn
        content = turn if isinstance(turn, str) else turn(request)
        if not content.strip():
            raise EmptyReply("the reply is empty")
        if on_progress is not None:
            on_progress(len(content))
        prompt = sum(estimated_tokens(message.content) for message in request.messages)
        return ChatReply(content, self._name, Usage(prompt, estimated_tokens(content)))
