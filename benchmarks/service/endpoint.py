"""A chat endpoint that answers a family of small problems by a script, and counts what it is asked.

It speaks the OpenAI chat completions protocol on the loopback. Each problem has a number of its own (`text_of`),
so that every call can be told apart by job and kind.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_TEXT = (
    "Order {n}: a joiner makes stools and benches, whole pieces only. A stool earns {a} dollars and takes 1 hour; "
    "a bench earns 9 dollars and takes 3 hours. There are {hours} hours. What earns the most?"
)
_NUMBERS = re.compile(r"Order (\d+): .*? A stool earns (\d+) dollars .*? There are (\d+) hours", re.DOTALL)


def text_of(n: int) -> str:
    """Return the text of problem ``n``."""
    return _TEXT.format(n=n, a=4 + n % 3, hours=20 + n)


def optimum_of(n: int) -> float:
    """Return the optimum of problem ``n``.

    A stool earns 4 or more an hour and a bench 3, so every hour goes into stools.
    """
    return float((4 + n % 3) * (20 + n))


def _formulation(n: str, a: str, hours: str) -> dict[str, Any]:
    def element(name: str, quote: str, **fields: object) -> dict[str, Any]:
        return {"name": name, "description": name.replace("_", " "), "quotes": [quote], **fields}

    return {
        "reading": [f"order {n}: stools and benches within {hours} hours"],
        "problem_class": "production mix",
        "title": f"Order {n}",
        "sets": [],
        "parameters": [
            element("stool_earns", f"A stool earns {a} dollars", value=float(a), unit="dollars/piece"),
            element("bench_earns", "a bench earns 9 dollars", value=9.0, unit="dollars/piece"),
            element("stool_hours", "takes 1 hour", value=1.0, unit="hours/piece"),
            element("bench_hours", "takes 3 hours", value=3.0, unit="hours/piece"),
            element("hours", f"There are {hours} hours", value=float(hours), unit="hours"),
        ],
        "variables": [
            element("stools", "whole pieces only", domain="integer", lower="0", unit="piece"),
            element("benches", "whole pieces only", domain="integer", lower="0", unit="piece"),
        ],
        "objective": {
            "sense": "maximize",
            "expression": "stool_earns * stools + bench_earns * benches",
            "unit": "dollars",
            "description": "earnings",
            "quotes": ["What earns the most"],
        },
        "constraints": [
            element(
                "time",
                f"There are {hours} hours",
                expression="stool_hours * stools + bench_hours * benches <= hours",
            )
        ],
    }


def _program(a: str, hours: str) -> dict[str, Any]:
    return {
        "notes": [],
        "program": (
            "import pyomo.environ as pyo\n\n\n"
            "def build(data):\n"
            "    m = pyo.ConcreteModel()\n"
            "    m.stools = pyo.Var(domain=pyo.NonNegativeIntegers)\n"
            "    m.benches = pyo.Var(domain=pyo.NonNegativeIntegers)\n"
            f"    m.earn = pyo.Objective(expr={a} * m.stools + 9 * m.benches, sense=pyo.maximize)\n"
            f"    m.time = pyo.Constraint(expr=m.stools + 3 * m.benches <= {hours})\n"
            "    return m\n"
        ),
    }


class ScriptedEndpoint:
    """The endpoint, served by threads of this process.

    ``calls`` holds, for each ``(problem, reply kind)``, when a call came and when it had been answered, in seconds
    since the epoch; a caller that hung up leaves no second time, and one that was gone before its call could be read
    has made it at some time before: at 0. ``seconds`` is how long a call takes.
    """

    def __init__(self, host: str = "127.0.0.1", *, seconds: float = 0.05) -> None:
        self.calls: defaultdict[tuple[int, str], list[list[float]]] = defaultdict(list)
        self.unknown: list[str] = []
        self.seconds = seconds
        self._lock = threading.Lock()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                times, reply = endpoint.answer(body, came_at=0.0 if self._hung_up() else time.time())
                time.sleep(endpoint.seconds)
                content = json.dumps(
                    {
                        "id": "scripted",
                        "object": "chat.completion",
                        "created": 0,
                        "model": body.get("model", "scripted"),
                        "choices": [
                            {
                                "index": 0,
                                "finish_reason": "stop",
                                "message": {"role": "assistant", "content": json.dumps(reply)},
                            }
                        ],
                        "usage": {"prompt_tokens": 500, "completion_tokens": 200, "total_tokens": 700},
                    }
                ).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                times.append(time.time())

            def _hung_up(self) -> bool:
                try:
                    return not len(self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
                except BlockingIOError:
                    return False
                except OSError:
                    return True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://{host}:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, body: dict[str, Any], *, came_at: float) -> tuple[list[float], dict[str, Any]]:
        """Return the times of the call and its reply."""
        said = "\n".join(str(message["content"]) for message in body["messages"])
        kind = body.get("response_format", {}).get("json_schema", {}).get("name", "")
        numbers = _NUMBERS.search(said)
        if numbers is None:
            with self._lock:
                self.unknown.append(said)
            return [], {}
        n, a, hours = numbers.groups()
        times = [came_at]
        with self._lock:
            self.calls[int(n), kind].append(times)
        return times, _program(a, hours) if kind.startswith("Coder") else _formulation(n, a, hours)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
