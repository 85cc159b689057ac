from __future__ import annotations

import dataclasses
import json
import math

import pytest

from app.wire import AnswerJson, answer_json
from formulation.answer import (
    Answer,
    AnsweredObjective,
    AnsweredTermination,
    AnsweredVariable,
    Check,
    CheckResult,
    Status,
)
from formulation.formulation import Formulation, Parameter, Span
from formulation.reading import Unread
from solvers.milp import Sense

# The names that clients rely on: fields may be added, none may be renamed or taken away.
ANSWER_FIELDS = [
    "status",
    "termination",
    "objective",
    "variables",
    "constraints",
    "formulation",
    "pyomo",
    "lp",
    "checks",
    "confidence",
    "confident",
    "assumptions",
    "questions",
    "reader",
    "solver",
    "timings",
]


def test_the_answer_has_the_fields_that_clients_rely_on():
    document = json.loads(answer_json(Answer(Status.ERROR, AnsweredTermination("failed"))).model_dump_json())
    assert set(ANSWER_FIELDS) <= document.keys()


def test_every_field_of_the_domain_answer_is_on_the_wire():
    assert {field.name for field in dataclasses.fields(Answer)} <= AnswerJson.model_fields.keys()


def test_an_answer_is_written_with_nulls_for_what_is_absent():
    answer = Answer(
        Status.OPTIMAL,
        AnsweredTermination("optimal"),
        objective=AnsweredObjective(Sense.MAXIMIZE, 7.5, "dollars"),
        variables=(AnsweredVariable("x", "loaves", "", ("rye", 2), "integer", 0.0, None, 3.0),),
        formulation=Formulation(
            parameters=(Parameter("c", {("a", 1): 2.5}, ("I", "J")), Parameter("d", 4.0)),
        ),
        checks=(Check("replayed", CheckResult.PASSED),),
        unread=(Unread(Span(1, 4), "no verb"),),
        text="ab",
    )
    document = json.loads(answer_json(answer).model_dump_json())
    assert document["status"] == "optimal"
    assert document["termination"] == {"reason": "optimal", "limit": None, "detail": ""}
    assert document["variables"][0]["index"] == ["rye", 2]
    assert document["variables"][0]["upper"] is None
    assert [p["value"] for p in document["formulation"]["parameters"]] == [[["a", 1, 2.5]], 4.0]
    assert document["checks"] == [
        {"name": "replayed", "result": "passed", "detail": "", "certificate": None, "title": ""}
    ]
    assert document["unread"][0]["span"] == {"start": 1, "end": 4}
    assert document["solver"] is None


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_number_that_json_has_not_is_null(number):
    answer = Answer(
        Status.FEASIBLE,
        AnsweredTermination("limit", "time"),
        variables=(AnsweredVariable("x", "", "", (), "continuous", number, number, 1.0),),
    )
    assert json.loads(answer_json(answer).model_dump_json())["variables"][0]["lower"] is None


def test_answers_and_the_earlier_formulation_come_back_as_they_went_out():
    from app.wire import ProblemIn, formulation_json
    from formulation.formulation import Formulation, Objective, Parameter, Question, Variable
    from solvers.milp import Sense

    earlier = Formulation(
        parameters=(Parameter("flour", unit="kg"),),
        variables=(Variable("loaves"),),
        objective=Objective(Sense.MAXIMIZE, "loaves"),
        questions=(Question("q1", "How much flour?", "flour"),),
    )
    body = {"text": "Bake.", "answers": {"q1": "40 kg"}, "formulation": formulation_json(earlier)}
    problem = ProblemIn.model_validate(body).problem()
    assert problem.answers == (("q1", "40 kg"),)
    assert problem.formulation == earlier


def test_a_formulation_that_is_none_is_refused():
    import pytest

    from app.wire import ProblemIn

    with pytest.raises(ValueError, match="variables: Input should be a valid list"):
        ProblemIn.model_validate({"text": "Bake.", "formulation": {"variables": 3}}).problem()


def test_a_problem_survives_being_written_down():
    from app.jobs.codec import decode, encode
    from formulation.data import Table
    from formulation.problem import Effort, Options, Problem

    problem = Problem(
        "a text with ½ and \x00",
        (Table("t", {"a": ("x", 1, 2.5, True, None), "b": (1, 1, 1, 1, 1)}),),
        Options(Effort.HIGH, "highs", 3.5, 7),
        (("q1", "forty"),),
        Formulation(parameters=(Parameter("c", {("a", 1): math.inf}, ("I", "J")), Parameter("d"))),
    )
    assert decode(Problem, json.loads(json.dumps(encode(problem)))) == problem


def test_every_event_of_a_run_survives_being_written_down():
    import typing

    import numpy as np

    from app.jobs.codec import decode_union, encode
    from formulation.events import Event, ModelSolved
    from solvers.result import Duals, Point, Reason, Solution, Termination

    point = Point(np.array([1.0, 0.5]), 3.0)
    duals = Duals(np.array([0.1]), np.array([0.0, -math.inf]))
    solution = Solution(Termination(Reason.OPTIMAL), Sense.MAXIMIZE, "highs", "1.14", point, 3.0, duals)
    back = decode_union(Event, json.loads(json.dumps(encode(ModelSolved(solution, 0.5)))))
    assert back.solution.point.values.tolist() == [1.0, 0.5]
    assert back.solution.duals.columns.tolist() == [0.0, -math.inf]
    assert back.solution.termination == solution.termination
    for member in typing.get_args(Event):
        # Every class of event has hints that can be read back: a new one that has not is found here.
        from app.jobs.codec import _hints

        assert set(_hints(member)) == {field.name for field in dataclasses.fields(member)}


@pytest.mark.parametrize(
    ("text", "title"),
    [("  a\n text ", "a text"), ("\x00\x1b[31mred\u202e", "[31mred"), ("x" * 500, "x" * 120), ("", "")],
)
def test_a_title_is_one_line_of_what_can_be_shown(text, title):
    from app.service import title_of

    assert title_of(text) == title


def test_a_certificate_is_json_on_the_wire_and_stays_so_when_it_is_read_back():
    check = Check("program_agrees", CheckResult.PASSED, certificate='{"type": "Permutation"}')
    answer = Answer(
        Status.OPTIMAL, AnsweredTermination("optimal"), checks=(check, Check("bounded", CheckResult.PASSED))
    )
    for document in (answer_json(answer), AnswerJson.model_validate_json(answer_json(answer).model_dump_json())):
        assert [c.certificate for c in document.checks] == [{"type": "Permutation"}, None]
