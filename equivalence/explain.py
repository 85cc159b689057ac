"""A verdict in words: what the difference is, by the names of the models."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import assert_never

from equivalence.certificate import Affine
from equivalence.diff import objective_changes, row_changes
from equivalence.exact import rational
from equivalence.linear import objective_of, terms_of
from equivalence.verdict import Different, Equivalent, Relation, Scope, Unknown, Verdict
from equivalence.witness import (
    FeasibilityWitness,
    NotIsomorphic,
    ObjectiveWitness,
    PointWitness,
    ProfileWitness,
)
from equivalence.words import linear, number, point
from solvers.milp import Milp, Sense


def value_at(form: Affine, values: Sequence[Fraction]) -> Fraction:
    """Return the value of a form at a point."""
    return sum((v * values[j] for j, v in form.terms), form.constant)


def difference_in_words(a: Milp, b: Milp, verdict: Different, *, name_a: str = "A", name_b: str = "B") -> str:
    """Return what tells the models apart, in one or two sentences, by the models' own names."""
    models = {"a": (a, name_a), "b": (b, name_b)}
    witness = verdict.witness
    match witness:
        case PointWitness():
            inside, inside_name = models[witness.inside]
            other, other_name = models["b" if witness.inside == "a" else "a"]
            at = point(witness.point, inside.column_names)
            image = [value_at(form, witness.point) for form in witness.images]
            text = f"{inside_name} allows {at}; in {other_name} {_missed(other, witness.missed, image)}"
            if witness.missed[0] == "row" and verdict.scope is Scope.BY_NAME:
                text += _row_words(inside, other, witness.missed[1], inside_name, other_name)
            return f"{text}."
        case ObjectiveWitness():
            return _objectives(a, b, witness, name_a, name_b, by_name=verdict.scope is Scope.BY_NAME)
        case NotIsomorphic():
            return f"No renaming of variables and constraints turns {name_a} into {name_b}: {witness.detail}."
        case FeasibilityWitness():
            model, name = models[witness.feasible]
            _, empty = models["b" if witness.feasible == "a" else "a"]
            return f"{name} allows {point(witness.point, model.column_names)}; {empty} has no feasible point."
        case ProfileWitness():
            return f"Every feasible point was counted: {witness.detail}."
        case _:
            assert_never(witness)


def verdict_in_words(a: Milp, b: Milp, verdict: Verdict, *, name_a: str = "A", name_b: str = "B") -> str:
    """Return the verdict in words: what was proved and at which level, or why it stayed open."""
    match verdict:
        case Equivalent():
            how = {
                Relation.IDENTICAL: "they say the same, name by name",
                Relation.PERMUTED: "the same under other names or in another order",
                Relation.RESCALED: "the same up to factors, signs or units",
                Relation.REFORMULATED: "said in another way",
            }[verdict.relation]
            text = f"Equivalent ({verdict.level}, {verdict.relation}): {how}."
            if not verdict.same_objective:
                factor, constant = number(verdict.objective_factor), number(verdict.objective_constant)
                text += (
                    f" As minimisation, the objective of {name_b} is {factor} times that of {name_a} plus {constant}."
                )
            for name, (factor_, shift) in verdict.units.items():
                text += f" {name} = {number(factor_)} times its partner plus {number(shift)}."
            return text + ("" if verdict.exact else " Numbers were read up to rounding noise.")
        case Different():
            scope = {
                Scope.BY_NAME: "variables matched by name",
                Scope.GIVEN_MAP: "under the map given",
                Scope.FOUND_MAP: "under the map found",
                Scope.ANY_MAP: "under any renaming",
            }[verdict.scope]
            words = difference_in_words(a, b, verdict, name_a=name_a, name_b=name_b)
            return f"Different ({verdict.level}, {scope}): {words}"
        case Unknown():
            return f"Unknown ({verdict.level}, {verdict.reason}): {verdict.detail}."
        case _:
            assert_never(verdict)


def _missed(model: Milp, missed: tuple[str, int], values: Sequence[Fraction]) -> str:
    kind, k = missed
    if kind == "whole":
        return f"{model.column_names[k]} must be whole (it would be {number(values[k])})"
    if kind == "column":
        got, lower, upper = values[k], float(model.column_lower[k]), float(model.column_upper[k])
        what = f"{model.column_names[k]}"
    else:
        span = slice(int(model.matrix.indptr[k]), int(model.matrix.indptr[k + 1]))
        form = Affine(terms_of(model.matrix.indices[span].tolist(), model.matrix.data[span].tolist()))
        got, lower, upper = value_at(form, values), float(model.row_lower[k]), float(model.row_upper[k])
        what = f"constraint {model.row_names[k]!r}, {linear(form, model.column_names)},"
    if lower == upper:
        return f"{what} must be {number(rational(upper))} (it would be {number(got)})"
    if lower != float("-inf") and got < rational(lower):
        return f"{what} must be at least {number(rational(lower))} (it would be {number(got)})"
    return f"{what} must be at most {number(rational(upper))} (it would be {number(got)})"


def _row_words(inside: Milp, other: Milp, k: int, inside_name: str, other_name: str) -> str:
    """Return how the other model's row k stands in the model that has the point; empty where it stands there too."""
    changed = row_changes(other, inside, k, other_name, inside_name)
    if changed is None:
        return f"; {inside_name} has no such constraint"
    return f"; {changed}" if changed else ""


def _objectives(a: Milp, b: Milp, witness: ObjectiveWitness, name_a: str, name_b: str, *, by_name: bool) -> str:
    changed = objective_changes(a, b, name_a, name_b) if by_name else ""
    lead = f"The objectives differ: {changed}; " if changed else "The objectives differ: "
    parts = []
    for values in witness.points:
        image = [value_at(form, values) for form in witness.images]
        f_a, f_b = _own_objective(a, values), _own_objective(b, image)
        parts.append(f"at {point(values, a.column_names)} {name_a} has {number(f_a)}, {name_b} has {number(f_b)}")
    return lead + "; ".join(parts) + "."


def _own_objective(model: Milp, values: Sequence[Fraction]) -> Fraction:
    got = value_at(objective_of(model), values)
    return got if model.sense is Sense.MINIMIZE else -got
