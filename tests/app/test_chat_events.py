"""The events of a run with a chat model survive being written down, as jobs do between two processes."""

from __future__ import annotations

import json

import pytest

from app.jobs.codec import decode, encode
from formulation.answer import AgentUsage
from formulation.events import (
    AgentFailed,
    Agreement,
    DataPerturbed,
    Event,
    FailureKind,
    FaultKind,
    ModelReviewed,
    ModelsMended,
    ProgramCompared,
    ProgramWritten,
    Sample,
    SamplesClustered,
    TextAnalysed,
    TextFormulated,
)
from formulation.formulation import Formulation, Parameter, Question, Variable

SPENT = AgentUsage("coder", 2, 100, 50, 0.25, 1.5)
FORMULATION = Formulation(
    parameters=(Parameter("cost", {("a", 1): 2.5}, ("s", "t")),), variables=(Variable("x", lower=None),)
)


@pytest.mark.parametrize(
    "event",
    [
        AgentFailed("coder", FailureKind.BUDGET, "spent", SPENT, "MILPWRIGHT_CHAT_BUDGET_TOKENS"),
        TextAnalysed("notes", "transport", (Question("q", "Which?"),), SPENT),
        TextFormulated((Sample(FORMULATION, (), (("cost", "a quote"),), "m"),), ("one failed",), SPENT),
        SamplesClustered(((0, 2), (1,)), "they differ", 0.1),
        ProgramWritten("import pyomo", SPENT),
        ProgramCompared(Agreement.UNDECIDED, "no map", True, (1.0, 1.0), 0.1),
        ModelsMended(FaultKind.MODELS_DIFFER, "program", "see there", FORMULATION, "src", "", "broke", SPENT),
        DataPerturbed(5, 4, ("limit",), "differs", 0.2),
        ModelReviewed((("limit", "match", ""),), ("a sentence",), SPENT),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_is_the_same_after_json(event):
    assert decode(Event, json.loads(json.dumps(encode(event)))) == event
