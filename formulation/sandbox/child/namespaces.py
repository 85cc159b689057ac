"""Empty network and ipc namespaces for the zygote and every child, where the machine permits them."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_CLONE_NEWUSER, _CLONE_NEWIPC, _CLONE_NEWNET = 0x10000000, 0x08000000, 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def enter() -> tuple[tuple[str, ...], str]:
    """Move this process, which must have one thread, into empty namespaces; return those entered, or why not.

    Where it lacks the right, a user namespace in which it keeps its own ids is tried first, and only after a
    child has shown that this works to the end.
    """
    if _libc.unshare(_CLONE_NEWNET | _CLONE_NEWIPC) == 0:
        return ("network", "ipc"), ""
    reason = os.strerror(ctypes.get_errno())
    pid = os.fork()
    if pid == 0:
        os._exit(0 if _with_user() else 1)
    if os.waitpid(pid, 0)[1] == 0 and _with_user():
        return ("user", "network", "ipc"), ""
    return (), f"not permitted here ({reason})"


def _with_user() -> bool:
    user, group = os.getuid(), os.getgid()
    if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) != 0:
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError:
        return False
    return os.getuid() == user and os.getgid() == group
