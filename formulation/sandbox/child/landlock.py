"""Landlock: which files this process may touch, and nothing else of the file system.

The calls and structures of ``linux/landlock.h``, through ctypes. A ruleset is built while its folders can
still be opened and applied later, after the user id has been given up.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same number on every architecture
_ABI_QUERY = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_REG, _TRUNCATE = 1 << 8, 1 << 14
_FIRST_RIGHTS = (1 << 13) - 1
_REFER, _IOCTL_DEV = 1 << 13, 1 << 15
_BIND_AND_CONNECT_TCP = 0b11
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

_libc = ctypes.CDLL(None, use_errno=True)


class LandlockMissing(Exception):
    """The kernel has no Landlock, or refuses a call; the message says which."""


def abi() -> int:
    """Return the version of Landlock that the kernel speaks, from 1. Raises `LandlockMissing`."""
    version = int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ABI_QUERY))
    if version < 1:
        raise LandlockMissing(
            f"the kernel offers no Landlock ({os.strerror(ctypes.get_errno())}); it needs Linux 5.13 or later with "
            "landlock among its security modules, and a container profile that allows its calls"
        )
    return version


def handled_rights(version: int) -> int:
    """Return every right over files that the version knows: what no rule grants is denied."""
    rights = _FIRST_RIGHTS
    if version >= 2:
        rights |= _REFER
    if version >= 3:
        rights |= _TRUNCATE
    if version >= 5:
        rights |= _IOCTL_DEV
    return rights


def open_folders(paths: Iterable[str]) -> list[int]:
    """Return a descriptor for each path that exists, good for rules only."""
    descriptors = []
    for path in paths:
        try:
            descriptors.append(os.open(path, os.O_PATH | os.O_CLOEXEC))
        except OSError:
            continue
    return descriptors


def ruleset(version: int, readable: Iterable[int], devices: Iterable[int], writable: int) -> int:
    """Return the descriptor of a ruleset: ``readable`` to read, ``devices`` to read and write, and one folder
    in which files can be made, read and written, but not removed, renamed or run.

    Raises `LandlockMissing`.
    """  # noqa: D205
    handled = handled_rights(version)
    attributes = struct.pack("<Q", handled)
    if version >= 4:
        attributes += struct.pack("<Q", _BIND_AND_CONNECT_TCP)
    if version >= 6:
        attributes += struct.pack("<Q", _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS)
    descriptor = int(_libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0))
    if descriptor < 0:
        raise LandlockMissing(f"no ruleset: {os.strerror(ctypes.get_errno())}")
    for parent in readable:
        rights = _READ_FILE | (_READ_DIR if stat.S_ISDIR(os.fstat(parent).st_mode) else 0)
        _add(descriptor, parent, rights & handled)
    for parent in devices:
        _add(descriptor, parent, _READ_FILE | _WRITE_FILE)
    _add(descriptor, writable, (_READ_FILE | _READ_DIR | _WRITE_FILE | _MAKE_REG | _TRUNCATE) & handled)
    return descriptor


def restrict(descriptor: int) -> None:
    """Apply the ruleset to this thread for good; needs no_new_privs. Raises `LandlockMissing`."""
    if _libc.syscall(_RESTRICT_SELF, descriptor, 0) != 0:
        raise LandlockMissing(f"the ruleset is not applied: {os.strerror(ctypes.get_errno())}")


def _add(descriptor: int, parent: int, rights: int) -> None:
    rule = struct.pack("<Qi", rights, parent)
    if _libc.syscall(_ADD_RULE, descriptor, _PATH_BENEATH, rule, 0) != 0:
        raise LandlockMissing(f"a rule is not taken: {os.strerror(ctypes.get_errno())}")
