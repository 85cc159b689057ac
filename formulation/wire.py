"""The JSON form of a formulation, both ways; docs/formulation.md describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StrictInt, StrictStr, ValidationError

from formulation.formulation import (
    Assumption,
    ColumnReference,
    Constraint,
    Evidence,
    Formulation,
    IndexSet,
    Keys,
    Objective,
    Parameter,
    Question,
    Span,
    Value,
    Variable,
    VariableDomain,
)
from solvers.milp import Sense

KeyJson = StrictStr | StrictInt
EntryJson = Annotated[list[StrictStr | StrictInt | FiniteFloat], Field(min_length=2)]


class WireError(ValueError):
    """JSON that is no formulation: where, and why."""


class _Json(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SpanJson(_Json):
    """Characters of the problem text, from `start` to before `end`."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class ColumnJson(_Json):
    """Columns of a data table."""

    table: str
    column: str
    keys: list[str] = []


class _Element(_Json):
    label: str = ""
    description: str = ""
    evidence: list[SpanJson] = []


class SetJson(_Element):
    """A set to index over."""

    name: str
    elements: list[KeyJson] | None = None
    source: ColumnJson | None = None


class ParameterJson(_Element):
    """A number, or `[[key, ..., number], ...]` for an indexed parameter."""

    name: str
    indices: list[str] = []
    value: FiniteFloat | list[EntryJson] | None = None
    default: FiniteFloat | None = None
    unit: str = ""
    source: ColumnJson | None = None


class VariableJson(_Element):
    """A decision; bounds are expressions."""

    name: str
    indices: list[str] = []
    domain: VariableDomain = VariableDomain.CONTINUOUS
    lower: str | None = "0"
    upper: str | None = None
    unit: str = ""


class ObjectiveJson(_Element):
    """The aim."""

    sense: Sense
    expression: str
    unit: str = ""


class ConstraintJson(_Element):
    """A family of relations."""

    name: str
    expression: str
    for_each: str = ""


class AssumptionJson(_Json):
    """Something taken for granted."""

    text: str
    element: str = ""
    evidence: list[SpanJson] = []


class QuestionJson(_Json):
    """Something that only the user can say."""

    id: str
    text: str
    element: str = ""
    suggestions: list[str] = []
    evidence: list[SpanJson] = []


class FormulationJson(_Json):
    """A formulation."""

    kind: Literal["formulation"] = "formulation"
    title: str = ""
    problem_class: str = ""
    sets: list[SetJson] = []
    parameters: list[ParameterJson] = []
    variables: list[VariableJson] = []
    objective: ObjectiveJson | None = None
    constraints: list[ConstraintJson] = []
    assumptions: list[AssumptionJson] = []
    questions: list[QuestionJson] = []


def to_json(formulation: Formulation) -> dict[str, Any]:
    """Return the JSON form of a formulation, which `from_json` reads back to the same formulation."""
    return to_wire(formulation).model_dump(mode="json")


def from_json(document: Mapping[str, Any] | str | bytes) -> Formulation:
    """Return the formulation of a JSON document or text. Raises `WireError`."""
    try:
        if isinstance(document, str | bytes):
            wire = FormulationJson.model_validate_json(document)
        else:
            wire = FormulationJson.model_validate(document)
        return to_domain(wire)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WireError(f"{where}: {first['msg']}" if where else first["msg"]) from None
    except WireError:
        raise
    except ValueError as error:
        raise WireError(str(error)) from None


def to_wire(formulation: Formulation) -> FormulationJson:
    """Return a formulation as its wire type."""
    return FormulationJson(
        title=formulation.title,
        problem_class=formulation.problem_class,
        sets=[
            SetJson(
                name=s.name,
                elements=None if s.elements is None else list(s.elements),
                source=_column_out(s.source),
                **_said(s),
            )
            for s in formulation.sets
        ],
        parameters=[
            ParameterJson(
                name=p.name,
                indices=list(p.indices),
                value=_value_out(p.value),
                default=p.default,
                unit=p.unit,
                source=_column_out(p.source),
                **_said(p),
            )
            for p in formulation.parameters
        ],
        variables=[
            VariableJson(
                name=v.name,
                indices=list(v.indices),
                domain=v.domain,
                lower=v.lower,
                upper=v.upper,
                unit=v.unit,
                **_said(v),
            )
            for v in formulation.variables
        ],
        objective=None
        if formulation.objective is None
        else ObjectiveJson(
            sense=formulation.objective.sense,
            expression=formulation.objective.expression,
            unit=formulation.objective.unit,
            **_said(formulation.objective),
        ),
        constraints=[
            ConstraintJson(name=c.name, expression=c.expression, for_each=c.for_each, **_said(c))
            for c in formulation.constraints
        ],
        assumptions=[
            AssumptionJson(text=a.text, element=a.element, evidence=_spans_out(a.evidence))
            for a in formulation.assumptions
        ],
        questions=[
            QuestionJson(
                id=q.id,
                text=q.text,
                element=q.element,
                suggestions=list(q.suggestions),
                evidence=_spans_out(q.evidence),
            )
            for q in formulation.questions
        ],
    )


def to_domain(wire: FormulationJson) -> Formulation:
    """Return the formulation of a wire type. Raises `ValueError` for names given twice and crossed spans."""
    return Formulation(
        title=wire.title,
        problem_class=wire.problem_class,
        sets=tuple(
            IndexSet(
                name=s.name,
                elements=None if s.elements is None else tuple(s.elements),
                source=_column_in(s.source),
                label=s.label,
                description=s.description,
                evidence=_spans_in(s.evidence),
            )
            for s in wire.sets
        ),
        parameters=tuple(
            Parameter(
                name=p.name,
                value=_value_in(p),
                indices=tuple(p.indices),
                default=p.default,
                unit=p.unit,
                source=_column_in(p.source),
                label=p.label,
                description=p.description,
                evidence=_spans_in(p.evidence),
            )
            for p in wire.parameters
        ),
        variables=tuple(
            Variable(
                name=v.name,
                indices=tuple(v.indices),
                domain=v.domain,
                lower=v.lower,
                upper=v.upper,
                unit=v.unit,
                label=v.label,
                description=v.description,
                evidence=_spans_in(v.evidence),
            )
            for v in wire.variables
        ),
        objective=None
        if wire.objective is None
        else Objective(
            sense=wire.objective.sense,
            expression=wire.objective.expression,
            unit=wire.objective.unit,
            label=wire.objective.label,
            description=wire.objective.description,
            evidence=_spans_in(wire.objective.evidence),
        ),
        constraints=tuple(
            Constraint(
                name=c.name,
                expression=c.expression,
                for_each=c.for_each,
                label=c.label,
                description=c.description,
                evidence=_spans_in(c.evidence),
            )
            for c in wire.constraints
        ),
        assumptions=tuple(Assumption(a.text, a.element, _spans_in(a.evidence)) for a in wire.assumptions),
        questions=tuple(
            Question(q.id, q.text, q.element, tuple(q.suggestions), _spans_in(q.evidence)) for q in wire.questions
        ),
    )


def _said(element: IndexSet | Parameter | Variable | Objective | Constraint) -> dict[str, Any]:
    return {
        "label": element.label,
        "description": element.description,
        "evidence": _spans_out(element.evidence),
    }


def _spans_out(evidence: Evidence) -> list[SpanJson]:
    return [SpanJson(start=span.start, end=span.end) for span in evidence]


def _spans_in(spans: list[SpanJson]) -> Evidence:
    return tuple(Span(span.start, span.end) for span in spans)


def _column_out(source: ColumnReference | None) -> ColumnJson | None:
    return None if source is None else ColumnJson(table=source.table, column=source.column, keys=list(source.keys))


def _column_in(source: ColumnJson | None) -> ColumnReference | None:
    return None if source is None else ColumnReference(source.table, source.column, tuple(source.keys))


def _value_out(value: Value | None) -> float | list[list[str | int | float]] | None:
    if isinstance(value, Mapping):
        return [[*keys, float(number)] for keys, number in value.items()]
    return value


def _value_in(parameter: ParameterJson) -> Value | None:
    if not isinstance(parameter.value, list):
        return parameter.value
    if not parameter.value and not parameter.indices:
        return None  # no number was given: the default stands
    values: dict[Keys, float] = {}
    for entry in parameter.value:
        *keys, number = entry
        if isinstance(number, str) or any(isinstance(key, float) for key in keys):
            raise WireError(f"parameter {parameter.name}: an entry is [key, ..., number], not {entry!r}")
        named = tuple(key for key in keys if not isinstance(key, float))
        if named in values:
            raise WireError(f"parameter {parameter.name}: {list(named)!r} is given twice")
        values[named] = float(number)
    return values
