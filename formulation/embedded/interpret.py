"""Interpretation: the linear model that one slate of decisions gives the text, and what it leaves open."""

from __future__ import annotations

from functools import lru_cache

from formulation.embedded.aims import choose_objective
from formulation.embedded.attributes import collect, complete, price
from formulation.embedded.averages import average
from formulation.embedded.blends import listed
from formulation.embedded.checks import check, is_logical, is_nonlinear
from formulation.embedded.clauses import clauses
from formulation.embedded.decisions import Slate, holder_of, mentions
from formulation.embedded.facts import Facts
from formulation.embedded.failed import Check
from formulation.embedded.groups import spoken_of_some
from formulation.embedded.heads import per_head
from formulation.embedded.lexicon import roots, stem, stems
from formulation.embedded.measures import settle
from formulation.embedded.model import FIRST, Choice, Interpretation, Row, Term
from formulation.embedded.objective import Goal
from formulation.embedded.placing import place_limits
from formulation.embedded.roles import read_clause
from formulation.embedded.senses import turn
from formulation.embedded.tokens import Token
from formulation.embedded.weighing import weigh

_AREAS = frozenset(stem(unit) for unit in ("acre", "hectare"))


def interpret(
    sentences: list[tuple[Token, ...]], slate: Slate, goals: list[Goal], choice: Choice = FIRST
) -> Interpretation:
    """Return the model that the sentences give if the decisions are those of ``slate``."""
    facts = Facts()
    carry: list[int] = []
    named: dict[int, list[int]] = {}
    for number, tokens in enumerate(sentences):
        for clause in clauses(number, tokens, slate):
            for mention in clause.mentions:
                named.setdefault(mention.decisions[0], []).append(number)
            read_clause(clause, slate, facts, carry, choice)
    units = decision_units(sentences) | _unit_of(sentences, slate)
    notes = settle(facts, units)
    listed(facts, len(slate.decisions))
    attributes = collect(facts)
    complete(attributes, facts, len(slate.decisions))
    price(attributes, facts)
    result = Interpretation(slate, facts, attributes)
    result.loose = list(facts.unread)
    result.named = named
    result.notes = notes
    result.units = frozenset(units)
    objective = choose_objective(result, goals, units, choice)
    place_limits(result, objective, units, choice)
    average(result)
    for said, clause in facts.expressions:
        result.rows.append(Row.of(said, clause, {k: Term(v) for k, v in said.terms}))
    if facts.problems:
        result.failed.append(facts.problems[0])
    if is_logical(sentences):
        result.failed.append(Check.CONDITION)
    if is_nonlinear(sentences, result.goal):
        result.failed.append(Check.NONLINEAR)
    for relation in facts.relations:
        terms = {k: Term(v) for k, v in relation.terms if v}
        result.rows.append(weigh(relation, result) or Row.of(relation, relation.clause, terms, relation))
    if spoken_of_some(sentences, slate):
        result.failed.append(Check.GROUP_NAME)
    if per_head(sentences, slate, result.rows):
        result.failed.append(Check.PER_HEAD)
    turn(result)
    check(result, objective)
    return result


def decision_units(sentences: list[tuple[Token, ...]]) -> set[str]:
    """Return the stems of the units in which the decisions are counted ("acres of each", "hours at farm 1")."""
    return set(_decision_units(tuple(sentences)))


@lru_cache(maxsize=4)  # asked once for each set of decisions that is tried
def _decision_units(sentences: tuple[tuple[Token, ...], ...]) -> frozenset[str]:
    found: set[str] = set()
    for tokens in sentences:
        for index, token in enumerate(tokens):
            if token.lower == "dollar" and index and tokens[index - 1].lower == "per":
                found.add("dollar")  # "6 cents per dollar"
            if token.lower == "dollar" and index and tokens[index - 1].lower in ("each", "every"):
                if index + 1 < len(tokens) and tokens[index + 1].root in roots("place"):
                    found.add("dollar")  # "each dollar put into bonds"
            if not token.measure and token.stem not in stems("period") and token.stem != "foot":
                continue
            square = index > 1 and tokens[index - 1].stem == "squar"
            before = tokens[index - 2 if square else index - 1].lower if index else ""
            after = [t.lower for t in tokens[index + 1 : index + 4]]
            used_up = after[:1] == ["of"] and (  # "1 hour of oven time", "1 kg of flour": what a decision takes
                (before in ("one", "1") and token.stem not in _AREAS)
                or (before in ("a", "an") and token.stem in stems("period"))
            )
            if used_up:
                continue
            if before in ("many", "much") or (
                before in ("per", "each", "a", "an", "one", "1", "every") and after[:1] in (["of"], ["at"], ["in"])
            ):
                found.add(token.stem)
            paid = index > 2 and before in ("a", "an", "each") and tokens[index - 3].kind == "currency"  # "$9 a kilo"
            if (before == "per" or paid) and token.measure and token.stem not in stems("period"):
                found.add(token.stem)
            if after[:2] == ["of", "each"] or (after[:1] == ["of"] and before in ("acres", "per")):
                found.add(token.stem)
    return frozenset(found)


def _unit_of(sentences: list[tuple[Token, ...]], slate: Slate) -> set[str]:
    """Return what holds each one of a decision: the areas of "7 acres of pumpkins", the pot of "a pot of roses"."""
    found: set[str] = set()
    held: dict[str, set[int]] = {}
    for tokens in sentences:
        for mention in mentions(tokens, slate):
            if (
                mention.first > 2
                and tokens[mention.first - 1].lower == "of"
                and tokens[mention.first - 3].kind == "number"
            ):
                if tokens[mention.first - 2].stem in _AREAS:
                    found.add(tokens[mention.first - 2].stem)
            holder = holder_of(tokens, mention)
            if holder:
                held.setdefault(holder, set()).update(mention.decisions)
    return found | {holder for holder, decisions in held.items() if len(decisions) > 1}
