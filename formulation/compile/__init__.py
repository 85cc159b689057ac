"""A formulation with its data to a matrix, or to .nl text where it is not linear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formulation.algebra.nodes import Comparator, Generator, Node
from formulation.algebra.parse import ExpressionError, parse, parse_bound, parse_heads, parse_relation
from formulation.algebra.rewrite import with_own_indices
from formulation.compile.assemble import RowFamily, matrix, row_family, spread
from formulation.compile.binding import Binding, bind
from formulation.compile.errors import CompileError
from formulation.compile.evaluate import Column, Evaluator
from formulation.compile.frame import Frame
from formulation.compile.names import NameFamily, Names, indexed_name
from formulation.compile.values import Block, Floats, Linear, Numbers, Value, added, negated
from formulation.data import Table
from formulation.formulation import Constraint, Formulation, Objective, Variable, VariableDomain
from formulation.naming import is_usable
from solvers.milp import Domain, Milp

if TYPE_CHECKING:
    from solvers.nonlinear import Nonlinear

__all__ = ["CompileError", "compile_formulation"]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The variables laid out: bounds and domains of all columns, and where each variable stands."""

    by_name: dict[str, Column]
    lower: Floats
    upper: Floats
    domains: np.ndarray[tuple[int], np.dtype[np.int8]]
    names: Names


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """The rows of one constraint before they are laid out: ``lower <= body <= upper`` on a frame."""

    constraint: Constraint
    frame: Frame
    body: Value
    lower: Floats
    upper: Floats


def compile_formulation(formulation: Formulation, tables: Iterable[Table] = ()) -> Milp | Nonlinear:
    """Return the model that a formulation states for its data.

    Columns stand in the order of declaration, those of one variable in row-major order of its index sets; they
    are named ``x`` or ``x[a,b]``. Rows stand in the order of the constraints, and are named likewise; a row in
    which no variable is left is left out where it holds. A variable's bounds are the bounds of its columns; a
    constraint on one variable is a row. A range is one row.

    Raises `CompileError`, which names the element at fault and the reason.
    """
    with np.errstate(all="ignore"):  # what is not finite is refused by name
        return _compiled(formulation, tables)


def _compiled(formulation: Formulation, tables: Iterable[Table]) -> Milp | Nonlinear:
    _check_names(formulation)
    binding = bind(formulation, tables)
    columns = _columns(formulation, binding)
    objective = _objective(formulation.objective, binding, columns)
    relations = [_relation(constraint, binding, columns) for constraint in formulation.constraints]
    sense = _stated(formulation.objective).sense
    name = formulation.title
    if isinstance(objective, Linear) and all(not _is_curved(relation.body) for relation in relations):
        families = [_family(relation) for relation in relations]
        costs, constant = _costs(objective, len(columns.names))
        return Milp(
            sense=sense,
            objective=costs,
            constant=constant,
            matrix=matrix(families, len(columns.names)),
            row_lower=_joined([family.lower for family in families]),
            row_upper=_joined([family.upper for family in families]),
            column_lower=columns.lower,
            column_upper=columns.upper,
            domains=columns.domains,
            column_names=columns.names,
            row_names=Names(tuple(family.names for family in families)),
            name=name,
        )
    from formulation.compile.nonlinear import Rows, nonlinear

    stated = [Rows(r.constraint.name, _row_names(r), r.body, r.lower, r.upper) for r in relations]
    is_whole = columns.domains == Domain.INTEGER
    return nonlinear(sense, objective, stated, columns.lower, columns.upper, is_whole, columns.names)


def _row_names(relation: Relation) -> NameFamily:
    sets = tuple(index_set.keys for index_set in relation.frame.sets.values())
    return NameFamily(relation.constraint.name, sets, relation.frame.row_major())


def _check_finite(element: str, what: str, *numbers: Numbers) -> None:
    for number in numbers:
        if not np.isfinite(number).all():
            raise CompileError(element, f"{what} is too large or no number")


def _stated(objective: Objective | None) -> Objective:
    if objective is None:
        raise CompileError("objective", "there is none: say what is to be made as small or as large as possible")
    return objective


def _is_curved(value: Value) -> bool:
    return not isinstance(value, float | np.ndarray | Linear)


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate([np.zeros(0), *parts])


def _check_names(formulation: Formulation) -> None:
    for element in (*formulation.symbols, *formulation.constraints):
        if not is_usable(element.name):
            raise CompileError(
                element.name, "the name is reserved or no identifier; formulation.naming.identifier gives another"
            )
    variables = {variable.name for variable in formulation.variables}
    for constraint in formulation.constraints:
        if constraint.name in variables:
            raise CompileError(constraint.name, "a constraint and a variable have the same name")
    if not formulation.variables:
        raise CompileError("variables", "there is nothing to decide: the formulation has no variable")


# -- columns


def _columns(formulation: Formulation, binding: Binding) -> Columns:
    offset = 0
    by_name: dict[str, Column] = {}
    families: list[NameFamily] = []
    lowers: list[Floats] = []
    uppers: list[Floats] = []
    kinds: list[np.ndarray[tuple[int], np.dtype[np.int8]]] = []
    for variable in formulation.variables:
        sets = []
        for index in variable.indices:
            if index not in binding.sets:
                raise CompileError(variable.name, f"it is indexed by {index!r}, which is no set")
            sets.append(binding.sets[index])
        column = Column(variable.name, tuple(sets), offset)
        by_name[variable.name] = column
        family = NameFamily(variable.name, tuple(index_set.keys for index_set in sets))
        size = len(family)
        lower, upper = (spread(_bound(variable, side, binding), size) for side in ("lower", "upper"))
        kind = Domain.CONTINUOUS
        if variable.domain is not VariableDomain.CONTINUOUS:
            kind = Domain.INTEGER
        if variable.domain is VariableDomain.BINARY:
            lower, upper = np.maximum(lower, 0.0), np.minimum(upper, 1.0)
        crossing = lower > upper
        if crossing.any():
            k = int(np.argmax(crossing))
            where = indexed_name(variable.name, family.keys(k))
            raise CompileError(variable.name, f"the lower bound {lower[k]:g} of {where} exceeds its upper {upper[k]:g}")
        families.append(family)
        lowers.append(lower)
        uppers.append(upper)
        kinds.append(np.full(size, kind, dtype=np.int8))
        offset += size
    return Columns(by_name, _joined(lowers), _joined(uppers), np.concatenate(kinds), Names(tuple(families)))


def _bound(variable: Variable, side: str, binding: Binding) -> Numbers:
    """Return a bound for each column of a variable.

    The bound is an expression without a head, in which a parameter over the variable's own index sets may
    stand without its indices, or one with a head that runs over the variable's index sets in their order.
    """
    text = variable.lower if side == "lower" else variable.upper
    if text is None:
        return -np.inf if side == "lower" else np.inf
    evaluator = Evaluator(variable.name, binding, {})
    try:
        node, generators = parse_bound(text)
        if generators and tuple(generator.set for generator in generators) != variable.indices:
            raise CompileError(variable.name, f"the head of its {side} bound does not run over its index sets in order")
        if any(generator.conditions for generator in generators):
            raise CompileError(variable.name, f"the head of its {side} bound takes no condition")
        if not generators:
            node, generators = _with_own_indices(node, variable, binding)
        frame = evaluator.frame(Frame({}, size=1), generators)
        bound = evaluator.numbers(node, frame, f"the {side} bound")
        _check_finite(variable.name, f"its {side} bound", bound)
        return bound
    except ExpressionError as error:
        raise CompileError(variable.name, f"its {side} bound: {error.reason}", error.place) from None


def _with_own_indices(node: Node, variable: Variable, binding: Binding) -> tuple[Node, tuple[Generator, ...]]:
    over = {name: tuple(s.name for s in parameter.sets) for name, parameter in binding.parameters.items()}
    return with_own_indices(node, variable.indices, over)


# -- objective and constraints


def _objective(objective: Objective | None, binding: Binding, columns: Columns) -> Value:
    stated = _stated(objective)
    evaluator = Evaluator("objective", binding, columns.by_name)
    try:
        value = evaluator.value(parse(stated.expression), Frame({}, size=1))
    except ExpressionError as error:
        raise CompileError("objective", error.reason, error.place) from None
    if isinstance(value, float | np.ndarray):
        raise CompileError("objective", "it is constant: no variable is in it, so there is nothing to decide")
    return value


def _costs(objective: Linear, n_columns: int) -> tuple[Floats, float]:
    costs = np.zeros(n_columns)
    for block in objective.blocks:
        weights = spread(block.values, block.columns.size)
        costs += np.bincount(block.columns, weights=weights, minlength=n_columns)
    _check_finite("objective", "a coefficient or its constant", costs, objective.constant)
    if not costs.any():
        raise CompileError("objective", "it is constant: every coefficient in it is zero")
    return costs, float(np.sum(objective.constant))


def _relation(constraint: Constraint, binding: Binding, columns: Columns) -> Relation:
    evaluator = Evaluator(constraint.name, binding, columns.by_name)
    try:
        generators = parse_heads(constraint.for_each)
        stated = parse_relation(constraint.expression)
    except ExpressionError as error:
        raise CompileError(constraint.name, error.reason, error.place) from None
    frame = evaluator.frame(Frame({}, size=1), generators)
    size, operands, signs = frame.size, stated.operands, stated.comparators
    if len(operands) == 3:
        what = "an end of a range (write two constraints)"
        low, high = (evaluator.numbers(side, frame, what) for side in (operands[0], operands[2]))
        _check_finite(constraint.name, "an end of the range", low, high)
        if signs[0] is Comparator.GE:
            low, high = high, low
        value = evaluator.value(operands[1], frame)
    else:
        left, right = (evaluator.value(side, frame) for side in operands)
        value = added([left, negated(right)])
        low = -np.inf if signs[0] is Comparator.LE else 0.0
        high = np.inf if signs[0] is Comparator.GE else 0.0
    constant: Numbers = 0.0
    body: Value = value
    if isinstance(value, float | np.ndarray):
        body, constant = Linear(()), value
    elif isinstance(value, Linear):
        body, constant = Linear(value.blocks), value.constant
    _check_finite(constraint.name, "a number in it", constant)
    lower, upper = spread(low - constant, size), spread(high - constant, size)
    crossing = lower > upper
    if crossing.any():
        k = int(np.argmax(crossing))
        where = frame.describe(k)
        raise CompileError(
            constraint.name,
            f"the range {'at ' + where + ' ' if where else ''}is empty: {lower[k]:g} exceeds {upper[k]:g}",
        )
    return Relation(constraint, frame, body, lower, upper)


def _family(relation: Relation) -> RowFamily:
    blocks: tuple[Block, ...] = relation.body.blocks if isinstance(relation.body, Linear) else ()
    frame, name = relation.frame, relation.constraint.name
    _check_finite(name, "a coefficient", *(block.values for block in blocks))
    return row_family(name, frame.sets, frame.row_major(), blocks, relation.lower, relation.upper)
