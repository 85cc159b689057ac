"""Slates: which sets of decisions a text may be about, the likeliest first."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from formulation.embedded.decisions import Decision, Slate, mentions, names_by_label
from formulation.embedded.frames import frames, name_of
from formulation.embedded.lexicon import numbers, plain, related, root, roots, stem, stems, units
from formulation.embedded.phrases import Coordination, coordinations, is_stop
from formulation.embedded.tokens import Token

_FRAME = frozenset(["each", "per", "every", "a", "an", "one", "for"])
_VAGUE = frozenset(["form", "lot", "siz", "tim", "way", "method", "team", "group", "vehicl", "cas", "trip"])
_INTO = (["in"], ["into"], ["between"], ["among"])
_HIRES = (["employ"], ["employs"], ["hire"], ["hires"], ["recruits"], ["hiring"], ["employing"])
_SIZES = frozenset(["squar", "cubic"])
_ANYTHING = frozenset(["animal", "item", "person", "thing", "good"])
_GENERIC = frozenset(["item", "product", "unit", "typ", "type", "kind", "sort", "version", "total", "piec", "on"])
_MAXIMUM = 12
_PRUNED = 6


@dataclass(frozen=True, slots=True)
class _Text:
    """What the slates of a text are weighed by: which stems stand beside each other, are asked for, are kinds.

    ``held`` are the stems behind a measure and "of": what batches or boxes are of.
    """

    sentences: list[tuple[Token, ...]]
    neighbours: set[tuple[str, str]]
    following: dict[str, set[str]]
    preceding: dict[str, set[str]]
    held: dict[str, set[str]]
    asked: Counter[str]
    classes: set[str]

    @classmethod
    def of(cls, sentences: list[tuple[Token, ...]]) -> _Text:
        """Return what the sentences of a text say of its words."""
        neighbours = _neighbours(sentences)
        following: dict[str, set[str]] = {}
        preceding: dict[str, set[str]] = {}
        for a, b in neighbours:
            following.setdefault(a, set()).add(b)
            preceding.setdefault(b, set()).add(a)
        held: dict[str, set[str]] = {}
        for tokens in sentences:
            for holder, of, thing in zip(tokens, tokens[1:], tokens[2:], strict=False):
                if of.lower == "of" and holder.measure:
                    held.setdefault(holder.stem, set()).add(thing.stem)
        return cls(sentences, neighbours, following, preceding, held, _asked(sentences), _classes(sentences))


def slates(sentences: list[tuple[Token, ...]]) -> list[Slate]:
    """Return the candidate sets of decisions of a text, the likeliest first."""
    found: dict[tuple[frozenset[str], ...], Slate] = {}
    text = _Text.of(sentences)
    first: dict[tuple[object, ...], int] = {}  # the sentence that a list of names stands in first: it scores best there
    for coordination in [*coordinations(sentences), *frames(sentences)]:
        names = (coordination.conjunction >= 0, *(tuple(name_of(phrase)) for phrase in coordination.members))
        if first.get(names, coordination.sentence + 1) <= coordination.sentence:
            continue
        slate = _slate(coordination, text)
        if slate is None or any(decision.words <= units() | _SIZES for decision in slate.decisions):
            continue  # a kilo is nothing to decide
        first[names] = coordination.sentence
        key = tuple(sorted((d.own for d in slate.decisions), key=sorted))
        if key not in found or found[key].score < slate.score:
            found[key] = slate
    ranked = sorted(found.values(), key=lambda slate: -slate.score)
    return [_pruned(slate, sentences) for slate in ranked[:_PRUNED]] + ranked[_PRUNED:]


def _pruned(slate: Slate, sentences: list[tuple[Token, ...]]) -> Slate:
    """Return a slate whose names hold only words that their later mentions use ("weaver knots rugs" is rugs)."""
    used: list[list[set[str]]] = [[] for _ in slate.decisions]
    for tokens in sentences:
        for mention in mentions(tokens, slate):
            used[mention.decisions[0]].append({t.stem for t in tokens[mention.first : mention.last]})
    decisions = []
    for decision, spots in zip(slate.decisions, used, strict=True):
        later = set().union(*spots[1:]) if len(spots) > 2 else set()
        kept = decision.words & (later | slate.shared)
        own = decision.own & later
        if not own or own == decision.own or not any(len(spot) < len(decision.words) for spot in spots):
            decisions.append(decision)
            continue
        label = " ".join(word for word in decision.label.split() if stem(word) in kept) or decision.label
        decisions.append(replace(decision, words=frozenset(kept), own=frozenset(own), label=label))
    owns = [d.own for d in decisions]
    if len(set(owns)) < len(owns):
        return slate
    return replace(slate, decisions=tuple(decisions))


def _neighbours(sentences: list[tuple[Token, ...]]) -> set[tuple[str, str]]:
    pairs = set()
    for whole in sentences:
        tokens = [token for token in whole if token.text != "'s"]
        for k, (a, b) in enumerate(itertools.pairwise(tokens)):
            if a.kind == b.kind == "word":
                verbal = b.lower.endswith("s") and k + 2 < len(tokens) and tokens[k + 2].kind in ("number", "currency")
                if not verbal or a.lower.endswith("s"):  # "swimming burns 11 calories"
                    pairs.add((a.stem, b.stem))
        for a, b, c in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if b.joined and a.kind == b.kind == c.kind == "word":
                pairs.add((a.stem, c.stem))  # "steam-driven pumps" has "steam" beside "pumps"
    return pairs


def _asked(sentences: list[tuple[Token, ...]]) -> Counter[str]:
    """Return the stems of the sentences that ask "how many" or name what to decide."""
    words: Counter[str] = Counter()
    for tokens in sentences:
        lower = [token.lower for token in tokens]
        if "how" in lower or "determine" in lower or "find" in lower or "decide" in lower or "choose" in lower:
            words.update({token.stem for token in tokens if token.kind == "word"})
    return words


def _slate(coordination: Coordination, text: _Text) -> Slate | None:
    """Return the decisions that a list of noun phrases names, None where it names nothing to decide."""
    coordination = _ordered(coordination)
    listed = coordination.conjunction >= 0
    names = [name_of(phrase) for phrase in coordination.members]
    if not 2 <= len(names) <= _MAXIMUM or any(not name for name in names):
        return None
    labels = [name[-1] for name in names]
    numbered = [names_by_label(label) for label in labels]
    if not listed and any(numbered) and not all(numbered):
        return None  # "tasks need" beside "task X1"
    everything = [set(name) for name in names]
    # "worker type X, Y and Z": the letters tell them apart, whatever stands before.
    lettered = all(numbered) and len(set(labels)) == len(labels)
    shared = _shared(names, set().union(*everything) - set(labels) if lettered else set(), text)
    owns = [every - shared - plain("function") for every in everything]
    doubt = 0.0
    if any(not own for own in owns):
        # "blue t-shirts and dark blue t-shirts": a name inside another is told apart by the longest match.
        empty = [k for k, own in enumerate(owns) if not own]
        if len(empty) > 1 or not shared & everything[empty[0]]:
            return None
        doubt = 3.0
        owns[empty[0]] = {names[empty[0]][0]}
        shared -= owns[empty[0]]
    # A word of several names, though not of all, tells none of them.
    tally = Counter(word for own in owns for word in own)
    narrowed = [{word for word in own if tally[word] == 1} for own in owns]
    owns = [narrow or own for narrow, own in zip(narrowed, owns, strict=True)]
    deciding = any(own <= stems("agent") and name[-1] in own for own, name in zip(owns, names, strict=True))
    if _names_nothing(owns, shared, listed=listed) or (deciding and not _put_into(coordination, text)):
        return None
    acting = [name[-1] in stems("agent") for name in names]
    if not listed and any(acting) and not all(acting):
        return None  # "a food distributor" beside "a truck"
    measured = [own <= stems("measure") for own in owns]
    holders = [set(name) <= stems("measure") and len(text.held.get(name[-1], ())) > 1 for name in names]
    if not listed and any(holders) and not all(measured):
        return None  # "a batch" beside "pretzels"
    if all(measured):
        if any(own & (units() | stems("number_of")) for own in owns):
            return None
        doubt += 1.0  # crates and barrels more often hold something than are what is decided
    if not shared:
        shared |= _heads(owns, everything, text)
    decisions = []
    for every, own, phrase in zip(everything, owns, coordination.members, strict=True):
        tail = [w.text for w in coordination.members[-1].words if w.stem in shared - every - {stem("one")}]
        decisions.append(
            Decision(
                " ".join([*(word.text for word in phrase.words), *tail]),
                frozenset(every | shared),
                frozenset(own),
                frozenset(token.stem for token in phrase.alias) | _spellings(own, everything, shared, text),
                phrase.words[0].start,
                phrase.words[-1].end,
            )
        )
    slate = Slate(tuple(decisions), frozenset(shared), 0.0, (coordination.sentence, coordination.conjunction))
    return replace(slate, score=_score(slate, coordination, text) - doubt)


def _shared(names: list[list[str]], labelled: set[str], text: _Text) -> set[str]:
    """Return the words that belong to every name: "muffins" of "chocolate and blueberry muffins"."""
    everything = [set(name) for name in names]
    shared = set.intersection(*everything) | labelled
    last = {name[-1] for name in names}
    if stem("one") in last and len(last) == 2:
        shared |= {word for word in last if all(every - shared - last for every in everything)}  # "a digital one"
    for position, name in reversed(list(enumerate(names))):
        for word in reversed(name):
            if word in shared:
                continue
            # A word that also stands beside the other members' words is shared.
            beside = text.preceding.get(word, set()) | text.following.get(word, set())
            if all((beside & every) - shared - {word} for k, every in enumerate(everything) if k != position):
                shared.add(word)
    kinds = text.classes & set().union(*everything)
    return shared | {w for w in kinds if all(every - shared - {w} for every in everything)}


def _put_into(coordination: Coordination, text: _Text) -> bool:
    """Whether a list says what something goes into, or who is hired: "$9,000 to put into a bakery and a tea shop"."""
    before = text.sentences[coordination.sentence][: coordination.members[0].first]
    words = [token.lower for token in before if token.lower not in ("a", "an", "the", "his", "her", "their")]
    return words[-1:] in _HIRES or (coordination.conjunction >= 0 and words[-1:] in _INTO)


def _names_nothing(owns: list[set[str]], shared: set[str], *, listed: bool) -> bool:
    """Whether what tells the names apart cannot be decided: money, a word for anything, spellings of one name."""
    if len({frozenset(own) for own in owns}) < len(owns) or _variants(owns):
        return True
    if not shared and any(own <= numbers()["units"].keys() for own in owns):
        return True  # "two" of nothing
    general = [own <= _ANYTHING for own in owns]
    if (any(general) and not all(general)) or any(own <= _money() for own in owns):
        return True
    generic = _GENERIC | stems("period")
    if not listed and any(own <= generic | _VAGUE for own in owns):
        return True  # no list of the text: "per trip" and "each time" frame no decision
    return any(own <= generic and not (own <= stems("period") and shared) for own in owns)


@cache
def _money() -> frozenset[str]:
    """Return the stems of the words for money that is earned, paid or lost."""
    return frozenset().union(*(stems(kind, "money") for kind in ("profit", "cost", "revenue", "loss", "currency")))


def _classes(sentences: list[tuple[Token, ...]]) -> set[str]:
    """Return the nouns that the question counts each kind of: "how many of each ticket"."""
    found = set()
    for tokens in sentences:
        for k in range(2, len(tokens)):
            if tokens[k - 1].lower == "each" and tokens[k - 2].lower == "of" and not is_stop(tokens[k]):
                found.add(tokens[k].stem)
    return found


def _ordered(coordination: Coordination) -> Coordination:
    """Return what is no list of the text in the order of its labels, or of the text: "respectively" goes by it."""
    if coordination.conjunction >= 0:
        return coordination
    members = coordination.members
    if all(phrase.words and names_by_label(phrase.words[-1].stem) for phrase in members):
        members = tuple(sorted(members, key=lambda phrase: (len(phrase.words[-1].stem), phrase.words[-1].stem)))
    else:
        members = tuple(sorted(members, key=lambda phrase: phrase.words[0].start if phrase.words else 0))
    return replace(coordination, members=members)


def _variants(owns: list[set[str]]) -> bool:
    """Whether two names are spellings of one ("electric vans" and "electrical vans"), unlike violins and violas."""
    for k, one in enumerate(owns):
        for two in owns[k + 1 :]:
            if len(one) == len(two) and all(any(_respelt(a, b) for b in two) for a in one):
                return True
    return False


def _respelt(a: str, b: str) -> bool:
    return min(len(a), len(b)) > 4 and related(a, b) and (a.startswith(b[:5]) or a.startswith(b) or b.startswith(a))


def _spellings(own: set[str], everything: list[set[str]], shared: set[str], text: _Text) -> frozenset[str]:
    """Return other spellings of a name's words that stand before a word that the names share."""
    known = set().union(*everything)
    before = set().union(*(text.preceding.get(word, set()) for word in shared)) - known
    return frozenset(a for a in before if len(a) > 4 and any(len(w) > 4 and related(a, w) for w in own))


def _heads(owns: list[set[str]], everything: list[set[str]], text: _Text) -> set[str]:
    """Return the nouns that stand right after every one of the names somewhere in the text."""
    common = set.intersection(*(set().union(*(text.following.get(word, set()) for word in own)) for own in owns))
    return {
        word
        for word in common - set().union(*everything)
        if len(word) > 2 and not word.endswith(("_", "ed")) and not _is_no_head(word)
    }


@lru_cache(maxsize=20_000)
def _is_no_head(word: str) -> bool:
    """Whether a stem cannot be the noun that names share: a verb, money, somebody, a time, a word for anything."""
    for kind in ("profit", "cost", "revenue", "loss"):
        if word in stems(kind, "money") or root(word) in roots(kind, "money"):
            return True
    kinds = ("function", "verb", "agent", "hypernym", "period")
    said = any(word in stems(kind) for kind in kinds) or word == "avail"
    return said or word in roots("verb") or root(word) in roots("verb")


def _score(slate: Slate, coordination: Coordination, text: _Text) -> float:
    """Return how much the members look like decisions: framed by "each" and "per", and not measured out."""
    frames = [0.0] * len(slate.decisions)
    for tokens in text.sentences:
        for mention in mentions(tokens, slate):
            (index,) = mention.decisions
            before = tokens[mention.first - 1].lower if mention.first else ""
            before2 = tokens[mention.first - 2] if mention.first > 1 else None
            before3 = tokens[mention.first - 3] if mention.first > 2 else None
            after = tokens[mention.last].lower if mention.last < len(tokens) else ""
            value = 0.3
            if before in _FRAME or before == "":
                value = 1.0
            elif before == "of" and before2 is not None and before2.measure:
                numbered = before3 is not None and (before3.kind == "number")
                value = -0.7 if numbered and before3 is not None and before3.text != "1" else 0.6
            elif before in ("for", "on") or after in ("available",):
                value = -0.3
            if after and mention.last < len(tokens) and tokens[mention.last].stem in stems("verb"):
                value += 0.3
            frames[index] += value * (0.5 + 0.5 * mention.coverage)
    score = min(frames) * 1.0 + sum(min(frame, 4.0) for frame in frames) / len(frames) * 0.5
    question = sum(1 for d in slate.decisions if any(text.asked[w] for w in d.own))
    score += 0.8 * question / len(slate.decisions)
    score -= 0.08 * coordination.sentence
    score += 0.4 * (len(slate.decisions) - 2)
    size = max(len(d.words) for d in slate.decisions)
    if all(d.label[:1].isalpha() and d.label[1:].isdigit() for d in slate.decisions):
        score -= 1.5  # "x1 chairs and x2 tables": the nouns say more
    if coordination.conjunction < 0:
        score -= 0.4  # no list of the text
    return score - 0.2 * max(0, size - 4)
