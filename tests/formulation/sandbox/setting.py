"""Runs a command as another machine would: an ordinary user, or a container with its usual restrictions.

Started as root: ``setting.py ordinary|container|container-root|no-landlock|no-seccomp COMMAND...``. Folders on
the way to the interpreter and the project that others may not enter are shown to the command as if they could
(in a mount namespace of its own). A container is emulated by its usual capabilities and by a filter that denies
the system calls which its usual profile denies, one of an ordinary user also by a file system that can be written
in /tmp alone; no container engine is involved.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import stat
import struct
import sys
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
USER = 12345
# CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD,
# AUDIT_WRITE, SETFCAP
USUAL_CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
# (x86-64, aarch64) of what the usual profile of a container denies
DENIED = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "get_mempolicy": (239, 236),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "iopl": (172, None),
    "ioperm": (173, None),
    "kcmp": (312, 272),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "mbind": (237, 235),
    "mount": (165, 40),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pivot_root": (155, 41),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "set_mempolicy": (238, 237),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
NAMESPACES = 0x7E020080
LANDLOCK = {"create_ruleset": (444, 444)}
SECCOMP = {"seccomp": (317, 277)}


def main(setting: str, *command: str) -> None:
    if os.getuid() == 0 and setting != "container-root":
        show_as_if_open([Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[3]])
    match setting:
        case "ordinary":
            become(USER)
        case "container":
            make_read_only()
            become(USER)
            deny(DENIED, namespaces=True)
        case "container-root":
            bound(USUAL_CAPABILITIES)
            deny(DENIED, namespaces=True)
        case "no-landlock":
            become(USER)
            deny(LANDLOCK)
        case "no-seccomp":
            become(USER)
            deny(SECCOMP)
        case _:
            raise SystemExit(f"no setting {setting!r}")
    os.environ["HOME"] = "/"
    os.execv(command[0], list(command))


def show_as_if_open(paths: list[Path]) -> None:
    """Make the paths reachable for others, in a mount namespace of this process."""
    closed = {}
    for path in paths:
        for folder in reversed([path, *path.parents]):
            if not folder.stat().st_mode & stat.S_IXOTH:
                closed.setdefault(folder, []).append(path)
                break
    if not closed:
        return
    check(libc.unshare(0x00020000))
    check(libc.mount(b"none", b"/", None, 0x40000 | 0x4000, None))  # private, recursively
    for folder, inside in closed.items():
        held = [os.open(path, os.O_PATH) for path in inside]
        check(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, b"mode=755"))
        for path, descriptor in zip(inside, held, strict=True):
            path.mkdir(parents=True, exist_ok=True)
            check(libc.mount(f"/proc/self/fd/{descriptor}".encode(), os.fsencode(path), None, 0x1000 | 0x4000, None))


def make_read_only() -> None:
    """Show every file system as one that cannot be written, but for an empty /tmp."""
    check(libc.unshare(0x00020000))
    check(libc.mount(b"none", b"/", None, 0x40000 | 0x4000, None))  # private, recursively
    read_only = struct.pack("<4Q", 1, 0, 0, 0)
    check(libc.syscall(442, -100, b"/", 0x8000, read_only, len(read_only)))  # mount_setattr, recursively
    check(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, b"mode=1777"))


def become(user: int) -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    libc.prctl(4, 1, 0, 0, 0)  # readable again by its own user, as a process that never was root


def bound(kept: set[int]) -> None:
    """Give up all capabilities but these."""
    for capability in range(64):
        if capability not in kept and libc.prctl(24, capability, 0, 0, 0) != 0:
            break
    bits = sum(1 << k for k in kept)
    data = struct.pack("<6I", bits, bits, 0, 0, 0, 0)
    check(libc.capset(struct.pack("<Ii", 0x20080522, 0), data))


def deny(calls: dict[str, tuple[int | None, int | None]], *, namespaces: bool = False) -> None:
    """Make these system calls fail with EPERM, as a seccomp filter of a container does."""
    column = 0 if platform.machine() == "x86_64" else 1
    op = struct.Struct("<HBBI").pack
    refuse, allow = 0x00050000 | errno.EPERM, 0x7FFF0000
    code = [op(0x20, 0, 0, 0)]
    for numbers in calls.values():
        number = numbers[column]
        if number is not None:
            code += [op(0x15, 0, 1, number), op(0x06, 0, 0, refuse)]
    if namespaces:
        code += [op(0x15, 0, 1, 435), op(0x06, 0, 0, 0x00050000 | errno.ENOSYS)]
        code += [op(0x15, 0, 3, (56, 220)[column]), op(0x20, 0, 0, 16), op(0x45, 0, 1, NAMESPACES)]
        code += [op(0x06, 0, 0, refuse)]
    code.append(op(0x06, 0, 0, allow))
    program = b"".join(code)
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(code), ctypes.addressof(buffer))
    check(libc.prctl(38, 1, 0, 0, 0))
    check(libc.prctl(22, 2, ctypes.c_char_p(header), 0, 0))


def check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    main(*sys.argv[1:])
