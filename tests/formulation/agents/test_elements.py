"""Replies to typed elements and back; quotes to spans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulation.agents.debugger import (
    FormulationEdits,
    PatchError,
    ProgramEdit,
    patched_formulation,
    patched_program,
)
from formulation.agents.elements import ElementError, shown
from formulation.agents.formulator import FormulatorReply, formulated
from formulation.agents.quotes import spans_of
from formulation.agents.reviewer import sentences


def made(kitchen, **changes):
    return formulated(FormulatorReply.model_validate({**kitchen.fields, **changes}), kitchen.text)


def test_a_reply_becomes_a_formulation_with_its_quotes_found(kitchen):
    result = made(kitchen)
    model = result.formulation
    assert result.lost_quotes == ()
    assert dict(model.symbol("revenue").value) == {("loaf",): 5.0, ("cake",): 7.0}
    span = model.symbol("flour").evidence[0]
    assert kitchen.text[span.start : span.end] == "No more than 40 kg of flour"


def test_what_is_shown_reads_back_as_the_same_formulation(kitchen):
    first = made(kitchen).formulation
    again = formulated(FormulatorReply.model_validate({"reading": [], **shown(first, kitchen.text)}), kitchen.text)
    assert again.formulation.parameters == first.parameters
    assert again.formulation.constraints == first.constraints
    assert again.formulation.variables == first.variables


@pytest.mark.parametrize(
    ("value", "indices", "expected"),
    [
        (3, ["s"], {("a",): 3.0, ("b",): 3.0}),
        ([1, None], ["s"], {("a",): 1.0}),
        ([[1, 2], [3, 4]], ["s", "t"], {("a", 1): 1.0, ("a", 2): 2.0, ("b", 1): 3.0, ("b", 2): 4.0}),
        ([{"keys": ["b", "2"], "value": 9}], ["s", "t"], {("b", 2): 9.0}),
        ([5], [], 5.0),
    ],
)
def test_values_come_in_several_shapes(value, indices, expected):
    reply = FormulatorReply.model_validate(
        {
            "reading": [],
            "sets": [{"name": "s", "elements": ["a", "b"]}, {"name": "t", "elements": [1, 2]}],
            "parameters": [{"name": "p", "indices": indices, "value": value}],
        }
    )
    assert formulated(reply, "").formulation.symbol("p").value == expected


@pytest.mark.parametrize(
    ("parameter", "why"),
    [
        ({"name": "p", "indices": ["s"], "value": [1, 2, 3]}, "3 values"),
        ({"name": "p", "indices": ["u"], "value": [1]}, "not one of the sets"),
        ({"name": "p", "indices": ["s"], "value": [[1], [2]]}, "deeper"),
        ({"name": "p", "indices": ["s", "s"], "value": [1, 2]}, "less deep"),
        ({"name": "p", "indices": ["s"], "value": [{"keys": ["z"], "value": 1}]}, "no element"),
        ({"name": "p", "indices": ["s"], "value": [{"keys": ["a", "b"], "value": 1}]}, "2; it has 1"),
        ({"name": "p q", "value": 1}, "letters"),
        ({"name": "s", "value": 1}, "given twice"),
        ({"name": "p", "value": [1, 2]}, "one number"),
    ],
)
def test_what_does_not_fit_says_why(parameter, why):
    reply = FormulatorReply.model_validate(
        {"reading": [], "sets": [{"name": "s", "elements": ["a", "b"]}], "parameters": [parameter]}
    )
    with pytest.raises(ElementError, match=why):
        formulated(reply, "")


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("at most 40 kg", "at most 40 kg"),
        ("AT MOST  40\nkg", "at most 40 kg"),
        ("Marta’s kitchen", "Marta's kitchen"),
        ("“at most 40 kg”", "at most 40 kg"),
        ("at most 40 kg.", "at most 40 kg"),
    ],
)
def test_a_quote_is_found_whatever_its_dress(quote, found):
    text = "In Marta's kitchen there are\n at most 40 kg of flour."
    spans, lost = spans_of([quote], text)
    assert not lost
    assert " ".join(text[spans[0].start : spans[0].end].split()) == found


def test_an_ellipsis_joins_pieces():
    spans, lost = spans_of(["at most ... of flour"], "there are at most 40 kg of flour")
    assert len(spans) == 2
    assert not lost


def test_a_quote_that_is_not_there_is_said_and_not_guessed():
    assert spans_of(["at most 50 kg"], "at most 40 kg") == ((), ("at most 50 kg",))


@given(st.text(max_size=60), st.integers(0, 50), st.integers(1, 20))
def test_any_piece_of_a_text_is_found_inside_it(text, start, length):
    piece = text[start : start + length]
    spans, _ = spans_of([piece], text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_a_program_is_patched_where_the_lines_stand_once():
    source = "a = 1\nb = 2\na = 1\n"
    assert patched_program(source, [ProgramEdit(old="b = 2", new="b = 3")]) == "a = 1\nb = 3\na = 1\n"
    for old in ("a = 1", "c = 4", " "):
        with pytest.raises(PatchError):
            patched_program(source, [ProgramEdit(old=old, new="")])
    with pytest.raises(PatchError):
        patched_program(source, [])


def test_a_formulation_is_patched_by_whole_elements(kitchen):
    model = made(kitchen).formulation
    edits = FormulationEdits.model_validate(
        {
            "constraints": [{"name": "flour_limit", "expression": "sum(make[p] for p in products) <= flour"}],
            "parameters": [{"name": "spare", "value": 2}],
            "remove": ["oven_limit"],
        }
    )
    patched = patched_formulation(model, edits, kitchen.text)
    assert [c.name for c in patched.constraints] == ["flour_limit"]
    assert patched.constraints[0].evidence == model.constraints[0].evidence, "evidence stays where none is given"
    assert patched.symbol("spare").value == 2.0
    with pytest.raises(PatchError, match="nothing"):
        patched_formulation(model, FormulationEdits(remove=["nothing"]), kitchen.text)
    with pytest.raises(PatchError, match="no edit"):
        patched_formulation(model, FormulationEdits(), kitchen.text)


def test_sentences_hold_the_rows_of_tables():
    assert sentences("One. Two costs 3.5 kg? Yes.\n| a | b |\n| 1 | 2 |") == [
        "One.",
        "Two costs 3.5 kg?",
        "Yes.",
        "| a | b |",
        "| 1 | 2 |",
    ]


def test_reserved_names_are_replaced_throughout():
    from formulation.compile import compile_formulation

    reply = FormulatorReply.model_validate(
        {
            "reading": [],
            "sets": [{"name": "set", "elements": ["load", "b"]}],
            "parameters": [{"name": "load", "indices": ["set"], "value": [2, 3]}, {"name": "sum", "value": 9}],
            "variables": [{"name": "model", "indices": ["set"], "domain": "continuous", "upper": "sum"}],
            "objective": {"sense": "maximize", "expression": "sum(load[e] * model[e] for e in set)"},
            "constraints": [
                {"name": "lambda", "expression": "load[e] * model[e] <= sum", "for_each": "e in set if e != 'load'"},
                {"name": "lambda", "expression": 'model["load"] <= 1'},
            ],
        }
    )
    formulation = formulated(reply, "").formulation
    assert formulation.sets[0].elements == ("load", "b"), "elements are not names"
    assert "'load'" in formulation.constraints[0].for_each
    assert len({constraint.name for constraint in formulation.constraints}) == 2
    model = compile_formulation(formulation)
    assert model.n_columns == 2


def test_what_cannot_be_misunderstood_is_taken():
    reply = FormulatorReply.model_validate(
        {
            "reading": "one line\nanother",
            "questions": None,
            "sets": [{"name": "s", "elements": ["a"], "description": None, "quotes": "all of it"}],
            "variables": [{"name": "x", "indices": None, "domain": "Integer", "lower": 0, "upper": 4.5, "unit": None}],
            "objective": {"sense": "Maximise", "expression": "x", "unit": None},
            "constraints": [{"name": "c", "expression": "x <= 3", "for_each": None}],
        }
    )
    formulation = formulated(reply, "all of it").formulation
    assert reply.reading == ["one line", "another"]
    assert (formulation.variables[0].lower, formulation.variables[0].upper) == ("0", "4.5")
    assert formulation.objective.sense.value == "maximize"
    assert formulation.constraints[0].for_each == ""


def test_a_bound_of_null_is_no_bound():
    reply = FormulatorReply.model_validate(
        {"reading": [], "variables": [{"name": "x", "domain": "continuous", "lower": None, "upper": None}]}
    )
    assert formulated(reply, "").formulation.variables[0].lower is None
