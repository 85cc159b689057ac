"""The elements of a formulation as a chat model writes and reads them, and the way to and from the typed ones.

Values are dense lists in the order of the sets, or a few entries with keys; evidence is quoted, never counted
in characters. What does not fit raises `ElementError`, in words that the model can act on.
"""

from __future__ import annotations

import itertools
import keyword
import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from formulation.agents.lenient import AnyDomain, AnySense, LenientReply, Lines, OptionalText, Text
from formulation.agents.quotes import spans_of
from formulation.formulation import (
    Assumption,
    ColumnReference,
    Constraint,
    Evidence,
    Formulation,
    IndexSet,
    Key,
    Keys,
    Objective,
    Parameter,
    Question,
    Value,
    Variable,
    VariableDomain,
)
from solvers.milp import Sense

Number = float | None
MAX_SHOWN_VALUES = 400


class ElementError(ValueError):
    """An element that cannot be taken as it is; ``element`` is its name."""

    def __init__(self, element: str, reason: str) -> None:
        super().__init__(f"{element}: {reason}")
        self.element = element
        self.reason = reason


class SourceReply(LenientReply):
    """Columns of a data table."""

    table: str
    column: str
    keys: list[str] = Field(default_factory=list)


class EntryReply(LenientReply):
    """One value at its keys."""

    keys: list[str | int]
    value: float


class SetReply(LenientReply):
    """An index set."""

    name: str
    elements: list[str | int] | None = None
    source: SourceReply | None = None
    description: str = ""
    quotes: Lines = Field(default_factory=list)


class ParameterReply(LenientReply):
    """A parameter with its value or its source."""

    name: str
    indices: list[str] = Field(default_factory=list)
    value: float | list[EntryReply] | list[Number] | list[list[Number]] | list[list[list[Number]]] | None = None
    default: float | None = None
    source: SourceReply | None = None
    unit: str = ""
    description: str = ""
    quotes: Lines = Field(default_factory=list)


class VariableReply(LenientReply):
    """A decision."""

    name: str
    indices: list[str] = Field(default_factory=list)
    domain: Annotated[Literal["continuous", "integer", "binary"], AnyDomain]
    lower: OptionalText = "0"
    upper: OptionalText = None
    unit: str = ""
    description: str = ""
    quotes: Lines = Field(default_factory=list)


class ObjectiveReply(LenientReply):
    """The aim."""

    sense: Annotated[Literal["minimize", "maximize"], AnySense]
    expression: Text
    unit: str = ""
    description: str = ""
    quotes: Lines = Field(default_factory=list)


class ConstraintReply(LenientReply):
    """A family of relations."""

    name: str
    expression: Text
    for_each: str = ""
    description: str = ""
    quotes: Lines = Field(default_factory=list)


class AssumptionReply(LenientReply):
    """Something taken for granted."""

    text: str
    element: str = ""


class QuestionReply(LenientReply):
    """Something that only the user can say."""

    id: str
    text: str
    element: str = ""
    suggestions: list[str] = Field(default_factory=list)

    def question(self) -> Question:
        """Return the question as the answer carries it."""
        return Question(self.id, self.text, self.element, tuple(self.suggestions[:4]))


class Quoting:
    """Turns quotes into spans of one text, and keeps the quotes that are not in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lost: list[tuple[str, str]] = []

    def evidence(self, element: str, quotes: Sequence[str]) -> Evidence:
        """Return the spans of an element's quotes."""
        spans, lost = spans_of(quotes, self.text)
        self.lost += [(element, quote) for quote in lost]
        return spans


def index_set(reply: SetReply, quoting: Quoting) -> IndexSet:
    """Return the typed set."""
    elements = None if reply.source is not None and not reply.elements else tuple(reply.elements or ())
    if elements is not None and len(set(elements)) < len(elements):
        raise ElementError(reply.name, "an element is given twice")
    return IndexSet(
        _name(reply.name),
        elements,
        label=reply.description or reply.name,
        description=reply.description,
        evidence=quoting.evidence(reply.name, reply.quotes),
        source=_source(reply.source),
    )


def parameter(reply: ParameterReply, sets: Mapping[str, IndexSet], quoting: Quoting) -> Parameter:
    """Return the typed parameter, its values keyed by the elements of its sets."""
    return Parameter(
        _name(reply.name),
        None if reply.source is not None and reply.value is None else _value(reply, sets),
        tuple(reply.indices),
        default=reply.default,
        unit=reply.unit,
        label=reply.description or reply.name,
        description=reply.description,
        evidence=quoting.evidence(reply.name, reply.quotes),
        source=_source(reply.source),
    )


def variable(reply: VariableReply, quoting: Quoting) -> Variable:
    """Return the typed variable."""
    return Variable(
        _name(reply.name),
        tuple(reply.indices),
        VariableDomain(reply.domain),
        _bound(reply.lower),
        _bound(reply.upper),
        unit=reply.unit,
        label=reply.description or reply.name,
        description=reply.description,
        evidence=quoting.evidence(reply.name, reply.quotes),
    )


def objective(reply: ObjectiveReply, quoting: Quoting) -> Objective:
    """Return the typed objective."""
    return Objective(
        Sense(reply.sense),
        reply.expression.strip(),
        reply.unit,
        label=reply.description,
        description=reply.description,
        evidence=quoting.evidence("objective", reply.quotes),
    )


def constraint(reply: ConstraintReply, quoting: Quoting) -> Constraint:
    """Return the typed constraint."""
    return Constraint(
        _name(reply.name),
        reply.expression.strip(),
        reply.for_each.strip(),
        label=reply.description,
        description=reply.description,
        evidence=quoting.evidence(reply.name, reply.quotes),
    )


def assumption(reply: AssumptionReply) -> Assumption:
    """Return the typed assumption."""
    return Assumption(reply.text, reply.element)


def _name(name: str) -> str:
    name = name.strip()
    if not name.isidentifier() or keyword.iskeyword(name) or not name.isascii():
        raise ElementError(name, "a name is made of letters, digits and underscores, and is no Python keyword")
    return name


def _bound(text: str | None) -> str | None:
    return (
        text.strip() if text is not None and text.strip().lower() not in ("", "null", "none", "inf", "-inf") else None
    )


def _source(reply: SourceReply | None) -> ColumnReference | None:
    return None if reply is None else ColumnReference(reply.table, reply.column, tuple(reply.keys))


def _value(reply: ParameterReply, sets: Mapping[str, IndexSet]) -> Value | None:
    value = reply.value
    if value is None:
        return None
    if isinstance(value, int | float):
        if not reply.indices:
            return _finite(reply.name, float(value))
        return {keys: _finite(reply.name, float(value)) for keys in itertools.product(*_axes(reply, sets))}
    if not reply.indices:
        flat = value[0] if len(value) == 1 else None
        if isinstance(flat, int | float):
            return _finite(reply.name, float(flat))
        raise ElementError(reply.name, "it has no indices, so its value is one number")
    axes = _axes(reply, sets)
    if value and isinstance(value[0], EntryReply):
        return dict(_entry(reply.name, entry, axes) for entry in value if isinstance(entry, EntryReply))
    found: dict[Keys, float] = {}
    _spread(reply.name, value, axes, (), found)
    return found


def _axes(reply: ParameterReply, sets: Mapping[str, IndexSet]) -> list[tuple[Key, ...]]:
    axes = []
    for index in reply.indices:
        if index not in sets:
            raise ElementError(reply.name, f"its index {index!r} is not one of the sets")
        elements = sets[index].elements
        if elements is None:
            raise ElementError(
                reply.name, f"the elements of {index!r} come from a table, so its values need a source or keys"
            )
        axes.append(elements)
    return axes


def _entry(name: str, entry: EntryReply, axes: list[tuple[Key, ...]]) -> tuple[Keys, float]:
    if len(entry.keys) != len(axes):
        raise ElementError(name, f"the keys {entry.keys} are {len(entry.keys)}; it has {len(axes)} indices")
    keys = []
    for key, axis in zip(entry.keys, axes, strict=True):
        same = [element for element in axis if element == key or str(element) == str(key)]
        if not same:
            raise ElementError(name, f"the key {key!r} is no element of the set")
        keys.append(same[0])
    return tuple(keys), _finite(name, entry.value)


def _spread(name: str, value: Any, axes: list[tuple[Key, ...]], at: Keys, found: dict[Keys, float]) -> None:
    depth = len(at)
    if depth == len(axes):
        if value is not None:
            if isinstance(value, list):
                raise ElementError(name, f"its lists are nested deeper than its {len(axes)} indices")
            found[at] = _finite(name, float(value))
        return
    if not isinstance(value, list):
        raise ElementError(name, f"its lists are nested less deep than its {len(axes)} indices")
    axis = axes[depth]
    if len(value) != len(axis):
        raise ElementError(name, f"{len(value)} values stand where the set has {len(axis)} elements, at {list(at)}")
    for element, inner in zip(axis, value, strict=True):
        _spread(name, inner, axes, (*at, element), found)


def _finite(name: str, number: float) -> float:
    if not math.isfinite(number):
        raise ElementError(name, "a value is not a finite number")
    return number


def shown(formulation: Formulation, text: str = "", *, evidence: bool = True) -> dict[str, Any]:
    """Return a formulation in the form in which a chat model reads it; quotes are taken from the text."""

    def quotes(spans: Evidence) -> dict[str, list[str]]:
        return {"quotes": [text[span.start : span.end] for span in spans]} if evidence and spans else {}

    def full(**fields: Any) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if value not in (None, "", (), [])}

    sets = {element.name: element for element in formulation.sets}
    out: dict[str, Any] = {
        "sets": [
            full(name=s.name, elements=_cut_list(s.elements), source=_shown_source(s.source), description=s.description)
            | quotes(s.evidence)
            for s in formulation.sets
        ],
        "parameters": [
            full(
                name=p.name,
                indices=list(p.indices),
                value=_shown_value(p, sets),
                default=p.default,
                source=_shown_source(p.source),
                unit=p.unit,
                description=p.description,
            )
            | quotes(p.evidence)
            for p in formulation.parameters
        ],
        "variables": [
            full(name=v.name, indices=list(v.indices), domain=v.domain.value, unit=v.unit, description=v.description)
            | {"lower": v.lower, "upper": v.upper}
            | quotes(v.evidence)
            for v in formulation.variables
        ],
    }
    if formulation.objective is not None:
        aim = formulation.objective
        out["objective"] = full(
            sense=aim.sense.value, expression=aim.expression, unit=aim.unit, description=aim.description
        ) | quotes(aim.evidence)
    out["constraints"] = [
        full(name=c.name, expression=c.expression, for_each=c.for_each, description=c.description) | quotes(c.evidence)
        for c in formulation.constraints
    ]
    return out


def _shown_source(source: ColumnReference | None) -> dict[str, Any] | None:
    return None if source is None else {"table": source.table, "column": source.column, "keys": list(source.keys)}


def _cut_list(elements: tuple[Key, ...] | None) -> list[Key] | None:
    if elements is None:
        return None
    return [*elements[:MAX_SHOWN_VALUES], *(["…"] if len(elements) > MAX_SHOWN_VALUES else [])]


def _shown_value(parameter: Parameter, sets: Mapping[str, IndexSet]) -> Any:
    """Return a number, nested lists in the order of the sets, or entries where those are shorter."""
    value = parameter.value
    if value is None or not isinstance(value, Mapping):
        return value
    axes = [sets[index].elements if index in sets else None for index in parameter.indices]
    known = [axis for axis in axes if axis is not None]
    size = math.prod(len(axis) for axis in known)
    if len(known) < len(axes) or size > 2 * len(value) or size > MAX_SHOWN_VALUES:
        entries = [{"keys": list(keys), "value": number} for keys, number in value.items()]
        return [*entries[: MAX_SHOWN_VALUES // 4], *(["…"] if len(entries) > MAX_SHOWN_VALUES // 4 else [])]

    def nested(at: Keys) -> Any:
        return value.get(at) if len(at) == len(known) else [nested((*at, key)) for key in known[len(at)]]

    return nested(())
