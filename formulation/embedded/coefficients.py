"""Coefficients: figures paired with the decisions whose unit takes or gives them."""

from __future__ import annotations

from formulation.embedded.bounds import EVERY, run_of
from formulation.embedded.decisions import Mention, Slate
from formulation.embedded.facts import Coefficient, Facts
from formulation.embedded.figures import Clause, Figure
from formulation.embedded.lexicon import plain, stems
from formulation.embedded.phrases import is_verb


def add_coefficients(
    figures: list[Figure], clause: Clause, slate: Slate, facts: Facts, named: list[Mention], carry: list[int]
) -> None:
    """Pair figures with decisions: each figure goes to the decision before it, or after it if a figure leads."""
    groups: list[list[Mention]] = []
    for mention in named:
        if groups and mention in run_of(clause, [groups[-1][-1], mention]):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    everyone = [Mention((k,), 0, 0) for k in range(len(slate.decisions))]
    if not groups:
        for figure in figures:
            figure.implied = True
        words = clause.words()
        if set(words) & EVERY or "respectively" in words:
            groups = [[Mention(m.decisions, clause.first, clause.first) for m in everyone]]
        elif carry and (set(words) & {"it", "its", "one", "they", "this", "which"} or figures[0].inherited):
            groups = [[Mention((k,), clause.first, clause.first) for k in carry]]
        else:
            facts.unread.extend(figures)
            return
    runs = _figure_runs(figures, clause)
    leading = runs[0][0].quantity.first < groups[0][0].first
    for run in runs:
        group = _group_for(run, groups, clause, leading=leading)
        distinct = list(dict.fromkeys(m.decisions[0] for m in group))
        if len(run) > 1 and len(run) == len(distinct):
            for figure, decision in zip(run, distinct, strict=True):
                add_amount(facts, decision, figure)
        elif len(run) > 1 and len(distinct) == 1 and _matched(run, group[0], clause):
            for figure in run:
                add_amount(facts, distinct[0], figure)
        elif (
            len(run) > 1
            and len(distinct) == 1
            and len(run) == len(slate.decisions)
            and "respectively" in clause.words()
        ):
            for k, figure in enumerate(run):
                add_amount(facts, k, figure)
        else:
            for figure in run:
                for decision in distinct:
                    add_amount(facts, decision, figure)


def _matched(run: list[Figure], mention: Mention, clause: Clause) -> bool:
    """Give the figures of "the amounts of iron and zinc in tablet A are 3 and 5 respectively" their topics."""
    words = clause.tokens[clause.first : mention.first]
    if "respectively" not in clause.words() or not words or words[-1].lower not in ("in", "of", "for"):
        return False
    parts: list[set[str]] = [set()]
    for token in words[:-1]:
        if token.lower == "of":
            parts = [set()]
        elif token.lower in ("and", ",") and parts[-1]:
            parts.append(set())
        elif token.kind == "word" and token.lower not in plain("function"):
            parts[-1].add(token.root)
    if len(parts) != len(run) or not all(parts):
        return False
    for figure, part in zip(run, parts, strict=True):
        figure.after = frozenset(part)
    return True


def add_amount(facts: Facts, decision: int, figure: Figure) -> None:
    """Record what one unit of a decision takes or gives; a loss is negative."""
    value = figure.quantity.value
    if "loss" in figure.kinds:
        value = -value
    facts.coefficients.append(Coefficient(decision, value, figure))


def _figure_runs(figures: list[Figure], clause: Clause) -> list[list[Figure]]:
    runs: list[list[Figure]] = []
    for figure in figures:
        if runs:
            between = clause.tokens[runs[-1][-1].quantity.last : figure.quantity.first]
            told = "respectively" in clause.words()
            repeated = told and len(between) <= 4 and not any(is_verb(t) or t.kind == "number" for t in between)
            if (
                repeated
                and any(t.lower == "and" for t in between)
                and clause.tokens[figure.quantity.last].stem in {t.stem for t in between}
            ):
                runs[-1].append(figure)
                continue
            if between and all(
                t.lower in ("and", ",", "or") or (told and (t.measure or t.stem in stems("period"))) for t in between
            ):
                runs[-1].append(figure)
                continue
        runs.append([figure])
    # Values of a run share what is said about the last of them ("2 and 3 hours of labor").
    for run in runs:
        for figure in run:
            if len(run) > 1:
                figure.kinds = figure.kinds or run[0].kinds or run[-1].kinds
                if not figure.unit:
                    figure.measured_as(run[-1])
                figure.after = run[-1].after | figure.after
                figure.before = run[0].before
    return runs


def _group_for(run: list[Figure], groups: list[list[Mention]], clause: Clause, *, leading: bool) -> list[Mention]:
    first, last = run[0].quantity.first, run[-1].quantity.last
    before = [g for g in groups if g[0].first < first]
    after = [g for g in groups if g[0].first >= last]
    if after:
        gap = clause.tokens[last : after[0][0].first]
        tight = (
            any(t.lower in ("per", "for", "on", "of") for t in gap[:3])
            and len(gap) <= 6
            and not any(t.text == "," or t.lower == "and" for t in gap)
        )
        if tight and not before:
            return after[0]
        single = any(t.lower in ("per", "each", "a", "an", "one", "every") for t in gap)
        if tight and (any(t.lower == "per" or t.lower == "each" for t in gap) or (single and len(before[-1]) > 1)):
            return after[0]
    if leading and after:
        return after[0]
    if before:
        return before[-1]
    return after[0] if after else groups[-1]
