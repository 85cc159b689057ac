"""The public names of milpwright, imported when they are first used.

>>> import milpwright
>>> answer = milpwright.solve("A bakery ...")        # doctest: +SKIP
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.client import AsyncClient as AsyncClient
    from app.client import Client as Client
    from equivalence.compare import compare as compare
    from formulation.answer import Answer as Answer
    from formulation.data import Table as Table
    from formulation.embedded import read as read
    from formulation.formulation import Formulation as Formulation
    from formulation.problem import Problem as Problem
    from milpwright._solve import solve as solve
    from solvers.formats import read as read_model  # noqa: F401 - a public name
    from solvers.milp import Milp as Milp
    from solvers.solving import solve as solve_model  # noqa: F401 - a public name

__version__ = importlib.metadata.version("milpwright")

_HOME = {
    "AsyncClient": ("app.client", "AsyncClient"),
    "Answer": ("formulation.answer", "Answer"),
    "Client": ("app.client", "Client"),
    "Formulation": ("formulation.formulation", "Formulation"),
    "Milp": ("solvers.milp", "Milp"),
    "Problem": ("formulation.problem", "Problem"),
    "Table": ("formulation.data", "Table"),
    "compare": ("equivalence", "compare"),
    "read": ("formulation.embedded", "read"),
    "read_model": ("solvers.formats", "read"),
    "solve": ("milpwright._solve", "solve"),
    "solve_model": ("solvers", "solve"),
}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> object:
    try:
        module, attribute = _HOME[name]
    except KeyError:
        raise AttributeError(f"milpwright has no {name!r}; it has {', '.join(sorted(_HOME))}") from None
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
