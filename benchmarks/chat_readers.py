"""The readers that ask a chat model: the product with its agents, and the baseline that it must beat.

Both take the chat model from ``MILPWRIGHT_CHAT_*`` (docs/chat.md); every attempt has a session, and a budget, of
its own, and sends the item's seed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from benchmarks.attempt import Attempt
from benchmarks.errors import MachineryDown
from benchmarks.item import Item

if TYPE_CHECKING:
    from formulation.chat.session import ChatSession
    from formulation.chat.settings import ChatSettings
    from formulation.events import Event
    from formulation.lessons import Library

AGENTS = ("analyst", "formulator", "coder", "debugger", "reviewer")


def configured_models() -> dict[str, str]:
    """Return the chat models of the environment by agent, "" for all others. Raises `MachineryDown` without one."""
    from formulation.chat.errors import ChatUnavailable
    from formulation.chat.settings import ChatSettings

    try:
        settings = ChatSettings.from_environment(os.environ)
    except ChatUnavailable as error:
        raise MachineryDown(str(error)) from error
    if settings is None:
        raise MachineryDown("this reader asks a chat model: set MILPWRIGHT_CHAT_BASE_URL and MILPWRIGHT_CHAT_MODEL")
    models = {"": settings.endpoint.model, **{agent: own.model for agent, own in settings.agents.items()}}
    return models | ({"second": settings.second.model} if settings.second else {})


def configured_lessons() -> str:
    """Return what the environment says of lessons; empty where it says nothing."""
    from formulation.chat.settings import ChatSettings

    settings = ChatSettings.from_environment(os.environ)
    return settings.lessons if settings is not None else ""


class _Consulting:
    """A sandbox, and a fresh chat session for each attempt.

    ``models`` are those that the run was asked for; an environment with others is refused.
    """

    def __init__(self, models: Mapping[str, str] | None = None) -> None:
        if models is not None and dict(models) != configured_models():
            raise MachineryDown(f"the run asks for {dict(models)}, this environment has {configured_models()}")
        self._sandbox: Any = None
        self._settings: ChatSettings | None = None

    def __enter__(self) -> Self:
        from formulation.chat.settings import ChatSettings
        from formulation.sandbox import Sandbox

        self._settings = ChatSettings.from_environment(os.environ)
        if self._settings is None:
            raise MachineryDown("this reader asks a chat model: set MILPWRIGHT_CHAT_BASE_URL and MILPWRIGHT_CHAT_MODEL")
        self._sandbox = Sandbox().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sandbox is not None:
            self._sandbox.__exit__(kind, error, trace)

    def _session(self) -> ChatSession:
        from formulation.chat.session import session_of

        if self._settings is None:
            raise RuntimeError("the reader is not open")
        return session_of(self._settings)


class ChatReader(_Consulting):
    """The product as a user with a chat model has it, at an effort.

    ``lessons`` is as in ``MILPWRIGHT_CHAT_LESSONS``: empty for the shipped ones, a folder for more, or ``off``.
    """

    def __init__(
        self,
        *,
        effort: str = "medium",
        time_limit_s: float = 30.0,
        models: Mapping[str, str] | None = None,
        lessons: str = "",
    ) -> None:
        super().__init__(models)
        self._effort, self._time_limit_s, self._lessons = effort, time_limit_s, lessons
        self._library: Library | None = None

    def __enter__(self) -> Self:
        from formulation.chat.configured import library_of
        from formulation.chat.errors import ChatUnavailable

        try:
            self._library = library_of(self._lessons)
        except ChatUnavailable as error:
            raise MachineryDown(str(error)) from error
        return super().__enter__()

    def attempt(self, item: Item, *, seed: int) -> Attempt:
        """Return the answer of the whole loop to the item. Raises `MachineryDown` where the chat model is."""
        from benchmarks.readers import attempt_of
        from formulation.agents.prompt import version
        from formulation.events import AgentFailed, FailureKind
        from formulation.perform import Workshop
        from formulation.problem import Effort, Options, Problem
        from formulation.solve import solve_problem

        session = self._session()
        options = Options(effort=Effort(self._effort), seed=seed, time_limit_s=self._time_limit_s)
        problem = Problem(item.text, tables=item.tables, options=options)
        events: list[Event] = []
        answer = asyncio.run(
            solve_problem(problem, Workshop(self._sandbox), events.append, chat=session, library=self._library)
        )
        # Where the endpoint is down the embedded reader steps in for a user; that is not what is measured here.
        for event in events:
            if isinstance(event, AgentFailed) and event.kind is FailureKind.UNAVAILABLE:
                raise MachineryDown(event.reason)
        attempt = attempt_of(answer, item)
        reason = answer.termination.reason
        account = session.ledger.total
        timings = {**attempt.timings, **{f"{usage.agent}_s": usage.time_s for usage in answer.usage}}
        return replace(
            attempt,
            calls=account.calls,
            tokens=account.usage.tokens,
            cost_usd=account.cost,
            prompts={agent: version(agent) for agent in AGENTS},
            timings=timings,
            failure=reason if reason in ("budget_spent", "no_usable_reply") else attempt.failure,
        )


class BaselineReader(_Consulting):
    """One published prompt, one call, the program run and its value taken; with ``samples``, the majority's value.

    ``tokens`` stops the sampling once that many are spent, so that baseline×k can be held to what `medium` spends.
    """

    def __init__(self, *, samples: int = 1, tokens: int | None = None, models: Mapping[str, str] | None = None) -> None:
        super().__init__(models)
        self._samples, self._tokens = samples, tokens

    def attempt(self, item: Item, *, seed: int) -> Attempt:
        """Return the baseline's value for the item. Raises `MachineryDown` where the chat model is."""
        from formulation.agents import baseline
        from formulation.agents.prompt import version
        from formulation.chat.errors import ChatError, ChatUnavailable

        session = self._session()
        prompts = {"baseline": version("baseline")}
        try:
            drawn = asyncio.run(
                baseline.answer(
                    item.text,
                    item.tables,
                    session,
                    self._sandbox,
                    seed=seed,
                    samples=self._samples,
                    tokens=self._tokens,
                )
            )
        except (ChatUnavailable, baseline.ProgramsNotRun) as error:
            raise MachineryDown(str(error)) from error
        except ChatError as error:
            return Attempt(status="error", failure="no_usable_reply", detail=str(error), prompts=prompts)
        account = session.ledger.total
        return Attempt(
            status=drawn.status,
            value=drawn.value,
            model=drawn.milp,
            confident=drawn.confident,
            confidence=1.0 if drawn.confident else 0.5,
            calls=account.calls,
            tokens=account.usage.tokens,
            cost_usd=account.cost,
            prompts=prompts,
            detail=f"{drawn.detail}; values {list(drawn.values)}",
        )
