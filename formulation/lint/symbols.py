"""Names that are defined, indices that fit, and variables that something uses."""

from __future__ import annotations

from collections.abc import Iterator

from formulation.algebra.nodes import (
    Best,
    Call,
    Function,
    Generator,
    Given,
    Item,
    Member,
    Name,
    Number,
    Part,
    Sum,
    Text,
    children,
)
from formulation.finding import Finding, LintCheck, Severity
from formulation.formulation import Evidence, Formulation, IndexSet, Key
from formulation.language import gettext
from formulation.lint.expressions import Expression

_SET_FIRST = (Function.FIRST, Function.LAST, Function.CARD)


def undefined_and_misfitting(formulation: Formulation, stated: tuple[Expression, ...]) -> Iterator[Finding]:
    """Return a finding for each expression that cannot be read, name undefined, and index that does not fit."""
    sets = {index_set.name: index_set for index_set in formulation.sets}
    for name, indices, evidence in _indexed(formulation):
        for index in indices:
            if index not in sets:
                yield Finding(
                    LintCheck.NAMES_DEFINED,
                    Severity.ERROR,
                    name,
                    f"it is indexed by {index!r}, which is no set",
                    evidence,
                )
    for expression in stated:
        if expression.stated is None:
            yield Finding(
                LintCheck.NAMES_DEFINED, Severity.ERROR, expression.element, expression.failure, expression.evidence
            )
            continue
        scope: dict[str, str] = {}
        reader = _Symbols(formulation, sets, expression)
        for generator in expression.generators:
            yield from reader.generator(generator, scope)
        yield from reader.part(expression.stated, scope)


def unused(formulation: Formulation, stated: tuple[Expression, ...]) -> Iterator[Finding]:
    """Return a finding for each variable that neither the objective nor a constraint holds."""
    bounds = {variable.name for variable in formulation.variables}
    used: set[str] = set()
    for expression in stated:
        if expression.element not in bounds:
            used |= expression.names()
    for variable in formulation.variables:
        if variable.name not in used and stated:
            detail = gettext("neither the objective nor a constraint holds this variable")
            yield Finding(LintCheck.VARIABLES_USED, Severity.ERROR, variable.name, detail, variable.evidence)


def _indexed(formulation: Formulation) -> Iterator[tuple[str, tuple[str, ...], Evidence]]:
    for parameter in formulation.parameters:
        yield parameter.name, parameter.indices, parameter.evidence
    for variable in formulation.variables:
        yield variable.name, variable.indices, variable.evidence


class _Symbols:
    """Checks the names and indices of one expression."""

    def __init__(self, formulation: Formulation, sets: dict[str, IndexSet], expression: Expression) -> None:
        self.sets, self.expression = sets, expression
        self.indices = {name: indices for name, indices, _ in _indexed(formulation)}

    def finding(self, check: LintCheck, detail: str) -> Finding:
        return Finding(check, Severity.ERROR, self.expression.element, detail, self.expression.evidence)

    def generator(self, generator: Generator, scope: dict[str, str]) -> Iterator[Finding]:
        if generator.set not in self.sets:
            yield self.finding(LintCheck.NAMES_DEFINED, f"{generator.set!r} is no set to index over")
        if generator.index in scope:
            yield self.finding(LintCheck.INDICES_FIT, f"the index {generator.index!r} is in use already")
        scope[generator.index] = generator.set
        for condition in generator.conditions:
            yield from self.part(condition, scope)

    def part(self, part: Part, scope: dict[str, str]) -> Iterator[Finding]:
        match part:
            case Name(name):
                yield from self._name(name, scope)
            case Item(name, indices) | Given(name, indices):
                yield from self._item(name, indices, scope)
                for index in indices:
                    yield from self.part(index, scope)
            case Sum() | Best():
                inner = dict(scope)
                for generator in part.generators:
                    yield from self.generator(generator, inner)
                yield from self.part(part.body, inner)
            case Call(function, arguments):
                names = arguments[0 if function in _SET_FIRST else 1 :]
                if function in _SET_FIRST or function in (Function.PREV, Function.NEXT, Function.ORD):
                    for named in names:
                        if isinstance(named, Name) and named.name not in self.sets:
                            yield self.finding(LintCheck.NAMES_DEFINED, f"{named.name!r} is no set")
                    arguments = arguments[: 0 if function in _SET_FIRST else 1]
                for argument in arguments:
                    yield from self.part(argument, scope)
            case Member(element, index_set, _):
                if index_set not in self.sets:
                    yield self.finding(LintCheck.NAMES_DEFINED, f"{index_set!r} is no set")
                yield from self.part(element, scope)
            case _:
                for inside in children(part):
                    yield from self.part(inside, scope)

    def _name(self, name: str, scope: dict[str, str]) -> Iterator[Finding]:
        if name in scope:
            return
        if name in self.sets:
            yield self.finding(LintCheck.INDICES_FIT, f"{name} is a set, and stands where a number was expected")
        elif name not in self.indices:
            yield self.finding(LintCheck.NAMES_DEFINED, f"{name!r} is defined nowhere")
        elif self.indices[name]:
            wanted = ", ".join(self.indices[name])
            yield self.finding(LintCheck.INDICES_FIT, f"{name} stands without its indices [{wanted}]")

    def _item(self, name: str, indices: tuple[Part, ...], scope: dict[str, str]) -> Iterator[Finding]:
        if name not in self.indices:
            yield self.finding(LintCheck.NAMES_DEFINED, f"{name!r} is defined nowhere")
            return
        wanted = self.indices[name]
        if len(wanted) != len(indices):
            said = f"[{', '.join(wanted)}]" if wanted else "no index"
            yield self.finding(LintCheck.INDICES_FIT, f"{name} takes {said}, and has {len(indices)} here")
            return
        for index, over in zip(indices, wanted, strict=True):
            elements = self._elements(over)
            if elements is None:
                continue
            match index:
                case Text(text) if text not in elements:
                    yield self.finding(LintCheck.INDICES_FIT, f"{text!r} is no element of {over}")
                case Number(value) if not (value.is_integer() and int(value) in elements):
                    yield self.finding(LintCheck.INDICES_FIT, f"{value:g} is no element of {over}")
                case Name(named) if named in scope and scope[named] != over:
                    own = self._elements(scope[named])
                    if own is not None and not own & elements:
                        detail = f"{name} is indexed by {over}, and {named} runs over {scope[named]}"
                        yield self.finding(LintCheck.INDICES_FIT, detail)

    def _elements(self, name: str) -> frozenset[Key] | None:
        index_set = self.sets.get(name)
        if index_set is None or index_set.elements is None:
            return None
        return frozenset(index_set.elements)
