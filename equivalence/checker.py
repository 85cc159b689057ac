"""The checker: replays a certificate in rationals. It imports neither the matcher nor a solver."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from scipy import sparse

from equivalence.certificate import (
    Affine,
    BothEmpty,
    Certificate,
    Inclusion,
    Mapped,
    Permutation,
    Proof,
    Reference,
    Section,
    SectionLeaf,
    Split,
    Terms,
)
from equivalence.exact import rational, settled
from solvers.milp import Domain, Milp, Sense

Inequality = tuple[Terms, Fraction]
Guards = tuple[Inequality, ...]


class Refuted(Exception):
    """The certificate does not prove what it claims; the message says where."""


def replay(a: Milp, b: Milp, certificate: Certificate) -> None:
    """Return if the certificate proves A and B equivalent; raise `Refuted` if it does not."""
    a, b = settled(a, b)
    match certificate:
        case Permutation():
            _permutation(a, b, certificate)
        case BothEmpty():
            for model, proof in ((a, certificate.a), (b, certificate.b)):
                prove(Linear(model), (), ((), Fraction(-1)), proof)
        case Mapped():
            pair = (Linear(a), Linear(b))
            extended, base = pair if certificate.extended == "a" else pair[::-1]
            _mapped(extended, base, certificate)


def _require(*, holds: bool, otherwise: str) -> None:
    if not holds:
        raise Refuted(otherwise)


def terms_of(columns: Sequence[int], values: Sequence[float]) -> Terms:
    """Return a row of floats as an exact sparse form."""
    return tuple(sorted((int(j), rational(v)) for j, v in zip(columns, values, strict=True) if v))


def objective_of(model: Milp) -> Affine:
    """Return the linear objective as minimisation."""
    sign = 1 if model.sense is Sense.MINIMIZE else -1
    terms = tuple((j, sign * rational(v)) for j, v in enumerate(model.objective.tolist()) if v)
    return Affine(terms, sign * rational(model.constant))


class Linear:
    """A linear model as exact inequalities ``terms x <= bound``, by reference."""

    def __init__(self, model: Milp) -> None:
        _require(holds=model.quadratic is None, otherwise="a quadratic objective is beyond this certificate")
        _require(holds=not (model.domains >= 2).any(), otherwise="semi-continuous columns are beyond this certificate")
        self.model, self.n = model, model.n_columns
        starts = model.matrix.indptr.tolist()
        columns, values = model.matrix.indices.tolist(), model.matrix.data.tolist()
        self.rows = [terms_of(columns[s:e], values[s:e]) for s, e in pairwise(starts)]
        self.whole = [d == Domain.INTEGER for d in model.domains.tolist()]
        self.objective = objective_of(model)
        self.sides: dict[Reference, Inequality] = {}
        for i, terms in enumerate(self.rows):
            self._add("row", i, terms, float(model.row_lower[i]), float(model.row_upper[i]))
        for j in range(self.n):
            unit = ((j, Fraction(1)),)
            self._add("column", j, unit, float(model.column_lower[j]), float(model.column_upper[j]))

    def _add(self, kind: str, k: int, terms: Terms, lower: float, upper: float) -> None:
        if math.isfinite(lower):
            self.sides[kind, k, "lower"] = (tuple((j, -v) for j, v in terms), -rational(lower))  # type: ignore[index]
        if math.isfinite(upper):
            self.sides[kind, k, "upper"] = (terms, rational(upper))  # type: ignore[index]

    def takes_whole_values(self, form: Affine) -> bool:
        """Whether the form is whole by inspection: whole numbers on whole columns."""
        return form.constant.denominator == 1 and all(self.whole[j] and v.denominator == 1 for j, v in form.terms)


def add(*parts: tuple[Fraction | int, Affine]) -> Affine:
    """Return the sum of factor times form."""
    total: dict[int, Fraction] = {}
    constant = Fraction(0)
    for factor, form in parts:
        constant += factor * form.constant
        for j, v in form.terms:
            total[j] = total.get(j, Fraction(0)) + factor * v
    return Affine(tuple(sorted((j, v) for j, v in total.items() if v)), constant)


def substitute(form: Affine, images: Sequence[Affine]) -> Affine:
    """Return the form with each column replaced by its image."""
    return add((Fraction(1), Affine((), form.constant)), *((v, images[j]) for j, v in form.terms))


def prove(model: Linear, guards: Guards, goal: Inequality, proof: Proof) -> None:
    """Return if the proof shows that the goal holds on the model under the guards."""
    if isinstance(proof, Split):
        low, high = _cases(model, proof.form, proof.at, whole=proof.whole)
        prove(model, (*guards, low), goal, proof.low)
        prove(model, (*guards, high), goal, proof.high)
        return
    parts = []
    bound = Fraction(0)
    for reference, multiplier in proof.multipliers:
        terms, limit = guards[reference[1]] if reference[0] == "guard" else model.sides[reference]
        _require(holds=multiplier >= 0, otherwise=f"a negative multiplier on {reference}")
        parts.append((multiplier, Affine(terms)))
        bound += multiplier * limit
    total = add(*parts).terms
    proved = (total == goal[0] and bound <= goal[1]) or (not total and bound < 0)
    _require(holds=proved, otherwise=f"the multipliers do not give {goal}")


def _cases(model: Linear, form: Terms, at: Fraction, *, whole: bool) -> tuple[Inequality, Inequality]:
    if whole:
        fits = model.takes_whole_values(Affine(form, at))
        _require(holds=fits, otherwise="a split that needs whole values on a form that takes others")
    return (form, at), (tuple((j, -v) for j, v in form), -(at + 1) if whole else -at)


def _zero(model: Linear, guards: Guards, form: Affine, proofs: Sequence[Proof]) -> None:
    """Return if the form is zero by inspection, or by two proofs."""
    if not form.terms and not form.constant:
        return
    _require(holds=len(proofs) == 2, otherwise="a form that is not zero by inspection, without proofs")
    prove(model, guards, (form.terms, -form.constant), proofs[0])
    prove(model, guards, (tuple((j, -v) for j, v in form.terms), form.constant), proofs[1])


def _inclusion(source: Linear, guards: Guards, target: Linear, inclusion: Inclusion) -> None:
    """Return if the images carry each point of the source (under the guards) into the target."""
    _require(holds=len(inclusion.images) == target.n, otherwise="not one image for each column")
    _require(holds=len(inclusion.proofs) == len(target.sides), otherwise="not one proof for each inequality")
    for (terms, bound), proof in zip(target.sides.values(), inclusion.proofs, strict=True):
        image = substitute(Affine(terms), inclusion.images)
        prove(source, guards, (image.terms, bound - image.constant), proof)
    shown: Mapping[int, tuple[Affine, Proof, Proof]] = {j: rest for j, *rest in inclusion.whole}  # type: ignore[misc]
    for j, image in enumerate(inclusion.images):
        if target.whole[j] and not source.takes_whole_values(image):
            _require(holds=j in shown, otherwise=f"nothing shows that the image of column {j} is whole")
            form, *proofs = shown[j]
            _require(holds=source.takes_whole_values(form), otherwise=f"the form for column {j} is not whole")
            _zero(source, guards, add((1, image), (-1, form)), proofs)


def _mapped(extended: Linear, base: Linear, certificate: Mapped) -> None:
    onto = certificate.onto.images
    _inclusion(extended, (), base, certificate.onto)
    _require(holds=certificate.factor > 0, otherwise="the objective factor is not positive")
    constant = Affine((), certificate.constant)
    image = substitute(base.objective, onto)
    _zero(
        extended, (), add((1, extended.objective), (-certificate.factor, image), (-1, constant)), certificate.objective
    )
    _section(base, (), extended, onto, certificate.section)
    if certificate.inverse is not None:
        if not isinstance(certificate.section, SectionLeaf):
            raise Refuted("a bijection needs one affine inverse")
        back = certificate.section.inclusion.images
        shown = {j: proofs for j, *proofs in certificate.inverse}
        for j in range(extended.n):
            returned = substitute(back[j], onto)
            _zero(extended, (), add((1, returned), (-1, Affine(((j, Fraction(1)),)))), shown.get(j, []))


def _section(base: Linear, guards: Guards, extended: Linear, onto: Sequence[Affine], section: Section) -> None:
    """Return if each point of the base under the guards has a preimage."""
    if not isinstance(section, SectionLeaf):
        low, high = _cases(base, section.form, section.at, whole=section.whole)
        _section(base, (*guards, low), extended, onto, section.low)
        _section(base, (*guards, high), extended, onto, section.high)
        return
    _inclusion(base, guards, extended, section.inclusion)
    shown = {j: proofs for j, *proofs in section.identity}
    for j in range(base.n):
        returned = substitute(onto[j], section.inclusion.images)
        _zero(base, guards, add((1, returned), (-1, Affine(((j, Fraction(1)),)))), shown.get(j, []))


def _permutation(a: Milp, b: Milp, certificate: Permutation) -> None:
    """Return if the renaming carries columns, rows (each up to a factor) and objective of A onto B's."""
    columns, factor = certificate.columns, certificate.factor
    permutes = sorted(columns) == list(range(b.n_columns)) and len(columns) == a.n_columns
    _require(holds=permutes, otherwise="the columns are not a permutation")
    for j, k in enumerate(columns):
        same = all(getattr(a, part)[j] == getattr(b, part)[k] for part in ("column_lower", "column_upper", "domains"))
        _require(holds=same, otherwise=f"columns {a.column_names[j]!r} and {b.column_names[k]!r} differ")
    _require(holds=factor > 0, otherwise="the objective factor is not positive")
    f_a, f_b = objective_of(a), objective_of(b)
    renamed = tuple(sorted((columns[j], factor * v) for j, v in f_a.terms))
    same = renamed == f_b.terms and factor * f_a.constant + certificate.constant == f_b.constant
    _require(holds=same, otherwise="the objectives differ")
    quadratic = _quadratic(a, columns, factor) == _quadratic(b, range(b.n_columns), Fraction(1))
    _require(holds=quadratic, otherwise="the quadratic objectives differ")
    _require(holds=_rows(a, columns) == _rows(b, range(b.n_columns)), otherwise="the rows differ")


def _quadratic(model: Milp, columns: Sequence[int], factor: Fraction) -> dict[tuple[int, int], Fraction]:
    if model.quadratic is None:
        return {}
    sign = 1 if model.sense is Sense.MINIMIZE else -1
    coo = sparse.coo_array(model.quadratic)
    triples = zip(coo.row.tolist(), coo.col.tolist(), coo.data.tolist(), strict=True)
    return {(columns[i], columns[j]): sign * factor * rational(v) for i, j, v in triples}


def _rows(model: Milp, columns: Sequence[int]) -> Counter[object]:
    """Return the rows under a renaming as a multiset, each divided by its coefficient of least column."""
    found: Counter[object] = Counter()
    starts, indices = model.matrix.indptr.tolist(), model.matrix.indices.tolist()
    values = model.matrix.data.tolist()
    for i, (s, e) in enumerate(pairwise(starts)):
        terms = sorted((columns[j], rational(v)) for j, v in zip(indices[s:e], values[s:e], strict=True))
        if not terms:
            found["holds" if model.row_lower[i] <= 0 <= model.row_upper[i] else "cannot hold"] += 1
            continue
        lead = terms[0][1]
        sides = [_scaled(float(v), lead) for v in (model.row_lower[i], model.row_upper[i])]
        found[tuple((j, v / lead) for j, v in terms), *(sides if lead > 0 else sides[::-1])] += 1
    return found


def _scaled(bound: float, lead: Fraction) -> Fraction | float:
    if math.isfinite(bound):
        return rational(bound) / lead
    return bound if lead > 0 else -bound
