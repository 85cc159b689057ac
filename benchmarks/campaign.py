"""Runs of the agents beside runs of the baseline on the same items: which is right more often, and which knows it.

    python -m benchmarks.campaign --agents RUN [RUN ...] --baseline RUN [RUN ...]

The runs are folders of `milpwright bench run --draw` with `--reader chat` and `--reader baselinexK`, one a suite.
"""

from __future__ import annotations

import argparse
import math
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.compare import Key, compare_records, load_run
from benchmarks.errors import RecordError
from benchmarks.intervals import Share
from benchmarks.record import Outcome, Record

_Z95 = 1.959963984540054


def paired_difference(better: int, worse: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two paired shares (Agresti and Min 2005).

    It is Wald's interval after half an item is added to each of the four cells, which keeps its coverage where few
    pairs differ. Raises `ValueError` where there is no pair.
    """
    if not 0 <= better + worse <= total or min(better, worse) < 0 or total == 0:
        raise ValueError(f"no paired share: {better} better and {worse} worse of {total}")
    b, c, n = better + 0.5, worse + 0.5, total + 2
    half = _Z95 * math.sqrt(b + c - (b - c) ** 2 / n) / n
    middle = (b - c) / n
    return middle - half, middle + half


def misses() -> dict[str, tuple[str, str]]:
    """Return (whose fault, why) of each item that was got wrong in a run that was read."""
    table = tomllib.loads(Path(__file__).with_name("chat_misses.toml").read_text(encoding="utf-8"))
    return {item: (fault, why) for fault, items in table.items() for item, why in items.items()}


def campaign_text(agents: dict[Key, Record], baseline: dict[Key, Record]) -> str:
    """Return the figures of both over the items that both have judged, as lines for a terminal.

    Raises `RecordError` where there is no such item.
    """
    shared = sorted(key for key in agents if key in baseline)
    if not shared:
        raise RecordError("the runs have no item in common")
    read = misses()
    lines: list[str] = []
    for title, keys in (
        ("all items", shared),
        ("without labels that contradict their text", [k for k in shared if read.get(k[1], ("",))[0] != "label"]),
    ):
        lines += ["", f"{title}: {len(keys)}", *_figures(keys, agents, baseline)]
    lines += ["", "wrong, or confident and wrong:"]
    for key in shared:
        a, b = agents[key], baseline[key]
        if Outcome.WRONG in (a.outcome, b.outcome):
            fault, why = read.get(key[1], ("not read", ""))
            lines.append(f"  {key[1]}: agents {_said(a)}, baseline {_said(b)}: {fault}{f' ({why})' if why else ''}")
    return "\n".join(lines[1:])


def _figures(keys: Sequence[Key], agents: dict[Key, Record], baseline: dict[Key, Record]) -> list[str]:
    a, b = {key: agents[key] for key in keys}, {key: baseline[key] for key in keys}
    compared = compare_records("baseline", b, "agents", a)
    lines = []
    if compared.both:
        low, high = paired_difference(len(compared.better), len(compared.worse), compared.both)
        difference = (len(compared.better) - len(compared.worse)) / compared.both
        lines += [
            f"  right           agents {compared.right_b}",
            f"                baseline {compared.right_a}",
            f"  difference    {100 * difference:+.1f} points (95 %: {100 * low:+.1f} to {100 * high:+.1f}; "
            f"{len(compared.better)} better, {len(compared.worse)} worse of {compared.both})",
        ]
    for name, records in (("agents", list(a.values())), ("baseline", list(b.values()))):
        sure = [record for record in records if record.confident]
        wrong = Share(sum(record.outcome is Outcome.WRONG for record in sure), len(sure))
        lines.append(
            f"  {name:8} confident {Share(len(sure), len(records))}, wrong of those {wrong}; calls {_middle(records)}"
        )
    return lines


def _middle(records: Sequence[Record]) -> str:
    calls, tokens = median(r.calls for r in records), median(r.tokens for r in records)
    return f"median {calls:g}, tokens median {tokens:g}"


def _said(record: Record) -> str:
    return f"{record.outcome.value}{' and confident' if record.confident else ''}"


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; return 0, or 2 where the runs cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaign", description=__doc__)
    parser.add_argument("--agents", nargs="+", type=Path, required=True, metavar="RUN")
    parser.add_argument("--baseline", nargs="+", type=Path, required=True, metavar="RUN")
    options = parser.parse_args(arguments)
    try:
        agents = {key: record for folder in options.agents for key, record in load_run(folder).items()}
        baseline = {key: record for folder in options.baseline for key, record in load_run(folder).items()}
        print(campaign_text(agents, baseline))  # noqa: T201
    except RecordError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
