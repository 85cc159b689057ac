"""Lessons as readable files, and the few that go with a problem.

A lesson is a Markdown file: a heading (the class), lines ``words:`` (what a text of this class says) and
``when:`` (the condition under which it applies), then sections. Anyone may edit, add or delete files; there is
nothing else to keep in step.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

MAX_LESSON = 1500
"""Characters of one lesson that go into a prompt."""

MIN_SCORE = 2.0
"""A lesson whose words fit the text less well than this is not shown."""

_WORD = re.compile(r"[a-z][a-z'-]+")
_FIELD = re.compile(r"^(words|when|helped|misfired):[ \t]*(.*)$", re.MULTILINE)


class LessonError(ValueError):
    """A file that is no lesson; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson. ``helped`` and ``misfired`` count what happened to problems that it was shown with."""

    name: str
    title: str
    words: tuple[str, ...]
    when: str
    body: str
    helped: int = 0
    misfired: int = 0
    learned: bool = False

    def markdown(self) -> str:
        """Return the lesson as its file."""
        counts = f"helped: {self.helped}\nmisfired: {self.misfired}\n" if self.learned else ""
        return f"# {self.title}\nwords: {', '.join(self.words)}\nwhen: {self.when}\n{counts}\n{self.body.strip()}\n"


def parse_lesson(name: str, text: str, *, learned: bool = False) -> Lesson:
    """Return the lesson of a file. Raises `LessonError`."""
    heading = re.match(r"#\s+(.+)", text)
    fields = dict(_FIELD.findall(text))
    if heading is None or not fields.get("words") or not fields.get("when"):
        raise LessonError(f"{name}: a lesson starts with '# title', and has a line 'words: …' and a line 'when: …'")
    body = _FIELD.sub("", text[heading.end() :]).strip()
    if not body:
        raise LessonError(f"{name}: the lesson says nothing below its heading")
    words = tuple(word.strip().lower() for word in fields["words"].split(",") if word.strip())
    try:
        helped, misfired = int(fields.get("helped") or 0), int(fields.get("misfired") or 0)
    except ValueError:
        raise LessonError(f"{name}: 'helped' and 'misfired' are counts") from None
    return Lesson(name, heading.group(1).strip(), words, fields["when"].strip(), body, helped, misfired, learned)


@dataclass(frozen=True, slots=True)
class Library:
    """Lessons and how to find the ones that fit. Retrieval is by class and by wording, without a model call."""

    lessons: tuple[Lesson, ...]
    most: int = 2
    _rarity: dict[str, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        counts = Counter(word for lesson in self.lessons for word in set(lesson.words))
        total = max(len(self.lessons), 1)
        object.__setattr__(self, "_rarity", {word: 1.0 + math.log(total / n) for word, n in counts.items()})

    @classmethod
    def shipped(cls, *learned_in: Path) -> Library:
        """Return the lessons of the package with those of other folders. Raises `LessonError`."""
        folder = files("formulation.lessons").joinpath("classes")
        found = [
            parse_lesson(entry.name.removesuffix(".md"), entry.read_text(encoding="utf-8"))
            for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
            if entry.name.endswith(".md")
        ]
        for path in learned_in:
            found += learned_lessons(path)
        return cls(tuple(found))

    def find(self, text: str, problem_class: str = "") -> list[Lesson]:
        """Return the lessons that fit best, the best first; none where nothing fits."""
        low = " ".join(_WORD.findall(text.lower()))
        kind = problem_class.strip().lower()
        scored = [(self._score(lesson, low, kind), n, lesson) for n, lesson in enumerate(self.lessons)]
        scored.sort(key=lambda entry: (-entry[0], entry[1]))
        return [lesson for score, _, lesson in scored[: self.most] if score >= MIN_SCORE]

    def advice(self, text: str, problem_class: str = "") -> str:
        """Return the part of a prompt with the lessons that fit; empty where none does."""
        found = self.find(text, problem_class)
        if not found:
            return ""
        parts = "\n\n".join(
            f"{lesson.title} (applies when {lesson.when})\n{lesson.body[:MAX_LESSON]}" for lesson in found
        )
        return (
            "Notes on problems like this one, from earlier work. Use one only where its condition holds; the text "
            f"decides.\n<lessons>\n{parts}\n</lessons>"
        )

    def _score(self, lesson: Lesson, text: str, kind: str) -> float:
        padded = f" {text} "
        hits = sum(self._rarity[word] for word in lesson.words if f" {word}" in padded)
        title = lesson.title.lower()
        named = 4.0 if kind and (kind in title or title in kind or kind in lesson.words) else 0.0
        return named + hits


def learned_lessons(folder: Path) -> list[Lesson]:
    """Return the lessons of a folder, in the order of their names; none where there is no folder."""
    if not folder.is_dir():
        return []
    paths: Iterable[Path] = sorted(folder.glob("*.md"))
    return [parse_lesson(path.stem, path.read_text(encoding="utf-8"), learned=True) for path in paths]
