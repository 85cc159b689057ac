"""The process as one that works on jobs: its identity, and whether another one is still alive."""

from __future__ import annotations

import os
import secrets
import socket
import time
from pathlib import Path

from app.jobs.store import Executor

HERE_LEASES = 6
"""For how many leases a process of this machine that is still there may be silent: a busy machine delays its signs."""


def beat_every_s(lease_s: float) -> float:
    """Return how often a process shows that it lives."""
    return lease_s / 5


def machine_id() -> str:
    """Return what two processes share if, and only if, they see the same process ids and the same network.

    The boot of the kernel and these two namespaces; containers of one host differ.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}/{Path('/proc/self/ns/net').readlink()}"
    except OSError:
        return f"{socket.gethostname()}/{secrets.token_hex(8)}"


def this_executor(role: str, version: str) -> Executor:
    """Return this process's executor. Its id is new for each process and stays while the process lives."""
    now = time.time()
    executor = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
    return Executor(executor, machine_id(), os.getpid(), role, version, now, now)


def is_dead(other: Executor, *, machine: str, now: float, lease_s: float) -> bool:
    """Return whether another executor counts as gone: its lease is over, or its process on this machine is no more."""
    silent_s = now - other.seen_at
    if other.machine != machine:
        return silent_s > lease_s
    if other.pid == os.getpid():
        # It had this process's id before: processes of a container that is restarted have the same ids each time.
        return True
    return silent_s > HERE_LEASES * lease_s or not _process_exists(other.pid)


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
