"""What tells two models of one text apart, asked in the text's own words: "Does 60 limit the sewing or the gluing?"."""

from __future__ import annotations

from formulation.embedded.figures import Figure
from formulation.embedded.model import Interpretation, Row
from formulation.embedded.tokens import Token
from formulation.embedded.wording import span_of
from formulation.formulation import Question

_WORDS = {
    "upper": ("At most", "can be reached"),
    "lower": ("At least", "must be reached"),
    "equal": ("Exactly", "must be reached"),
}


def separating(result: Interpretation, sentences: list[tuple[Token, ...]], text: str) -> list[Question]:
    """Return the question about the first number that a reading and its rival put into different rows, if any.

    Its id is completed by the reader. Each suggestion is a sentence that says the number anew, as one of them has it.
    """
    rival = result.rival
    if rival is None or [d.own for d in rival.slate.decisions] != [d.own for d in result.slate.decisions]:
        return []
    mine, theirs = _limits(result), _limits(rival)
    found = []
    for place in sorted(mine.keys() & theirs.keys()):
        rows = (mine[place], theirs[place])
        said = [_bounded(row, result) for row in rows]
        if _terms(rows[0]) == _terms(rows[1]) or said[0] == said[1]:
            continue
        figure = rows[0].figures[0]
        span = span_of(figure, sentences)
        found.append(
            Question(
                "use",
                f"Does {text[span.start : span.end]!r} limit {said[0]}, or {said[1]}?",
                suggestions=tuple(_sentence(row, figure, text[span.start : span.end], result) for row in rows),
                evidence=(span,),
            )
        )
    return found[:1]


def _limits(result: Interpretation) -> dict[tuple[int, int], Row]:
    return {
        row.figures[0].place: row for row in result.rows if row.figures and row.kind in ("resource", "total", "bound")
    }


def _terms(row: Row) -> list[tuple[int, float]]:
    return sorted((k, term.value) for k, term in row.terms.items())


def _bounded(row: Row, result: Interpretation) -> str:
    """Return what a row bounds, in words."""
    if row.kind == "resource":
        return f"the {row.label}"
    labels = [result.slate.decisions[k].label for k in sorted(row.terms)]
    return labels[0] if len(labels) == 1 else f"the total of {' and '.join(labels)}"


def _sentence(row: Row, figure: Figure, number: str, result: Interpretation) -> str:
    """Return a sentence that says a number as a row has it."""
    begin, end = _WORDS[row.sense]
    labels = [result.slate.decisions[k].label for k in sorted(row.terms)]
    what = " and ".join(labels) + (" in total" if len(labels) > 1 else "")
    if row.kind == "resource":
        what = f"{figure.unit_word} of {row.label}" if figure.unit_word else row.label
    return f"{begin} {number} {what} {end}"
