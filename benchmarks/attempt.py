"""What the thing under test gives for one item, whichever reader it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self

from benchmarks.item import Item

if TYPE_CHECKING:
    from types import TracebackType

    from solvers.milp import Milp


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """An answer as far as it is judged.

    ``status`` is that of the answer's JSON; ``value`` its objective; ``model`` the model it stands for, None
    where none was built; ``names`` maps the model's columns to the words that the text uses for them. ``failure``
    is a class of failure that the reader itself knows of.
    """

    status: str
    value: float | None = None
    model: Milp | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    nonlinear: bool = False
    confident: bool = False
    confidence: float = 0.0
    calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    checks: Mapping[str, str] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""
    detail: str = ""


class Reader(Protocol):
    """A reader under test, open for many items. What it raises is a fault of the machinery."""

    def attempt(self, item: Item, *, seed: int) -> Attempt:
        """Return what the reader makes of the item's text and tables; its label is not to be looked at."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class ReaderSpec:
    """A reader by name, with its options: plain JSON, so that any machine can open it."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
