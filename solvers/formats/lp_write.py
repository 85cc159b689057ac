"""A model as an LP text, which `solvers.formats.lp` reads back the same."""

from __future__ import annotations

import math
import re

import numpy as np
from scipy import sparse

from solvers.formats.lp_words import KEYWORDS
from solvers.formats.names import mangle
from solvers.formats.numbers import shortest
from solvers.milp import Domain, Milp, Sense

_BAD_CHARACTER = re.compile(r"[^A-Za-z0-9!\"#$%&(),.;?@_'`{}~]")
_EXPONENT = re.compile(r"[eE]\d")
_WIDTH = 200


def unparse(model: Milp) -> str:
    """Return the model as an LP text that `parse` reads back the same, columns and rows in order."""

    def refused(name: str) -> bool:
        return name[0] in ".0123456789" or name.lower() in KEYWORDS or bool(_EXPONENT.match(name)) or len(name) > 255

    names = mangle(model.column_names, model.row_names, bad=_BAD_CHARACTER, refused=refused)
    columns = names.columns
    lines = [f"\\ {line}" for line in names.head]
    if model.name:
        lines.insert(0, "\\ Model " + " ".join(model.name.split()))
    lines.append("Maximize" if model.sense is Sense.MAXIMIZE else "Minimize")
    lines += _wrapped(" obj:", _objective_terms(model, columns))
    lines.append("Subject To")
    indptr, indices, data = (a.tolist() for a in (model.matrix.indptr, model.matrix.indices, model.matrix.data))
    lower, upper = model.row_lower.tolist(), model.row_upper.tolist()
    for i, name in enumerate(names.rows):
        a, b = indptr[i], indptr[i + 1]
        terms = [_term(data[k], columns[indices[k]]) for k in range(a, b)]
        if not terms:
            terms = [f"+ 0 {columns[0]}"] if columns else ["0"]
        low, high = lower[i], upper[i]
        head, tail = f" {name}:", f"= {shortest(low)}"
        if low != high:
            if low == -math.inf:
                tail = f"<= {shortest(high)}" if high < math.inf else ">= -inf"
            elif high == math.inf:
                tail = f">= {shortest(low)}"
            else:
                head, tail = f"{head} {shortest(low)} <=", f"<= {shortest(high)}"
        lines += _wrapped(head, [*terms, tail])
    lines += _bound_lines(model, columns)
    whole = (model.domains == Domain.INTEGER) | (model.domains == Domain.SEMI_INTEGER)
    binary = (model.domains == Domain.INTEGER) & (model.column_lower == 0) & (model.column_upper == 1)
    for title, mask in (
        ("Generals", whole & ~binary),
        ("Binaries", binary),
        ("Semi-Continuous", model.domains >= Domain.SEMI_CONTINUOUS),
    ):
        chosen = np.flatnonzero(mask).tolist()
        if chosen:
            lines += [title, *_wrapped("", [columns[j] for j in chosen])]
    lines.append("End")
    return "\n".join(lines) + "\n"


def _objective_terms(model: Milp, columns: list[str]) -> list[str]:
    """Return the objective's terms; zero terms keep the order of the columns where the rows would not."""
    costs = model.objective.tolist()
    appear = dict.fromkeys(np.flatnonzero(model.objective).tolist())
    quadratic = model.quadratic if model.quadratic is not None and model.quadratic.nnz else None
    if quadratic is None:
        appear.update(dict.fromkeys(model.matrix.indices.tolist()))
    ordered = list(appear) == list(range(model.n_columns))
    terms = [_term(c, columns[j]) for j, c in enumerate(costs) if c or not ordered]
    if quadratic is not None:
        upper = sparse.coo_array(sparse.triu(quadratic))
        squares = [
            _term(v if i == j else 2 * v, f"{columns[i]}^2" if i == j else f"{columns[i]} * {columns[j]}")
            for i, j, v in zip(upper.row.tolist(), upper.col.tolist(), upper.data.tolist(), strict=True)
        ]
        terms += ["+ [", *squares, "] / 2"]
    if model.constant:
        terms.append(_term(model.constant, "").rstrip() if abs(model.constant) != 1 else f"{_signed(model.constant)}1")
    return terms or ["0"]


def _bound_lines(model: Milp, columns: list[str]) -> list[str]:
    binary = (model.domains == Domain.INTEGER) & (model.column_lower == 0) & (model.column_upper == 1)
    default = (model.column_lower == 0) & (model.column_upper == np.inf)
    lines = ["Bounds"]
    for j in np.flatnonzero(~binary & ~default).tolist():
        low, high, name = float(model.column_lower[j]), float(model.column_upper[j]), columns[j]
        if low == high:
            lines.append(f" {name} = {shortest(low)}")
        elif low == -math.inf and high == math.inf:
            lines.append(f" {name} free")
        elif high == math.inf:
            lines.append(f" {name} >= {shortest(low)}")
        elif low == 0 and high > 0:
            lines.append(f" {name} <= {shortest(high)}")
        else:
            lines.append(f" {'-inf' if low == -math.inf else shortest(low)} <= {name} <= {shortest(high)}")
    return lines if len(lines) > 1 else []


def _signed(value: float) -> str:
    return "- " if value < 0 else "+ "


def _term(value: float, name: str) -> str:
    size = abs(value)
    return f"{_signed(value)}{name}" if size == 1 and name else f"{_signed(value)}{shortest(size)} {name}"


def _wrapped(head: str, parts: list[str]) -> list[str]:
    """Return the parts behind their head in lines that solvers with short line buffers read too."""
    lines, line = [], head
    for part in parts:
        if len(line) + len(part) + 1 > _WIDTH and line.strip():
            lines.append(line)
            line = " "
        line = f"{line} {part}"
    lines.append(line)
    return lines
