"""Symbolic models compared over draws of their parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from app.cli.compare import command
from equivalence import Different
from formulation.compare import NotBuilt, SymbolicFormulation, SymbolicProgram, compare_symbolic, redrawn
from formulation.formulation import Constraint, Formulation, IndexSet, Objective, Parameter, Variable, VariableDomain
from formulation.sandbox import Sandbox
from formulation.wire import to_json
from solvers.milp import Sense

MIX = Formulation(
    sets=(IndexSet("goods", ("bread", "cake")),),
    parameters=(
        Parameter("gain", {("bread",): 5.0, ("cake",): 2.0}, ("goods",)),
        Parameter("share", 0.5),
        Parameter("room", 2.0),
        Parameter("hours", 40.0),
    ),
    variables=(Variable("make", ("goods",), VariableDomain.INTEGER),),
    objective=Objective(Sense.MAXIMIZE, "sum(gain[g] * make[g] for g in goods)"),
    constraints=(
        Constraint("time", "sum(room * make[g] for g in goods) <= hours"),
        Constraint("least", "make['bread'] >= share * sum(make[g] for g in goods)"),
    ),
)

PROGRAM = """
import pyomo.environ as pyo

def build(data):
    model = pyo.ConcreteModel()
    model.make = pyo.Var(data["goods"], domain=pyo.NonNegativeIntegers)
    model.gain = pyo.Objective(expr=sum(data["gain"][g] * model.make[g] for g in data["goods"]), sense=pyo.maximize)
    model.time = pyo.Constraint(expr=sum(model.make[g] for g in data["goods"]) <= data["hours"] / data["room"])
    total = sum(model.make[g] for g in data["goods"])
    model.least = pyo.Constraint(expr=data["share"] * total <= model.make["bread"])
    return model
"""


def with_constraint(name: str, expression: str) -> Formulation:
    return replace(
        MIX, constraints=tuple(replace(c, expression=expression) if c.name == name else c for c in MIX.constraints)
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


def test_one_formulation_said_in_two_ways_is_equivalent_on_every_draw() -> None:
    other = with_constraint("time", "sum(make[g] for g in goods) <= hours / room")
    verdict = compare_symbolic(SymbolicFormulation(MIX), SymbolicFormulation(other), draws=5, seed=3)
    assert verdict.verdict == "equivalent"
    assert len(verdict.draws) == 6
    assert set(verdict.drawn) == {"gain", "share", "room", "hours"}
    assert (verdict.seed, verdict.failed) == (3, 0)


def test_a_number_written_for_a_parameter_agrees_once_and_is_found_out() -> None:
    # room is 2 in the data; the other writes 2 outright
    other = SymbolicFormulation(with_constraint("time", "sum(2 * make[g] for g in goods) <= hours"))
    assert compare_symbolic(SymbolicFormulation(MIX), other, draws=0).verdict == "equivalent"
    verdict = compare_symbolic(SymbolicFormulation(MIX), other, draws=4)
    assert verdict.verdict == "different"
    assert isinstance(verdict.decisive.verdict, Different)
    assert verdict.decisive.data is not None
    assert verdict.decisive.data["room"] != 2.0


def test_the_same_seed_draws_the_same_numbers() -> None:
    sides = SymbolicFormulation(MIX), SymbolicFormulation(MIX)
    first, again, other = (compare_symbolic(*sides, draws=2, seed=s) for s in (7, 7, 8))
    assert [d.data for d in first.draws] == [d.data for d in again.draws]
    assert [d.data for d in first.draws] != [d.data for d in other.draws]


def test_a_formulation_without_numbers_gets_some_of_its_shape() -> None:
    bare = replace(
        MIX,
        sets=(IndexSet("goods"),),
        parameters=tuple(replace(p, value=None) for p in MIX.parameters),
        constraints=MIX.constraints[:1],
    )
    tighter = replace(bare, constraints=(Constraint("time", "sum(room * make[g] for g in goods) <= hours / 3"),))
    assert compare_symbolic(SymbolicFormulation(bare), SymbolicFormulation(bare), draws=2).verdict == "equivalent"
    assert compare_symbolic(SymbolicFormulation(bare), SymbolicFormulation(tighter)).verdict == "different"


def test_a_model_that_cannot_be_built_says_so() -> None:
    broken = SymbolicFormulation(with_constraint("time", "sum(make[g] * make[g] for g in goods) <= hours"))
    with pytest.raises(NotBuilt, match="nonlinear"):
        compare_symbolic(SymbolicFormulation(MIX), broken)


@pytest.mark.parametrize("value", [3.0, -3.0, 0.25, -0.4, 0.0, 1e6, 2.75, 1.0])
def test_draws_keep_sign_zero_integrality_and_shares(value: float) -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        other = redrawn({"k": value}, rng)
        assert isinstance(other, dict)
        number = other["k"]
        assert np.sign(number) == np.sign(value)
        assert float(number).is_integer() or not value.is_integer()
        assert abs(number) < 1 or abs(value) >= 1


def test_a_program_and_a_formulation_are_compared_over_draws(sandbox: Sandbox) -> None:
    mine, program = SymbolicFormulation(MIX), SymbolicProgram(PROGRAM, SymbolicFormulation(MIX).numbers(), sandbox)
    assert compare_symbolic(mine, program, draws=2, exact_objective=True).verdict == "equivalent"
    fixed = replace(program, source=PROGRAM.replace('data["room"]', "2"))
    assert compare_symbolic(program, fixed, draws=2).verdict == "equivalent"  # room is not shared, so it stays 2
    wrong = replace(
        program, source=PROGRAM.replace('data["hours"] / data["room"]', 'data["hours"] - 10 * data["room"]')
    )
    assert compare_symbolic(program, wrong, draws=0).verdict == "equivalent"
    assert compare_symbolic(program, wrong, draws=2).verdict == "different"


def test_the_command_compares_formulations_and_programs_over_draws(tmp_path: Path) -> None:
    documents = {"a.json": MIX, "b.json": with_constraint("time", "sum(2 * make[g] for g in goods) <= hours")}
    for name, formulation in documents.items():
        (tmp_path / name).write_text(json.dumps(to_json(formulation)))
    (tmp_path / "p.py").write_text(PROGRAM)
    data = {"sets": {"goods": ["bread", "cake"]}, "parameters": {"share": 0.5, "room": 2, "hours": 40}}
    data["parameters"]["gain"] = {"bread": 5, "cake": 2}  # type: ignore[assignment]
    (tmp_path / "d.json").write_text(json.dumps(data))

    def run(*arguments: str) -> tuple[int, str]:
        paths = [str(tmp_path / a) if (tmp_path / a).exists() else a for a in arguments]
        result = CliRunner().invoke(command, [*paths, "--map", "names"])
        return result.exit_code, result.output

    code, output = run("a.json", "b.json")
    assert code == 10
    assert "seed 0" in output
    assert run("a.json", "b.json", "--draws", "0")[0] == 0
    code, output = run("a.json", "p.py", "--data", "d.json", "--draws", "2", "--json")
    assert code == 0, output
    assert json.loads(output)["draws"]["verdicts"] == ["equivalent"] * 3
    (tmp_path / "q.py").write_text("def build(data):\n    return 3\n")
    assert run("a.json", "q.py", "--data", "d.json")[0] not in (0, 10, 11)
