"""The example of docs/formulation.md is a formulation with the optimum that the page states."""

import re
from pathlib import Path

from formulation.algebra import parse_heads, parse_relation
from formulation.compile import compile_formulation
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
            if " in " in code and not code.startswith("sum"):
                assert parse_heads(code)
                read += 1
            elif "<=" in code or "==" in code:
                assert parse_relation(code)
                read += 1
    assert read >= 6
