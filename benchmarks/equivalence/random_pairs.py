"""Random pairs of tiny models against a brute-force oracle: how many verdicts are wrong, how many open.

python -m benchmarks.equivalence.random_pairs --pairs 10000 --seed 0
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

import click
import numpy as np

from benchmarks.equivalence.oracle import differs_by_name
from benchmarks.equivalence.rewriting import BREAKING, KEEPING, random_model
from equivalence import Different, Equivalent, Verdict, compare
from equivalence.checker import Refuted, replay
from equivalence.witness_checker import replay_witness
from solvers.errors import ModelError
from solvers.milp import Milp


@dataclass(slots=True)
class Tally:
    """What was counted. ``wrong`` describes each wrong verdict or proof that did not replay."""

    pairs: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def decided(self, which: Counter[str]) -> float:
        """Return the share of pairs decided."""
        return 1 - which["unknown"] / max(1, sum(v for k, v in which.items() if ":" not in k))


def run(pairs: int, seed: int, *, budget_s: float = 10.0) -> Tally:
    """Return the tally over ``pairs`` random pairs, half of them rewritings and half mutations."""
    rng = np.random.default_rng(seed)
    tally = Tally()
    while tally.pairs < pairs:
        if tally.pairs % 2 == 0:
            _keeping(tally, rng, budget_s)
        else:
            _breaking(tally, rng, budget_s)
    return tally


def _keeping(tally: Tally, rng: np.random.Generator, budget_s: float) -> None:
    a = random_model(rng, whole=bool(rng.random() < 0.4))
    name = str(rng.choice(list(KEEPING)))
    b = KEEPING[name](a, rng)
    if b is None:
        return
    tally.pairs += 1
    verdict = compare(a, b, level="L2", mapping="names", budget_s=budget_s)
    tally.kept[verdict.verdict] += 1
    if verdict.verdict == "unknown":
        tally.kept[f"unknown: {name}"] += 1
    if isinstance(verdict, Different):
        tally.wrong.append(f"pair {tally.pairs} ({name}): different, but {name} keeps the meaning\n{_shown(a, b)}")
    _replayed(tally, a, b, verdict)


def _breaking(tally: Tally, rng: np.random.Generator, budget_s: float) -> None:
    a = random_model(rng, whole=bool(rng.random() < 0.6))
    name = str(rng.choice(list(BREAKING)))
    try:
        b = BREAKING[name](a, rng)
    except ModelError:
        return
    if b is None:
        return
    tally.pairs += 1
    verdict = compare(a, b, level="L1", mapping="names", budget_s=budget_s)
    whole = bool(np.all(a.domains == 1) and np.all(b.domains == 1))
    differs = differs_by_name(a, b, step=Fraction(1) if whole else Fraction(1, 2))
    if differs:
        tally.broken[verdict.verdict] += 1
        if verdict.verdict == "unknown":
            tally.broken[f"unknown: {name}"] += 1
    by_name = isinstance(verdict, Equivalent) and verdict.scope == "by_name"
    if differs and by_name:
        tally.wrong.append(f"pair {tally.pairs} ({name}): equivalent by name, but a point differs\n{_shown(a, b)}")
    if whole and not differs and isinstance(verdict, Different):
        tally.wrong.append(f"pair {tally.pairs} ({name}): different, but all points agree\n{_shown(a, b)}")
    _replayed(tally, a, b, verdict)


def _replayed(tally: Tally, a: Milp, b: Milp, verdict: Verdict) -> None:
    try:
        if isinstance(verdict, Equivalent):
            replay(a, b, verdict.certificate)
        if isinstance(verdict, Different):
            replay_witness(a, b, verdict.witness)
    except Refuted as refuted:
        tally.wrong.append(f"pair {tally.pairs}: the proof does not replay: {refuted}\n{_shown(a, b)}")


def _shown(a: Milp, b: Milp) -> str:
    parts = []
    for model in (a, b):
        parts.append(
            f"{model.sense} {model.objective.tolist()} + {model.constant}, names {list(model.column_names)}, "
            f"rows {model.matrix.toarray().tolist()} in {model.row_lower.tolist()}..{model.row_upper.tolist()}, "
            f"columns {model.column_lower.tolist()}..{model.column_upper.tolist()}, whole {model.domains.tolist()}"
        )
    return "\n".join(parts)


@click.command()
@click.option("--pairs", default=10_000, show_default=True, help="How many pairs.")
@click.option("--seed", default=0, show_default=True, help="The seed of the pairs.")
def command(pairs: int, seed: int) -> None:
    """Compare random pairs and print what was decided."""
    tally = run(pairs, seed)
    click.echo(f"pairs {tally.pairs}, wrong {len(tally.wrong)}")
    click.echo(f"rewritings: {dict(tally.kept)}, decided {tally.decided(tally.kept):.4f}")
    click.echo(f"confirmed mutations: {dict(tally.broken)}, decided {tally.decided(tally.broken):.4f}")
    for text in tally.wrong[:10]:
        click.echo(text)
    raise SystemExit(1 if tally.wrong else 0)


if __name__ == "__main__":
    command()
