"""The light normal form of a model: a coloured bipartite graph with exact whole numbers on it.

Objective minimised and divided by its positive content; rows divided by theirs; one-sided rows written
``<=``; ranges and equalities turned by a rule that knows no names, and kept in both directions where no such
rule can choose (``x - y = 0``). Nothing else: each row and column of the model is still there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from equivalence.exact import decimals, rational
from solvers.milp import Domain, Milp, Sense

if TYPE_CHECKING:
    import networkx

Int = NDArray[np.int64]
Word = NDArray[np.uint64]
_LIMIT = 2.0**62
_BLOCK = 1 << 17
_CACHED = 1 << 14
_FINITE_LIMIT = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class ModelGraph:
    """Rows and columns as nodes, coefficients as edges; two models are isomorphic iff their graphs are.

    ``matrix`` parts: ``indptr`` (m'+1,), ``indices`` and ``values`` (nnz',), values whole and without common
    factor in a row. ``bounds`` (m', 4): lower and upper row bound as numerator and denominator, denominator
    0 where infinite (and numerator 1 there for half of a row kept in both directions). ``objective`` (n,) is
    whole and without common factor; the model's minimised objective is ``objective_content`` times it.
    ``source`` (m',) is the model's row; ``scale`` (m',) by how much it was multiplied (rounded; a label, never
    a proof). ``hashed`` says that some number did not fit in 64 bits and is a hash here, so that an isomorphism
    found must be confirmed on the model.
    """

    indptr: NDArray[np.int32]
    indices: NDArray[np.int32]
    values: Int | NDArray[np.int32]
    bounds: Int
    objective: Int
    objective_content: Fraction
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    domains: NDArray[np.int8]
    source: NDArray[np.int64]
    scale: NDArray[np.float64]
    hashed: bool

    @property
    def n_columns(self) -> int:
        """The number of column nodes."""
        return int(self.objective.shape[0])

    @property
    def n_rows(self) -> int:
        """The number of row nodes, rows kept in both directions counted twice."""
        return int(self.bounds.shape[0])


def mix(words: Word) -> Word:
    """Return a 64-bit mix of each word (the finaliser of splitmix64): a fixed bijection."""
    z = words + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def graph_of(model: Milp) -> ModelGraph:
    """Return the light normal form of a model; time and memory linear in its nonzeros."""
    matrix = model.matrix
    indptr = np.asarray(matrix.indptr, dtype=np.int32)
    indices = np.asarray(matrix.indices, dtype=np.int32)
    values, bounds, scale, hashed = _whole_rows(model, indptr)
    empty = np.flatnonzero(np.diff(indptr) == 0)
    if empty.size:
        # A row without variables says nothing (free) or cannot be met (0 <= -1), whatever its numbers.
        holds = (model.row_lower[empty] <= 0) & (model.row_upper[empty] >= 0)
        bounds[empty] = np.where(holds[:, None], [0, 0, 0, 0], [0, 0, -1, 1])
    sign = np.ones(model.n_rows, dtype=np.int64)
    lower_free, upper_free = bounds[:, 1] == 0, bounds[:, 3] == 0
    sign[~lower_free & upper_free] = -1
    two_sided = ~lower_free & ~upper_free
    both = np.zeros(model.n_rows, dtype=np.bool_)
    if two_sided.any():
        # Sums of mixed coefficients do not depend on the order of the columns.
        plus = _row_sums(mix(values.view(np.uint64)), indptr) + _bound_word(bounds)
        minus = _row_sums(mix((-values).view(np.uint64)), indptr) + _bound_word(_negated(bounds))
        sign[two_sided & (minus < plus)] = -1
        both = two_sided & (minus == plus)
    if (sign < 0).any():
        values = values * np.repeat(sign, np.diff(indptr))
        bounds = np.where((sign < 0)[:, None], _negated(bounds), bounds)
    source = np.arange(model.n_rows, dtype=np.int64)
    if both.any():
        indptr, indices, values, bounds, source, sign, scale = _doubled(
            indptr, indices, values, bounds, source, sign, scale, np.flatnonzero(both)
        )
    objective, content, objective_hashed = _whole_objective(model)
    return ModelGraph(
        indptr=indptr,
        indices=indices,
        values=_narrowed(values),
        bounds=bounds,
        objective=objective,
        objective_content=content,
        lower=model.column_lower + 0.0,
        upper=model.column_upper + 0.0,
        domains=np.asarray(model.domains),
        source=source,
        scale=scale * sign,
        hashed=hashed or objective_hashed,
    )


def _narrowed(values: Int) -> Int | NDArray[np.int32]:
    """Return the values in 32 bits where they fit: on large models they are most of the memory."""
    largest = np.iinfo(np.int32).max
    if values.size and (int(values.max()) > largest or int(values.min()) < -largest):
        return values
    return values.astype(np.int32)


def _negated(bounds: Int) -> Int:
    turned: Int = np.empty_like(bounds)
    turned[:, 0], turned[:, 1], turned[:, 2], turned[:, 3] = -bounds[:, 2], bounds[:, 3], -bounds[:, 0], bounds[:, 1]
    return turned


def _bound_word(bounds: Int) -> Word:
    word = np.zeros(bounds.shape[0], dtype=np.uint64)
    for k in range(4):
        word = mix(word * np.uint64(0xD6E8FEB86659FD93) + bounds[:, k].view(np.uint64).copy())
    return word


def _row_sums(words: Word, indptr: NDArray[np.int32]) -> Word:
    sums = np.zeros(indptr.shape[0] - 1, dtype=np.uint64)
    filled = np.flatnonzero(np.diff(indptr))
    if filled.size:
        sums[filled] = np.add.reduceat(words, indptr[filled])
    return sums


def _whole_rows(model: Milp, indptr: NDArray[np.int32]) -> tuple[Int, Int, NDArray[np.float64], bool]:
    """Return values, bounds as fractions, the factor of each row, and whether a number had to be hashed.

    Some rows at a time, so that the memory needed beyond the result does not grow with the model.
    """
    m = model.n_rows
    values = np.empty(model.matrix.data.size, dtype=np.int64)
    bounds = np.zeros((m, 4), dtype=np.int64)
    scale = np.empty(m)
    hard = np.zeros(m, dtype=np.bool_)
    for start, stop in row_blocks(indptr):
        rows, span = slice(start, stop), slice(int(indptr[start]), int(indptr[stop]))
        sides = np.stack([model.row_lower[rows], model.row_upper[rows]], axis=1)
        starts = indptr[start : stop + 1] - indptr[start]
        values[span], bounds[rows], scale[rows], hard[rows] = _whole_block(model.matrix.data[span], starts, sides)
    hashed = False
    for row in np.flatnonzero(hard):
        hashed |= _hard_row(model, int(row), values, bounds, scale)
    return values, bounds, scale, hashed


def row_blocks(indptr: NDArray[np.int32], size: int = _BLOCK) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of runs of rows with at most ``size`` nonzeros each, or a single longer row."""
    start, m = 0, indptr.size - 1
    while start < m:
        stop = max(start + 1, int(np.searchsorted(indptr, int(indptr[start]) + size, side="right")) - 1)
        yield start, stop
        start = stop


def _whole_block(
    data: NDArray[np.float64], starts: NDArray[np.int32], sides: NDArray[np.float64]
) -> tuple[Int, Int, NDArray[np.float64], NDArray[np.bool_]]:
    """Return values, bounds, factors of some rows; and which rows need exact arithmetic."""
    k, p, good = decimals(data)
    finite = np.isfinite(sides)
    kb, pb, good_b = decimals(np.where(finite, sides, 0.0))
    power = np.max(pb, axis=1, initial=0).astype(np.int64)
    length = np.diff(starts)
    filled = np.flatnonzero(length)
    first = starts[filled]
    if filled.size:
        power[filled] = np.maximum(power[filled], np.maximum.reduceat(p, first))
    hard: NDArray[np.bool_] = np.asarray(~good_b.all(axis=1))
    with np.errstate(over="ignore"):
        if p.size and p.min() == p.max() and (power[filled] == p[0]).all():
            values, fits = k, good
        else:
            missing = np.repeat(power, length) - p
            fits = good & (np.abs(k.astype(np.float64)) * _POW[missing] < _LIMIT)
            values = k * _INT_POW[missing]
        numerators = kb * _INT_POW[power[:, None] - pb]
    if filled.size and not fits.all():
        hard[filled] |= ~np.logical_and.reduceat(fits, first)
    hard |= ~(np.abs(kb.astype(np.float64)) * _POW[power[:, None] - pb] < _LIMIT).all(axis=1)
    content = np.ones(sides.shape[0], dtype=np.int64)
    if filled.size:
        content[filled] = _common_divisors(np.abs(values), first)
        if (content > 1).any():
            values = values // np.repeat(content, length)
    bounds = np.zeros((sides.shape[0], 4), dtype=np.int64)
    for side in (0, 1):
        common = np.maximum(np.gcd(numerators[:, side], content), 1)
        bounds[:, 2 * side] = np.where(finite[:, side], numerators[:, side] // common, 0)
        bounds[:, 2 * side + 1] = np.where(finite[:, side], content // common, 0)
    return values, bounds, _POW[power] / content, hard


def _common_divisors(sizes: Int, first: NDArray[np.int32]) -> Int:
    """Return the greatest common divisor of each run that starts at ``first``, at least 1.

    A few numbers usually bring it down to 1; only the runs where they do not are gone through whole.
    """
    stops = np.append(first[1:], sizes.size)
    divisors = sizes[first]
    left = np.arange(first.size)
    for step in range(1, _FEW):
        left = left[(divisors[left] > 1) & (first[left] + step < stops[left])]
        divisors[left] = np.gcd(divisors[left], sizes[first[left] + step])
    left = left[(divisors[left] > 1) & (first[left] + _FEW < stops[left])]
    if left.size:
        ends = np.stack([first[left], stops[left]], axis=1).ravel()
        divisors[left] = np.gcd.reduceat(np.append(sizes, 0), ends)[::2]
    return np.maximum(divisors, 1)


_FEW = 8
_POW = 10.0 ** np.arange(40)
_INT_POW = np.array([10**e if e < 19 else 0 for e in range(40)], dtype=np.int64)


def _hard_row(model: Milp, row: int, values: Int, bounds: Int, scale: NDArray[np.float64]) -> bool:
    """Fill in one row by exact arithmetic; return whether a number had to be hashed."""
    span = slice(int(model.matrix.indptr[row]), int(model.matrix.indptr[row + 1]))
    exact = [rational(v) for v in model.matrix.data[span]]
    content = content_of(exact) or Fraction(1)
    whole = [int(v / content) for v in exact]
    hashed = any(abs(v) >= _FINITE_LIMIT for v in whole)
    values[span] = [_fit(v) for v in whole]
    for side, bound in enumerate((float(model.row_lower[row]), float(model.row_upper[row]))):
        if math.isfinite(bound):
            fraction = rational(bound) / content
            hashed |= max(abs(fraction.numerator), fraction.denominator) >= _FINITE_LIMIT
            bounds[row, 2 * side], bounds[row, 2 * side + 1] = _fit(fraction.numerator), _fit(fraction.denominator)
    scale[row] = float(1 / content)
    return hashed


def content_of(numbers: Sequence[Fraction]) -> Fraction:
    """Return the largest positive number that divides each of the numbers into a whole; 0 for all zeros."""
    content = Fraction(0)
    for number in numbers:
        content = Fraction(
            math.gcd(content.numerator * number.denominator, number.numerator * content.denominator),
            content.denominator * number.denominator,
        )
    return content


def _fit(number: int) -> int:
    """Return the number where it fits; else an odd function of its value that does, and is no small number."""
    if abs(number) < _FINITE_LIMIT:
        return number
    word = 0
    size = abs(number)
    while size:
        word = int(mix(np.array([(size ^ word) & (2**64 - 1)], dtype=np.uint64))[0])
        size >>= 64
    magnitude = 2**62 + (word >> 2)
    return magnitude if number > 0 else -magnitude


def _doubled(
    indptr: NDArray[np.int32],
    indices: NDArray[np.int32],
    values: Int,
    bounds: Int,
    source: Int,
    sign: Int,
    scale: NDArray[np.float64],
    both: Int,
) -> tuple[NDArray[np.int32], NDArray[np.int32], Int, Int, Int, Int, NDArray[np.float64]]:
    """Write each row of ``both`` as two one-sided rows, the second one appended."""
    lengths = np.diff(indptr)[both]
    picked = _spans(indptr[both], lengths)
    bounds = bounds.copy()
    opposite = np.zeros((both.size, 4), dtype=np.int64)
    opposite[:, 2], opposite[:, 3] = -bounds[both, 0], bounds[both, 1]
    # An absent lower bound (denominator 0) with numerator 1 marks a half: half a row is no row of its own.
    opposite[:, 0], bounds[both, 0], bounds[both, 1] = 1, 1, 0
    return (
        np.concatenate([indptr, indptr[-1] + np.cumsum(lengths)]).astype(np.int32),
        np.concatenate([indices, indices[picked]]),
        np.concatenate([values, -values[picked]]),
        np.concatenate([bounds, opposite]),
        np.concatenate([source, both]),
        np.concatenate([sign, -sign[both]]),
        np.concatenate([scale, scale[both]]),
    )


def _spans(starts: NDArray[np.int32], lengths: NDArray[np.int32]) -> Int:
    """Return the positions ``start .. start + length`` of each span, one after the other."""
    if lengths.size == 0 or lengths.sum() == 0:
        return np.zeros(0, dtype=np.int64)
    ends = np.cumsum(lengths, dtype=np.int64)
    positions: Int = np.arange(ends[-1], dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths)
    return positions


def _whole_objective(model: Milp) -> tuple[Int, Fraction, bool]:
    sign = 1 if model.sense is Sense.MINIMIZE else -1
    k, p, good = decimals(model.objective)
    power = int(p.max(initial=0))
    if good.all() and (np.abs(k.astype(np.float64)) * _POW[power - p] < _LIMIT).all():
        whole = k * _INT_POW[power - p] * sign
        content = int(np.gcd.reduce(np.abs(whole))) if whole.size else 0
        if content == 0:
            return whole, Fraction(1), False
        return whole // content, Fraction(content, 10**power), False
    exact = [rational(v) * sign for v in model.objective]
    share = content_of(exact)
    numbers = [int(v / share) for v in exact]
    fitted = np.array([_fit(v) for v in numbers], dtype=np.int64)
    return fitted, share, any(abs(v) >= _FINITE_LIMIT for v in numbers)


def node_words(graph: ModelGraph) -> tuple[Word, Word]:
    """Return the colours that rows and columns start with: all that a node knows of itself."""
    length = np.diff(graph.indptr).astype(np.uint64)
    rows = mix(_bound_word(graph.bounds) + length)
    columns = mix(graph.objective.view(np.uint64) + np.uint64(1))
    for bound in (graph.lower, graph.upper):
        columns = mix(columns * np.uint64(0xD6E8FEB86659FD93) + bound.view(np.uint64))
    columns = mix(columns + graph.domains.astype(np.uint64))
    return rows, columns


def edge_words(graph: ModelGraph) -> sparse.csr_array:
    """Return the matrix (m', n) that holds an odd 64-bit word for each coefficient value."""
    words = np.empty(graph.values.size, dtype=np.uint64)
    for start in range(0, words.size, _CACHED):
        run = slice(start, start + _CACHED)
        words[run] = mix(graph.values[run].astype(np.int64).view(np.uint64)) | np.uint64(1)
    made: sparse.csr_array = sparse.csr_array(
        (words, graph.indices, graph.indptr), shape=(graph.n_rows, graph.n_columns)
    )
    return made


def to_networkx(model: Milp) -> networkx.Graph[Any]:
    """Return the graph with nodes ``("row", i)`` and ``("column", j)``, and attributes ``label`` and ``weight``.

    The labels hold all that a node knows of itself, so that `networkx.weisfeiler_lehman_graph_hash` with
    ``node_attr="label", edge_attr="weight"`` is the same test as one of `equivalence.refine`.
    """
    import networkx as nx

    graph = graph_of(model)
    made: networkx.Graph[Any] = nx.Graph()
    for i in range(graph.n_rows):
        lower, lower_d, upper, upper_d = (int(v) for v in graph.bounds[i])
        name = model.row_names[int(graph.source[i])]
        made.add_node(("row", i), kind="row", name=name, label=f"row {lower}/{lower_d} {upper}/{upper_d}")
    for j in range(graph.n_columns):
        label = (
            f"column {int(graph.objective[j])} {graph.lower[j]} {graph.upper[j]} {Domain(int(graph.domains[j])).name}"
        )
        made.add_node(("column", j), kind="column", name=model.column_names[j], label=label)
    for i in range(graph.n_rows):
        for position in range(int(graph.indptr[i]), int(graph.indptr[i + 1])):
            made.add_edge(("row", i), ("column", int(graph.indices[position])), weight=str(int(graph.values[position])))
    return made
