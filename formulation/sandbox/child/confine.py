"""The layers that are laid around a child before it looks at its program.

In this order: a session of its own, the end of the zygote is its end, no environment, a private folder, no
descriptor but its own three, resource limits, the Landlock ruleset (built while folders can still be opened),
another user id where that is allowed, no capabilities, no_new_privs, Landlock, seccomp. Each is required
except those that `Layer.required` says are not; a required layer that cannot be laid raises `LayerMissing`
and no program is run.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formulation.sandbox.child import landlock, namespaces, seccomp

FIRST_USER = 65200
_SPARE_MEMORY_BYTES = 64 << 20
_DESCRIPTORS = 64
_SPARE_TASKS = 256  # of the service and of other runs, where they share its user id and so its count
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_GET_NO_NEW_PRIVS = 1, 4, 38, 39
_CAPABILITY_VERSION_3 = 0x20080522
_CAPSET = {"x86_64": 126, "aarch64": 91}
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")

_libc = ctypes.CDLL(None, use_errno=True)


class LayerMissing(Exception):
    """A required layer that cannot be laid here."""

    def __init__(self, layer: str, reason: str) -> None:
        super().__init__(f"{layer}: {reason}")
        self.layer, self.reason = layer, reason


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: whether it holds, whether programs are refused without it, and what there is to say about it."""

    name: str
    holds: bool
    required: bool
    detail: str = ""

    def document(self) -> dict[str, Any]:
        """Return the layer as plain data."""
        return {"name": self.name, "holds": self.holds, "required": self.required, "detail": self.detail}


@dataclass(slots=True)
class Ground:
    """What the zygote finds out once, for all of its children."""

    landlock_version: int
    readable: list[int]
    devices: list[int]
    namespaces: tuple[str, ...]
    namespace_reason: str
    users: bool
    user_reason: str
    imports: bool
    tasks: int
    problem: tuple[str, str] | None = None
    paths: list[str] = field(default_factory=list)


def survey() -> Ground:
    """Return what this machine allows; puts this process into empty namespaces where permitted.

    A required layer that is missing is kept in ``problem``, for each child to refuse with.
    """
    problem: tuple[str, str] | None = None
    version = 0
    try:
        version = landlock.abi()
    except landlock.LandlockMissing as missing:
        problem = ("landlock", str(missing))
    try:
        seccomp.architecture()
    except seccomp.SeccompMissing as missing:
        problem = problem or ("seccomp", str(missing))
    tasks = _tasks_of_this_user()
    entered, namespace_reason = namespaces.enter()
    users, user_reason = _may_change_user()
    paths = _readable_paths()
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return Ground(
        landlock_version=version,
        readable=landlock.open_folders(paths),
        devices=landlock.open_folders(_DEVICES),
        namespaces=entered,
        namespace_reason=namespace_reason,
        users=users,
        user_reason=user_reason,
        imports=not users or _readable_by(FIRST_USER, paths),
        tasks=0 if "user" in entered else tasks,
        problem=problem,
        paths=paths,
    )


def confine(ground: Ground, order: dict[str, Any], folder: Path, keep: Iterable[int]) -> list[dict[str, Any]]:
    """Lay every layer around this process; return what was laid. Raises `LayerMissing`."""
    if ground.problem is not None:
        raise LayerMissing(*ground.problem)
    limits, user = order["limits"], FIRST_USER + int(order["slot"])
    zygote = os.getppid()
    os.setsid()
    os.environ.clear()
    with suppress(OSError), Path("/proc/self/oom_score_adj").open("w") as file:
        file.write("1000")
    folder.mkdir(mode=0o700)
    if ground.users:
        os.chown(folder, user, user)
    inside = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    os.chdir(folder)
    _descriptors([*keep, inside, *ground.readable, *ground.devices])
    _limits(limits, 0 if ground.users else ground.tasks + _SPARE_TASKS + int(limits["threads"]))
    try:
        ruleset = landlock.ruleset(ground.landlock_version, ground.readable, ground.devices, inside)
    except landlock.LandlockMissing as missing:
        raise LayerMissing("landlock", str(missing)) from missing
    if ground.users:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _drop_capabilities()
    _die_with(zygote)
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or _libc.prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1:
        raise LayerMissing("no_new_privs", os.strerror(ctypes.get_errno()))
    try:
        landlock.restrict(ruleset)
    except landlock.LandlockMissing as missing:
        raise LayerMissing("landlock", str(missing)) from missing
    _descriptors(keep)
    try:
        seccomp.apply(seccomp.filter_program(os.getpid()))
    except seccomp.SeccompMissing as missing:
        raise LayerMissing("seccomp", str(missing)) from missing
    return [layer.document() for layer in _laid(ground)]


def relax_memory() -> None:
    """Give the memory kept back for writing the message."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _laid(ground: Ground) -> list[Layer]:
    network, ipc = "network" in ground.namespaces, "ipc" in ground.namespaces
    user_detail = f"users from {FIRST_USER} up" if ground.users else ground.user_reason
    if not ground.imports:
        user_detail += "; they cannot read the interpreter's folders, so a program imports what was loaded beforehand"
    return [
        Layer("session and environment", holds=True, required=True),
        Layer("descriptors", holds=True, required=True),
        Layer("resource limits", holds=True, required=True),
        Layer("landlock", holds=True, required=True, detail=f"version {ground.landlock_version}"),
        Layer("capabilities", holds=True, required=True),
        Layer("no_new_privs", holds=True, required=True),
        Layer("seccomp", holds=True, required=True),
        Layer("separate user", holds=ground.users, required=False, detail=user_detail),
        Layer("network namespace", holds=network, required=False, detail="" if network else ground.namespace_reason),
        Layer("ipc namespace", holds=ipc, required=False, detail="" if ipc else ground.namespace_reason),
    ]


def _descriptors(keep: Iterable[int]) -> None:
    """Close every descriptor but those to keep; 0, 1 and 2 are /dev/null."""
    null = os.open("/dev/null", os.O_RDWR) if not _is_null(0) else -1
    if null >= 0:
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
    low = 3
    for descriptor in sorted(set(keep)):
        os.closerange(low, descriptor)
        low = max(descriptor + 1, low)
    os.closerange(low, 1 << 20)


def _is_null(descriptor: int) -> bool:
    with suppress(OSError):
        here, null = os.fstat(descriptor), Path("/dev/null").stat()
        return here.st_rdev == null.st_rdev and all(os.fstat(k).st_rdev == null.st_rdev for k in (1, 2))
    return False


def _limits(limits: dict[str, Any], tasks: int) -> None:
    """Set the resource limits; ``tasks`` is the bound on the user's threads, 0 for a user of the run's own."""
    with Path("/proc/self/statm").open("rb") as file:
        present = int(file.read().split()[0]) * resource.getpagesize()
    memory = present + int(limits["memory_bytes"])
    cpu = max(1, -int(-limits["cpu_s"] // 1))
    tasks = tasks or int(limits["threads"]) + 1
    for which, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_AS, memory, memory + _SPARE_MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu, cpu + 1),  # one second more for who ignores the signal
        (resource.RLIMIT_FSIZE, int(limits["file_bytes"]), int(limits["file_bytes"])),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS, _DESCRIPTORS),
        (resource.RLIMIT_NPROC, tasks, tasks),
        (resource.RLIMIT_MEMLOCK, 0, 0),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
    ):
        try:
            resource.setrlimit(which, (soft, hard))
        except ValueError:  # the hard limit of this process is lower already
            present_hard = resource.getrlimit(which)[1]
            resource.setrlimit(which, (min(soft, present_hard), min(hard, present_hard)))


def _drop_capabilities() -> None:
    """Give up every capability; always permitted, and nothing is gained back without exec."""
    header = struct.pack("<Ii", _CAPABILITY_VERSION_3, 0)
    machine = os.uname().machine
    if machine not in _CAPSET or _libc.syscall(_CAPSET[machine], header, b"\0" * 24) != 0:
        raise LayerMissing("capabilities", os.strerror(ctypes.get_errno()))


def _die_with(zygote: int) -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != zygote:
        os._exit(0)


def _may_change_user() -> tuple[bool, str]:
    if os.getuid() != 0:
        return False, "programs run as the service's own user, which is not root"
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(FIRST_USER, FIRST_USER, FIRST_USER)
            os.setresuid(FIRST_USER, FIRST_USER, FIRST_USER)
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(pid, 0)[1] == 0:
        return True, ""
    return False, "root may not change its user here"


def _readable_by(user: int, paths: list[str]) -> bool:
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            readable = all(os.access(path, os.R_OK) for path in paths if Path(path).name)
        except OSError:
            os._exit(1)
        os._exit(0 if readable else 1)
    return os.waitpid(pid, 0)[1] == 0


def _readable_paths() -> list[str]:
    """Return the interpreter's library, the folders of installed packages, and the system's shared libraries."""
    import numpy
    import pyomo
    import scipy

    paths = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    paths += [str(Path(str(package.__file__)).parent.parent) for package in (pyomo, numpy, scipy)]
    paths.append(str(Path(sys.base_prefix) / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"))
    multiarch = sysconfig.get_config_var("MULTIARCH")
    if multiarch:
        paths += [f"/usr/lib/{multiarch}", f"/lib/{multiarch}"]
    paths += ["/usr/lib64", "/lib64", "/etc/ld.so.cache"]
    return [path for path in dict.fromkeys(map(os.path.realpath, paths)) if Path(path).exists()]


def _tasks_of_this_user() -> int:
    """Return how many threads this user has on the machine, which the kernel counts against RLIMIT_NPROC."""
    count, user = 0, os.getuid()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if entry.stat().st_uid == user:
                    count += sum(1 for _ in (entry / "task").iterdir())
    return count
