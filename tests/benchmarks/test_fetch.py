"""Data come from a path or an address, and are held to their checksum."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.errors import SuiteError
from benchmarks.fetch import cache_folder, local_data

BODY = b'{"question": "q", "answer": 1}\n'
RIGHT = hashlib.sha256(BODY).hexdigest()


class Files(BaseHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/gone.jsonl":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY) + (9 if self.path == "/cut.jsonl" else 0)))
        self.end_headers()
        self.wfile.write(BODY)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setenv("MILPWRIGHT_CACHE", str(tmp_path / "cache"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_download_is_kept_and_held_to_its_first_checksum(address: str) -> None:
    seen: list[tuple[int, int | None]] = []
    path = local_data(f"{address}/dev.jsonl", on_progress=lambda read, total: seen.append((read, total)))
    assert path.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY))
    assert local_data(f"{address}/dev.jsonl", RIGHT) == path
    path.write_bytes(BODY + b"\n")
    with pytest.raises(SuiteError, match="not the release it was"):
        local_data(f"{address}/dev.jsonl")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dev.jsonl", "has the SHA-256"),
        ("gone.jsonl", "cannot be downloaded.*404"),
        ("cut.jsonl", "bytes came|downloaded"),
    ],
)
def test_what_is_not_the_release_is_not_kept(name: str, said: str, address: str) -> None:
    with pytest.raises(SuiteError, match=said):
        local_data(f"{address}/{name}", "0" * 64 if name == "dev.jsonl" else None)
    assert [path for path in cache_folder().rglob("*") if path.is_file()] == []


def test_an_address_where_nothing_answers_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MILPWRIGHT_CACHE", str(tmp_path))
    with pytest.raises(SuiteError, match="cannot be downloaded"):
        local_data("http://127.0.0.1:9/dev.jsonl")


def test_a_path_is_held_to_the_checksum_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "dev.jsonl"
    path.write_bytes(BODY)
    assert local_data(str(path), RIGHT.upper()) == path
    with pytest.raises(SuiteError, match="has the SHA-256"):
        local_data(str(path), "1" * 64)
