"""What the page makes of answers that the embedded reader does not give: schedules, tours, hostile names, long streams."""

from __future__ import annotations

import json

import pytest

from app.wire import AnswerJson, answer_json
from formulation.answer import (
    Answer,
    AnsweredObjective,
    AnsweredTermination,
    AnsweredVariable,
    Check,
    CheckResult,
    ConstraintFamily,
    ConstraintRow,
    RowPage,
    Status,
)
from formulation.formulation import (
    Assumption,
    Constraint,
    Formulation,
    IndexSet,
    Objective,
    Parameter,
    Question,
    Span,
    Variable,
)
from formulation.reading import Unread
from solvers.milp import Sense

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

JOB = "0" * 32
HOSTILE = "<img src=x onerror=alert(1)>\"'></script><script>alert(2)</script>"
JOBS = ("Wash", "Cut", "Dry")
PLACES = ("Depot", "North", "East", "South")


def values(name, found, domain="continuous", unit=""):
    return tuple(AnsweredVariable(name, "", unit, index, domain, 0.0, None, value) for index, value in found.items())


def answered(variables, formulation, **more):
    objective = AnsweredObjective(Sense.MINIMIZE, 9.0, "h", "time")
    return Answer(
        Status.OPTIMAL,
        AnsweredTermination("optimal"),
        objective,
        variables,
        len(variables),
        formulation=formulation,
        **more,
    )


def shown(page, server, answer):
    """Show an answer as the server would have given it."""
    document = {
        "id": JOB, "state": "finished", "status": answer.status.value, "title": "given", "round": 0,
        "created_at": "2026-01-01T00:00:00Z", "cost": 0.0, "error": None,
        "answer": json.loads(answer_json(answer).model_dump_json()),
    }  # fmt: skip
    AnswerJson.model_validate(document["answer"])
    page.route(f"**/v1/jobs/{JOB}", lambda route: route.fulfill(json=document))
    page.goto("about:blank")
    page.goto(f"{server.url}/#{JOB}")
    page.wait_for_selector("#headline")


def test_starting_times_become_a_gantt_chart(page, server, shot, violations):
    formulation = Formulation(
        sets=(IndexSet("jobs", JOBS),),
        parameters=(Parameter("duration", {("Wash",): 3.0, ("Cut",): 2.0, ("Dry",): 4.0}, ("jobs",), unit="h"),),
        variables=(Variable("start", ("jobs",), label="start"),),
        objective=Objective(Sense.MINIMIZE, "sum(start[j] for j in jobs)"),
    )
    shown(
        page, server, answered(values("start", {("Wash",): 0.0, ("Cut",): 3.0, ("Dry",): 5.0}, unit="h"), formulation)
    )
    told = page.get_attribute("svg.chart", "aria-label")
    assert told == "Wash from 0 to 3, Cut from 3 to 5, Dry from 5 to 9"
    assert page.locator("svg.chart rect.fill").count() == 3
    shot(page, "gantt")
    assert violations(page) == []


def test_arcs_within_one_set_become_a_network_and_periods_become_columns(page, server, shot, violations):
    formulation = Formulation(
        sets=(IndexSet("places", PLACES), IndexSet("weeks", (1, 2, 3, 4))),
        variables=(Variable("travel", ("places", "places")), Variable("stock", ("weeks",))),
        objective=Objective(Sense.MINIMIZE, "sum(stock[t] for t in weeks)"),
    )
    tour = {(a, b): float((i + 1) % 4 == j) for i, a in enumerate(PLACES) for j, b in enumerate(PLACES) if a != b}
    found = values("travel", tour, "binary") + values("stock", {(t,): 10.0 * t for t in range(1, 5)}, unit="t")
    shown(page, server, answered(found, formulation))
    assert page.locator("svg.chart .flow").count() == 4
    assert page.locator("svg.chart .tip").count() == 4
    assert page.locator("svg.chart rect.fill").count() == 4
    shot(page, "network")
    assert violations(page) == []


def test_a_plan_by_people_and_periods_becomes_a_matrix(page, server, shot, violations):
    people, days = ("Ada", "Ben", "Cleo"), (1, 2, 3, 4, 5)
    formulation = Formulation(
        sets=(IndexSet("people", people), IndexSet("days", days)),
        variables=(Variable("works", ("people", "days")),),
        objective=Objective(Sense.MINIMIZE, "sum(works[p, d] for p in people for d in days)"),
    )
    plan = {(p, d): float((i + d) % 2) for i, p in enumerate(people) for d in days}
    shown(page, server, answered(values("works", plan, "binary"), formulation))
    assert page.locator(".matrix td.some").all_inner_texts() == ["✓"] * int(sum(plan.values()))
    shot(page, "matrix")
    assert violations(page) == []


def test_hostile_names_stay_text_wherever_they_stand(page, server, violations):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    formulation = Formulation(
        sets=(IndexSet("s", (HOSTILE, "b"), label=HOSTILE),),
        parameters=(Parameter("p", 1.0, unit=HOSTILE, label=HOSTILE, description=HOSTILE),),
        variables=(Variable("x", ("s",), label=HOSTILE, unit=HOSTILE, description=HOSTILE, evidence=(Span(0, 9),)),),
        objective=Objective(Sense.MINIMIZE, "sum(x[i] for i in s)", label=HOSTILE, unit=HOSTILE),
        constraints=(Constraint("c", "x[i] >= p", for_each="i in s", label=HOSTILE, evidence=(Span(3, 20),)),),
    )
    rows = (ConstraintRow(HOSTILE, (HOSTILE,), 1.0, None, 1.0, 0.0, binding=True, dual=1.0),)
    answer = answered(
        values(HOSTILE, {(HOSTILE,): 1.0, ("b",): 2.0}, unit=HOSTILE), formulation, text=HOSTILE * 3, explanation=HOSTILE,
        pyomo=f"# {HOSTILE}\nx = '{HOSTILE}'\n", lp=HOSTILE, reader=HOSTILE,
        constraints=(ConstraintFamily(HOSTILE, HOSTILE, HOSTILE, (), RowPage(1, 0, rows)),),
        checks=(Check(HOSTILE, CheckResult.UNKNOWN, HOSTILE, json.dumps({"type": HOSTILE})),),
        assumptions=(Assumption(HOSTILE),), questions=(Question("q", HOSTILE, suggestions=(HOSTILE,)),),
        unread=(Unread(Span(2, 8), HOSTILE),),
    )  # fmt: skip
    shown(page, server, answer)
    for summary in page.locator("#answer summary").all():
        summary.click()
    page.click("#questions .chip")
    assert page.input_value("#questions input") == HOSTILE
    assert asked == []
    assert page.locator("#answer img, #answer script").count() == 0
    assert page.complaints == []
    assert violations(page) == []


def test_a_thousand_events_are_told_and_the_list_stays_short(page, server):
    events = [("queued", {})] + [("progress", {"incumbent": 1000.0 - k, "bound": 1.0, "gap": 0.5}) for k in range(500)]
    events += [("data_perturbed", {"detail": f"draw {k}"}) for k in range(498)] + [("finished", {})]
    stream = "".join(
        f"id: {k}\nevent: {kind}\ndata: {json.dumps({'at': k / 1000, 'event': event})}\n\n"
        for k, (kind, event) in enumerate(events, 1)
    )
    job = {"id": JOB, "title": "given", "round": 0, "created_at": "2026-01-01T00:00:00Z", "cost": 0.0}
    ended = {**job, "state": "cancelled", "answer": None, "error": None}
    asked = []

    def told(route):
        asked.append(1)
        route.fulfill(json={**job, "state": "running"} if len(asked) == 1 else ended)

    page.route(f"**/v1/jobs/{JOB}", told)
    page.route(f"**/v1/jobs/{JOB}/events", lambda route: route.fulfill(body=stream, content_type="text/event-stream"))
    page.goto("about:blank")
    page.goto(f"{server.url}/#{JOB}")
    page.wait_for_selector("#problem .error:has-text('Cancelled')")
    lines = page.locator("#events li").all_text_contents()
    assert len(lines) == 300
    assert "draw 497" in lines[-2]
