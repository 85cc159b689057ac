"""The JSON form of a formulation reads back to the same formulation."""

import json

import pytest

from formulation.formulation import (
    Assumption,
    ColumnReference,
    Constraint,
    Formulation,
    IndexSet,
    Objective,
    Parameter,
    Question,
    Span,
    Variable,
    VariableDomain,
)
from formulation.program_data import program_data
from formulation.sandbox.request import read, write
from formulation.wire import WireError, from_json, to_json
from solvers.milp import Sense

WHOLE = Formulation(
    sets=(
        IndexSet("sites", ("a", 2), "Sites", "where", (Span(0, 3),)),
        IndexSet("days", source=ColumnReference("t", "day")),
    ),
    parameters=(
        Parameter("cost", {("a", 1): 2.5, (2, 7): 0.0}, ("sites", "days"), default=1.0, unit="$"),
        Parameter("cap", 3.0),
        Parameter("need", None, ("days",), source=ColumnReference("t", "need", ("day",))),
    ),
    variables=(Variable("x", ("sites",), VariableDomain.INTEGER, None, "cap", "t", "X", "how much", (Span(4, 9),)),),
    objective=Objective(Sense.MAXIMIZE, "sum(x[i] for i in sites)", "$", "gain"),
    constraints=(Constraint("c", "x[i] <= cap", "i in sites", "C"),),
    assumptions=(Assumption("whole units", "x"),),
    questions=(Question("q1", "How many?", "cap", ("3", "4"), (Span(1, 2),)),),
    title="T",
    problem_class="transport",
)


def test_a_formulation_survives_its_json():
    text = json.dumps(to_json(WHOLE))
    assert from_json(text) == WHOLE
    assert json.loads(text)["kind"] == "formulation"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"kind": "milp"}, "kind"),
        ({"variabels": []}, "variabels"),
        ({"variables": [{"name": "x"}, {"name": "x"}]}, "given twice"),
        ({"parameters": [{"name": "p", "value": [["a", "b"]]}]}, "an entry is"),
        ({"parameters": [{"name": "p", "value": [["a", 1], ["a", 2]]}]}, "given twice"),
        ({"sets": [{"name": "s", "evidence": [{"start": 4, "end": 1}]}]}, "no span"),
        ({"sets": [{"name": "s", "elements": [1.5]}]}, "elements"),
        ("{", "JSON"),
    ],
)
def test_what_is_no_formulation_is_refused_with_the_place(document, message):
    with pytest.raises(WireError, match=message):
        from_json(document)


def test_the_data_of_a_program_survives_its_request():
    bound = Formulation(sets=(IndexSet("i", ("a", "b")), IndexSet("j", (1,))), parameters=(
        Parameter("c", {("a", 1): 2.0}, ("i", "j")), Parameter("d", {("b",): 3.0}, ("i",)), Parameter("e", 4.0)),
    )  # fmt: skip
    data = program_data(bound)
    assert data == {"i": ["a", "b"], "j": [1], "c": {("a", 1): 2.0}, "d": {"b": 3.0}, "e": 4.0}
    assert read(write("", data)) == ("", data)


@pytest.mark.parametrize("indices", [[], ["sites"]])
def test_an_empty_list_of_numbers_leaves_the_default(indices):
    from formulation.compile import compile_formulation

    cost = {"name": "cost", "indices": indices, "value": [], "default": 2.0}
    used = "sum(cost[i] * x[i] for i in sites)" if indices else "sum(cost * x[i] for i in sites)"
    text = json.dumps(
        {
            "kind": "formulation",
            "sets": [{"name": "sites", "elements": ["a", "b"]}],
            "parameters": [cost],
            "variables": [{"name": "x", "indices": ["sites"]}],
            "objective": {"sense": "minimize", "expression": used},
        }
    )
    formulation = from_json(text)
    assert from_json(to_json(formulation)) == formulation
    assert compile_formulation(formulation).objective.tolist() == [2.0, 2.0]
