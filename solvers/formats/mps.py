"""The MPS format, fixed and free, read strictly.

Conventions, which are those of CPLEX, SCIP and HiGHS: the first N row is the objective and further ones are free
rows; a right-hand side on the objective is minus its constant; a negative UP bound without a lower one opens the
lower side; an integer column between markers that has no bound is binary; a range on an equality extends it to
the side of its sign; SC makes a column semi-continuous and SI semi-integer, whatever the markers say; QUADOBJ
and QSECTION hold a triangle, QMATRIX the whole matrix of x'Qx/2. 1e20 and more is infinite where a bound
or a right-hand side stands. Fortran's exponents (1.0D3) are read.

A file is first read as free format; where that fails and a name may hold a blank, as fixed format.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy import sparse

from solvers.errors import FormatError, ModelError
from solvers.formats.mps_words import (
    FIELDS,
    HEADER,
    INFINITY,
    NOT_HELD,
    NUMBER,
    NUMBER_ONLY,
    PLAIN,
    QUADRATIC,
    SECTIONS,
    SENSES,
)
from solvers.formats.mps_write import unparse
from solvers.formats.names import unmangler
from solvers.formats.numbers import beyond
from solvers.milp import Domain, Milp, Sense

__all__ = ["parse", "unparse"]

Line = list[str]


def parse(text: str) -> Milp:
    """Return the model that an MPS text holds. Raises `FormatError` with the line and the reason."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return _Reader(text, fixed=False).read()
    except FormatError as error:
        if " " not in text.strip():
            raise
        try:
            return _Reader(text, fixed=True).read()
        except FormatError:
            raise error from None


class _Reader:
    def __init__(self, text: str, *, fixed: bool) -> None:
        self.text, self.fixed = text, fixed
        self.sense = Sense.MINIMIZE
        self.name = ""
        self.objective: str | None = None
        self.wanted_objective: str | None = None
        self.kinds: dict[str, str] = {}
        self.columns: dict[str, int] = {}
        self.integers: set[int] = set()
        self.rows_seen: dict[str, int] = {}

    # -- lines ----------------------------------------------------------------------------------------------

    def error(self, reason: str, body: tuple[int, int] | None = None, number: int = 0) -> FormatError:
        """An error at the ``number``-th data line of a section's body."""
        if body is None:
            return FormatError(reason)
        first = self.text.count("\n", 0, body[0]) + 1
        for line, text in enumerate(self.text[body[0] : body[1]].split("\n"), start=first):
            if text.strip() and not text.startswith("*"):
                if number == 0:
                    return FormatError(reason, line=line)
                number -= 1
        return FormatError(reason, line=first)

    def lines(self, body: tuple[int, int]) -> list[Line]:
        """Return the fields of each data line of a section's body."""
        raw = self.text[body[0] : body[1]].split("\n")
        if self.fixed:
            return [self._fixed(line) for line in raw if line.strip() and not line.startswith("*")]
        return [fields for line in raw if (fields := line.split()) and line[0] != "*"]

    def _fixed(self, line: str) -> Line:
        """Return the fields by their columns, from the second on; the first is kept where it holds a type."""
        line = line.expandtabs(8)
        cut = [line[a:b].strip() for a, b in FIELDS]
        for field in (2, 4):
            if cut[field].startswith("$"):
                cut = cut[:field]
                break
        while cut and not cut[-1]:
            cut.pop()
        return cut[1:] if cut and not cut[0] else cut

    def _unindented(self) -> Iterator[tuple[int, int]]:
        """Yield where each line begins and ends that is neither indented nor a comment."""
        text = self.text
        if text[:1].strip() and text[0] != "*":
            yield 0, _end(text, 0)
        for match in HEADER.finditer(text):
            yield match.end(), _end(text, match.end())

    def sections(self) -> list[tuple[str, Line, tuple[int, int], int]]:
        """Return (keyword, rest of its line, span of its body, line number) for each section."""
        found: list[tuple[str, Line, int, int]] = []
        in_data = ""
        for start, end in self._unindented():
            words = self.text[start:end].split()
            key = words[0].upper()
            alone = len(words) == 1 or key in ("NAME", "OBJSENSE", "OBJNAME", *QUADRATIC, *NOT_HELD)
            if key in SECTIONS | set(NOT_HELD) and alone and not (key == "NAME" and in_data):
                found.append((key, words[1:], start, end))
                in_data = key if key != "NAME" else ""
                if key == "ENDATA":
                    break
            elif in_data and in_data not in ("NAME",) and len(words) > 1:
                continue  # a data line that is not indented, as free format allows
            elif in_data in ("OBJSENSE", "OBJNAME"):
                continue
            else:
                line = self.text.count("\n", 0, start) + 1
                raise FormatError(f"{words[0][:40]!r} is no section of an MPS file", line=line)
        if not found:
            raise FormatError("no section of an MPS file is here: NAME, ROWS, COLUMNS, ...", line=1)
        head = self.text[: found[0][2]]
        for number, before in enumerate(head.split("\n"), start=1):
            if before.strip() and not before.startswith("*"):
                raise FormatError("a line before the first section", line=number)
        if found[-1][0] != "ENDATA":
            raise FormatError("ENDATA is missing: the file may be cut off", line=self.text.rstrip().count("\n") + 1)
        ends = [*(f[2] for f in found[1:]), len(self.text)]
        return [
            (key, rest, (end, stop), self.text.count("\n", 0, start) + 1)
            for (key, rest, start, end), stop in zip(found, ends, strict=True)
        ]

    # -- the file -------------------------------------------------------------------------------------------

    def read(self) -> Milp:
        bodies: dict[str, tuple[int, int]] = {}
        for key, rest, body, line in self.sections():
            if key in NOT_HELD:
                reason = f"{NOT_HELD[key]} ({key}) cannot be held in a mixed-integer linear program"
                raise FormatError(reason, line=line)
            if key in bodies:
                raise FormatError(f"a second section {key}", line=line)
            bodies[key] = body
            if key == "NAME":
                self.name = " ".join(rest)
            elif key == "OBJSENSE" or key == "OBJNAME":
                words = rest or [word for fields in self._loose(body) for word in fields]
                if len(words) != 1 or (key == "OBJSENSE" and words[0].upper() not in SENSES):
                    raise FormatError(
                        f"{key} needs one word, such as {'MAX' if key == 'OBJSENSE' else 'COST'}", line=line
                    )
                if key == "OBJSENSE":
                    self.sense = SENSES[words[0].upper()]
                else:
                    self.wanted_objective = words[0]
            elif key == "OBJSENSEMAX":
                self.sense = Sense.MAXIMIZE
            elif key in QUADRATIC and rest and rest != [self.objective_of(bodies)]:
                raise FormatError(f"{key} belongs to {rest[0]!r}, which is not the objective", line=line)
        for key in ("ROWS", "COLUMNS"):
            if key not in bodies:
                raise FormatError(f"the section {key} is missing")
        order = [key for key in bodies if key in ("ROWS", "COLUMNS")]
        if order != ["ROWS", "COLUMNS"]:
            raise FormatError("COLUMNS stands before ROWS")
        self._rows(bodies["ROWS"])
        entries = self._columns(bodies["COLUMNS"])
        return self._build(bodies, entries)

    def objective_of(self, bodies: dict[str, tuple[int, int]]) -> str | None:
        """Return the name of the objective's row, before the rows are read whole."""
        if self.wanted_objective is not None or "ROWS" not in bodies:
            return self.wanted_objective
        return next((f[1] for f in self.lines(bodies["ROWS"]) if len(f) > 1 and f[0].upper() == "N"), None)

    def _loose(self, body: tuple[int, int]) -> list[Line]:
        raw = self.text[body[0] : body[1]].split("\n")
        return [fields for line in raw if (fields := line.split()) and line[0] != "*"]

    def _rows(self, body: tuple[int, int]) -> None:
        lines = self.lines(body)
        for k, fields in enumerate(lines):
            if len(fields) > 2 and fields[2][0] in "$*":
                fields = fields[:2]
            if len(fields) != 2 or fields[0].upper() not in ("N", "L", "G", "E"):
                raise self.error("a row is a type (N, L, G or E) and a name", body, k)
            kind, name = fields[0].upper(), fields[1]
            if name in self.kinds:
                raise self.error(f"the row {name!r} is given twice", body, k)
            self.kinds[name] = kind
            if kind == "N" and self.objective is None and self.wanted_objective in (None, name):
                self.objective = name
        if self.wanted_objective is not None and self.objective is None:
            raise self.error(f"no N row is called {self.wanted_objective!r}, which OBJNAME names", body)
        for name in self.kinds:
            if name != self.objective:
                self.rows_seen[name] = len(self.rows_seen)

    def _columns(self, body: tuple[int, int]) -> tuple[list[str], list[str], list[str], list[int]]:
        """Return columns, rows and values as written, and the data line of each."""
        lines = self.lines(body)
        columns, rows, values, places = [], [], [], []
        integer = False
        known = self.columns
        counts = {len(fields) for fields in lines}
        quick = counts <= {3, 5} and self.text.find("'MARKER'", *body) < 0
        if quick:
            for fields in lines:
                known.setdefault(fields[0], len(known))
            columns = [fields[0] for fields in lines]
            rows = [fields[1] for fields in lines]
            values = [fields[2] for fields in lines]
            places = list(range(len(lines)))
            if 5 in counts:
                second = [k for k, fields in enumerate(lines) if len(fields) == 5]
                if not any(lines[k][3][0] in "$*" for k in second):
                    columns += [lines[k][0] for k in second]
                    rows += [lines[k][3] for k in second]
                    values += [lines[k][4] for k in second]
                    places += second
                    return columns, rows, values, places
            else:
                return columns, rows, values, places
            columns, rows, values, places = [], [], [], []
        for k, fields in enumerate(lines):
            if len(fields) >= 3 and "'MARKER'" in fields[1:3]:
                which = fields[-1].strip("'")
                if which not in ("INTORG", "INTEND") or integer == (which == "INTORG"):
                    raise self.error("markers are 'INTORG' and 'INTEND' in turn; no other kind can be held", body, k)
                integer = which == "INTORG"
                continue
            if len(fields) > 3 and fields[3][0] in "$*":
                fields = fields[:3]
            if len(fields) > 5 and fields[5][0] in "$*":
                fields = fields[:5]
            if len(fields) == 1 or (len(fields) == 2 and fields[1][0] in "$*"):
                column = known.setdefault(fields[0], len(known))  # a column without an entry
                if integer:
                    self.integers.add(column)
                continue
            if len(fields) not in (3, 5):
                raise self.error("a line of COLUMNS is a column, and one or two rows each with a number", body, k)
            column = known.setdefault(fields[0], len(known))
            if integer:
                self.integers.add(column)
            for at in range(1, len(fields), 2):
                columns.append(fields[0])
                rows.append(fields[at])
                values.append(fields[at + 1])
                places.append(k)
        return columns, rows, values, places

    def _numbers(self, texts: list[str], places: list[int], body: tuple[int, int], *, infinite: bool) -> list[float]:
        """Return the numbers; anything that is no finite number is an error at its line."""
        if set("".join(texts)) <= PLAIN:
            try:
                numbers = list(map(float, texts))
            except ValueError:
                pass
            else:
                if not numbers or math.isfinite(math.fsum(map(abs, numbers))):
                    return numbers
        made: list[float] = []
        for text, place in zip(texts, places, strict=True):
            if infinite and INFINITY.match(text):
                made.append(float(text))
                continue
            if not NUMBER.match(text):
                raise self.error(f"{text!r} is no number that may stand here", body, place)
            value = float(text.replace("d", "e").replace("D", "e"))
            if not math.isfinite(value):
                raise self.error(f"the number {text} is too large", body, place)
            made.append(value)
        return made

    def _pairs(self, body: tuple[int, int]) -> tuple[list[str], list[float], list[int]]:
        """Return the rows, numbers and places of an RHS or RANGES section; the set's name may be absent."""
        rows: list[str] = []
        texts: list[str] = []
        places: list[int] = []
        sets: set[str] = set()
        for k, fields in enumerate(self.lines(body)):
            for stop in (2, 3, 4, 5):
                if len(fields) > stop and fields[stop][0] in "$*":
                    fields = fields[:stop]
                    break
            if len(fields) not in (2, 3, 4, 5):
                raise self.error("a line here is a set's name, and one or two rows each with a number", body, k)
            named = len(fields) % 2
            sets.add(fields[0] if named else "")
            if len(sets) > 1:
                raise self.error(f"a second set of numbers, {fields[0]!r}; a model has one", body, k)
            for at in range(named, len(fields), 2):
                rows.append(fields[at])
                texts.append(fields[at + 1])
                places.append(k)
        for row, k in zip(rows, places, strict=True):
            if row not in self.kinds:
                raise self.error(f"no row is called {row!r}", body, k)
        if len(set(rows)) < len(rows):
            seen: set[str] = set()
            for row, k in zip(rows, places, strict=True):
                if row in seen:
                    raise self.error(f"the row {row!r} has a second number", body, k)
                seen.add(row)
        return rows, self._numbers(texts, places, body, infinite=True), places

    def _build(
        self, bodies: dict[str, tuple[int, int]], entries: tuple[list[str], list[str], list[str], list[int]]
    ) -> Milp:
        columns, rows, texts, places = entries
        body = bodies["COLUMNS"]
        values = np.array(self._numbers(texts, places, body, infinite=False), dtype=float)
        index = {**self.rows_seen, **({self.objective: -1} if self.objective is not None else {})}
        try:
            i = np.array(list(map(index.__getitem__, rows)), dtype=np.int64)
        except KeyError:
            k = next(k for k, row in enumerate(rows) if row not in index)
            raise self.error(f"no row is called {rows[k]!r}", body, places[k]) from None
        j = np.array(list(map(self.columns.__getitem__, columns)), dtype=np.int64)
        n, m = len(self.columns), len(self.rows_seen)
        key = (i + 1) * max(n, 1) + j
        _, first = np.unique(key, return_index=True)
        if len(first) < len(key):
            again = np.setdiff1d(np.arange(len(key)), first)
            k = int(again[np.argmin(np.array(places)[again])])
            raise self.error(f"column {columns[k]!r} has a second number in row {rows[k]!r}", body, places[k])
        objective = np.zeros(n)
        of_objective = i < 0
        objective[j[of_objective]] = values[of_objective]
        keep = ~of_objective
        matrix = sparse.coo_array(
            (values[keep], (i[keep].astype(np.int32), j[keep].astype(np.int32))), shape=(m, n)
        ).tocsr()
        row_lower, row_upper, constant = self._row_bounds(bodies)
        lower, upper, domains = self._column_bounds(bodies)
        quadratic = self._quadratic(bodies, n)
        comments = [line[1:] for line in self.text[:4000].split("\n") if line.startswith("*")]
        original = unmangler(comments) or (lambda name: name)
        try:
            return Milp(
                self.sense,
                objective,
                sparse.csr_array(matrix),
                row_lower,
                row_upper,
                lower,
                upper,
                domains,
                [original(name) for name in self.columns],
                [original(name) for name in self.rows_seen],
                constant=constant,
                quadratic=quadratic,
                name=self.name,
            )
        except ModelError as error:
            raise FormatError(str(error)) from None

    def _row_bounds(self, bodies: dict[str, tuple[int, int]]) -> tuple[np.ndarray, np.ndarray, float]:
        sides = dict.fromkeys(self.rows_seen, 0.0)
        constant = 0.0
        if "RHS" in bodies:
            rows, numbers, places = self._pairs(bodies["RHS"])
            for row, number, k in zip(rows, numbers, places, strict=True):
                if row == self.objective:
                    if not math.isfinite(number):
                        raise self.error("the objective's constant is infinite", bodies["RHS"], k)
                    constant = 0.0 - number
                else:
                    sides[row] = beyond(number)
        lower, upper = np.full(len(sides), -math.inf), np.full(len(sides), math.inf)
        for k, (row, side) in enumerate(sides.items()):
            kind = self.kinds[row]
            if kind in "GE":
                lower[k] = side
            if kind in "LE":
                upper[k] = side
        if "RANGES" in bodies:
            rows, numbers, places = self._pairs(bodies["RANGES"])
            for row, number, place in zip(rows, numbers, places, strict=True):
                if self.kinds[row] == "N":
                    raise self.error(f"a range on {row!r}, which has no side", bodies["RANGES"], place)
                k, size = self.rows_seen[row], abs(number)
                if self.kinds[row] == "G" or (self.kinds[row] == "E" and number >= 0):
                    upper[k] = beyond(lower[k] + size)
                else:
                    lower[k] = beyond(upper[k] - size)
        for k, row in enumerate(sides):
            if not lower[k] <= upper[k] or lower[k] == math.inf or upper[k] == -math.inf:
                raise FormatError(f"row {row!r} has the sides [{lower[k]:g}, {upper[k]:g}], which hold no number")
        return lower, upper, constant

    def _column_bounds(self, bodies: dict[str, tuple[int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        n = len(self.columns)
        lower: dict[int, float] = {}
        upper: dict[int, float] = {}
        whole, semi, semi_whole = set(self.integers), set[int](), set[int]()
        touched: dict[int, int] = {}
        body = bodies.get("BOUNDS")
        sets: set[str] = set()
        for k, fields in enumerate(self.lines(body) if body else ()):
            assert body is not None  # noqa: S101 - for the type checker: there are lines
            kind, column, text, owner = self._bound_fields(fields, body, k)
            sets.add(owner)
            if len(sets) > 1:
                raise self.error(f"a second set of bounds, {owner!r}; a model has one", body, k)
            j = self.columns.get(column)
            if j is None:
                raise self.error(f"no column is called {column!r}", body, k)
            value = 0.0
            if text is not None:
                value = float(text) if NUMBER_ONLY.match(text) else self._numbers([text], [k], body, infinite=True)[0]
                value = beyond(value)
            touched[j] = k
            match kind:
                case "UP" | "UI":
                    upper[j] = value
                    if value < 0 and j not in lower:
                        lower[j] = -math.inf
                case "LO" | "LI":
                    lower[j] = value
                case "FX":
                    lower[j] = upper[j] = value
                case "FR":
                    lower[j], upper[j] = -math.inf, math.inf
                case "MI":
                    lower[j] = -math.inf
                case "PL":
                    upper[j] = math.inf
                case "BV":
                    lower[j], upper[j] = 0.0, 1.0
                case _:  # SC, SI
                    upper[j] = value if value else math.inf
                    semi.add(j)
            if kind == "SI":
                semi_whole.add(j)
            if kind in ("UI", "LI", "BV"):
                whole.add(j)
        low, high = np.zeros(n), np.full(n, math.inf)
        untouched = [j for j in self.integers if j not in touched]
        high[untouched] = 1.0  # between markers and without a bound: binary
        for j, value in lower.items():
            low[j] = value
        for j, value in upper.items():
            high[j] = value
        bad = ~(low <= high) | (low == math.inf) | (high == -math.inf)
        if bad.any():
            j = int(np.argmax(bad))
            name = next(name for name, at in self.columns.items() if at == j)
            reason = f"column {name!r} has the bounds [{low[j]:g}, {high[j]:g}], which hold no number"
            raise self.error(reason, body, touched.get(j, 0))
        domains = np.zeros(n, dtype=np.int8)
        domains[list(whole)] = Domain.INTEGER
        for j in semi:
            domains[j] = Domain.SEMI_INTEGER if j in semi_whole else Domain.SEMI_CONTINUOUS
        return low, high, domains

    def _bound_fields(self, fields: Line, body: tuple[int, int], k: int) -> tuple[str, str, str | None, str]:
        """Return type, column, number and set of a line of BOUNDS; the set's name may be absent."""
        for stop in (2, 3, 4):
            if len(fields) > stop and fields[stop][0] in "$*":
                fields = fields[:stop]
        kind = fields[0].upper()
        if kind in ("FR", "MI", "PL", "BV"):
            if len(fields) == 2:
                return kind, fields[1], None, ""
            if len(fields) in (3, 4):
                if len(fields) == 3 and fields[2] not in self.columns and fields[1] in self.columns:
                    return kind, fields[1], None, ""
                return kind, fields[2], None, fields[1]
        elif kind in ("UP", "LO", "FX", "UI", "LI", "SC", "SI"):
            if len(fields) == 3:
                if kind in ("SC", "SI") and fields[2] in self.columns and not NUMBER.match(fields[2]):
                    return kind, fields[2], "0", fields[1]
                return kind, fields[1], fields[2], ""
            if len(fields) == 4:
                return kind, fields[2], fields[3], fields[1]
        else:
            raise self.error(f"{fields[0]!r} is no type of bound", body, k)
        raise self.error("a bound is a type, a set's name, a column, and a number where its type needs one", body, k)

    def _quadratic(self, bodies: dict[str, tuple[int, int]], n: int) -> sparse.csr_array | None:
        given = [key for key in QUADRATIC if key in bodies]
        if not given:
            return None
        if len(given) > 1:
            raise FormatError(f"{' and '.join(given)} each give the quadratic objective; a model has one")
        parts: list[sparse.csr_array] = []
        for key in given:
            body = bodies[key]
            cells: dict[tuple[int, int], float] = {}
            places: dict[tuple[int, int], int] = {}
            for k, fields in enumerate(self.lines(body)):
                for at in (3, 5):
                    if len(fields) > at and fields[at][0] in "$*":
                        fields = fields[:at]
                if len(fields) not in (3, 5):
                    raise self.error("a line here is a column, and one or two columns each with a number", body, k)
                numbers = self._numbers(fields[2::2], [k] * (len(fields) // 2), body, infinite=False)
                for other, number in zip(fields[1::2], numbers, strict=True):
                    for name in (fields[0], other):
                        if name not in self.columns:
                            raise self.error(f"no column is called {name!r}", body, k)
                    cell = (self.columns[fields[0]], self.columns[other])
                    if key != "QMATRIX":
                        cell = (max(cell), min(cell))
                    if cell in cells:
                        raise self.error(f"{fields[0]!r} and {other!r} have a second number", body, k)
                    cells[cell], places[cell] = number, k
            if key == "QMATRIX":
                for (a, b), number in cells.items():
                    if cells.get((b, a), 0.0) != number:
                        raise self.error("QMATRIX is not symmetric here", body, places[a, b])
            else:
                cells.update({(b, a): number for (a, b), number in cells.items()})
            at_i, at_j = [c[0] for c in cells], [c[1] for c in cells]
            parts.append(sparse.csr_array(sparse.coo_array((list(cells.values()), (at_i, at_j)), shape=(n, n))))
        return parts[0] if parts[0].nnz else None


def _end(text: str, start: int) -> int:
    """Return where the line that holds a position ends."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end
