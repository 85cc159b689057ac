"""The exact numbers behind the floats of a model.

A float that came from a decimal text of at most 15 significant digits is read as that decimal; one with a
short binary fraction as that fraction. Anything else (a third, a sum with rounding noise) is read as the
simplest number within four units of the last place, and marks the model as inexact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from solvers.milp import Milp

_LARGEST_EXACT = 2**53
_SHORT_DIGITS = 15
_NOISE_DIGITS = 13
_SHORT_BINARY = 2**40
_SHORT_BITS = 24
_SIMPLE_DENOMINATOR = 10**4
_SIMPLE_HEIGHT = 10**9
_LAST_PLACES = 4
_PLAIN_DIGITS = 10
_PLAIN_NOISE = 16
_READ_ONE_BY_ONE = 2000
_CLUSTER = 1e-11
_LEADER_DENOMINATOR = 1000

Vector = NDArray[np.float64]


@lru_cache(maxsize=1 << 16)
def _read(value: float) -> tuple[Fraction, bool, bool]:
    """Return the number, whether the reading is exact, and whether it is rough: explained by nothing."""
    if value == (whole := int(value)) and abs(whole) < _LARGEST_EXACT:
        return Fraction(whole), True, False
    decimal = Fraction(repr(value))
    if _digits(repr(value)) <= _SHORT_DIGITS:
        return decimal, True, False
    binary = Fraction(value)
    # Few significant bits: a large number with a rounded tail also has a small denominator.
    if binary.denominator <= _SHORT_BINARY and binary.numerator.bit_length() <= _SHORT_BITS:
        return binary, True, False
    allowed = _LAST_PLACES * Fraction(math.ulp(value))
    rounded = f"{value:.{_SHORT_DIGITS}g}"
    if _digits(rounded) <= _NOISE_DIGITS and abs(Fraction(rounded) - binary) <= allowed:
        return Fraction(rounded), False, False
    plain = Fraction(f"{value:.{_PLAIN_DIGITS}g}")
    if abs(plain - binary) <= _PLAIN_NOISE * allowed:
        return plain, False, False
    simple = binary.limit_denominator(_SIMPLE_DENOMINATOR)
    if simple and abs(simple.numerator) * simple.denominator <= _SIMPLE_HEIGHT and abs(simple - binary) <= allowed:
        return simple, False, False
    return decimal, False, True


def read(value: float) -> tuple[Fraction, bool]:
    """Return the number that a finite float stands for, and whether the reading is exact."""
    return _read(value)[:2]


def rational(value: float) -> Fraction:
    """Return the number that a finite float stands for."""
    return read(float(value))[0]


def _digits(text: str) -> int:
    mantissa = text.lower().split("e")[0].replace(".", "").lstrip("-0").rstrip("0")
    return len(mantissa)


def is_exact(model: Milp) -> bool:
    """Return whether every finite number of the model is read exactly."""
    return all(_all_exact(vector) for vector in _vectors(model))


def _vectors(model: Milp) -> list[Vector]:
    quadratic = () if model.quadratic is None else model.quadratic.data
    vectors = (
        model.matrix.data,
        model.objective,
        model.row_lower,
        model.row_upper,
        model.column_lower,
        model.column_upper,
        np.asarray([model.constant]),
        np.asarray(quadratic),
    )
    return [np.asarray(vector, dtype=np.float64) for vector in vectors]


def _all_exact(values: Vector) -> bool:
    left = _unresolved(values)
    return left.size <= _READ_ONE_BY_ONE and all(read(float(v))[1] for v in left)


def _unresolved(values: Vector) -> Vector:
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return finite
    _, _, resolved = decimals(finite)
    return np.unique(finite[~resolved])


def _rough(values: Vector) -> NDArray[np.bool_]:
    """Return for each value whether it is rough."""
    left = _unresolved(values)
    found = left if left.size > _READ_ONE_BY_ONE else np.array([v for v in left if _read(float(v))[2]])
    return np.isin(values, found) & np.isfinite(values)


def settled(a: Milp, b: Milp) -> tuple[Milp, Milp]:
    """Return the models with rough numbers settled: those that agree to eleven digits are made equal.

    Only where a model holds rough numbers, of more digits than a decimal, a short binary or a simple fraction
    can explain. Then each row of both is divided by its largest coefficient, so that a copy scaled in floating
    point settles to the same row; likewise the objectives, unless they are of one size. What is settled is read
    exactly. Every claim on such a pair is one on the settled models; `Equivalent.exact` and the like are False.
    Numbers in a cluster lie within eleven digits of their neighbour; those of different clusters do not, so
    that rounding noise never makes a difference.
    """
    if is_exact(a) and is_exact(b):
        return a, b
    rough = [any(bool(_rough(vector).any()) for vector in _vectors(model)) for model in (a, b)]
    if not any(rough):
        return a, b
    parts = [_Settling(model) for model in (a, b)]
    keep = all(abs(p.objective_scale / parts[0].objective_scale - 1) < _CLUSTER for p in parts)
    pool = np.concatenate([part.pool(keep_objective=keep) for part in parts])
    sizes = np.unique(np.abs(pool[np.isfinite(pool) & (pool != 0)]))
    starts = (
        np.concatenate([[True], sizes[1:] > sizes[:-1] * (1 + _CLUSTER)]) if sizes.size else np.zeros(0, dtype=bool)
    )
    leaders = np.array([_leader(float(v)) for v in sizes[starts]])
    leader_of = leaders[np.cumsum(starts) - 1] if sizes.size else leaders

    def settle(values: Vector) -> Vector:
        moved = values.copy()
        there = np.isfinite(values) & (values != 0)
        moved[there] = np.sign(values[there]) * leader_of[np.searchsorted(sizes, np.abs(values[there]))]
        return moved

    return parts[0].settled(settle, keep_objective=keep), parts[1].settled(settle, keep_objective=keep)


def _leader(value: float) -> float:
    """Return what a cluster is settled to: a simple fraction where it is one, else thirteen digits."""
    simple = Fraction(value).limit_denominator(_LEADER_DENOMINATOR)
    near = float(simple)
    if simple and abs(near / value - 1) < _CLUSTER and rational(near) == simple:
        return near
    return float(f"{value:.{_NOISE_DIGITS}g}")


class _Settling:
    """The numbers of a model that take part in settling."""

    def __init__(self, model: Milp) -> None:
        self.model = model
        lengths = np.diff(model.matrix.indptr)
        row = np.repeat(np.arange(model.n_rows), lengths)
        largest = np.zeros(model.n_rows)
        np.maximum.at(largest, row, np.abs(model.matrix.data))
        scale = np.where(largest > 0, largest, 1.0)
        self.values = model.matrix.data / scale[row]
        self.lower, self.upper = model.row_lower / scale, model.row_upper / scale
        self.objective_scale = float(np.abs(model.objective).max(initial=0.0)) or 1.0

    def pool(self, *, keep_objective: bool) -> Vector:
        """Return the numbers that are clustered."""
        model, scale = self.model, 1.0 if keep_objective else self.objective_scale
        return np.concatenate(
            [
                self.values,
                self.lower,
                self.upper,
                model.column_lower,
                model.column_upper,
                model.objective / scale,
                [model.constant / scale],
            ]
        )

    def settled(self, settle: Callable[[Vector], Vector], *, keep_objective: bool) -> Milp:
        """Return the model with the clustered numbers settled."""
        model, scale = self.model, 1.0 if keep_objective else self.objective_scale
        matrix = model.matrix.copy()
        matrix.data = settle(self.values)
        changed: Milp = replace(
            model,
            matrix=matrix,
            row_lower=settle(self.lower),
            row_upper=settle(self.upper),
            column_lower=settle(model.column_lower),
            column_upper=settle(model.column_upper),
            objective=settle(model.objective / scale),
            constant=float(settle(np.array([model.constant / scale]))[0]),
        )
        return changed


_POWERS = 10.0 ** np.arange(19)
_COMMON_POWERS = 5
_RUN = 1 << 14


def decimals(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.bool_]]:
    """Return (k, p, resolved) with value = k / 10**p exactly as a decimal reads.

    The test ``k / 10**p == value`` is exact: division is correctly rounded and both sides are exact floats.
    Not resolved: more than 15 digits, or smaller than 10**-18. Runs of values share one p where a p of at most
    4 serves them all; else it is the least for each value.
    """
    flat = values.ravel()
    k = np.zeros(flat.shape, dtype=np.int64)
    p = np.zeros(flat.shape, dtype=np.int8)
    resolved = np.zeros(flat.shape, dtype=np.bool_)
    for start in range(0, flat.size, _RUN):
        run = slice(start, start + _RUN)
        for power in range(_COMMON_POWERS):
            scaled = np.rint(flat[run] * _POWERS[power])
            if bool(((scaled / _POWERS[power] == flat[run]) & (np.abs(scaled) < 10.0**_SHORT_DIGITS)).all()):
                k[run], p[run], resolved[run] = scaled, power, True
                break
        else:
            k[run], p[run], resolved[run] = _each_decimal(flat[run])
    return k.reshape(values.shape), p.reshape(values.shape), resolved.reshape(values.shape)


def _each_decimal(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.bool_]]:
    """Return what `decimals` does, with the least p for each value."""
    k = np.zeros(values.shape, dtype=np.int64)
    p = np.zeros(values.shape, dtype=np.int8)
    whole = np.rint(values)
    resolved = (whole == values) & (np.abs(whole) < _LARGEST_EXACT)
    k[resolved] = whole[resolved].astype(np.int64)
    left = np.flatnonzero(~resolved)
    for power in range(1, 19):
        if left.size == 0:
            break
        there = values[left]
        scaled = np.rint(there * _POWERS[power])
        hit = (np.abs(scaled) < 10.0**_SHORT_DIGITS) & (scaled / _POWERS[power] == there)
        k[left[hit]] = scaled[hit].astype(np.int64)
        p[left[hit]] = power
        resolved[left[hit]] = True
        left = left[~hit]
    return k, p, resolved
