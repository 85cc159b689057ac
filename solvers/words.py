"""Rows, bounds and numbers of a model in words that a person reads."""

from __future__ import annotations

import math

from solvers.iis import Member
from solvers.milp import Domain, Milp

_MOST_TERMS = 12


def number(value: float) -> str:
    """Return a number with at most 10 significant digits and without a needless exponent."""
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}"


def expression(model: Milp, row: int) -> str:
    """Return a row's left side, such as ``3 x + 2 y``; a long one is cut."""
    start, end = int(model.matrix.indptr[row]), int(model.matrix.indptr[row + 1])
    text = ""
    for k in range(start, min(end, start + _MOST_TERMS)):
        value = float(model.matrix.data[k])
        name = model.column_names[int(model.matrix.indices[k])]
        term = name if abs(value) == 1 else f"{number(abs(value))} {name}"
        sign = ("- " if value < 0 else "+ ") if text else ("-" if value < 0 else "")
        text = f"{text} {sign}{term}" if text else f"{sign}{term}"
    if end - start > _MOST_TERMS:
        text += f" + ... ({end - start} terms)"
    return text or "0"


def relation(model: Milp, member: Member) -> str:
    """Return a member as a relation: ``budget: 3 x + 2 y <= 500``, ``x >= 10``, or ``x is 0 or x >= 10``."""
    sign = "<=" if member.side == "upper" else ">="
    value = number(member.value(model))
    if member.kind == "column":
        name = model.column_names[member.index]
        semi = model.domains[member.index] >= Domain.SEMI_CONTINUOUS
        return f"{name} is 0 or {name} {sign} {value}" if semi else f"{name} {sign} {value}"
    return f"{model.row_names[member.index]}: {expression(model, member.index)} {sign} {value}"
