"""A model as data, and the programs that solve it.

``solve`` is here for convenience; it is imported when it is first used, so that the package stays light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solvers.milp import Domain, Milp, Sense
    from solvers.port import Cancellation, Progress, SolveOptions
    from solvers.result import Solution
    from solvers.solving import solve

__all__ = ["Cancellation", "Domain", "Milp", "Progress", "Sense", "Solution", "SolveOptions", "solve"]

_HOMES = {
    "Cancellation": "solvers.port",
    "Domain": "solvers.milp",
    "Milp": "solvers.milp",
    "Progress": "solvers.port",
    "Sense": "solvers.milp",
    "Solution": "solvers.result",
    "SolveOptions": "solvers.port",
    "solve": "solvers.solving",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
