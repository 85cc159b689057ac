"""A worker process of the local pool: tasks come in as JSON lines, records go out; it ends with its input."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import traceback

from benchmarks.attempt import Reader, ReaderSpec
from benchmarks.errors import MachineryDown
from benchmarks.executor import Task
from benchmarks.perform import perform
from benchmarks.readers import open_reader


def main() -> None:
    """Perform tasks until the input closes; then the process ends at once, whatever it is doing."""
    records = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the records
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    with contextlib.ExitStack() as open_readers:
        readers: dict[str, Reader] = {}
        while (line := lines.get()) is not None:
            task = Task.from_json(json.loads(line))
            name = json.dumps([task.reader.name, dict(task.reader.options)], sort_keys=True)
            try:
                if name not in readers:
                    readers[name] = _opened(task.reader, open_readers)
                reply = perform(task, readers[name]).to_json()
            except MachineryDown as error:
                reply = {"down": str(error)}
            records.write(json.dumps(reply, allow_nan=False).encode() + b"\n")
            records.flush()


def _opened(spec: ReaderSpec, until_the_end: contextlib.ExitStack) -> Reader:
    try:
        return until_the_end.enter_context(open_reader(spec))
    except MachineryDown:
        raise
    except Exception as error:
        raise MachineryDown(f"{type(error).__name__}: {error}") from error


def _listen(lines: queue.SimpleQueue[bytes | None]) -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    # An idle worker leaves by the door, which closes its readers; a busy one has lost its run.
    lines.put(None)
    threading.Event().wait(4.0)
    os._exit(0)


if __name__ == "__main__":
    code = 1
    try:
        main()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:  # the listening thread holds the input, which an orderly end would wait for
        sys.stderr.flush()
        os._exit(code)
