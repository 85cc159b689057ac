"""A solver in a child process of its own: warm between solves, and gone within a moment when it must be.

The child is `solvers.worker_child`. A cancelled or overdue solve ends by killing the child; the next solve starts
a new one. A worker belongs to one thread at a time.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from solvers import frames
from solvers.check import Tolerances
from solvers.errors import BackendUnavailable, FormatError, OptionsError, SolversError, Unsupported
from solvers.milp import Milp, Sense
from solvers.port import Cancellation, Progress, SolveOptions
from solvers.result import Limit, Reason, Solution, Termination
from solvers.solving import TOLERANCES, held_to

GRACE_S = 5.0
"""How long after its time limit a solver may go on before it is killed."""

_POLL_S = 0.1
_ERRORS: dict[str, type[SolversError]] = {
    "Unsupported": Unsupported,
    "BackendUnavailable": BackendUnavailable,
    "OptionsError": OptionsError,
}


@dataclass(frozen=True, slots=True, eq=False)
class SolvedFile:
    """A file's solution, with the names that its values belong to, and the worker's peak memory in bytes."""

    solution: Solution
    columns: bytes
    rows: bytes
    peak_bytes: int

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order; none where the file was not solved."""
        return frames.unpacked(self.columns)

    @property
    def row_names(self) -> tuple[str, ...]:
        """The names of the rows, in order; none where the file was not solved."""
        return frames.unpacked(self.rows)


class Worker:
    """A child process that solves one model after the other. Use it as a context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._stream: socket.socket | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the child where none runs."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        ours, theirs = socket.socketpair()
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "solvers.worker_child", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={"OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
        theirs.close()
        self._stream = ours

    @property
    def stream(self) -> socket.socket:
        """The end of the connection that answers arrive at."""
        if self._stream is None:
            raise BackendUnavailable("the solver's process is not running")
        return self._stream

    def close(self) -> None:
        """Kill the child, and everything that it started, and wait for its end."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def ask(self, model: Milp, options: SolveOptions, solver: str, *, progress: bool) -> None:
        """Send a model to be solved; `receive` on `stream` yields the answer."""
        self.start()
        head, arrays = frames.model_arrays(model)
        if options.start is not None:
            arrays["start"] = options.start
        head |= {"do": "solve", "solver": solver, "options": frames.options_head(options), "progress": progress}
        frames.send(self.stream, head, arrays)

    def solve(
        self,
        model: Milp,
        options: SolveOptions | None = None,
        *,
        solver: str = "auto",
        on_progress: Callable[[Progress], None] | None = None,
        cancellation: Cancellation | None = None,
        tolerances: Tolerances = TOLERANCES,
    ) -> Solution:
        """Return what `solvers.solve` returns; the point is replayed here, not in the child."""
        asked = options or SolveOptions()
        try:
            self.ask(model, asked, solver, progress=on_progress is not None)
            head, arrays = self._answer(asked, on_progress, cancellation)
        except (EOFError, OSError) as error:
            self.close()
            failed = Termination(Reason.FAILED, detail=f"the solver's process ended: {error}")
            return Solution(failed, model.sense, solver, "")
        except _Stopped as stopped:
            return Solution(stopped.termination, model.sense, solver, "")
        return held_to(model, frames.solution_from(head, arrays), tolerances)

    def solve_file(self, path: Path, options: SolveOptions | None = None, *, solver: str = "auto") -> SolvedFile:
        """Read and solve a file in the child. Raises `FormatError` for a file that is not what its format says."""
        asked = options or SolveOptions()
        self.start()
        try:
            frames.send(
                self.stream,
                {"do": "file", "path": str(path), "solver": solver, "options": frames.options_head(asked)},
            )
            head, arrays = self._answer(asked, None, None)
        except (EOFError, OSError) as error:
            self.close()
            failed = Termination(Reason.FAILED, detail=f"the solver's process ended: {error}")
            return SolvedFile(Solution(failed, Sense.MINIMIZE, solver, ""), b"", b"", 0)
        except _Stopped as stopped:
            return SolvedFile(Solution(stopped.termination, Sense.MINIMIZE, solver, ""), b"", b"", 0)
        solution = frames.solution_from(head, arrays)
        return SolvedFile(solution, arrays["columns"].tobytes(), arrays["rows"].tobytes(), int(head["peak_bytes"]))

    def _answer(
        self,
        options: SolveOptions,
        on_progress: Callable[[Progress], None] | None,
        cancellation: Cancellation | None,
    ) -> tuple[dict[str, Any], frames.Arrays]:
        """Return the answering frame. Raises `_Stopped` once the child was killed for time or on request."""
        limit = options.time_limit_s
        deadline = None if limit is None else time.monotonic() + limit + GRACE_S
        while True:
            if cancellation is not None and cancellation.requested:
                self.close()
                raise _Stopped(Termination(Reason.CANCELLED))
            if deadline is not None and time.monotonic() > deadline:
                self.close()
                raise _Stopped(Termination(Reason.LIMIT, Limit.TIME, "the solver went on and was killed"))
            if not select.select([self.stream], [], [], _POLL_S)[0]:
                continue
            head, arrays = frames.receive(self.stream)
            if head["is"] == "progress":
                if on_progress is not None:
                    on_progress(Progress(**head["progress"]))
                continue
            if head["is"] == "error":
                raise error_from(head)
            return head, arrays


class _Stopped(Exception):
    """The child was killed."""

    def __init__(self, termination: Termination) -> None:
        self.termination = termination


def error_from(head: dict[str, Any]) -> SolversError:
    """Return the error that the child sent."""
    if head["type"] == "FormatError":
        return FormatError(head["message"], source=head.get("source", ""), line=head.get("line"))
    return _ERRORS.get(head["type"], SolversError)(head["message"])
