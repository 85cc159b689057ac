"""What a running child uses, seen from outside, and how much memory all children may hold together."""

from __future__ import annotations

import mmap
import os
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_PAGE = mmap.PAGESIZE
_INODE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Usage:
    """Threads and resident bytes of a process, and the bytes of its folder."""

    threads: int = 1
    resident_bytes: int = 0
    disk_bytes: int = 0


def usage(pid: int, folder: Path) -> Usage:
    """Return what the process and its folder hold now; zeros where they have gone."""
    threads, resident, disk = 1, 0, 0
    with suppress(OSError, ValueError, IndexError):
        # the fields after the command's closing bracket: threads is the 20th of all, resident pages the 24th
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        threads, resident = int(fields[17]), int(fields[21]) * _PAGE
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                disk += _INODE_BYTES + entry.stat(follow_symlinks=False).st_size
    return Usage(threads, resident, disk)


@dataclass(slots=True)
class Memory:
    """The resident memory of all runs together, against what the machine can spare."""

    total_bytes: int
    _held: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def over(self, run: int, resident_bytes: int) -> bool:
        """Note what a run holds; return whether all are over the total and this one holds the most."""
        with self._lock:
            self._held[run] = resident_bytes
            return sum(self._held.values()) > self.total_bytes and resident_bytes == max(self._held.values())

    def forget(self, run: int) -> None:
        """Forget a run that has ended."""
        with self._lock:
            self._held.pop(run, None)


def machine_memory_bytes() -> int:
    """Return the memory that this process may use: the machine's, or its control group's where that is less."""
    present = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            present = min(present, int(Path(path).read_text()))
    return present
