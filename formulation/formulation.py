"""A typed, symbolic formulation: sets, parameters, variables, objective, constraints, traced to the text.

Expressions are text in the expression language of `formulation.algebra`; they are parsed, never evaluated as
Python. Names are identifiers (`formulation.naming` makes them from the words of the text and back); ``label``
is the name as a person wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from solvers.milp import Sense

Key = str | int
Keys = tuple[Key, ...]
Value = float | Mapping[Keys, float]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of character offsets in the problem text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"no span: [{self.start}, {self.end})")


Evidence = tuple[Span, ...]


class VariableDomain(StrEnum):
    """Which values a variable may take between its bounds."""

    CONTINUOUS = "continuous"
    INTEGER = "integer"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class ColumnReference:
    """Where the values of a set or parameter stand in a data table.

    ``keys`` are the columns that index the value, in the order of the parameter's indices.
    """

    table: str
    column: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexSet:
    """A finite ordered set to index over; ``elements`` is None until data binds it."""

    name: str
    elements: tuple[Key, ...] | None = None
    label: str = ""
    description: str = ""
    evidence: Evidence = ()
    source: ColumnReference | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number, or a number per element of its index sets; ``value`` is None until data binds it.

    An indexed value maps tuples of elements (of length ``len(indices)``) to numbers. ``default`` stands where
    a tuple has no number; without a default a missing number is an error.
    """

    name: str
    value: Value | None = None
    indices: tuple[str, ...] = ()
    default: float | None = None
    unit: str = ""
    label: str = ""
    description: str = ""
    evidence: Evidence = ()
    source: ColumnReference | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A decision, or one per element of its index sets. Bounds are expressions; None is no bound."""

    name: str
    indices: tuple[str, ...] = ()
    domain: VariableDomain = VariableDomain.CONTINUOUS
    lower: str | None = "0"
    upper: str | None = None
    unit: str = ""
    label: str = ""
    description: str = ""
    evidence: Evidence = ()


Symbol = IndexSet | Parameter | Variable


@dataclass(frozen=True, slots=True)
class Objective:
    """What is made as small or as large as possible."""

    sense: Sense
    expression: str
    unit: str = ""
    label: str = ""
    description: str = ""
    evidence: Evidence = ()


@dataclass(frozen=True, slots=True)
class Constraint:
    """A family of relations, one for each element that ``for_each`` names.

    ``expression`` is a comparison, ``a <= b``, ``a >= b``, ``a == b`` or ``a <= b <= c``; ``for_each`` is the
    head of a comprehension without brackets (``"i in plants, t in weeks if t > 1"``), empty for one relation.
    """

    name: str
    expression: str
    for_each: str = ""
    label: str = ""
    description: str = ""
    evidence: Evidence = ()


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something taken for granted that the text does not say; ``element`` names what it concerns."""

    text: str
    element: str = ""
    evidence: Evidence = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only the user can say; ``suggestions`` are answers that would be understood."""

    id: str
    text: str
    element: str = ""
    suggestions: tuple[str, ...] = ()
    evidence: Evidence = ()


@dataclass(frozen=True, slots=True)
class Formulation:
    """The five elements, with what was assumed and what is still open.

    ``objective`` is None only in a partial formulation. Construction checks that names are unique; what else
    can be wrong is for `formulation.lint` and `formulation.compile` to say.
    """

    sets: tuple[IndexSet, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    variables: tuple[Variable, ...] = ()
    objective: Objective | None = None
    constraints: tuple[Constraint, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    title: str = ""
    problem_class: str = ""

    def _repr_html_(self) -> str:
        from formulation.render.html import formulation_html

        return formulation_html(self)

    def _repr_latex_(self) -> str:
        from formulation.render.latex import render

        return render(self)

    def __post_init__(self) -> None:
        symbols = [element.name for element in self.symbols]
        relations = [constraint.name for constraint in self.constraints]
        for names in (symbols, relations):
            seen: set[str] = set()
            for name in names:
                if name in seen:
                    raise ValueError(f"the name {name!r} is given twice")
                seen.add(name)

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The sets, parameters and variables, in that order."""
        return (*self.sets, *self.parameters, *self.variables)

    def symbol(self, name: str) -> Symbol:
        """Return the set, parameter or variable of that name. Raises `KeyError`."""
        for element in self.symbols:
            if element.name == name:
                return element
        raise KeyError(name)
