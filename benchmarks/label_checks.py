"""Labels that contradict something: themselves, or the label of the same problem in another suite.

Two checks, neither of which asks a reader. A reference model without an optimum, or that cannot be read, is doubtful.
Where suites share a problem, by its words, one's optimum must be the other's: of an annotation, which says nothing of
integrality, its continuous or its integer optimum, strict limits closed or shifted by one.

    python -m benchmarks.label_checks --data ../shared/data > benchmarks/known_bad.toml
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.item import Gold, Item
from benchmarks.perform import text_digest
from benchmarks.scorers.reference import reference_models
from benchmarks.scorers.value import value_within
from benchmarks.suites.registry import suites
from benchmarks.suites.suite import load

if TYPE_CHECKING:
    from solvers.milp import Milp
    from solvers.result import Solution

_CLOSE = 1e-4
"""Published answers are rounded."""


def optima(gold: Gold) -> tuple[set[float], str]:
    """Return the optimal values that a reference model may stand for, and why there are none, "" where there are."""
    from solvers.errors import FormatError, ModelError

    try:
        models = reference_models(gold)
    except (FormatError, ModelError) as error:
        return set(), f"the reference model cannot be read: {error}"
    found: set[float] = set()
    reason = ""
    for model in models:
        for solution in (_solved(model), _solved(_integer(model))):
            if solution.point is not None and solution.termination.reason.value == "optimal":
                found.add(solution.point.objective)
            reason = reason or f"the reference model has no optimum: {solution.termination.reason.value}"
    return found, "" if found else reason


def _solved(model: Milp) -> Solution:
    from solvers import solve
    from solvers.port import SolveOptions

    return solve(model, SolveOptions(time_limit_s=20.0))


def _integer(model: Milp) -> Milp:
    import numpy as np

    return replace(model, domains=np.maximum(model.domains, 1))


def doubts(items: Sequence[Item]) -> Iterator[tuple[Item, str]]:
    """Yield the items whose label contradicts something, with the reason; of two that disagree, both."""

    @cache
    def of(item: Item) -> tuple[set[float], str]:
        if item.gold is None:
            return {item.value} if item.value is not None else set(), ""
        return optima(item.gold)

    shared: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.gold is not None and (reason := of(item)[1]):
            yield item, reason
        shared[text_digest(item.text)].append(item)
    for group in shared.values():
        for item in group:
            for other in group:
                mine, theirs = of(item)[0], of(other)[0]
                if not mine or not theirs or item is other:
                    continue
                if not any(value_within(a, b, _CLOSE) for a in mine for b in theirs):
                    yield item, f"its optimum is not that of the same problem in {other.suite}, {other.id}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the doubtful labels of all suites under a folder as TOML."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="The folder that holds a folder a suite.")
    data = parser.parse_args(arguments).data
    items: list[Item] = []
    for suite in suites().values():
        for path in sorted((data / suite.name).glob("*.jsonl")):
            items += load(suite, path, unlabelled=True).items
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for item, reason in doubts(items):
        found[item.suite].setdefault(item.id, reason)
    out = sys.stdout
    out.write("# Labels that contradict something; made by: python -m benchmarks.label_checks --data ../shared/data\n")
    out.write(f"# {len(items)} items were looked at.\n")
    for suite_name, reasons in sorted(found.items()):
        out.write(f"\n[{suite_name}]\n")
        for name, reason in sorted(reasons.items()):
            out.write(f"{json.dumps(name)} = {json.dumps(reason)}\n")


if __name__ == "__main__":
    main()
