"""Frames: noun phrases that stand in the same surroundings of a text, which may be a list of decisions."""

from __future__ import annotations

from formulation.embedded.phrases import (
    Coordination,
    NounPhrase,
    is_label,
    is_stop,
    is_verb,
    phrase_after,
    phrase_before,
)
from formulation.embedded.tokens import Token

_STARTS = frozenset(["each", "per", "a", "an", "one", "every", "the", "in", "at", "on", "for", "during", "to", "of"])


def frames(sentences: list[tuple[Token, ...]]) -> list[Coordination]:
    """Return noun phrases that share a word, or stand in the same surroundings, as if they were a list."""
    seen: dict[tuple[str, ...], tuple[int, NounPhrase]] = {}
    groups: dict[tuple[str, ...], dict[tuple[str, ...], tuple[int, NounPhrase]]] = {}
    for number, tokens in enumerate(sentences):
        for index, token in enumerate(tokens):
            framed = token.lower in _STARTS
            if index and not framed:
                continue
            phrase = phrase_after(tokens, index + 1 if framed else index)
            if phrase is None or not 1 <= len(phrase.words) <= 4:
                continue
            if framed and phrase.first > index + 4:
                continue
            name = tuple(name_of(phrase))
            seen.setdefault(name, (number, phrase))
            after = tokens[phrase.last].stem if phrase.last < len(tokens) else ""
            if token.lower in ("each", "per", "a", "an", "one", "every"):
                groups.setdefault(("each", after), {}).setdefault(name, (number, phrase))
                if len(name) > 1:
                    groups.setdefault(("one", name[-1]), {}).setdefault(name, (number, phrase))
                if token.lower in ("each", "per", "every"):
                    groups.setdefault(("each",), {}).setdefault(name, (number, phrase))
            elif index:
                before = tokens[index - 1].stem
                groups.setdefault((before, token.stem, after), {}).setdefault(name, (number, phrase))
    for number, tokens in enumerate(sentences):
        heading = phrase_after(tokens, 0)
        if (
            heading is not None
            and heading.last < len(tokens)
            and tokens[heading.last].text == ":"
            and len(heading.words) <= 4
        ):
            groups.setdefault(("heading",), {}).setdefault(tuple(name_of(heading)), (number, heading))
    for number, tokens in enumerate(sentences):
        for index in range(1, len(tokens) - 1):
            if tokens[index].lower in ("at", "for", "earning", "costing", "which", "that"):
                _add_beside(groups, tokens, index, number)
            numbered = any(t.kind in ("number", "currency") for t in tokens[index + 1 : index + 4])
            if not numbered or not is_verb(tokens[index]):
                continue
            end = index
            while end and tokens[end - 1].lower in ("can", "will", "could", "must", "may", "would", "each", "both"):
                end -= 1
            subject = phrase_before(tokens, end)
            if subject is not None and len(subject.words) <= 4:
                key = ("verb", tokens[index].root)
                groups.setdefault(key, {}).setdefault(tuple(name_of(subject)), (number, subject))
        for index in range(1, len(tokens)):
            letter = (
                tokens[index].kind == "word" and tokens[index].stem.endswith("_") and not is_stop(tokens[index - 1])
            )
            if letter or is_label(tokens, index):
                words = (tokens[index - 1], tokens[index])
                phrase = NounPhrase(index - 1, index + 1, words)
                name = tuple(name_of(phrase))
                groups.setdefault(("label", name[0]), {}).setdefault(name, (number, phrase))
    for name, (number, phrase) in seen.items():
        if len(name) > 1:
            groups.setdefault((name[-1],), {})[name] = (number, phrase)
            groups.setdefault((name[0], ""), {})[name] = (number, phrase)
    found = []
    for group in groups.values():
        if 2 <= len(group) <= 6:
            members = list(group.values())
            found.append(Coordination(members[0][0], tuple(phrase for _, phrase in members)))
    return found


def _add_beside(
    groups: dict[tuple[str, ...], dict[tuple[str, ...], tuple[int, NounPhrase]]],
    tokens: tuple[Token, ...],
    index: int,
    number: int,
) -> None:
    """Add the noun before "at $520 a week", "for 4 points" or "which burn 30 units" to the nouns of its kind."""
    priced = tokens[index].lower in ("at", "for", "earning", "costing") and tokens[index + 1].kind in (
        "number",
        "currency",
    )
    relative = tokens[index].lower in ("which", "that") and is_verb(tokens[index + 1])
    subject = phrase_before(tokens, index) if priced or relative else None
    if subject is not None and len(subject.words) <= 4:
        groups.setdefault(("beside", tokens[index].lower), {}).setdefault(tuple(name_of(subject)), (number, subject))


def name_of(phrase: NounPhrase) -> list[str]:
    """Return the stems of the words of a noun phrase."""
    return [word.stem for word in phrase.words]
