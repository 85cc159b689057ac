"""The names that lists of the covered may hold: labels of one shape, or phrases that a list of the text tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from formulation.embedded.labels import Figure, shape, stems_of
from formulation.embedded.lexicon import covers, numbers, plain
from formulation.embedded.phrases import coordinations
from formulation.embedded.quantities import quantities
from formulation.embedded.tokens import Token

_DETERMINERS = frozenset(["the", "a", "an"])
_LONGEST_NAME = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, a separator, a verb of covering, a number told beside it, or one of the listed (``index``)."""

    kind: str
    tokens: tuple[Token, ...]
    figure: Figure | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that lists may hold: labels of a shape, or phrases by their stems; ``heads`` are words behind them.

    ``counted`` are the heads that the text counts: "four gates".
    """

    shape: str = ""
    nouns: frozenset[str] = frozenset()
    phrases: tuple[tuple[str, ...], ...] = ()
    heads: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    sure: bool = True


def vocabularies(split: list[tuple[Token, ...]], told: list[list[Piece]]) -> Iterator[Names]:
    """Yield the names that the lists behind the verbs of ``told`` may hold, the surest first."""
    tails = [pieces[k + 1 :] for pieces in told for k, piece in enumerate(pieces) if piece.kind == "verb"]
    firsts = [first for tail in tails if (first := _begin(tail)) is not None]
    labels = {piece.label for first in firsts for piece in first if piece.label}
    if labels:
        nouns = {f[0].tokens[0].stem for f in firsts if not f[0].label and len(f) > 1 and f[1].label}
        if len(labels) == 1:
            yield Names(labels.pop(), frozenset(nouns))
        return
    lists = [[stems_in(member) for member in members] for tokens in split for members in plain_lists(tokens)]
    lists += [[stems_in(phrase.words) for phrase in one.members] for one in coordinations(split)]
    tried: list[frozenset[tuple[str, ...]]] = []
    for members in sorted(lists, key=len, reverse=True):
        bare = [_bare(member) for member in members]
        heads = frozenset(member[-1] for member in bare if len(member) > 1)
        names = frozenset(bare)
        if len(names) == len(members) and names not in tried:
            tried.append(names)
            followers = _followers(split, bare)
            counted = followers & _counted(split, len(bare))
            yield replace(_named(bare, (heads & followers) | counted), counted=counted)
    for tokens in split:
        names_told = [stems_in(name) for name in capitalised_names(tokens)]
        if len(names_told) == len(quantities(tokens)) == len(set(names_told)) > 1:
            yield _named(names_told, frozenset())
    spoken: list[tuple[str, ...]] = []
    for tail in tails:
        spoken += [words for words in _closed(tail) if words not in spoken]
    if spoken:
        yield _named(spoken, frozenset(), sure=False)


def plain_lists(tokens: tuple[Token, ...]) -> Iterator[list[list[Token]]]:
    """Yield the lists "a, b and c" of a sentence whose members hold no word of grammar, also without the first member.

    The first may be the noun before an apposition: "two jobs, a roof and a wall".
    """
    chunks: list[list[Token]] = [[]]
    joined = False
    for token in (*tokens, None):
        low = "" if token is None else token.lower
        if low in (",", "and") and not (joined and chunks[-1]):
            joined = joined or low == "and"
            if chunks[-1]:
                chunks.append([])
        elif token is not None and token.kind == "word" and low not in plain("function") and not is_numeral(token):
            chunks[-1].append(token)
        elif token is None or low not in _DETERMINERS or chunks[-1]:
            if joined and all(0 < len(chunk) <= _LONGEST_NAME for chunk in chunks):
                yield from (chunks[k:] for k in range(min(2, len(chunks) - 1)))
            chunks, joined = [[]], False


def is_numeral(token: Token) -> bool:
    """Whether a token is a number word."""
    return token.lower in numbers()["units"] or token.lower in numbers()["tens"]


def capitalised_names(tokens: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    """Return each run of capitalised words, the first word of the sentence only where it is no grammar."""
    runs: list[list[Token]] = [[]]
    for k, token in enumerate(tokens):
        name = token.kind == "word" and token.text[:1].isupper() and not shape(token)
        if name and not (k == 0 and token.lower in plain("function")):
            runs[-1].append(token)
        elif runs[-1]:
            runs.append([])
    return [tuple(run) for run in runs if run]


def stems_in(words: Iterable[Token]) -> tuple[str, ...]:
    """Return the stems of the words of a name."""
    return tuple(word.stem for word in words)


def _followers(split: list[tuple[Token, ...]], members: list[tuple[str, ...]]) -> frozenset[str]:
    """Return the stems that stand behind some of the names: the "school" of "middle school" where "middle" is one."""
    found = set()
    for tokens in split:
        stems = tuple(token.stem for token in tokens)
        for name in members:
            for k in range(len(stems) - len(name)):
                if stems[k : k + len(name)] == name:
                    found.add(stems[k + len(name)])
    return frozenset(found)


def _counted(split: list[tuple[Token, ...]], size: int) -> frozenset[str]:
    """Return the stems of the nouns of which the text counts so many: "four gates"."""
    return frozenset(
        tokens[q.last].stem
        for tokens in split
        for q in quantities(tokens)
        if q.value == size and q.last < len(tokens) and tokens[q.last].kind == "word"
        if tokens[q.last].lower not in plain("function")
    )


def _named(members: list[tuple[str, ...]], heads: frozenset[str], *, sure: bool = True) -> Names:
    bare = tuple(dict.fromkeys(m[:-1] if len(m) > 1 and m[-1] in heads else m for m in members))
    return Names(phrases=tuple(sorted(bare, key=len, reverse=True)), heads=heads, sure=sure)


def _bare(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a name without a verb of covering before it: "master triage"."""
    return words[1:] if len(words) > 1 and words[0] in stems_of("verbs") else words


def _begin(tail: list[Piece]) -> list[Piece] | None:
    """Return the first two pieces of a list, without determiners; None where there is none."""
    rest = [p for p in tail if not (p.kind == "word" and p.tokens[0].lower in covers()["only"].split())]
    return rest[:2] if rest and rest[0].kind == "word" else None


def _closed(tail: list[Piece]) -> list[tuple[str, ...]]:
    """Return the names of a list that ends with its sentence or before the next verb's subject; [] where unclear."""
    verb = next((k for k, piece in enumerate(tail) if piece.kind == "verb"), None)
    part = tail if verb is None else tail[:verb]
    chunks: list[list[Token]] = [[]]
    for piece in part:
        if piece.kind in ("separator", "cost"):
            if chunks[-1]:
                chunks.append([])
        elif piece.kind == "word" and piece.tokens[0].lower in _DETERMINERS and chunks[-1]:
            chunks[-1] = []  # "project B the hall": what stands before the article is the next subject
        elif piece.kind == "word" and piece.tokens[0].lower not in covers()["only"].split():
            chunks[-1].append(piece.tokens[0])
    if not chunks[-1]:
        chunks.pop()
    if verb is not None:
        chunks = chunks[:-1]
    clean = all(0 < len(chunk) <= 3 for chunk in chunks)
    plainly = all(token.lower not in plain("function") and not token.text.isdigit() for c in chunks for token in c)
    return [tuple(token.stem for token in chunk) for chunk in chunks] if clean and plainly else []
