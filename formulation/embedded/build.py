"""The formulation of an interpretation: symbolic, every element with its spans of the text."""

from __future__ import annotations

from dataclasses import dataclass

from formulation.embedded.figures import Figure
from formulation.embedded.lexicon import stems
from formulation.embedded.model import Interpretation, Row, Term
from formulation.embedded.objective import Goal
from formulation.embedded.quantities import QuantityKind
from formulation.embedded.tokens import Token
from formulation.formulation import (
    Assumption,
    Constraint,
    Formulation,
    Objective,
    Parameter,
    Span,
    Variable,
    VariableDomain,
)
from formulation.naming import identifier
from solvers.milp import Sense

_SIGNS = {"upper": "<=", "lower": ">=", "equal": "=="}


@dataclass(slots=True)
class _Builder:
    """The state of one construction: names taken, parameters by their source."""

    result: Interpretation
    sentences: list[tuple[Token, ...]]
    text: str
    taken: set[str]
    parameters: list[Parameter]
    named: dict[int, str]
    variables: list[Variable]
    assumptions: list[Assumption]

    def name(self, label: str) -> str:
        """Return an identifier for a label that no other element has."""
        name = identifier(label.lower(), self.taken)
        self.taken.add(name)
        return name

    def span(self, sentence: int, first: int, last: int) -> Span:
        tokens = self.sentences[sentence]
        return Span(tokens[first].start, tokens[max(first, last - 1)].end)

    def figure_span(self, figure: Figure) -> Span:
        return self.span(figure.sentence, figure.quantity.first, figure.quantity.last)

    def parameter(self, key: int, label: str, value: float, figure: Figure) -> str:
        """Return the name of the parameter for a source, made at its first use."""
        if key not in self.named:
            unit = {"$": "$", "%": "", "unit": ""}.get(figure.unit, figure.unit)
            self.named[key] = self.name(label)
            self.parameters.append(
                Parameter(
                    self.named[key],
                    value,
                    unit=self.unit_text(figure) or unit,
                    label=label,
                    evidence=(self.figure_span(figure),),
                )
            )
        return self.named[key]

    def unit_text(self, figure: Figure) -> str:
        """Return the unit of a figure as the text writes it, or the one that its value was put into."""
        if figure.quantity.kind == QuantityKind.MONEY:
            tokens = self.sentences[figure.sentence][figure.quantity.first : figure.quantity.last]
            return next((t.text for t in tokens if t.kind == "currency"), "$")
        return figure.unit_word if figure.quantity.kind == QuantityKind.PLAIN else ""

    def linear(self, terms: dict[int, Term], what: str) -> str:
        parts: list[str] = []
        for k in sorted(terms):
            term, variable = terms[k], self.variables[k]
            if term.source is not None and term.less is not None:
                whole, off = ("price", f"cost {variable.label}") if what == "profit" else (what, f"limit of {what}")
                one = self.parameter(
                    id(term.source), f"{whole} {variable.label}", term.source.value, term.source.figure
                )
                two = self.parameter(id(term.less), off, term.less.value, term.less.figure)
                parts.append(f"({one} - {two}) * {variable.name}")
            elif term.source is not None:
                label = f"{what} {variable.label}".strip()
                name = self.parameter(id(term.source), label, term.value, term.source.figure)
                parts.append(f"{name} * {variable.name}")
            elif term.value == 1:
                parts.append(variable.name)
            else:
                parts.append(f"{_number(term.value)} * {variable.name}")
        return " + ".join(parts).replace("+ -", "- ")


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(value)


def _evidence(builder: _Builder, goal: Goal) -> Span:
    """Return where the text says what is to be best; where it does not, where it says what one of them brings."""
    figures = [term.source.figure for term in builder.result.objective.values() if term.source is not None]
    if goal.end > goal.start or not figures:
        return Span(goal.start, goal.end)
    return min((builder.figure_span(figure) for figure in figures), key=lambda span: span.start)


def build(result: Interpretation, sentences: list[tuple[Token, ...]], text: str, units: set[str]) -> Formulation:
    """Return the formulation; ``objective`` is None where the text gave none that could be read."""
    builder = _Builder(result, sentences, text, set(), [], {}, [], [])
    domain, why = _domain(result, sentences, units)
    named = frozenset().union(*(decision.words for decision in result.slate.decisions))
    unit = min(units, key=len) if len(units) == 1 and not units & named else ""
    for decision in result.slate.decisions:
        builder.variables.append(
            Variable(
                builder.name(decision.label),
                domain=domain,
                unit=unit,
                label=decision.label,
                evidence=(Span(decision.start, decision.end),),
            )
        )
    builder.assumptions.append(Assumption(why))
    builder.assumptions.extend(Assumption(note) for note in result.notes)
    constraints: list[Constraint] = []
    for row in result.rows:
        constraint = _constraint(builder, row, domain)
        if constraint.expression not in {c.expression for c in constraints}:
            constraints.append(constraint)
    objective = None
    if result.goal is not None and result.objective:
        sense = Sense.MAXIMIZE if result.goal.sense == "maximize" else Sense.MINIMIZE
        label = result.objective_label
        expression = builder.linear(result.objective, label)
        figures = [t.source.figure for t in result.objective.values() if t.source is not None]
        objective = Objective(
            sense,
            expression,
            unit=builder.unit_text(figures[0]) if figures else unit,
            label=label,
            evidence=(_evidence(builder, result.goal),),
        )
    return Formulation(
        parameters=tuple(builder.parameters),
        variables=tuple(builder.variables),
        objective=objective,
        constraints=tuple(constraints),
        assumptions=tuple(builder.assumptions),
    )


def _constraint(builder: _Builder, row: Row, domain: VariableDomain) -> Constraint:
    evidence = (builder.span(row.sentence, row.first, row.last),)
    sign = _SIGNS[row.sense]
    names = [builder.variables[k].label for k in sorted(row.terms)]
    shift = ""
    if row.strict:
        whole = all(t.value == int(t.value) for t in row.terms.values())
        if domain == VariableDomain.INTEGER and whole and row.constant == int(row.constant):
            shift = " - 1" if row.sense == "upper" else " + 1"
            builder.assumptions.append(
                Assumption("A strict comparison of whole numbers leaves out the bound itself.", evidence=evidence)
            )
        else:
            builder.assumptions.append(
                Assumption(
                    "A strict comparison of quantities that can be fractions is read as allowing equality.",
                    evidence=evidence,
                )
            )
    if row.relation is not None:
        relation = row.relation
        left = builder.variables[relation.target].name
        if relation.other < 0:
            total = " + ".join(v.name for v in builder.variables)
            right, label = f"({total})", f"share of {builder.variables[relation.target].label}"
        else:
            right = builder.variables[relation.other].name
            label = f"{builder.variables[relation.target].label} against {builder.variables[relation.other].label}"
        if relation.figures:
            figure = relation.figures[0]
            name = builder.parameter(
                id(figure),
                f"{'share' if relation.other < 0 else 'ratio'} {builder.variables[relation.target].label}",
                figure.quantity.value,
                figure,
            )
            right = f"{name} * {right}"
        return Constraint(builder.name(label), f"{left} {sign} {right}{shift}", label=label, evidence=evidence)
    if row.kind == "expression":
        parts = []
        numbers = list(row.figures)
        for k, term in sorted(row.terms.items()):
            variable = builder.variables[k]
            source = next((f for f in numbers if abs(f.quantity.value - abs(term.value)) < 1e-12), None)
            if abs(term.value) == 1:
                factor = ""
            elif source is not None:
                numbers.remove(source)
                factor = (
                    f"{builder.parameter(id(source), f'factor {variable.label}', source.quantity.value, source)} * "
                )
            else:
                factor = f"{_number(abs(term.value))} * "
            parts.append(f"{'-' if term.value < 0 else '+'} {factor}{variable.name}")
        left = " ".join(parts).removeprefix("+ ")
        source = next((f for f in numbers if abs(f.quantity.value - abs(row.constant)) < 1e-12), None)
        right = _number(row.constant)
        if source is not None and row.constant:
            name = builder.parameter(id(source), "balance of " + " and ".join(names), source.quantity.value, source)
            right = name if row.constant > 0 else f"-{name}"
        label = "balance of " + " and ".join(names)
        return Constraint(builder.name(label), f"{left} {sign} {right}{shift}", label=label, evidence=evidence)
    if row.kind == "average":
        label = f"average {row.label}"
        return Constraint(
            builder.name(label), f"{builder.linear(row.terms, row.label)} {sign} 0", label=label, evidence=evidence
        )
    prefix = {"upper": "maximum", "lower": "minimum", "equal": "exact"}[row.sense]
    what = (
        row.label
        if row.kind == "resource"
        else ("total" if row.kind == "total" and len(names) == len(builder.variables) else " and ".join(names))
    )
    left = builder.linear(row.terms, row.label if row.kind == "resource" else "")
    label = f"{prefix} {what}"
    name = builder.parameter(
        hash((id(row.figures[0]), row.kind == "resource" and row.label)), label, row.constant, row.figures[0]
    )
    label = f"{what} {'need' if row.sense == 'lower' else 'limit'}"
    return Constraint(builder.name(label), f"{left} {sign} {name}{shift}", label=label, evidence=evidence)


def _domain(result: Interpretation, sentences: list[tuple[Token, ...]], units: set[str]) -> tuple[VariableDomain, str]:
    """Return whether the decisions are whole numbers, and the words that say why."""
    said = {token.lower for tokens in sentences for token in tokens}
    if ("whole" in said and ("number" in said or "numbers" in said)) or said & {
        "integer",
        "integers",
        "indivisible",
        "integral",
    }:
        return VariableDomain.INTEGER, "The text asks for whole numbers."
    if said & {"fractional", "fraction", "fractions"} and not said & {"not", "no", "cannot"}:
        return VariableDomain.CONTINUOUS, "The text allows fractions."
    loose = stems("continuous")
    if units & loose or any(d.words & loose for d in result.slate.decisions) or _money(result):
        return VariableDomain.CONTINUOUS, "The amounts can be fractions: they are measured, not counted."
    return VariableDomain.INTEGER, "The amounts are whole numbers: they count things."


def _money(result: Interpretation) -> bool:
    return any(row.kind == "total" and row.figures and row.figures[0].unit == "$" for row in result.rows)
