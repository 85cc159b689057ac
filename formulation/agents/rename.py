"""Names that the expression language or Pyomo keeps for itself, replaced throughout a reply by names that are free."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from formulation.agents.elements import (
    ConstraintReply,
    ObjectiveReply,
    ParameterReply,
    SetReply,
    VariableReply,
)
from formulation.naming import identifier, is_usable

_QUOTED = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_INDEX = re.compile(r"(?<!\w)([A-Za-z]\w*)\s+in\s+[A-Za-z_]")


def fresh_names(names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Return a usable name for each identifier that is reserved; other names, usable or no identifier, are left."""
    given = list(names)
    used = {*given, *taken}
    fresh: dict[str, str] = {}
    for name in given:
        if name.isidentifier() and name.isascii() and not is_usable(name) and name not in fresh:
            fresh[name] = identifier(name, used)
            used.add(fresh[name])
    return fresh


def in_expression(text: str, fresh: Mapping[str, str]) -> str:
    """Return an expression with names replaced outside quotes."""
    if not fresh:
        return text
    pattern = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, fresh))})(?!\w|\s*\()")
    pieces = _QUOTED.split(text)
    pieces[::2] = [pattern.sub(lambda match: fresh[match.group(1)], piece) for piece in pieces[::2]]
    return "".join(pieces)


def with_indices(texts: tuple[str, ...], fresh: Mapping[str, str], taken: Iterable[str]) -> tuple[str, ...]:
    """Return expressions that share their indices, with reserved names and reserved index names replaced."""
    indices = [name for text in texts for name in _INDEX.findall("".join(_QUOTED.split(text)[::2]))]
    own = {**fresh_names([name for name in indices if name not in fresh], [*taken, *fresh.values()]), **fresh}
    return tuple(in_expression(text, own) for text in texts)


def renamed_set(reply: SetReply, fresh: Mapping[str, str]) -> SetReply:
    """Return the set under its usable name."""
    return reply.model_copy(update={"name": fresh.get(reply.name, reply.name)})


def renamed_parameter(reply: ParameterReply, fresh: Mapping[str, str]) -> ParameterReply:
    """Return the parameter under usable names."""
    indices = [fresh.get(index, index) for index in reply.indices]
    return reply.model_copy(update={"name": fresh.get(reply.name, reply.name), "indices": indices})


def renamed_variable(reply: VariableReply, fresh: Mapping[str, str]) -> VariableReply:
    """Return the variable under usable names, its bounds among them."""
    bounds = {
        side: None if bound is None else with_indices((bound,), fresh, ())[0]
        for side, bound in (("lower", reply.lower), ("upper", reply.upper))
    }
    indices = [fresh.get(index, index) for index in reply.indices]
    return reply.model_copy(update={"name": fresh.get(reply.name, reply.name), "indices": indices, **bounds})


def renamed_objective(reply: ObjectiveReply, fresh: Mapping[str, str]) -> ObjectiveReply:
    """Return the objective over usable names."""
    return reply.model_copy(update={"expression": with_indices((reply.expression,), fresh, ())[0]})


def renamed_constraints(replies: list[ConstraintReply], fresh: Mapping[str, str]) -> list[ConstraintReply]:
    """Return the constraints over usable names; their own names become usable and different."""
    out: list[ConstraintReply] = []
    taken: set[str] = set()
    for reply in replies:
        expression, for_each = with_indices((reply.expression, reply.for_each), fresh, ())
        name = reply.name if is_usable(reply.name) and reply.name not in taken else identifier(reply.name, taken)
        taken.add(name)
        out.append(reply.model_copy(update={"name": name, "expression": expression, "for_each": for_each}))
    return out
