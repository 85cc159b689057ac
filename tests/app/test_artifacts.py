"""The files of a job whose answer holds only a part."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace

from app.artifacts import Artifact, artifact_text
from app.jobs.codec import encode
from app.jobs.job import Job, JobEvent, JobState
from app.wire import answer_json
from formulation.assemble import VARIABLES_SHOWN, model_answer
from formulation.compile import compile_formulation
from formulation.events import ModelSolved
from formulation.formulation import Constraint, Formulation, IndexSet, Objective, Parameter, Variable
from solvers import Sense, solve


def test_the_solution_is_whole_where_the_answer_shows_only_its_beginning(new_job):
    n = VARIABLES_SHOWN + 50
    formulation = Formulation(
        sets=(IndexSet("shelves", tuple(range(n))),),
        parameters=(Parameter("need", {(k,): float(k % 7) for k in range(n)}, ("shelves",)),),
        variables=(Variable("stock", ("shelves",), unit="boxes"),),
        objective=Objective(Sense.MINIMIZE, "sum(stock[s] for s in shelves)"),
        constraints=(Constraint("enough", "stock[s] >= need[s]", "s in shelves"),),
    )
    model = compile_formulation(formulation)
    solution = solve(model)
    answer = answer_json(replace(model_answer(model, solution), formulation=formulation))
    assert (len(answer.variables), answer.variables_total) == (VARIABLES_SHOWN, n)
    given = {field: value for field, value in asdict(new_job()).items() if field in Job.__slots__}
    job = Job(id="j", state=JobState.FINISHED, round=0, version="1", created_at=0.0, last_event=1, **given)
    job = replace(job, answer=answer.model_dump_json())
    solved = JobEvent(1, "model_solved", json.dumps(encode(ModelSolved(solution, 0.1))), 0.0, 0)
    rows = list(csv.DictReader(io.StringIO(artifact_text(job, [solved], Artifact.SOLUTION_CSV))))
    # Each shelf holds what it needs and no more.
    assert [(int(row["index"]), float(row["value"])) for row in rows] == [(k, float(k % 7)) for k in range(n)]
    assert {(row["name"], row["unit"]) for row in rows} == {("stock", "boxes")}
