"""Both models built with other numbers: two that only happen to agree on the numbers of the text come apart."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from formulation.agreement import OPTIMUM_TOLERANCE, Compile, Optimum, failure_of, optimum, with_values
from formulation.compile import CompileError
from formulation.events import DataPerturbed, PerturbData
from formulation.formulation import Formulation, Parameter
from formulation.language import gettext, ngettext
from formulation.sandbox.outcome import Built, BuiltNonlinear
from solvers.milp import Milp
from solvers.nonlinear import Nonlinear

if TYPE_CHECKING:
    from formulation.sandbox import Sandbox

SPREAD = 0.25
"""Numbers are drawn within this share above and below what the text says."""

DRAW_LIMIT_S = 5.0


def perturb(step: PerturbData, compile_: Compile, sandbox: Sandbox | None) -> DataPerturbed:
    """Return on how many draws of other numbers the formulation and the program have the same optimum.

    Only parameters that the program names are drawn. Whole numbers stay whole, 0 and 1 stay, signs stay,
    shares stay below 1. Draws for which a side makes no model, or is not solved in time, are not counted.
    """
    started = time.perf_counter()

    def ended(compared: int, agreed: int, idle: tuple[str, ...], detail: str) -> DataPerturbed:
        return DataPerturbed(compared, agreed, idle, detail, time.perf_counter() - started)

    if sandbox is None:
        return ended(0, 0, (), gettext("no sandbox is configured, so no program was run"))
    drawn = [p for p in step.formulation.parameters if _drawable(p) and _named(p.name, step.source)]
    if not drawn:
        return ended(0, 0, (), gettext("the program takes none of its numbers from its data"))
    base = _optima(step, step.formulation, compile_, sandbox)
    if base is None or base[0].same_as(base[1]) is not True:
        return ended(0, 0, (), gettext("the program reads the data in another form than the formulation"))
    generator = random.Random(step.seed)  # noqa: S311
    compared = agreed = 0
    bound: set[str] = set(_bound_families(compile_(step.formulation, step.tables)))
    differing = ""
    for _ in range(step.draws):
        other = with_values(step.formulation, {p.name: _draw(p, generator) for p in drawn})
        pair = _optima(step, other, compile_, sandbox)
        same = pair[0].same_as(pair[1]) if pair is not None else None
        if pair is None or same is None:
            continue
        compared += 1
        agreed += same
        bound |= _bound_families(compile_(other, step.tables))
        if not same and not differing:
            numbers = "; ".join(f"{p.name} = {_shown(other.symbol(p.name))}" for p in drawn[:4])
            said = gettext("with {numbers}: the formulation is {first}, the program {second}")
            differing = said.format(numbers=numbers, first=pair[0], second=pair[1])
    idle = tuple(c.name for c in step.formulation.constraints if c.name not in bound) if compared else ()
    said = ngettext(
        "the optima agree on {count} of {total} draw of other numbers",
        "the optima agree on {count} of {total} draws of other numbers",
        compared,
    )
    detail = differing or said.format(count=agreed, total=compared)
    return ended(compared, agreed, idle, detail)


def _optima(
    step: PerturbData, formulation: Formulation, compile_: Compile, sandbox: Sandbox
) -> tuple[Optimum, Optimum] | None:
    """Return how both models end with the formulation's numbers; None where one of them is not built."""
    from formulation.program_data import program_data

    try:
        model = compile_(formulation, step.tables)
        data = program_data(formulation, step.tables)
    except CompileError:
        return None
    outcome = sandbox.run(step.source, data)
    if failure_of(outcome) is not None:
        return None
    built = outcome.milp if isinstance(outcome, Built) else outcome.nl if isinstance(outcome, BuiltNonlinear) else None
    return None if built is None else (optimum(model, DRAW_LIMIT_S), optimum(built, DRAW_LIMIT_S))


def _bound_families(model: Milp | Nonlinear) -> set[str]:
    """Return the constraints of which some row is active at an optimal point."""
    if not isinstance(model, Milp):
        return set()
    import numpy as np

    from solvers import solve
    from solvers.port import SolveOptions

    point = solve(model, SolveOptions(time_limit_s=DRAW_LIMIT_S)).point
    if point is None:
        return set()
    activity = np.asarray(model.matrix @ point.values)
    slack = np.minimum(np.abs(activity - model.row_lower), np.abs(model.row_upper - activity))
    active = np.flatnonzero(slack <= OPTIMUM_TOLERANCE * np.maximum(1.0, np.abs(activity)))
    return {model.row_names[int(k)].split("[", 1)[0] for k in active}


def _drawable(parameter: Parameter) -> bool:
    value = parameter.value
    numbers = list(value.values()) if isinstance(value, Mapping) else [] if value is None else [value]
    return any(number not in (0.0, 1.0) for number in numbers)


def _named(name: str, source: str) -> bool:
    return f'"{name}"' in source or f"'{name}'" in source


def _draw(parameter: Parameter, generator: random.Random) -> object:
    value = parameter.value
    if value is None or isinstance(value, int | float):
        return _near(value or 0.0, generator)
    return {keys: _near(number, generator) for keys, number in value.items()}


def _near(number: float, generator: random.Random) -> float:
    if number in (0.0, 1.0):
        return number
    other = number * generator.uniform(1 - SPREAD, 1 + SPREAD)
    if abs(number) < 1:
        return max(-0.99, min(0.99, round(other, 4))) or number
    return float(round(other)) if number.is_integer() else round(other, 4)


def _shown(element: object) -> object:
    value = element.value if isinstance(element, Parameter) else None
    return dict(list(value.items())[:3]) if isinstance(value, Mapping) else value
