"""The page of other code in docs/samples proves what the checker proves, and refuses what it refuses."""

from __future__ import annotations

import ast
import dataclasses
import json
import math
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.equivalence.random_pairs import _drawn
from equivalence import Equivalent, compare
from equivalence.certificate import Certificate
from equivalence.checker import Refuted, replay
from equivalence.proof_json import proof_json
from solvers import formats
from solvers.milp import Milp

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "samples" / "replay.py"


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "replay"}
    exec(compile(PAGE.read_text(encoding="utf-8"), PAGE, "exec"), names)
    return names


@pytest.fixture(scope="module")
def proved() -> list[tuple[Milp, Milp, Equivalent]]:
    """Pairs of random models, rewritten, that are proved equivalent without rounding noise."""
    rng = np.random.default_rng(7)
    found: list[tuple[Milp, Milp, Equivalent]] = []
    for k in range(120):
        drawn = _drawn(rng, k % 4 if k % 5 else 8)
        if drawn is None:
            continue
        verdict = compare(*drawn[:2], level="L2", mapping="names", budget_s=math.inf)
        if isinstance(verdict, Equivalent) and verdict.exact:
            found.append((*drawn[:2], verdict))
    return found


def _refusal(page: dict[str, Any], folder: Path, a: Milp, b: Milp, verdict: Equivalent) -> str | None:
    """What the page says against the certificate; None where it takes it."""
    files = [folder / name for name in ("a.json", "b.json", "verdict.json")]
    formats.save(a, files[0])
    formats.save(b, files[1])
    told = {"verdict": "equivalent", "level": str(verdict.level), "exact": verdict.exact}
    files[2].write_text(json.dumps(told | {"certificate": proof_json(verdict.certificate)}), encoding="utf-8")
    try:
        page["main"](*files)
    except SystemExit as refused:
        return str(refused.code)
    return None


def _mutated(value: Any, rng: np.random.Generator) -> Any:
    """The certificate with one rational, or one entry of a list, changed."""
    places: list[tuple[Any, ...]] = []

    def walk(at: Any, path: tuple[Any, ...]) -> None:
        if isinstance(at, Fraction):
            places.append(path)
        elif isinstance(at, tuple):
            if len(at) > 1 and path:
                places.append(path)
            for k, part in enumerate(at):
                walk(part, (*path, k))
        elif dataclasses.is_dataclass(at):
            for field in dataclasses.fields(at):
                walk(getattr(at, field.name), (*path, field.name))

    def changed(at: Any, path: tuple[Any, ...]) -> Any:
        if not path:
            if isinstance(at, Fraction):
                return at + rng.choice([Fraction(1), Fraction(-1), Fraction(1, 2), -at])
            return (at[1], at[0], *at[2:]) if type(at[0]) is type(at[1]) else at
        head, *rest = path
        if isinstance(at, tuple):
            return (*at[:head], changed(at[head], tuple(rest)), *at[head + 1 :])
        return dataclasses.replace(at, **{head: changed(getattr(at, head), tuple(rest))})

    walk(value, ())
    return changed(value, places[int(rng.integers(len(places)))])


def _holds(a: Milp, b: Milp, certificate: Certificate) -> bool:
    try:
        replay(a, b, certificate)
    except (Refuted, LookupError, AttributeError):
        return False
    return True


def test_the_page_needs_python_alone() -> None:
    tree = ast.parse(PAGE.read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules <= set(sys.stdlib_module_names)


def test_the_page_takes_every_certificate_of_random_pairs(page, proved, tmp_path) -> None:
    kinds = Counter(type(verdict.certificate).__name__ for _, _, verdict in proved)
    assert min(kinds[kind] for kind in ("Permutation", "Mapped", "BothEmpty")) >= 3, kinds
    for a, b, verdict in proved:
        assert _refusal(page, tmp_path, a, b, verdict) is None


def test_the_page_refuses_changed_certificates_where_the_checker_does(page, proved, tmp_path) -> None:
    rng = np.random.default_rng(3)
    refused = 0
    for a, b, verdict in proved:
        for _ in range(4):
            other = dataclasses.replace(verdict, certificate=_mutated(verdict.certificate, rng))
            holds = _holds(a, b, other.certificate)
            try:
                taken = _refusal(page, tmp_path, a, b, other) is None
            except LookupError:
                taken = False
            assert taken == holds, other.certificate
            refused += not holds
    assert refused > 100


def test_the_page_refuses_a_certificate_beside_other_models(page, proved, tmp_path) -> None:
    refused = 0
    for k, (a, _, verdict) in enumerate(proved):
        _, other, _ = proved[k - 1]
        try:
            taken = _refusal(page, tmp_path, a, other, verdict) is None
        except LookupError:
            taken = False
        assert taken == _holds(a, other, verdict.certificate)
        refused += not taken
    assert refused > len(proved) / 2


def test_the_commands_of_the_document_prove_the_sample(tmp_path) -> None:
    samples = ROOT / "docs" / "samples"
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for name, file in zip(("bakery.lp", "bakery_rewritten.lp"), files, strict=True):
        formats.save(formats.read(samples / name), file)
    command = [Path(sys.executable).parent / "milpwright", "compare", *files, "--json"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    (tmp_path / "verdict.json").write_text(told.stdout, encoding="utf-8")
    page = [sys.executable, "-I", PAGE, *files, tmp_path / "verdict.json"]
    done = subprocess.run(page, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "proved: equivalent at L0, with f_B = 1 f_A + 0 (both minimised)\n")
    forged = json.loads(told.stdout)
    forged["certificate"]["columns"].reverse()
    (tmp_path / "verdict.json").write_text(json.dumps(forged), encoding="utf-8")
    done = subprocess.run(page, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("not proved: ")
