"""Where the chat model is, and how it is talked to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from formulation.chat.budget import Budget
from formulation.chat.errors import ChatUnavailable
from formulation.chat.port import ReplyFormat

PREFIX = "MILPWRIGHT_CHAT_"
AGENTS = ("analyst", "formulator", "coder", "debugger", "reviewer", "baseline")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model behind one endpoint. The key is kept out of every printed form."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    api_version: str = ""

    def __post_init__(self) -> None:
        for value, setting in ((self.base_url, "BASE_URL"), (self.model, "MODEL")):
            if not value:
                raise ChatUnavailable(f"{PREFIX}{setting} is empty; give the chat endpoint's", PREFIX + setting)
        if not self.base_url.startswith(("http://", "https://")):
            raise ChatUnavailable(f"{PREFIX}BASE_URL is {self.base_url!r}; an http(s) address is needed")


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """Everything that is configured about chat models.

    ``agents`` gives single agents an endpoint of their own; ``second`` is a model of another family for a second
    opinion at high effort. ``timeout_s`` bounds one attempt; ``retries`` counts the attempts after the first;
    a ``Retry-After`` longer than ``max_wait_s`` is not waited for. Prices are per million tokens.
    """

    endpoint: Endpoint
    agents: Mapping[str, Endpoint] = field(default_factory=dict)
    second: Endpoint | None = None
    timeout_s: float = 120.0
    retries: int = 3
    max_wait_s: float = 60.0
    concurrency: int = 4
    structured: ReplyFormat | None = None
    stream: bool = False
    max_reply_tokens: int = 16_000
    temperature: float | None = None
    prompt_price: float = 0.0
    reply_price: float = 0.0
    budget: Budget = field(default_factory=Budget)
    cache_dir: str = ""
    transcript: str = ""
    samples: int = 3
    lessons: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ChatSettings | None:
        """Return the settings that ``MILPWRIGHT_CHAT_*`` gives; None where no base URL is set.

        Raises `ChatUnavailable`, naming the variable, where one cannot be read.
        """

        def text(name: str, default: str = "") -> str:
            return environment.get(PREFIX + name, default).strip()

        if not text("BASE_URL"):
            return None

        given: dict[str, Any] = {}

        def take(field_: str, name: str, kind: type[int] | type[float], least: float = 0) -> None:
            raw = text(name)
            if not raw:
                return
            try:
                value = kind(raw)
            except ValueError:
                value = kind(-1)
            if not value >= least:
                setting = PREFIX + name
                raise ChatUnavailable(f"{setting} is {raw!r}; a number of at least {least} is needed", setting)
            given[field_] = value

        take("timeout_s", "TIMEOUT_S", float)
        take("retries", "RETRIES", int)
        take("max_wait_s", "MAX_WAIT_S", float)
        take("concurrency", "CONCURRENCY", int, 1)
        take("max_reply_tokens", "MAX_REPLY_TOKENS", int, 1)
        take("temperature", "TEMPERATURE", float)
        take("prompt_price", "PROMPT_PRICE", float)
        take("reply_price", "REPLY_PRICE", float)
        take("samples", "SAMPLES", int, 2)
        structured = text("STRUCTURED", "auto").lower()
        if structured not in ("auto", *ReplyFormat):
            raise ChatUnavailable(
                f"{PREFIX}STRUCTURED is {structured!r}; it is auto, json_schema, json_object or text",
                PREFIX + "STRUCTURED",
            )
        base = Endpoint(text("BASE_URL"), text("MODEL"), text("API_KEY"), text("API_VERSION"))
        own = {agent: _own_endpoint(environment, agent.upper() + "_", base) for agent in AGENTS}
        return cls(
            endpoint=base,
            agents={agent: endpoint for agent, endpoint in own.items() if endpoint is not None},
            second=_own_endpoint(environment, "SECOND_", base),
            structured=None if structured == "auto" else ReplyFormat(structured),
            stream=text("STREAM").lower() in ("1", "true", "yes", "on"),
            cache_dir=text("CACHE_DIR"),
            transcript=text("TRANSCRIPT"),
            lessons=text("LESSONS"),
            budget=_budget(environment),
            **given,
        )

    def secrets(self) -> tuple[str, ...]:
        """Return every key that must appear nowhere else."""
        endpoints = (self.endpoint, *self.agents.values(), *((self.second,) if self.second else ()))
        return tuple(sorted({e.api_key for e in endpoints if e.api_key}))


def _own_endpoint(environment: Mapping[str, str], prefix: str, base: Endpoint) -> Endpoint | None:
    """Return the base endpoint with what is set for one agent put over it; None where nothing is set."""
    found = {
        name: value
        for name in ("base_url", "model", "api_key", "api_version")
        if (value := environment.get(f"{PREFIX}{prefix}{name.upper()}", "").strip())
    }
    return replace(base, **found) if found else None


def _budget(environment: Mapping[str, str]) -> Budget:
    """Return the budget that ``MILPWRIGHT_CHAT_BUDGET_*`` gives; ``none`` takes a limit away."""
    given: dict[str, Any] = {}
    kinds: tuple[tuple[str, type[int] | type[float]], ...] = (("tokens", int), ("cost", float), ("calls", int))
    for name, kind in kinds:
        setting = f"{PREFIX}BUDGET_{name.upper()}"
        raw = environment.get(setting, "").strip().lower()
        if not raw:
            continue
        try:
            given[name] = None if raw == "none" else kind(raw)
        except ValueError as error:
            raise ChatUnavailable(f"{setting} is {raw!r}; a number or 'none' is needed", setting) from error
    return Budget(**given)
