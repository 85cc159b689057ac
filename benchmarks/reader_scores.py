"""How well the embedded reader reads: ``python -m benchmarks.reader_scores [--suite NAME] [--folds 0123] [--list]``.

A reading is right where its model is the annotation's: the same rows and objective up to the order of the
variables, the scale of each row and rows that say only x >= 0; integrality is ignored, because the annotation has
none, and a strict sign is right closed or shifted by one. Suites without an annotation are judged by the optimal
value, with and without integrality. A reading that is no whole model is an abstention. The suites "written" are the
project's own texts, by writers who had not seen the reader (benchmarks/written/README.md); a text of theirs that can
only be asked about is right where it is not read.

Fold k holds the items whose id hashes to k modulo five. The rules were written while looking at folds 0 to 3 and
at half of fold 4; the other half, called "held", was not looked at while rules were written.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.intervals import wilson
from benchmarks.scorers.canonical import Canonical, Row, canonical
from solvers.milp import Domain, Milp, Sense

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
WRITTEN = Path(__file__).with_name("written")
SUITES = {
    "nl4opt/train": DATA / "nl4opt/train.jsonl",
    "nl4opt/dev": DATA / "nl4opt/dev.jsonl",
    "mamo_easy": DATA / "mamo_easy/dev.jsonl",
    "optibench": DATA / "optibench/dev.jsonl",
    "written/typical": WRITTEN / "typical.jsonl",
    "written/everyday": WRITTEN / "everyday.jsonl",
    "written/varied": WRITTEN / "varied.jsonl",
    "written/forms": WRITTEN / "forms.jsonl",
    "written/faulty": WRITTEN / "faulty.jsonl",
}
CLOSE = 1e-5


@dataclass(frozen=True, slots=True)
class Score:
    """What became of one item: "right", "wrong" or "abstained", and its fold."""

    id: str
    kind: str
    fold: str
    outcome: str
    disputed: bool
    seconds: float


def fold_of(identity: str) -> str:
    """Return the fold of an item, "0" to "4" or "held"."""
    number = int(hashlib.sha256(identity.encode()).hexdigest(), 16)
    fold = number % 5
    return "held" if fold == 4 and (number // 5) % 2 else str(fold)


def same_model(model: Milp, gold: Canonical) -> bool:
    """Return whether a model is the annotation up to order, row scale, trivial rows and the reading of strict signs."""
    n = len(gold.variables)
    if model.n_columns != n or n > 7:
        return False
    objective, rows = rows_of(model)
    wanted = [row for row in gold.rows if not _trivial(row.coefficients, row.limit)]
    cost = gold.objective if any(gold.objective) else tuple([-1.0 if gold.maximize else 1.0] * n)
    for order in itertools.permutations(range(n)):
        if not parallel([objective[i] for i in order], cost):
            continue
        mine = [(tuple(a[i] for i in order), b) for a, b in rows]
        if all(any(_matches(row, a, b) for a, b in mine) for row in wanted) and all(
            any(_matches(row, a, b) for row in wanted) for a, b in mine
        ):
            return True
    return False


def rows_of(model: Milp) -> tuple[list[float], list[tuple[tuple[float, ...], float]]]:
    """Return the objective to minimise and the rows a·x <= b of a model, its bounds among them."""
    sign = -1.0 if model.sense is Sense.MAXIMIZE else 1.0
    rows: list[tuple[tuple[float, ...], float]] = []
    dense = model.matrix.toarray()
    for a, low, high in zip(dense, model.row_lower, model.row_upper, strict=True):
        if np.isfinite(high):
            rows.append((tuple(float(v) for v in a), float(high)))
        if np.isfinite(low):
            rows.append((tuple(float(-v) for v in a), float(-low)))
    for k in range(model.n_columns):
        unit = [0.0] * model.n_columns
        if np.isfinite(model.column_upper[k]):
            unit[k] = 1.0
            rows.append((tuple(unit), float(model.column_upper[k])))
        if np.isfinite(model.column_lower[k]) and model.column_lower[k] != 0:
            unit[k] = -1.0
            rows.append((tuple(unit), float(-model.column_lower[k])))
    return [sign * float(v) for v in model.objective], [(a, b) for a, b in rows if not _trivial(a, b)]


def _trivial(coefficients: tuple[float, ...], limit: float) -> bool:
    """Whether a row says no more than x >= 0."""
    return not any(v > 0 for v in coefficients) and sum(1 for v in coefficients if v) == 1 and limit == 0


def parallel(one: list[float], two: tuple[float, ...]) -> bool:
    """Whether two rows are one up to a positive factor."""
    size = [max(map(abs, each), default=0.0) for each in (one, two)]
    if not all(size):
        return size[0] == size[1]
    return all(abs(a / size[0] - b / size[1]) <= CLOSE for a, b in zip(one, two, strict=True))


def _matches(row: Row, coefficients: tuple[float, ...], limit: float) -> bool:
    ours, theirs = max(map(abs, coefficients), default=0.0), max(map(abs, row.coefficients), default=0.0)
    if not ours or not theirs or not parallel(list(coefficients), row.coefficients):
        return False
    scaled = limit * theirs / ours
    allowed = (row.limit, row.limit - 1) if row.strict else (row.limit,)
    return any(abs(scaled - value) <= CLOSE * max(1.0, abs(value)) for value in allowed)


def score(item: dict[str, Any], suite: str, disputed: frozenset[str]) -> Score:
    """Return what became of one item of a suite."""
    from formulation.compile import CompileError, compile_formulation
    from formulation.embedded import read
    from formulation.reading import ReadingStatus

    began = perf_counter()
    reading = read(item["question"])
    seconds = perf_counter() - began
    outcome = "abstained"
    if reading.status is ReadingStatus.UNDERSTOOD and reading.formulation is not None:
        try:
            model = compile_formulation(reading.formulation)
        except CompileError:
            model = None
        outcome = "right" if isinstance(model, Milp) and _is_right(model, item, suite) else "wrong"
    if item.get("refuse"):
        outcome = "right" if outcome == "abstained" else "wrong"
    name = item["id"]
    return Score(name, str(item.get("kind", "")), fold_of(name), outcome, name in disputed, seconds)


def _is_right(model: Milp, item: dict[str, Any], suite: str) -> bool:
    if suite.startswith("nl4opt"):
        return same_model(model, canonical(item["gold"]))
    if suite.startswith("written") and "gold" in item:
        return same_model(model, written(item["gold"]))
    return _same_value(model, item["answer"])


def written(gold: dict[str, Any]) -> Canonical:
    """Return the model of a text of benchmarks/written: rows of numbers, "<=", "<", ">=", ">" or "=", and a bound."""
    sign = -1.0 if gold["maximize"] else 1.0
    rows: list[Row] = []
    for row in gold["rows"]:
        numbers, bound = tuple(map(float, row["a"])), float(row["b"])
        if row["op"] in ("<=", "<", "="):
            rows.append(Row(numbers, bound, strict=row["op"] == "<"))
        if row["op"] in (">=", ">", "="):
            rows.append(Row(tuple(-a for a in numbers), -bound, strict=row["op"] == ">"))
    objective = tuple(sign * float(c) for c in gold["objective"])
    return Canonical(tuple(gold["variables"]), {}, gold["maximize"], objective, tuple(rows))


def _same_value(model: Milp, answer: float | None) -> bool:
    """Whether the optimum is the answer, with or without integrality, exactly or rounded to a whole number."""
    from dataclasses import replace

    from solvers import solve

    if answer is None:
        return False
    whole = replace(model, domains=np.full(model.n_columns, Domain.INTEGER, dtype=np.int8))
    for each in (model, model.relaxed(), whole):
        solution = solve(each)
        if solution.point is None:
            continue
        value = solution.objective
        if abs(value - answer) <= 1e-4 * max(1.0, abs(answer)) or abs(round(value) - answer) <= 1e-6:
            return True
    return False


def items(suite: str) -> Iterator[dict[str, Any]]:
    """Yield the items of a suite. Raises `FileNotFoundError` where the development data are missing."""
    with SUITES[suite].open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def disputed_items() -> dict[str, str]:
    """Return the items whose annotation contradicts its text, with the reason."""
    path = Path(__file__).with_name("disputed.toml")
    table: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["nl4opt"]
    return table


def line(name: str, scores: list[Score]) -> str:
    """Return one line of the report: counts, shares and the 95 % interval of the share that is right."""
    n = len(scores)
    count = Counter(each.outcome for each in scores)
    if not n:
        return f"{name:32} n=0"
    low, high = wilson(count["right"], n)
    return (
        f"{name:32} n={n:4}  right {count['right']:4} = {count['right'] / n:6.1%} [{low:.1%}, {high:.1%}]"
        f"  wrong {count['wrong']:3} = {count['wrong'] / n:5.1%}  abstained {count['abstained']:4}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Print the scores of the suites; return 0, or 2 where the data are missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reader_scores", description=__doc__)
    parser.add_argument("--suite", choices=sorted(SUITES), action="append")
    parser.add_argument("--list", action="store_true", help="name the items that are wrong or abstained")
    options = parser.parse_args(arguments)
    disputed = frozenset(disputed_items())
    out = sys.stdout.write
    for suite in options.suite or list(SUITES):
        try:
            scores = [score(item, suite, disputed) for item in items(suite)]
        except FileNotFoundError as error:
            out(f"the development data are missing: {error.filename}\n")
            return 2
        out(line(suite, scores) + "\n")
        if suite.startswith("nl4opt"):
            out(line("  without disputed annotations", [s for s in scores if not s.disputed]) + "\n")
        if suite == "optibench":
            out(line("  linear part", [s for s in scores if s.kind.startswith("linear")]) + "\n")
            out(line("  linear, no table", [s for s in scores if s.kind == "linear-notable"]) + "\n")
        for fold in () if suite.startswith("written") else ("0", "1", "2", "3", "4", "held"):
            out(line(f"  fold {fold}", [s for s in scores if s.fold == fold]) + "\n")
        milliseconds = sorted(1000 * s.seconds for s in scores)
        out(f"  median {milliseconds[len(scores) // 2]:.1f} ms a reading\n")
        if options.list:
            for outcome in ("wrong", "abstained"):
                named = [s.id + ("*" if s.disputed else "") for s in scores if s.outcome == outcome]
                out(f"  {outcome}: {' '.join(named)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
