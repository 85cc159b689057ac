"""Maps between two models, found: by name, by completing the names, and by the shape of what is not named."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from equivalence.affine_map import AffineMap
from equivalence.certificate import Affine, Inclusion, Section, SectionLeaf, SectionSplit
from equivalence.implication import Guards, Open, System, Violation, value
from equivalence.linear import Linear, add, negated, substitute, unit
from equivalence.verdict import UnknownReason

ONE, ZERO = Fraction(1), Fraction(0)
_LEAVES = 400
_GUESSES = 64


@dataclass(frozen=True, slots=True)
class Names:
    """Which columns share a name: pairs (column of A, column of B), and the columns left on either side."""

    pairs: tuple[tuple[int, int], ...]
    only_a: tuple[int, ...]
    only_b: tuple[int, ...]

    def turned(self) -> Names:
        """Return the same with A and B exchanged."""
        return Names(tuple((k, j) for j, k in self.pairs), self.only_b, self.only_a)


def names_of(a: Linear, b: Linear) -> Names:
    """Return the columns matched by name; a name used twice in a model matches nothing."""
    place_a, place_b = _places(a), _places(b)
    pairs = tuple((j, place_b[name]) for name, j in place_a.items() if name in place_b)
    left_a, left_b = {j for j, _ in pairs}, {k for _, k in pairs}
    return Names(
        pairs,
        tuple(j for j in range(a.n) if j not in left_a),
        tuple(k for k in range(b.n) if k not in left_b),
    )


def _places(model: Linear) -> dict[str, int]:
    names = list(model.model.column_names)
    seen: dict[str, int] = {}
    for j, name in enumerate(names):
        seen[name] = -1 if name in seen else j
    return {name: j for name, j in seen.items() if j >= 0}


def defined_columns(big: Linear, names: Names) -> dict[int, Affine]:
    """Return, for columns of the big model that are not in the base, what its equalities say they are.

    ``names`` pairs base columns with big ones. Over the columns of the base.
    """
    known: dict[int, Affine] = {k: unit(j) for j, k in names.pairs}
    for k in names.only_b:
        low, high = (big.sides.get(("column", k, side)) for side in ("lower", "upper"))
        if low is not None and high is not None and -low[1] == high[1]:
            known[k] = Affine((), high[1])
    progress = True
    while progress:
        progress = False
        for i, terms in enumerate(big.rows):
            low, high = big.sides.get(("row", i, "lower")), big.sides.get(("row", i, "upper"))
            if low is None or high is None or -low[1] != high[1]:
                continue
            left = [(k, v) for k, v in terms if k not in known]
            if len(left) == 1:
                ((k, v),) = left
                rest = add(*((w, known[j]) for j, w in terms if j != k))
                known[k] = add((-1 / v, rest), (1, Affine((), high[1] / v)))
                progress = True
    return {k: known[k] for k in names.only_b if k in known}


def guessed_images(base: Linear, big: Linear, names: Names) -> Iterator[dict[int, Affine]]:
    """Yield guesses of what the base's own columns are over the big model's own, from objective and rows.

    A column u of the base left over and columns w of the big model left over: where two rows (or the
    objectives) agree on the named columns up to a factor, the rest must agree too: ``c u = sum d w + const``.
    """
    to_big = dict(names.pairs)
    own, other = set(names.only_a), set(names.only_b)
    found: dict[int, list[Affine]] = {}
    rows_base = [base.objective.terms, *base.rows]
    rows_big = [big.objective.terms, *big.rows]
    shared_big: list[tuple[dict[int, Fraction], dict[int, Fraction]]] = []
    for terms in rows_big:
        shared_big.append(({k: v for k, v in terms if k not in other}, {k: v for k, v in terms if k in other}))
    for at, terms in enumerate(rows_base):
        mine = [(j, v) for j, v in terms if j in own]
        if len(mine) != 1:
            continue
        shared = {to_big[j]: v for j, v in terms if j in to_big}
        for at_big, (common, extra) in enumerate(shared_big):
            if (at == 0) != (at_big == 0) or not extra or set(common) != set(shared):
                continue
            ratios = {common[k] / shared[k] for k in shared} or {ONE, -ONE}
            for ratio in sorted(ratios) if len(ratios) == 1 or not shared else ():
                (j, v) = mine[0]
                form = Affine(tuple(sorted((k, w / (ratio * v)) for k, w in extra.items())))
                known = found.setdefault(j, [])
                if form not in known:
                    known.append(form)
    if len(names.only_a) == 1 and len(names.only_b) == 1:
        forms = found.setdefault(names.only_a[0], [])
        forms += [f for f in (unit(names.only_b[0]), Affine(((names.only_b[0], -ONE),))) if f not in forms]
    if set(found) != own:
        return
    choices = [[Affine(f.terms, s) for f in found[j] for s in _shifts(base, big, j, f)] for j in names.only_a]
    for guess in itertools.islice(itertools.product(*choices), _GUESSES):
        yield dict(zip(names.only_a, guess, strict=True))


def _shifts(base: Linear, big: Linear, j: int, form: Affine) -> list[Fraction]:
    """Return constants that could complete an image: those that make the ranges of both sides meet."""
    found: list[Fraction] = []
    for side in ("lower", "upper"):
        own = base.sides.get(("column", j, side))
        total: Fraction | None = ZERO
        for k, v in form.terms:
            end = big.sides.get(("column", k, "upper" if (v > 0) == (side == "upper") else "lower"))
            if end is None or total is None:
                total = None
            else:
                total += abs(v) * end[1] * (1 if side == "upper" else -1)
        if own is not None and total is not None:
            bound = own[1] if side == "upper" else -own[1]
            found.append(bound - total)
    return [*dict.fromkeys([*found, ZERO])]


def onto_by_names(base: Linear, names: Names, own: dict[int, Affine]) -> list[Affine]:
    """Return the base's columns over the big model's: by name, and as given for its own."""
    to_big = dict(names.pairs)
    return [own[j] if j in own else unit(to_big[j]) for j in range(base.n)]


def keeps_names(b: System, names: Names, onto: Sequence[Affine], *, units: bool) -> bool:
    """Return whether a map takes each column of A to its namesake in B, at least on B's feasible points.

    ``onto`` holds A's columns over B's; ``units`` also admits a positive factor.
    """
    for j, k in names.pairs:
        terms = onto[j].terms
        scaled = units and not onto[j].constant and len(terms) == 1 and terms[0][0] == k and terms[0][1] > 0
        if not scaled and not isinstance(b.zero(add((1, onto[j]), (-1, unit(k)))), tuple):
            return False
    return True


def find_section(small: System, big: System, onto: Sequence[Affine], known: dict[int, Affine]) -> Section | Open:
    """Return a right inverse of the projection, piece by piece, or why none was found.

    ``known`` holds big columns already over the base. The pieces come from branching on the base's whole
    columns, and on the sign of a form that a free column was split into.
    """
    return _Sections(small, big, onto, known).find((), 0)


class _Sections:
    def __init__(self, small: System, big: System, onto: Sequence[Affine], known: dict[int, Affine]) -> None:
        self.small, self.big, self.onto, self.known = small, big, onto, known
        self.leaves = 0

    def find(self, guards: Guards, depth: int) -> Section | Open:
        """Return a section of the part of the base under the guards."""
        self.leaves += 1
        if self.leaves > _LEAVES:
            return Open(UnknownReason.BUDGET, "the projection has too many pieces")
        for back in self._candidates(guards, depth):
            leaf = self._leaf(back, guards)
            if leaf is not None:
                return leaf
        split = self._split(guards, depth)
        if split is None:
            return Open(UnknownReason.PROJECTION_ONLY, "no inverse of the projection was found")
        form, at, whole = split
        low = self.find((*guards, (form, at)), depth + 1)
        if isinstance(low, Open):
            return low
        high = self.find((*guards, (negated(form), -(at + 1) if whole else -at)), depth + 1)
        return high if isinstance(high, Open) else SectionSplit(form, at, whole, low, high)

    def _leaf(self, back: Sequence[Affine], guards: Guards) -> SectionLeaf | None:
        returned = []
        for j, form in enumerate(self.onto):
            shown = self.small.zero(add((1, substitute(form, back)), (-1, unit(j))), guards)
            if isinstance(shown, Violation | Open):
                return None
            if shown:
                returned.append((j, shown[0], shown[1]))
        inclusion = self.small.inclusion(self.big.linear, back, guards)
        return SectionLeaf(inclusion, tuple(returned)) if isinstance(inclusion, Inclusion) else None

    def _candidates(self, guards: Guards, depth: int) -> Iterator[list[Affine]]:
        """Yield guesses of the big columns over the base: what is known, and for the rest bounds or a point."""
        n = self.big.n
        forms = dict(self.known)
        free = [k for k in range(n) if k not in forms]
        if not free:
            yield [forms[k] for k in range(n)]
            return
        ends = {k: self._ends(k) for k in free}
        # One free column carries a base column's value, the others stand at a bound.
        hosts: list[tuple[int, int, Fraction, Fraction]] = []
        for j, form in enumerate(self.onto):
            carried = [(k, v) for k, v in form.terms if k in ends]
            hosts += [(j, k, v, form.constant) for k, v in carried if len(form.terms) > 1]
        if not hosts:
            for pick in (0, -1):
                yield [forms[k] if k in forms else Affine((), ends[k][pick]) for k in range(n)]
        for j, k, v, constant in hosts:
            others = [w for w in self.onto[j].terms if w[0] != k]
            for pick in (0, -1):
                fixed = {w: Affine((), ends[w][pick]) for w in free if w != k}
                rest = add(*((c, fixed[w] if w in fixed else forms[w]) for w, c in others))
                solved = add((1 / v, unit(j)), (-1 / v, rest), (-1 / v, Affine((), constant)))
                chosen = {**fixed, k: solved}
                yield [forms[w] if w in forms else chosen[w] for w in range(n)]
        here = self.small.feasible(guards)
        if isinstance(here, Violation):
            point = self._preimage(here.point)
            if point is not None:
                yield [forms[k] if k in forms else Affine((), point[k]) for k in range(n)]
                for j, k, v, constant in hosts:
                    fixed = {w: Affine((), point[w]) for w in free if w != k}
                    others = [w for w in self.onto[j].terms if w[0] != k]
                    rest = add(*((c, fixed[w] if w in fixed else forms[w]) for w, c in others))
                    solved = add((1 / v, unit(j)), (-1 / v, rest), (-1 / v, Affine((), constant)))
                    chosen = {**fixed, k: solved}
                    yield [forms[w] if w in forms else chosen[w] for w in range(n)]

    def _ends(self, k: int) -> list[Fraction]:
        low = self.big.linear.sides.get(("column", k, "lower"))
        high = self.big.linear.sides.get(("column", k, "upper"))
        found = [-low[1]] if low is not None else []
        found += [high[1]] if high is not None else []
        return found or [ZERO]

    def _preimage(self, point: Sequence[Fraction]) -> tuple[Fraction, ...] | None:
        """Return a point of the big model over a point of the base."""
        held: list[tuple[tuple[tuple[int, Fraction], ...], Fraction]] = []
        for j, form in enumerate(self.onto):
            target = point[j] - form.constant
            held += [(form.terms, target), (negated(form.terms), -target)]
        found = self.big.feasible(tuple(held))
        return found.point if isinstance(found, Violation) else None

    def _split(self, guards: Guards, depth: int) -> tuple[tuple[tuple[int, Fraction], ...], Fraction, bool] | None:
        """Return where to cut the base: a whole column that still moves, else the sign of a split column."""
        here = self.small.feasible(guards)
        if not isinstance(here, Violation) or depth > 40:
            return None
        for j in self.small.whole:
            for sign in (ONE, -ONE):
                form = ((j, sign),)
                moved = self.small.prove((form, value(form, here.point)), guards)
                if isinstance(moved, Violation):
                    low, high = sorted((here.point[j], moved.point[j]))
                    return ((j, ONE),), Fraction(math.floor((low + high) / 2)), True
        for j, image in enumerate(self.onto):
            if not self.small.linear.whole[j] and len(image.terms) > 1:
                at = image.constant
                cut = (((j, ONE),), at)
                if cut not in guards and (((j, -ONE),), -at) not in guards:
                    return ((j, ONE),), at, False
        return None


def given_images(a: Linear, b: Linear, given: AffineMap) -> list[Affine]:
    """Return A's columns over B's as the caller gave them. Raises `ValueError` where a name is unknown."""
    place_a, place_b = _places(a), _places(b)
    for name, (terms, _) in given.images.items():
        for part, where, model in [(name, place_a, "A"), *((v, place_b, "B") for v in terms)]:
            if part not in where:
                raise ValueError(f"the map names {part!r}, which is no variable of model {model}")
    images = []
    for name in a.model.column_names:
        if name in given.images:
            terms, constant = given.images[name]
            exact = sorted((place_b[v], Fraction(c)) for v, c in terms.items() if c)
            images.append(Affine(tuple(exact), Fraction(constant)))
        elif name in place_b:
            images.append(unit(place_b[name]))
        else:
            raise ValueError(f"the map says nothing of {name!r} of model A, and model B has no variable of that name")
    return images


def inverted(images: Sequence[Affine], n: int) -> list[Affine] | None:
    """Return the inverse of a map that is a renaming with factors and shifts; None where it is not."""
    back: list[Affine | None] = [None] * n
    for j, form in enumerate(images):
        if len(form.terms) != 1 or back[form.terms[0][0]] is not None:
            return None
        ((k, v),) = form.terms
        back[k] = Affine(((j, 1 / v),), -form.constant / v)
    return None if any(form is None for form in back) else [form for form in back if form is not None]
