"""An attempt judged by its item's label: the outcome, every scorer's figure, and the class of failure."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.attempt import Attempt
from benchmarks.item import AnnotationGold, Item
from benchmarks.record import Outcome, Structure
from benchmarks.scorers.canonical import canonical
from benchmarks.scorers.declarations import Counts, abstained_counts, declaration_counts
from benchmarks.scorers.reference import judges_integrality, reference_models
from benchmarks.scorers.structure import compare_structure, no_optimum
from benchmarks.scorers.value import CLOSE, NEAR, value_within

ABSTAINED = frozenset({"not_understood", "needs_answers", "error"})
"""The statuses of an answer that claims nothing."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the scorers say of one attempt; the fields are those of a record."""

    outcome: Outcome
    structure: Structure = Structure.NONE
    structure_wl: Structure = Structure.NONE
    executes: bool | None = None
    value_close: bool | None = None
    value_near: bool | None = None
    declarations: Counts | None = None
    failure: str = ""
    detail: str = ""
    fingerprint: str = ""
    doubt: str = ""


def judge(item: Item, attempt: Attempt) -> Judgement:
    """Return how the attempt is judged.

    Where the label is a model the outcome goes by structure, else by the value within 1e-6; where it is a set of
    statuses, by the status. An answer that claims nothing is abstained (and right, where the label asks for that);
    what cannot be decided, or has no label, is unscored.
    """
    if item.statuses:
        return _by_status(item, attempt)
    gold = canonical(item.gold.declarations) if isinstance(item.gold, AnnotationGold) else None
    if attempt.status in ABSTAINED:
        return Judgement(
            Outcome.ABSTAINED,
            executes=False if attempt.failure else None,
            declarations=abstained_counts(gold) if gold else None,
            failure=attempt.failure or attempt.status,
            detail=attempt.detail,
        )
    close = near = None
    if item.value is not None:
        close = attempt.value is not None and value_within(attempt.value, item.value, CLOSE)
        near = attempt.value is not None and value_within(attempt.value, item.value, NEAR)
    structure = wl = Structure.NONE
    detail, doubt = attempt.detail, ""
    if item.gold is not None and attempt.model is not None:
        integrality, references = judges_integrality(item.gold), reference_models(item.gold)
        compared = compare_structure(attempt.model, references, integrality=integrality)
        if not (compared.ladder is Structure.EQUIVALENT and attempt.status == "optimal"):
            doubt = no_optimum(references[0].relaxed())
        structure, wl = compared.ladder, compared.refinement
        detail = compared.detail or detail
    outcome = _outcome(item, structure, close=close)
    failure = attempt.failure
    if outcome is Outcome.WRONG and not failure:
        failure = _failure_class(item, attempt, structure)
    elif outcome is Outcome.UNSCORED:
        failure = failure or ("undecided" if item.gold is not None else "")
    return Judgement(
        outcome,
        structure=structure,
        structure_wl=wl,
        executes=attempt.model is not None or attempt.nonlinear,
        value_close=close,
        value_near=near,
        declarations=declaration_counts(gold, attempt.model, attempt.names)
        if gold and attempt.model is not None
        else (abstained_counts(gold) if gold else None),
        failure=failure,
        doubt=doubt,
        fingerprint=_fingerprint(attempt),
        detail=detail if outcome is not Outcome.RIGHT else "",
    )


def _by_status(item: Item, attempt: Attempt) -> Judgement:
    if attempt.status in item.statuses:
        return Judgement(Outcome.RIGHT)
    if attempt.status == "error":
        return Judgement(Outcome.ABSTAINED, failure=attempt.failure or "error", detail=attempt.detail)
    wanted = " or ".join(sorted(item.statuses))
    failure = "answered_what_has_no_answer" if attempt.status not in ABSTAINED else "another_status"
    return Judgement(Outcome.WRONG, failure=failure, detail=f"{attempt.status} where {wanted} is right")


def _outcome(item: Item, structure: Structure, *, close: bool | None) -> Outcome:
    if item.gold is not None:
        match structure:
            case Structure.EQUIVALENT:
                return Outcome.RIGHT
            case Structure.DIFFERENT:
                return Outcome.WRONG
            case Structure.UNKNOWN:
                return Outcome.UNSCORED
            case Structure.NONE:
                return Outcome.WRONG  # an answer that stands for no model
    if close is None:
        return Outcome.UNSCORED
    return Outcome.RIGHT if close else Outcome.WRONG


def _failure_class(item: Item, attempt: Attempt, structure: Structure) -> str:
    """Return what went wrong, as far as the models tell: the first thing that differs."""
    if attempt.nonlinear:
        return "nonlinear_model"
    if attempt.model is None and item.gold is not None:
        return "no_model"
    if structure is Structure.DIFFERENT and item.gold is not None and attempt.model is not None:
        reference = reference_models(item.gold)[0]
        model = attempt.model
        if model.n_columns != reference.n_columns:
            return "other_variables"
        if model.sense != reference.sense:
            return "other_sense"
        if sorted(model.objective.tolist()) != sorted(reference.objective.tolist()):
            return "other_objective"
        if _sides(model) < _sides(reference):
            return "constraint_missing"
        if _sides(model) > _sides(reference):
            return "constraint_too_many"
        if judges_integrality(item.gold) and sorted(model.domains.tolist()) != sorted(reference.domains.tolist()):
            return "other_integrality"
        return "other_constraint"
    if attempt.status in {"infeasible", "unbounded"}:
        return f"{attempt.status}_answer"
    if attempt.value is None:
        return "no_value"
    return "other_value"


def _sides(model: object) -> int:
    """Return the number of finite sides of rows and bounds, ``x >= 0`` left out."""
    import numpy as np

    from solvers.milp import Milp

    assert isinstance(model, Milp)  # noqa: S101 - typed as object to keep solvers out of the import
    rows = np.isfinite(model.row_lower).sum() + np.isfinite(model.row_upper).sum()
    columns = (
        np.isfinite(model.column_upper).sum() + (np.isfinite(model.column_lower) & (model.column_lower != 0)).sum()
    )
    return int(rows + columns)


def _fingerprint(attempt: Attempt) -> str:
    if attempt.model is None:
        return ""
    from equivalence.bucket import bucket_key

    return bucket_key(attempt.model)
