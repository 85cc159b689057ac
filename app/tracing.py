"""Traces of jobs and their steps for OpenTelemetry, where the extra `otel` is installed and an endpoint is set.

The spans of agents carry the attributes of the generative-AI semantic conventions (``gen_ai.*``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from formulation.answer import AgentUsage

Attribute = str | int | float | bool


class Span:
    """A span that can be given attributes; one that is not recorded takes them and forgets them."""

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def set(self, attributes: Mapping[str, Attribute]) -> None:
        """Give the span attributes."""
        if self._span is not None:
            self._span.set_attributes(dict(attributes))


def configure_tracing(exporter: Any = None) -> bool:
    """Begin to export traces and return whether that is so.

    Without an exporter that is given, one for OTLP over HTTP is made where ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set and
    the extra is installed.
    """
    if exporter is None and not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return False
    try:
        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        return False
    if exporter is None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "milpwright"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    global _tracer
    _tracer = provider.get_tracer("milpwright")
    return True


_tracer: Any = None


@contextmanager
def span(name: str, attributes: Mapping[str, Attribute] | None = None) -> Iterator[Span]:
    """Hold a span, a child of the one that is held around it. What passes through as an error marks it."""
    if _tracer is None:
        yield Span()
        return
    with _tracer.start_as_current_span(name, attributes=dict(attributes or {})) as started:
        yield Span(started)


def agent_attributes(spent: AgentUsage) -> dict[str, Attribute]:
    """Return what an agent used in the terms of the generative-AI conventions."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.agent.name": spent.agent,
        "gen_ai.usage.input_tokens": spent.prompt_tokens,
        "gen_ai.usage.output_tokens": spent.reply_tokens,
        "milpwright.model_calls": spent.calls,
        "milpwright.cost": spent.cost,
    }
