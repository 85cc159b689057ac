"""A problem in German, in words of our own, read by a scripted chat endpoint and answered in German everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

# Both limits bind: 1.5 h + 3 r = 1200 and 2 h + 6 r = 2100 give 300 stools and 250 shelves, 18*300 + 40*250 = 15400;
# prices of 28/3 € an hour and 2 € a metre pay for each exactly (14 + 4 and 28 + 12): no plan brings more than
# 28/3*1200 + 2*2100 = 15400.
TEXT = (
    "Eine Tischlerei baut Hocker und Regale, nur ganze Stücke. Ein Hocker braucht 1,5 Stunden Arbeit und 2 m Holz, ein "
    "Regal 3 Stunden und 6 m. Ein Hocker bringt 18 € Gewinn, ein Regal 40 €. Höchstens 1.200 Stunden Arbeit und "
    "höchstens 2.100 m Holz stehen bereit. Welche Stückzahlen bringen den größten Gewinn?"
)
VALUE = 15_400.0


def _parameter(name, value, unit, description, *quotes, indices=()):
    return {
        "name": name, "indices": list(indices), "value": value, "unit": unit, "description": description,
        "quotes": list(quotes),
    }  # fmt: skip


FORMULATION = {
    "reading": [], "problem_class": "production mix", "title": "Tischlerei",
    "sets": [
        {"name": "products", "elements": ["Hocker", "Regal"], "description": "Möbel", "quotes": ["Hocker und Regale"]}
    ],
    "parameters": [
        _parameter("profit", [18, 40], "€/Stück", "Gewinn je Stück", "Ein Hocker bringt 18 € Gewinn", "ein Regal 40 €",
                   indices=["products"]),
        _parameter("hours", [1.5, 3], "Stunden/Stück", "Arbeit je Stück", "Ein Hocker braucht 1,5 Stunden",
                   "Regal 3 Stunden", indices=["products"]),
        _parameter("wood", [2, 6], "m/Stück", "Holz je Stück", "2 m Holz", "und 6 m", indices=["products"]),
        _parameter("hours_there", 1200, "Stunden", "Arbeitszeit", "Höchstens 1.200 Stunden Arbeit"),
        _parameter("wood_there", 2100, "m", "Holzvorrat", "höchstens 2.100 m Holz"),
    ],
    "variables": [
        {"name": "make", "label": "Stückzahl", "indices": ["products"], "domain": "integer", "lower": "0", "upper": None,
         "unit": "Stück", "description": "Stückzahl", "quotes": ["Welche Stückzahlen"]}
    ],
    "objective": {
        "sense": "maximize", "expression": "sum(profit[p] * make[p] for p in products)", "unit": "€",
        "description": "Gewinn", "quotes": ["den größten Gewinn"],
    },
    "constraints": [
        {"name": "hours_limit", "label": "Arbeitszeit",
         "expression": "sum(hours[p] * make[p] for p in products) <= hours_there",
         "description": "nicht mehr Arbeit, als bereitsteht", "quotes": ["Höchstens 1.200 Stunden Arbeit"]},
        {"name": "wood_limit", "label": "Holz",
         "expression": "sum(wood[p] * make[p] for p in products) <= wood_there",
         "description": "nicht mehr Holz, als bereitsteht", "quotes": ["höchstens 2.100 m Holz"]},
    ],
    "assumptions": [], "questions": [],
}  # fmt: skip

PROGRAM = """import pyomo.environ as pyo

DATA = {
    "products": ["Hocker", "Regal"],
    "profit": {"Hocker": 18, "Regal": 40},
    "hours": {"Hocker": 1.5, "Regal": 3},
    "wood": {"Hocker": 2, "Regal": 6},
    "hours_there": 1200,
    "wood_there": 2100,
}


def build(data):
    data = {**DATA, **(data or {})}
    model = pyo.ConcreteModel()
    items = list(data["products"])
    model.make = pyo.Var(items, domain=pyo.NonNegativeIntegers)
    model.goal = pyo.Objective(expr=sum(data["profit"][p] * model.make[p] for p in items), sense=pyo.maximize)
    model.labour = pyo.Constraint(expr=sum(data["hours"][p] * model.make[p] for p in items) <= data["hours_there"])
    model.timber = pyo.Constraint(expr=sum(data["wood"][p] * model.make[p] for p in items) <= data["wood_there"])
    return model
"""

REPLIES = {"FormulatorReply": FORMULATION, "CoderReply": {"notes": [], "program": PROGRAM}}


class Endpoint:
    """Serves ``/v1/chat/completions``: to each agent the reply that it is asked for, by the name of its form."""

    def __init__(self, replies=None):
        said = REPLIES if replies is None else replies
        self.asked = asked = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                asked.append(body)
                reply = next(json.dumps(reply) for name, reply in said.items() if name in body)
                message = {"role": "assistant", "content": reply}
                choice = {"index": 0, "message": message, "finish_reason": "stop"}
                usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
                done = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
                raw = json.dumps({**done, "usage": usage}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def settings():
    endpoint = Endpoint()
    yield {"MILPWRIGHT_CHAT_BASE_URL": endpoint.url, "MILPWRIGHT_CHAT_MODEL": "m", "MILPWRIGHT_CHAT_API_KEY": "none"}
    endpoint.close()


SAID = "Der größtmögliche Wert für „Gewinn“ ist 15.400\xa0€."


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        return json.load(response)


@pytest.mark.browser
def test_a_german_text_is_answered_in_german_by_the_api_and_on_the_page(
    browser, make_server, settings, violations, shot
):
    server = make_server(**settings)
    job = post(f"{server.url}/v1/solve", {"text": TEXT})
    answer = job.get("answer", job)
    assert (answer["language"], answer["headline"]) == ("de", "Die beste Antwort")
    assert answer["objective"]["value"] == VALUE
    assert answer["explanation"].startswith(SAID)
    assert answer["confident"], answer["checks"]
    assert {check["name"]: check["title"] for check in answer["checks"]}["reading"] == "Lesung"
    asked = post(f"{server.url}/v1/solve", {"text": TEXT, "options": {"language": "ja"}})
    assert asked.get("answer", asked)["explanation"].startswith("「Gewinn」の取りうる最大の値は €15,400 です")
    context = browser.new_context(viewport={"width": 1024, "height": 900})
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(server.url)
    page.fill("#text", TEXT)
    page.click("#solve")
    page.wait_for_selector("#headline")
    assert page.inner_text("#headline") == "Die beste Antwort"
    assert page.get_attribute("#headline", "lang") == "de"
    told = page.locator(".headline p[lang=de]").inner_text()
    assert told.startswith(SAID)
    assert "15.400\xa0€" in page.inner_text(".headline .big")
    assert "1.200" in page.locator("table").last.inner_text()
    assert violations(page) == []
    shot(page, "german")
    context.close()


def test_a_german_text_is_answered_in_german_on_the_command_line(settings):
    program = Path(sys.executable).parent / "milpwright"
    environment = {**os.environ, **settings}
    shown = subprocess.run(
        [program, "solve", TEXT], capture_output=True, timeout=240, env=environment, encoding="utf-8", check=True
    ).stdout
    assert "Antwort: optimal" in shown
    assert SAID.replace("\xa0", " ").split("ist")[0] in shown.replace("\n", " ")
    assert "15.400" in shown
    assert "1.200" in shown
