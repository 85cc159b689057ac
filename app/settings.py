"""The settings of the service, from the environment (``MILPWRIGHT_*``); docs/operations.md lists them."""

from __future__ import annotations

import ipaddress
import os
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

KIB = 1024
MIB = 1024 * KIB


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _state_directory() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "milpwright"


class Settings(BaseSettings):
    """Every setting, with its default. Raises `pydantic.ValidationError` for a value that is none."""

    model_config = SettingsConfigDict(env_prefix="MILPWRIGHT_", extra="ignore", frozen=True)

    host: str = Field(default="127.0.0.1", description="The address that `milpwright serve` binds.")
    port: int = Field(
        default=8000, ge=0, le=65_535, description="The port that `milpwright serve` binds; 0 takes a free one."
    )

    api_keys: Literal["auto", "required"] = Field(
        default="auto", description="Whether requests need a key; `auto` asks for none on a loopback address alone."
    )
    allowed_hosts: list[str] = Field(
        default=[], description="Host names, beside localhost, that the service answers to without keys (a JSON list)."
    )
    cors_origins: list[str] = Field(default=[], description="Web origins that may call the service (a JSON list).")
    database_url: str = Field(
        default_factory=lambda: f"sqlite:///{_state_directory() / 'milpwright.sqlite3'}",
        description="Where jobs and keys are kept: `sqlite:///path` or `postgresql://user:password@host/name`.",
    )
    slots: int = Field(default=16, ge=1, description="How many jobs one process works on at once.")
    model_calls: int = Field(default=8, ge=1, description="How many chat model steps one process performs at once.")
    sandboxes: int = Field(default_factory=_cpus, ge=1, description="How many programs one process runs at once.")
    solves: int = Field(default_factory=_cpus, ge=1, description="How many solvers one process runs at once.")
    queue_poll_s: float = Field(default=0.02, gt=0, description="How often a worker looks for a waiting job.")
    watch_poll_s: float = Field(default=0.05, gt=0, description="How often news of other processes' jobs is fetched.")
    lease_s: float = Field(default=10.0, gt=0, description="After this long without a sign a worker counts as dead.")
    drain_s: float = Field(
        default=20.0, ge=0, description="How long SIGTERM lets running jobs end before handing them over."
    )
    job_time_limit_s: float = Field(default=900.0, gt=0, description="The longest that one job may run.")
    job_cost_limit: float | None = Field(
        default=None, ge=0, description="The most that one job may cost, in US dollars."
    )
    max_queued: int = Field(default=10_000, ge=1, description="How many jobs may wait; more are refused with 429.")
    max_queued_per_client: int = Field(default=2_000, ge=1, description="How many jobs of one client may wait.")
    retention_days: float = Field(
        default=30.0, ge=0, description="Jobs are deleted this long after they end; 0 keeps them."
    )

    max_body_bytes: int = Field(default=8 * MIB, ge=KIB, description="The largest request body.")

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least level logged."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="How log lines are written; `auto` is `console` on a terminal, `json` elsewhere."
    )

    @property
    def keys_required(self) -> bool:
        """Whether a request needs an API key."""
        return self.api_keys == "required" or not is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Return whether a bind address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
