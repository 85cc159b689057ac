"""Charges worked into a formulation: a 0-1 variable for each thing that has one, and what it holds back.

``x <= M y`` (Hirsch and Dantzig 1968) takes M from a limit of x alone, or else from what the other limits leave; where
nothing bounds x, the charge is refused.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import takewhile

import numpy as np

from formulation.compile import CompileError, compile_formulation
from formulation.embedded.charges import Charge, Charges, Sum, is_gross, is_of_each, is_of_money, mentioned, rules
from formulation.embedded.lexicon import plain, stem
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import quantities
from formulation.embedded.tokens import Token, sentences
from formulation.formulation import (
    Assumption,
    Constraint,
    Evidence,
    Formulation,
    Objective,
    Parameter,
    Variable,
    VariableDomain,
)
from formulation.naming import identifier
from formulation.reading import Reading, ReadingFailure, ReadingStatus
from solvers.milp import Domain, Milp, Sense

_ROUNDS = 12
_CLOSE = 1e-9
_CONDITIONS = frozenset(["if", "unless", "either", "only"])
_UNREAD_RULE = "A rule about what is used at all was not read."


class _Unclear(Exception):
    """What is not clear about the charges, for the user."""


def charged(reading: Reading, told: Charges, text: str) -> Reading:
    """Return a reading of the text without its charges with them put back, or one that says what is not clear."""
    formulation = reading.formulation
    if reading.status is not ReadingStatus.UNDERSTOOD or formulation is None or formulation.objective is None:
        return reading
    try:
        paid = _Paid(formulation, formulation.objective, text).with_charges(told)
    except (_Unclear, CompileError) as why:
        spans = (*(charge.span for charge in told.told), *told.minima)
        failure = ReadingFailure("charges", str(why), spans)
        return replace(
            reading, status=ReadingStatus.NOT_UNDERSTOOD, confidence=0.0, failures=(*reading.failures, failure)
        )
    return replace(reading, formulation=paid)


class _Paid:
    """One working-in: the formulation as it grows."""

    def __init__(self, formulation: Formulation, objective: Objective, text: str) -> None:
        self.formulation = formulation
        self.objective = objective
        self.rest: list[tuple[Token, ...]] = []
        self.labels = {v.name: v.label.lower() for v in formulation.variables}
        self.names = {v.name: _stems(v, text) for v in formulation.variables}
        self.taken = {element.name for element in formulation.symbols}
        self.relations = {constraint.name for constraint in formulation.constraints}
        self.switches: dict[str, str] = {}
        self.places: dict[str, Evidence] = {}

    def with_charges(self, told: Charges) -> Formulation:
        """Return the formulation with every charge paid and every limit that hangs on one. Raises `_Unclear`."""
        self._check_money(told.told)
        self.rest = [sentence.tokens for sentence in sentences(told.unfolded.text)]
        for words in told.passed:
            if rules(words) and mentioned(words, self.names):
                raise _Unclear(_UNREAD_RULE)
        for words in self.rest:
            said = {token.lower for token in words}
            if said & _CONDITIONS and not quantities(words) and mentioned(words, self.names):
                raise _Unclear(_UNREAD_RULE)
        owned: list[tuple[str, Sum]] = []
        for charge in told.told:
            owned += self._owners(charge)
        model = compile_formulation(self.formulation)
        if not isinstance(model, Milp):
            raise _Unclear("The text without its charges is no linear model.")
        for owner, each in owned:
            self._pay(owner, each)
        self._hang_minima(told)
        for owner in self.switches:
            self._hold_back(owner, model)
        return self.formulation

    def _check_money(self, told: list[Charge]) -> None:
        """Raise where the objective is not in the money of the charges, or other money is limited beside them."""
        unit = self.objective.unit.strip().lower()
        for charge in told:
            signs = "$€£¥₹" if charge.currency == "$" else ""
            if not unit or not (unit in signs or stem(unit) == charge.currency):
                raise _Unclear("What is to be best is not in the money in which the charge is paid.")
        if is_gross(self.objective.label):
            raise _Unclear("It is not clear whether the charge is taken from what is to be best.")
        used = {word for c in self.formulation.constraints for word in re.findall(r"\w+", c.expression)}
        if any(p.unit == self.objective.unit and p.name in used for p in self.formulation.parameters):
            raise _Unclear("It is not clear whether the charge counts against the limit on money.")

    def _owners(self, charge: Charge) -> list[tuple[str, Sum]]:
        """Return what each sum is paid for; none for what is paid in any case. Raises `_Unclear`."""
        tokens, sums = charge.tokens, charge.sums
        seen = [(k, name) for k, name in mentioned(tokens, self.names) if not any(s.first <= k < s.last for s in sums)]
        between = tokens[sums[0].first : sums[-1].last] if sums else ()
        if any(token.lower == "or" for token in between):
            raise _Unclear("It is not clear which of the charges is paid.")
        if charge.always:
            if charge.hangs or len(sums) != 1 or seen:
                raise _Unclear("It is not clear whether the charge falls due in any case.")
            self._always(sums[0])
            return []
        if not charge.hangs and any(_is_single(charge, k) for k, _ in seen):
            raise _Unclear("It is not clear whether the charge is paid once or for each piece.")
        if not seen and len(sums) == 1:
            if is_of_each(charge):
                return [(name, sums[0]) for name in self.names]
            earlier = {name for _, name in mentioned(charge.before, self.names)}
            if len(earlier) == 1:
                owner = earlier.pop()
                self._check_elsewhere(charge, owner)
                return [(owner, sums[0])]
        order = [name for _, name in seen]
        if len(sums) == 1 and len(set(order)) == 1:
            return [(order[0], sums[0])]
        if len(order) != len(sums) or len(set(order)) < len(order):
            raise _Unclear("It is not clear for which of the things the charge is paid.")
        kinds = [kind for _, kind in sorted([*((k, True) for k, _ in seen), *((s.first, False) for s in sums)])]
        half = len(sums)
        if kinds not in ([True, False] * half, [False, True] * half, [True] * half + [False] * half):
            raise _Unclear("It is not clear which charge is paid for which of the things.")
        return list(zip(order, sums, strict=True))

    def _check_elsewhere(self, charge: Charge, owner: str) -> None:
        """Raise where what is paid for ("the second oven") is told numbers beside those of its one decision."""
        named = {token.stem for token in charge.tokens if _is_noun(token) and not is_of_money(token)}
        for tokens in self.rest:
            if named & {token.stem for token in tokens} and quantities(tokens):
                if {name for _, name in mentioned(tokens, self.names)} != {owner}:
                    raise _Unclear(f"It is not clear what the text says of what {self.labels[owner]} are charged for.")

    def _parameter(self, label: str, value: float, places: Evidence, unit: str) -> str:
        name = identifier(label, self.taken)
        self.taken.add(name)
        parameter = Parameter(name, value, unit=unit, label=label, evidence=places)
        self.formulation = replace(self.formulation, parameters=(*self.formulation.parameters, parameter))
        return name

    def _take(self, term: str) -> None:
        """Take a term from a profit, or add it to a cost."""
        sign = "-" if self.objective.sense is Sense.MAXIMIZE else "+"
        self.objective = replace(self.objective, expression=f"{self.objective.expression} {sign} {term}")
        self.formulation = replace(self.formulation, objective=self.objective)

    def _assume(self, text: str, element: str, places: Evidence) -> None:
        assumption = Assumption(text, element, places)
        self.formulation = replace(self.formulation, assumptions=(*self.formulation.assumptions, assumption))

    def _always(self, each: Sum) -> None:
        name = self._parameter("cost in any case", each.value, (each.span,), self.objective.unit)
        self._take(name)
        self._assume("This is paid whatever is decided, and changes only the total.", name, (each.span,))

    def _pay(self, owner: str, each: Sum) -> None:
        if owner in self.switches:
            raise _Unclear(f"Two charges are told for {self.labels[owner]}.")
        switch = self._switch(owner, (each.span,))
        cost = self._parameter(f"charge for {self.labels[owner]}", each.value, (each.span,), self.objective.unit)
        self._take(f"{cost} * {switch}")
        self._assume(f"The charge for {self.labels[owner]} is paid once, if there is any.", switch, (each.span,))

    def _switch(self, owner: str, places: Evidence) -> str:
        switch = identifier(f"any {self.labels[owner]}", self.taken)
        self.taken.add(switch)
        self.switches[owner], self.places[owner] = switch, places
        variable = Variable(
            switch,
            domain=VariableDomain.BINARY,
            label=f"any {self.labels[owner]}",
            description=f"whether there is any {self.labels[owner]} at all",
            evidence=places,
        )
        self.formulation = replace(self.formulation, variables=(*self.formulation.variables, variable))
        return switch

    def _hold_back(self, owner: str, model: Milp) -> None:
        """Let there be none of what is not paid for."""
        switch = self.switches[owner]
        own = re.compile(rf"{owner} (?:<=|==) (\w+(?: - 1)?)")
        for k, constraint in enumerate(self.formulation.constraints):
            found = own.fullmatch(constraint.expression)
            if found is not None and " == " not in constraint.expression:
                limit = f"({found[1]})" if " " in found[1] else found[1]
                changed = replace(constraint, expression=f"{owner} <= {limit} * {switch}")
                rows = list(self.formulation.constraints)
                rows[k] = changed
                self.formulation = replace(self.formulation, constraints=tuple(rows))
                return
        column = [v.name for v in self.formulation.variables].index(owner)
        most = _most(model, column)
        if most is None:
            raise _Unclear(f"Nothing bounds {self.labels[owner]}, so that the charge cannot be tied to it.")
        label = f"most {self.labels[owner]} that can be of use"
        # It follows from the other rows: no number of the text is quoted for it.
        limit = self._parameter(label, most, self.formulation.variables[column].evidence, "")
        name = identifier(f"only if paid {self.labels[owner]}", self.relations)
        self.relations.add(name)
        row = Constraint(name, f"{owner} <= {limit} * {switch}", label=name, evidence=self.places[owner])
        self.formulation = replace(self.formulation, constraints=(*self.formulation.constraints, row))
        self._assume(f"The other limits leave room for no more than {most:g} {self.labels[owner]}.", limit, ())

    def _hang_minima(self, told: Charges) -> None:
        """Let the least amounts of clauses that say "in that case" hold only where there is any."""
        left = list(told.minima)
        rows: list[Constraint] = []
        for constraint in self.formulation.constraints:
            own = re.fullmatch(r"(\w+) >= (\w+(?: \+ 1)?)", constraint.expression)
            places = [p for p in told.minima if any(p.start <= s.start < p.end for s in constraint.evidence)]
            if places and own is not None and own[1] in self.labels:
                left = [place for place in left if place not in places]
                if own[1] not in self.switches:
                    self._switch(own[1], constraint.evidence)
                limit = f"({own[2]})" if " " in own[2] else own[2]
                constraint = replace(constraint, expression=f"{own[1]} >= {limit} * {self.switches[own[1]]}")
            rows.append(constraint)
        if left:
            raise _Unclear("It is not clear which limit holds only where there is any.")
        self.formulation = replace(self.formulation, constraints=tuple(rows))


def _stems(variable: Variable, text: str) -> tuple[str, ...]:
    """Return the stems of a decision's name as the text first gives it, or of its label."""
    split = [sentence.tokens for sentence in sentences(text)]
    named: tuple[str, ...] = ()
    for span in variable.evidence[:1]:
        named = tuple(t.stem for tokens in split for t in tokens if span.start <= t.start and t.end <= span.end)
    label = tuple(token.stem for sentence in sentences(variable.label) for token in sentence.tokens)
    if not set(named) & set(label) and len(label) > 1:
        named = label  # it stands where the text has a pronoun
    named = named or label
    for tokens in split:
        for k in range(1, len(tokens) - 1):
            if tokens[k].lower == "of" and tokens[k - 1].stem in named[-1:] and tokens[k + 1].kind == "word":
                held = list(takewhile(_is_noun, tokens[k + 1 : k + 3]))  # "boxes of tea lights"
                return (*named, *(token.stem for token in held if token.stem not in named))
    return named


def _is_noun(token: Token) -> bool:
    return token.kind == "word" and token.lower not in plain("function") and not is_verb(token)


def _is_single(charge: Charge, place: int) -> bool:
    """Whether a decision is named as one piece: "each chair", "a chair"."""
    before = [token.lower for token in charge.tokens[max(0, place - 2) : place]]
    return bool(set(before) & {"each", "every", "a", "an", "per"})


def _most(model: Milp, column: int) -> float | None:
    """Return the most that column ``column`` can be of use at, from the rows; None where nothing bounds it.

    Bounds are carried from row to row. Where a cost is made small and every row of the column asks for no less, more
    than the largest of these needs is never better.
    """
    rows = model.matrix.toarray()
    upper = np.where(np.isfinite(model.column_upper), model.column_upper, np.inf)
    sides = [(a, b) for a, b in zip(rows, model.row_upper, strict=True) if np.isfinite(b)]
    sides += [(-a, -b) for a, b in zip(rows, model.row_lower, strict=True) if np.isfinite(b)]
    for _ in range(_ROUNDS):
        for a, b in sides:
            for j in np.flatnonzero(a > 0):
                least = sum(a[k] * upper[k] for k in np.flatnonzero(a < 0))
                upper[j] = min(upper[j], (b - least) / a[j])
    most = float(upper[column])
    if not math.isfinite(most):
        least_cost = model.sense is Sense.MINIMIZE and model.objective[column] >= 0
        mine = [k for k in range(len(rows)) if rows[k, column]]
        asked = [k for k in mine if not np.isfinite(model.row_upper[k]) and (rows[k] >= 0).all()]
        if not least_cost or not mine or asked != mine:
            return None
        most = max(float(model.row_lower[k] / rows[k, column]) for k in mine)
        if model.domains[column] == Domain.INTEGER:
            most = math.ceil(most - _CLOSE)
    elif model.domains[column] == Domain.INTEGER:
        most = math.floor(most + _CLOSE)
    return float(most) if most > 0 else None
