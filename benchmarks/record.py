"""What is kept of one item of a run: one JSON object a line, appended whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.errors import RecordError

SCHEMA = 1
"""The version of a record's fields; a later version adds fields and renames none."""


class Outcome(StrEnum):
    """How an answer is judged. Abstained and unscored are neither right nor wrong."""

    RIGHT = "right"
    WRONG = "wrong"
    ABSTAINED = "abstained"
    UNSCORED = "unscored"


class Structure(StrEnum):
    """How the answer's model compares with the reference model; none where either is missing."""

    EQUIVALENT = "equivalent"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Record:
    """One item of a run, judged.

    ``value_close`` and ``value_near`` say whether the value lies within 1e-6 and 5 % of the expected one, None
    where there is nothing to compare. ``structure_wl`` is the verdict of colour refinement alone. ``executes``
    says whether a model was built. ``declarations`` are the counts of the NL4Opt competition, ``(matched,
    false positive, false negative, gold)``. ``failure`` is the class of what went wrong, "" where nothing did.
    ``fingerprint`` is equal for isomorphic models. ``latency_s`` is the reader's own time, ``scoring_s`` the judge's.
    """

    id: str
    suite: str
    outcome: Outcome
    status: str
    value: float | None = None
    expected: float | None = None
    structure: Structure = Structure.NONE
    confident: bool = False
    latency_s: float = 0.0
    calls: int = 0
    tokens: int = 0
    sample: int = 0
    run: str = ""
    reader: str = ""
    kind: str = ""
    doubt: str = ""
    confidence: float = 0.0
    cost_usd: float = 0.0
    executes: bool | None = None
    value_close: bool | None = None
    value_near: bool | None = None
    structure_wl: Structure = Structure.NONE
    declarations: tuple[int, int, int, int] | None = None
    failure: str = ""
    detail: str = ""
    fingerprint: str = ""
    text_digest: str = ""
    scoring_s: float = 0.0
    seed: int = 0
    checks: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def key(self) -> tuple[str, str, int]:
        """What no two records of a run share."""
        return self.suite, self.id, self.sample

    def to_json(self) -> dict[str, Any]:
        """Return the record as a JSON object; numbers that JSON cannot say are None."""
        out = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        for name in ("value", "expected"):
            if out[name] is not None and not math.isfinite(out[name]):
                out[name] = None
        return out

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Record:
        """Return the record of a JSON object. Raises `RecordError` for what is none, or is of another version."""
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            version = data.get("schema") if isinstance(data, dict) else None
            raise RecordError(f"a record of version {version}; this program reads version {SCHEMA}")
        try:
            known = {name: value for name, value in data.items() if name in _FIELDS}
            known["outcome"] = Outcome(known["outcome"])
            known["structure"] = Structure(known["structure"])
            known["structure_wl"] = Structure(known["structure_wl"])
            if known.get("declarations") is not None:
                known["declarations"] = tuple(known["declarations"])
            return cls(**known)
        except (KeyError, TypeError, ValueError) as error:
            raise RecordError(f"no record: {type(error).__name__}: {error}") from error


_SYNC_EVERY_S = 1.0
_FIELDS = frozenset(f.name for f in dataclasses.fields(Record))


def read_records(path: Path) -> Iterator[Record]:
    """Yield the whole records of a file, in its order; a last line without its end is no record.

    Raises `RecordError`, naming the line, for a line in the middle that is none.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                yield Record.from_json(json.loads(line))
            except (ValueError, RecordError) as error:
                raise RecordError(f"{path}: line {number}: {error}") from error


class RecordFile:
    """A records file open for appending: a record outlives this process, whole, when `append` returns.

    The disk itself is made sure of once a second and at the end, so that a loss of power takes a second of records
    at most. Opening cuts off a last line that a killed run left unfinished. Raises `RecordError` where the disk is
    full, after cutting off what was half written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise RecordError(f"{path} cannot be written: {error.strerror}") from error
        self._size = _whole_lines(self._fd)
        os.ftruncate(self._fd, self._size)
        self._synced = time.monotonic()

    def append(self, record: Record) -> None:
        """Write the record. Raises `RecordError`; the file then still ends with a whole line."""
        line = json.dumps(record.to_json(), ensure_ascii=False, allow_nan=False, separators=(", ", ": ")).encode()
        line += b"\n"
        written = 0
        try:
            while written < len(line):
                written += os.pwrite(self._fd, line[written:], self._size + written)
            if time.monotonic() - self._synced >= _SYNC_EVERY_S:
                self._sync()
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise RecordError(
                f"{self._path}: {error.strerror}; all records before {record.id!r} are kept. Make room and give "
                "the same command again"
            ) from error
        self._size += written

    def close(self) -> None:
        """Close the file."""
        try:
            self._sync()
        except OSError as error:
            raise RecordError(f"{self._path}: {error.strerror}; give the same command again") from error
        finally:
            os.close(self._fd)

    def _sync(self) -> None:
        os.fdatasync(self._fd)
        self._synced = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _whole_lines(fd: int) -> int:
    """Return the length of the file up to the end of its last whole line."""
    size = os.fstat(fd).st_size
    end = size
    while end > 0:
        start = max(0, end - 65536)
        block = os.pread(fd, end - start, start)
        cut = block.rfind(b"\n")
        if cut >= 0:
            return start + cut + 1
        end = start
    return 0
