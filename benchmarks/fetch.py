"""A suite's data from a path or a URL, with its checksum held."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks.errors import SuiteError
from benchmarks.suites.suite import digest

_BLOCK = 1 << 18
_TIMEOUT_S = 60.0


def cache_folder() -> Path:
    """Return where downloads are kept: ``MILPWRIGHT_CACHE``, else ``XDG_CACHE_HOME``, else ``~/.cache``."""
    if own := os.environ.get("MILPWRIGHT_CACHE"):
        return Path(own) / "suites"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "milpwright" / "suites"


def local_data(
    given: str, sha256: str | None = None, on_progress: Callable[[int, int | None], None] | None = None
) -> Path:
    """Return a path to the data, downloaded where a URL is given and it is not there yet.

    The checksum must be ``sha256`` where that is given. A download without one is taken at its word the first time
    and held to that checksum from then on. Raises `SuiteError` where the checksum is another, or nothing can be read.
    """
    if not given.startswith(("http://", "https://")):
        path = Path(given)
        if not path.exists():
            raise SuiteError(f"{path} does not exist")
        _require(path, digest(path), sha256)
        return path
    name = Path(urllib.parse.urlparse(given).path).name or "data"
    key = hashlib.sha256(given.encode()).hexdigest()[:12]
    path = cache_folder() / key / name
    held = path.with_name(f"{name}.sha256")
    if not path.exists():
        _download(given, path, sha256, on_progress)
        held.write_text(f"{digest(path)}\n", encoding="ascii")
    found = digest(path)
    _require(path, found, held.read_text(encoding="ascii").strip() if held.exists() else None)
    _require(path, found, sha256)
    return path


def _download(url: str, path: Path, sha256: str | None, on_progress: Callable[[int, int | None], None] | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    whole = hashlib.sha256()
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as reply, part.open("wb") as file:  # noqa: S310 - http(s) alone
            length = reply.headers.get("Content-Length")
            total, read = (int(length) if length else None), 0
            while block := reply.read(_BLOCK):
                file.write(block)
                whole.update(block)
                read += len(block)
                if on_progress is not None:
                    on_progress(read, total)
        if total is not None and read != total:
            raise SuiteError(f"{url}: {read} of {total} bytes came; nothing is kept")
        _require(Path(url), whole.hexdigest(), sha256)
        part.replace(path)
    except (urllib.error.URLError, OSError) as error:
        raise SuiteError(f"{url} cannot be downloaded: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def _require(path: Path, found: str, wanted: str | None) -> None:
    if wanted and found != wanted.lower():
        raise SuiteError(f"{path} has the SHA-256 {found}, not {wanted}: it is not the release it was")
