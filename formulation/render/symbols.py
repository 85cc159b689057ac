"""What people see for a name: its label where that reads as a name, and the number of a scalar parameter."""

from __future__ import annotations

import copy
import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from formulation.algebra.nodes import Generator
from formulation.formulation import Formulation
from formulation.render.writer import ATOM, SIGN, Writer

_PLAIN_LABEL = re.compile(r"[^\W\d_][\w '.-]*\Z")


@dataclass(frozen=True, slots=True)
class Symbols:
    """Labels, numbers and meanings by name."""

    labels: dict[str, str]
    values: dict[str, float]
    meanings: dict[str, str]

    def label(self, name: str) -> str:
        """Return what is shown for a name."""
        return self.labels.get(name, name)


def symbols(formulation: Formulation) -> Symbols:
    """Return the symbols of a formulation.

    A label is used where it is words alone and no other symbol has it, so that nothing reads like two things.
    """
    labelled = [(parameter.name, parameter.label) for parameter in formulation.parameters]
    labelled += [(variable.name, variable.label) for variable in formulation.variables]
    all_labels = [label for _, label in labelled] + [index_set.name for index_set in formulation.sets]
    labels = {name: label for name, label in labelled if _PLAIN_LABEL.match(label) and all_labels.count(label) == 1}
    values = {
        parameter.name: float(parameter.value)
        for parameter in formulation.parameters
        if not parameter.indices and isinstance(parameter.value, int | float)
    }
    entries = [(s.name, s.description or s.label, "") for s in formulation.sets]
    entries += [(p.name, p.description or p.label, p.unit) for p in formulation.parameters]
    entries += [(v.name, v.description or v.label, v.unit) for v in formulation.variables]
    meanings = {name: f"{words} [{unit}]".strip() if unit else words for name, words, unit in entries if words or unit}
    return Symbols(labels, values, meanings)


class SymbolWriter(Writer):
    """A writer for people: labels stand for names, numbers for scalar parameters."""

    def __init__(self, symbols_: Symbols, scope: Mapping[str, str] | None = None) -> None:
        super().__init__(scope)
        self.symbols = symbols_

    def within(self, generators: tuple[Generator, ...]) -> Self:
        """Return a writer for what stands under generators."""
        inner = copy.copy(self)
        inner.scope = {**self.scope, **{generator.index: generator.set for generator in generators}}
        return inner

    def name(self, name: str) -> tuple[str, int]:
        """Return a symbol without indices, or an index, and how tightly it binds."""
        if name in self.symbols.values and name not in self.scope:
            value = self.symbols.values[name]
            return self.number(value), SIGN if value < 0 else ATOM
        return self.symbol(name), ATOM

    @abstractmethod
    def symbol(self, name: str) -> str:
        """Return a name as it is shown."""
