"""Models in files: LP, MPS, JSON and (written only) .nl.

Every reader is strict: a text is read as its format says or refused with the line and the reason, and nothing of
it is dropped in silence. Sizes are bounded before anything is parsed.
"""

from __future__ import annotations

import gc
import gzip
import importlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from solvers.errors import FormatError
from solvers.milp import Milp

FORMATS = ("lp", "mps", "json", "nl")
MAX_BYTES = 256 * 2**20
"""How large a text may be, unpacked."""

_CHUNK = 2**20


def read(source: Path | str, format: str | None = None, *, max_bytes: int = MAX_BYTES) -> Milp:  # noqa: A002
    """Return the model in a file (a `Path`) or in a text (a `str`, whose ``format`` must be named).

    The format of a file is taken from its suffix unless it is given; a suffix ``.gz`` is unpacked. Raises
    `FormatError` with the line and the reason, `OSError` where the file cannot be opened.
    """
    if isinstance(source, Path):
        name = source.name
        wanted = format or format_of(source)
        text = _text(source, max_bytes)
    else:
        if format is None:
            raise FormatError("the format of a text must be named: lp, mps or json")
        name, wanted, text = "", format, source
        if len(text) > max_bytes:
            raise FormatError(f"the text has {len(text)} characters; at most {max_bytes} are read")
    if "\x00" in text:
        raise FormatError(
            "this is not text: it holds a zero byte", source=name, line=text[: text.index("\x00")].count("\n") + 1
        )
    if wanted not in ("lp", "mps", "json"):
        raise FormatError(f"no reader for the format {wanted!r}; there are lp, mps and json", source=name)
    reader = importlib.import_module(f"solvers.formats.{wanted}")
    try:
        with _no_collection():
            model: Milp = reader.parse(text)
    except FormatError as error:
        raise FormatError(error.reason, source=name, line=error.line) from None
    return model


def write(model: Milp, format: str) -> str:  # noqa: A002
    """Return the model as text. Names that the format cannot hold are mangled, and read back as they were.

    Raises `FormatError` where the format cannot hold the model.
    """
    if format not in FORMATS:
        raise FormatError(f"no writer for the format {format!r}; there are {', '.join(FORMATS)}")
    text: str = importlib.import_module(f"solvers.formats.{format}").unparse(model)
    return text


def save(model: Milp, path: Path) -> None:
    """Write the model to a file in the format of its suffix, packed where that ends in ``.gz``."""
    data = write(model, format_of(path)).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix.lower() == ".gz" else data)


def format_of(path: Path) -> str:
    """Return the format that a file's suffix names. Raises `FormatError`."""
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    suffix = suffixes[-1].lstrip(".") if suffixes else ""
    if suffix not in FORMATS:
        raise FormatError(
            f"the suffix {suffix!r} names no format; there are .lp, .mps and .json, each also .gz", source=path.name
        )
    return suffix


def _text(path: Path, max_bytes: int) -> str:
    if path.suffix.lower() == ".gz":
        data = _unpacked(path, max_bytes)
    else:
        size = path.stat().st_size
        if size > max_bytes:
            raise FormatError(f"the file has {size} bytes; at most {max_bytes} are read", source=path.name)
        data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _unpacked(path: Path, max_bytes: int) -> bytes:
    """Return the unpacked bytes, reading no further than ``max_bytes``: a small file may unpack to any size."""
    parts: list[bytes] = []
    total = 0
    try:
        with gzip.open(path) as stream:
            while part := stream.read(_CHUNK):
                total += len(part)
                if total > max_bytes:
                    raise FormatError(f"it unpacks to more than {max_bytes} bytes", source=path.name)
                parts.append(part)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FormatError(f"this is not a whole gzip file: {error}", source=path.name) from None
    return b"".join(parts)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the cycle collector while a parser fills large lists; none of them holds a cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
