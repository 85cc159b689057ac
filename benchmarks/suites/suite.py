"""What a suite states of itself, and how its file becomes items."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from benchmarks.errors import SuiteError
from benchmarks.item import Item


class Label(StrEnum):
    """What a suite's label is."""

    VALUE = "optimal value"
    MODEL = "reference model"
    ANNOTATION = "annotation"
    OWN = "optimal value and reference model, or the statuses that are right"


@dataclass(frozen=True, slots=True)
class Release:
    """One published form of a suite: where it is, and the SHA-256 of the file where that is known."""

    version: str
    url: str = ""
    sha256: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite: what it is, and the function that reads any of its published forms.

    ``size`` is the number of items of the whole release, as its authors give it. ``known_bad`` maps ids of items
    with a doubtful label to the reason; they are run and scored like any other, and listed. ``default_path`` is
    where the data lies when none is named.
    """

    name: str
    title: str
    licence: str
    size: str
    label: Label
    parse: Callable[[Path], list[Item]]
    releases: tuple[Release, ...] = ()
    known_bad: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    default_path: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A suite's items as they lie in a file or folder, and the SHA-256 over what was read."""

    suite: Suite
    path: Path
    items: tuple[Item, ...]
    sha256: str


def load(suite: Suite, path: Path | None = None, *, unlabelled: bool = False) -> Loaded:
    """Return the suite's items, checked: some, ids once each, and every one labelled.

    ``unlabelled`` lets items without a label through; they are run and counted as unscored. Raises `SuiteError`.
    """
    where = path or suite.default_path
    if where is None:
        urls = ", ".join(release.url for release in suite.releases if release.url)
        raise SuiteError(
            f"the suite {suite.name} needs --data PATH: the file or folder as its authors publish it "
            f"({urls or suite.title})"
        )
    if not where.exists():
        raise SuiteError(f"{where} does not exist")
    try:
        items = suite.parse(where)
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"{where} cannot be read as {suite.name}: {error}") from error
    if not items:
        raise SuiteError(f"{where} holds no item of {suite.name}")
    seen: set[str] = set()
    twice = [item.id for item in items if item.id in seen or seen.add(item.id)]  # type: ignore[func-returns-value]
    if twice:
        raise SuiteError(f"{where}: {len(twice)} ids are given twice, the first of them {twice[0]!r}")
    bare = [item.id for item in items if not item.scorable]
    if bare and not unlabelled:
        raise SuiteError(
            f"{where}: {len(bare)} of {len(items)} items have no answer, the first of them {bare[0]!r}; --unlabelled "
            "runs them and counts them as unscored"
        )
    return Loaded(suite, where, tuple(_doubted(suite, item) for item in items), digest(where))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and contents of all files of a folder."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    whole = hashlib.sha256()
    for part in sorted(p for p in path.rglob("*") if p.is_file()):
        whole.update(f"{part.relative_to(path).as_posix()}\0{digest(part)}\n".encode())
    return whole.hexdigest()


def _doubted(suite: Suite, item: Item) -> Item:
    from dataclasses import replace

    reason = suite.known_bad.get(item.id, "")
    return replace(item, doubt="; ".join(filter(None, (item.doubt, reason)))) if reason else item
