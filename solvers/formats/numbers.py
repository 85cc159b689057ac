"""Numbers as LP and MPS files hold them."""

from __future__ import annotations

import math

from solvers.infinite import INFINITE


def beyond(value: float) -> float:
    """Return the value, infinite where it is `INFINITE` and more, and without a negative zero."""
    return math.copysign(math.inf, value) if abs(value) >= INFINITE else value + 0.0


def shortest(value: float) -> str:
    """Return the shortest text that reads back as the same finite number."""
    return str(int(value)) if abs(value) < 1e15 and value == int(value) else repr(float(value))
