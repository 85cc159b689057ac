"""One run, as the parent sees it: its descriptors, its limits, and what its end means."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import socket
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from formulation.sandbox import message
from formulation.sandbox.limits import LimitKind, Limits
from formulation.sandbox.outcome import LimitHit, Outcome, ProgramError, SandboxUnavailable
from formulation.sandbox.usage import Memory, usage
from formulation.sandbox.zygote_process import ZygoteProcess

_TICK_S = 0.02
_PATIENCE_S = 0.2  # how long a caller waits for a killed run's end
_ANSWER_S = 10.0  # how long the zygote may take to fork or to report an end before it is taken for dead
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_SPARE_BYTES = 160 << 20  # what a child shares with the zygote counts as resident too


class ZygoteLost:
    """The zygote went away under a run, which may be made again."""


class Run:
    """One run: what has arrived of it, and when it must end."""

    def __init__(
        self,
        zygote: ZygoteProcess,
        number: int,
        limits: Limits,
        memory: Memory,
        cancellation: threading.Event | None,
    ) -> None:
        self._zygote, self._number, self._limits = zygote, number, limits
        self._memory, self._cancellation = memory, cancellation
        self._folder = zygote.folder / str(number)
        self._body = bytearray()
        self._pid = 0
        self._cpu_s = 0.0
        self._status: int | None = None
        self._refused: SandboxUnavailable | None = None
        self._killed: LimitHit | None = None
        self._killed_at = 0.0
        self._looked_at = self._forked_at = 0.0
        self._result = -1
        self._channel: socket.socket | None = None
        self.layers: tuple[dict[str, Any], ...] = ()
        self.zygote_bytes = 0

    def outcome(self, request: bytes, slot: int) -> Outcome | ZygoteLost:
        """Run to the end and return what it was."""
        self._result, theirs = os.pipe()
        self._channel, reply = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        memory = os.memfd_create("request", os.MFD_CLOEXEC)
        try:
            with suppress(OSError):
                fcntl.fcntl(theirs, _F_SETPIPE_SZ, _PIPE_BYTES)
            _write_all(memory, request)
            os.lseek(memory, 0, os.SEEK_SET)
            order = {"fork": self._number, "slot": slot, "limits": asdict(self._limits)}
            self._zygote.fork(order, [memory, theirs, reply.fileno()])
        except OSError:
            return ZygoteLost()
        finally:
            os.close(theirs)
            os.close(memory)
            reply.close()
        poll = select.poll()
        poll.register(self._result, select.POLLIN)
        poll.register(self._channel, select.POLLIN)
        os.set_blocking(self._result, False)
        self._watch(poll, self._channel)
        return self._judge()

    @property
    def killed(self) -> bool:
        """Whether a limit ended it; it may be slow to go, and its folder slow to empty."""
        return self._killed is not None

    def await_end(self) -> None:
        """Wait until a killed run's end is reported; a zygote that does not report it is ended with it."""
        if self._channel is None:
            return
        self._channel.settimeout(_ANSWER_S)
        try:
            while self._status is None and self._listen(self._channel):
                pass
        except OSError:
            self._zygote.process.kill()

    def close(self) -> None:
        """Leave no descriptor and no folder behind."""
        self._memory.forget(self._number)
        if self._result >= 0:
            os.close(self._result)
        if self._channel is not None:
            self._channel.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _watch(self, poll: select.poll, channel: socket.socket) -> None:
        """Read until the zygote reports the end, or a moment after a limit was passed and the group killed.

        The wall limit counts from the fork.
        """
        ordered = self._looked_at = time.monotonic()
        reading = listening = True
        while listening:
            for descriptor, _ in poll.poll(_TICK_S * 1000):
                if descriptor == self._result:
                    reading = self._read()
                    if not reading:
                        poll.unregister(self._result)
                elif not self._listen(channel):
                    listening = False
            now = time.monotonic()
            if self._killed is not None:
                if now - self._killed_at > _PATIENCE_S:
                    return
            elif not self._pid:
                if now - ordered > _ANSWER_S:
                    self._zygote.process.kill()
            else:
                self._killed = self._over(now)
                if self._killed is not None:
                    self._killed_at = now
                    self._zygote.kill(self._number)
        while reading and self._read():
            pass

    def _over(self, now: float) -> LimitHit | None:
        """Return the limit that has been passed, where the run still goes on."""
        limits = self._limits
        if self._status is not None:
            return None
        if now - self._forked_at >= limits.wall_s:
            return _hit(LimitKind.WALL, limits)
        if self._cancellation is not None and self._cancellation.is_set():
            return _hit(LimitKind.CANCELLED, limits)
        if len(self._body) > limits.output_bytes:
            return _hit(LimitKind.OUTPUT, limits)
        if now - self._looked_at < _TICK_S:
            return None
        self._looked_at = now
        held = usage(self._pid, self._folder)
        if held.disk_bytes > limits.disk_bytes:
            return _hit(LimitKind.DISK, limits)
        if held.threads > limits.threads + 1:
            return _hit(LimitKind.THREADS, limits)
        if held.resident_bytes > limits.memory_bytes + _SPARE_BYTES:
            return _hit(LimitKind.MEMORY, limits)
        if self._memory.over(self._number, held.resident_bytes):
            return LimitHit(LimitKind.MEMORY, self._memory.total_bytes)
        return None

    def _read(self) -> bool:
        """Take what is in the pipe; return whether more may come."""
        try:
            chunk = os.read(self._result, _PIPE_BYTES)
        except BlockingIOError:
            return self._status is None
        if len(self._body) <= self._limits.output_bytes:
            self._body += chunk
        return bool(chunk)

    def _listen(self, channel: socket.socket) -> bool:
        """Take one word of the zygote or of the child before its program; return whether more may come."""
        packet = channel.recv(64 << 10)
        if not packet:
            return False
        word = json.loads(packet)
        if "pid" in word:
            self._pid, self._forked_at = word["pid"], time.monotonic()
        elif "refused" in word:
            self._refused = SandboxUnavailable(word["refused"], word["reason"])
        elif "confined" in word:
            self.layers = tuple(word["confined"])
        elif "ended" in word:
            self._status, self._cpu_s, self.zygote_bytes = word["ended"], word["cpu_s"], word["zygote_bytes"]
        return True

    def _judge(self) -> Outcome | ZygoteLost:
        limits = self._limits
        if self._refused is not None:
            return self._refused
        if self._killed is not None:
            return self._killed
        if self._status is None:
            return ZygoteLost()
        if len(self._body) > limits.output_bytes:
            return _hit(LimitKind.OUTPUT, limits)
        if os.WIFSIGNALED(self._status):
            number = os.WTERMSIG(self._status)
            # The kernel counts processor time by ticks for the limit, more finely for its report.
            if number == signal.SIGXCPU or (number == signal.SIGKILL and self._cpu_s >= limits.cpu_s / 2):
                return _hit(LimitKind.CPU, limits)
            if number == signal.SIGXFSZ:
                return LimitHit(LimitKind.DISK, limits.file_bytes)
            name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
            return ProgramError("Crash", f"the program's process was ended by {name}")
        if not self.layers:
            return SandboxUnavailable("confinement", "the child ended before it was confined")
        return _parsed(self._body, limits)


def _hit(which: LimitKind, limits: Limits) -> LimitHit:
    return LimitHit(which, limits.amount(which))


def _parsed(raw: bytearray, limits: Limits) -> Outcome:
    if not raw:
        return ProgramError("Crash", "the program's process ended without a result")
    try:
        length = message.body_length(bytes(raw[: message.HEADER_BYTES]))
        if length != len(raw) - message.HEADER_BYTES:
            raise message.MalformedMessage("the message is longer or shorter than it says")
        result = message.parse(memoryview(raw)[message.HEADER_BYTES :])
    except message.MalformedMessage as error:
        return ProgramError("Crash", f"the program's process did not give a result that can be read: {error}")
    if isinstance(result, message.OutOfMemory):
        return _hit(LimitKind.MEMORY, limits)
    return result


def _write_all(descriptor: int, raw: bytes) -> None:
    view = memoryview(raw)
    while view:
        view = view[os.write(descriptor, view) :]
