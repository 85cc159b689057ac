"""The reference models that a label stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from benchmarks.item import AnnotationGold, Gold, LpGold, MpsGold
from benchmarks.scorers.canonical import canonical, models

if TYPE_CHECKING:
    from solvers.milp import Milp


def reference_models(gold: Gold) -> list[Milp]:
    """Return the models that the label may mean, the plainest first; an answer that is any of them is right.

    A model text is one model; an annotation whose words exclude a limit is several. Raises `SuiteError` or
    `solvers.errors.FormatError` where the label cannot be read.
    """
    match gold:
        case LpGold(text=text):
            return [_read(text, "lp")]
        case MpsGold(text=text):
            return [_read(text, "mps")]
        case AnnotationGold(declarations=declarations):
            return list(models(canonical(declarations)))
        case _:
            assert_never(gold)


def judges_integrality(gold: Gold) -> bool:
    """Return whether the label says which columns take whole values; an annotation does not."""
    return not isinstance(gold, AnnotationGold)


def _read(text: str, form: str) -> Milp:
    from solvers.formats import read

    return read(text, form)
