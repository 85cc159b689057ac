"""The rows of two models side by side, equal ones aligned."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from equivalence.certificate import Affine
from equivalence.exact import rational
from equivalence.graph import content_of
from equivalence.linear import terms_of
from equivalence.words import SHOWN, linear, number
from solvers.milp import Domain, Milp, Sense

Kind = Literal["same", "changed", "only_a", "only_b"]
Sides = tuple[Fraction | None, Fraction | None]
Content = tuple[tuple[tuple[str, Fraction], ...], Sides]
_ONE = Fraction(1)
_DIRECTION = {Sense.MINIMIZE: "minimises", Sense.MAXIMIZE: "maximises"}


@dataclass(frozen=True, slots=True)
class AlignedRow:
    """A line of each model that belong together; None on the side that has none. ``words`` says what changed."""

    kind: Kind
    a: str | None
    b: str | None
    words: str = ""


def aligned_rows(a: Milp, b: Milp) -> list[AlignedRow]:
    """Return objective, constraints and variables of both models, matched by content, then by name.

    Rows count as the same up to a factor; variables are those with the same name.
    """
    one, other = _objective(a), _objective(b)
    same = one == other
    found = [AlignedRow("same" if same else "changed", one, other, "" if same else objective_changes(a, b, "A", "B"))]
    partner = _partners(a, b)
    for i in range(a.n_rows):
        mate = partner.get(i)
        if mate is None:
            found.append(AlignedRow("only_a", _row(a, i), None))
        else:
            words = _changes(a, i, b, mate, "A", "B")
            found.append(AlignedRow("changed" if words else "same", _row(a, i), _row(b, mate), words))
    left = sorted(set(range(b.n_rows)) - set(partner.values()))
    return [*found, *(AlignedRow("only_b", None, _row(b, k)) for k in left), *_columns(a, b)]


def row_changes(a: Milp, b: Milp, i: int, name_a: str, name_b: str) -> str | None:
    """Return in words how row i of A stands in B: empty where it is the same, None where B has none like it."""
    mate = _partners(a, b).get(i)
    return None if mate is None else _changes(a, i, b, mate, name_a, name_b)


def objective_changes(a: Milp, b: Milp, name_a: str, name_b: str) -> str:
    """Return in words how the objectives differ, name by name; empty where they do not."""
    terms_a, terms_b = (_named(m, range(m.n_columns), m.objective.tolist()) for m in (a, b))
    parts = []
    if a.sense is not b.sense:
        parts.append(f"{name_a} {_DIRECTION[a.sense]} and {name_b} {_DIRECTION[b.sense]}")
    parts += _term_changes("the objective", terms_a, terms_b, name_a, name_b)
    if a.constant != b.constant:
        constants = number(rational(a.constant)), number(rational(b.constant))
        parts.append(f"its constant is {constants[0]} in {name_a}, {constants[1]} in {name_b}")
    return _joined(parts)


def _partners(a: Milp, b: Milp) -> dict[int, int]:
    """Return for rows of A the row of B with the same content, else the one left over with the same name."""
    by_content: dict[Content, list[int]] = defaultdict(list)
    for k in range(b.n_rows):
        by_content[_content(b, k)].append(k)
    partner: dict[int, int] = {}
    for i in range(a.n_rows):
        if matching := by_content[_content(a, i)]:
            partner[i] = matching.pop(0)
    by_name = {b.row_names[k]: k for k in sorted(set(range(b.n_rows)) - set(partner.values()))}
    for i in range(a.n_rows):
        if i not in partner and (named := by_name.pop(a.row_names[i], None)) is not None:
            partner[i] = named
    return partner


def _changes(a: Milp, i: int, b: Milp, k: int, name_a: str, name_b: str) -> str:
    """Return how two rows differ, in the numbers of A; B's row times a factor where that leaves less to say."""
    if _content(a, i) == _content(b, k):
        return ""
    name = f"'{a.row_names[i]}'"
    tried = []
    for factor in dict.fromkeys([Fraction(1), Fraction(-1), _scale(a, i) / _scale(b, k)]):
        parts = _term_changes(name, _terms(a, i), _terms(b, k, factor), name_a, name_b)
        one, other = _sides(a, i), _sides(b, k, factor)
        if one != other:
            parts.append(f"{name} must be {_asked(one)} in {name_a}, {_asked(other)} in {name_b}")
        if factor != 1:
            parts[-1] += f" (its row times {number(factor)})"
        tried.append(parts)
    return _joined(min(tried, key=len))


def _term_changes(name: str, a: dict[str, Fraction], b: dict[str, Fraction], name_a: str, name_b: str) -> list[str]:
    changed = [v for v in dict.fromkeys([*a, *b]) if a.get(v, 0) != b.get(v, 0)]
    return [
        f"the coefficient of {v} in {name} is {number(a.get(v, Fraction(0)))} in {name_a}, "
        f"{number(b.get(v, Fraction(0)))} in {name_b}"
        for v in changed
    ]


def _joined(parts: list[str]) -> str:
    more = f"; and {len(parts) - SHOWN} more changes" if len(parts) > SHOWN else ""
    return "; ".join(parts[:SHOWN]) + more


def _asked(sides: Sides) -> str:
    low, high = sides
    if low is None:
        return "anything" if high is None else f"at most {number(high)}"
    if high is None:
        return f"at least {number(low)}"
    return f"exactly {number(low)}" if low == high else f"between {number(low)} and {number(high)}"


def _named(
    model: Milp, columns: Sequence[int], values: Sequence[float], factor: Fraction = _ONE
) -> dict[str, Fraction]:
    pairs = zip(columns, values, strict=True)
    return {model.column_names[int(j)]: factor * rational(float(v)) for j, v in pairs if v}


def _terms(model: Milp, i: int, factor: Fraction = _ONE) -> dict[str, Fraction]:
    span = slice(int(model.matrix.indptr[i]), int(model.matrix.indptr[i + 1]))
    return _named(model, model.matrix.indices[span].tolist(), model.matrix.data[span].tolist(), factor)


def _sides(model: Milp, i: int, factor: Fraction = _ONE) -> Sides:
    low, high = (
        None if math.isinf(side) else factor * rational(side)
        for side in (float(model.row_lower[i]), float(model.row_upper[i]))
    )
    return (low, high) if factor > 0 else (high, low)


def _scale(model: Milp, i: int) -> Fraction:
    """Return the content of a row, with the sign that its normal form divides out."""
    terms = sorted(_terms(model, i).items())
    content = content_of([v for _, v in terms]) or _ONE
    low, high = _sides(model, i)
    turned = low is not None and (high is None or (bool(terms) and terms[0][1] < 0))
    return -content if turned else content


def _content(model: Milp, i: int) -> Content:
    """Return the row with its terms by name, divided by its content and turned to one of its two signs."""
    factor = 1 / _scale(model, i)
    return tuple(sorted(_terms(model, i, factor).items())), _sides(model, i, factor)


def _row(model: Milp, i: int) -> str:
    span = slice(int(model.matrix.indptr[i]), int(model.matrix.indptr[i + 1]))
    form = Affine(terms_of(model.matrix.indices[span].tolist(), model.matrix.data[span].tolist()))
    body = linear(form, model.column_names)
    return f"{model.row_names[i]}: {_between(body, float(model.row_lower[i]), float(model.row_upper[i]))}"


def _between(body: str, low: float, high: float) -> str:
    if low == high:
        return f"{body} = {number(rational(low))}"
    if low == -float("inf"):
        return f"{body} <= {number(rational(high))}" if high != float("inf") else f"{body} free"
    if high == float("inf"):
        return f"{body} >= {number(rational(low))}"
    return f"{number(rational(low))} <= {body} <= {number(rational(high))}"


def _objective(model: Milp) -> str:
    form = Affine(terms_of(range(model.n_columns), model.objective.tolist()))
    constant = rational(model.constant)
    tail = f" {'+' if constant > 0 else '-'} {number(abs(constant))}" if constant else ""
    return f"{model.sense}: {linear(form, model.column_names)}{tail}"


def _columns(a: Milp, b: Milp) -> list[AlignedRow]:
    in_b = {name: k for k, name in enumerate(b.column_names)}
    found = []
    for j, name in enumerate(a.column_names):
        other = in_b.pop(name, None)
        if other is None:
            found.append(AlignedRow("only_a", _column(a, j), None))
        else:
            one, two = _column(a, j), _column(b, other)
            same = one == two
            words = "" if same else f"variable {name} is {one} in A, {two} in B"
            found.append(AlignedRow("same" if same else "changed", one, two, words))
    return found + [AlignedRow("only_b", None, _column(b, k)) for k in in_b.values()]


def _column(model: Milp, j: int) -> str:
    kind = Domain(int(model.domains[j])).name.lower().replace("_", "-")
    body = model.column_names[j]
    return f"{_between(body, float(model.column_lower[j]), float(model.column_upper[j]))} {kind}"


_MARK = {"same": " ", "changed": "|", "only_a": "<", "only_b": ">"}


def as_text(rows: Sequence[AlignedRow], name_a: str = "A", name_b: str = "B", *, width: int = 60) -> str:
    """Return the rows as two columns; ``|`` marks a change, ``<`` and ``>`` what one side alone has."""

    def cut(text: str | None) -> str:
        text = text or ""
        return text if len(text) <= width else text[: width - 1] + "…"

    lines = [f"{cut(name_a):<{width}}   {cut(name_b)}"]
    for row in rows:
        lines.append(f"{cut(row.a):<{width}} {_MARK[row.kind]} {cut(row.b)}".rstrip())
        if row.words:
            lines.append(f"    {row.words}")
    return "\n".join(lines)


def rows_json(rows: Sequence[AlignedRow]) -> list[dict[str, str | None]]:
    """Return the rows as values that JSON can hold."""
    return [{"kind": row.kind, "a": row.a, "b": row.b, "words": row.words} for row in rows]
