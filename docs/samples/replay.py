"""Replays a certificate of equivalence in exact arithmetic. Needs Python alone: no package, nothing of milpwright.

    python replay.py A.json B.json VERDICT.json

A and B are models in milpwright's JSON; VERDICT is what `milpwright compare --json` printed. Prints what the
certificate proves and ends with 0, or says what does not hold and ends with 1. A form is a dictionary from columns to
rationals, its constant under None; an inequality is a form that is at most 0.
"""

import json
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path


def need(holds, otherwise):
    """End with what does not hold, unless it holds."""
    if not holds:
        sys.exit(f"not proved: {otherwise}")


def number(text):
    """Return what a number's text stands for: its decimal up to 15 digits, else the binary fraction that it is."""
    digits = text.lower().partition("e")[0].replace(".", "").lstrip("-0").rstrip("0")
    return Fraction(text) if len(digits) <= 15 else Fraction(float(text))


def add(*parts):
    """Return the sum of factor times form, without zeros."""
    total = {}
    for factor, form in parts:
        for key, value in form.items():
            total[key] = total.get(key, 0) + factor * value
    return {key: value for key, value in total.items() if value}


def put(form, images):
    """Return the form with each column replaced by its image."""
    return add(*((value, {None: 1} if key is None else images[key]) for key, value in form.items()))


def read(terms, constant="0"):
    """Return a form from a list of columns and numbers."""
    return add((1, {j: Fraction(value) for j, value in terms}), (Fraction(constant), {None: 1}))


def affine(data):
    """Return a form from its JSON."""
    return read(data["terms"], data["constant"])


class Model:
    """A model read from its JSON, minimised, with the sides of its rows and columns as inequalities."""

    def __init__(self, path):
        data = json.loads(Path(path).read_text(encoding="utf-8"), parse_float=number, parse_int=number)
        columns, rows, sign = data["columns"], data["rows"], 1 if data["sense"] == "minimize" else -1
        self.boxes = list(zip(columns["lower"], columns["upper"], columns["domains"], strict=True))
        self.objective = add((sign, dict(enumerate(data["objective"]))), (sign * data["constant"], {None: 1}))
        self.square = {(i, j): sign * value for i, j, value in entries(data.get("quadratic"))}
        self.rows = [({}, low, high) for low, high in zip(rows["lower"], rows["upper"], strict=True)]
        for i, j, value in entries(data["matrix"]):
            self.rows[i][0][j] = value
        units = [({j: 1}, low, high) for j, (low, high, _) in enumerate(self.boxes)]
        self.sides = {}
        for kind, forms in (("row", self.rows), ("column", units)):
            for k, (form, low, high) in enumerate(forms):
                if low is not None:
                    self.sides[kind, k, "lower"] = add((-1, form), (low, {None: 1}))
                if high is not None:
                    self.sides[kind, k, "upper"] = add((1, form), (-high, {None: 1}))

    def is_whole(self, form):
        """Whether the form takes whole values alone: whole numbers on whole columns."""
        whole = all(j is None or self.boxes[j][2] == "integer" for j in form)
        return whole and all(Fraction(value).denominator == 1 for value in form.values())


def entries(matrix):
    """Return the triples of a matrix that is given as three lists, or not at all."""
    parts = matrix or {"rows": [], "columns": [], "values": []}
    return [(int(i), int(j), v) for i, j, v in zip(parts["rows"], parts["columns"], parts["values"], strict=True) if v]


def cases(model, split):
    """Return the two inequalities of a case distinction, one of which holds at each point."""
    form = add((1, read(split["form"])), (-Fraction(split["at"]), {None: 1}))
    need(not split["whole"] or model.is_whole(form), "a split on whole values of a form that takes others")
    return form, add((-1, form), (int(split["whole"]), {None: 1}))


def prove(model, guards, goal, proof):
    """The goal follows: a case distinction, or multipliers whose sum is the goal or a contradiction."""
    if proof["type"] == "Split":
        for case, part in zip(cases(model, proof), (proof["low"], proof["high"]), strict=True):
            prove(model, [*guards, case], goal, part)
        return
    total = {}
    for (kind, k, side), text in proof["multipliers"]:
        need(Fraction(text) >= 0, "a negative multiplier")
        known = guards[k] if kind == "guard" and k >= 0 else model.sides.get((kind, k, side))
        need(known is not None, f"there is no {side} side of {kind} {k}")
        total = add((1, total), (Fraction(text), known))
    rest = add((1, goal), (-1, total))
    follows = set(rest) <= {None} and rest.get(None, 0) <= 0
    need(follows or (set(total) == {None} and total[None] > 0), "multipliers that do not give their inequality")


def zero(model, guards, form, proofs):
    """The form is 0 by inspection, or by two proofs."""
    if form:
        need(len(proofs) == 2, "a form that is not 0, without proofs")
        prove(model, guards, form, proofs[0])
        prove(model, guards, add((-1, form)), proofs[1])


def inclusion(source, guards, target, data):
    """The images carry every point of the source into the target."""
    images = [affine(image) for image in data["images"]]
    sizes = len(images) == len(target.boxes) and len(data["proofs"]) == len(target.sides)
    need(sizes, "not one image for each column and one proof for each side")
    for side, proof in zip(target.sides.values(), data["proofs"], strict=True):
        prove(source, guards, put(side, images), proof)
    shown = {j: (affine(form), proofs) for j, form, *proofs in data["whole"]}
    for j, (_, _, domain) in enumerate(target.boxes):
        if domain == "integer":
            form, proofs = shown.get(j, (images[j], []))
            need(source.is_whole(form), f"nothing shows that the image of column {j} is whole")
            zero(source, guards, add((1, images[j]), (-1, form)), proofs)
    return images


def returns(model, guards, back, there, proofs):
    """There and back again is where one was."""
    shown = {j: rest for j, *rest in proofs}
    for j in range(len(model.boxes)):
        zero(model, guards, add((1, put(back[j], there)), (-1, {j: 1})), shown.get(j, []))


def section(base, guards, extended, onto, data):
    """Every point of the base has a preimage. Returns the images of the one leaf, or None where it is split."""
    if data["type"] == "SectionLeaf":
        images = inclusion(base, guards, extended, data["inclusion"])
        returns(base, guards, onto, images, data["identity"])
        return images
    for case, part in zip(cases(base, data), (data["low"], data["high"]), strict=True):
        section(base, [*guards, case], extended, onto, part)
    return None


def mapped(a, b, data):
    """One model maps onto the other with its objective, and back: level, factor and constant."""
    extended, base = (a, b) if data["extended"] == "a" else (b, a)
    factor, constant = Fraction(data["factor"]), Fraction(data["constant"])
    need(factor > 0, "the objective's factor is not positive")
    onto = inclusion(extended, [], base, data["onto"])
    claimed = add((factor, put(base.objective, onto)), (constant, {None: 1}))
    zero(extended, [], add((1, extended.objective), (-1, claimed)), data["objective"])
    images = section(base, [], extended, onto, data["section"])
    if data["inverse"] is not None:
        need(images is not None, "a bijection needs one inverse")
        returns(extended, [], images, onto, data["inverse"])
    scale = (factor, constant) if data["extended"] == "b" else (1 / factor, -constant / factor)
    return ("L2" if data["inverse"] is None else "L1", *scale)


def permutation(a, b, data):
    """A renaming carries columns, rows and objective of A onto those of B: level, factor and constant."""
    to, factor, constant = data["columns"], Fraction(data["factor"]), Fraction(data["constant"])
    need(sorted(to) == list(range(len(b.boxes))) and len(to) == len(a.boxes) and factor > 0, "no renaming")
    need(all(box == b.boxes[to[j]] for j, box in enumerate(a.boxes)), "bounds or domains differ")
    objective = put(a.objective, [{k: 1} for k in to])
    need(add((factor, objective), (constant, {None: 1})) == b.objective, "the objectives differ")
    need({(to[i], to[j]): factor * v for (i, j), v in a.square.items()} == b.square, "the Hessians differ")
    need(lines(a, to) == lines(b, range(len(to))), "the rows differ")
    return "L0", factor, constant


def lines(model, to):
    """Return the rows under a renaming, each divided by its coefficient of least column, as a multiset."""
    found = Counter()
    for form, low, high in model.rows:
        terms = sorted((to[j], v) for j, v in form.items())
        lead = terms[0][1] if terms else 1
        sides = [side if side is None else side / lead for side in (low, high)][:: 1 if lead > 0 else -1]
        if not terms:
            sides = [(low is None or low <= 0) and (high is None or high >= 0)]
        found[tuple((j, v / lead) for j, v in terms), *sides] += 1
    return found


def main(path_a, path_b, path):
    """Prove what the verdict claims of the two models, and say so."""
    a, b = Model(path_a), Model(path_b)
    verdict = json.loads(Path(path).read_text(encoding="utf-8"))
    need(verdict["verdict"] == "equivalent", f"the verdict is {verdict['verdict']}")
    need(verdict["exact"], "the models hold numbers with rounding noise, which were settled before the proof")
    data = verdict["certificate"]
    linear = not a.square and not b.square and all(box[2] in ("integer", "continuous") for box in a.boxes + b.boxes)
    need(linear or data["type"] == "Permutation", "a proof about linear models beside one that is none")
    if data["type"] == "BothEmpty":
        prove(a, [], {None: 1}, data["a"])
        prove(b, [], {None: 1}, data["b"])
        print("proved: neither model has a feasible point")
        return
    level, factor, constant = (permutation if data["type"] == "Permutation" else mapped)(a, b, data)
    need(level <= verdict["level"], f"level {level} is proved, and {verdict['level']} is claimed")
    print(f"proved: equivalent at {level}, with f_B = {factor} f_A + {constant} (both minimised)")


if __name__ == "__main__":
    main(*sys.argv[1:4])
