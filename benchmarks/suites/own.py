"""The project's own problems: solved by hand, or to be refused or questioned."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.errors import SuiteError
from benchmarks.item import Item, LpGold
from benchmarks.suites.suite import Label, Release, Suite

CASES = Path(__file__).with_name("cases")
_NOISE = "abcdefghijklmnopqrstuvwxyz     .,;:%$()0123456789\n"


def load_cases(folder: Path = CASES) -> list[Item]:
    """Return every case under the folder, those with an optimum first, each group by name.

    A case is a TOML file: ``class``, ``text`` (or ``[generated]``), and ``[expected]`` with ``status`` (any of
    which is right) and, where that is an optimum, ``value`` and the ``model`` in LP format. Raises `SuiteError`.
    """
    paths = sorted((folder / "solved").glob("*.toml")) + sorted((folder / "refused").glob("*.toml"))
    if not paths:
        raise SuiteError(f"no case lies under {folder}; give the folder that holds solved/ and refused/")
    return [_case(path) for path in paths]


def _case(path: Path) -> Item:
    try:
        case = tomllib.loads(path.read_text(encoding="utf-8"))
        expected = case["expected"]
        text = _generated(case["generated"]) if "generated" in case else str(case["text"]).strip("\n")
        solved = "value" in expected
        return Item(
            id=path.stem,
            suite="own",
            text=text,
            value=float(expected["value"]) if solved else None,
            gold=LpGold(str(expected["model"]).strip() + "\n") if solved else None,
            statuses=frozenset() if solved else frozenset(map(str, expected["status"])),
            kind=str(case["class"]),
            source=f"{path.parent.name}/{path.name}",
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SuiteError(f"{path}: no case: {type(error).__name__}: {error}") from error


def _generated(spec: Mapping[str, Any]) -> str:
    """Return the text that the specification describes, the same at every call."""
    match spec["kind"]:
        case "empty":
            return ""
        case "noise":
            draw = random.Random(int(spec["seed"]))  # noqa: S311 - noise, not a secret
            return "".join(draw.choices(_NOISE, k=int(spec["bytes"])))
        case kind:
            raise SuiteError(f"no generated text of the kind {kind!r}")


SUITE = Suite(
    name="own",
    title="The project's own problems, solved by hand or to be refused",
    licence="Apache-2.0",
    size="20 to solve, 12 to refuse or question",
    label=Label.OWN,
    parse=load_cases,
    releases=(Release("shipped with the package"),),
    default_path=CASES,
)
