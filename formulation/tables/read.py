"""Tables from CSV, XLSX and JSON files; what is too large, broken or ambiguous is refused or questioned."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from formulation.data import Cell, Table
from formulation.formulation import Question
from formulation.tables.errors import DataError
from formulation.tables.numbers import PLAIN, ColumnReading, DecimalSign, read_column

MAX_BYTES = 200_000_000
MAX_CELLS = 20_000_000
MAX_COLUMNS = 16_384
MAX_UNPACKED_BYTES = 400_000_000
MAX_RATIO = 200
MAX_PARTS = 2_000
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class ReadTables:
    """The tables of a file, what must be asked about them, and what was decided in reading them."""

    tables: tuple[Table, ...]
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


def read_tables(file_name: str, content: bytes, *, decimal: DecimalSign | None = None) -> ReadTables:
    """Return the tables of a file by its suffix: ``.csv``, ``.tsv``, ``.txt``, ``.xlsx`` or ``.json``.

    A CSV file is one table under the file's name; an XLSX file one a sheet; a JSON file is a list of rows, an
    object of columns, or an object of tables. ``decimal`` answers the question that is asked where a column's
    numbers can be read in two ways.

    Raises `DataError`.
    """
    path = PurePath(file_name)
    if len(content) > MAX_BYTES:
        raise DataError(file_name, f"{len(content):,} bytes; at most {MAX_BYTES:,} are taken")
    match path.suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            return _assembled([(path.stem, *_csv(file_name, content))], file_name, decimal)
        case ".xlsx" | ".xlsm":
            return _xlsx(file_name, path.stem, content, decimal)
        case ".json":
            return _json(file_name, path.stem, content, decimal)
        case suffix:
            raise DataError(file_name, f"{suffix or 'a file without suffix'} is no table; give CSV, XLSX or JSON")


def _text(file_name: str, content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(file_name, f"byte {error.start} is no UTF-8; save the file as UTF-8") from None
    if "\0" in text:
        raise DataError(file_name, "it holds NUL characters, so it is no text")
    return text


# -- CSV


def _csv(file_name: str, content: bytes) -> tuple[list[list[str]], bool]:
    """Return the rows of a CSV file, and whether semicolons separate its cells."""
    text = _text(file_name, content)
    if not text.strip():
        raise DataError(file_name, "it is empty")
    delimiter = _delimiter(text)
    rows: list[list[str]] = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if not any(cell.strip() for cell in row):
                continue
            rows.append(row)
            cells += len(row)
            if cells > MAX_CELLS:
                raise DataError(file_name, f"more than {MAX_CELLS:,} cells")
    except csv.Error as error:
        raise DataError(file_name, f"no CSV: {error}", len(rows)) from None
    return rows, delimiter == ";"


def _delimiter(text: str) -> str:
    """Return the sign that divides the first lines into the same number of cells, more than one."""
    sample = text[:100_000].splitlines()[:50]
    best, most = ",", 1
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if widths and min(widths) == max(widths) and widths[0] > most:
            best, most = delimiter, widths[0]
    return best


# -- XLSX


def _xlsx(file_name: str, stem: str, content: bytes, decimal: DecimalSign | None) -> ReadTables:
    _check_zip(file_name, content)
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile, SyntaxError) as error:
        raise DataError(file_name, f"no workbook: {error}") from None
    found: list[tuple[str, list[list[Any]], bool]] = []
    cells = 0
    try:
        for sheet in book.worksheets:
            rows: list[list[Any]] = []
            for values in sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS):
                row = [_plain(value) for value in values]
                cells += len(row)
                if cells > MAX_CELLS:
                    raise DataError(file_name, f"more than {MAX_CELLS:,} cells")
                if any(cell not in (None, "") for cell in row):
                    rows.append(row)
            if rows:
                found.append((sheet.title, _trimmed(rows), False))
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(file_name, f"no workbook: {error}") from None
    finally:
        book.close()
    if not found:
        raise DataError(file_name, "no sheet holds anything")
    if len(found) == 1:
        found = [(stem, *found[0][1:])]
    return _assembled(found, file_name, decimal)


def _check_zip(file_name: str, content: bytes) -> None:
    """Refuse an archive that grows beyond reason when it is unpacked. Raises `DataError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError) as error:
        raise DataError(file_name, f"no workbook: {error}") from None
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(len(content), 20_000):
        raise DataError(file_name, f"{len(content):,} bytes unpack to {unpacked:,} in {len(parts):,} parts; refused")
    if any(part.flag_bits & 1 for part in parts):
        raise DataError(file_name, "it is encrypted")


def _plain(value: object) -> Any:
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat is not None else str(value)


def _trimmed(rows: list[list[Any]]) -> list[list[Any]]:
    width = max(max((k + 1 for k, cell in enumerate(row) if cell not in (None, "")), default=0) for row in rows)
    return [(row + [None] * width)[:width] for row in rows]


# -- JSON


def _json(file_name: str, stem: str, content: bytes, decimal: DecimalSign | None) -> ReadTables:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no number")

    try:
        document = json.loads(_text(file_name, content), parse_constant=refuse)
    except RecursionError:
        raise DataError(file_name, "nested too deeply") from None
    except ValueError as error:
        if isinstance(error, DataError):
            raise
        raise DataError(file_name, f"no JSON: {error}") from None
    parts: dict[str, Any] = {stem: document}
    if isinstance(document, dict) and document and all(_is_table(part) for part in document.values()):
        parts = document
    return _assembled([(name, _json_rows(file_name, part), False) for name, part in parts.items()], file_name, decimal)


def _is_table(part: object) -> bool:
    if isinstance(part, list):
        return bool(part) and all(isinstance(row, dict) for row in part)
    return isinstance(part, dict) and bool(part) and all(isinstance(column, list) for column in part.values())


def _json_rows(file_name: str, part: object) -> list[list[Any]]:
    if isinstance(part, dict) and part and all(isinstance(column, list) for column in part.values()):
        lengths = {len(column) for column in part.values()}
        if len(lengths) > 1:
            raise DataError(file_name, f"its columns have different lengths: {sorted(lengths)}")
        return [list(part), *(list(row) for row in zip(*part.values(), strict=True))]
    if not _is_table(part) or not isinstance(part, list):
        raise DataError(file_name, "a table is a list of objects, or an object of lists")
    headings = list(dict.fromkeys(str(key) for row in part for key in row))
    return [headings, *([row.get(heading) for heading in headings] for row in part)]


# -- tables


def _assembled(
    found: Iterable[tuple[str, Sequence[Sequence[Any]], bool]], file_name: str, decimal: DecimalSign | None
) -> ReadTables:
    tables: list[Table] = []
    questions: list[Question] = []
    notes: list[str] = []
    for name, rows, is_continental in found:
        headings, body, said = _headings(file_name, rows)
        notes += [f"{name}: {note}" for note in said]
        columns: dict[str, tuple[Cell, ...]] = {}
        for heading, cells in zip(headings, _columns(body, len(headings)), strict=True):
            try:
                reading = _read(file_name, cells, decimal, is_continental=is_continental)
            except OverflowError as error:
                raise DataError(file_name, f"column {heading!r} holds {error}, which is too large") from None
            columns[heading] = reading.cells
            if reading.question:
                text = f"Column {heading!r} of table {name!r} {reading.question}"
                questions.append(Question(f"decimal:{name}:{heading}", text, heading, reading.suggestions))
            if reading.note:
                notes.append(f"{name}: column {heading!r} was {reading.note}")
        tables.append(Table(name, columns))
    return ReadTables(tuple(tables), tuple(questions), tuple(notes))


def _headings(file_name: str, rows: Sequence[Sequence[Any]]) -> tuple[list[str], Sequence[Sequence[Any]], list[str]]:
    """Return the headings, the rows below them, and what was decided about them."""
    if not rows:
        raise DataError(file_name, "it is empty")
    first = ["" if cell is None else str(cell).strip() for cell in rows[0]]
    width = len(first)
    if width > MAX_COLUMNS:
        raise DataError(file_name, f"more than {MAX_COLUMNS:,} columns")
    for k, row in enumerate(rows[1:], 1):
        if len(row) != width:
            raise DataError(file_name, f"{len(row)} cells where the first line has {width}", k)
    if all(PLAIN.match(cell) for cell in first if cell) and any(first):
        return (
            [f"column {k + 1}" for k in range(width)],
            rows,
            ["the first line holds numbers, so there are no headings"],
        )
    headings = [cell or f"column {k + 1}" for k, cell in enumerate(first)]
    heading, count = Counter(headings).most_common(1)[0]
    if count > 1:
        raise DataError(file_name, f"two columns have the heading {heading!r}")
    return headings, rows[1:], []


def _columns(rows: Sequence[Sequence[Any]], width: int) -> Iterator[Sequence[Any]]:
    if not rows:
        yield from ((),) * width
    else:
        yield from zip(*rows, strict=True)


def _read(file_name: str, cells: Sequence[Any], decimal: DecimalSign | None, *, is_continental: bool) -> ColumnReading:
    if all(isinstance(cell, str) or cell is None for cell in cells):
        texts = ["" if cell is None else cell for cell in cells]
        return read_column(texts, decimal, is_continental=is_continental)
    for k, cell in enumerate(cells, 1):
        if isinstance(cell, list | dict):
            raise DataError(file_name, "a cell holds a list or an object", k)
        if isinstance(cell, float) and not math.isfinite(cell):
            raise DataError(file_name, f"a cell holds {cell}", k)
        if isinstance(cell, int) and abs(cell) > 2**1000:
            raise OverflowError(str(cell)[:20] + "...")
    return ColumnReading(tuple(None if cell == "" else cell for cell in cells))
