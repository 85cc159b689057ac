"""The sandbox: programs in, outcomes out, from any thread."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from formulation.sandbox import probe, request
from formulation.sandbox.limits import Limits
from formulation.sandbox.outcome import LimitHit, Outcome, ProgramError, SandboxUnavailable
from formulation.sandbox.program_data import ProgramData
from formulation.sandbox.run import Run, ZygoteLost
from formulation.sandbox.usage import Memory, machine_memory_bytes
from formulation.sandbox.zygote_process import StartFailed, ZygoteProcess

_GROWTH = 1.5
_SPARE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Counters:
    """What a sandbox has done since it was made, and how its zygote is; times in seconds.

    ``layers`` are those that the last run had around it: name, holds, required, detail.
    """

    runs: int = 0
    built: int = 0
    program_errors: int = 0
    limits_hit: int = 0
    unavailable: int = 0
    zygotes_started: int = 0
    zygote_start_s: float = 0.0
    probe_s: float = 0.0
    zygote_bytes: int = 0
    layers: tuple[dict[str, Any], ...] = ()


class Sandbox:
    """Runs programs that may be attacks, each in a confined child of its own.

    A context manager that owns the zygote. Thread safe: up to ``parallel`` runs go on at once, further ones
    wait for their turn. The zygote starts in the background (`start`); the first run waits for it and for the
    probe, which makes the quick attempts to get out and refuses every program if one of them succeeds.
    ``memory_bytes`` is what all runs together may hold, half of the machine's by default. ``preload`` names
    modules that the zygote imports before it is ready, of those that `zygote.PRELOADABLE` lists.
    """

    def __init__(
        self, *, parallel: int | None = None, memory_bytes: int | None = None, preload: Iterable[str] = ()
    ) -> None:
        self._parallel = parallel or max(2, os.cpu_count() or 1)
        self._preload = tuple(preload)
        self._slots = list(range(self._parallel))
        self._turn = threading.Semaphore(self._parallel)
        self._lock = threading.Lock()
        self._probing = threading.Lock()
        self._memory = Memory(memory_bytes or machine_memory_bytes() // 2)
        self._zygote: ZygoteProcess | None = None
        self._retired: list[ZygoteProcess] = []
        self._refusal: SandboxUnavailable | None = None
        self._probed = False
        self._closed = False
        self._number = 0
        self._counters = Counters()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    @property
    def counters(self) -> Counters:
        """What it has done, as of now."""
        return self._counters

    @property
    def zygote_pid(self) -> int | None:
        """The process id of the zygote, where one runs."""
        zygote = self._zygote
        return None if zygote is None or zygote.gone else zygote.process.pid

    @property
    def runs_folder(self) -> str | None:
        """The folder in which each run has its own while it lasts."""
        return None if self._zygote is None else str(self._zygote.folder)

    def start(self) -> None:
        """Start the zygote without waiting for it; does nothing where one is there."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the sandbox is closed")
            if _platform_reason() is None and (self._zygote is None or self._zygote.gone):
                if self._zygote is not None:
                    self._zygote.close()
                self._zygote = ZygoteProcess(self._preload)
                self._note(zygotes_started=self._counters.zygotes_started + 1)
                if not self._probed:
                    threading.Thread(target=self._warm_up, daemon=True).start()

    def _warm_up(self) -> None:
        """Wait for the start and make the probe, so that the first run finds both done."""
        with suppress(RuntimeError, OSError, ValueError):  # it may be closed meanwhile
            self._ready()

    @property
    def refusal(self) -> SandboxUnavailable | None:
        """Why programs are refused, as far as is known without waiting; None while it starts and where they run."""
        reason = _platform_reason()
        return SandboxUnavailable("platform", reason) if reason is not None else self._refusal

    def close(self) -> None:
        """End the zygote and every run that is going on."""
        with self._lock:
            self._closed = True
            zygotes, self._retired = [*self._retired, *filter(None, [self._zygote])], []
            self._zygote = None
        for zygote in zygotes:
            zygote.close()

    def unavailable(self) -> SandboxUnavailable | None:
        """Return why programs are refused here, or None where they are run; waits for the start and the probe."""
        zygote = self._ready()
        return zygote if isinstance(zygote, SandboxUnavailable) else None

    def run(
        self,
        source: str,
        data: ProgramData | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        *,
        cancellation: threading.Event | None = None,
    ) -> Outcome:
        """Run a program and return what it ended with; never raises for anything that the program does.

        ``data`` is given to ``build(data)``. Waiting for a turn is not counted in the wall limit. Raises
        `DataError` where the data is of a kind that cannot be given to a program.
        """
        asked = request.write(source, data)
        zygote = self._ready()
        outcome: Outcome | ZygoteLost = ZygoteLost()
        for _ in range(2):  # once more where the zygote was lost to another run
            if isinstance(zygote, SandboxUnavailable):
                outcome = zygote
                break
            outcome = self._run(zygote, asked, limits, cancellation)
            if not isinstance(outcome, ZygoteLost):
                break
            zygote = self._ready()
        if isinstance(outcome, ZygoteLost):
            outcome = SandboxUnavailable("zygote", "the process that starts programs ended; it will be started anew")
        self._count(outcome)
        return outcome

    async def run_async(
        self,
        source: str,
        data: ProgramData | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> Outcome:
        """Do what `run` does, in a thread; cancelling the task ends the run."""
        cancellation = threading.Event()
        try:
            return await asyncio.to_thread(self.run, source, data, limits, cancellation=cancellation)
        except asyncio.CancelledError:
            cancellation.set()
            raise

    def _ready(self) -> ZygoteProcess | SandboxUnavailable:
        reason = _platform_reason()
        if reason is not None:
            return SandboxUnavailable("platform", reason)
        self.start()
        zygote = self._zygote
        if zygote is None:
            raise RuntimeError("the sandbox is closed")
        try:
            zygote.wait_ready()
        except StartFailed as error:
            self._refusal = SandboxUnavailable("zygote", str(error))
            return self._refusal
        if self._refusal is not None and self._refusal.layer == "zygote":
            self._refusal = None  # it has started after all
        if not self._probed:
            self._probe(zygote)
        return self._refusal or zygote

    def _probe(self, zygote: ZygoteProcess) -> None:
        """Make the quick attempts once for this sandbox, and keep the refusal where one got through."""
        with self._probing:
            if self._probed:
                return
            clock = probe.Clock()
            source, data = probe.program(zygote.process.pid, zygote.folder)
            outcome = self._run(zygote, request.write(source, data), probe.LIMITS, None)
            if isinstance(outcome, ZygoteLost):
                return
            with self._lock:
                self._refusal = probe.refusal(outcome)
                self._probed = not isinstance(outcome, SandboxUnavailable) or outcome.layer != "zygote"
                self._note(zygote_start_s=zygote.start_s or 0.0, probe_s=clock.elapsed_s())

    def _run(
        self, zygote: ZygoteProcess, asked: bytes, limits: Limits, cancellation: threading.Event | None
    ) -> Outcome | ZygoteLost:
        self._turn.acquire()
        with self._lock:
            slot = self._slots.pop()
            self._number += 1
            run = Run(zygote, self._number, limits, self._memory, cancellation)
            zygote.runs += 1
        try:
            return run.outcome(asked, slot)
        finally:
            if run.killed:  # its place is free only when it has gone, and nobody need wait for that
                threading.Thread(target=self._end, args=(zygote, run, slot), daemon=True).start()
            else:
                self._end(zygote, run, slot)

    def _end(self, zygote: ZygoteProcess, run: Run, slot: int) -> None:
        if run.killed:
            run.await_end()
        run.close()
        with self._lock:
            self._slots.append(slot)
            zygote.runs -= 1
            self._note(
                zygote_bytes=run.zygote_bytes or self._counters.zygote_bytes,
                layers=run.layers or self._counters.layers,
            )
            self._retire(zygote, run.zygote_bytes)
        self._turn.release()

    def _retire(self, zygote: ZygoteProcess, resident_bytes: int) -> None:
        """Put a zygote that has grown out of service; it ends when its last run has."""
        zygote.baseline_bytes = zygote.baseline_bytes or resident_bytes
        if resident_bytes > _GROWTH * zygote.baseline_bytes + _SPARE_BYTES and self._zygote is zygote:
            self._retired.append(zygote)
            self._zygote = None
        for idle in [one for one in self._retired if one.runs == 0]:
            self._retired.remove(idle)
            idle.close()

    def _note(self, **changed: Any) -> None:
        self._counters = replace(self._counters, **changed)

    def _count(self, outcome: Outcome) -> None:
        match outcome:
            case ProgramError():
                field = "program_errors"
            case LimitHit():
                field = "limits_hit"
            case SandboxUnavailable():
                field = "unavailable"
            case _:
                field = "built"
        with self._lock:
            self._note(runs=self._counters.runs + 1, **{field: getattr(self._counters, field) + 1})


def _platform_reason() -> str | None:
    if sys.platform != "linux":
        return f"programs are confined with Linux's Landlock and seccomp, and this is {sys.platform}"
    return None
