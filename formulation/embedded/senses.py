"""The sense of limits that no word tells: what there is to be had is an upper bound, what is to be done a lower one."""

from __future__ import annotations

from dataclasses import replace

from formulation.embedded.lexicon import stem, stems
from formulation.embedded.model import Interpretation, Row


def turn(result: Interpretation) -> None:
    """Turn the limits of one clause round where, as upper bounds, they let nothing at all be the cheapest.

    "There are 600 kg of linen to wash": said of what there is, and meant of what must be done.
    """
    if result.goal is None or result.goal.sense != "minimize" or not result.rows or not result.objective:
        return
    if any(term.value < 0 for term in result.objective.values()):
        return
    for k, row in enumerate(result.rows):
        if _is_unsaid(row, result) and _is_to_be_done(row, result):
            result.rows[k] = replace(row, sense="lower")
    if not all(map(_holds_at_nothing, result.rows)):
        return
    doubtful = [k for k, row in enumerate(result.rows) if _is_unsaid(row, result)]
    places = {(result.rows[k].sentence, result.rows[k].first) for k in doubtful}
    if len(places) == 1:
        for k in doubtful:
            result.rows[k] = replace(result.rows[k], sense="lower")


def _holds_at_nothing(row: Row) -> bool:
    match row.sense:
        case "upper":
            return row.constant >= 0
        case "lower":
            return row.constant <= 0
    return row.constant == 0


def holds_nothing(result: Interpretation) -> bool:
    """Whether the cheapest is to do nothing, though a limit without a comparison may have meant otherwise."""
    if result.goal is None or result.goal.sense != "minimize" or not result.objective:
        return False
    if any(term.value < 0 for term in result.objective.values()) or not all(map(_holds_at_nothing, result.rows)):
        return False
    return any(_is_unsaid(row, result) for row in result.rows)


def _is_unsaid(row: Row, result: Interpretation) -> bool:
    """Whether a row is an upper bound of a resource by default: no comparison, no word of what is had, and "to" do."""
    if row.kind != "resource" or row.sense != "upper" or any(f.comparison is not None for f in row.figures):
        return False
    for limit in result.facts.limits:
        if limit.figure in row.figures:
            said = {token.stem for token in limit.clause.tokens[limit.clause.first : limit.clause.last]}
            ahead = limit.clause.tokens[limit.figure.quantity.last : limit.clause.last]
            if said & (stems("availability") | stems("gain")) or not any(token.lower == "to" for token in ahead):
                return False
    return True


def _is_to_be_done(row: Row, result: Interpretation) -> bool:
    """Whether a row says what there is to be done: "there are 260 pupils to bring over"."""
    limit = next(limit for limit in result.facts.limits if limit.figure in row.figures)
    words = [token.lower for token in limit.clause.tokens[limit.figure.quantity.last : limit.clause.last]]
    lead = [token.lower for token in limit.clause.tokens[limit.clause.first : limit.figure.quantity.first]]
    counted = limit.figure.unit == "" and words[1:2] == ["to"] and len(words) > 2
    return counted and lead[-2:] == ["there", "are"] and stem(words[2]) not in stems("gain")
