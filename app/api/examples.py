"""The examples of the OpenAPI document; the tests send each request and compare each answer."""

from __future__ import annotations

from typing import Any

from fastapi.openapi.models import Example

BAKERY = (
    "A bakery bakes rye loaves and seed buns. A rye loaf earns 3 dollars and a seed bun earns 2 dollars. "
    "A loaf takes 2 minutes of oven time and a bun takes 1 minute of oven time; the oven is free for at most "
    "400 minutes. A loaf needs 300 grams of flour and a bun needs 200 grams of flour, and 70000 grams of flour are "
    "available. How many of each should the bakery bake to maximize its profit?"
)

PROBLEM_EXAMPLES: dict[str, Example] = {
    "two products": Example(summary="Two products, two resources", value={"text": BAKERY}),
    "options": Example(
        summary="With options",
        value={"text": BAKERY, "options": {"effort": "low", "solver": "highs", "time_limit_s": 10}},
    ),
}

ANSWER_EXAMPLES: dict[str, Any] = {
    "not understood": {
        "summary": "A text that holds no decision problem",
        "value": {
            "status": "not_understood",
            "termination": {"reason": "not_understood", "limit": None, "detail": "no objective was found"},
            "objective": None,
            "variables": [],
            "variables_total": 0,
            "constraints": [],
            "formulation": None,
            "pyomo": None,
            "lp": None,
            "checks": [],
            "confidence": 0.0,
            "confident": False,
            "assumptions": [],
            "questions": [],
            "unread": [],
            "reader": "embedded",
            "solver": None,
            "timings": {},
            "usage": [],
            "explanation": "",
            "text": "Roses are red.",
        },
    }
}

_JOB: dict[str, Any] = {
    "id": "01a1fd8221cd79cef3b0c1484e214cec",
    "state": "running",
    "status": None,
    "title": "A bakery bakes rye loaves and seed buns.",
    "round": 0,
    "created_at": "2026-03-01T09:00:00Z",
    "started_at": "2026-03-01T09:00:00.020000Z",
    "finished_at": None,
    "cost": 0.0,
    "answer": None,
    "error": None,
}
JOB_EXAMPLES: dict[str, Any] = {"running": {"summary": "A job that runs", "value": _JOB}}

ANSWERS_EXAMPLES: dict[str, Example] = {
    "one answer": Example(summary="One question answered", value={"answers": {"q1": "at most 400 minutes"}})
}

EVENTS_EXAMPLE = """\
id: 1
event: queued
data: {"at":1772355600.000,"event":{}}

id: 2
event: started
data: {"at":1772355600.020,"event":{"executor":"host-12-1f2e3d4c"}}
"""

_LP = "Maximize\n profit: 3 rye + 2 bun\nSubject To\n oven: 2 rye + bun <= 400\n flour: 3 rye + 2 bun <= 700\nEnd\n"
_SAME_LP = "Minimize\n cost: - 6 r - 4 b\nSubject To\n c1: 2 r + b <= 400\n c2: 6 r + 4 b <= 1400\nEnd\n"

COMPARE_EXAMPLES: dict[str, Example] = {
    "the same model written twice": Example(
        summary="Two texts of one model",
        value={"a": {"format": "lp", "text": _LP}, "b": {"format": "lp", "text": _SAME_LP}},
    )
}
SOLVE_MODEL_EXAMPLES: dict[str, Example] = {
    "an LP": Example(summary="A linear program", value={"model": {"format": "lp", "text": _LP}})
}
DIAGNOSE_EXAMPLES: dict[str, Example] = {
    "a conflict": Example(
        summary="A budget that is too small",
        value={"model": {"format": "lp", "text": "min x\nst\n budget: 18 x <= 500\n need: x >= 30\nend\n"}},
    )
}
