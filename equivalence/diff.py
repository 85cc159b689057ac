"""The rows of two models side by side, equal ones aligned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from equivalence.certificate import Affine
from equivalence.exact import rational
from equivalence.explain import linear, number
from equivalence.linear import terms_of
from solvers.milp import Domain, Milp

Kind = Literal["same", "changed", "only_a", "only_b"]
Content = tuple[tuple[tuple[str, Fraction], ...], str, str]


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
    found = [_pair("the objective", _objective(a), _objective(b), a_content=None, b_content=None)]
    contents_a, contents_b = [_content(a, i) for i in range(a.n_rows)], [_content(b, i) for i in range(b.n_rows)]
    by_content: dict[Content, list[int]] = defaultdict(list)
    for k, content in enumerate(contents_b):
        by_content[content].append(k)
    partner: dict[int, int] = {}
    for i, content in enumerate(contents_a):
        if by_content[content]:
            partner[i] = by_content[content].pop(0)
    left = set(range(b.n_rows)) - set(partner.values())
    by_name = {b.row_names[k]: k for k in sorted(left)}
    for i in range(a.n_rows):
        if i not in partner and (named := by_name.pop(a.row_names[i], None)) is not None:
            partner[i] = named
            left.discard(named)
    for i in range(a.n_rows):
        mate = partner.get(i)
        if mate is None:
            found.append(AlignedRow("only_a", _row(a, i), None))
        else:
            name = f"'{a.row_names[i]}'"
            found.append(_pair(name, _row(a, i), _row(b, mate), contents_a[i], contents_b[mate]))
    found += [AlignedRow("only_b", None, _row(b, k)) for k in sorted(left)]
    return found + _columns(a, b)


def _pair(name: str, a: str, b: str, a_content: Content | None = None, b_content: Content | None = None) -> AlignedRow:
    if a_content is None or b_content is None:
        return AlignedRow("same" if a == b else "changed", a, b, "" if a == b else f"{name} differs")
    if a_content == b_content:
        return AlignedRow("same", a, b)
    return AlignedRow("changed", a, b, _changes(name, a_content, b_content))


def _changes(name: str, a: Content, b: Content) -> str:
    terms_a, terms_b = dict(a[0]), dict(b[0])
    parts = []
    for variable in sorted(terms_a.keys() | terms_b.keys()):
        v, w = terms_a.get(variable, Fraction(0)), terms_b.get(variable, Fraction(0))
        if v != w:
            parts.append(f"coefficient of {variable} in {name} is {number(v)} in A, {number(w)} in B")
    for side, low, high in (("lower", a[1], b[1]), ("upper", a[2], b[2])):
        if low != high:
            parts.append(f"{side} side of {name} is {low or 'absent'} in A, {high or 'absent'} in B")
    return "; ".join(parts)


def _content(model: Milp, i: int) -> Content:
    """Return the row with its terms by name, divided by its content with the sign of its first term."""
    span = slice(int(model.matrix.indptr[i]), int(model.matrix.indptr[i + 1]))
    terms = sorted(
        (model.column_names[int(j)], rational(float(v)))
        for j, v in zip(model.matrix.indices[span], model.matrix.data[span], strict=True)
    )
    from equivalence.graph import content_of

    content = content_of([v for _, v in terms]) or Fraction(1)
    low, high = float(model.row_lower[i]), float(model.row_upper[i])
    only_lower = high == float("inf") and low != -float("inf")
    two_sided = high != float("inf") and low != -float("inf")
    if only_lower or (two_sided and terms and terms[0][1] < 0):
        content = -content
    sides = ["" if abs(s) == float("inf") else number(rational(s) / content) for s in (low, high)]
    if content < 0:
        sides.reverse()
    return tuple((name, v / content) for name, v in terms), sides[0], sides[1]


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
            found.append(_pair(f"variable {name}", _column(a, j), _column(b, other)))
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
