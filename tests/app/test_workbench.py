"""A run at a job tells the job's event stream where it stands."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

from app.jobs.running import RunningJob
from app.workbench import WorkbenchRun
from formulation.agents.baseline import request
from formulation.chat.scripted import ScriptedChat
from formulation.chat.session import ChatSession


class Told:
    """A journal that keeps what it is told."""

    def __init__(self) -> None:
        self.events = []

    def add(self, event) -> None:
        self.events.append(event)


def test_the_stream_tells_how_much_of_a_reply_has_come():
    told, session = Told(), ChatSession({"": ScriptedChat(["twelve chars"])})
    bench = SimpleNamespace(workshop=None, library=None)

    async def ask() -> None:
        WorkbenchRun(bench, RunningJob(job=None, journal=told), session)
        await session.complete(request("a text"))

    asyncio.run(ask())
    assert [event.kind for event in told.events] == ["progress"]
    fields = json.loads(told.events[0].body)
    assert (fields["agent"], fields["received"]) == ("baseline", 12)
    assert "baseline" in fields["detail"]


def test_a_bound_that_is_none_yet_is_left_out_of_the_stream():
    told = Told()
    RunningJob(job=None, journal=told).progress({"bound": float("-inf"), "incumbent": 3.0, "gap": None})
    assert json.loads(told.events[0].body) == {"incumbent": 3.0, "gap": None}
