"""The data of a formulation as a Pyomo program's ``build(data)`` takes it.

`formulation.sandbox.program_data` has its JSON form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from formulation.data import Table
from formulation.formulation import Formulation, Key, Keys, Parameter

ProgramValue: TypeAlias = float | list[Key] | dict[Key | Keys, float]


def program_data(formulation: Formulation, tables: Iterable[Table] = ()) -> dict[str, ProgramValue]:
    """Return a list for each set; for each parameter a number, or a dict of numbers.

    A dict is keyed by the element where the parameter has one index, by a tuple of elements where it has
    several. Numbers that are missing are left out. Raises `CompileError` for what is bound to no data, or to
    data that does not fit.
    """
    sources = [*(s.source for s in formulation.sets), *(p.source for p in formulation.parameters)]
    if any(source is not None for source in sources):
        return _bound(formulation, tables)
    from formulation.compile.errors import CompileError

    data: dict[str, ProgramValue] = {}
    for index_set in formulation.sets:
        if index_set.elements is None:
            raise CompileError(index_set.name, "the set has no elements yet")
        data[index_set.name] = list(index_set.elements)
    for parameter in formulation.parameters:
        if parameter.value is None and parameter.default is None:
            raise CompileError(parameter.name, "the parameter has no value yet")
        value = _stated(parameter)
        if value is not None:
            data[parameter.name] = value
    return data


def _stated(parameter: Parameter) -> ProgramValue | None:
    if isinstance(parameter.value, Mapping):
        if not parameter.indices:
            return float(parameter.value[()])
        return {_program_key(keys): float(number) for keys, number in parameter.value.items()}
    if parameter.value is None:
        return {} if parameter.indices else None
    return float(parameter.value)


def _program_key(keys: Keys) -> Key | Keys:
    return keys[0] if len(keys) == 1 else keys


def _bound(formulation: Formulation, tables: Iterable[Table]) -> dict[str, ProgramValue]:
    import math

    import numpy as np

    from formulation.compile.binding import bind

    binding = bind(formulation, tables)
    data: dict[str, ProgramValue] = {name: list(index_set.keys) for name, index_set in binding.sets.items()}
    for name, parameter in binding.parameters.items():
        if not parameter.sets:
            number = float(parameter.values[0])
            if not math.isnan(number):
                data[name] = number
            continue
        flat, numbers = parameter.entries()
        codes: list[list[int]] = []
        for index_set in reversed(parameter.sets):
            flat, part = np.divmod(flat, len(index_set))
            codes.insert(0, part.tolist())
        keys = [map(s.keys.__getitem__, part) for s, part in zip(parameter.sets, codes, strict=True)]
        data[name] = {
            _program_key(combination): number
            for combination, number in zip(zip(*keys, strict=True), numbers.tolist(), strict=True)
        }
    return data
