"""New lessons from problems that failed and then were solved, each verified before it is kept.

After AlphaOPT (a library of {class, condition, explanation, example}, refined by what it does) and OptiMind
(hints by problem class). A lesson that does not help the problem it came from is not kept; one that turns
right answers wrong more often than wrong ones right is dropped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from formulation.agents.teacher import TeacherReply
from formulation.formulation import Formulation
from formulation.lessons.library import Lesson, Library, learned_lessons

VALUE_TOLERANCE = 1e-6
TRIED_PER_LESSON = 5


@dataclass(frozen=True, slots=True)
class Known:
    """A problem with its known optimal value."""

    id: str
    text: str
    value: float


@dataclass(frozen=True, slots=True)
class Solved:
    """What came of solving a problem."""

    value: float | None
    formulation: Formulation | None
    detail: str = ""

    def right(self, problem: Known) -> bool:
        """Return whether the value is the known one."""
        return self.value is not None and math.isclose(
            self.value, problem.value, rel_tol=VALUE_TOLERANCE, abs_tol=VALUE_TOLERANCE
        )


@dataclass(frozen=True, slots=True)
class Learned:
    """What learning did with one problem: the lesson kept, or why none was."""

    id: str
    lesson: Lesson | None
    reason: str


Solve = Callable[[Known, Library, int], Awaitable[Solved]]
Teach = Callable[[Known, Formulation, str], Awaitable[TeacherReply]]


async def learn(
    failed: Iterable[tuple[Known, str]], library: Library, solve: Solve, teach: Teach, *, attempts: int = 2
) -> list[Learned]:
    """Return what each failed problem taught; ``failed`` pairs a problem with how it went wrong.

    A problem is solved again, with other seeds, at most ``attempts`` times. Where it comes out right the
    teacher writes a lesson, and the problem must come out right once more with that lesson shown.
    """
    outcomes = []
    for problem, went_wrong in failed:
        outcomes.append(await _learned(problem, went_wrong, library, solve, teach, attempts))
        kept = outcomes[-1].lesson
        if kept is not None:
            library = replace_lessons(library, (*library.lessons, kept))
    return outcomes


async def _learned(
    problem: Known, went_wrong: str, library: Library, solve: Solve, teach: Teach, attempts: int
) -> Learned:
    right: Formulation | None = None
    for attempt in range(1, attempts + 1):
        solved = await solve(problem, library, attempt)
        if solved.right(problem):
            right = solved.formulation
            break
        went_wrong = solved.detail or went_wrong
    if right is None:
        return Learned(problem.id, None, f"it was not solved in {attempts} further attempts")
    lesson = lesson_of(await teach(problem, right, went_wrong), {known.name for known in library.lessons})
    if copies(lesson, problem.text):
        return Learned(problem.id, None, "the lesson repeats the problem's own words")
    trial = Library((lesson,), most=1)
    if not (await solve(problem, trial, attempts + 1)).right(problem):
        return Learned(problem.id, None, "the problem does not come out right with the lesson shown")
    return Learned(problem.id, replace(lesson, helped=1), "kept")


async def prune(
    lessons: Sequence[Lesson], problems: Sequence[Known], solve: Solve
) -> tuple[list[Lesson], list[Lesson]]:
    """Return the lessons to keep, with their counts, and those that misfire more often than they help.

    Each lesson is tried on at most `TRIED_PER_LESSON` of the problems that it would be shown with, against
    solving the same problem without it.
    """
    kept: list[Lesson] = []
    dropped: list[Lesson] = []
    for lesson in lessons:
        alone = Library((lesson,), most=1)
        helped, misfired = lesson.helped, lesson.misfired
        for problem in [p for p in problems if alone.find(p.text)][:TRIED_PER_LESSON]:
            without = (await solve(problem, Library(()), 0)).right(problem)
            with_it = (await solve(problem, alone, 0)).right(problem)
            helped += with_it and not without
            misfired += without and not with_it
        counted = replace(lesson, helped=helped, misfired=misfired)
        (dropped if misfired > helped else kept).append(counted)
    return kept, dropped


def lesson_of(reply: TeacherReply, taken: set[str]) -> Lesson:
    """Return the lesson of a reply, under a name that is free."""
    base = re.sub(r"[^a-z0-9]+", "_", reply.title.lower()).strip("_")[:40] or "lesson"
    name, n = base, 2
    while name in taken:
        name, n = f"{base}_{n}", n + 1
    title = " ".join(reply.title.split())
    words = tuple(" ".join(word.lower().split()) for word in reply.words if word.strip())[:12]
    body = f"- {_line(reply.explanation)}\n- Example: {_line(reply.example)}"
    return Lesson(name, title, words, _line(reply.condition), body, learned=True)


def copies(lesson: Lesson, text: str, run: int = 8) -> bool:
    """Return whether a lesson repeats so many words in a row of a problem."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    known = {tuple(words[k : k + run]) for k in range(len(words) - run + 1)}
    said = re.findall(r"[a-z0-9]+", lesson.markdown().lower())
    return any(tuple(said[k : k + run]) in known for k in range(len(said) - run + 1))


def replace_lessons(library: Library, lessons: tuple[Lesson, ...]) -> Library:
    """Return a library with these lessons, and as many shown at once."""
    return Library(lessons, most=library.most)


def write(folder: Path, lessons: Iterable[Lesson]) -> None:
    """Write lessons to a folder, one file each; existing ones of the same name are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for lesson in lessons:
        (folder / f"{lesson.name}.md").write_text(lesson.markdown(), encoding="utf-8")


def remove(folder: Path, lessons: Iterable[Lesson]) -> None:
    """Delete the files of lessons from a folder."""
    names = {lesson.name for lesson in learned_lessons(folder)}
    for lesson in lessons:
        if lesson.name in names:
            (folder / f"{lesson.name}.md").unlink()


def _line(text: str) -> str:
    return " ".join(text.split())
