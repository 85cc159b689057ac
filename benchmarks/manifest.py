"""What a run is: suite, data, reader, options, and the state of the program that ran it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.errors import RecordError
from benchmarks.record import SCHEMA

_PACKAGES = ("milpwright", "highspy", "ortools", "pyomo", "numpy", "scipy")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What every record of a run has in common; a resumed run must ask for the same.

    ``data_sha256`` is over the file or folder read; ``commit`` is the checkout's, with a mark where it was changed,
    "" outside a checkout. ``prompts`` are hashes of the prompt files.
    """

    suite: str
    data: str
    data_sha256: str
    items: int
    reader: str
    options: Mapping[str, Any]
    seed: int
    samples: int
    limit: int | None
    item_limit_s: float
    licence: str = ""
    release: str = ""
    unlabelled: bool = False
    draw: bool = False
    commit: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)
    machine: str = ""
    started: str = ""
    schema: int = SCHEMA

    @property
    def run(self) -> str:
        """Twelve hexadecimal digits over everything that decides the run's records."""
        return hashlib.sha256(json.dumps(self.asked(), sort_keys=True).encode()).hexdigest()[:12]

    def asked(self) -> dict[str, Any]:
        """Return what was asked for: the fields in which a resumed run must agree."""
        out = self.to_json()
        for name in ("commit", "versions", "machine", "started", "data", "licence", "release"):
            del out[name]
        return out

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as a JSON object."""
        out = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in out.items()}


def provenance() -> dict[str, Any]:
    """Return the fields of a manifest that describe this program and machine."""
    return {
        "commit": _commit(),
        "versions": {name: _version(name) for name in _PACKAGES},
        "prompts": prompt_hashes(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}",
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def prompt_hashes() -> dict[str, str]:
    """Return twelve hexadecimal digits of the SHA-256 of every prompt file of the product, by its path."""
    import formulation

    root = Path(formulation.__file__).parent
    return {
        file.relative_to(root).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        for file in sorted(root.rglob("*.md"))
    }


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``run.json`` whole or not at all. Raises `RecordError`."""
    path, part = folder / "run.json", folder / f".run.json.{os.getpid()}"
    try:
        with part.open("w", encoding="utf-8") as file:
            json.dump(manifest.to_json(), file, indent=2, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RecordError(f"{path} cannot be written: {error.strerror}") from error


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a run's folder. Raises `RecordError` where there is none or of another version."""
    path = folder / "run.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"{folder} is no run's folder: it has no run.json") from None
    except (OSError, ValueError) as error:
        raise RecordError(f"{path} cannot be read: {error}") from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise RecordError(f"{path} is of another version; this program reads version {SCHEMA}")
    known = {f.name for f in dataclasses.fields(Manifest)}
    try:
        return Manifest(**{name: value for name, value in data.items() if name in known})
    except TypeError as error:
        raise RecordError(f"{path}: {error}") from error


def _commit() -> str:
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return ""

    def git(*arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - git with arguments of our own
            ["git", *arguments],  # noqa: S607
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
        return done.stdout.strip()

    try:
        return git("rev-parse", "--short=12", "HEAD") + ("+changes" if git("status", "--porcelain") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
