"""A problem that is truly nonlinear, through the loop: solved, sampled, and never said to be proved the same."""

from __future__ import annotations

import json

import pytest

from formulation.answer import CheckResult, Status
from formulation.events import Agreement, CompareRendering
from formulation.formulation import Formulation, Objective, Variable
from formulation.sampling import sampled_agreement
from solvers.errors import BackendUnavailable
from solvers.milp import Sense
from solvers.nonlinear import Nonlinear, solve_nonlinear

# An open box with a square base of side s and height h: s*s + 4*s*h = 12 leaves h = (12 - s*s) / (4*s), and the volume
# s*s*h = (12*s - s**3) / 4 is largest where 12 = 3*s*s: s = 2, h = 1, volume 4.
TEXT = (
    "A tinsmith bends an open box with a square base out of 12 square decimetres of sheet. Which side and which height "
    "give the box that holds most?"
)
FORMULATION = {
    "reading": ["12 dm2 of sheet: base side*side and four walls side*height", "largest volume"],
    "problem_class": "nonlinear",
    "parameters": [
        {"name": "sheet", "value": 12, "unit": "dm*dm", "quotes": ["12 square decimetres of sheet"]},
        {"name": "longest", "value": 4, "unit": "dm", "quotes": []},
    ],
    "variables": [
        {
            "name": "side",
            "domain": "continuous",
            "lower": "0",
            "upper": "longest",
            "unit": "dm",
            "quotes": ["Which side"],
        },
        {
            "name": "height",
            "domain": "continuous",
            "lower": "0",
            "upper": "longest",
            "unit": "dm",
            "quotes": ["height"],
        },
    ],
    "objective": {
        "sense": "maximize",
        "expression": "side ** 2 * height",
        "unit": "dm*dm*dm",
        "quotes": ["the box that holds most"],
    },
    "constraints": [
        {
            "name": "enough_sheet",
            "expression": "side ** 2 + 4 * side * height <= sheet",
            "quotes": ["12 square decimetres of sheet"],
        }
    ],
}
PROGRAM = """import pyomo.environ as pyo

DATA = {"sheet": 12, "longest": 4}


def build(data):
    data = {**DATA, **(data or {})}
    model = pyo.ConcreteModel()
    model.side = pyo.Var(bounds=(0, data["longest"]))
    model.height = pyo.Var(bounds=(0, data["longest"]))
    model.sheet = pyo.Constraint(expr=model.side**2 + 4 * model.side * model.height <= data["sheet"])
    model.volume = pyo.Objective(expr=model.side**2 * model.height, sense=pyo.maximize)
    return model
"""


def built(workshop, source: str) -> Nonlinear:
    outcome = workshop.sandbox.run(source)
    return outcome.nl


def needs_scip(workshop):
    try:
        solve_nonlinear(built(workshop, PROGRAM))
    except BackendUnavailable as error:
        pytest.skip(str(error))


def test_a_nonlinear_problem_is_answered_and_its_agreement_stays_unknown(answered, workshop):
    needs_scip(workshop)
    script = {
        "formulator": [json.dumps(FORMULATION)],
        "coder": [json.dumps({"notes": [], "program": PROGRAM})],
    }
    run = answered(script, text=TEXT)
    assert run.answer.status is Status.OPTIMAL
    assert run.answer.objective.value == pytest.approx(4, rel=1e-4)
    agrees = next(check for check in run.answer.checks if check.name == "program_agrees")
    assert agrees.result is CheckResult.UNKNOWN
    assert {variable.name: round(variable.value, 2) for variable in run.answer.variables} == {
        "side": pytest.approx(2, abs=0.1),
        "height": pytest.approx(1, abs=0.1),
    }
    assert run.answer.constraints[0].rows.items[0].activity == pytest.approx(12, rel=1e-4)
    assert run.answer.lp is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("", ""), "agree at"),
        (
            (
                "model.side**2 + 4 * model.side * model.height <=",
                "3 * model.side**2 + 12 * model.side * model.height <= 3 *",
            ),
            "agree at",
        ),
        (("sense=pyo.maximize", "sense=pyo.minimize"), "objectives differ"),
        (("model.side**2 * model.height,", "model.side * model.height,"), "objectives differ"),
        (('<= data["sheet"]', '<= data["sheet"] - 1'), "no counterpart"),
        (("model.height = pyo.Var(bounds", "model.height = pyo.Var(domain=pyo.Integers, bounds"), "not whole in both"),
        (("model.height", "model.tall"), "not the same variables"),
    ],
)
def test_what_sampling_shows(workshop, change, said):
    other = PROGRAM.replace(*change) if change[0] else PROGRAM
    agreement, detail = sampled_agreement(built(workshop, PROGRAM), built(workshop, other))
    assert agreement is Agreement.UNDECIDED, "sampling never proves"
    assert said in detail


def test_a_text_that_is_no_nl_is_undecided():
    broken = Nonlinear("nonsense", "", "")
    assert sampled_agreement(broken, broken)[0] is Agreement.UNDECIDED


def test_a_quadratic_objective_that_pyomo_takes_as_a_matrix_is_compared_at_points(workshop):
    text = "Leave a weight of 3 as little as can be, the square of the distance counting."
    formulation = Formulation(
        variables=(Variable("weight", upper="9"),), objective=Objective(Sense.MINIMIZE, "(weight - 3) ** 2")
    )
    event = workshop.perform(CompareRendering(formulation, (), text))
    assert event.result is CheckResult.UNKNOWN
    assert "agree at" in event.detail
