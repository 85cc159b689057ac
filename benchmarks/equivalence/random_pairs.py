"""Random pairs of tiny models against a brute-force oracle: how many verdicts are wrong, how many open.

python -m benchmarks.equivalence.random_pairs --pairs 10000 --seed 0

Of every ten pairs, four are a model and a rewriting that keeps its meaning, or two of them one after the other;
four a model and a mutation, or a mutation rewritten; one an unusual class; one two models drawn at large. A verdict
is wrong if the oracle refutes it: `equivalent` where a point differs by name (a plain renaming, L0, may still hold) or
where the certificate's own map fails at a point; `different` after a rewriting that keeps the meaning, or where
all points of a model that can be counted out agree.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

import click
import numpy as np

from benchmarks.equivalence.oracle import differs_by_name, fault_of, is_enumerable
from benchmarks.equivalence.reformulating import ALL_BREAKING, ALL_KEEPING, BY_NAME, odd_model, unusual_class
from benchmarks.equivalence.rewriting import random_model
from equivalence import Different, Equivalent, Level, Scope, Unknown, Verdict, compare
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
    unusual: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def decided(self, which: Counter[str]) -> float:
        """Return the share of pairs decided."""
        return 1 - which["unknown"] / max(1, _total(which))

    @property
    def confirmed(self) -> int:
        """The number of mutations that the oracle confirms."""
        return _total(self.broken)


def _total(which: Counter[str]) -> int:
    return sum(v for k, v in which.items() if ":" not in k)


Drawn = tuple[Milp, Milp, str]


def run(pairs: int, seed: int, *, budget_s: float = math.inf) -> Tally:
    """Return the tally over ``pairs`` random pairs; without a budget it hangs on nothing but the seed."""
    rng = np.random.default_rng(seed)
    tally = Tally()
    while tally.pairs < pairs:
        kind = tally.pairs % 10
        drawn = _drawn(rng, kind)
        if drawn is None:
            continue
        tally.pairs += 1
        if kind < 4:
            _keeping(tally, drawn, budget_s)
        elif kind < 8:
            _breaking(tally, drawn, budget_s)
        elif kind == 8:
            _unusual(tally, drawn, budget_s)
        else:
            _at_large(tally, drawn, budget_s)
    return tally


def _model(rng: np.random.Generator, whole: float) -> Milp:
    model = random_model(rng, whole=bool(rng.random() < whole))
    return odd_model(model, rng) if rng.random() < 0.25 else model


def _drawn(rng: np.random.Generator, kind: int) -> Drawn | None:
    """Return two models and what was done to the first; None where the drawing came to nothing."""
    try:
        if kind < 4:
            a = _model(rng, 0.4)
            steps = [str(rng.choice(list(ALL_KEEPING)))]
            if kind >= 2:
                steps.append(str(rng.choice(list(ALL_KEEPING))))
            return _after(a, steps, rng)
        a = _model(rng, 0.6)
        if kind < 8:
            steps = [str(rng.choice(list(ALL_BREAKING)))]
            if kind >= 6:
                steps.append(str(rng.choice(BY_NAME)))
            return _after(a, steps, rng)
        if kind == 8:
            step = ("permute", "rename", "scale rows", "flip", "nothing", "bound", "coefficient", "objective")
            return _after(unusual_class(a, rng), [str(rng.choice(step))], rng)
        return a, _model(rng, 0.6), "at large"
    except ModelError:
        return None


def _after(a: Milp, steps: list[str], rng: np.random.Generator) -> Drawn | None:
    b: Milp | None = a
    for step in steps:
        if b is not None and step != "nothing":
            b = {**ALL_KEEPING, **ALL_BREAKING}[step](b, rng)
    if b is None or len(set(b.column_names)) < b.n_columns:
        return None
    return a, b, ", ".join(steps)


def _keeping(tally: Tally, drawn: Drawn, budget_s: float) -> None:
    a, b, name = drawn
    verdict = compare(a, b, level="L2", mapping="names", budget_s=budget_s)
    tally.kept[verdict.verdict] += 1
    if isinstance(verdict, Unknown):
        tally.kept[f"unknown: {name}, {verdict.reason}"] += 1
    if isinstance(verdict, Different):
        tally.wrong.append(f"pair {tally.pairs} ({name}): different, but {name} keeps the meaning\n{_shown(a, b)}")
    _checked(tally, drawn, verdict)


def _step(a: Milp, b: Milp) -> Fraction:
    return Fraction(1) if is_enumerable(a) and is_enumerable(b) else Fraction(1, 2)


def _breaking(tally: Tally, drawn: Drawn, budget_s: float) -> None:
    a, b, name = drawn
    level = Level.L1 if a.n_columns == b.n_columns else Level.L2
    verdict = compare(a, b, level=level, mapping="names", budget_s=budget_s)
    differs = differs_by_name(a, b, step=_step(a, b))
    if differs:
        tally.broken[verdict.verdict] += 1
        if isinstance(verdict, Unknown):
            tally.broken[f"unknown: {name}, {verdict.reason}"] += 1
    _held_against(tally, drawn, verdict, differs=differs)
    _checked(tally, drawn, verdict)


def _held_against(tally: Tally, drawn: Drawn, verdict: Verdict, *, differs: bool) -> None:
    """Note a verdict (with mapping "names") that the oracle by name refutes."""
    a, b, name = drawn
    if (
        differs
        and isinstance(verdict, Equivalent)
        and (verdict.scope is Scope.BY_NAME or verdict.level is not Level.L0)
    ):
        tally.wrong.append(f"pair {tally.pairs} ({name}): equivalent, but a point differs by name\n{_shown(a, b)}")
    counted = is_enumerable(a) and is_enumerable(b) and set(a.column_names) == set(b.column_names)
    if counted and not differs and isinstance(verdict, Different):
        tally.wrong.append(f"pair {tally.pairs} ({name}): different, but all points agree\n{_shown(a, b)}")


def _unusual(tally: Tally, drawn: Drawn, budget_s: float) -> None:
    a, b, name = drawn
    verdict = compare(a, b, level="L1", mapping="names", budget_s=budget_s)
    tally.unusual[verdict.verdict] += 1
    keeps = name in ALL_KEEPING or name == "nothing"
    if keeps and isinstance(verdict, Different):
        tally.wrong.append(f"pair {tally.pairs} ({name}): different, but {name} keeps the meaning\n{_shown(a, b)}")
    if not keeps:
        _held_against(tally, drawn, verdict, differs=differs_by_name(a, b, step=Fraction(1, 2)))
    _checked(tally, drawn, verdict)


def _at_large(tally: Tally, drawn: Drawn, budget_s: float) -> None:
    a, b, _ = drawn
    verdict = compare(a, b, level="L1", mapping="auto", budget_s=budget_s)
    if isinstance(verdict, Different) and verdict.scope is not Scope.ANY_MAP:
        tally.wrong.append(f"pair {tally.pairs}: different by a map that was not asked for\n{_shown(a, b)}")
    _checked(tally, drawn, verdict)


def _checked(tally: Tally, drawn: Drawn, verdict: Verdict) -> None:
    """Replay the proof; and follow the map of a certificate point by point."""
    a, b, name = drawn
    try:
        if isinstance(verdict, Equivalent):
            replay(a, b, verdict.certificate)
            fault = fault_of(a, b, verdict.certificate)
            if fault is not None:
                tally.wrong.append(f"pair {tally.pairs} ({name}): the map fails: {fault}\n{_shown(a, b)}")
        if isinstance(verdict, Different):
            replay_witness(a, b, verdict.witness)
    except Refuted as refuted:
        tally.wrong.append(f"pair {tally.pairs} ({name}): the proof does not replay: {refuted}\n{_shown(a, b)}")


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
    click.echo(
        f"confirmed mutations: {tally.confirmed}, {dict(tally.broken)}, decided {tally.decided(tally.broken):.4f}"
    )
    click.echo(f"quadratic and semi-continuous: {dict(tally.unusual)}")
    for text in tally.wrong[:10]:
        click.echo(text)
    raise SystemExit(1 if tally.wrong else 0)


if __name__ == "__main__":
    command()
