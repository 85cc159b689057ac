"""The MPS format, fixed and free, read strictly.

Conventions, which are those of CPLEX, SCIP and HiGHS: the first N row is the objective and further ones are free
rows; a right-hand side on the objective is minus its constant; a negative UP bound without a lower one opens the
lower side; an integer column between markers that has no bound is binary; a range on an equality extends it to
the side of its sign; SC makes a column semi-continuous and SI semi-integer, whatever the markers say; QUADOBJ
and QSECTION hold a triangle, QMATRIX the whole matrix of x'Qx/2. 1e20 and more is infinite where a bound
or a right-hand side stands. Fortran's exponents (1.0D3) and ratios of whole numbers (9/10) are read.

A file is first read as free format; where that fails and a name may hold a blank, as fixed format.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

import numpy as np
from scipy import sparse

from solvers.errors import FormatError, ModelError
from solvers.formats.entries import compressed
from solvers.formats.mps_bounds import column_bounds, row_bounds
from solvers.formats.mps_lines import Body, Line
from solvers.formats.mps_words import HEADER, NOT_HELD, QUADRATIC, SECTIONS, SENSES
from solvers.formats.mps_write import unparse
from solvers.formats.names import unmangler
from solvers.milp import FloatVector, Milp, Sense

__all__ = ["parse", "unparse"]


def parse(text: str) -> Milp:
    """Return the model that an MPS text holds. Raises `FormatError` with the line and the reason."""
    if "\r" in text:
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
        self.rows: dict[str, int] = {}
        self.columns: dict[str, int] = {}
        self.integers: set[int] = set()

    def _unindented(self) -> Iterator[tuple[int, int]]:
        """Yield where each line begins and ends that is neither indented nor a comment."""
        text = self.text
        if text[:1].strip() and text[0] != "*":
            yield 0, _end(text, 0)
        for match in HEADER.finditer(text):
            yield match.end(), _end(text, match.end())

    def sections(self) -> list[tuple[str, Line, Body, int]]:
        """Return (keyword, rest of its line, body, line number) for each section."""
        found: list[tuple[str, Line, int, int]] = []
        in_data = ""
        for start, end in self._unindented():
            words = self.text[start:end].split()
            key = words[0].upper()
            alone = len(words) == 1 or key in ("NAME", "OBJSENSE", "OBJNAME", *QUADRATIC, *NOT_HELD)
            if key in SECTIONS | set(NOT_HELD) and alone and not (key == "NAME" and in_data):
                self._refuse_section(key, found, start)
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
        loose = ("OBJSENSE", "OBJNAME")  # their one word stands anywhere
        return [
            (
                key,
                rest,
                Body(self.text, end, stop, fixed=self.fixed and key not in loose),
                self.text.count("\n", 0, start) + 1,
            )
            for (key, rest, start, end), stop in zip(found, ends, strict=True)
        ]

    def _refuse_section(self, key: str, found: list[tuple[str, Line, int, int]], start: int) -> None:
        """Raise an error for a section that no model holds, or that stands here for the second time."""
        if key in NOT_HELD:
            reason = f"{NOT_HELD[key]} ({key}) cannot be held in a mixed-integer linear program"
        elif any(key == before for before, *_ in found):
            reason = f"a second section {key}"
        else:
            return
        raise FormatError(reason, line=self.text.count("\n", 0, start) + 1)

    # -- the file -------------------------------------------------------------------------------------------

    def read(self) -> Milp:
        bodies: dict[str, Body] = {}
        for key, rest, body, line in self.sections():
            bodies[key] = body
            if key == "NAME":
                self.name = " ".join(rest)
            elif key == "OBJSENSE" or key == "OBJNAME":
                words = rest or [word for fields in body.lines for word in fields]
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
            elif key in QUADRATIC and rest and rest != [self._objective_of(bodies)]:
                raise FormatError(f"{key} belongs to {rest[0]!r}, which is not the objective", line=line)
        for key in ("ROWS", "COLUMNS"):
            if key not in bodies:
                raise FormatError(f"the section {key} is missing")
        order = [key for key in bodies if key in ("ROWS", "COLUMNS")]
        if order != ["ROWS", "COLUMNS"]:
            raise FormatError("COLUMNS stands before ROWS")
        self._rows(bodies["ROWS"])
        objective, matrix = self._columns(bodies["COLUMNS"])
        return self._model(bodies, objective, matrix)

    def _objective_of(self, bodies: dict[str, Body]) -> str | None:
        """Return the name of the objective's row, before the rows are read whole."""
        if self.wanted_objective is not None or "ROWS" not in bodies:
            return self.wanted_objective
        return next((f[1] for f in bodies["ROWS"].lines if len(f) > 1 and f[0].upper() == "N"), None)

    def _rows(self, body: Body) -> None:
        body.cut(2)
        for k, fields in enumerate(body.lines):
            kind = fields[0].upper()
            if len(fields) != 2 or kind not in ("N", "L", "G", "E"):
                raise body.error("a row is a type (N, L, G or E) and a name", k)
            name = fields[1]
            if name in self.kinds:
                raise body.error(f"the row {name!r} is given twice", k)
            self.kinds[name] = kind
            if kind == "N" and self.objective is None and self.wanted_objective in (None, name):
                self.objective = name
        if self.wanted_objective is not None and self.objective is None:
            raise body.error(f"no N row is called {self.wanted_objective!r}, which OBJNAME names")
        names = (name for name in self.kinds if name != self.objective)
        self.rows = {name: k for k, name in enumerate(names)}

    def _columns(self, body: Body) -> tuple[FloatVector, sparse.csr_array]:
        """Take the columns; return the costs (n,) and the matrix (m, n)."""
        body.cut(3, 5)
        lines, places = body.lines, list(range(len(body.lines)))
        spans = self._marked(body) if body.marked else []
        if spans:
            places = [k for a, b in spans for k in range(a, b)]
            lines = [lines[k] for k in places]
        if not set(map(len, lines)) <= {1, 3, 5}:
            for k, fields in zip(places, lines, strict=True):
                if len(fields) == 2 and fields[1].startswith(("$", "*")):
                    fields.pop()
                elif len(fields) not in (1, 3, 5):
                    raise body.error("a line of COLUMNS is a column, and one or two rows each with a number", k)
        names = [fields[0] for fields in lines]
        self.columns = {name: j for j, name in enumerate(dict.fromkeys(names))}
        if 1 + sum(map(operator.ne, names, names[1:])) > max(len(self.columns), 1):
            self._refuse_torn_column(body, names, places)
        for a, b in spans[1::2]:
            self.integers.update(self.columns[fields[0]] for fields in body.lines[a:b])
        first = list(range(len(lines)))
        if any(len(fields) == 1 for fields in lines):  # a column without an entry
            first = [k for k in first if len(lines[k]) > 1]
        second = [k for k in first if len(lines[k]) == 5]
        at = [*first, *second]
        rows = [lines[k][1] for k in first] + [lines[k][3] for k in second]
        texts = [lines[k][2] for k in first] + [lines[k][4] for k in second]
        places = [places[k] for k in at]
        values = np.array(body.numbers(texts, places), dtype=np.float64)
        m, n = len(self.rows), len(self.columns)
        index = self.rows if self.objective is None else {**self.rows, self.objective: m}
        try:
            i = np.array(list(map(index.__getitem__, rows)), dtype=np.int32)
        except KeyError:
            k = next(k for k, row in enumerate(rows) if row not in index)
            raise body.error(f"no row is called {rows[k]!r}", places[k]) from None
        j = np.array([self.columns[names[k]] for k in at], dtype=np.int32)
        matrix, again = compressed(i, j, values, (m + 1, n))
        if again.size:
            cells: set[tuple[str, str]] = set()
            for k in sorted(range(len(rows)), key=places.__getitem__):
                cell = names[at[k]], rows[k]
                if cell in cells:
                    raise body.error(f"column {cell[0]!r} has a second number in row {cell[1]!r}", places[k])
                cells.add(cell)
        end = matrix.indptr[m]
        costs = np.zeros(n)
        costs[matrix.indices[end:]] = matrix.data[end:]
        linear = sparse.csr_array((matrix.data[:end], matrix.indices[:end], matrix.indptr[: m + 1]), shape=(m, n))
        linear.has_canonical_format = True
        return costs, linear

    def _refuse_torn_column(self, body: Body, names: list[str], places: list[int]) -> None:
        """Raise an error at the first line of a column whose other lines ended before it."""
        seen: set[str] = set()
        for before, name, k in zip(["", *names], names, places, strict=False):
            if name != before and name in seen:
                raise body.error(f"the column {name!r} comes back after another; its lines must stand together", k)
            seen.add(name)

    def _marked(self, body: Body) -> list[tuple[int, int]]:
        """Return the spans of lines between markers: every other one, from the second on, holds integers."""
        spans: list[tuple[int, int]] = []
        start = 0
        for k, fields in enumerate(body.lines):
            if len(fields) >= 3 and "'MARKER'" in fields[1:3]:
                which = fields[-1].strip("'")
                if which != ("INTEND" if len(spans) % 2 else "INTORG"):
                    raise body.error("markers are 'INTORG' and 'INTEND' in turn; no other kind can be held", k)
                spans.append((start, k))
                start = k + 1
        return [*spans, (start, len(body.lines))]

    def _model(self, bodies: dict[str, Body], objective: FloatVector, matrix: sparse.csr_array) -> Milp:
        row_lower, row_upper, constant = row_bounds(
            self.rows, self.kinds, self.objective, bodies.get("RHS"), bodies.get("RANGES")
        )
        lower, upper, domains = column_bounds(self.columns, self.integers, bodies.get("BOUNDS"))
        comments = [line[1:] for line in self.text[:4000].split("\n") if line.startswith("*")]
        original = unmangler(comments) or (lambda name: name)
        try:
            return Milp(
                self.sense,
                objective,
                matrix,
                row_lower,
                row_upper,
                lower,
                upper,
                domains,
                list(map(original, self.columns)),
                list(map(original, self.rows)),
                constant=constant,
                quadratic=self._quadratic(bodies),
                name=self.name,
            )
        except ModelError as error:
            raise FormatError(str(error)) from None

    def _quadratic(self, bodies: dict[str, Body]) -> sparse.csr_array | None:
        given = [key for key in QUADRATIC if key in bodies]
        if not given:
            return None
        if len(given) > 1:
            raise bodies[given[1]].error(f"{' and '.join(given)} each give the quadratic objective; a model has one")
        body, whole = bodies[given[0]], given[0] == "QMATRIX"
        body.cut(3, 5)
        cells: dict[tuple[int, int], float] = {}
        places: dict[tuple[int, int], int] = {}
        for k, fields in enumerate(body.lines):
            if len(fields) not in (3, 5):
                raise body.error("a line here is a column, and one or two columns each with a number", k)
            numbers = body.numbers(fields[2::2], [k] * (len(fields) // 2))
            for other, number in zip(fields[1::2], numbers, strict=True):
                for name in (fields[0], other):
                    if name not in self.columns:
                        raise body.error(f"no column is called {name!r}", k)
                i, j = self.columns[fields[0]], self.columns[other]
                cell = (i, j) if whole else (max(i, j), min(i, j))
                if cell in cells:
                    raise body.error(f"{fields[0]!r} and {other!r} have a second number", k)
                cells[cell], places[cell] = number, k
        for (i, j), number in list(cells.items()):
            if not whole:
                cells[j, i] = number
            elif cells.get((j, i), 0.0) != number:
                raise body.error("QMATRIX is not symmetric here", places[i, j])
        if not any(cells.values()):
            return None
        i, j = np.array(list(cells), dtype=np.int32).T
        n = len(self.columns)
        return compressed(i, j, np.array(list(cells.values())), (n, n))[0]


def _end(text: str, start: int) -> int:
    """Return where the line that holds a position ends."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end
