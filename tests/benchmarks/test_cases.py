"""The project's own problems hold what they claim, judged without any reader."""

import itertools
import math
from pathlib import Path

import highspy
import numpy as np
import pytest

from benchmarks.errors import SuiteError
from benchmarks.item import Item, LpGold
from benchmarks.suites.own import load_cases

CASES = load_cases()
SOLVED = [case for case in CASES if not case.statuses]
REFUSED = [case for case in CASES if case.statuses]
by_id = {"ids": lambda case: case.id}


def reference(case: Item, folder: Path) -> highspy.HighsLp:
    """The reference model as HiGHS itself reads it: no code of ours is in the way."""
    assert isinstance(case.gold, LpGold)
    path = folder / "model.lp"
    path.write_text(case.gold.text)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    return highs


def test_there_are_twenty_to_solve_and_ten_to_refuse() -> None:
    assert len(SOLVED) >= 20
    assert len(REFUSED) >= 10
    kinds = {case.kind for case in SOLVED}
    assert kinds >= {"lp", "integer", "ratio", "blending", "transport", "knapsack"}
    assert len({case.text for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", SOLVED, **by_id)
def test_the_optimum_derived_by_hand_is_the_one_that_highs_finds(case: Item, tmp_path: Path) -> None:
    highs = reference(case, tmp_path)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    assert highs.getInfo().objective_function_value == pytest.approx(case.value, rel=1e-9)


@pytest.mark.parametrize("case", SOLVED, **by_id)
def test_the_optimum_derived_by_hand_stands_up_to_enumeration(case: Item, tmp_path: Path) -> None:
    """Every whole point of the box that the rows imply; a linear program by all its corners."""
    lp = reference(case, tmp_path).getLp()
    n, m = lp.num_col_, lp.num_row_
    matrix = np.zeros((m, n))
    rows = lp.a_matrix_.format_ == highspy.MatrixFormat.kRowwise
    for outer, (start, end) in enumerate(itertools.pairwise(lp.a_matrix_.start_)):
        for k in range(start, end):
            index = (outer, lp.a_matrix_.index_[k]) if rows else (lp.a_matrix_.index_[k], outer)
            matrix[index] = lp.a_matrix_.value_[k]
    low, high = np.array(lp.col_lower_), np.array(lp.col_upper_)
    sign = 1.0 if lp.sense_ == highspy.ObjSense.kMinimize else -1.0
    cost = np.array(lp.col_cost_)
    if lp.integrality_ and n <= 4:
        points = _whole_points(matrix, lp, low, high)
    elif not lp.integrality_:
        points = _corners(matrix, lp, low, high)
    else:
        pytest.skip("the box is too large to enumerate; HiGHS and the comment have proved it")
    feasible = [
        x
        for x in points
        if np.all(matrix @ x >= np.array(lp.row_lower_) - 1e-7)
        and np.all(matrix @ x <= np.array(lp.row_upper_) + 1e-7)
        and np.all(x >= low - 1e-9)
        and np.all(x <= high + 1e-9)
    ]
    best = sign * min(sign * float(cost @ x) for x in feasible)
    assert best == pytest.approx(case.value, rel=1e-9)


def _whole_points(matrix: np.ndarray, lp: highspy.HighsLp, low: np.ndarray, high: np.ndarray):
    """Whole points below what the rows allow; a column that no row bounds above needs at most the largest demand."""
    demand = max((side for side in lp.row_lower_ if math.isfinite(side)), default=0.0)
    box = []
    for j in range(matrix.shape[1]):
        ceiling = high[j]
        for i in range(matrix.shape[0]):
            if matrix[i, j] > 0 and np.all(matrix[i] >= 0) and math.isfinite(lp.row_upper_[i]):
                ceiling = min(ceiling, lp.row_upper_[i] / matrix[i, j])
        box.append(range(int(low[j]), int((ceiling if math.isfinite(ceiling) else demand) + 1e-9) + 1))
    return (np.array(point, dtype=float) for point in itertools.product(*box))


def _corners(matrix: np.ndarray, lp: highspy.HighsLp, low: np.ndarray, high: np.ndarray):
    """The points where n of the rows' and columns' finite sides hold with equality."""
    n = matrix.shape[1]
    sides = [
        (row, side)
        for row, pair in (
            *zip(matrix, zip(lp.row_lower_, lp.row_upper_, strict=True), strict=True),
            *zip(np.eye(n), zip(low, high, strict=True), strict=True),
        )
        for side in set(pair)
        if math.isfinite(side)
    ]
    for chosen in itertools.combinations(sides, n):
        a = np.array([row for row, _ in chosen])
        if abs(np.linalg.det(a)) > 1e-9:
            yield np.linalg.solve(a, np.array([side for _, side in chosen]))


@pytest.mark.parametrize("case", REFUSED, **by_id)
def test_what_must_be_refused_allows_no_optimum(case: Item) -> None:
    assert case.statuses
    assert case.statuses <= {"needs_answers", "not_understood", "infeasible", "unbounded"}


def test_the_noise_is_a_megabyte_and_the_same_at_every_load() -> None:
    first, again = ({case.id: case for case in load_cases()}["noise"] for _ in range(2))
    assert len(first.text.encode()) == 1_048_576
    assert first.text == again.text


def test_a_folder_without_cases_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="no case lies under"):
        load_cases(tmp_path)


def test_a_broken_case_is_named(tmp_path: Path) -> None:
    (tmp_path / "solved").mkdir()
    (tmp_path / "solved" / "half.toml").write_text('class = "lp"\ntext = """never closed')
    with pytest.raises(SuiteError, match=r"half\.toml: no case"):
        load_cases(tmp_path)
