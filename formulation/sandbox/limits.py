"""What one run of a program may use."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class LimitKind(StrEnum):
    """Which limit ended a run."""

    WALL = "wall"
    CPU = "cpu"
    MEMORY = "memory"
    OUTPUT = "output"
    DISK = "disk"
    THREADS = "threads"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use; every number is enforced from outside the program's reach.

    ``wall_s`` and ``cpu_s`` are seconds (CPU time is counted in whole seconds, rounded up). ``memory_bytes``
    is address space above what a fresh child already has. ``output_bytes`` bounds the message that carries
    the model back, ``file_bytes`` one file and ``disk_bytes`` all files in the run's private folder,
    ``printed_characters`` how much of what the program prints is kept (the rest is dropped, not an error).
    """

    wall_s: float = 30.0
    cpu_s: float = 30.0
    memory_bytes: int = 2 << 30
    output_bytes: int = 256 << 20
    file_bytes: int = 16 << 20
    disk_bytes: int = 64 << 20
    threads: int = 32
    printed_characters: int = 64 << 10

    def __post_init__(self) -> None:
        for name in ("wall_s", "cpu_s"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} is {value}; it must be a positive number of seconds")
        for name in ("memory_bytes", "output_bytes", "file_bytes", "disk_bytes", "threads", "printed_characters"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be positive")

    def amount(self, which: LimitKind) -> float:
        """Return the number that the limit of that kind stands at; 0 for a cancelled run."""
        match which:
            case LimitKind.WALL:
                return self.wall_s
            case LimitKind.CPU:
                return self.cpu_s
            case LimitKind.MEMORY:
                return self.memory_bytes
            case LimitKind.OUTPUT:
                return self.output_bytes
            case LimitKind.DISK:
                return self.disk_bytes
            case LimitKind.THREADS:
                return self.threads
            case LimitKind.CANCELLED:
                return 0.0
