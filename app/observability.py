"""Metrics and logs: what an operator sees."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

from app.settings import Settings

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

REQUESTS = Counter("milpwright_requests_total", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("milpwright_request_seconds", "Time to the response's start.", ["route"], buckets=_SECONDS)
JOBS_ENDED = Counter("milpwright_jobs_ended_total", "Jobs that ended here.", ["state", "status"])
STEP_SECONDS = Histogram("milpwright_step_seconds", "Time that a step of a job took.", ["kind"], buckets=_SECONDS)
JOBS = Gauge("milpwright_jobs", "Jobs in the database, by state.", ["state"])
RUNNING = Gauge("milpwright_jobs_running", "Jobs that this process works on.")

_SECRET = re.compile(r"mw_([0-9a-f]{12})_[A-Za-z0-9_-]{20,}|(sk-)[A-Za-z0-9_-]{8,}|(?<=://)([^:/@\s]+):[^@\s]+(?=@)")
_SECRET_NAME = re.compile(r"(?i)(authorization|api_?key|password|secret|token)$")


def redact(text: str) -> str:
    """Return the text without API keys and passwords in URLs."""
    return _SECRET.sub(lambda found: f"{next((part for part in found.groups() if part), '')}[redacted]", text)


def _redacted(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if _SECRET_NAME.search(name):
            event[name] = "[redacted]"
        elif isinstance(value, str):
            event[name] = redact(value)
    return event


def configure_logs(settings: Settings) -> None:
    """Send all logs of the process, ours and the libraries', to the error stream in one form, without secrets."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redacted,
    ]
    renderer = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(_no_noise)
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    # dbos brings a handler of its own unless it finds one.
    libraries = logging.getLogger("dbos")
    libraries.handlers, libraries.propagate = [handler], False
    logging.getLogger("uvicorn").setLevel(max(level, logging.INFO))
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True


def _no_noise(record: logging.LogRecord) -> bool:
    # A cancelled job is no warning, and this process logs it itself.
    return not (record.name == "dbos" and str(record.msg).startswith("Asyncio task cancelled"))
