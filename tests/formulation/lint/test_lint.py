"""What the lint finds in formulations that are wrong in one way, and that it is silent on a right one."""

import re
from dataclasses import replace

import pytest

from formulation.finding import LintCheck, Severity
from formulation.formulation import Constraint, Formulation, IndexSet, Objective, Parameter, Span, Variable
from formulation.lint import lint
from solvers.milp import Sense

TEXT = (
    "A mill grinds oats and corn. A sack of oats takes 2 hours and brings $7; a sack of corn takes 3 hours and "
    "brings $9. At most 60 hours can be worked. At least 4 sacks of oats are needed. Maximize the profit."
)


def said(words: str) -> tuple[Span, ...]:
    start = TEXT.index(words)
    return (Span(start, start + len(words)),)


RIGHT = Formulation(
    parameters=(
        Parameter("hours_oats", 2.0, unit="hours", evidence=said("2")),
        Parameter("hours_corn", 3.0, unit="hours", evidence=said("3")),
        Parameter("price_oats", 7.0, unit="$", evidence=said("$7")),
        Parameter("price_corn", 9.0, unit="$", evidence=said("$9")),
        Parameter("time", 60.0, unit="hours", evidence=said("60")),
        Parameter("need", 4.0, unit="sacks", evidence=said("4")),
    ),
    variables=(
        Variable("oats", unit="sacks", label="oats", evidence=said("oats")),
        Variable("corn", unit="sacks", label="corn", evidence=said("corn")),
    ),
    objective=Objective(
        Sense.MAXIMIZE, "price_oats * oats + price_corn * corn", unit="$", evidence=said("Maximize the profit")
    ),
    constraints=(
        Constraint("work", "hours_oats * oats + hours_corn * corn <= time", evidence=said("At most 60 hours")),
        Constraint("order", "oats >= need", evidence=said("At least 4 sacks of oats are needed")),
    ),
)


def with_constraint(name: str, **change: object) -> Formulation:
    constraints = tuple(replace(c, **change) if c.name == name else c for c in RIGHT.constraints)
    return replace(RIGHT, constraints=constraints)


def with_parameter(name: str, **change: object) -> Formulation:
    return replace(RIGHT, parameters=tuple(replace(p, **change) if p.name == name else p for p in RIGHT.parameters))


def test_nothing_speaks_against_a_right_formulation():
    assert lint(RIGHT, TEXT) == []


WRONG = {
    "a name that is defined nowhere": (with_constraint("order", expression="oats >= needed"), LintCheck.NAMES_DEFINED, "order"),
    "text that is no expression": (with_constraint("order", expression="oats >="), LintCheck.NAMES_DEFINED, "order"),
    "an index on a scalar": (with_constraint("order", expression="oats[1] >= need"), LintCheck.INDICES_FIT, "order"),
    "a number that nothing uses": (with_constraint("order", expression="oats >= 0"), LintCheck.NUMBERS_COVERED, "need"),
    "evidence beyond the text": (with_constraint("order", evidence=(Span(10, 9999),)), LintCheck.ELEMENTS_TRACED, "order"),
    "no evidence": (with_constraint("order", evidence=()), LintCheck.ELEMENTS_TRACED, "order"),
    "hours added to money": (with_constraint("work", expression="hours_oats * oats + price_corn * corn <= time"), LintCheck.UNITS_AGREE, "work"),
    "hours held against minutes": (with_parameter("time", unit="minutes"), LintCheck.UNITS_AGREE, "work"),
    "at most turned round": (with_constraint("work", expression="hours_oats * oats + hours_corn * corn >= time"), LintCheck.DIRECTIONS_AGREE, "work"),
    "at least turned round": (with_constraint("order", expression="need >= oats"), LintCheck.DIRECTIONS_AGREE, "order"),
    "an aim turned round": (replace(RIGHT, objective=replace(RIGHT.objective, sense=Sense.MINIMIZE)), LintCheck.DIRECTIONS_AGREE, "objective"),
    "a variable in nothing": (replace(RIGHT, variables=(*RIGHT.variables, Variable("rye", evidence=said("oats")))), LintCheck.VARIABLES_USED, "rye"),
    "a variable that grows for ever": (with_constraint("work", expression="hours_oats * oats <= time"), LintCheck.BOUNDED, "corn"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_formulation_that_is_wrong_in_one_way_is_found_out(name):
    formulation, check, element = WRONG[name]
    assert (check, element) in {(finding.check, finding.element) for finding in lint(formulation, TEXT)}


def test_a_number_of_the_text_that_nothing_uses_is_shown_where_it_stands():
    without = replace(with_constraint("order", expression="oats >= 0"), parameters=RIGHT.parameters[:5])
    finding = next(f for f in lint(without, TEXT) if f.check is LintCheck.NUMBERS_COVERED)
    assert finding.severity is Severity.ERROR
    assert TEXT[finding.evidence[0].start : finding.evidence[0].end] == "4"


def test_a_direction_is_not_judged_where_the_words_speak_of_two():
    both = said("At most 60 hours can be worked. At least 4 sacks of oats are needed")
    assert not [f for f in lint(with_constraint("order", evidence=both), TEXT) if f.check is LintCheck.DIRECTIONS_AGREE]


def test_the_units_of_a_rate_and_a_count_multiply():
    rates = with_parameter("hours_oats", unit="hours per sack")
    assert lint(rates, TEXT) == []
    wrong = with_parameter("hours_oats", unit="sacks per hour")
    assert [f.check for f in lint(wrong, TEXT)] == [LintCheck.UNITS_AGREE]


@pytest.mark.parametrize(
    ("expression", "detail"),
    [
        ("x[i] <= 1", "sites, and i runs over days"),
        ("x['west'] <= 1", "'west' is no element of sites"),
        ("x[i, i] <= 1", r"x takes \[sites\], and has 2 here"),
        ("x <= 1", r"x stands without its indices \[sites\]"),
        ("days <= 1", "days is a set"),
    ],
)
def test_an_index_that_does_not_fit_is_named(expression, detail):
    formulation = Formulation(
        sets=(IndexSet("sites", ("a", "b")), IndexSet("days", (1, 2))),
        variables=(Variable("x", ("sites",)),),
        objective=Objective(Sense.MINIMIZE, "sum(x[k] for k in sites)"),
        constraints=(Constraint("c", expression, "i in days"),),
    )
    found = [f for f in lint(formulation) if f.check is LintCheck.INDICES_FIT]
    assert len(found) == 1
    assert re.search(detail, found[0].detail)


@pytest.mark.parametrize(
    "words", ["Oats and corn cannot both be ground.", "Corn is ground only if oats are.", "Grind at least one."]
)
def test_a_sentence_that_binds_and_that_no_constraint_rests_on_is_shown(words):
    text = f"{TEXT} {words}"
    found = [f for f in lint(RIGHT, text) if f.check is LintCheck.ELEMENTS_TRACED]
    assert [text[f.evidence[0].start : f.evidence[0].end].rstrip(".") for f in found] == [words.rstrip(".")]


def test_restricted_from_more_than_is_an_upper_limit():
    text = "Time restricts grinding more than 60 sacks of oats."
    evidence = (Span(0, len(text)),)
    formulation = Formulation(
        variables=(Variable("oats", evidence=(Span(45, 49),)),),
        objective=Objective(Sense.MAXIMIZE, "oats", evidence=evidence),
        constraints=(Constraint("limit", "oats <= 60", evidence=evidence),),
    )
    assert not [f for f in lint(formulation, text) if f.check is LintCheck.DIRECTIONS_AGREE]


@pytest.mark.parametrize(
    ("unit", "values", "right"),
    [
        ("minutes", (120.0, 180.0, 3600.0), True),
        ("minutes", (120.0, 180.0, 3601.0), False),
        ("hours", (2.0, 3.0, 3600.0), False),
        ("kg", (120.0, 180.0, 3600.0), False),
    ],
)
def test_an_amount_may_be_counted_in_another_unit_of_its_kind(unit, values, right):
    names = ("hours_oats", "hours_corn", "time")
    told = dict(zip(names, values, strict=True))
    parameters = tuple(replace(p, value=told[p.name], unit=unit) if p.name in told else p for p in RIGHT.parameters)
    found = {finding.check for finding in lint(replace(RIGHT, parameters=parameters), TEXT)}
    assert (LintCheck.NUMBERS_COVERED not in found) is right


@pytest.mark.parametrize(
    ("clock", "value", "severity"),
    [
        ("10:11", None, Severity.WARNING),
        ("9:30 am", None, Severity.WARNING),
        ("10:30", 10.5, None),
        ("10:11", 611.0, None),
        ("a ratio of 3:5", None, Severity.ERROR),
        ("the code 10:111", None, Severity.ERROR),
    ],
)
def test_a_time_of_day_is_one_number_and_no_error_where_nothing_uses_it(clock, value, severity):
    text = f"{TEXT} The mill stands still until {clock}."
    used = RIGHT
    if value is not None:
        start = Parameter("start", value, unit="hours")
        work = replace(RIGHT.constraints[0], expression="hours_oats * oats + hours_corn * corn <= time + 0 * start")
        used = replace(RIGHT, parameters=(*RIGHT.parameters, start), constraints=(work, *RIGHT.constraints[1:]))
    found = [f for f in lint(used, text) if f.check is LintCheck.NUMBERS_COVERED and "nothing uses" in f.detail]
    assert {f.severity for f in found} == ({severity} if severity else set())
