"""A small problem in our own words, with the replies that careful agents would give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from formulation.chat.budget import Budget, Ledger
from formulation.chat.scripted import ScriptedChat
from formulation.chat.session import ChatSession
from formulation.perform import Workshop
from formulation.problem import Effort, Options, Problem
from formulation.sandbox import Sandbox
from formulation.solve import solve_problem

# Both limits bind: 2 l + c = 40 and l + 2 c = 50 give 10 loaves and 20 cakes, 5*10 + 7*20 = 190; prices of $1 a kg
# and $3 an hour pay for each product exactly, so no plan earns more than 1*40 + 3*50 = 190.
TEXT = (
    "Marta's kitchen turns out loaves and cakes that leave in whole pieces. One loaf takes 2 kg of flour and keeps the "
    "oven busy for 1 hour; one cake takes 1 kg and 2 hours. Loaves bring in $5 apiece and cakes $7. No more than 40 kg "
    "of flour and 50 oven hours are there this week. Which quantities bring in the most money?"
)
OPTIMUM = 190.0

FORMULATION = {
    "reading": [
        "loaf: 2 kg flour, 1 h oven, $5; cake: 1 kg, 2 h, $7",
        "flour at most 40 kg, oven at most 50 h",
        "maximise revenue; whole pieces",
    ],
    "problem_class": "production mix",
    "title": "Kitchen",
    "sets": [
        {"name": "products", "elements": ["loaf", "cake"], "description": "baked goods", "quotes": ["loaves and cakes"]}
    ],
    "parameters": [
        {
            "name": "revenue",
            "indices": ["products"],
            "value": [5, 7],
            "unit": "$/piece",
            "description": "revenue per piece",
            "quotes": ["Loaves bring in $5 apiece and cakes $7"],
        },
        {
            "name": "flour_use",
            "indices": ["products"],
            "value": [2, 1],
            "unit": "kg/piece",
            "description": "flour per piece",
            "quotes": ["One loaf takes 2 kg of flour", "one cake takes 1 kg"],
        },
        {
            "name": "oven_use",
            "indices": ["products"],
            "value": [1, 2],
            "unit": "hours/piece",
            "description": "oven time per piece",
            "quotes": ["oven busy for 1 hour", "1 kg and 2 hours"],
        },
        {
            "name": "flour",
            "value": 40,
            "unit": "kg",
            "description": "flour there is",
            "quotes": ["No more than 40 kg of flour"],
        },
        {
            "name": "oven",
            "value": 50,
            "unit": "hours",
            "description": "oven time there is",
            "quotes": ["50 oven hours"],
        },
    ],
    "variables": [
        {
            "name": "make",
            "indices": ["products"],
            "domain": "integer",
            "lower": "0",
            "upper": None,
            "unit": "piece",
            "description": "pieces to make",
            "quotes": ["Which quantities bring in the most money"],
        }
    ],
    "objective": {
        "sense": "maximize",
        "expression": "sum(revenue[p] * make[p] for p in products)",
        "unit": "$",
        "description": "revenue",
        "quotes": ["bring in the most money"],
    },
    "constraints": [
        {
            "name": "flour_limit",
            "expression": "sum(flour_use[p] * make[p] for p in products) <= flour",
            "description": "flour used is at most what is there",
            "quotes": ["No more than 40 kg of flour"],
        },
        {
            "name": "oven_limit",
            "expression": "sum(oven_use[p] * make[p] for p in products) <= oven",
            "description": "oven time used is at most what is there",
            "quotes": ["50 oven hours are there this week"],
        },
    ],
    "assumptions": [],
    "questions": [],
}

PROGRAM = """import pyomo.environ as pyo

DATA = {
    "products": ["loaf", "cake"],
    "revenue": {"loaf": 5, "cake": 7},
    "flour_use": {"loaf": 2, "cake": 1},
    "oven_use": {"loaf": 1, "cake": 2},
    "flour": 40,
    "oven": 50,
}


def build(data):
    data = {**DATA, **(data or {})}
    model = pyo.ConcreteModel()
    model.make = pyo.Var(data["products"], domain=pyo.NonNegativeIntegers)
    model.revenue = pyo.Objective(
        expr=sum(data["revenue"][p] * model.make[p] for p in data["products"]), sense=pyo.maximize
    )
    model.flour = pyo.Constraint(expr=sum(data["flour_use"][p] * model.make[p] for p in data["products"]) <= data["flour"])
    model.oven = pyo.Constraint(expr=sum(data["oven_use"][p] * model.make[p] for p in data["products"]) <= data["oven"])
    return model
"""


def formulation(**changes: object) -> str:
    """Return the formulator's reply with some of its fields changed."""
    return json.dumps({**FORMULATION, **changes})


def coder(source: str = PROGRAM) -> str:
    """Return the coder's reply."""
    return json.dumps({"notes": ["maximise revenue under two limits"], "program": source})


def debugger(side: str = "neither", diagnosis: str = "the text says so", **more: object) -> str:
    """Return the debugger's reply."""
    return json.dumps({"diagnosis": diagnosis, "side": side, **more})


def analyst(**changes: object) -> str:
    """Return the analyst's reply."""
    return json.dumps({"problem_class": "production mix", "asked": "how many of each", **changes})


def reading_back() -> str:
    """Return the reviewer's first reply."""
    parts = [{"name": name, "meaning": "as it says"} for name in ("objective", "flour_limit", "oven_limit", "make")]
    return json.dumps({"parts": parts})


def ruling(name: str = "flour_limit", verdict: str = "match") -> str:
    """Return the reviewer's second reply, with one ruling of choice."""
    rulings = [{"name": n, "ruling": "match", "reason": ""} for n in ("objective", "oven_limit", "make")]
    return json.dumps(
        {"rulings": [*rulings, {"name": name, "ruling": verdict, "reason": "see there"}], "uncovered": []}
    )


@pytest.fixture(scope="session")
def kitchen() -> SimpleNamespace:
    """The problem, and the makers of replies."""
    return SimpleNamespace(
        text=TEXT,
        optimum=OPTIMUM,
        formulation=formulation,
        fields=FORMULATION,
        program=PROGRAM,
        coder=coder,
        debugger=debugger,
        analyst=analyst,
        reading_back=reading_back,
        ruling=ruling,
    )


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    with Sandbox() as sandbox:
        yield Workshop(sandbox)


@pytest.fixture
def answered(workshop, kitchen):
    """Return what runs the kitchen problem through the loop with a script, and gives answer, chat and events."""
    import asyncio

    def run(script, *, effort="medium", budget=None, text=None, second=None, samples=3, **more):
        chat = ScriptedChat(script)
        session = ChatSession(
            {"": chat}, ledger=Ledger(budget or Budget()), second=second, samples=samples, max_reply_tokens=4000
        )
        events = []
        problem = Problem(text or kitchen.text, options=Options(effort=Effort(effort)), **more)
        answer = asyncio.run(solve_problem(problem, workshop, events.append, chat=session))
        return SimpleNamespace(answer=answer, chat=chat, events=events, session=session)

    return run
