"""From a Pyomo model to the arrays of a `Milp`, or to .nl where it is not linear.

`LinearStandardFormCompiler` (mixed form) gives the coefficients. It leaves out variables that no row uses,
splits a range into two rows and drops rows without variables; all of these are restored, so that what comes
back is the model as it was written.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.errors import InfeasibleConstraintException, InvalidExpressionError
from pyomo.core.base.block import BlockData
from pyomo.repn import generate_standard_repn
from pyomo.repn.plugins.nl_writer import NLWriter
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from formulation.sandbox.message import MatrixArrays, ModelArrays

_CONTINUOUS, _INTEGER, _SEMI_CONTINUOUS, _SEMI_INTEGER = 0, 1, 2, 3


class ExportError(Exception):
    """A model that has no counterpart as data; ``names`` are the components to blame."""

    def __init__(self, message: str, names: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.names = tuple(names)


class NotLinear(Exception):
    """The model has a nonlinear constraint or an objective beyond quadratic."""


def export_linear(model: Any) -> ModelArrays:
    """Return the arrays of a linear model, or of one with a quadratic objective and linear rows.

    Columns and rows stand in the order of declaration; a fixed variable is a column with equal bounds whose
    coefficients are folded into the constants, as Pyomo's own writers do. Raises `NotLinear` and
    `ExportError`.
    """
    objective = _only_objective(model)
    variables, names = _columns(model)
    position = {id(variable): k for k, variable in enumerate(variables)}
    lower, upper, domains = _column_bounds(variables, names)

    linear, quadratic = _quadratic_objective(objective, position)
    with _set_aside(model, objective if linear is not None else None):
        info, constant_rows = _compile(model, variables)
    for variable in info.columns:
        if id(variable) not in position:
            position[id(variable)] = len(variables)
            variables.append(variable)
            names.append(_name(variable))
    if len(variables) > len(lower):
        lower, upper, domains = _column_bounds(variables, names)

    n = len(variables)
    where = np.fromiter((position[id(v)] for v in info.columns), dtype=np.int64, count=len(info.columns))
    c = np.zeros(n)
    if linear is None:
        constant = float(info.c_offset[0])
        costs = sparse.coo_array(info.c)
        c[where[costs.coords[1]]] = costs.data
    else:
        constant, coefficients = linear
        for k, value in coefficients.items():
            c[k] += value
    matrix, row_lower, row_upper, row_names = _rows(info, where, n, constant_rows)
    _refuse_no_numbers(constant, c, matrix, names, row_names, _name(objective))
    return ModelArrays(
        maximize=objective.sense == pyo.maximize,
        constant=constant,
        name=str(model.name) if model.name != "unknown" else "",
        objective=c,
        column_lower=lower,
        column_upper=upper,
        domains=domains,
        row_lower=row_lower,
        row_upper=row_upper,
        matrix=matrix,
        quadratic=_widened(quadratic, n),
        column_names=_distinct(names),
        row_names=_distinct(row_names),
    )


def export_nonlinear(model: Any) -> tuple[str, str, str]:
    """Return the .nl, .col and .row texts, written without presolve, so that every integer variable is there."""
    _only_objective(model)
    _column_bounds(*_columns(model))
    nl, row, col = io.StringIO(), io.StringIO(), io.StringIO()
    NLWriter().write(
        model, nl, rowstream=row, colstream=col, linear_presolve=False, symbolic_solver_labels=True, scale_model=False
    )
    return nl.getvalue(), col.getvalue(), row.getvalue()


# --- columns ----------------------------------------------------------------------------------------------


def _columns(model: Any) -> tuple[list[Any], list[str]]:
    variables: list[Any] = []
    names: list[str] = []
    for container in model.component_objects(pyo.Var, active=True, descend_into=pyo.Block):
        base = _plain(container)
        for index, variable in container.items():
            variables.append(variable)
            names.append(base if index is None else base + _index(index))
    return variables, names


def _column_bounds(variables: list[Any], names: list[str]) -> tuple[Any, Any, Any]:
    n = len(variables)
    lower, upper = np.full(n, -np.inf), np.full(n, np.inf)
    domains = np.zeros(n, dtype=np.int8)
    kinds: dict[int, tuple[Any, int]] = {}
    for k, variable in enumerate(variables):
        domain = variable.domain
        known = kinds.get(id(domain))
        if known is None:
            known = kinds[id(domain)] = (domain, _kind(variable, names[k]))
        domains[k] = known[1]
        if variable.fixed:
            value = variable.value
            if value is None:
                raise ExportError(f"the variable {names[k]} is fixed, but has no value", (names[k],))
            lower[k] = upper[k] = float(value)
            domains[k] = _INTEGER if domains[k] == _INTEGER and float(value).is_integer() else _CONTINUOUS
            continue
        if domains[k] >= _SEMI_CONTINUOUS:
            lower[k], upper[k] = _semi_bounds(variable, names[k])
        else:
            low, high = variable.bounds
            if low is not None:
                lower[k] = low
            if high is not None:
                upper[k] = high
        if not lower[k] <= upper[k]:
            raise ExportError(
                f"the variable {names[k]} has the bounds [{lower[k]:g}, {upper[k]:g}], which hold no number",
                (names[k],),
            )
    return lower, upper, domains


def _kind(variable: Any, name: str) -> int:
    if variable.is_continuous():
        return _CONTINUOUS
    if variable.is_integer() or variable.is_binary():
        start = variable.domain.get_interval()[0]
        if start is None or not math.isfinite(start) or float(start).is_integer():
            return _INTEGER
    interval = _semi_interval(variable.domain)
    if interval is not None:
        return _SEMI_INTEGER if interval[2] else _SEMI_CONTINUOUS
    raise ExportError(
        f"the domain of {name}, {str(variable.domain)[:100]}, is neither an interval, nor whole numbers without "
        "gaps, nor zero or an interval; write it with binary variables",
        (name,),
    )


def _semi_interval(domain: Any) -> tuple[float, float, int] | None:
    """Return (lower, upper, step) where the domain is {0} and one interval, else None."""
    ranges = list(domain.ranges()) if hasattr(domain, "ranges") else []
    if len(ranges) != 2:
        return None
    zero = [r for r in ranges if r.start == 0 and r.end == 0]
    rest = [r for r in ranges if not (r.start == 0 and r.end == 0)]
    if len(zero) != 1 or len(rest) != 1 or abs(rest[0].step) not in (0, 1):
        return None
    part = rest[0]
    if part.step and not float(part.start).is_integer():
        return None
    low = -math.inf if part.start is None else float(part.start)
    high = math.inf if part.end is None else float(part.end)
    return (low, high, abs(part.step)) if part.step >= 0 else (high, low, 1)


def _semi_bounds(variable: Any, name: str) -> tuple[float, float]:
    interval = _semi_interval(variable.domain)
    if interval is None:
        raise ExportError(f"the domain of {name} is not understood", (name,))
    low, high, _ = interval
    if variable.lower is not None:
        below = float(pyo.value(variable.lower))
        if below > 0:
            raise ExportError(f"{name} is zero or in an interval, and its lower bound {below:g} excludes zero", (name,))
        low = max(low, below)
    if variable.upper is not None:
        above = float(pyo.value(variable.upper))
        if above < 0:
            raise ExportError(f"{name} is zero or in an interval, and its upper bound {above:g} excludes zero", (name,))
        high = min(high, above)
    return low, high


# --- objective --------------------------------------------------------------------------------------------


def _only_objective(model: Any) -> Any:
    active = list(model.component_data_objects(pyo.Objective, active=True, descend_into=pyo.Block))
    if not active:
        raise ExportError("the model has no active objective; declare one pyo.Objective")
    if len(active) > 1:
        found = tuple(_name(one) for one in active)
        raise ExportError(f"the model has {len(active)} active objectives ({', '.join(found[:5])}); keep one", found)
    return active[0]


def _quadratic_objective(
    objective: Any, position: dict[int, int]
) -> tuple[tuple[float, dict[int, float]] | None, MatrixArrays | None]:
    """Return the objective's constant and coefficients, and Q of x'Qx/2; (None, None) where it is linear."""
    degree = objective.expr.polynomial_degree() if hasattr(objective.expr, "polynomial_degree") else 0
    if degree in (0, 1):
        return None, None
    if degree != 2:
        raise NotLinear
    repn = generate_standard_repn(objective.expr, quadratic=True, compute_values=True)
    if repn.nonlinear_expr is not None:
        raise NotLinear
    linear: dict[int, float] = {}
    for variable, value in zip(repn.linear_vars, repn.linear_coefs, strict=True):
        k = _position(position, variable)
        linear[k] = linear.get(k, 0.0) + float(value)
    if not repn.quadratic_vars:
        return (float(repn.constant), linear), None
    entries: dict[tuple[int, int], float] = {}
    for (left, right), value in zip(repn.quadratic_vars, repn.quadratic_coefs, strict=True):
        i, j = _position(position, left), _position(position, right)
        for place in ((i, j), (j, i)):  # a square counts twice: x'Qx/2
            entries[place] = entries.get(place, 0.0) + float(value)
    n = len(position)
    places = np.array(list(entries), dtype=np.int64)
    quadratic = sparse.csr_array((np.array(list(entries.values())), (places[:, 0], places[:, 1])), shape=(n, n))
    return (float(repn.constant), linear), _arrays(quadratic)


def _widened(quadratic: MatrixArrays | None, n: int) -> MatrixArrays | None:
    """Return the Hessian with empty rows for the columns that only the constraints brought in."""
    if quadratic is None or quadratic.starts.shape[0] == n + 1:
        return quadratic
    starts = np.concatenate([quadratic.starts, np.full(n + 1 - quadratic.starts.shape[0], quadratic.starts[-1])])
    return MatrixArrays(starts, quadratic.columns, quadratic.values)


def _position(position: dict[int, int], variable: Any) -> int:
    if id(variable) not in position:
        raise ExportError(f"the objective uses {_name(variable)}, which stands on no active block", (_name(variable),))
    return position[id(variable)]


@contextmanager
def _set_aside(model: Any, objective: Any | None) -> Iterator[None]:
    """Put a zero in the place of an objective that the linear form cannot hold; afterwards the model is as it was."""
    if objective is None:
        yield
        return
    stand_in = pyo.Objective(expr=0.0)
    objective.deactivate()
    model.add_component(_free_name(model), stand_in)
    try:
        yield
    finally:
        model.del_component(stand_in)
        objective.activate()


def _free_name(model: Any) -> str:
    name = "zero_objective"
    while model.component(name) is not None:
        name += "_"
    return name


# --- rows -------------------------------------------------------------------------------------------------


def _compile(model: Any, variables: list[Any]) -> tuple[Any, list[tuple[str, float, float]]]:
    """Return the compiled form, and the rows without variables that no point satisfies, as (name, lower, upper)."""
    constant_rows: list[tuple[str, float, float]] = []
    set_aside: list[Any] = []
    compiler = LinearStandardFormCompiler()
    # with an order given, Pyomo (6.10.1) takes fixed members of an indexed variable for others
    order = None if any(variable.fixed for variable in variables) else variables
    while True:
        try:
            info = compiler.write(model, mixed_form=True, set_sense=None, column_order=order)
            return info, constant_rows
        except InfeasibleConstraintException:
            found = list(_constant_constraints(model))
            if not found:
                raise
            for constraint, lower, upper in found:
                constant_rows.append((_name(constraint), lower, upper))
                constraint.deactivate()
                set_aside.append(constraint)
        except InvalidExpressionError as error:
            for constraint in set_aside:  # the nonlinear form must have them too
                constraint.activate()
            raise NotLinear(str(error)) from error
        except ValueError as error:
            if "contains the following active components" in str(error):
                raise _unknown_components(str(error)) from error
            raise


def _constant_constraints(model: Any) -> Iterator[tuple[Any, float, float]]:
    for constraint in model.component_data_objects(pyo.Constraint, active=True, descend_into=pyo.Block):
        repn = generate_standard_repn(constraint.body, compute_values=True)
        if not (repn.is_constant() or (not repn.nonlinear_vars and not any(repn.linear_coefs))):
            continue
        low, high = constraint.lb, constraint.ub
        lower = -math.inf if low is None else low - repn.constant
        upper = math.inf if high is None else high - repn.constant
        if lower > 0 or upper < 0:
            yield constraint, lower, upper


def _unknown_components(message: str) -> ExportError:
    _, _, listed = message.partition("process:\n\t")
    kinds: list[str] = []
    names: list[str] = []
    for line in listed.splitlines():
        text = line.strip()
        if line.startswith("\t\t"):
            names.append(text)
        elif text:
            kinds.append(text.rstrip(":").rpartition(".")[2].rstrip("'>"))
    advice = "transform them in the program (for example with pyo.TransformationFactory('gdp.bigm').apply_to(model))"
    return ExportError(
        f"the model has components that are neither linear nor nonlinear constraints ({', '.join(kinds)}: "
        f"{', '.join(names[:5])}); {advice}, or write them with binary variables",
        names,
    )


def _rows(info: Any, where: Any, n: int, constant_rows: list[tuple[str, float, float]]) -> tuple[Any, Any, Any, Any]:
    """Return the matrix, the bounds and the names, each range in one row again."""
    compiled = sparse.csr_array(info.A)
    rhs = np.asarray(info.rhs, dtype=float).reshape(-1)
    keep: list[int] = []
    lower: list[float] = []
    upper: list[float] = []
    names: list[str] = []
    last = None
    for k, (constraint, kind) in enumerate(info.rows):
        right = float(rhs[k])
        if constraint is last:
            lower[-1] = right  # a range gives its upper row first
            continue
        last = constraint
        keep.append(k)
        names.append(_name(constraint))
        lower.append(right if kind <= 0 else -math.inf)
        upper.append(right if kind >= 0 else math.inf)
    rows = compiled[keep] if len(keep) != compiled.shape[0] else compiled
    columns = where[rows.indices] if rows.nnz else np.zeros(0, dtype=np.int64)
    matrix = (
        sparse.csr_array((rows.data, columns, rows.indptr), shape=(len(keep) + len(constant_rows), n))
        if (not constant_rows)
        else sparse.csr_array(
            (rows.data, columns, np.concatenate([rows.indptr, np.full(len(constant_rows), rows.indptr[-1])])),
            shape=(len(keep) + len(constant_rows), n),
        )
    )
    for name, low, high in constant_rows:
        names.append(name)
        lower.append(low)
        upper.append(high)
    for name, low, high in zip(names, lower, upper, strict=True):
        if not low <= high:
            raise ExportError(f"the constraint {name} asks for a value between {low:g} and {high:g}", (name,))
    return _arrays(matrix), np.array(lower, dtype=float), np.array(upper, dtype=float), names


def _refuse_no_numbers(
    constant: float, costs: Any, matrix: MatrixArrays, columns: list[str], rows: list[str], objective: str
) -> None:
    """Raise `ExportError` where a coefficient is NaN or infinite, with the names of those that it belongs to."""
    if not math.isfinite(constant):
        raise ExportError(f"the constant of the objective {objective} is {constant}, which is no number", (objective,))
    bad = np.flatnonzero(~np.isfinite(costs))
    if bad.size:
        name = columns[bad[0]]
        raise ExportError(
            f"the coefficient of {name} in the objective {objective} is {costs[bad[0]]}, which is no number",
            (name, objective),
        )
    bad = np.flatnonzero(~np.isfinite(matrix.values))
    if bad.size:
        row = rows[int(np.searchsorted(matrix.starts, bad[0], side="right")) - 1]
        name = columns[matrix.columns[bad[0]]]
        raise ExportError(
            f"the coefficient of {name} in {row} is {matrix.values[bad[0]]}, which is no number", (name, row)
        )


def _arrays(matrix: Any) -> MatrixArrays:
    csr = sparse.csr_array(matrix)
    csr.sum_duplicates()
    return MatrixArrays(csr.indptr.astype(np.int64), csr.indices.astype(np.int32), csr.data.astype(np.float64))


# --- names ------------------------------------------------------------------------------------------------


def _name(data: Any) -> str:
    """Return ``container[index]`` with the index written plainly: ``x[a,b]``, no quotes, no spaces after commas."""
    container = data.parent_component()
    base = _plain(container)
    return base if container is data else base + _index(data.index())


def _plain(component: Any) -> str:
    block = component.parent_block()
    local = str(component.local_name)
    if block is None or block is component.model():
        return local
    return f"{_name(block)}.{local}" if isinstance(block, BlockData) else f"{_plain(block)}.{local}"


def _distinct(names: list[str]) -> list[str]:
    """Return the names, ``#2`` and so on after those that indices such as 1 and "1" make the same."""
    if len(set(names)) == len(names):
        return names
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return distinct


def _index(index: object) -> str:
    if isinstance(index, tuple):
        return f"[{','.join(map(str, index))}]"
    return f"[{index}]"
