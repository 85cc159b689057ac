"""The client of an OpenAI-compatible endpoint: OpenAI, Azure, vLLM, Ollama, llama.cpp's server, a gateway.

What an endpoint cannot do is found out by asking once: a request that it refuses because of one of its fields
is sent again without that field, and the client remembers. A test run refuses calls that leave the machine:
set ``MILPWRIGHT_REFUSE_REAL_CALLS``.
"""

from __future__ import annotations

import asyncio
import os
import random
import ssl
import time
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from formulation.chat.errors import (
    ChatUnavailable,
    EmptyReply,
    RealCallRefused,
    RefusedReply,
    TruncatedReply,
)
from formulation.chat.port import (
    ChatReply,
    ChatRequest,
    Progress,
    ReplyFormat,
    Usage,
    estimated_tokens,
    wire_format,
    wire_messages,
)
from formulation.chat.settings import PREFIX, Endpoint

if TYPE_CHECKING:
    import openai

REFUSE = "MILPWRIGHT_REFUSE_REAL_CALLS"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
RETRIED_STATUS = frozenset({408, 409, 425, 429})
MAX_DROPPED_FIELDS = 8


@dataclass(frozen=True, slots=True)
class Manner:
    """How requests are sent. ``timeout_s`` bounds one attempt, streaming included."""

    timeout_s: float = 120.0
    retries: int = 3
    max_wait_s: float = 60.0
    concurrency: int = 4
    max_reply_tokens: int = 16_000
    structured: ReplyFormat | None = None
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the endpoint has not refused so far."""

    format: ReplyFormat = ReplyFormat.JSON_SCHEMA
    tokens_field: str = "max_tokens"
    seed: bool = True
    temperature: bool = True
    stream_usage: bool = True

    def without(self, complaint: str, body: dict[str, Any]) -> Capabilities | None:
        """Return what is left once the field that the complaint names is given up; None where none is named."""
        text = complaint.lower()
        if self.tokens_field in text and self.tokens_field in body:
            other = "max_completion_tokens" if self.tokens_field == "max_tokens" else ""
            return replace(self, tokens_field=other)
        if "stream_options" in text and "stream_options" in body:
            return replace(self, stream_usage=False)
        if "temperature" in text and "temperature" in body:
            return replace(self, temperature=False)
        if "seed" in text and "seed" in body:
            return replace(self, seed=False)
        if "response_format" in body and any(
            word in text
            for word in ("response_format", "json_schema", "json_object", "schema", "grammar", "validation")
        ):
            weaker = ReplyFormat.JSON_OBJECT if self.format is ReplyFormat.JSON_SCHEMA else ReplyFormat.TEXT
            return replace(self, format=weaker)
        return None


Sleep = Callable[[float], Awaitable[None]]


class OpenAIChat:
    """A `ChatModel` behind an OpenAI-compatible endpoint. One serves any number of event loops and tasks."""

    def __init__(
        self,
        endpoint: Endpoint,
        manner: Manner = Manner(),
        *,
        sleep: Sleep = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        host = urlsplit(endpoint.base_url).hostname or ""
        if os.environ.get(REFUSE) and host not in LOOPBACK:
            raise RealCallRefused(f"{REFUSE} is set: no call to {host} is made", REFUSE)
        self.endpoint = endpoint
        self.manner = manner
        self.capabilities = Capabilities(format=manner.structured or ReplyFormat.JSON_SCHEMA)
        self._sleep = sleep
        self._jitter = jitter
        self._ssl: ssl.SSLContext | None = None
        self._slots: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            weakref.WeakKeyDictionary()
        )

    @property
    def name(self) -> str:
        """The model's name."""
        return self.endpoint.model

    async def complete(self, request: ChatRequest, on_progress: Progress | None = None) -> ChatReply:
        """Return the next turn; waits, retries and gives up fields as the endpoint asks.

        Raises `ChatUnavailable` where the endpoint cannot be used, `ReplyUnusable` where its reply cannot.
        """
        loop = asyncio.get_running_loop()
        slots = self._slots.setdefault(loop, asyncio.Semaphore(self.manner.concurrency))
        started = time.monotonic()
        async with slots:
            attempts = 0
            while True:
                attempts += 1
                try:
                    reply = await self._adapted(request, on_progress)
                except _Again as again:
                    if attempts > self.manner.retries:
                        raise again.error from again.__cause__
                    await self._sleep(self._wait(attempts, again.after_s, again.error))
                    continue
                return replace(reply, attempts=attempts, time_s=time.monotonic() - started)

    def _wait(self, attempts: int, after_s: float | None, error: Exception) -> float:
        """Return the seconds to wait: what the endpoint asks for, else exponential; jitter goes on top."""
        if after_s is None:
            return min(0.5 * 2.0 ** (attempts - 1), self.manner.max_wait_s) * (0.5 + self._jitter())
        if after_s > self.manner.max_wait_s:
            raise ChatUnavailable(
                f"the endpoint asks to wait {after_s:g} s, longer than {PREFIX}MAX_WAIT_S allows", PREFIX + "MAX_WAIT_S"
            ) from error
        return after_s + 0.25 * self._jitter()

    async def _adapted(self, request: ChatRequest, on_progress: Progress | None) -> ChatReply:
        """Send the request in the strongest form that the endpoint takes."""
        import openai

        for _ in range(MAX_DROPPED_FIELDS):
            capabilities = self.capabilities
            body = self._body(request, capabilities)
            try:
                return await self._attempt(body, on_progress)
            except (openai.BadRequestError, openai.UnprocessableEntityError, openai.InternalServerError) as error:
                weaker = capabilities.without(_said(error), body)
                if weaker is None:
                    raise ChatUnavailable(
                        f"the endpoint refused the request: {self._clean(_said(error))}", PREFIX + "MODEL"
                    ) from None
                self.capabilities = weaker
        raise ChatUnavailable("the endpoint refused every form of the request", PREFIX + "STRUCTURED")

    def _body(self, request: ChatRequest, capabilities: Capabilities) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": wire_messages(request, capabilities.format),
        }
        format_ = wire_format(request, capabilities.format)
        if format_ is not None:
            body["response_format"] = format_
        limit = request.max_reply_tokens or self.manner.max_reply_tokens
        if capabilities.tokens_field:
            body[capabilities.tokens_field] = limit
        if request.seed is not None and capabilities.seed:
            body["seed"] = request.seed
        if request.temperature is not None and capabilities.temperature:
            body["temperature"] = request.temperature
        if self.manner.stream:
            body["stream"] = True
            if capabilities.stream_usage:
                body["stream_options"] = {"include_usage": True}
        return body

    async def _attempt(self, body: dict[str, Any], on_progress: Progress | None) -> ChatReply:
        """Make one attempt. Raises `_Again` for what may pass; a 400, a 422, a 500 about the format go through."""
        import httpx
        import openai

        try:
            async with (
                httpx.AsyncClient(verify=self._context(), timeout=self.manner.timeout_s) as http,
                self._sdk(http) as sdk,
                asyncio.timeout(self.manner.timeout_s),
            ):
                return await (self._stream if self.manner.stream else self._whole)(sdk, body, on_progress)
        except (openai.BadRequestError, openai.UnprocessableEntityError):
            raise
        except (openai.APITimeoutError, TimeoutError) as error:
            late = f"no reply within {self.manner.timeout_s:g} s"
            raise _Again(ChatUnavailable(late, PREFIX + "TIMEOUT_S")) from error
        except openai.APIStatusError as error:
            # A server that checks the body in its handler answers 500 for a format that it does not know.
            if error.status_code == 500 and "response_format" in body and "response_format" in _said(error):
                raise
            raise self._status(error) from None
        except (openai.APIConnectionError, httpx.TransportError) as error:
            down = f"no connection to {self.endpoint.base_url}: {self._clean(str(error.__cause__ or error))}"
            raise _Again(ChatUnavailable(down)) from error
        except openai.APIError as error:
            raise _Again(ChatUnavailable(f"the endpoint failed: {self._clean(str(error))}")) from error
        except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
            odd = "the endpoint's answer is not an OpenAI-compatible chat completion"
            raise _Again(ChatUnavailable(odd)) from error

    def _sdk(self, http: Any) -> openai.AsyncOpenAI:
        import openai

        endpoint = self.endpoint
        azure = {"api-key": endpoint.api_key} if endpoint.api_version else {}
        return openai.AsyncOpenAI(
            api_key=endpoint.api_key or "none",
            base_url=endpoint.base_url,
            max_retries=0,
            http_client=http,
            default_headers=azure or None,
            default_query={"api-version": endpoint.api_version} if endpoint.api_version else None,
        )

    def _context(self) -> ssl.SSLContext | bool:
        """Return one TLS context for all calls: making it takes longer than a call to a near endpoint."""
        if not self.endpoint.base_url.startswith("https"):
            return False
        if self._ssl is None:
            self._ssl = ssl.create_default_context()
        return self._ssl

    async def _whole(self, sdk: openai.AsyncOpenAI, body: dict[str, Any], on_progress: Progress | None) -> ChatReply:
        completion = await sdk.chat.completions.create(**body)
        choice = completion.choices[0]
        content = choice.message.content or ""
        if on_progress is not None:
            on_progress(len(content))
        usage = completion.usage
        counted = Usage(usage.prompt_tokens, usage.completion_tokens) if usage else _estimate(body, content)
        return _usable(content, choice.message.refusal or "", choice.finish_reason, self.name, counted)

    async def _stream(self, sdk: openai.AsyncOpenAI, body: dict[str, Any], on_progress: Progress | None) -> ChatReply:
        content, refusal, finish, counted = "", "", None, None
        async for chunk in await sdk.chat.completions.create(**body):
            if chunk.usage:
                counted = Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
            for choice in chunk.choices[:1]:
                content += choice.delta.content or ""
                refusal += choice.delta.refusal or ""
                finish = choice.finish_reason or finish
            if on_progress is not None:
                on_progress(len(content))
        if finish is None:
            cut = ChatUnavailable(f"the stream ended after {len(content)} characters without saying that it was done")
            raise _Again(cut)
        return _usable(content, refusal, finish, self.name, counted or _estimate(body, content))

    def _status(self, error: openai.APIStatusError) -> Exception:
        """Return what an error status amounts to: something to wait for, or a setting to mend."""
        status, said = error.status_code, self._clean(_said(error))
        if status in (401, 403):
            return ChatUnavailable(f"the endpoint refused the key ({status}): {said}", PREFIX + "API_KEY")
        if status == 404:
            return ChatUnavailable(
                f"the endpoint knows no such model or path ({self.endpoint.model!r}): {said}", PREFIX + "MODEL"
            )
        if status == 413:
            return ChatUnavailable(f"the request is too large for the endpoint: {said}", PREFIX + "MODEL")
        problem = ChatUnavailable(f"the endpoint answers {status}: {said}")
        if "insufficient_quota" in said:
            return ChatUnavailable(f"the endpoint's own quota is used up: {said}", PREFIX + "API_KEY")
        if status in RETRIED_STATUS or status >= 500:
            return _Again(problem, _retry_after(error.response.headers))
        return problem

    def _clean(self, text: str) -> str:
        """Return a message of the endpoint, shortened, and without the key."""
        key = self.endpoint.api_key
        return (text.replace(key, "[secret]") if key else text)[:300]


class _Again(Exception):
    """An attempt failed in a way that may pass; ``error`` is what it is if it does not."""

    def __init__(self, error: ChatUnavailable, after_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after_s = after_s


def _said(error: openai.APIStatusError) -> str:
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict):
            return " ".join(str(inner[k]) for k in ("message", "code", "param") if inner.get(k)) or str(inner)
        return str(inner)
    return str(body or error.message)


def _retry_after(headers: Any) -> float | None:
    """Return the seconds that ``Retry-After`` asks for (RFC 9110, 10.2.3: seconds or a date); None without it."""
    raw = headers.get("retry-after-ms")
    try:
        if raw is not None:
            return max(0.0, float(raw) / 1000)
        raw = headers.get("retry-after")
        if raw is None:
            return None
        try:
            return max(0.0, float(raw))
        except ValueError:
            return max(0.0, parsedate_to_datetime(raw).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _estimate(body: dict[str, Any], content: str) -> Usage:
    prompt = sum(estimated_tokens(message["content"]) for message in body["messages"])
    return Usage(prompt, estimated_tokens(content), estimated=True)


def _usable(content: str, refusal: str, finish: str | None, model: str, usage: Usage) -> ChatReply:
    if refusal or finish == "content_filter":
        raise RefusedReply(f"the model declined: {refusal or 'content filter'}"[:300], content, usage)
    if finish == "length":
        raise TruncatedReply(f"the reply was cut off at {usage.reply_tokens} tokens", content, usage)
    if not content.strip():
        raise EmptyReply("the reply is empty", content, usage)
    return ChatReply(content, model, usage)
