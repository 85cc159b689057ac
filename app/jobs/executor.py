"""The process as one that works on jobs: its identity, and whether another one is still alive."""

from __future__ import annotations

import os
import secrets
import socket
import time
from pathlib import Path

from app.jobs.store import Executor


def machine_id() -> str:
    """Return what two processes share if, and only if, they see the same process ids.

    The boot of the kernel and the namespace of process ids; containers of one host differ.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"{socket.gethostname()}/{secrets.token_hex(8)}"


def this_executor(role: str, version: str) -> Executor:
    """Return this process's executor. Its id is new for each process and stays while the process lives."""
    now = time.time()
    executor = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
    return Executor(executor, machine_id(), os.getpid(), role, version, now, now)


def is_dead(other: Executor, *, machine: str, now: float, lease_s: float) -> bool:
    """Return whether an executor is known to be gone: its lease is over, or its process here is no more."""
    if now - other.seen_at > lease_s:
        return True
    return other.machine == machine and not _process_exists(other.pid)


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        # A zombie works no more.
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[-1].split()[0] != "Z"
    except OSError:
        return True
