"""A server of its own and a browser for the tests of the pages; screenshots are kept under artifacts/."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = shutil.which("chromium")
SHOTS = Path(os.environ.get("MILPWRIGHT_SCREENSHOTS", ROOT / "artifacts" / "screenshots"))
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class Server:
    """``milpwright serve`` as a process that can be killed and started again on the same port."""

    def __init__(self, directory: Path, *options: str, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("MILPWRIGHT_")}
        self.environment["MILPWRIGHT_DATABASE_URL"] = f"sqlite:///{directory / 'page.sqlite3'}"
        self.environment |= settings
        self.log = directory / "server.log"
        self.start(*options)

    def start(self, *options: str) -> None:
        program = Path(sys.executable).parent / "milpwright"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [program, "serve", "--port", str(self.port), *options], stdout=log, stderr=log, env=self.environment
            )
        deadline = time.monotonic() + 180
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                    return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError(self.log.read_text()[-2000:]) from None
                time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(timeout=60)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that asks for no key; who stops it starts it again."""
    here = Server(tmp_path_factory.mktemp("server"))
    yield here
    here.stop(signal.SIGKILL)


@pytest.fixture
def make_server(tmp_path):
    """Starts servers of a test's own, and kills them after it."""
    made = []

    def make(*options, **settings):
        made.append(Server(tmp_path, *options, **settings))
        return made[-1]

    yield make
    for server in made:
        server.process.kill()
        server.process.wait(60)


@pytest.fixture(scope="module")
def browser():
    """Chromium as Debian packages it; while it is open this thread has an event loop, so it is closed soon."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; on Debian: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser, server):
    """The first page; ``complaints`` holds what the browser's console had to say against it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    opened = context.new_page()
    opened.complaints = []
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.on(
        "console", lambda told: opened.complaints.append(told.text) if told.type in ("error", "warning") else None
    )
    opened.goto(server.url)
    yield opened
    context.close()


@pytest.fixture
def shot():
    """Keeps a picture of a page."""

    def taken(page, name):
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=True)

    return taken


@pytest.fixture
def violations():
    """Returns what axe finds that is serious; it runs through the debugger, which the policy does not forbid."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

    def found(page):
        return [v for v in axe.Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]

    return found
