"""Numbers, points and linear forms as a person would write them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from equivalence.certificate import Affine

SHOWN = 8
"""How many terms are written before the rest is counted."""


def number(value: Fraction) -> str:
    """Return a rational as a person would write it: whole, decimal where short, else a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    for places in range(1, 7):
        if 10**places % value.denominator == 0:
            return f"{float(value):.{places}f}"
    return f"{value.numerator}/{value.denominator}" if len(str(value.denominator)) <= 6 else f"{float(value):.6g}"


def point(values: Sequence[Fraction], names: Sequence[str]) -> str:
    """Return a point as ``x = 1, y = 2``; zeros are left out where the point is long."""
    pairs = list(zip(names, values, strict=True))
    if len(pairs) <= SHOWN:
        return ", ".join(f"{name} = {number(v)}" for name, v in pairs)
    shown = [f"{name} = {number(v)}" for name, v in pairs if v][:SHOWN]
    left = sum(1 for _, v in pairs if v) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "") + ", all else 0"


def linear(form: Affine, names: Sequence[str]) -> str:
    """Return a form as ``2 x - y``; long ones are cut."""
    text = ""
    for j, v in form.terms[:SHOWN]:
        size = "" if abs(v) == 1 else f"{number(abs(v))} "
        sign = ("-" if v < 0 else "") if not text else (" - " if v < 0 else " + ")
        text += f"{sign}{size}{names[j]}"
    if len(form.terms) > SHOWN:
        text += f" + ... ({len(form.terms)} terms)"
    return text or "0"
