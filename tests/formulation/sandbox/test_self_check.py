"""Every attempt to get out is stopped: as this user, as an ordinary one, and in a container; and none is a dud."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from formulation.sandbox import Built, ProgramError, Sandbox, SandboxUnavailable, attempts, probe, self_check
from formulation.sandbox.attempt import program

SETTING = Path(__file__).with_name("setting.py")
ROOT = pytest.mark.skipif(os.getuid() != 0, reason="another setting can be made by root alone")


def in_setting(setting: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", str(SETTING), setting, sys.executable, "-B", *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=SETTING.parents[3],
    )


def test_there_are_at_least_sixty_attempts_with_names_of_their_own() -> None:
    assert len(attempts.ALL) >= 60
    assert len({attempt.name for attempt in attempts.ALL}) == len(attempts.ALL)


@pytest.mark.slow
def test_every_attempt_is_stopped_here() -> None:
    report = self_check.run(grace_s=60.0)  # no test hangs on how busy the machine is
    assert report.held, "\n".join(report.lines())


@ROOT
@pytest.mark.slow
@pytest.mark.parametrize("setting", ["ordinary", "container", "container-root"])
def test_every_attempt_is_stopped_in_another_setting(setting: str) -> None:
    process = in_setting(setting, "-m", "formulation.sandbox.self_check", "--json", "--patient")
    assert process.stdout, process.stderr
    report = json.loads(process.stdout)
    assert report["unavailable"] == ""
    assert [finding for finding in report["findings"] if not finding["held"]] == []
    assert len(report["findings"]) >= len(attempts.ALL)
    missing = {layer["name"] for layer in report["layers"] if not layer["holds"]}
    assert missing <= {"separate user", "network namespace", "ipc namespace"}
    assert ("separate user" in missing) == (setting != "container-root")


@ROOT
@pytest.mark.parametrize(("setting", "layer"), [("no-landlock", "landlock"), ("no-seccomp", "seccomp")])
def test_a_missing_layer_is_refused_by_name_and_no_program_runs(setting: str, layer: str) -> None:
    code = (
        "from formulation.sandbox import Sandbox\n"
        "with Sandbox() as s:\n"
        '    o = s.run(\'open("/tmp/milpwright-ran", "w")\')\n'
        "    print(type(o).__name__, o.layer, s.unavailable().layer, s.counters.built)\n"
    )
    process = in_setting(setting, "-c", code)
    assert process.stdout.split() == ["SandboxUnavailable", layer, layer, "0"], process.stderr
    assert not Path("/tmp/milpwright-ran").exists()


def test_another_platform_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with Sandbox() as sandbox:
        outcome = sandbox.run("x = 1")
    assert isinstance(outcome, SandboxUnavailable)
    assert outcome.layer == "platform"


def test_the_probe_has_run_before_the_first_program(sandbox: Sandbox) -> None:
    assert sandbox.unavailable() is None
    assert sandbox.counters.probe_s > 0  # `python -m benchmarks.sandbox.load` says how long
    assert {layer["name"] for layer in sandbox.counters.layers if layer["required"]} >= {"landlock", "seccomp"}


def test_an_attempt_that_gets_through_closes_the_sandbox() -> None:
    outcome = Built(None, "attempt\tread the password file\tESCAPED\troot:x\n")  # type: ignore[arg-type]
    refused = probe.refusal(outcome)
    assert refused is not None
    assert "read the password file" in refused.reason


def test_a_probe_that_does_not_end_closes_the_sandbox() -> None:
    assert isinstance(probe.refusal(ProgramError("Crash", "gone")), SandboxUnavailable)
    assert isinstance(probe.refusal(Built(None, "")), SandboxUnavailable)  # type: ignore[arg-type]


def test_the_attempts_are_no_duds_and_succeed_without_a_sandbox(tmp_path: Path) -> None:
    chosen = tuple(replace(attempt) for attempt in attempts.ALL if attempt.unconfined)
    planted = tmp_path / "another"
    planted.mkdir()
    for name in ("secret", "open"):
        (planted / name).write_text("as it was")
    code = (
        "import os, socket, sys, types\n"
        "sys.modules['pyomo'] = types.ModuleType('pyomo')\n"
        "sys.modules['pyomo.environ'] = types.ModuleType('pyomo.environ')\n"
        + program(chosen).partition("\n    model = pyo")[0]
        + "\nserver = socket.create_server(('127.0.0.1', 0))\n"
        + f"build({{'server_pid': os.getpid(), 'zygote_pid': os.getppid(), 'runs': {str(tmp_path)!r}, "
        + f"'planted': {str(planted)!r}, 'package': {str(tmp_path)!r}, 'port': server.getsockname()[1]}})\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, start_new_session=True, timeout=60
    )
    verdicts = probe.verdicts(process.stdout)
    assert {name: v for name, v in verdicts.items() if v[0] != "ESCAPED"} == {}, process.stderr
    assert set(verdicts) == {attempt.name for attempt in chosen}
    assert len(chosen) > 25


@pytest.mark.parametrize("name", ["find secrets among the zygote's objects", "find secrets in the zygote's raw memory"])
def test_the_search_for_secrets_finds_one_that_is_there(sandbox: Sandbox, name: str) -> None:
    attempt = next(attempt for attempt in attempts.ALL if attempt.name == name)
    # Many, so that some lie in the stretch of memory that is searched, wherever the system has put the heap.
    planted = {f"secret_{k}": f"PLANTED-{k:032x}" for k in range(5000)}
    outcome = sandbox.run(program((attempt,)), planted)
    assert isinstance(outcome, Built), outcome
    assert probe.verdicts(outcome.printed)[name][0] == "ESCAPED"


def test_each_required_call_has_a_number_on_both_architectures() -> None:
    from formulation.sandbox.child import seccomp

    only_x86 = {"stat", "lstat", "access", "readlink", "poll", "select", "time"}
    assert {name for name, (_, generic) in seccomp._ALLOWED.items() if generic is None} == only_x86
    for column in (0, 1):
        numbers = [pair[column] for pair in seccomp._ALLOWED.values() if pair[column] is not None]
        assert len(set(numbers)) == len(numbers)
