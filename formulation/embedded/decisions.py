"""Decisions: which things of the text the problem asks to fix the number of."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

from formulation.embedded.lexicon import numbers, plain, related, root, roots, stem, stems, units
from formulation.embedded.phrases import (
    Coordination,
    NounPhrase,
    coordinations,
    is_label,
    is_stop,
    is_verb,
    phrase_after,
    phrase_before,
)
from formulation.embedded.tokens import Token

_FRAME = frozenset(["each", "per", "every", "a", "an", "one", "for"])
_STARTS = frozenset(["each", "per", "a", "an", "one", "every", "the", "in", "at", "on", "for", "during", "to", "of"])
_BEFORE_VERB = frozenset(
    ["to", "can", "must", "not", "should", "will", "may", "could", "would", "you", "they", "we", "he", "she", "i"]
)
_VAGUE = frozenset(["form", "lot", "siz", "tim", "way", "method", "team", "group", "vehicl", "cas", "trip"])
_SINGLE = frozenset(["a", "an", "one", "each", "every", "per"])
_LISTED = {"former": 0, "first": 0, "latter": 1, "second": 1}
_SIZES = frozenset(["squar", "cubic"])
_MAXIMUM = 12
_PRUNED = 6


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """Something to decide the amount of; told apart by identity, so that where it is named can be kept.

    ``words`` are the stems of its name, ``own`` those that tell it from the other decisions, ``alias`` other
    short names. ``start`` and ``end`` are offsets of its first mention.
    """

    label: str
    words: frozenset[str]
    own: frozenset[str]
    alias: frozenset[str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Slate:
    """A set of decisions taken together, the words that all of them share, and how likely it is the right one.

    ``place`` is the sentence and the "and" of the list it was read from, negative where it was no list.
    """

    decisions: tuple[Decision, ...]
    shared: frozenset[str]
    score: float
    place: tuple[int, int] = (-1, -1)

    @property
    def names(self) -> frozenset[str]:
        """The stems that name a decision, in its name or its short name."""
        return _names(self.decisions)


@lru_cache(maxsize=64)
def _names(decisions: tuple[Decision, ...]) -> frozenset[str]:
    return frozenset().union(*(d.words | d.alias for d in decisions))


@dataclass(frozen=True, slots=True)
class Mention:
    """Decisions named at tokens [first, last); ``coverage`` is the share of the name's words that stand there."""

    decisions: tuple[int, ...]
    first: int
    last: int
    coverage: float = 1.0


def slates(sentences: list[tuple[Token, ...]]) -> list[Slate]:
    """Return the candidate sets of decisions of a text, the likeliest first."""
    found: dict[tuple[frozenset[str], ...], Slate] = {}
    neighbours = _neighbours(sentences)
    asked = _asked(sentences)
    for coordination in [*coordinations(sentences), *_frames(sentences)]:
        slate = _slate(coordination, sentences, neighbours, asked)
        if slate is None or any(decision.words <= units() | _SIZES for decision in slate.decisions):
            continue  # a kilo is nothing to decide
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


def _name(phrase: NounPhrase) -> list[str]:
    return [word.stem for word in phrase.words]


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


def _slate(
    coordination: Coordination,
    sentences: list[tuple[Token, ...]],
    neighbours: set[tuple[str, str]],
    asked: Counter[str],
) -> Slate | None:
    coordination = _ordered(coordination)
    names = [_name(phrase) for phrase in coordination.members]
    if not 2 <= len(names) <= _MAXIMUM:
        return None
    everything = [set(name) for name in names]
    if any(not name for name in names):
        return None
    labels = [name[-1] for name in names]
    labelled: set[str] = set()
    numbered = [_is_label(label) for label in labels]
    if coordination.conjunction < 0 and any(numbered) and not all(numbered):
        return None  # "tasks need" beside "task X1"
    if all(numbered) and len(set(labels)) == len(labels):
        # "worker type X, Y and Z": the letters tell them apart, whatever stands before.
        labelled = set().union(*everything) - set(labels)
    # A word that also stands beside the other members' words is shared: "chocolate and blueberry muffins".
    shared = set.intersection(*everything) | labelled
    for position, name in reversed(list(enumerate(names))):
        for word in reversed(name):
            if word in shared:
                continue
            others = [k for k in range(len(names)) if k != position]
            if others and all(
                any(
                    (own, word) in neighbours or (word, own) in neighbours
                    for own in everything[k]
                    if own != word and own not in shared
                )
                for k in others
            ):
                shared.add(word)
    inside = 0.0
    classes = _classes(sentences)
    shared |= {w for w in classes & set().union(*everything) if all(every - shared - {w} for every in everything)}
    owns = [everything[k] - shared - plain("function") for k in range(len(names))]
    words = [everything[k] | shared for k in range(len(names))]
    if any(not own for own in owns):
        # "blue t-shirts and dark blue t-shirts": a name inside another is told apart by the longest match.
        empty = [k for k, own in enumerate(owns) if not own]
        if len(empty) > 1 or not shared & everything[empty[0]]:
            return None
        inside = 3.0
        owns[empty[0]] = {names[empty[0]][0]}
        shared -= owns[empty[0]]
    # A word of several names, though not of all, tells none of them.
    tally = Counter(word for own in owns for word in own)
    narrowed = [{word for word in own if tally[word] == 1} for own in owns]
    owns = [narrow or own for narrow, own in zip(narrowed, owns, strict=True)]
    if len({frozenset(own) for own in owns}) < len(owns) or any(
        own <= stems("agent") and name[-1] in own for own, name in zip(owns, names, strict=True)
    ):
        return None
    generic = frozenset(
        ("item", "product", "unit", "typ", "type", "kind", "sort", "version", "total", "piec", "on")
    ) | stems("period")
    general = [own <= frozenset(("animal", "item", "person", "thing", "good")) for own in owns]
    if any(general) and not all(general):
        return None
    money = stems("profit", "money") | stems("cost", "money") | stems("revenue", "money") | stems("loss", "money")
    if any(own <= money for own in owns):
        return None
    if coordination.conjunction < 0 and any(own <= generic | _VAGUE for own in owns):
        return None  # no list of the text: "per trip" and "each time" frame no decision
    if any(own <= generic and not (own <= stems("period") and shared) for own in owns):
        return None
    if all(own <= stems("measure") for own in owns):
        if any(own & (units() | stems("number_of")) for own in owns):
            return None
        inside += 1.0  # crates and barrels more often hold something than are what is decided
    if _variants(owns):
        return None
    heads = _heads(owns, everything, neighbours) if not shared else set()
    shared |= heads
    words = [everything[k] | shared for k in range(len(names))]
    decisions = []
    for k, phrase in enumerate(coordination.members):
        label = " ".join(word.text for word in phrase.words)
        tail = [w.text for w in coordination.members[-1].words if w.stem in shared and w.stem not in everything[k]]
        if tail:
            label = f"{label} {' '.join(tail)}"
        decisions.append(
            Decision(
                label,
                frozenset(words[k]),
                frozenset(owns[k]),
                frozenset(token.stem for token in phrase.alias)
                | frozenset(_spellings(owns[k], everything, shared, neighbours)),
                phrase.words[0].start,
                phrase.words[-1].end,
            )
        )
    place = (coordination.sentence, coordination.conjunction)
    slate = Slate(tuple(decisions), frozenset(shared), 0.0, place)
    return Slate(slate.decisions, slate.shared, _score(slate, coordination, sentences, asked) - inside, place)


def _classes(sentences: list[tuple[Token, ...]]) -> set[str]:
    """Return the nouns that the question counts each kind of: "how many of each ticket"."""
    found = set()
    for tokens in sentences:
        for k in range(2, len(tokens)):
            if tokens[k - 1].lower == "each" and tokens[k - 2].lower == "of" and not is_stop(tokens[k]):
                found.add(tokens[k].stem)
    return found


def _is_label(word: str) -> bool:
    """Whether a stem is a letter, a number, or a letter and a number."""
    return word.endswith("_") or word.isdigit() or (word[:1].isalpha() and word[1:].isdigit())


def _ordered(coordination: Coordination) -> Coordination:
    """Return what is no list of the text in the order of its labels, or of the text: "respectively" goes by it."""
    if coordination.conjunction >= 0:
        return coordination
    members = coordination.members
    if all(phrase.words and _is_label(phrase.words[-1].stem) for phrase in members):
        members = tuple(sorted(members, key=lambda phrase: (len(phrase.words[-1].stem), phrase.words[-1].stem)))
    else:
        members = tuple(sorted(members, key=lambda phrase: phrase.words[0].start if phrase.words else 0))
    return replace(coordination, members=members)


def _variants(owns: list[set[str]]) -> bool:
    """Whether two names are spellings of one ("electric vans" and "electrical vans")."""
    for k, one in enumerate(owns):
        for two in owns[k + 1 :]:
            if len(one) == len(two) and all(any(len(a) > 4 and len(b) > 4 and related(a, b) for b in two) for a in one):
                return True
    return False


def _spellings(
    own: set[str], everything: list[set[str]], shared: set[str], neighbours: set[tuple[str, str]]
) -> set[str]:
    """Return other spellings of a name's words that stand before a word that the names share."""
    known = set().union(*everything)
    return {
        a
        for a, b in neighbours
        if b in shared and a not in known and len(a) > 4 and any(len(w) > 4 and related(a, w) for w in own)
    }


def _heads(owns: list[set[str]], everything: list[set[str]], neighbours: set[tuple[str, str]]) -> set[str]:
    """Return the nouns that stand right after every one of the names somewhere in the text."""
    stop = stems("function") | stems("verb") | stems("agent") | stems("hypernym") | stems("period") | {"avail"}
    for kind in ("profit", "cost", "revenue", "loss"):
        stop |= stems(kind, "money")
    following = [{b for a, b in neighbours if a in own} for own in owns]
    common = set.intersection(*following) - stop
    verbs = roots("verb")
    money = roots("profit", "money") | roots("cost", "money") | roots("revenue", "money") | roots("loss", "money")
    return {
        w
        for w in common
        if len(w) > 2
        and w not in verbs
        and root(w) not in verbs | money
        and not w.endswith(("_", "ed"))
        and not any(w in every for every in everything)
    }


def _score(slate: Slate, coordination: Coordination, sentences: list[tuple[Token, ...]], asked: Counter[str]) -> float:
    """Return how much the members look like decisions: framed by "each" and "per", and not measured out."""
    frames = [0.0] * len(slate.decisions)
    for tokens in sentences:
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
    question = sum(1 for d in slate.decisions if any(asked[w] for w in d.own))
    score += 0.8 * question / len(slate.decisions)
    score -= 0.08 * coordination.sentence
    score += 0.4 * (len(slate.decisions) - 2)
    size = max(len(d.words) for d in slate.decisions)
    if all(d.label[:1].isalpha() and d.label[1:].isdigit() for d in slate.decisions):
        score -= 1.5  # "x1 chairs and x2 tables": the nouns say more
    if coordination.conjunction < 0:
        score -= 0.4  # no list of the text
    return score - 0.2 * max(0, size - 4)


def holder_of(tokens: tuple[Token, ...], mention: Mention) -> str:
    """Return the stem of what one of a decision comes in ("a pot of roses"), "" where nothing is said."""
    if mention.first < 3 or tokens[mention.first - 1].lower != "of" or tokens[mention.first - 3].lower not in _SINGLE:
        return ""
    noun = tokens[mention.first - 2]
    if noun.stem in stems("period"):
        return noun.stem  # "an hour of swimming"
    return "" if is_stop(noun) or noun.measure or noun.stem in stems("number_of") else noun.stem


def _frames(sentences: list[tuple[Token, ...]]) -> list[Coordination]:
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
            name = tuple(_name(phrase))
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
            groups.setdefault(("heading",), {}).setdefault(tuple(_name(heading)), (number, heading))
    for number, tokens in enumerate(sentences):
        for index in range(1, len(tokens) - 1):
            if not is_verb(tokens[index]) or tokens[index + 1].kind not in ("number", "currency"):
                if (
                    not is_verb(tokens[index])
                    or index + 2 >= len(tokens)
                    or tokens[index + 2].kind not in ("number", "currency")
                ):
                    continue
            end = index
            while end and tokens[end - 1].lower in ("can", "will", "could", "must", "may", "would", "each", "both"):
                end -= 1
            subject = phrase_before(tokens, end)
            if subject is not None and len(subject.words) <= 4:
                key = ("verb", tokens[index].root)
                groups.setdefault(key, {}).setdefault(tuple(_name(subject)), (number, subject))
        for index in range(1, len(tokens)):
            letter = (
                tokens[index].kind == "word" and tokens[index].stem.endswith("_") and not is_stop(tokens[index - 1])
            )
            if letter or is_label(tokens, index):
                words = (tokens[index - 1], tokens[index])
                phrase = NounPhrase(index - 1, index + 1, words)
                name = tuple(_name(phrase))
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


def _stands_alone(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether "the former" or "the first" stands for one of two, and no noun follows it."""
    if not index or tokens[index - 1].lower != "the":
        return False
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    return tokens[index].lower in ("former", "latter") or after is None or after.kind == "mark"


def mentions(tokens: tuple[Token, ...], slate: Slate) -> tuple[Mention, ...]:
    """Return where the decisions are named in a sentence: the longest run of a name's words at each place."""
    return _mentions(tokens, slate.decisions, slate.shared)


@lru_cache(maxsize=512)  # a sentence is read several times with one set of decisions
def _mentions(
    tokens: tuple[Token, ...], decisions: tuple[Decision, ...], shared: frozenset[str]
) -> tuple[Mention, ...]:
    found: list[Mention] = []
    index = 0
    owned = _names(decisions)
    while index < len(tokens):
        token = tokens[index]
        if token.stem not in owned:
            if token.lower in _LISTED and len(decisions) == 2 and _stands_alone(tokens, index):
                found.append(Mention((_LISTED[token.lower],), index, index + 1))
            index += 1
            continue
        best: tuple[float, int, int] | None = None
        tie = False
        for number, decision in enumerate(decisions):
            if token.stem in decision.alias and token.stem not in decision.words:
                candidate = (1.0, index + 1, number)
            else:
                counting = token.lower in numbers()["units"] and index + 1 < len(tokens)
                if counting and tokens[index + 1].stem in decision.words:
                    continue  # "two machines" are not machine two
                last, used = index, set()
                while last < len(tokens) and (
                    (tokens[last].text == "'s" and last > index)
                    or (tokens[last].stem in decision.words and tokens[last].stem not in used)
                ):
                    used.add(tokens[last].stem)
                    last += 1
                if not used & decision.own:
                    continue
                if len(used) == 1 and len(decision.words) > 1 and _is_label(token.stem) and index:
                    before = tokens[index - 1]
                    if before.kind == "word" and not is_stop(before) and before.stem not in owned | shared:
                        continue  # the A of "vitamin A" is not that of "capsule A"
                if len(used) == 1 and len(decision.words) > 1:
                    if token.kind == "number" or token.lower in numbers()["units"]:
                        continue  # the 2 of "2 units" is not the 2 of "soda 2"
                    if token.measure and last < len(tokens) and tokens[last].lower == "of":
                        continue  # "a bottle of" anything
                    if index and tokens[index - 1].lower in _BEFORE_VERB and not token.text[:1].isupper():
                        continue  # "answer" in "can answer" is not that of "short answer questions"
                if token.lower in plain("function") and token.stem not in decision.own:
                    continue
                candidate = (len(used) / len(decision.words), last, number)
            if best is None or candidate[:2] > best[:2]:
                best, tie = candidate, False
            elif candidate[:2] == best[:2]:
                tie = True
        if best is None or tie:
            index += 1
            continue
        coverage, last, number = best
        found.append(Mention((number,), index, last, coverage))
        index = last
    return tuple(found)
