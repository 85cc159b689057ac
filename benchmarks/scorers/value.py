"""The objective value against the labelled optimum."""

from __future__ import annotations

CLOSE = 1e-6
"""The relative distance within which a value is the expected one."""

NEAR = 0.05
"""The relative distance that published tables often allow; reported beside the other, never instead of it."""

FLOOR = 1e-6
"""The distance that is always allowed, for expected values at and about zero."""


def value_within(value: float, expected: float, relative: float) -> bool:
    """Return whether the value lies within ``relative * |expected|`` of the expected one, or within `FLOOR`."""
    return abs(value - expected) <= max(relative * abs(expected), FLOOR)
