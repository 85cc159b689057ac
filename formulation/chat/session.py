"""The conversations of one job: which model answers which agent, at what cost, from the cache or anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic

from formulation.chat.budget import Ledger
from formulation.chat.cache import ReplyCache
from formulation.chat.errors import ChatError, MalformedReply, ReplyUnusable, TruncatedReply
from formulation.chat.port import ChatModel, ChatReply, ChatRequest, Message, Role
from formulation.chat.schema import Reply, read_reply, strict_schema
from formulation.chat.settings import AGENTS, ChatSettings
from formulation.chat.transcript import Transcript

REPAIRS = 2
"""How often a reply that cannot be used is asked for again."""

SHOWN_BACK = 6000
"""Characters of an unusable reply that the model is shown again."""

OnProgress = Callable[[str, int], None]
"""Called with the agent's name and the number of characters of its reply received so far."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[Reply]):
    """A usable reply, what the conversation that led to it was, and how many calls it took."""

    reply: Reply
    text: str
    calls: int
    key: str
    model: str = ""


@dataclass(slots=True)
class ChatSession:
    """Everything that the agents of one job share. ``second`` is asked where another family's opinion is wanted."""

    models: Mapping[str, ChatModel]
    ledger: Ledger = field(default_factory=Ledger)
    cache: ReplyCache | None = None
    transcript: Transcript = field(default_factory=Transcript)
    second: ChatModel | None = None
    max_reply_tokens: int = 16_000
    temperature: float | None = None
    on_progress: OnProgress | None = None
    samples: int = 3

    async def ask(
        self,
        agent: str,
        messages: tuple[Message, ...],
        reply: type[Reply],
        *,
        seed: int | None = None,
        second: bool = False,
        accept: Callable[[Reply], None] | None = None,
    ) -> Asked[Reply]:
        """Return a reply that fits its type, asking again, with the reason, where one does not.

        ``accept`` may raise `MalformedReply` for a reply of the right shape that makes no sense. Raises the last
        `ReplyUnusable` where `REPAIRS` further calls did not help, `BudgetSpent`, or `ChatUnavailable`.
        """
        schema = strict_schema(reply)
        request = ChatRequest(agent, messages, reply.__name__, schema, seed, self.temperature, self.max_reply_tokens)
        first = request.key
        for calls in range(1, REPAIRS + 2):
            try:
                answer = await self.complete(request, second=second)
                said = read_reply(answer.content, reply)
                if accept is not None:
                    accept(said)
                return Asked(said, answer.content, calls, first, answer.model)
            except ReplyUnusable as error:
                if isinstance(error, MalformedReply) and not error.reply:
                    error.reply = answer.content
                if calls > REPAIRS:
                    raise
                request = replace(request, messages=(*messages, *_again(error)))
        raise AssertionError("the loop above returns or raises")

    async def complete(self, request: ChatRequest, *, second: bool = False) -> ChatReply:
        """Return one reply: from the cache, or from the model within the budget; recorded either way."""
        model = self._model(request.agent, second=second)
        kept = self.cache.get(model.name, request) if self.cache is not None else None
        if kept is not None:
            self.ledger.note_cached(request.agent)
            self.transcript.note(request, model.name, kept)
            return kept
        reservation = self.ledger.reserve(request, self.max_reply_tokens)
        progress = None
        if self.on_progress is not None:
            progress = _for_agent(self.on_progress, request.agent)
        try:
            reply = await model.complete(replace(request, max_reply_tokens=reservation.max_reply_tokens), progress)
        except BaseException as error:
            usage = error.usage if isinstance(error, ReplyUnusable) else None
            charged = ChatReply("", model.name, usage) if usage is not None else None
            self.ledger.settle(request.agent, reservation, charged)
            if isinstance(error, ChatError):
                self.transcript.note(request, model.name, error)
            raise
        reply = replace(reply, cost=self.ledger.settle(request.agent, reservation, reply))
        self.transcript.note(request, model.name, reply)
        if self.cache is not None:
            self.cache.put(model.name, request, reply)
        return reply

    def _model(self, agent: str, *, second: bool) -> ChatModel:
        if second and self.second is not None:
            return self.second
        return self.models.get(agent) or self.models[""]


def session_of(settings: ChatSettings, on_progress: OnProgress | None = None) -> ChatSession:
    """Return the session that the settings describe, with a fresh ledger. Loads no SDK before the first call."""
    from formulation.chat.client import Manner, OpenAIChat

    manner = Manner(
        settings.timeout_s,
        settings.retries,
        settings.max_wait_s,
        settings.concurrency,
        settings.max_reply_tokens,
        settings.structured,
        settings.stream,
    )
    models: dict[str, ChatModel] = {"": OpenAIChat(settings.endpoint, manner)}
    for agent in AGENTS:
        if agent in settings.agents:
            models[agent] = OpenAIChat(settings.agents[agent], manner)
    return ChatSession(
        models=models,
        ledger=Ledger(settings.budget, (settings.prompt_price, settings.reply_price)),
        cache=ReplyCache(Path(settings.cache_dir)) if settings.cache_dir else ReplyCache(),
        transcript=Transcript(Path(settings.transcript) if settings.transcript else None, settings.secrets()),
        second=OpenAIChat(settings.second, manner) if settings.second else None,
        max_reply_tokens=settings.max_reply_tokens,
        temperature=settings.temperature,
        on_progress=on_progress,
        samples=settings.samples,
    )


def _for_agent(on_progress: OnProgress, agent: str) -> Callable[[int], None]:
    return lambda received: on_progress(agent, received)


def _again(error: ReplyUnusable) -> tuple[Message, ...]:
    """Return the turns that ask for the same once more, with the reason."""
    shown = error.reply[:SHOWN_BACK]
    advice = "Reply again, with one JSON object that fits the schema, and nothing else."
    if isinstance(error, TruncatedReply):
        shown, advice = shown[:500], "Reply again, whole, and more briefly: one JSON object that fits the schema."
    turns = (Message(Role.ASSISTANT, shown),) if shown.strip() else ()
    return (*turns, Message(Role.USER, f"That reply could not be used: {error}. {advice}"))
