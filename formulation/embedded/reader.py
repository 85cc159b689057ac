"""The embedded reader: text in, reading out; no chat model, no network, the same answer every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from formulation.embedded import wording
from formulation.embedded.alternatives import MENDABLE, alternatives
from formulation.embedded.answers import question_id, settle
from formulation.embedded.batches import packed, set_aside
from formulation.embedded.build import build
from formulation.embedded.charges import find_charges
from formulation.embedded.charges_model import charged
from formulation.embedded.choices import find_choices
from formulation.embedded.choices_model import choices_formulation
from formulation.embedded.conditions import unusable
from formulation.embedded.contradictions import contradict
from formulation.embedded.cover_model import cover_formulation
from formulation.embedded.covers import find_cover, tells_cover
from formulation.embedded.decisions import Decision, Slate, mentions
from formulation.embedded.differing import separating
from formulation.embedded.elimination import shared_out
from formulation.embedded.facilities import find_facilities
from formulation.embedded.facilities_model import facilities_formulation
from formulation.embedded.failed import Check
from formulation.embedded.interpret import decision_units, interpret
from formulation.embedded.language import is_english
from formulation.embedded.listings import tabulated
from formulation.embedded.model import FIRST, Choice, Interpretation
from formulation.embedded.network_model import network_formulation
from formulation.embedded.networks import find_network
from formulation.embedded.objective import Goal, goals
from formulation.embedded.patterns import find_patterns
from formulation.embedded.patterns_model import patterns_formulation
from formulation.embedded.periods import find_plan
from formulation.embedded.periods_model import periods_formulation
from formulation.embedded.quantities import quantities
from formulation.embedded.rosters import find_roster, roster_formulation
from formulation.embedded.slates import slates
from formulation.embedded.tokens import Token, sentences
from formulation.embedded.told_networks import find_told_network
from formulation.embedded.unfold import Unfolded, relocated, unfold
from formulation.formulation import Formulation, Question, Span
from formulation.language import gettext, number
from formulation.reading import Reading, ReadingFailure, ReadingStatus, Unread

READER = "embedded"
_LONGEST = 100_000
_LONGEST_SENTENCE = 1_500
_MOST_NUMBERS = 600
_CANDIDATES = 6
_MARGIN = 1.0
_ROWS = 0.5  # what its rows may add to the score of a slate
_MENDED = 3
_WHOLE_CONFIDENCE = 0.85
_UNASKED = frozenset([Check.NO_OBJECTIVE, Check.IDLE_DECISION])

_FORMS: tuple[tuple[Callable[[str], Any], Callable[[Any], Formulation]], ...] = (
    (find_network, network_formulation),
    (find_cover, cover_formulation),
    (find_told_network, network_formulation),
    (find_facilities, facilities_formulation),
    (find_roster, roster_formulation),
    (find_plan, periods_formulation),
    (find_patterns, patterns_formulation),
    (find_choices, choices_formulation),
)
"""What finds a form in a text, and what makes it a formulation, in the order in which they are tried."""


def read(text: str, answers: Iterable[tuple[str, str]] = ()) -> Reading:
    """Return what the embedded reader makes of a text: a whole formulation, questions, or what it could not read.

    ``answers`` are (id of a question of an earlier reading, what the user said). It needs neither Pyomo nor a solver,
    and time linear in the length of the text. A text longer than 100 KB is not read. Never raises for any string.
    """
    if len(text) > _LONGEST:
        return _refused(
            "length",
            gettext("The text has {count} characters; at most {most} are read. Shorten it.").format(
                count=number(len(text)), most=number(_LONGEST)
            ),
        )
    if not text.strip():
        return _refused(
            "empty",
            gettext("The text is empty. Describe what is to be decided, what limits it, and what is to be best."),
        )
    said = dict(answers)
    reading = _whole(text, said)
    if reading.status is not ReadingStatus.UNDERSTOOD and not is_english(text):
        return _refused(
            "language",
            gettext(
                "The text does not look like English, and the embedded reader reads nothing else. Write it in English, "
                "or configure a chat model (MILPWRIGHT_CHAT_BASE_URL), which reads other languages too."
            ),
        )
    return reading


def _whole(text: str, said: Mapping[str, str]) -> Reading:
    """Return what the text says with the answers ``said``, as a network, as choices, or sentence by sentence."""
    settled = settle(text, said.items())
    layers: list[Unfolded] = []
    whole = text
    if settled is not None:
        layers.append(settled.unfolded)
        whole = settled.unfolded.text
    shares = settled.shares if settled is not None else frozenset()
    listed = tabulated(whole)
    for at, form in ((whole, layers), *([(listed.text, [*layers, listed])] if listed is not None else [])):
        formulation = _indexed(at)
        if formulation is not None:
            return _told(formulation, form)
    reading = _by_sentences(whole, layers, shares)
    if listed is not None and reading.status is not ReadingStatus.UNDERSTOOD:
        tabled = _by_sentences(listed.text, [*layers, listed], shares)
        if tabled.status is ReadingStatus.UNDERSTOOD:
            reading = tabled
    if reading.status is ReadingStatus.UNDERSTOOD and tells_cover(whole):
        unread = ReadingFailure("cover", "The text tells who covers what; something else in it was not understood.")
        reading = replace(reading, status=ReadingStatus.NOT_UNDERSTOOD, confidence=0.0, failures=(unread,))
    return _asking(reading, said)


def _indexed(text: str) -> Formulation | None:
    """Return the formulation of a text that one of the forms reads whole: a network, a roster, a plan, a choice."""
    for find, formulate in _FORMS:
        found = find(text)
        if found is not None:
            return formulate(found)
    return None


def _by_sentences(text: str, layers: list[Unfolded], shares: frozenset[tuple[int, str]]) -> Reading:
    """Return what the sentences of a text say, its tables unfolded and its batches worked in; spans as given."""
    layers = list(layers)
    aside = set_aside(text)
    if aside is not None:
        layers.append(aside.unfolded)
        text = aside.unfolded.text
    unfolded = unfold(text)
    if unfolded is not None:
        layers.append(unfolded)
        text = unfolded.text
    reading = _charged(text, layers, shares) or _read(text, layers, shares)
    for layer in reversed(layers):
        reading = relocated(reading, layer)
        if aside is not None and layer is aside.unfolded:
            reading = packed(reading, aside.batches)
    return reading


def _charged(text: str, layers: list[Unfolded], shares: frozenset[tuple[int, str]]) -> Reading | None:
    """Return the reading of a text that tells charges, worked into what the rest says; None where it tells none.

    Where the rest is not understood, neither is the text, and the numbers of both are named.
    """
    told = find_charges(text)
    if told is None:
        return None
    rest = relocated(_read(told.unfolded.text, [*layers, told.unfolded], shares), told.unfolded)
    reading = charged(rest, told, text)
    if reading.status is ReadingStatus.UNDERSTOOD:
        return reading
    plain = _read(text, layers, shares)
    if plain.status is ReadingStatus.UNDERSTOOD and not told.sure:
        return plain
    if reading is not rest:
        return reading
    if plain.status is not ReadingStatus.UNDERSTOOD:
        return rest if len(rest.unread) < len(plain.unread) else plain
    places = (*(charge.span for charge in told.told), *told.minima)
    failure = ReadingFailure("charges", "What hangs on there being any at all was not worked in.", places)
    return replace(plain, status=ReadingStatus.NOT_UNDERSTOOD, confidence=0.0, failures=(*plain.failures, failure))


def _told(formulation: Formulation, layers: list[Unfolded]) -> Reading:
    """Return the reading of a text that was read whole, with its spans in the given text."""
    for layer in reversed(layers):
        formulation = relocated(formulation, layer)
    return Reading(ReadingStatus.UNDERSTOOD, READER, formulation, _WHOLE_CONFIDENCE)


def _asking(reading: Reading, said: Mapping[str, str]) -> Reading:
    """Return a reading whose questions have their final ids; what is answered already is not asked again."""
    asked: list[Question] = []
    for question in reading.questions:
        identifier = question_id(question.id, question.evidence[0]) if question.evidence else question.id
        if identifier not in said:
            asked.append(replace(question, id=identifier))
    status = reading.status
    if status is ReadingStatus.NEEDS_ANSWERS and not asked:
        status = ReadingStatus.NOT_UNDERSTOOD
    return replace(reading, status=status, questions=tuple(asked))


def _read(text: str, layers: list[Unfolded], told: frozenset[tuple[int, str]]) -> Reading:
    """Return what the sentences of a text say; ``told`` are choices at places of the text below the ``layers``."""
    split = sentences(text)
    parts = [sentence.tokens for sentence in split]
    numbers = sum(1 for tokens in parts for token in tokens if token.kind == "number")
    if numbers > _MOST_NUMBERS or max((len(tokens) for tokens in parts), default=0) > _LONGEST_SENTENCE:
        return _refused(
            "shape",
            f"The text has {numbers} numbers, or a sentence of more than {_LONGEST_SENTENCE} words; that is no problem "
            f"in words. Give data as tables.",
        )
    best = best_of(parts, Choice(shares=_here(parts, layers, told)))
    if best is None:
        failures = [ReadingFailure("decisions", "No set of things to decide was found in the text.")]
        if not goals(parts):
            failures.append(
                ReadingFailure("objective", "Nothing says what is to be made as large or as small as possible.")
            )
        return Reading(ReadingStatus.NOT_UNDERSTOOD, READER, None, 0.0, _all_numbers(parts), (), tuple(failures))
    if not best.failed and contradict(best.rows, len(best.slate.decisions)):
        best.notes.append("As the text stands, no amounts meet all of its limits together.")
    formulation = build(best, parts, text, decision_units(parts))
    failures = wording.failures(best, parts, text)
    malformed = [
        Span(tokens[q.first].start, tokens[q.last - 1].end)
        for tokens in parts
        for q in quantities(tokens)
        if q.malformed
    ]
    for span in malformed:
        failures.append(
            ReadingFailure("numbers", f"{text[span.start : span.end]!r} can be read as more than one number.", (span,))
        )
    failures += unusable(text, split)
    if not failures and formulation.objective is not None:
        return Reading(ReadingStatus.UNDERSTOOD, READER, formulation, _confidence(best))
    questions = (*separating(best, parts, text), *wording.questions(best, parts, text, malformed))
    loose = wording.spans_of(best.loose, parts)
    unread = tuple(Unread(span, "no place was found for this number") for span in loose)
    usable = bool(questions) and (formulation.objective is not None or bool(formulation.constraints))
    status = ReadingStatus.NEEDS_ANSWERS if usable else ReadingStatus.NOT_UNDERSTOOD
    return Reading(
        status, READER, formulation, 0.2 if usable else 0.0, unread, questions if usable else (), tuple(failures)
    )


def _here(
    parts: list[tuple[Token, ...]], layers: list[Unfolded], told: frozenset[tuple[int, str]]
) -> frozenset[tuple[int, str]]:
    """Return choices at places of the given text as choices at places of the text that is read."""
    if not told:
        return told
    known = dict(told)
    found = set()
    for tokens in parts:
        for token in tokens:
            span = Span(token.start, token.end)
            for layer in reversed(layers):
                span = layer.origin(span)
            if span.start in known:
                found.add((token.start, known[span.start]))
    return frozenset(found)


def best_of(parts: list[tuple[Token, ...]], choice: Choice = FIRST) -> Interpretation | None:
    """Return the interpretation that explains most, None where nothing looks like a decision.

    It carries a failed check where another set of decisions explains the text as well, or where a longer list
    of the text has one more member than its decisions.
    """
    found = goals(parts)
    candidates = slates(parts)
    tried: list[Interpretation] = []
    for slate in candidates[:_CANDIDATES]:
        whole = [one.score for one in tried if not one.failed]
        if whole and slate.score + _ROWS < max(whole) - _MARGIN:
            continue  # it could not come near
        tried.append(interpret(parts, slate, found, choice))
    if not tried:
        return None
    best = max(tried, key=lambda one: one.score)
    if best.failed:
        ways = [_mended(parts, candidates, tried, found, choice), _eliminated(parts, tried, found, choice)]
        mended = [way for way in ways if way is not None]
        if not mended:
            return best
        best = mended[0]
        if Check.AMBIGUOUS not in best.failed:
            _told_apart(best, mended[1:])
    mine = [d.own for d in best.slate.decisions]
    for slate in candidates:
        theirs = [d.own for d in slate.decisions]
        extra = [d for d in slate.decisions if d.own not in mine]
        if (
            slate.place[1] >= 0
            and slate.place == best.slate.place
            and len(extra) == 1
            and all(own in theirs for own in mine)
        ):
            beside = [m for tokens in parts if quantities(tokens) for m in mentions(tokens, slate)]
            index = slate.decisions.index(extra[0])
            known = best.slate.shared.union(*(d.words for d in best.slate.decisions))
            if (
                extra[0].words & known
                or not _alike(extra[0], slate)
                or _counted(extra[0], parts[slate.place[0]], len(mine))
            ):
                continue
            if sum(1 for m in beside if m.decisions == (index,)) >= 2:
                best.failed.append(Check.LONGER_LIST)
                return best
    rivals = [o for o in tried if o is not best and not o.failed and o.score > best.score - _MARGIN]
    _told_apart(best, rivals, wholly=False)
    return best


def _told_apart(best: Interpretation, others: list[Interpretation], *, wholly: bool = True) -> None:
    """Note that a reading has a rival where one of ``others`` is a different model (`_different`)."""
    rival = next((other for other in others if _different(best, other, wholly=wholly)), None)
    if rival is not None:
        best.failed.append(Check.AMBIGUOUS)
        best.rival = rival


def _mended(
    parts: list[tuple[Token, ...]],
    candidates: list[Slate],
    tried: list[Interpretation],
    found: list[Goal],
    choice: Choice,
) -> Interpretation | None:
    """Return the one model that other choices make whole, marked where there are two; None where there is none."""
    whole: list[Interpretation] = []
    for slate in candidates[:_MENDED]:
        if whole and slate.score + _MARGIN < whole[0].slate.score:
            break
        first = next((one for one in tried if one.slate is slate), None) or interpret(parts, slate, found, choice)
        whole += alternatives(parts, first, found, choice)
    if not whole:
        return None
    best = max(whole, key=lambda one: one.score)
    _told_apart(best, [other for other in whole if other.slate is best.slate])
    return best


def _eliminated(
    parts: list[tuple[Token, ...]], tried: list[Interpretation], found: list[Goal], choice: Choice
) -> Interpretation | None:
    """Return the one model that sharing out the open numbers makes whole, marked where there are two, else None."""
    whole: list[Interpretation] = []
    ranked = sorted(tried, key=lambda one: -one.slate.score)[:_MENDED]
    for one in ranked:
        if one.slate.score + _MARGIN < ranked[0].slate.score:
            break
        assigned = shared_out(parts, one) if set(one.failed) <= MENDABLE | _UNASKED else None
        if not assigned:
            continue
        start = replace(choice, assigned=assigned)
        result = interpret(parts, one.slate, found, start)
        whole += [result] if not result.failed else alternatives(parts, result, found, start)
    if not whole:
        return None
    _told_apart(whole[0], whole[1:])
    return whole[0]


def _counted(extra: Decision, tokens: tuple[Token, ...], n: int) -> bool:
    """Whether the words before a member count the others: "two kinds of crates, a and b"."""
    where = next((k for k, token in enumerate(tokens) if token.start == extra.start), 0)
    return any(q.value == n and where - 5 <= q.first < where for q in quantities(tokens))


def _alike(extra: Decision, slate: Slate) -> bool:
    """Whether a member stands in its list as the others do: separated by commas, and about as long."""
    others = [d for d in slate.decisions if d is not extra]
    starts = sorted(d.start for d in others)
    return (
        extra.end <= starts[0] and starts[0] - extra.end <= 16 and len(extra.words) <= max(len(d.words) for d in others)
    )


def _different(one: Interpretation, two: Interpretation, *, wholly: bool) -> bool:
    """Whether two interpretations differ in size, objective or right-hand sides, ``wholly`` in any number."""
    if len(one.slate.decisions) != len(two.slate.decisions) or len(one.rows) != len(two.rows):
        return True
    values = [sorted(t.value for t in each.objective.values()) for each in (one, two)]
    sides = [
        sorted(
            (row.constant, sorted(t.value for t in row.terms.values()) if wholly else len(row.terms))
            for row in each.rows
        )
        for each in (one, two)
    ]
    return values[0] != values[1] or sides[0] != sides[1]


def _refused(check: str, detail: str) -> Reading:
    return Reading(ReadingStatus.NOT_UNDERSTOOD, READER, None, 0.0, (), (), (ReadingFailure(check, detail),))


def _all_numbers(parts: list[tuple[Token, ...]]) -> tuple[Unread, ...]:
    found = []
    for tokens in parts:
        for quantity in quantities(tokens):
            span = Span(tokens[quantity.first].start, tokens[quantity.last - 1].end)
            found.append(Unread(span, "no decision was found that this number speaks of"))
    return tuple(found[:100])


def _confidence(best: Interpretation) -> float:
    """Return how sure the reading is; every check passed, and the fewer rare forms it needed the surer."""
    return max(0.5, 0.92 - 0.02 * len(best.slate.decisions))
