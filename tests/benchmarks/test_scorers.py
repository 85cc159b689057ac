"""What the scorers call right is right, and what they call wrong is wrong."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from benchmarks.attempt import Attempt
from benchmarks.item import AnnotationGold, Item, LpGold
from benchmarks.record import Outcome, Structure
from benchmarks.scorers.canonical import canonical, disagreement, is_strict, models, number
from benchmarks.scorers.declarations import abstained_counts, accuracy, declaration_counts
from benchmarks.scorers.judge import judge
from benchmarks.scorers.reference import reference_models
from benchmarks.scorers.structure import compare_structure
from benchmarks.scorers.value import CLOSE, NEAR, value_within
from benchmarks.suites.own import load_cases
from solvers.milp import Milp, Sense

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
ANNOTATION = {
    "obj_declaration": {"type": "objective", "direction": "maximize", "name": "gain", "terms": {"pens": "2", "cups": "3"}},
    "const_declarations": [
        {"type": "sum", "direction": "at most", "limit": "10", "operator": "LESS_OR_EQUAL"},
        {"type": "xby", "x_var": "pens", "direction": "at least", "param": "twice", "y_var": "cups",
         "operator": "GREATER_OR_EQUAL"},
        {"type": "ratio", "direction": "at most", "limit": "40%", "var": "cups", "operator": "LESS_OR_EQUAL"},
        {"type": "upperbound", "direction": "less than", "limit": "8", "var": "pens", "operator": "LESS_OR_EQUAL"},
    ],
    "order_mapping": {"pens": 0, "cups": 1, "cup": 1},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("1,200.50", 1200.5), ("$3", 3), ("20%", 0.2), ("7.5 %", 0.075), ("thirty percent", 0.3),
        ("twice", 2), ("three times", 3), ("1.5 times", 1.5), ("a third", 1 / 3), ("two thirds", 2 / 3),
        ("half", 0.5), ("one hundred thousand", 100_000), ("twenty five", 25), ("2$.", 2), ("8000 minutes", 8000),
        ("1/4", 0.25), (".5", 0.5),
    ],
)  # fmt: skip
def test_an_annotated_number_is_read(text: str, value: float) -> None:
    assert number(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "some", "a few dozen", "%"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        number(text)


@pytest.mark.parametrize(
    ("words", "strict"),
    [
        ("more than", True), ("less than", True), ("must exceed", True), ("below", True), ("larger than", True),
        ("no more than", False), ("must not exceed", False), ("cannot make more than", False), ("at most", False),
        ("n't make more than", False), ("five or more", False), ("maximum", False),
    ],
)  # fmt: skip
def test_words_that_exclude_the_limit_are_told_from_those_that_do_not(words: str, strict: bool) -> None:
    assert is_strict(words) is strict


def test_the_canonical_form_minimises_over_rows_below_their_limit() -> None:
    form = canonical(ANNOTATION)
    assert form.objective == (-2.0, -3.0)
    assert [row.coefficients for row in form.rows] == [(1, 1), (-1, 2), (-0.4, 0.6), (1, 0)]
    assert [row.limit for row in form.rows] == [10, 0, 0, 8]
    assert [row.strict for row in form.rows] == [False, False, False, True]


def test_a_strict_limit_is_right_closed_or_shifted() -> None:
    closed, shifted = models(canonical(ANNOTATION))
    assert (closed.row_upper[3], shifted.row_upper[3]) == (8.0, 7.0)
    item = Item("a", "nl4opt", "", gold=AnnotationGold(ANNOTATION))
    for model, outcome in (
        (closed, Outcome.RIGHT),
        (shifted, Outcome.RIGHT),
        (replace(closed, row_upper=closed.row_upper - np.array([0, 0, 0, 2.0])), Outcome.WRONG),
    ):
        assert judge(item, Attempt("optimal", value=1.0, model=model)).outcome is outcome


def test_the_annotation_says_nothing_of_integrality() -> None:
    model = next(models(canonical(ANNOTATION)))
    whole = replace(model, domains=np.ones(2, dtype=np.int8))
    item = Item("a", "nl4opt", "", gold=AnnotationGold(ANNOTATION))
    assert judge(item, Attempt("optimal", model=whole)).outcome is Outcome.RIGHT


@pytest.mark.shared
def test_the_declared_rows_are_the_corrected_ones_in_nine_of_ten_problems() -> None:
    path = SHARED / "nl4opt" / "train.jsonl"
    if not path.exists():
        pytest.skip("the development data do not lie beside this checkout")
    golds = [json.loads(line)["gold"] for line in path.read_text().splitlines()]
    agree = sum(disagreement(gold) == "" for gold in golds)
    assert agree >= 0.9 * len(golds)


@st.composite
def shuffles(draw: st.DrawFn) -> Milp:
    """The model of the annotation with rows and columns shuffled and rows scaled: the same model."""
    model = next(models(canonical(ANNOTATION)))
    rows = draw(st.permutations(range(model.n_rows)))
    columns = draw(st.permutations(range(model.n_columns)))
    factors = np.array(draw(st.lists(st.sampled_from([0.5, 1.0, 2.0, 10.0]), min_size=4, max_size=4)))
    return replace(
        model,
        objective=model.objective[columns],
        matrix=sparse.csr_array(sparse.diags_array(factors) @ model.matrix[rows][:, columns]),
        row_upper=factors * model.row_upper[rows],
        column_names=("a", "b"),
    )


@settings(max_examples=25)
@given(shuffles())
def test_order_names_and_row_factors_do_not_matter(model: Milp) -> None:
    gold = canonical(ANNOTATION)
    assert declaration_counts(gold, model, {}) == (5, 0, 0, 5)
    references = reference_models(AnnotationGold(ANNOTATION))
    assert compare_structure(model, references, integrality=False).ladder is Structure.EQUIVALENT


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (lambda m: replace(m, sense=Sense.MINIMIZE), (4, 1, 1, 5)),
        (lambda m: replace(m, objective=2 * m.objective), (5, 0, 0, 5)),
        (lambda m: replace(m, row_upper=m.row_upper + np.array([1.0, 0, 0, 0])), (4, 1, 1, 5)),
        (lambda m: replace(m, column_upper=np.array([np.inf, 3.0])), (5, 1, 0, 5)),
    ],
    ids=["sense", "objective doubled", "a limit moved", "a bound too many"],
)
def test_declarations_are_counted_one_by_one(change, counts: tuple[int, int, int, int]) -> None:
    model = change(next(models(canonical(ANNOTATION))))
    assert declaration_counts(canonical(ANNOTATION), model, {}) == counts


def test_the_declaration_accuracy_is_the_competitions() -> None:
    # 5 declarations with one false and one missing, 3 declarations all missing: 1 - (2 + 3) / 8
    assert accuracy([(4, 1, 1, 5), (0, 0, 3, 3)]) == pytest.approx(3 / 8)
    # more false ones than there are declarations cost no more than the declarations
    assert accuracy([(0, 20, 5, 5)]) == 0.0
    assert accuracy([]) is None
    assert abstained_counts(canonical(ANNOTATION)) == (0, 0, 5, 5)


@pytest.mark.parametrize(
    ("value", "expected", "close", "near"),
    [(100.0, 100.0, True, True), (100.00001, 100.0, True, True), (100.01, 100.0, False, True),
     (106.0, 100.0, False, False), (0.0, 0.0, True, True), (-95.5, -100.0, False, True), (0.2, 0.3, False, False)],
)  # fmt: skip
def test_values_are_compared_at_both_distances(value: float, expected: float, close: bool, near: bool) -> None:
    assert value_within(value, expected, CLOSE) is close
    assert value_within(value, expected, NEAR) is near


CASES = {case.id: case for case in load_cases()}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.gold is not None])
def test_a_sample_is_right_with_its_own_model_and_wrong_with_another(name: str) -> None:
    item = CASES[name]
    assert isinstance(item.gold, LpGold)
    (model,) = reference_models(item.gold)
    assert judge(item, Attempt("optimal", value=item.value, model=model)).outcome is Outcome.RIGHT
    other = replace(model, objective=model.objective * np.linspace(1.0, 1.5, model.n_columns))
    assert judge(item, Attempt("optimal", value=item.value, model=other)).outcome is not Outcome.RIGHT


def test_a_multiple_of_the_objective_is_another_model() -> None:
    item = CASES["bakery"]
    assert item.gold is not None
    (model,) = reference_models(item.gold)
    verdict = judge(item, Attempt("optimal", value=380.0, model=replace(model, objective=2 * model.objective)))
    assert (verdict.outcome, verdict.structure) == (Outcome.WRONG, Structure.DIFFERENT)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("not_understood", Outcome.RIGHT), ("needs_answers", Outcome.WRONG), ("optimal", Outcome.WRONG),
     ("error", Outcome.ABSTAINED)],
)  # fmt: skip
def test_what_must_be_refused_is_right_only_with_its_status(status: str, outcome: Outcome) -> None:
    assert judge(CASES["poem"], Attempt(status)).outcome is outcome


def test_abstaining_is_neither_right_nor_wrong() -> None:
    for status in ("not_understood", "needs_answers", "error"):
        assert judge(CASES["bakery"], Attempt(status)).outcome is Outcome.ABSTAINED


def test_an_item_without_a_label_is_unscored() -> None:
    assert judge(Item("a", "s", "q"), Attempt("optimal", value=1.0)).outcome is Outcome.UNSCORED


def test_a_reference_model_without_an_optimum_is_a_label_in_doubt() -> None:
    item = Item("a", "own", "", gold=LpGold("Maximize\n e: x\nSubject To\n r: x >= 1\nEnd\n"))
    assert item.gold is not None
    (model,) = reference_models(item.gold)
    verdict = judge(item, Attempt("unbounded", model=model))
    assert (verdict.outcome, verdict.doubt) == (Outcome.RIGHT, "the reference model is unbounded")
