"""Every MPS instance of a folder against its permuted copy.

python -m benchmarks.equivalence.instances ../shared/data/instances
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click
import numpy as np

from benchmarks.equivalence.speed import permuted
from equivalence import compare
from solvers import formats
from solvers.errors import SolversError


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--budget-s", default=5.0, show_default=True, help="Seconds for each comparison.")
def command(folder: Path, budget_s: float) -> None:
    """Compare each instance with its permuted copy at L0; print the counts, the total and the slowest five."""
    counts: Counter[str] = Counter()
    times: list[tuple[float, str, int]] = []
    for path in sorted([*folder.rglob("*.mps"), *folder.rglob("*.mps.gz")]):
        try:
            model = formats.read(path)
        except SolversError:
            counts["refused by the reader"] += 1
            continue
        copy = permuted(model, np.random.default_rng(1))
        started = time.perf_counter()
        verdict = compare(model, copy, level="L0", budget_s=budget_s)
        times.append((time.perf_counter() - started, path.name, model.nonzeros))
        counts[verdict.verdict] += 1
        if verdict.verdict != "equivalent":
            click.echo(f"{path.name}, {model.nonzeros} nonzeros: {verdict}")
    click.echo(f"{dict(counts)}, {sum(t for t, *_ in times):.1f} s in total")
    for seconds, name, nonzeros in sorted(times)[-5:]:
        click.echo(f"  {seconds:.2f} s {name}, {nonzeros} nonzeros")


if __name__ == "__main__":
    command()
