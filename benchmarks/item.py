"""One problem of a suite, with what is known of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formulation.data import Table


@dataclass(frozen=True, slots=True)
class LpGold:
    """A reference model as text in the CPLEX LP format."""

    text: str


@dataclass(frozen=True, slots=True)
class MpsGold:
    """A reference model as text in the MPS format."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class AnnotationGold:
    """An NL4Opt annotation, as its release writes it; it says nothing of integrality."""

    declarations: Mapping[str, Any]


Gold = LpGold | MpsGold | AnnotationGold


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A problem in words and its label.

    ``value`` is the labelled optimum, None where the suite gives none; ``gold`` a reference model, where the
    suite has one; ``statuses`` the statuses of an answer that count as right, empty where the label is an
    optimum or a model. ``doubt`` is the reason to suspect the label, "" where there is none. An item without
    value, gold and statuses is run and left unscored.
    """

    id: str
    suite: str
    text: str
    value: float | None = None
    gold: Gold | None = None
    statuses: frozenset[str] = frozenset()
    tables: tuple[Table, ...] = ()
    kind: str = ""
    source: str = ""
    doubt: str = ""

    @property
    def scorable(self) -> bool:
        """Whether there is any label to judge an answer by."""
        return self.value is not None or self.gold is not None or bool(self.statuses)
