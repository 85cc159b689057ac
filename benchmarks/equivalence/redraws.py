"""Reference models against scrambled and against spoiled copies, over redraws of their numbers.

    python -m benchmarks.equivalence.redraws ../shared/data/bench4opt/dev.jsonl --redraws 20

Each line of the file has the LP text of a model in ``gold.lp``. A scrambled copy has its rows and columns in
another order and under other names, and its rows scaled; a spoiled copy one seeded error besides. A redraw
replaces each distinct number of the model by another, the same everywhere it stands.
"""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.equivalence.rewriting import BREAKING, flip_objective, rename, scale_rows
from equivalence import Different, Equivalent, Scope, compare
from equivalence.checker import replay
from equivalence.witness_checker import replay_witness
from solvers import SolveOptions, formats, solve
from solvers.errors import FormatError, ModelError
from solvers.milp import Milp, Sense
from solvers.result import Reason


@dataclass(slots=True)
class Campaign:
    """What was counted; ``problems`` names what should not be."""

    scrambled: Counter[str] = field(default_factory=Counter)
    spoiled_l0: Counter[str] = field(default_factory=Counter)
    spoiled_l1: Counter[str] = field(default_factory=Counter)
    oracle: Counter[str] = field(default_factory=Counter)
    unsteady: int = 0
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


def redrawn(model: Milp, rng: np.random.Generator) -> Milp:
    """Return the model with each distinct coefficient, cost and right-hand side drawn anew, consistently.

    0, 1 and -1 are structure and stay, and so do signs and bounds of variables.
    """
    known: dict[float, float] = {0.0: 0.0, 1.0: 1.0}

    def draw(values: NDArray[np.float64]) -> NDArray[np.float64]:
        found = values.copy()
        for k, value in enumerate(values):
            if np.isfinite(value):
                size = abs(float(value))
                if size not in known:
                    known[size] = float(np.round(size * rng.uniform(0.5, 2.0), 6)) or size
                found[k] = np.sign(value) * known[size]
        return found

    matrix = model.matrix.copy()
    matrix.data = draw(matrix.data)
    lower, upper = draw(model.row_lower), draw(model.row_upper)
    return replace(
        model,
        matrix=matrix,
        objective=draw(model.objective),
        row_lower=np.minimum(lower, upper),
        row_upper=np.maximum(lower, upper),
    )


def scrambled(model: Milp, rng: np.random.Generator) -> Milp:
    """Return the model with rows scaled, everything renamed and reordered, perhaps with its objective negated."""
    copy = rename(scale_rows(model, rng), rng)
    return flip_objective(copy, rng) if rng.random() < 0.5 else copy


def spoiled(model: Milp, rng: np.random.Generator) -> tuple[Milp, str]:
    """Return the model with one seeded error, and its kind."""
    while True:
        kind = str(rng.choice(list(BREAKING)))
        try:
            other = BREAKING[kind](model, rng)
        except ModelError:
            continue
        if other is not None:
            return other, kind


_OPEN = "SCIP did not end"


def told_apart(a: Milp, b: Milp, verdict: Equivalent, rng: np.random.Generator) -> str | None:
    """Return how SCIP tells two models apart that are called equivalent, or that it did not end; None where it cannot.

    It compares feasibility and the optimum under the verdict's factor and constant; and, where every variable is
    matched by name, the optima of three random objectives.
    """

    def best(model: Milp) -> tuple[str, float]:
        """Return how SCIP ended, and the optimum of the minimised objective."""
        solution = solve(model, SolveOptions(time_limit_s=20.0, mip_gap=0.0), solver="scip")
        value = 0.0 if solution.point is None else solution.objective
        return str(solution.termination.reason), value if model.sense is Sense.MINIMIZE else -value

    factor, constant = float(verdict.objective_factor), float(verdict.objective_constant)
    (ended, value), other = best(a), best(b)
    pairs = [((ended, factor * value + constant), other)]
    if verdict.scope is Scope.BY_NAME and list(a.column_names) == list(b.column_names):
        for _ in range(3):
            objective = rng.integers(-5, 6, size=a.n_columns).astype(float)
            asked = [
                replace(m, sense=Sense.MINIMIZE, objective=objective, constant=0.0, quadratic=None) for m in (a, b)
            ]
            pairs.append((best(asked[0]), best(asked[1])))
    for (ended_a, value_a), (ended_b, value_b) in pairs:
        if {ended_a, ended_b} - {Reason.OPTIMAL, Reason.INFEASIBLE, Reason.UNBOUNDED}:
            return _OPEN
        if ended_a != ended_b:
            return f"one is {ended_a}, the other {ended_b}"
        if ended_a == Reason.OPTIMAL and abs(value_a - value_b) > 1e-5 * max(1.0, abs(value_a)):
            return f"the optima are {value_a} and {value_b}"
    return None


def run(
    models: dict[str, Milp], redraws: int, seed: int, *, budget_s: float = math.inf, oracle: bool = False
) -> Campaign:
    """Return the campaign over the models, the first draw being the model as it is.

    ``oracle`` asks SCIP about each spoiled copy that is called equivalent, see `told_apart`.
    """
    campaign = Campaign()
    started = time.perf_counter()
    for name, original in models.items():
        said = set()
        for draw in range(redraws + 1):
            rng = np.random.default_rng([seed, draw])
            model = redrawn(original, rng) if draw else original
            rng = np.random.default_rng([seed, 7])  # the same scrambling and error for every draw
            copy = scrambled(model, rng)
            verdict = compare(model, copy, budget_s=budget_s)
            campaign.scrambled[verdict.verdict] += 1
            if isinstance(verdict, Equivalent):
                replay(model, copy, verdict.certificate)
            else:
                campaign.problems.append(f"{name}, draw {draw}: a scrambled copy is {verdict}")
            wrong, kind = spoiled(model, rng)
            copy = scrambled(wrong, rng)
            at_l0 = compare(model, copy, level="L0", budget_s=budget_s)
            campaign.spoiled_l0[at_l0.verdict] += 1
            if not isinstance(at_l0, Different):
                campaign.problems.append(f"{name}, draw {draw}: the error '{kind}' is {at_l0.verdict} at L0")
            at_l1 = compare(model, wrong, mapping="names", budget_s=budget_s)
            campaign.spoiled_l1[at_l1.verdict] += 1
            if isinstance(at_l1, Equivalent):
                campaign.spoiled_l1[f"equivalent after '{kind}'"] += 1
                replay(model, wrong, at_l1.certificate)
                if oracle:
                    told = told_apart(model, wrong, at_l1, rng)
                    campaign.oracle["no difference" if told is None else told] += 1
                    if told not in (None, _OPEN):
                        campaign.problems.append(f"{name}, draw {draw}: '{kind}' is equivalent, yet {told}")
            if isinstance(at_l1, Different):
                replay_witness(model, wrong, at_l1.witness)
            said.add((verdict.verdict, at_l0.verdict))
        campaign.unsteady += len(said) > 1
    campaign.seconds = time.perf_counter() - started
    return campaign


def read_models(path: Path) -> tuple[dict[str, Milp], list[str]]:
    """Return the reference models of a file by id, and the ids of those that are not linear."""
    models, left_out = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            item = json.loads(line)
            try:
                models[item["id"]] = formats.read(item["gold"]["lp"], "lp")
            except FormatError as error:
                left_out.append(f"{item['id']}: {error}")
    return models, left_out


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--redraws", default=20, show_default=True, help="Redraws of each model.")
@click.option("--seed", default=0, show_default=True)
@click.option("--budget-s", default=10.0, show_default=True, help="Seconds for each comparison.")
@click.option("--limit", type=int, help="Only so many models.")
@click.option(
    "--oracle/--no-oracle", default=True, show_default=True, help="Ask SCIP where a spoiled copy is equivalent."
)
def command(path: Path, *, redraws: int, seed: int, budget_s: float, limit: int | None, oracle: bool) -> None:
    """Compare each model with a scrambled and a spoiled copy, over redraws."""
    models, left_out = read_models(path)
    models = dict(list(models.items())[:limit])
    campaign = run(models, redraws, seed, budget_s=budget_s, oracle=oracle)
    for text in left_out:
        click.echo(f"left out: {text}")
    click.echo(f"models {len(models)}, draws {redraws + 1}, {campaign.seconds:.1f} s")
    click.echo(f"scrambled copies: {dict(campaign.scrambled)}")
    click.echo(f"spoiled copies at L0: {dict(campaign.spoiled_l0)}")
    click.echo(f"spoiled copies at L1 by name: {dict(campaign.spoiled_l1)}")
    if oracle:
        click.echo(f"SCIP on the equivalent ones: {dict(campaign.oracle)}")
    click.echo(f"models whose verdict hung on the draw: {campaign.unsteady}")
    for problem in campaign.problems[:20]:
        click.echo(problem)


if __name__ == "__main__":
    command()
