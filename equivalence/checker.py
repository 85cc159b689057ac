"""The checker: replays a certificate in exact arithmetic. It imports neither the matcher nor a solver.

It rests on `equivalence.linear` (sums and substitution of forms, a model as inequalities) and `equivalence.exact`
(which number a float stands for), and on nothing else of this package.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from scipy import sparse

from equivalence.certificate import (
    Affine,
    BothEmpty,
    Certificate,
    Inclusion,
    Mapped,
    Permutation,
    Proof,
    Section,
    SectionLeaf,
    SectionSplit,
    Split,
)
from equivalence.exact import rational, settled
from equivalence.linear import Inequality, Linear, Refuted, add, negated, objective_of, require, substitute, unit
from solvers.milp import Milp, Sense

__all__ = ["Refuted", "prove", "replay"]

Guards = tuple[Inequality, ...]


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
            pair = (Linear(a), Linear(b)) if certificate.extended == "a" else (Linear(b), Linear(a))
            _mapped(*pair, certificate)


def prove(model: Linear, guards: Guards, goal: Inequality, proof: Proof) -> None:
    """Return if the proof shows that the goal holds on the model under the guards."""
    if isinstance(proof, Split):
        for case, part in zip(_cases(model, proof), (proof.low, proof.high), strict=True):
            prove(model, (*guards, case), goal, part)
        return
    used = [(guards[ref[1]] if ref[0] == "guard" else model.sides[ref], factor) for ref, factor in proof.multipliers]
    require(holds=all(factor >= 0 for _, factor in used), otherwise="a negative multiplier")
    total = add(*((factor, Affine(terms, -bound)) for (terms, bound), factor in used))
    proved = (total.terms == goal[0] and -total.constant <= goal[1]) or (not total.terms and total.constant > 0)
    require(holds=proved, otherwise=f"the multipliers do not give {goal}")


def _cases(model: Linear, split: Split | SectionSplit) -> tuple[Inequality, Inequality]:
    """Return ``form <= at`` and ``form >= at``, or ``at + 1`` where the form takes whole values only."""
    whole = not split.whole or model.takes_whole_values(Affine(split.form, split.at))
    require(holds=whole, otherwise="a split that needs whole values on a form that takes others")
    return (split.form, split.at), (negated(split.form), -split.at - split.whole)


def _zero(model: Linear, guards: Guards, form: Affine, proofs: Sequence[Proof]) -> None:
    """Return if the form is zero by inspection, or by two proofs."""
    if form.terms or form.constant:
        require(holds=len(proofs) == 2, otherwise="a form that is not zero by inspection, without proofs")
        prove(model, guards, (form.terms, -form.constant), proofs[0])
        prove(model, guards, (negated(form.terms), form.constant), proofs[1])


def _inclusion(source: Linear, guards: Guards, target: Linear, inclusion: Inclusion) -> None:
    """Return if the images carry each point of the source (under the guards) into the target."""
    sizes = len(inclusion.images) == target.n and len(inclusion.proofs) == len(target.sides)
    require(holds=sizes, otherwise="not one image for each column and one proof for each inequality")
    for (terms, bound), proof in zip(target.sides.values(), inclusion.proofs, strict=True):
        image = substitute(Affine(terms), inclusion.images)
        prove(source, guards, (image.terms, bound - image.constant), proof)
    shown = {j: (form, proofs) for j, form, *proofs in inclusion.whole}
    for j, image in enumerate(inclusion.images):
        if target.whole[j]:
            form, proofs = shown.get(j, (image, []))
            require(holds=source.takes_whole_values(form), otherwise=f"nothing shows that column {j} is whole")
            _zero(source, guards, add((1, image), (-1, form)), proofs)


def _mapped(extended: Linear, base: Linear, certificate: Mapped) -> None:
    """Return if the extended model maps onto the base, with its objective; and one to one where it says so."""
    onto, constant = certificate.onto.images, Affine((), certificate.constant)
    _inclusion(extended, (), base, certificate.onto)
    require(holds=certificate.factor > 0, otherwise="the objective factor is not positive")
    claimed = add((certificate.factor, substitute(base.objective, onto)), (1, constant))
    _zero(extended, (), add((1, extended.objective), (-1, claimed)), certificate.objective)
    _section(base, (), extended, onto, certificate.section)
    if certificate.inverse is not None:
        if not isinstance(certificate.section, SectionLeaf):
            raise Refuted("a bijection needs one affine inverse")
        _returns(extended, (), certificate.section.inclusion.images, onto, certificate.inverse)


def _section(base: Linear, guards: Guards, extended: Linear, onto: Sequence[Affine], section: Section) -> None:
    """Return if each point of the base under the guards has a preimage."""
    if isinstance(section, SectionLeaf):
        _inclusion(base, guards, extended, section.inclusion)
        _returns(base, guards, onto, section.inclusion.images, section.identity)
    else:
        for case, part in zip(_cases(base, section), (section.low, section.high), strict=True):
            _section(base, (*guards, case), extended, onto, part)


def _returns(
    model: Linear,
    guards: Guards,
    back: Sequence[Affine],
    there: Sequence[Affine],
    proofs: Sequence[tuple[int, Proof, Proof]],
) -> None:
    """Return if there-and-back is the identity on the model."""
    shown = {j: rest for j, *rest in proofs}
    for j in range(model.n):
        _zero(model, guards, add((1, substitute(back[j], there)), (-1, unit(j))), shown.get(j, []))


def _permutation(a: Milp, b: Milp, certificate: Permutation) -> None:
    """Return if the renaming carries columns, rows (each up to a factor) and objective of A onto B's."""
    columns, factor, itself = certificate.columns, certificate.factor, range(b.n_columns)
    require(holds=sorted(columns) == list(itself) and factor > 0, otherwise="no permutation, or no positive factor")
    for part in ("column_lower", "column_upper", "domains"):
        same = np.array_equal(getattr(a, part), getattr(b, part)[list(columns)])
        require(holds=same, otherwise=f"the columns differ in {part}")
    f_a, f_b = objective_of(a), objective_of(b)
    renamed = tuple(sorted((columns[j], factor * v) for j, v in f_a.terms))
    same = renamed == f_b.terms and factor * f_a.constant + certificate.constant == f_b.constant
    require(holds=same, otherwise="the objectives differ")
    require(holds=_quadratic(a, columns, factor) == _quadratic(b, itself, Fraction(1)), otherwise="the Hessians differ")
    require(holds=_rows(a, columns) == _rows(b, itself), otherwise="the rows differ")


def _quadratic(model: Milp, columns: Sequence[int], factor: Fraction) -> dict[tuple[int, int], Fraction]:
    entries = sparse.coo_array((model.n_columns,) * 2 if model.quadratic is None else model.quadratic)
    scale = factor if model.sense is Sense.MINIMIZE else -factor
    triples = zip(entries.row.tolist(), entries.col.tolist(), entries.data.tolist(), strict=True)
    return {(columns[i], columns[j]): scale * rational(v) for i, j, v in triples}


def _rows(model: Milp, columns: Sequence[int]) -> Counter[object]:
    """Return the rows under a renaming as a multiset, each divided by its coefficient of least column."""
    found: Counter[object] = Counter()
    indices, values = model.matrix.indices.tolist(), model.matrix.data.tolist()
    for i, (s, e) in enumerate(pairwise(model.matrix.indptr.tolist())):
        terms = sorted((columns[j], rational(v)) for j, v in zip(indices[s:e], values[s:e], strict=True))
        sides = [float(model.row_lower[i]), float(model.row_upper[i])]
        if not terms:
            found["holds" if sides[0] <= 0 <= sides[1] else "cannot hold"] += 1
            continue
        lead = terms[0][1]
        scaled = [rational(v) / lead if np.isfinite(v) else v * np.sign(float(lead)) for v in sides]
        found[tuple((j, v / lead) for j, v in terms), *(scaled if lead > 0 else scaled[::-1])] += 1
    return found
