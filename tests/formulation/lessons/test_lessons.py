"""The shipped lessons, finding them, learning new ones, dropping bad ones."""

from __future__ import annotations

import asyncio

import pytest

from formulation.agents.teacher import TeacherReply
from formulation.formulation import Formulation
from formulation.lessons import LessonError, Library, parse_lesson
from formulation.lessons.learning import Known, Solved, copies, learn, lesson_of, prune, remove, write
from formulation.lessons.library import learned_lessons

SHIPPED = Library.shipped()
REPLY = TeacherReply(
    title="Ferries with tides",
    words=["ferry", "tide"],
    condition="boats may only leave at certain hours",
    explanation="Link each trip to an hour that is allowed.",
    example="Two boats and three tides: trip[b,t] <= allowed[t].",
)
PROBLEM = Known("p1", "A ferry leaves with the tide. How many crossings at most?", 7.0)


def test_about_forty_classes_are_shipped():
    assert 40 <= len(SHIPPED.lessons) <= 60
    assert len({lesson.name for lesson in SHIPPED.lessons}) == len(SHIPPED.lessons)


@pytest.mark.parametrize("lesson", SHIPPED.lessons, ids=lambda lesson: lesson.name)
def test_a_shipped_lesson_is_short_and_survives_its_own_file(lesson):
    assert len(lesson.body) < 1500
    assert len(lesson.words) >= 5
    assert parse_lesson(lesson.name, lesson.markdown()) == lesson


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A hiker packs a rucksack that carries 9 kg; each item has a weight and a value.", "knapsack"),
        (
            "Ship goods from two warehouses to three customers; supply and demand and the shipping cost are given.",
            "transport",
        ),
        ("Nurses work shifts of five consecutive days; each day requires so many on duty.", "shift_scheduling"),
        (
            "A salesman plans one tour through every city and home again; no city twice, shortest round trip.",
            "travelling_salesman",
        ),
        ("Blend crude oils so that the octane of the gasoline mixture is at least 90.", "blending"),
        ("Each month there is a demand; stock left over has a holding cost in inventory.", "lot_sizing"),
    ],
)
def test_the_wording_finds_the_class(text, expected):
    assert expected in [lesson.name for lesson in SHIPPED.find(text)]


def test_nothing_fits_nothing():
    assert SHIPPED.find("Colourless ideas sleep.") == []
    assert SHIPPED.advice("Colourless ideas sleep.") == ""


def test_the_advice_is_short():
    said = SHIPPED.advice("Ship goods from warehouses to customers at least cost; assign each truck to one route.")
    assert said.count("(applies when") == 2
    assert len(said) < 4000


@pytest.mark.parametrize(
    "text", ["", "no heading", "# T\nwords: a\n\nbody", "# T\nwords: a\nwhen: b\n", "# T\nwhen: b\n\nx"]
)
def test_what_is_no_lesson_is_refused_by_name(text):
    with pytest.raises(LessonError, match="mine"):
        parse_lesson("mine", text)


def learning(*, solves, teaches=REPLY):
    calls = []

    async def solve(problem, library, seed):
        calls.append([lesson.name for lesson in library.lessons])
        return Solved(solves(library, seed), Formulation(), "went wrong")

    async def teach(problem, right, went_wrong):
        return teaches

    return solve, teach, calls


def test_a_lesson_is_kept_once_the_problem_comes_out_right_with_it(tmp_path):
    solve, teach, calls = learning(solves=lambda library, seed: 7.0)
    outcome = asyncio.run(learn([(PROBLEM, "value 6")], Library(()), solve, teach))[0]
    assert outcome.lesson.helped == 1
    assert calls[-1] == [outcome.lesson.name], "verified with the lesson shown"
    write(tmp_path, [outcome.lesson])
    assert learned_lessons(tmp_path) == [outcome.lesson]
    assert Library.shipped(tmp_path).lessons[-1].title == "Ferries with tides"
    remove(tmp_path, [outcome.lesson])
    assert learned_lessons(tmp_path) == []


def test_no_lesson_comes_of_a_problem_that_stays_unsolved():
    solve, teach, _ = learning(solves=lambda library, seed: 6.0)
    assert asyncio.run(learn([(PROBLEM, "value 6")], Library(()), solve, teach))[0].lesson is None


def test_a_lesson_that_does_not_help_its_own_problem_is_not_kept():
    solve, teach, _ = learning(solves=lambda library, seed: 6.0 if library.lessons else 7.0)
    outcome = asyncio.run(learn([(PROBLEM, "value 6")], Library(()), solve, teach))[0]
    assert outcome.lesson is None
    assert "does not come out right" in outcome.reason


def test_a_lesson_that_copies_its_problem_is_not_kept():
    copied = REPLY.model_copy(update={"example": "A ferry leaves with the tide. How many crossings at most?"})
    assert copies(lesson_of(copied, set()), PROBLEM.text)
    solve, teach, _ = learning(solves=lambda library, seed: 7.0, teaches=copied)
    assert asyncio.run(learn([(PROBLEM, "value 6")], Library(()), solve, teach))[0].lesson is None


def test_a_lesson_that_misfires_is_dropped_and_one_that_helps_is_kept():
    lesson = lesson_of(REPLY, set())
    for with_it, without, kept in ((6.0, 7.0, False), (7.0, 6.0, True), (7.0, 7.0, True)):
        solve, _, _ = learning(solves=lambda library, seed, w=with_it, o=without: w if library.lessons else o)
        stay, go = asyncio.run(prune([lesson], [PROBLEM], solve))
        assert bool(stay) is kept
        assert bool(go) is not kept


def test_names_do_not_collide():
    assert lesson_of(REPLY, {"ferries_with_tides"}).name == "ferries_with_tides_2"
