"""Limits on averages: a blend's octane is no sum, so "at least 90" bounds each part's distance from it.

With x of each part, c of each unit and the limit L, the average (sum of c x) / (sum of x) >= L is the linear row
(sum of (c - L) x) >= 0.
"""

from __future__ import annotations

from dataclasses import replace

from formulation.embedded.facts import Coefficient
from formulation.embedded.failed import Check
from formulation.embedded.lexicon import plain, root
from formulation.embedded.model import Interpretation, Row, Term


def average(result: Interpretation) -> None:
    """Turn each row that limits an average into one of distances; ``failed`` where it leaves a decision out."""
    for k, row in enumerate(result.rows):
        what = _averaged(row)
        if what:
            result.rows[k] = _distances(row, what, result)


def _averaged(row: Row) -> str:
    """Return the word of a row for what a mixture has on average, empty where there is none."""
    if row.kind != "resource":
        return ""
    figures = [term.source.figure for term in row.terms.values() if term.source is not None] + list(row.figures)
    said = set().union(*(figure.after | figure.before for figure in figures))
    if any(figure.unit for figure in figures):
        return ""  # an amount of something
    return next((noun for noun in sorted(plain("intensive")) if root(noun) in said), "")


def _distances(row: Row, what: str, result: Interpretation) -> Row:
    if len(row.terms) < len(result.slate.decisions):
        result.failed.append(Check.PARTIAL_RESOURCE)
        return row
    limit = Coefficient(-1, row.constant, row.figures[0])
    terms = {k: Term(term.value - row.constant, term.source, limit) for k, term in row.terms.items()}
    note = f"The {what} of a mixture is the average of its parts."
    if note not in result.notes:
        result.notes.append(note)
    return replace(row, terms=terms, constant=0.0, label=what, kind="average")
