"""What the reader says of a reading that it does not stand behind: the check that failed, and what would settle it.

Every failure is a whole sentence with its place; every question can be answered (`formulation.embedded.answers`).
"""

from __future__ import annotations

from formulation.embedded.failed import SENTENCES, Check
from formulation.embedded.figures import Figure
from formulation.embedded.model import Interpretation
from formulation.embedded.tokens import Token
from formulation.formulation import Question, Span
from formulation.reading import ReadingFailure

_MOST_ASKED = 5


def span_of(figure: Figure, sentences: list[tuple[Token, ...]]) -> Span:
    """Return the place of a figure's number."""
    tokens = sentences[figure.sentence]
    return Span(tokens[figure.quantity.first].start, tokens[figure.quantity.last - 1].end)


def spans_of(figures: list[Figure], sentences: list[tuple[Token, ...]]) -> list[Span]:
    """Return the places of the numbers of figures, each once, in the order of the text."""
    return sorted({span_of(figure, sentences) for figure in figures})


def failures(result: Interpretation, sentences: list[tuple[Token, ...]], text: str) -> list[ReadingFailure]:
    """Return one sentence for each check that an interpretation failed, and one for each number without a place."""
    found: list[ReadingFailure] = []
    for name in result.failed:
        check = name.code
        if name == Check.LOOSE_NUMBER:
            for span in spans_of(result.loose, sentences):
                detail = f"The number {_said(text, span)} of “{_sentence(span, sentences, text)}” could not be placed."
                found.append(ReadingFailure(check, detail, (span,)))
        elif name == Check.UNQUANTIFIED:
            for amount in result.unquantified:
                tokens = amount.clause.tokens
                span = Span(tokens[amount.first].start, tokens[max(amount.first, amount.last - 1)].end)
                detail = f"“{_sentence(span, sentences, text)}” names an amount without a number."
                found.append(ReadingFailure(check, detail, (span,)))
        elif name == Check.UNCLEAR_SHARE:
            for span in spans_of(result.unclear, sentences):
                detail = (
                    f"“{_sentence(span, sentences, text)}” does not say whether {_said(text, span)} is the total or "
                    f"holds for each."
                )
                found.append(ReadingFailure(check, detail, (span,)))
        else:
            found.append(ReadingFailure(check, SENTENCES[name].format(names=_names(result)), _places(result)))
    return found


def questions(
    result: Interpretation, sentences: list[tuple[Token, ...]], text: str, malformed: list[Span]
) -> tuple[Question, ...]:
    """Return what would settle a reading, at most five of a kind; the ids are completed by the reader."""
    asked = [
        Question(
            "number",
            f"What number is {_said(text, span)}? Write it with digits and a decimal point.",
            evidence=(span,),
        )
        for span in malformed[:_MOST_ASKED]
    ]
    for figure in result.unclear[:_MOST_ASKED]:
        span = span_of(figure, sentences)
        asked.append(
            Question(
                "share",
                f"Is {_said(text, span)} the total of {_names(result, figure)}, or of each?",
                suggestions=("the total", "of each"),
                evidence=(span,),
            )
        )
    loose = result.loose
    if not result.objective:
        asked.append(
            Question(
                "objective",
                "What is to be made as large or as small as possible?",
                suggestions=("Maximize the profit", "Minimize the cost"),
            )
        )
        rows = [a for a in result.attributes if len(a.values) == len(result.slate.decisions)]
        whole = {id(c.figure) for attribute in rows for c in attribute.values.values()}
        loose = [figure for figure in loose if id(figure) not in whole]  # one of these rows may be the objective
    for span in spans_of(loose, sentences)[:_MOST_ASKED]:
        asked.append(
            Question(
                "use",
                f"What does {_said(text, span)} limit or measure in “{_sentence(span, sentences, text)}”? Say it in a "
                f"sentence of its own, with the number.",
                suggestions=("Nothing: leave it out",),
                evidence=(span,),
            )
        )
    return tuple(asked)


def _names(result: Interpretation, figure: Figure | None = None) -> str:
    """Return the labels of the decisions, of those alone that a figure's limit names where it is given."""
    labels = [d.label for d in result.slate.decisions]
    if figure is not None:
        named = next((limit.decisions for limit in result.facts.limits if limit.figure is figure), ())
        labels = [labels[k] for k in named] or labels
    return f"{', '.join(labels[:-1])} and {labels[-1]}"


def _places(result: Interpretation) -> tuple[Span, ...]:
    return tuple(Span(d.start, d.end) for d in result.slate.decisions)


def _said(text: str, span: Span) -> str:
    return repr(text[span.start : span.end])


def _sentence(span: Span, sentences: list[tuple[Token, ...]], text: str) -> str:
    """Return the sentence around a place, shortened to what stands near it."""
    tokens = next((t for t in sentences if t[0].start <= span.start < t[-1].end), None)
    start, end = (tokens[0].start, tokens[-1].end) if tokens else (span.start, span.end)
    left, right = max(start, span.start - 80), min(end, span.end + 80)
    inside = " ".join(text[left:right].split())
    return f"{'…' if left > start else ''}{inside}{'…' if right < end else ''}"
