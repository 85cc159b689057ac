"""The objective: whether something is made large or small, and what."""

from __future__ import annotations

from dataclasses import dataclass

from formulation.embedded.lexicon import plain, roots
from formulation.embedded.quantities import quantities
from formulation.embedded.tokens import Token
from formulation.embedded.wishes import wishes

_ASKING = frozenset(["how", "what", "which", "find", "plan", "goal", "aim", "objective", "determine"])
_ENDS = frozenset(
    [
        "while",
        "with",
        "within",
        "by",
        "subject",
        "given",
        "if",
        "so",
        "using",
        "when",
        "assuming",
        "under",
        "we",
        "they",
    ]
)
_CHEAPLY = frozenset(["cheaply", "economically", "economical", "inexpensively"])
_CHEAPEST = frozenset(["cheapest", "cheaply"])


@dataclass(frozen=True, slots=True)
class Goal:
    """``sense`` is "maximize" or "minimize"; ``words`` are the tokens that say of what.

    ``strong`` says that a verb like "maximize" says it, not an adjective.
    """

    sense: str
    words: tuple[Token, ...]
    sentence: int
    start: int
    end: int
    strong: bool


def goals(sentences: list[tuple[Token, ...]]) -> list[Goal]:
    """Return what the text wants made large or small, the surest first."""
    found: list[Goal] = []
    for number, tokens in enumerate(sentences):
        starts = {q.first for q in quantities(tokens)}
        for index in range(len(tokens)):
            goal = (
                _kept(tokens, index, number)
                or _possible(tokens, index, number)
                or _named(tokens, index, number, starts)
            )
            if goal is not None:
                found.append(goal)
    if not found:
        found += [Goal(*wish, strong=False) for wish in wishes(sentences)]
    return sorted(found, key=lambda goal: (not goal.strong, -goal.sentence))


def _named(tokens: tuple[Token, ...], index: int, number: int, starts: set[int]) -> Goal | None:
    """Return the goal of "maximize ...", "for the least ..." or "to earn the most"."""
    token = tokens[index]
    low = token.lower
    if low in plain("maximize", "objective"):
        sense = "maximize"
    elif low in plain("minimize", "objective"):
        sense = "minimize"
    else:
        return None
    possible = index + 1 < len(tokens) and tokens[index + 1].lower == "possible"
    strong = low in plain("strong", "objective") or possible
    before = tokens[index - 1].lower if index else ""
    if before in plain("negation") and low not in plain("strong", "objective"):
        return None  # "so that it does not lower his pay"
    if not strong:
        costly = "cost" in [t.lower for t in tokens[index : index + 3]]
        if before in ("at", "the") and index > 1 and tokens[index - 2].lower == "at" and not costly:
            return None
        if before == "very" and low in ("least", "most"):
            return None  # "600 grams at the very least"
        if before == "at" and low in ("least", "most", "maximum", "minimum") and not costly:
            return None
        if any(k in starts for k in range(index + 1, index + 4)):
            return None
    if low == "most" and index + 1 < len(tokens) and tokens[index + 1].lower in _CHEAPLY:
        return Goal("minimize", (tokens[index + 1],), number, token.start, tokens[index + 1].end, strong=False)
    words = _following(tokens, index + 1 + possible)
    if low.endswith("ed") and before in ("is", "are", "be", "been"):
        words = [t for t in tokens[max(0, index - 8) : index - 1] if t.kind == "word"]
    if strong and not words:
        words = _antecedent(tokens, index)
    if not strong:
        asked = any(t.lower in _ASKING for t in tokens)
        if low in _CHEAPEST:
            words = [token, *words]
        elif not _countable(words[:4]):
            if not words or words[0].lower in plain("function"):
                # "to earn the most", "keep the cost down to a minimum": the words before say of what.
                words = [t for t in tokens[max(0, index - 6) : index] if t.kind == "word"]
                if not _countable(words):
                    return None
            elif not asked:
                return None
    end = words[-1].end if words and words[-1].start > token.start else token.end
    return Goal(sense, tuple(words), number, token.start, end, strong)


_KEEPS = frozenset(["keep", "keeps", "keeping", "hold", "holds", "make", "makes"])
_BE = frozenset(["is", "are", "be", "becomes", "become", "get", "gets"])
_EXTREMES = {
    "maximize": frozenset(["highest", "greatest", "largest", "maximal", "biggest", "high", "large"]),
    "minimize": frozenset(["lowest", "smallest", "least", "minimal", "fewest", "low", "down", "small"]),
}
_MILD = frozenset(["high", "large", "low", "small", "down"])


def _kept(tokens: tuple[Token, ...], index: int, number: int) -> Goal | None:
    """Return the goal of "keep the waste at a minimum", "keep the cost down", "so that daily uses are highest"."""
    low = tokens[index].lower
    keeps = low in _KEEPS
    if not keeps and low not in _BE:
        return None
    for k in range(index + 1, min(index + 9, len(tokens))):
        word = tokens[k].lower
        after = tokens[k + 1].lower if k + 1 < len(tokens) else "."
        ends = k + 1 >= len(tokens) or tokens[k + 1].kind == "mark" or after in plain("function")
        if tokens[k - 1].lower == "at" and word == "least":
            return None
        sense = next((sense for sense, words in _EXTREMES.items() if word in words), None)
        if (
            keeps
            and word in ("minimum", "maximum")
            and tokens[k - 1].lower == "a"
            and tokens[k - 2].lower in ("at", "to")
        ):
            sense = "minimize" if word == "minimum" else "maximize"
            words = [t for t in tokens[index + 1 : k - 2] if t.kind == "word"]
        elif sense is not None and keeps:
            words = [t for t in tokens[index + 1 : k] if t.kind == "word"]
            if words and words[-1].lower == "as":
                words.pop()  # "as low as it can be"
        elif sense is not None and word not in _MILD and k <= index + 2:
            start = next((j for j in range(index - 1, -1, -1) if tokens[j].kind != "word" or _opens(tokens[j])), -1)
            words = [t for t in tokens[start + 1 : index] if t.kind == "word"]
        else:
            if tokens[k].kind != "word":
                return None
            continue
        words = [t for t in words if t.lower not in plain("function")]
        if not words or not ends or (low.startswith("make") and word in _MILD):
            return None
        return Goal(sense, tuple(words), number, tokens[index].start, tokens[k].end, strong=True)
    return None


def _opens(token: Token) -> bool:
    """Whether a word begins the subject of "so that daily uses are highest", "wants the weight to be minimal"."""
    return token.lower in ("that", "the", "wants", "want", "which", "what", "likes", "like", "wishes", "its", "their")


def _antecedent(tokens: tuple[Token, ...], index: int) -> list[Token]:
    """Return the words before "which" and "that" of "costs of 2, 3 and 4, which the owner wants to minimize"."""
    which = next((k for k in range(index - 1, max(index - 7, 0), -1) if tokens[k].lower in ("which", "that")), None)
    return [] if which is None else [t for t in tokens[max(0, which - 12) : which] if t.kind == "word"]


_SPEAKERS = frozenset(["i", "we", "you", "he", "she", "it", "they"])


def _possible(tokens: tuple[Token, ...], index: int, number: int) -> Goal | None:
    """Return the goal of "as large as possible", "as few pipes as possible", "as many people as I can"."""
    if tokens[index].lower != "as" or index + 3 >= len(tokens):
        return None
    second = next((k for k in range(index + 2, min(index + 8, len(tokens) - 1)) if tokens[k].lower == "as"), None)
    if second is None:
        return None
    utmost = [token.lower for token in tokens[second + 1 : second + 3]]
    if utmost[0] == "possible":
        last = second + 1
    elif utmost[0] in _SPEAKERS and utmost[1:] in (["can"], ["could"]):
        last = second + 2
    else:
        return None
    low = tokens[index + 1].lower
    if low in plain("large", "objective"):
        sense = "maximize"
    elif low in plain("small", "objective"):
        sense = "minimize"
    else:
        return None
    inside = [t for t in tokens[index + 2 : second] if t.kind == "word"]
    words = inside or [t for t in tokens[max(0, index - 7) : index] if t.kind == "word"]
    if low in ("cheap", "cheaply"):
        words = [tokens[index + 1], *words]
    return Goal(sense, tuple(words), number, tokens[index].start, tokens[last].end, True)


def _following(tokens: tuple[Token, ...], index: int) -> list[Token]:
    words: list[Token] = []
    for token in tokens[index:]:
        if (
            token.text in (".", ",", "?", "!", "(", ":", ";")
            or token.lower in _ENDS
            or (token.lower == "and" and words)
        ):
            break
        if token.lower == "and":
            break
        words.append(token)
    return words


def _countable(words: list[Token]) -> bool:
    """Whether "maximum ..." speaks of an objective: of money, or of a number of something."""
    money = roots("profit", "money") | roots("cost", "money") | roots("revenue", "money")
    if any(w.root in money for w in words):
        return True
    return any(w.lower in plain("measured", "objective") for w in words)
