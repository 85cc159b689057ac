"""Every state of the page for those who see little or use no mouse: what axe finds, and the keyboard alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

STATIC = Path(__file__).resolve().parents[3] / "app" / "web" / "static"
SAMPLES = {sample["title"]: sample["text"] for sample in json.loads((STATIC / "samples.json").read_text())}
JOB = "0123456789abcdef0123456789abcdef"
HELD = {"id": JOB, "title": "Held", "round": 0, "created_at": "2026-01-01T00:00:00Z", "cost": 0.0, "state": "running"}
ENDLESS = "A farm sells honey and wax. Each jar of honey earns $6 and each block of wax earns $4. At least 10 jars of honey must be sold. How many jars of honey and blocks of wax should be sold to earn the most?"


def solved(page, text):
    page.fill("#text", text)
    page.click("#solve")
    page.wait_for_selector("#headline", timeout=60_000)
    for summary in page.locator("#answer summary:visible").all():
        summary.click()


def at_work(page, server):
    """The page while a job is worked on: some steps, an agent that writes, and a connection that is lost."""
    events = [("queued", {}), ("text_read", {}), ("agent_failed", {"agent": "coder", "reason": "no reply"})]
    events += [("progress", {"agent": "formulator", "characters": 4000})]
    stream = "".join(
        f"id: {k}\nevent: {kind}\ndata: {json.dumps({'at': float(k), 'event': event})}\n\n"
        for k, (kind, event) in enumerate(events, 1)
    )
    page.route(f"**/v1/jobs/{JOB}", lambda route: route.fulfill(json=HELD))
    page.route(f"**/v1/jobs/{JOB}/events", lambda route: route.fulfill(body=stream, content_type="text/event-stream"))
    page.goto("about:blank")
    page.goto(f"{server.url}/#{JOB}")
    page.wait_for_selector("#status.working")
    page.click("#steps summary")
    page.wait_for_selector("#events li.bad:visible")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_no_state_of_the_page_has_a_serious_violation(page, server, violations, shot, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    found = {"the form": violations(page)}
    for title in ("Repair crews", "Too many promises", "One question back"):
        solved(page, SAMPLES[title])
        if title == "Too many promises":
            page.wait_for_selector("#answer li:has-text('raise')", timeout=60_000)
        shot(page, f"state-{title.split()[0].lower()}-{scheme}")
        found[title] = violations(page)
    solved(page, ENDLESS)
    found["unbounded"] = violations(page)
    assert page.locator("#answer .big").count() == 0
    solved(page, "The moon rose late, and nobody counted the sheep.")
    found["not understood, with earlier problems"] = violations(page)
    assert page.locator("#history li").count() >= 5
    at_work(page, server)
    shot(page, f"state-at-work-{scheme}")
    found["at work"] = violations(page)
    refusal = {"title": "A key is needed", "status": 401, "detail": "Give a key.", "request_id": "r"}
    page.route("**/v1/jobs", lambda route: route.fulfill(status=401, json=refusal))
    page.goto(server.url)
    page.fill("#text", "One thing.")
    page.click("#solve")
    page.wait_for_selector("#key")
    found["refused"] = violations(page)
    page.goto(f"{server.url}/compare")
    found["comparing"] = violations(page)
    page.fill("#a", "no model")
    page.fill("#b", "none either")
    page.click("button[type=submit]")
    page.wait_for_selector("#problem .error")
    found["comparing what is no model"] = violations(page)
    assert {state: [v["id"] for v in each] for state, each in found.items() if each} == {}


FOCUS = """() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
  const name = at.id || at.textContent.trim().slice(0, 30) || at.tagName;
  return { name, seen, drawn: box.width > 0 && box.height > 0, body: at === document.body };
}"""


def tabbed(page, most=200):
    """What the Tab key comes to, in its order, until it leaves the page."""
    stops = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["body"]:
            return stops
        stops.append(stop)
    raise AssertionError(f"the Tab key is caught: {stops[-3:]}")


def test_the_tab_key_passes_everything_and_shows_where_it_is(page):
    names = [stop["name"] for stop in tabbed(page)]
    assert names[0] == "Skip to the problem"
    wanted = ["text", "Bakery", "effort", "limit", "tables", "solve"]
    assert [name for name in names if name in wanted] == wanted
    solved(page, SAMPLES["Gravel deliveries"])
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.focus("body")
    stops = tabbed(page)
    assert [stop["name"] for stop in stops if not (stop["seen"] and stop["drawn"])] == []
    assert any(stop["name"] == "Copy" for stop in stops)


def test_a_sample_is_solved_and_forgotten_without_a_mouse(page):
    page.get_by_role("button", name="Bakery").focus()
    page.keyboard.press("Enter")
    page.focus("#solve")
    page.keyboard.press("Enter")
    page.wait_for_selector("#headline", timeout=60_000)
    assert page.evaluate("document.activeElement.id") == "headline"
    assert page.get_by_role("heading", name="The best answer").count() == 1
    before = page.locator("#history li").count()
    page.locator("#history button:has-text('×'), #history button[aria-label]").last.focus()
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('.drop, #history-title')")
    assert page.locator("#history li").count() <= before
