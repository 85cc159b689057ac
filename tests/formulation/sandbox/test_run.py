"""What a run ends with, and what a program can and cannot ask for."""

from __future__ import annotations

import asyncio
import fcntl
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.sandbox.leak import leak
from formulation.sandbox import Built, LimitHit, LimitKind, Limits, ProgramError, Sandbox
from formulation.sandbox.program_data import DataError

PROGRAM = """
import pyomo.environ as pyo

def build(data):
    m = pyo.ConcreteModel()
    m.plants = pyo.Set(initialize=data["plants"])
    m.x = pyo.Var(m.plants, within=pyo.NonNegativeReals)
    m.capacity = pyo.Constraint(m.plants, rule=lambda m, i: m.x[i] <= data["capacity"][i])
    m.total = pyo.Objective(expr=sum(data["cost"][i, k] * m.x[i] for i, k in data["cost"]), sense=pyo.maximize)
    return m
"""
DATA = {"plants": ["a", "b"], "capacity": {"a": 7, "b": 8.5}, "cost": {("a", 1): 2, ("b", 2): 3}}
SMALL = "import pyomo.environ as pyo\nmodel = pyo.ConcreteModel()\nmodel.x = pyo.Var(bounds=(0, 1))\n"
SMALL += "model.o = pyo.Objective(expr=model.x)\n"


def test_build_receives_the_data(sandbox: Sandbox) -> None:
    outcome = sandbox.run(PROGRAM, DATA)
    assert isinstance(outcome, Built)
    assert outcome.milp.row_upper.tolist() == [7, 8.5]
    assert outcome.milp.objective.tolist() == [2, 3]


def test_a_top_level_model_needs_no_build(sandbox: Sandbox) -> None:
    assert isinstance(sandbox.run(SMALL), Built)


def test_a_script_that_solves_its_model_ends_there(sandbox: Sandbox) -> None:
    outcome = sandbox.run(SMALL.replace("model", "plan") + "pyo.SolverFactory('glpk').solve(plan)\n1 / 0\n")
    assert isinstance(outcome, Built)


def test_what_is_printed_is_kept_up_to_its_limit(sandbox: Sandbox) -> None:
    outcome = sandbox.run(SMALL + "for k in range(10**5): print('noise')\n", limits=Limits(printed_characters=100))
    assert isinstance(outcome, Built)
    assert outcome.printed == ("noise\n" * 17)[:100]


@pytest.mark.parametrize(
    ("source", "type_", "line", "name"),
    [
        ("x = 1\ny = undefined_thing\n", "NameError", 2, "undefined_thing"),
        ("def build(data:\n", "SyntaxError", 1, None),
        ("def build(data):\n    return data['missing']\n", "KeyError", 2, "missing"),
        (SMALL + "\nmodel.c = pyo.Constraint(expr=model.z <= 1)\n", "AttributeError", 6, "z"),
        ("import not_there\n", "ModuleNotFoundError", 1, "not_there"),
        ("def build(data):\n    pass\n", "ProgramError", None, None),
        ("x = 1\n", "ProgramError", None, None),
        ("model = 3\n", "ProgramError", None, None),
        ("import pyomo.environ as pyo\nmodel = pyo.AbstractModel()\n", "ProgramError", None, None),
        ("raise SystemExit(3)\n", "ProgramError", None, None),
        ("def f():\n    f()\nf()\n", "RecursionError", 2, "f"),
        ("import os\nos._exit(0)\n", "Crash", None, None),
        ("import os, signal\nos.abort()\n", "Crash", None, None),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E\n", "E", 3, "E"),
        ("x = '\\ud800'\nraise ValueError(x)\n", "ValueError", 2, None),
        ("x = 1\0", "SyntaxError", None, None),
    ],
)
def test_a_wrong_program_is_told_where_and_what(
    sandbox: Sandbox, source: str, type_: str, line: int | None, name: str | None
) -> None:
    outcome = sandbox.run(source, {})
    assert isinstance(outcome, ProgramError), outcome
    assert (outcome.type, outcome.line) == (type_, line)
    assert name is None or name in outcome.names


@pytest.mark.parametrize(
    ("source", "which"),
    [
        ("while True: pass\n", LimitKind.WALL),
        ("import time\ntime.sleep(60)\n", LimitKind.WALL),
        ("x = [0]\nwhile True: x = x + x\n", LimitKind.MEMORY),
        ("import numpy\nnumpy.ones(10**10)\n", LimitKind.MEMORY),
    ],
)
def test_a_program_that_takes_too_much_hits_its_limit_in_time(sandbox: Sandbox, source: str, which: LimitKind) -> None:
    sandbox.unavailable()  # waits for the start and the probe
    limits = Limits(wall_s=1.0 if which is LimitKind.WALL else 20.0, memory_bytes=256 << 20)
    started = time.monotonic()
    outcome = sandbox.run(source, limits=limits)
    assert isinstance(outcome, LimitHit)
    assert outcome.which is which
    assert time.monotonic() - started < 60.0  # how promptly is for `python -m formulation.sandbox.self_check` to say


def test_processor_time_is_limited_apart_from_wall_time(sandbox: Sandbox) -> None:
    outcome = sandbox.run("while True: pass\n", limits=Limits(wall_s=200, cpu_s=1))
    assert outcome == LimitHit(LimitKind.CPU, 1)


def test_a_model_too_large_to_hand_over_hits_the_output_limit(sandbox: Sandbox) -> None:
    outcome = sandbox.run(SMALL + "model.y = pyo.Var(range(5000))\n", limits=Limits(output_bytes=50_000))
    assert outcome == LimitHit(LimitKind.OUTPUT, 50_000)


def test_one_run_sees_nothing_of_another(sandbox: Sandbox) -> None:
    sandbox.run("import pyomo.environ as pyo, builtins\nbuiltins.planted = pyo.planted = 1\n")
    outcome = sandbox.run(
        "import pyomo.environ as pyo, builtins\nprint(hasattr(builtins, 'planted'), hasattr(pyo, 'planted'))\n"
    )
    assert isinstance(outcome, ProgramError)
    assert outcome.printed == "False False\n"


def test_runs_go_on_side_by_side(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: sandbox.run(PROGRAM, DATA), range(24)))
    assert all(isinstance(outcome, Built) for outcome in outcomes)


def test_a_run_can_be_cancelled_from_another_thread(sandbox: Sandbox) -> None:
    cancellation = threading.Event()
    threading.Timer(0.2, cancellation.set).start()
    outcome = sandbox.run("while True: pass\n", cancellation=cancellation)
    assert outcome == LimitHit(LimitKind.CANCELLED, 0)


def test_cancelling_the_task_ends_the_run(sandbox: Sandbox) -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(sandbox.run_async("while True: pass\n", limits=Limits(wall_s=200.0, cpu_s=200)))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    started = time.monotonic()
    asyncio.run(cancelled())
    assert time.monotonic() - started < 100.0


def test_a_zygote_that_dies_is_replaced() -> None:
    with Sandbox() as sandbox:
        assert isinstance(sandbox.run(SMALL), Built)
        assert sandbox._zygote is not None
        sandbox._zygote.process.kill()
        sandbox._zygote.process.wait()
        assert isinstance(sandbox.run(SMALL), Built)
        assert sandbox.counters.zygotes_started == 2


@pytest.mark.parametrize("value", [object(), float("nan"), {"a": [1]}, {("a", object()): 1}])
def test_data_that_no_program_can_use_is_refused(sandbox: Sandbox, value: object) -> None:
    with pytest.raises(DataError):
        sandbox.run(PROGRAM, {"p": value})


def test_what_is_refused_is_known_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = Sandbox()
    assert sandbox.refusal is None
    monkeypatch.setattr("sys.platform", "darwin")
    assert sandbox.refusal is not None
    assert sandbox.refusal.layer == "platform"


@pytest.mark.slow
def test_runs_of_every_kind_leave_nothing_behind() -> None:
    before, after, _ = leak(600)
    assert (before.descriptors, before.zygote_descriptors) == (after.descriptors, after.zygote_descriptors)
    assert (after.children, after.folders) == (0, 0)
    assert after.zygote_bytes <= 1.05 * before.zygote_bytes


@pytest.mark.parametrize(
    "call",
    [
        "from pyomo.contrib import appsi; appsi.solvers.Highs().solve(model)",
        "from pyomo.contrib import appsi; s = appsi.solvers.Gurobi(); s.set_instance(model); s.solve(model)",
        "from pyomo.contrib import appsi; s = appsi.solvers.Cbc(); assert s.available(); s.solve(model)",
        "from pyomo.contrib.solver.solvers.highs import Highs; Highs().solve(model)",
        "from pyomo.contrib.solver.common.factory import SolverFactory; SolverFactory('ipopt').solve(model)",
        "from pyomo.solvers.plugins.solvers.GLPK import GLPKSHELL; GLPKSHELL().solve(model)",
    ],
)
def test_a_solver_made_without_the_factory_ends_the_program_with_its_model_too(sandbox: Sandbox, call: str) -> None:
    outcome = sandbox.run(f"{SMALL}{call}\nraise RuntimeError('not run')\n")
    assert isinstance(outcome, Built), outcome
    assert outcome.milp.column_names == ["x"]


def test_what_a_killed_process_has_left_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, young, others = (tmp_path / f"milpwright-runs-{name}" for name in ("left", "young", "others"))
    for folder in (left, young, others):
        (folder / "7").mkdir(parents=True)
    other = os.open(others, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_SH)
    for folder in (left, others):
        os.utime(folder, (0, 0))
    try:
        with Sandbox(parallel=1) as sandbox:
            own = Path(sandbox.runs_folder or "")
            os.utime(own, (0, 0))
            with Sandbox(parallel=1):
                assert own.is_dir()
    finally:
        os.close(other)
    assert not left.exists()
    assert young.exists()
    assert others.exists()
    assert not own.exists()
