"""The message in which a child hands its result back: bytes that are written here and parsed as hostile input.

Layout, little-endian, every length before what it measures::

    frame      magic (8 bytes), body length u64, body
    body       kind u8, printed text, then by kind
    MILP       sense u8, constant f64, name text, n m nnz u64, c lower upper f64[n], domains i8[n],
               row_lower row_upper f64[m], row starts i64[m+1], columns i32[nnz], coefficients f64[nnz],
               has_quadratic u8, where 1: qnnz u64, starts i64[n+1], columns i32[qnnz], values f64[qnnz],
               column names text, row names text (each name ends with a line feed)
    NONLINEAR  the texts of .nl, .col and .row
    ERROR      type text, message text, line u32 (0: none), count u16, that many texts
    MEMORY     nothing
    text       length u64 in bytes, UTF-8

The child runs a program that may be an attack, in the same process, so any bytes can arrive. `parse` reads
each length against what is left, so that no number in the message can make it take more memory than a
small multiple of the message's own size; the model then passes the validation of `Milp`.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from formulation.sandbox.outcome import Built, BuiltNonlinear, ProgramError

if TYPE_CHECKING:
    from solvers.milp import Milp

MAGIC = b"MILPWRT\x01"
HEADER_BYTES = len(MAGIC) + 8
_MOST_ENTRIES = 2**31 - 1
_MOST_NAMES = 64
_MOST_ERROR_CHARACTERS = 20_000
_SENSES = ("minimize", "maximize")


class Kind(IntEnum):
    """What a message carries."""

    MILP = 1
    NONLINEAR = 2
    ERROR = 3
    MEMORY = 4


class MalformedMessage(ValueError):
    """Bytes that are no message; nothing in them is to be believed."""


class OutOfMemory:
    """The child ran out of the memory that it may use."""


Parsed = Built | BuiltNonlinear | ProgramError | OutOfMemory


@dataclass(frozen=True, slots=True, eq=False)
class MatrixArrays:
    """The rows of a sparse matrix: ``starts`` (rows + 1,), ``columns`` and ``values`` (entries,)."""

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ModelArrays:
    """A model as the child has it, before anything is checked; the fields are those of `Milp`."""

    maximize: bool
    constant: float
    name: str
    objective: NDArray[np.float64]
    column_lower: NDArray[np.float64]
    column_upper: NDArray[np.float64]
    domains: NDArray[np.int8]
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    matrix: MatrixArrays
    quadratic: MatrixArrays | None
    column_names: Sequence[str]
    row_names: Sequence[str]


# --- written by the child ---------------------------------------------------------------------------------


def frame_milp(model: ModelArrays, printed: str) -> list[bytes]:
    """Return the frame of a linear (or quadratic) model, in parts to be written one after the other."""
    n, m = model.objective.shape[0], model.row_lower.shape[0]
    parts = [
        struct.pack("<BBd", Kind.MILP, 0, 0.0)[:1],
        _text(printed),
        struct.pack("<Bd", int(model.maximize), model.constant),
        _text(model.name),
        struct.pack("<QQQ", n, m, model.matrix.values.shape[0]),
        *(_array(v, "<f8") for v in (model.objective, model.column_lower, model.column_upper)),
        _array(model.domains, "<i1"),
        *(_array(v, "<f8") for v in (model.row_lower, model.row_upper)),
        *_matrix(model.matrix),
    ]
    if model.quadratic is None:
        parts.append(b"\0")
    else:
        parts.append(struct.pack("<BQ", 1, model.quadratic.values.shape[0]))
        parts.extend(_matrix(model.quadratic))
    parts.extend((_names(model.column_names), _names(model.row_names)))
    return _framed(parts)


def frame_nonlinear(nl: str, col: str, row: str, printed: str) -> list[bytes]:
    """Return the frame of a nonlinear model."""
    return _framed([bytes([Kind.NONLINEAR]), _text(printed), _text(nl), _text(col), _text(row)])


def frame_error(type_: str, message: str, line: int | None, names: Sequence[str], printed: str) -> list[bytes]:
    """Return the frame of a program's error; what is too long is cut."""
    kept = [str(name)[:200] for name in names][:_MOST_NAMES]
    return _framed(
        [
            bytes([Kind.ERROR]),
            _text(printed),
            _text(type_[:200]),
            _text(message[:_MOST_ERROR_CHARACTERS]),
            struct.pack("<IH", line or 0, len(kept)),
            *map(_text, kept),
        ]
    )


def frame_memory(printed: str) -> list[bytes]:
    """Return the frame that says that memory ran out."""
    return _framed([bytes([Kind.MEMORY]), _text(printed)])


def _framed(parts: list[bytes]) -> list[bytes]:
    return [MAGIC + struct.pack("<Q", sum(map(len, parts))), *parts]


def _text(text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    return struct.pack("<Q", len(raw)) + raw


def _names(names: Sequence[str]) -> bytes:
    joined = "\n".join(names)
    if joined.count("\n") != max(len(names) - 1, 0):
        joined = "\n".join(name.replace("\n", " ") for name in names)
    return _text(joined + "\n" if names else "")


def _array(values: NDArray[np.generic], dtype: str) -> bytes:
    return np.ascontiguousarray(values, dtype=dtype).tobytes()


def _matrix(matrix: MatrixArrays) -> list[bytes]:
    return [_array(matrix.starts, "<i8"), _array(matrix.columns, "<i4"), _array(matrix.values, "<f8")]


# --- parsed by the parent ---------------------------------------------------------------------------------


def body_length(header: bytes) -> int:
    """Return the length of the body that a frame's first `HEADER_BYTES` announce.

    Raises `MalformedMessage` where the magic is missing.
    """
    if len(header) != HEADER_BYTES or header[: len(MAGIC)] != MAGIC:
        raise MalformedMessage("the message does not begin as one")
    return int(struct.unpack_from("<Q", header, len(MAGIC))[0])


def parse(body: bytes | bytearray | memoryview) -> Parsed:
    """Return what a frame's body says, checked and cleaned for display.

    Raises `MalformedMessage` for everything that `frame_*` would not have written, and for models that
    `Milp` refuses.
    """
    fields = _Fields(memoryview(body))
    kind = fields.number("<B")
    printed = clean(fields.text())
    result: Parsed
    if kind == Kind.MILP:
        result = Built(_milp(fields), printed)
    elif kind == Kind.NONLINEAR:
        from solvers.nonlinear import Nonlinear

        result = BuiltNonlinear(Nonlinear(fields.text(), clean(fields.text()), clean(fields.text())), printed)
    elif kind == Kind.ERROR:
        result = _error(fields, printed)
    elif kind == Kind.MEMORY:
        result = OutOfMemory()
    else:
        raise MalformedMessage(f"a message of the unknown kind {kind}")
    fields.end()
    return result


class _Fields:
    """Reads fields one after the other, never beyond the end."""

    def __init__(self, raw: memoryview) -> None:
        self._raw = raw
        self._at = 0

    def number(self, form: str) -> int:
        value = struct.unpack("<" + form.lstrip("<"), self._take(struct.calcsize(form)))[0]
        return int(value)

    def real(self) -> float:
        return float(struct.unpack("<d", self._take(8))[0])

    def size(self, limit: int = _MOST_ENTRIES) -> int:
        value = self.number("<Q")
        if value > limit:
            raise MalformedMessage(f"a size of {value}, over {limit}")
        return value

    def text(self, most_bytes: int = _MOST_ENTRIES) -> str:
        raw = self._take(self.size(most_bytes))
        try:
            return str(raw, "utf-8")
        except UnicodeDecodeError as error:
            raise MalformedMessage("a text that is not UTF-8") from error

    _T = TypeVar("_T", bound=np.generic)

    def array(self, dtype: type[_T], count: int) -> NDArray[_T]:
        little = np.dtype(dtype).newbyteorder("<")
        raw = self._take(count * little.itemsize)
        return np.frombuffer(raw, dtype=little).astype(dtype)

    def end(self) -> None:
        if self._at != len(self._raw):
            raise MalformedMessage(f"{len(self._raw) - self._at} bytes after the end of the message")

    def _take(self, count: int) -> memoryview:
        if count > len(self._raw) - self._at:
            raise MalformedMessage("the message ends too early")
        self._at += count
        return self._raw[self._at - count : self._at]


def _milp(fields: _Fields) -> Milp:
    from solvers.milp import Milp, Sense

    sense = fields.number("<B")
    if sense >= len(_SENSES):
        raise MalformedMessage(f"a sense of {sense}")
    constant = fields.real()
    name = clean(fields.text())
    n, m, nnz = fields.size(), fields.size(), fields.size()
    objective, lower, upper = (fields.array(np.float64, n) for _ in range(3))
    domains = fields.array(np.int8, n)
    row_lower, row_upper = fields.array(np.float64, m), fields.array(np.float64, m)
    matrix = _sparse(fields, m, n, nnz)
    has_quadratic = fields.number("<B")
    if has_quadratic > 1:
        raise MalformedMessage("neither quadratic nor not")
    quadratic = _sparse(fields, n, n, fields.size()) if has_quadratic else None
    columns, rows = _split(fields.text(), n), _split(fields.text(), m)
    try:
        return Milp(
            Sense(_SENSES[sense]),
            objective,
            matrix,
            row_lower,
            row_upper,
            lower,
            upper,
            domains,
            columns,
            rows,
            constant,
            quadratic,
            name,
        )
    except ValueError as error:  # a `ModelError`, or what NumPy and SciPy raise of their own
        raise MalformedMessage(str(error)) from error


def _sparse(fields: _Fields, rows: int, columns: int, entries: int):  # type: ignore[no-untyped-def]
    from scipy import sparse

    starts = fields.array(np.int64, rows + 1)
    indices = fields.array(np.int32, entries)
    values = fields.array(np.float64, entries)
    inside = (starts >= 0).all() and (starts <= entries).all()  # before any difference of them, which could wrap
    if not inside or starts[0] != 0 or starts[-1] != entries or (np.diff(starts) < 0).any():
        raise MalformedMessage("the rows of a matrix do not follow one another")
    if entries:
        if indices.min() < 0 or indices.max() >= columns:
            raise MalformedMessage("a coefficient outside the matrix")
        within = np.ones(entries, dtype=bool)
        within[starts[:-1][starts[:-1] < entries]] = False
        if (np.diff(indices, prepend=np.int32(-1))[within] <= 0).any():
            raise MalformedMessage("the coefficients of a row are not in the order of the columns")
    return sparse.csr_array((values, indices, starts), shape=(rows, columns))


def _split(text: str, count: int) -> list[str]:
    if text and not text.endswith("\n"):
        raise MalformedMessage("names that do not end")
    if text.count("\n") != count:
        raise MalformedMessage(f"{text.count(chr(10))} names for {count}")
    names = text.split("\n")
    names.pop()
    if not text.replace("\n", "").isprintable():
        names = [clean(name) for name in names]
    return names


def _error(fields: _Fields, printed: str) -> ProgramError:
    type_ = clean(fields.text(800))
    message = clean(fields.text(4 * _MOST_ERROR_CHARACTERS))
    line = fields.number("<I")
    count = fields.number("<H")
    if count > _MOST_NAMES:
        raise MalformedMessage(f"{count} names in an error")
    names = tuple(clean(fields.text(800)) for _ in range(count))
    return ProgramError(type_ or "Error", message, line or None, names, printed)


def clean(text: str) -> str:
    """Return the text with what could steer a terminal or hide text replaced by U+FFFD; lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(c if c in "\n\t" or c.isprintable() else "\ufffd" for c in text)
