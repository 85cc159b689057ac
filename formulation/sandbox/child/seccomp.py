"""A seccomp filter that allows what a Pyomo program needs and nothing else, written as BPF by hand.

`filter_program` returns the instructions, `apply` loads them into this thread (and every later thread). The
numbers are those of the kernel's `unistd.h` for x86-64 and for the generic table that aarch64 uses; what is not
listed fails with EPERM, a foreign calling convention kills the process. See `seccomp_filter.rst` in
the kernel's documentation.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_EPERM, _ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_X32_BIT = 0x40000000
_SECCOMP_SET_MODE_FILTER = 1

# name: (x86-64, aarch64); None where the architecture has no such call
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "futex": (202, 98),
    "read": (0, 63),
    "write": (1, 64),
    "munmap": (11, 215),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "brk": (12, 214),
    "close": (3, 57),
    "fstat": (5, 80),
    "stat": (4, None),
    "lstat": (6, None),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "lseek": (8, 62),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    "chdir": (80, 49),
    "dup": (32, 23),
    "ftruncate": (77, 46),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
    "fadvise64": (221, 223),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "setrlimit": (160, 164),
    "getrandom": (318, 278),
    "getcpu": (309, 168),
    "uname": (63, 160),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "exit": (60, 93),
    "exit_group": (231, 94),
}

_CLONE_VM, _CLONE_SIGHAND, _CLONE_THREAD = 0x100, 0x800, 0x10000
_CLONE_NEEDED = _CLONE_VM | _CLONE_SIGHAND | _CLONE_THREAD
# namespaces (time, mount, cgroup, uts, ipc, user, pid, net), and ptrace, vfork, parent
_CLONE_REFUSED = 0x80 | 0x20000 | 0x7E000000 | 0x2000 | 0x4000 | 0x8000
_O_ACCMODE, _O_TRUNC, _TMPFILE_BIT = 3, 0o1000, 0o20000000
_MAP_HUGETLB = 0x40000
_TCGETS, _FIOCLEX, _FIONREAD = 0x5401, 0x5451, 0x541B
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)  # dup, descriptor flags, status flags, dup with close-on-exec
# What allocators advise. Not: merging pages with those of other processes, which tells what they hold.
_ADVICE = (0, 1, 2, 3, 4, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 22, 23, 25)
_PRCTL_OPTIONS = (15, 16, 0x53564D41)  # a thread's name, and naming memory, which glibc does


class SeccompMissing(Exception):
    """The filter cannot be applied; the message says why."""


@dataclass(frozen=True, slots=True)
class _Architecture:
    audit: int
    column: int
    seccomp: int


_ARCHITECTURES = {"x86_64": _Architecture(0xC000003E, 0, 317), "aarch64": _Architecture(0xC00000B7, 1, 277)}


def architecture() -> _Architecture:
    """Return the machine's numbers. Raises `SeccompMissing` on an architecture without a table."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise SeccompMissing(f"there is no table of system calls for {machine}; x86_64 and aarch64 have one")
    return _ARCHITECTURES[machine]


def filter_program(pid: int) -> bytes:
    """Return the filter as an array of ``sock_filter``; ``pid`` is the only process that may be signalled."""
    machine = architecture()
    code = [
        _op(_LOAD, _ARCHITECTURE_AT),
        _op(_JUMP_EQUAL, machine.audit, 1, 0),
        _op(_RETURN, _KILL_PROCESS),
        _op(_LOAD, _NUMBER_AT),
    ]
    if machine.column == 0:
        code += [_op(_JUMP_AT_LEAST, _X32_BIT, 0, 1), _op(_RETURN, _KILL_PROCESS)]
    for numbers in _ALLOWED.values():
        number = numbers[machine.column]
        if number is not None:
            code += [_op(_JUMP_EQUAL, number, 0, 1), _op(_RETURN, _ALLOW)]
    for numbers, body in _conditional(pid):
        number = numbers[machine.column]
        if number is not None:
            code += [_op(_JUMP_EQUAL, number, 0, len(body)), *body]
    code.append(_op(_RETURN, _EPERM))
    return b"".join(code)


def apply(program: bytes) -> None:
    """Load the filter into this thread; needs no_new_privs. Raises `SeccompMissing`."""
    libc = ctypes.CDLL(None, use_errno=True)
    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions))
    if libc.syscall(architecture().seccomp, _SECCOMP_SET_MODE_FILTER, 0, ctypes.c_char_p(header)) != 0:
        code = ctypes.get_errno()
        raise SeccompMissing(f"the filter is not taken: {os.strerror(code)}")


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _argument(k: int) -> bytes:
    """Load the low half of the argument; each one tested here is an int or flags of 32 bits to the kernel."""
    return _op(_LOAD, _ARGUMENTS_AT + 8 * k)


def _one_of(k: int, values: tuple[int, ...]) -> list[bytes]:
    code = [_argument(k)]
    for value in values:
        code += [_op(_JUMP_EQUAL, value, 0, 1), _op(_RETURN, _ALLOW)]
    return [*code, _op(_RETURN, _EPERM)]


def _opening(k: int) -> list[bytes]:
    """Allow to open where the flags ask for no nameless file and no truncation by a reader.

    Landlock before its third version does not see the latter.
    """
    return [
        _argument(k),
        _op(_JUMP_ANY_BIT, _TMPFILE_BIT, 5, 0),
        _op(_AND, _O_ACCMODE | _O_TRUNC),
        _op(_JUMP_EQUAL, _O_TRUNC, 3, 0),
        _op(_AND, _O_ACCMODE),
        _op(_JUMP_EQUAL, _O_ACCMODE, 1, 0),
        _op(_RETURN, _ALLOW),
        _op(_RETURN, _EPERM),
    ]


def _conditional(pid: int) -> list[tuple[tuple[int | None, int | None], list[bytes]]]:
    threads_only = [
        _argument(0),
        _op(_JUMP_ANY_BIT, _CLONE_REFUSED, 3, 0),
        _op(_AND, _CLONE_NEEDED),
        _op(_JUMP_EQUAL, _CLONE_NEEDED, 0, 1),
        _op(_RETURN, _ALLOW),
        _op(_RETURN, _EPERM),
    ]
    ordinary_pages = [
        _argument(3),
        _op(_JUMP_ANY_BIT, _MAP_HUGETLB, 1, 0),
        _op(_RETURN, _ALLOW),
        _op(_RETURN, _EPERM),
    ]
    return [
        ((9, 222), ordinary_pages),  # mmap
        ((257, 56), _opening(2)),  # openat
        ((2, None), _opening(1)),  # open
        ((28, 233), _one_of(2, _ADVICE)),  # madvise
        ((16, 29), _one_of(1, (_TCGETS, _FIOCLEX, _FIONREAD))),  # ioctl
        ((72, 25), _one_of(1, _FCNTL_COMMANDS)),  # fcntl
        ((56, 220), threads_only),  # clone
        ((435, 435), [_op(_RETURN, _ENOSYS)]),  # clone3: the C library falls back to clone, whose flags can be seen
        ((157, 167), _one_of(0, _PRCTL_OPTIONS)),  # prctl
        ((62, 129), _one_of(0, (pid,))),  # kill
        ((234, 131), _one_of(0, (pid,))),  # tgkill
        ((302, 261), _one_of(0, (0, pid))),  # prlimit64
    ]
