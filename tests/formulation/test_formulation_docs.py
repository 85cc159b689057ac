"""The example of docs/formulation.md is a formulation with the optimum that the page states."""

import json
import re
from pathlib import Path

import pytest

from formulation.algebra import ExpressionError, parse_bound, parse_heads, parse_relation
from formulation.compile import CompileError, compile_formulation
from formulation.lint import lint
from formulation.wire import from_json
from solvers import solve

PAGE = (Path(__file__).parents[2] / "docs" / "formulation.md").read_text(encoding="utf-8")


def test_the_example_has_the_optimum_that_the_page_states():
    # mill 20 from east at 4 = 80, hill 10 from west at 5 = 50, port 20 from west at 3 = 60 (west is then empty)
    # and 5 from east at 6 = 30: 220. A ton
    # for hill from east costs 4 more, and the ton of west that it frees saves 3 at port.
    example = from_json(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
    solution = solve(compile_formulation(example))
    stated = float(re.search(r"costs (\d+)\.", PAGE)[1])
    assert abs(solution.point.objective - stated) < 1e-6
    assert lint(example) == []


def test_the_expressions_of_the_table_are_expressions():
    rows = re.findall(r"^\| [a-z ,]+ \| (`.*)\|$", PAGE, re.MULTILINE)
    read = 0
    for row in rows:
        for code in re.findall(r"`([^`]+)`", row):
            if code in ("for_each",) or ("(" in code and code.startswith("formulation")):
                continue
            if " else " in code and " in " in code:
                assert parse_bound(code)[1]
                read += 1
            elif " in " in code and not code.startswith("sum"):
                assert parse_heads(code)
                read += 1
            elif "<=" in code or "==" in code:
                assert parse_relation(code)
                read += 1
    assert read >= 6


def _pairs(upper: str | None = None, for_each: str = "", expression: str = "x['a', 'b'] <= 9"):
    """The compiled model of a formulation over pairs of places, with one bound and one constraint."""
    said = {
        "kind": "formulation",
        "sets": [{"name": "places", "elements": ["a", "b", "c"]}],
        "parameters": [{"name": "stock", "indices": ["places"], "value": [["a", 1], ["b", 2], ["c", 3]]}],
        "variables": [{"name": "x", "indices": ["places", "places"], "upper": upper}],
        "objective": {"sense": "maximize", "expression": "sum(x[i, j] for i in places, j in places)"},
        "constraints": [{"name": "r", "for_each": for_each, "expression": expression}],
    }
    return compile_formulation(from_json(json.dumps(said)))


def test_a_bound_may_differ_by_index_as_the_page_says():
    assert _pairs("stock").column_upper.tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    by_index = _pairs("0 if i == j else stock[i] for i in places, j in places")
    assert by_index.column_upper.tolist() == [0, 1, 1, 2, 0, 2, 3, 3, 0]
    with pytest.raises(CompileError, match="takes no condition"):
        _pairs("stock[i] for i in places, j in places if i != j")


def test_conditions_are_joined_behind_if_alone_as_the_page_says():
    rows = _pairs(None, "i in places, j in places if i != j and not (ord(i) > 2 or j == 'a')", "x[i, j] <= 1").row_names
    assert list(rows) == ["r[a,b]", "r[a,c]", "r[b,c]"]
    with pytest.raises(CompileError, match="behind 'if'"):
        _pairs(None, "i in places, j in places and i != j", "x[i, j] <= 1")
    with pytest.raises(ExpressionError, match="two make two constraints"):
        parse_relation("x <= 1 and x >= 0")


def test_a_combination_that_makes_no_sense_is_free_until_a_constraint_fixes_it():
    assert _pairs().column_upper[0] == float("inf")
    fixed = _pairs(None, "i in places", "x[i, i] == 0")
    assert fixed.matrix.toarray().tolist() == [[float(k == 4 * i) for k in range(9)] for i in range(3)]
    assert fixed.row_upper.tolist() == fixed.row_lower.tolist() == [0, 0, 0]


@pytest.mark.parametrize("agent", ["formulator", "coder", "debugger", "reviewer"])
def test_every_agent_that_judges_a_model_is_told_what_becomes_of_idle_combinations_and_of_pieces(agent):
    from importlib.resources import files

    told = files("formulation.agents").joinpath(f"{agent}.md").read_text(encoding="utf-8")
    assert re.search(r"fix(ed|es) at 0", told)
    assert "from a place to itself" in told
    assert re.search(r"pieces", told)
    if agent in ("debugger", "reviewer"):
        assert re.search(r"switch(es)? a relation off", told)
