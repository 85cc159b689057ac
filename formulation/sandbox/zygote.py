"""The zygote: a process that has imported Pyomo and forks a child a run.

It starts with an empty environment and sees no program and no data: a child reads its request from a memory
file that the zygote only passes on, and writes its result into a pipe that the zygote does not read.

Protocol on the control socket (one JSON object a packet): the parent sends ``{"fork": run, ...}`` with three
descriptors (request, result, status) or ``{"kill": run}``; the end of the socket ends the zygote and every
child. On a run's status socket: ``{"pid": n}`` from the zygote, ``{"confined": [...]}`` or
``{"refused": layer, "reason": ...}`` from the child before it looks at the program, ``{"ended": status, ...}``
from the zygote at last.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formulation.sandbox.preload import COMMON, IDLE, PRELOADABLE

if TYPE_CHECKING:
    from formulation.sandbox.child.confine import Ground

MOST_PACKET = 64 << 10
_READY = b"ready"
_IDLE_MS = 500
_HUGE_PAGE = 2 << 20
_MADV_COLLAPSE = 25


def main(arguments: list[str]) -> None:
    """Serve the control socket, the first argument's descriptor; then the folder for runs, and what to preload."""
    control = socket.socket(fileno=int(arguments[0]))
    folder = Path(arguments[1])
    preload = [name for name in arguments[2].split(",") if name in PRELOADABLE]
    os.environ.clear()
    os.chdir("/")
    try:
        ground = _prepare(preload)
        control.send(_READY)
        _Zygote(control, folder, ground).serve()
    finally:  # also where the parent has gone before this process was ready
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(preload: list[str]) -> Ground:
    """Import what programs need and look at what the machine allows."""
    _warm()
    for name in (*COMMON, *preload):
        _load(name)
    from formulation.sandbox.child import confine, program

    program.prepare()
    gc.collect()
    with suppress(OSError, ValueError):
        _huge_pages()
    ground = confine.survey()
    gc.collect()
    gc.freeze()
    return ground


def _load(name: str) -> None:
    with suppress(Exception):  # it may not be installed; then a program that imports it is told so
        importlib.import_module(name)


def _warm() -> None:
    """Import what programs use, and build one model, so that the children share the pages."""
    import pyomo.environ as pyo

    from formulation.sandbox import request
    from formulation.sandbox.child import export

    request.read(request.write("", {"i": ["a"]}))
    model = pyo.ConcreteModel()
    model.i = pyo.Set(initialize=["a", "b"])
    model.x = pyo.Var(model.i, within=pyo.NonNegativeReals)
    model.c = pyo.Constraint(model.i, rule=lambda m, i: m.x[i] >= 1)
    model.o = pyo.Objective(expr=sum(model.x[i] for i in model.i))
    export.export_linear(model)


def _huge_pages() -> None:
    """Move this process's heap into huge pages, where the kernel does that on request (Linux 6.1).

    A fork copies an entry for each page and an end gives each back, so a run takes a sixth less processor time.
    """
    import ctypes
    import mmap

    libc = ctypes.CDLL(None)
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, rights, _, _, inode, *_ = line.split()
        first, last = (int(part, 16) for part in place.split("-"))
        if rights == "rw-p" and inode == "0" and "[stack" not in line and last - first >= _HUGE_PAGE:
            first = -(-first // _HUGE_PAGE) * _HUGE_PAGE
            last = last // _HUGE_PAGE * _HUGE_PAGE
            if last > first:
                libc.madvise(first, last - first, mmap.MADV_HUGEPAGE)
                libc.madvise(first, last - first, _MADV_COLLAPSE)


class _Run:
    """A child that has been forked and not yet reaped."""

    def __init__(self, pid: int, pidfd: int, status: socket.socket) -> None:
        self.pid, self.pidfd, self.status = pid, pidfd, status


class _Zygote:
    def __init__(self, control: socket.socket, folder: Path, ground: Ground) -> None:
        self._control, self._folder, self._ground = control, folder, ground
        self._runs: dict[int, _Run] = {}
        self._by_pidfd: dict[int, int] = {}
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def serve(self) -> None:
        """Fork, kill and reap until the parent goes away."""
        waiting = [] if self._ground.imports else list(IDLE)
        while True:
            events = self._poll.poll(_IDLE_MS if waiting else None)
            if not events and not self._runs:
                _load(waiting.pop(0))
                gc.freeze()
            for descriptor, _ in events:
                if descriptor == self._control.fileno():
                    if not self._receive():
                        for run in self._runs.values():
                            _kill_group(run.pid)
                        return
                else:
                    self._reap(self._by_pidfd[descriptor])

    def _receive(self) -> bool:
        packet, descriptors, _, _ = socket.recv_fds(self._control, MOST_PACKET, 3)
        if not packet:
            return False
        order = json.loads(packet)
        if "kill" in order:
            run = self._runs.get(order["kill"])
            if run is not None:
                _kill_group(run.pid)
        elif "fork" in order:
            self._fork(order, *descriptors)
        return True

    def _fork(self, order: dict[str, Any], request: int, result: int, status: int) -> None:
        reply = socket.socket(fileno=status)
        try:
            pid = os.fork()
        except OSError as error:
            _tell(reply, {"refused": "fork", "reason": str(error)})
            reply.close()
        else:
            if pid == 0:
                _child(order, self._ground, self._folder, request, result, reply)
            pidfd = os.pidfd_open(pid)
            run = _Run(pid, pidfd, reply)
            self._runs[order["fork"]] = run
            self._by_pidfd[pidfd] = order["fork"]
            self._poll.register(pidfd, select.POLLIN)
            _tell(reply, {"pid": pid})
        os.close(request)
        os.close(result)

    def _reap(self, number: int) -> None:
        run = self._runs.pop(number)
        del self._by_pidfd[run.pidfd]
        self._poll.unregister(run.pidfd)
        os.close(run.pidfd)
        _kill_group(run.pid)
        _, status, usage = os.wait4(run.pid, 0)
        _tell(
            run.status,
            {
                "ended": status,
                "cpu_s": usage.ru_utime + usage.ru_stime,
                "peak_bytes": usage.ru_maxrss * 1024,
                "zygote_bytes": resident_bytes(),
            },
        )
        run.status.close()


def _tell(channel: socket.socket, what: dict[str, Any]) -> None:
    with suppress(OSError):  # the parent may have gone
        os.write(channel.fileno(), json.dumps(what).encode())  # a confined child may write, but not send


def _kill_group(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        with suppress(OSError):
            kill(pid, signal.SIGKILL)


def resident_bytes() -> int:
    """Return the memory of this process that is resident."""
    with Path("/proc/self/statm").open("rb") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def _child(
    order: dict[str, Any], ground: Ground, folder: Path, request: int, result: int, status: socket.socket
) -> None:
    """Confine this process, run the program, write its message; never returns."""
    try:
        from formulation.sandbox.child import confine

        limits = order["limits"]
        try:
            layers = confine.confine(ground, order, folder / str(order["fork"]), (request, result, status.fileno()))
        except confine.LayerMissing as missing:
            _tell(status, {"refused": missing.layer, "reason": missing.reason})
            os._exit(0)
        except Exception as error:
            _tell(status, {"refused": "confinement", "reason": f"{type(error).__name__}: {error}"})
            os._exit(0)
        _tell(status, {"confined": layers})
        status.close()
        frame = _work(request, limits)
        _write(result, frame)
        os._exit(0)
    except BaseException:  # nothing of this process may go on as the zygote
        os._exit(70)


def _work(request: int, limits: dict[str, Any]) -> list[bytes]:
    from formulation.sandbox import message
    from formulation.sandbox import request as requests
    from formulation.sandbox.child import confine, program

    frame: list[bytes] | None = None
    try:
        size = os.fstat(request).st_size
        with os.fdopen(request, "rb") as file:
            source, data = requests.read(file.read(size))
        frame = program.run(source, data, limits["printed_characters"])
    except MemoryError:
        frame = message.frame_memory("")
    confine.relax_memory()
    return frame


def _write(descriptor: int, parts: list[bytes]) -> None:
    for part in parts:
        view = memoryview(part)
        while view:
            view = view[os.write(descriptor, view) :]
