"""Every command: its help, its examples, JSON, and Ctrl-C."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli._root import root

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(sys.executable).parent / "milpwright"
SERVES = ("serve", "worker", "mcp")  # run until they are told to stop; tests/app/test_processes.py and test_mcp.py do
ELSEWHERE = (
    "lessons learn",
    "lessons prune",
    "jobs show",
    "jobs cancel",
    "keys revoke",
    "doctor",
    "bench",
    "bench run",
)
"""Examples that need a chat model, a job or a key of one's own, or half a minute; tested where those are."""


def commands(group=root, name=()):
    context = click.Context(group)
    for each in group.list_commands(context):
        found = group.get_command(context, each)
        yield (*name, each), found
        if isinstance(found, click.Group):
            yield from commands(found, (*name, each))


def examples(found):
    lines = [line.strip() for line in (found.help or "").splitlines()]
    return [line for line in lines if line.startswith("milpwright ")]


COMMANDS = {" ".join(name): found for name, found in commands()}
RUN = [
    line
    for name, found in COMMANDS.items()
    if name not in (*SERVES, *ELSEWHERE)
    for line in examples(found)
    if "bench report" not in line and "bench compare" not in line
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the samples, a database of its own, and no chat model."""
    shutil.copytree(ROOT / "docs" / "samples", tmp_path / "docs" / "samples")
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("MILPWRIGHT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_help_with_an_example(name):
    found = COMMANDS[name]
    assert found.help
    assert examples(found) or name == "mcp"
    shown = CliRunner().invoke(root, [*name.split(), "--help"])
    assert shown.exit_code == 0
    assert "\\" not in shown.output
    assert {line.strip() for line in shown.output.splitlines()} >= {line for line in examples(found) if len(line) < 70}


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in (*SERVES, "completion")])
def test_a_command_that_prints_can_print_json(name):
    found = COMMANDS[name]
    asked_by = {option for parameter in found.params for option in parameter.opts}
    whole = isinstance(found, click.Group) or name in ("jobs show", "lessons learn", "lessons prune")
    assert "--json" in asked_by or whole


@pytest.mark.parametrize("line", sorted(set(RUN)))
def test_an_example_runs(line, folder):
    done = subprocess.run([PROGRAM, *shlex.split(line)[1:]], capture_output=True, timeout=120)
    expected = 4 if " diagnose " in line else 0  # the sample has no feasible point
    assert done.returncode == expected, done.stderr.decode()
    assert done.stdout or done.stderr
    if "--lp model.lp" in line:
        assert (folder / "model.lp").read_text().startswith("Maximize")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_a_shell_is_printed(shell):
    done = CliRunner().invoke(root, ["completion", shell])
    assert done.exit_code == 0
    assert "_MILPWRIGHT_COMPLETE" in done.output


def test_completion_offers_commands():
    environment = {
        **os.environ,
        "_MILPWRIGHT_COMPLETE": "bash_complete",
        "COMP_WORDS": "milpwright so",
        "COMP_CWORD": "1",
    }
    done = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, timeout=60)
    assert {line.split(",")[-1] for line in done.stdout.split()} >= {"solve", "solve-model"}


def hard_model(path):
    """A market split problem (Cornuejols and Dawande, 1998), which no solver ends in the test's time."""
    columns, rows, seed = 50, 6, 7
    lines, values = [], seed
    for row in range(rows):
        terms, total = [], 0
        for column in range(columns):
            values = (values * 1103515245 + 12345) % 2**31
            terms.append(f"{values % 100} x{column}")
            total += values % 100
        lines.append(f" r{row}: {' + '.join(terms)} + s{row} - t{row} = {total // 2}")
    goal = " + ".join(f"s{row} + t{row}" for row in range(rows))
    names = " ".join(f"x{column}" for column in range(columns))
    path.write_text(f"Minimize\n gap: {goal}\nSubject To\n" + "\n".join(lines) + f"\nBinaries\n {names}\nEnd\n")


def test_ctrl_c_ends_a_solve_at_once_and_leaves_no_process(tmp_path):
    hard_model(tmp_path / "hard.lp")
    command = [PROGRAM, "solve-model", tmp_path / "hard.lp", "--time-limit", "300"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's job in the background ignores it
    )
    maps = Path(f"/proc/{process.pid}/maps")
    wait_for(lambda: "highs" in maps.read_text())  # the solver is loaded: the last of the imports
    time.sleep(1.0)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.decode().strip() == "Cancelled."
    wait_for(lambda: not group_exists(process.pid))


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def group_exists(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_tables_are_attached_and_a_broken_one_is_said(folder):
    (folder / "prices.csv").write_text("product,price\nloaves,5\ncakes,7\n")
    arguments = ["solve", "docs/samples/bakery.txt", "--json", "--table"]
    done = subprocess.run([PROGRAM, *arguments, "prices.csv"], capture_output=True, timeout=120)
    assert json.loads(done.stdout)["status"] == "optimal"
    (folder / "broken.csv").write_text("")
    done = subprocess.run([PROGRAM, *arguments, "broken.csv"], capture_output=True, timeout=120)
    assert done.returncode == 2
    assert b"broken.csv" in done.stderr


def test_a_key_is_made_listed_and_revoked_as_json(folder):
    made = json.loads(subprocess.run([PROGRAM, "keys", "create", "ann", "--json"], capture_output=True).stdout)
    assert made["token"].startswith("mw_")
    listed = json.loads(subprocess.run([PROGRAM, "keys", "list", "--json"], capture_output=True).stdout)
    assert [(key["id"], key["state"]) for key in listed] == [(made["id"], "active")]
    assert "hash" not in listed[0]
    done = subprocess.run([PROGRAM, "keys", "revoke", made["id"], "--json"], capture_output=True)
    assert json.loads(done.stdout) == {"id": made["id"], "state": "revoked"}
