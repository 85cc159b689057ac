"""The reader's word lists: data files beside this module, read once and matched by stem."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the form under which the inflections of a noun meet ("berries" and "berry", "boxes" and "box")."""
    low = word.lower()
    if low in irregular():
        low = irregular()[low]
    elif (
        (len(low) > 3 or low in ("ads", "cds", "tvs", "pcs", "pos", "eps"))
        and low.endswith("s")
        and not low.endswith(("ss", "us", "is"))
    ):
        low = low[:-1]
    if len(low) > 3 and low.endswith("e"):
        low = low[:-1]
    if len(low) > 2 and low.endswith("y") and low[-2] not in "aeou":
        low = low[:-1] + "i"
    return low


@lru_cache(maxsize=20_000)
def root(word: str) -> str:
    """Return a shorter form under which a verb and its nouns often meet ("polishing" and "polish")."""
    low = _strip(_strip(stem(word)))
    return low.rstrip("e") if len(low) > 3 else low


def _strip(low: str) -> str:
    for suffix in ("ation", "ition", "ment", "ing", "ion", "ed", "er", "ly"):
        if low.endswith(suffix) and len(low) - len(suffix) >= 3:
            low = low[: -len(suffix)]
            if len(low) > 3 and low[-1] == low[-2] and low[-1] not in "sl":
                low = low[:-1]
            break
    return low


def related(a: str, b: str) -> bool:
    """Whether two roots are likely the same word: equal, or sharing a long beginning."""
    if a == b:
        return True
    shorter = min(len(a), len(b))
    if shorter < 4 or a[0] != b[0]:
        return False
    common = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        common += 1
    return common >= 4 and common >= shorter - 1 and common * 5 >= max(len(a), len(b)) * 3


@dataclass(frozen=True, slots=True)
class Comparator:
    """A word sequence that compares: its sense ("lower", "upper", "equal") and whether it excludes equality."""

    sense: str
    strict: bool


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


@cache
def irregular() -> dict[str, str]:
    """Return the irregular forms of irregular.toml."""
    table: dict[str, str] = _load("irregular.toml")["stem"]
    return table


@cache
def words() -> dict[str, Any]:
    """Return the word lists of words.toml as they stand."""
    return _load("words.toml")


@cache
def stems(name: str, group: str = "") -> frozenset[str]:
    """Return the stems of one list of words.toml."""
    table = words()[group] if group else words()
    return frozenset(stem(word) for word in table[name].split())


@cache
def roots(name: str, group: str = "") -> frozenset[str]:
    """Return the roots of one list of words.toml."""
    table = words()[group] if group else words()
    return frozenset(root(word) for word in table[name].split())


@cache
def plain(name: str, group: str = "") -> frozenset[str]:
    """Return one list of words.toml as lower-case words."""
    table = words()[group] if group else words()
    return frozenset(table[name].split())


@cache
def plain_phrases(name: str) -> tuple[str, ...]:
    """Return one list of phrases of words.toml."""
    return tuple(words()[name])


def by_first_word(phrases: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return phrases as words, by the first of them, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        sequence = tuple(phrase.split())
        found.setdefault(sequence[0], []).append(sequence)
    return {first: tuple(sorted(each, key=len, reverse=True)) for first, each in found.items()}


@cache
def headings() -> dict[str, str]:
    """Return the word lists of headings.toml as they stand."""
    return _load("headings.toml")


@cache
def networks() -> dict[str, Any]:
    """Return the word lists and phrases of networks.toml as they stand."""
    return _load("networks.toml")


@cache
def facilities() -> dict[str, Any]:
    """Return the word lists and phrases of facilities.toml as they stand."""
    return _load("facilities.toml")


@cache
def charges() -> dict[str, Any]:
    """Return the word lists and phrases of charges.toml as they stand."""
    return _load("charges.toml")


@cache
def patterns() -> dict[str, Any]:
    """Return the word lists and phrases of patterns.toml as they stand."""
    return _load("patterns.toml")


@cache
def choices() -> dict[str, Any]:
    """Return the word lists and phrases of choices.toml as they stand."""
    return _load("choices.toml")


@cache
def covers() -> dict[str, Any]:
    """Return the word lists and phrases of covers.toml as they stand."""
    return _load("covers.toml")


@cache
def series() -> dict[str, Any]:
    """Return the word lists of series.toml as they stand."""
    return _load("series.toml")


@cache
def periods() -> dict[str, str]:
    """Return the word lists of periods.toml as they stand."""
    return _load("periods.toml")


@cache
def rosters() -> dict[str, str]:
    """Return the word lists of rosters.toml as they stand."""
    return _load("rosters.toml")


@cache
def measures() -> tuple[dict[str, int], ...]:
    """Return the families of measures.toml: the sizes of units that turn into one another, by their stems."""
    return tuple({stem(unit): size for unit, size in family.items()} for family in _load("measures.toml").values())


@cache
def units() -> frozenset[str]:
    """Return the stems of the units of measures.toml."""
    return frozenset().union(*measures())


@cache
def numbers() -> dict[str, dict[str, float]]:
    """Return the number words of numbers.toml."""
    return _load("numbers.toml")


@cache
def comparators() -> dict[str, tuple[tuple[tuple[str, ...], Comparator], ...]]:
    """Return the comparators by their first word, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], Comparator]]] = {}
    for entry in _load("comparators.toml")["comparator"]:
        for phrase in entry["words"]:
            sequence = tuple(phrase.split())
            found.setdefault(sequence[0], []).append((sequence, Comparator(entry["sense"], entry.get("strict", False))))
    return {first: tuple(sorted(items, key=lambda item: -len(item[0]))) for first, items in found.items()}
