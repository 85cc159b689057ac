"""The web page in Chromium: first paint, weight, click to answer, frames under a stream of events, typing at length.

python -m benchmarks.service.page [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.service.load import text_of
from benchmarks.service.processes import Process, wait_ready

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response, Route

PORT = 18_767
EVENTS = 1_000
STREAM_S = 2.0
JOB = "0" * 32
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]

FRAMES = """seconds => new Promise(done => {
  const gaps = [], began = performance.now();
  let last = began;
  const tick = now => {
    gaps.push(now - last); last = now;
    if (now - began < 1000 * seconds) requestAnimationFrame(tick);
    else done(gaps.slice(1));
  };
  requestAnimationFrame(tick);
})"""
CLICK = """() => new Promise(done => {
  const began = performance.now();
  const told = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  new MutationObserver((_, observer) => {
    if (document.querySelector('#answer .big')) { observer.disconnect(); told(); }
  }).observe(document.querySelector('#answer'), { childList: true, subtree: true });
  document.querySelector('#solve').click();
})"""
TYPED = """async () => {
  const text = document.querySelector('#text'), took = [];
  for (let k = 0; k < 20; k += 1) {
    const began = performance.now();
    text.setRangeText('word ', text.value.length / 2, text.value.length / 2, 'end');
    text.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await new Promise(go => requestAnimationFrame(() => setTimeout(go)));
    took.push(performance.now() - began);
  }
  return took;
}"""


class _Stream(BaseHTTPRequestHandler):
    """A stream of events as a busy solver and many agents would send them."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        began = time.monotonic()
        for k in range(1, EVENTS + 1):
            kind = "finished" if k == EVENTS else "progress" if k % 2 else "data_perturbed"
            event = {"incumbent": 1e6 - k, "bound": 1.0, "gap": 0.5, "detail": f"draw {k}"}
            document = json.dumps({"at": time.time(), "event": event})
            try:
                self.wfile.write(f"id: {k}\nevent: {kind}\ndata: {document}\n\n".encode())
            except OSError:  # the page has been closed
                return
            time.sleep(max(began + STREAM_S * k / EVENTS - time.monotonic(), 0))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server has
        """Say nothing."""


@contextmanager
def event_stream() -> Iterator[str]:
    """Yield the address of a server that streams `EVENTS` events in `STREAM_S` seconds."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Stream) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def painted(browser: Browser, url: str, rounds: int) -> dict[str, Any]:
    """Return the time to the first contentful paint of a page that no cache knows, and its weight."""
    paints, weights = [], []
    for _ in range(rounds):
        context = browser.new_context()
        page = context.new_page()
        answers: list[Response] = []
        page.on("response", partial(_keep, answers))
        page.goto(url)
        page.wait_for_load_state("networkidle")
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        weights.append(sum(len(answer.body()) for answer in answers))
        context.close()
    return {**spread(paints), "bytes": max(weights)}


def _keep(answers: list[Response], answer: Response) -> None:
    answers.append(answer)


def clicked(browser: Browser, url: str, rounds: int) -> dict[str, float]:
    """Return the time from the click on Solve to the frame after the answer is in the page; each text is new."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    took = []
    for k in range(rounds + 1):
        page.fill("#text", text_of(k))
        took.append(page.evaluate(CLICK))
    context.close()
    return spread(took[1:])


def streamed(browser: Browser, url: str) -> dict[str, Any]:
    """Return the frames a second while the events of a job stream in, and the longest gap between two."""
    document = {"id": JOB, "title": "", "round": 0, "created_at": "2026-01-01T00:00:00Z", "cost": 0.0}
    context = browser.new_context()
    page = context.new_page()
    with event_stream() as stream:
        page.route(f"**/v1/jobs/{JOB}", lambda route: route.fulfill(json={**document, "state": "running"}))
        page.route(f"**/v1/jobs/{JOB}/events", lambda route: _elsewhere(route, stream))
        page.goto(f"{url}/#{JOB}")
        page.wait_for_selector("#events li", state="attached")
        gaps: list[float] = page.evaluate(FRAMES, 0.8 * STREAM_S)
        page.wait_for_selector("#events li:has-text('Finished')", state="attached")
    told = page.locator("#events li").count()
    context.close()
    return {
        "events": EVENTS,
        "lines": told,
        "frames_a_second": round(1000 * len(gaps) / sum(gaps), 1),
        "longest_ms": round(max(gaps), 1),
    }


def _elsewhere(route: Route, stream: str) -> None:
    route.continue_(url=stream)


def typed(browser: Browser, url: str) -> dict[str, float]:
    """Return the time from an input in a text of 100 KB to the frame after it."""
    context = browser.new_context()
    page: Page = context.new_page()
    page.goto(url)
    page.fill("#text", "The hall was cold and the stove was small. " * 2_400)
    took = page.evaluate(TYPED)
    context.close()
    return spread(took)


def spread(milliseconds: list[float]) -> dict[str, float]:
    """Return the median and the largest of some times."""
    return {
        "n": len(milliseconds),
        "median_ms": round(statistics.median(milliseconds), 1),
        "largest_ms": round(max(milliseconds), 1),
    }


def main() -> None:
    """Start a service and a browser, measure, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    from playwright.sync_api import sync_playwright

    url = f"http://127.0.0.1:{PORT}"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {"MILPWRIGHT_DATABASE_URL": f"sqlite:///{folder}/page.sqlite3"}
        service = Process(["serve", "--port", str(PORT)], environment, Path(folder) / "log")
        try:
            wait_ready(url)
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
            found = {
                "first paint": painted(browser, url, rounds), "click to answer": clicked(browser, url, rounds),
                "stream": streamed(browser, url), "typing in 100 KB": typed(browser, url),
            }  # fmt: skip
            browser.close()
        finally:
            service.terminate()
    print(json.dumps(found, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
