"""The parent's end of one zygote: started in the background, asked for children, ended."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

_START_TIMEOUT_S = 60.0
_END_S = 0.3
_PREFIX = "milpwright-runs-"
_YOUNG_S = 60.0

# The zygote's environment: nothing of ours; one thread for linear algebra, so that a fork copies all there is.
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_MAX_THREADS": "1",
    "LC_ALL": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",
}
_BOOT = (
    "import json, sys; sys.path[:0] = json.loads(sys.argv[1]); from formulation.sandbox.zygote import main; "
    "main(sys.argv[2:])"
)


class StartFailed(Exception):
    """The zygote ended before it was ready; the message is the last line it wrote."""


class ZygoteProcess:
    """One zygote, from its start to its end."""

    def __init__(self, preload: Iterable[str]) -> None:
        _reap()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self.folder.chmod(0o711)
        self._lock_on_folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._lock_on_folder, fcntl.LOCK_SH)
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the zygote
        self._started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [
                *(sys.executable, "-I", "-S", "-c", _BOOT, json.dumps(_paths())),
                *(str(theirs.fileno()), str(self.folder), ",".join(preload)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            env=_ENVIRONMENT,
            cwd="/",
            pass_fds=[theirs.fileno(), self._lock_on_folder],  # it holds the folder for as long as it lives
            start_new_session=True,
        )
        theirs.close()
        self._lock = threading.Lock()
        self._failed: str | None = None
        self.start_s: float | None = None
        self.baseline_bytes = 0
        self.runs = 0

    @property
    def gone(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None

    def wait_ready(self) -> None:
        """Wait until it forks children. Raises `StartFailed`."""
        with self._lock:
            if self.start_s is None and self._failed is None:
                self._await_word()
            if self._failed is not None:
                raise StartFailed(f"the process that starts programs does not start: {self._failed}")

    def _await_word(self) -> None:
        self.control.settimeout(_START_TIMEOUT_S)
        try:
            word = self.control.recv(64)
        except OSError:
            word = b""
        if word == b"ready":
            self.control.settimeout(None)
            self.start_s = time.monotonic() - self._started
            return
        self.process.kill()
        self.process.wait()
        self._errors.seek(0)
        lines = self._errors.read()[-4000:].decode("utf-8", "replace").strip().splitlines()
        self._failed = lines[-1] if lines else f"no word from it within {_START_TIMEOUT_S:g} s"

    def fork(self, order: dict[str, Any], descriptors: list[int]) -> None:
        """Ask for a child; raises `OSError` where the zygote has gone."""
        socket.send_fds(self.control, [json.dumps(order).encode()], descriptors)

    def kill(self, number: int) -> None:
        """End a run's whole process group."""
        with suppress(OSError):
            self.control.send(json.dumps({"kill": number}).encode())

    def close(self) -> None:
        """End the process; its children end with it."""
        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)  # wakes who waits for its word
        if self.start_s is None:
            self.process.kill()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with self._lock:
            self.control.close()
            self._errors.close()
        os.close(self._lock_on_folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def _reap() -> None:
    """Remove the folders that killed processes have left: those of this user that no process holds any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # held, another user's, or gone meanwhile
            known = folder.lstat()
            young = time.time() - known.st_mtime < _YOUNG_S  # one that is made just now is not held yet
            if not stat.S_ISDIR(known.st_mode) or known.st_uid != os.geteuid() or young:
                continue
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(held)


def _paths() -> list[str]:
    """Return the folders from which the zygote imports: ours, and where Pyomo, NumPy and SciPy are installed."""
    found: list[str] = []
    for name in ("pyomo", "numpy", "scipy", "formulation"):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            found.append(str(Path(next(iter(spec.submodule_search_locations))).resolve().parent))
    return list(dict.fromkeys(found))
