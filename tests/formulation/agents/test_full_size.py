"""Problems whose data files hold thousands of rows are bound, built, confirmed and solved at full size."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from benchmarks.suites.miplib_nl import parse
from formulation.answer import CheckResult
from formulation.chat.scripted import ScriptedChat
from formulation.chat.session import ChatSession
from formulation.problem import Options, Problem
from formulation.solve import solve_problem

DATA = Path(__file__).parents[4] / "shared" / "data" / "miplib_nl"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the development data is not here")


def bound(name, table, column, *keys, indices=()):
    """A set or a parameter whose values stand in a table."""
    element = {"name": name, "source": {"table": table, "column": column, "keys": list(keys)}}
    return {**element, "indices": list(indices), "value": None} if keys else {**element, "elements": None}


def network(arcs, nodes, cost, *, capacity, balance, sign):
    """A network whose arcs are opened for a fee: each node's balance is met, only open arcs carry."""
    arc, start, end = arcs[1:]
    moved = "sum(flow[a] for a in arcs if given(leaves[a,n])) - sum(flow[a] for a in arcs if given(enters[a,n]))"
    return {
        "reading": [],
        "problem_class": "network design",
        "sets": [bound("arcs", arcs[0], arc), bound("nodes", nodes[0], nodes[1])],
        "parameters": [
            bound("leaves", arcs[0], "", arc, start, indices=("arcs", "nodes")),
            bound("enters", arcs[0], "", arc, end, indices=("arcs", "nodes")),
            bound("balance", nodes[0], balance, nodes[1], indices=("nodes",)),
            *(bound(name, *source, indices=("arcs",)) for name, source in cost.items()),
            {"name": "capacity", "indices": [], "value": capacity},
        ],
        "variables": [
            {"name": "flow", "indices": ["arcs"], "domain": "continuous"},
            {"name": "opened", "indices": ["arcs"], "domain": "binary"},
        ],
        "objective": {
            "sense": "minimize",
            "expression": "sum(fee[a] * opened[a] for a in arcs)"
            + (" + sum(rate[a] * flow[a] for a in arcs)" if "rate" in cost else ""),
        },
        "constraints": [
            {"name": "conserved", "expression": f"{moved} == {sign} * balance[n]", "for_each": "n in nodes"},
            {"name": "carried", "expression": "flow[a] <= capacity * opened[a]", "for_each": "a in arcs"},
        ],
    }


NETWORK_PROGRAM = """import pyomo.environ as pyo
from collections import defaultdict

DATA = {{"capacity": {capacity}}}


def build(data):
    data = {{**DATA, **(data or {{}})}}
    arcs, rate = data["arcs"], data.get("rate", {{}})
    model = pyo.ConcreteModel()
    model.flow = pyo.Var(arcs, domain=pyo.NonNegativeReals)
    model.opened = pyo.Var(arcs, domain=pyo.Binary)
    model.cost = pyo.Objective(expr=sum(data["fee"][a] * model.opened[a] + rate.get(a, 0) * model.flow[a] for a in arcs))
    out = defaultdict(list)
    for a, n in data["leaves"]:
        out[n].append(model.flow[a])
    for a, n in data["enters"]:
        out[n].append(-model.flow[a])
    model.kept = pyo.Constraint(data["nodes"], rule=lambda m, n: sum(out[n]) == {sign} * data["balance"][n])
    model.used = pyo.Constraint(arcs, rule=lambda m, a: m.flow[a] <= data["capacity"] * m.opened[a])
    return model
"""

PURCHASE = {
    "reading": [],
    "problem_class": "procurement",
    "sets": [bound("kinds", "items", "id"), bound("limits", "constraints", "id")],
    "parameters": [
        bound("gain", "items", "return", "id", indices=("kinds",)),
        bound("most", "constraints", "threshold", "id", indices=("limits",)),
        bound("burden", "coefficients", "value", "item_id", "constraint_id", indices=("kinds", "limits")),
    ],
    "variables": [{"name": "bought", "indices": ["kinds"], "domain": "integer"}],
    "objective": {"sense": "maximize", "expression": "sum(gain[k] * bought[k] for k in kinds)"},
    "constraints": [
        {
            "name": "borne",
            "expression": "sum(burden[k,c] * bought[k] for k in kinds if given(burden[k,c])) <= most[c]",
            "for_each": "c in limits",
        }
    ],
}
PURCHASE_PROGRAM = """import pyomo.environ as pyo

DATA = {}


def build(data):
    kinds, burden = data["kinds"], data["burden"]
    model = pyo.ConcreteModel()
    model.bought = pyo.Var(kinds, domain=pyo.NonNegativeIntegers)
    model.gain = pyo.Objective(expr=sum(data["gain"][k] * model.bought[k] for k in kinds), sense=pyo.maximize)
    model.borne = pyo.Constraint(
        data["limits"], rule=lambda m, c: sum(burden.get((k, c), 0) * m.bought[k] for k in kinds) <= data["most"][c]
    )
    return model
"""

BACKBONE = network(
    ("arcs", "arc_id", "start_node", "end_node"),
    ("flow_balance", "node_id"),
    {"fee": ("costs", "fixed_cost", "arc_id")},
    capacity=4,
    balance="flow_balance",
    sign=1,
)
DEPOTS = network(
    ("edges", "id", "source", "target"),
    ("nodes", "id"),
    {"fee": ("edges", "fixed_cost", "id"), "rate": ("edges", "var_cost", "id")},
    capacity=1500,
    balance="demand",
    sign=-1,
)


@pytest.mark.parametrize(
    ("instance", "formulation", "program", "columns", "rows"),
    [
        # an arc has a flow and a switch; a node has a balance, an arc its link
        ("beasleyC1", BACKBONE, NETWORK_PROGRAM.format(capacity=4, sign=1), 2 * 1250, 500 + 1250),
        ("g200x740", DEPOTS, NETWORK_PROGRAM.format(capacity=1500, sign=-1), 2 * 740, 200 + 740),
        ("gen-ip016", PURCHASE, PURCHASE_PROGRAM, 28, 24),
    ],
)
def test_a_problem_is_built_and_confirmed_at_full_size(workshop, instance, formulation, program, columns, rows):
    (item,) = parse(DATA / instance)
    chat = ScriptedChat(
        {"formulator": [json.dumps(formulation)], "coder": [json.dumps({"notes": [], "program": program})]}
    )
    problem = Problem(item.text, tables=item.tables, options=Options(time_limit_s=2.0))
    answer = asyncio.run(solve_problem(problem, workshop, chat=ChatSession({"": chat})))
    said = {check.name: check for check in answer.checks}
    assert said["model_built"].detail == f"{columns} columns, {rows} rows"
    assert said["program_agrees"].result is CheckResult.PASSED, said["program_agrees"].detail
    assert max(len(message.content) for request in chat.requests for message in request.messages) < 20_000
    if answer.objective.value is not None:
        better = item.value - answer.objective.value if instance != "gen-ip016" else answer.objective.value - item.value
        assert better <= 1e-6 * abs(item.value), "no point beats the proved optimum"
