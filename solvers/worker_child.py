"""The child of `solvers.worker`: answers frames until the other end is gone, and ends with its parent."""

from __future__ import annotations

import gc
import os
import resource
import select
import socket
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from solvers import frames
from solvers.errors import FormatError, SolversError
from solvers.formats import read
from solvers.port import Progress
from solvers.solving import answered, solve


def main(descriptor: int) -> None:
    """Serve until the parent is gone."""
    stream = socket.socket(fileno=descriptor)
    threading.Thread(target=_end_with, args=(stream,), name="parent", daemon=True).start()
    gc.freeze()
    while True:
        try:
            head, arrays = frames.receive(stream)
        except EOFError:
            return
        try:
            answer = _answered(stream, head, arrays)
        except FormatError as error:
            answer = ({"is": "error", "type": "FormatError", "message": error.reason, "source": error.source}, {})
            answer[0]["line"] = error.line
        except SolversError as error:
            answer = ({"is": "error", "type": type(error).__name__, "message": str(error)}, {})
        except Exception as error:  # the parent decides what a broken solve means
            answer = ({"is": "error", "type": "SolversError", "message": f"{type(error).__name__}: {error}"}, {})
        frames.send(stream, *answer)


def _end_with(stream: socket.socket) -> None:
    """End this process once the other end of the stream is closed, in the middle of a solve too."""
    gone = select.poll()
    gone.register(stream, select.POLLHUP)
    gone.poll()
    os._exit(1)


def _answered(
    stream: socket.socket, head: dict[str, Any], arrays: frames.Arrays
) -> tuple[dict[str, Any], frames.Arrays]:
    options = frames.options_from(head["options"], arrays)
    if head["do"] == "file":
        model = read(Path(head["path"]))
        solution = solve(model, options, solver=head["solver"])
        answer, made = frames.solution_arrays(solution)
        answer["is"] = "solution"
        made |= {"columns": frames.packed(model.column_names), "rows": frames.packed(model.row_names)}
        answer["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return answer, made
    model = frames.model_from(head, arrays)

    def report(progress: Progress) -> None:
        frames.send(stream, {"is": "progress", "progress": asdict(progress)})

    listener = report if head["progress"] else None
    if head["solver"] == "auto":
        solution = solve(model, options, on_progress=listener)
    else:
        solution = answered(model, options, head["solver"], on_progress=listener)  # replayed by the parent
    answer, made = frames.solution_arrays(solution)
    return answer | {"is": "solution"}, made


if __name__ == "__main__":
    main(int(sys.argv[1]))
