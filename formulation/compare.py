"""Two symbolic formulations, or programs ``build(data)``, compared over random draws of their parameters.

Models that agree on one set of numbers can be different in kind (``2 x`` for ``rate x`` where the rate is 2).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from equivalence import AffineMap, Different, Equivalent, Level, Verdict, compare
from equivalence.compare import MapChoice
from formulation.agreement import failure_of
from formulation.compile import CompileError, compile_formulation
from formulation.data import Table
from formulation.formulation import Formulation, Parameter
from formulation.program_data import ProgramValue, program_data
from formulation.sandbox.outcome import Built
from solvers.errors import ModelError
from solvers.milp import Milp

if TYPE_CHECKING:
    from formulation.sandbox import Sandbox

Data = Mapping[str, ProgramValue]
DRAWS = 8
_ELEMENTS = 3
_TRIES = 3


class NotBuilt(Exception):
    """No linear model came of a formulation or program; the message says why."""


class Symbolic(Protocol):
    """A model that waits for its numbers."""

    @property
    def incomplete(self) -> bool:
        """Whether some of its numbers are made up."""

    def numbers(self) -> Data:
        """Return its sets and parameters with their present values. Raises `NotBuilt`."""

    def takes(self, name: str) -> bool:
        """Return whether it takes the set or parameter of that name from its data."""

    def build(self, data: Data | None) -> Milp:
        """Return the model on the data; None stands for its own numbers. Raises `NotBuilt`."""


@dataclass(frozen=True, slots=True)
class SymbolicFormulation:
    """A formulation; sets and parameters without values get some of the declared shape."""

    formulation: Formulation
    tables: tuple[Table, ...] = ()

    @property
    def incomplete(self) -> bool:
        """Whether some set or parameter has no value of its own."""
        sets = self.formulation.sets
        return any(s.elements is None and s.source is None for s in sets) or any(
            map(_has_no_value, self.formulation.parameters)
        )

    def numbers(self) -> Data:
        """Return its data, made up where it has none. Raises `NotBuilt`."""
        sets = tuple(
            s if s.elements is not None or s.source is not None else replace(s, elements=_elements(s.name))
            for s in self.formulation.sets
        )
        elements = {s.name: s.elements or () for s in sets}
        parameters = tuple(
            replace(p, value=_plain_value(p, elements)) if _has_no_value(p) else p for p in self.formulation.parameters
        )
        try:
            return program_data(replace(self.formulation, sets=sets, parameters=parameters), self.tables)
        except CompileError as error:
            raise NotBuilt(str(error)) from None

    def takes(self, name: str) -> bool:
        """Return whether a set or parameter has that name."""
        return name in {s.name for s in self.formulation.sets} | {p.name for p in self.formulation.parameters}

    def build(self, data: Data | None) -> Milp:
        """Return the compiled model. Raises `NotBuilt`."""
        model = self.formulation if data is None else _with_data(self.formulation, data)
        try:
            built = compile_formulation(model, self.tables)
        except (CompileError, ModelError) as error:
            raise NotBuilt(str(error)) from None
        if not isinstance(built, Milp):
            raise NotBuilt("the formulation is nonlinear; only linear models are compared")
        return built


@dataclass(frozen=True, slots=True)
class SymbolicProgram:
    """A Pyomo program, run in the sandbox; ``data`` is what it takes by default, None where it takes nothing."""

    source: str
    data: Data | None
    sandbox: Sandbox

    @property
    def incomplete(self) -> bool:
        """Whether some of its numbers are made up: never."""
        return False

    def numbers(self) -> Data:
        """Return its data."""
        return self.data or {}

    def takes(self, name: str) -> bool:
        """Return whether the program names it."""
        return f'"{name}"' in self.source or f"'{name}'" in self.source

    def build(self, data: Data | None) -> Milp:
        """Return the model that the program builds. Raises `NotBuilt`."""
        outcome = self.sandbox.run(self.source, self.data if data is None else data)
        if isinstance(outcome, Built):
            return outcome.milp
        failed = failure_of(outcome)
        raise NotBuilt(failed[1] if failed else "the program builds a nonlinear model; only linear models are compared")


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """Both models on one set of numbers (None: their own), and how they compare."""

    data: Data | None
    a: Milp
    b: Milp
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class SymbolicVerdict:
    """What the draws say together.

    ``equivalent`` where the models are so on each draw, which is evidence for all numbers and a proof for these;
    ``different`` where they differ on one; else ``unknown``. ``decisive`` is the first draw that is no
    `Equivalent`, `Different` ones before others, else the first of all. ``drawn`` names the parameters that were drawn
    with ``seed``; ``failed`` counts the draws on which a model could not be built.
    """

    verdict: Literal["equivalent", "different", "unknown"]
    seed: int
    drawn: tuple[str, ...]
    draws: tuple[Draw, ...]
    failed: int
    decisive: Draw

    def in_words(self) -> str:
        """Return on how many draws of what the models were compared."""
        same = sum(isinstance(draw.verdict, Equivalent) for draw in self.draws)
        what = (
            f"other numbers for {', '.join(self.drawn)}" if self.drawn else "no other numbers: no parameter is shared"
        )
        text = f"equivalent on {same} of {len(self.draws)} sets of numbers: their own and {what} (seed {self.seed})"
        return text + (f"; {self.failed} draws could not be built" if self.failed else "")


def compare_symbolic(
    a: Symbolic,
    b: Symbolic,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    level: Level | str = Level.L1,
    mapping: MapChoice | AffineMap = "names",
    units: bool = False,
    exact_objective: bool = False,
    budget_s: float = 10.0,
) -> SymbolicVerdict:
    """Return how two symbolic models compare on their own numbers and on ``draws`` draws of others.

    Parameters that both take, by name, are drawn: signs, zeros and whole numbers stay what they are, shares stay
    between 0 and 1, 0/1 tables stay, and so does which entries there are. Draws on which a model cannot be
    built are drawn again, a few times. ``budget_s`` is for each comparison. Raises `NotBuilt` where a model cannot
    be built on its own numbers.
    """
    own = {**b.numbers(), **a.numbers()}
    shared = {name: value for name, value in own.items() if a.takes(name) and b.takes(name)}
    drawn = tuple(name for name, value in shared.items() if _is_drawable(value))

    def on(data: Data | None) -> Draw:
        sides = [side.build(data) for side in (a, b)]
        verdict = compare(
            sides[0],
            sides[1],
            level=level,
            mapping=mapping,
            units=units,
            exact_objective=exact_objective,
            budget_s=budget_s,
        )
        return Draw(data, sides[0], sides[1], verdict)

    rng = np.random.default_rng(seed)
    found = [on(own if a.incomplete or b.incomplete else None)]
    failed = 0
    for _ in range(draws if drawn else 0):
        for _ in range(_TRIES):
            try:
                found.append(on({**own, **{name: redrawn(shared[name], rng) for name in drawn}}))
                break
            except NotBuilt:
                failed += 1
    different = [draw for draw in found if isinstance(draw.verdict, Different)]
    other = [draw for draw in found if not isinstance(draw.verdict, Equivalent)]
    outcome: Literal["equivalent", "different", "unknown"] = "equivalent"
    if other:
        outcome = "different" if different else "unknown"
    return SymbolicVerdict(outcome, seed, drawn, tuple(found), failed, (different or other or found)[0])


def redrawn(value: ProgramValue, rng: np.random.Generator) -> ProgramValue:
    """Return other numbers of the same shape, signs and integrality."""
    if isinstance(value, dict):
        return {key: _near(number, rng) for key, number in value.items()}
    return value if isinstance(value, list) else _near(value, rng)


def _near(number: float, rng: np.random.Generator) -> float:
    if not np.isfinite(number) or number == 0:
        return number
    size = abs(number) * float(rng.uniform(0.5, 2.0))
    if abs(number) < 1:
        size = min(max(round(size, 4), 1e-4), 0.9999)
    elif float(number).is_integer():
        size = max(1.0, round(size)) + (abs(number) <= 4) * int(rng.integers(0, 4))
    else:
        size = round(size, 4)
    return float(np.copysign(size, number))


def _is_drawable(value: ProgramValue) -> bool:
    """Return whether the value holds numbers other than the marks 0 and 1 of an incidence table."""
    if isinstance(value, dict):
        return any(number not in (0, 1) for number in value.values())
    return not isinstance(value, list | str | bool) and value != 0


def _has_no_value(parameter: Parameter) -> bool:
    return parameter.value is None and parameter.default is None and parameter.source is None


def _elements(name: str) -> tuple[str, ...]:
    return tuple(f"{name}{k}" for k in range(1, _ELEMENTS + 1))


def _plain_value(
    parameter: Parameter, sets: Mapping[str, Sequence[str | int]]
) -> float | dict[tuple[str | int, ...], float]:
    """Return whole positive numbers, all different, for a parameter that has none."""
    if not parameter.indices:
        return float(7 + len(parameter.name) % 5)
    keys = itertools.product(*(sets.get(name, ()) for name in parameter.indices))
    return {key: float(3 + 2 * k) for k, key in enumerate(keys)}


def _with_data(formulation: Formulation, data: Data) -> Formulation:
    """Return the formulation with its sets and parameters taken from the data."""
    sets = tuple(
        replace(s, elements=tuple(elements), source=None) if isinstance(elements := data.get(s.name), list) else s
        for s in formulation.sets
    )
    parameters = tuple(
        replace(p, value=_keyed(data[p.name]), source=None) if p.name in data else p for p in formulation.parameters
    )
    return replace(formulation, sets=sets, parameters=parameters)


def _keyed(value: ProgramValue) -> float | dict[tuple[str | int, ...], float]:
    if isinstance(value, dict):
        return {key if isinstance(key, tuple) else (key,): number for key, number in value.items()}
    if isinstance(value, list):
        raise NotBuilt("a list of elements stands where a number is expected")
    return value
