"""The files that a finished job can be asked for."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from enum import Enum
from typing import Any

from app.errors import NotFound
from app.jobs.job import Job, JobEvent


class Artifact(Enum):
    """A file of a job, by its name."""

    MODEL_PY = "model.py"
    CODER_PY = "coder.py"
    MODEL_LP = "model.lp"
    MODEL_MPS = "model.mps"
    MODEL_TEX = "model.tex"
    SOLUTION_CSV = "solution.csv"
    TRANSCRIPT_JSONL = "transcript.jsonl"

    @property
    def media_type(self) -> str:
        """The media type of the file."""
        return {
            "py": "text/x-python",
            "tex": "text/x-tex",
            "csv": "text/csv",
            "jsonl": "application/jsonl",
        }.get(self.value.rsplit(".", 1)[1], "text/plain")


def artifact_text(job: Job, events: Sequence[JobEvent], artifact: Artifact) -> str:
    """Return the text of a file. Raises `NotFound` where the job has not made it (yet)."""
    answer = json.loads(job.answer) if job.answer else {}
    match artifact:
        case Artifact.TRANSCRIPT_JSONL:
            return "".join(transcript_line(event) for event in events)
        case Artifact.MODEL_PY:
            text = answer.get("pyomo")
        case Artifact.MODEL_LP:
            text = answer.get("lp")
        case Artifact.SOLUTION_CSV:
            text = solution_csv(answer, job, events)
        case Artifact.CODER_PY:
            text = coder_program(events)
        case Artifact.MODEL_MPS:
            text = model_mps(answer)
        case Artifact.MODEL_TEX:
            text = model_tex(answer)
    if text is None:
        raise NotFound(f"The job {job.id!r} has made no {artifact.value}; its state is {job.status or job.state}.")
    return str(text)


def model_mps(answer: dict[str, Any]) -> str | None:
    """Return the model in MPS format, from its LP text; None where there is no model."""
    from solvers.formats import read, write

    return write(read(answer["lp"], "lp"), "mps") if answer.get("lp") else None


def model_tex(answer: dict[str, Any]) -> str | None:
    """Return the formulation in LaTeX; None where there is none."""
    from formulation.render.latex import render
    from formulation.wire import from_json

    stated = answer.get("formulation")
    return render(from_json(stated)) if stated and stated.get("objective") else None


def transcript_line(event: JobEvent) -> str:
    """Return an event as one line of JSON."""
    head = json.dumps({"id": event.seq, "kind": event.kind, "at": round(event.at, 3), "step": event.step})
    return f'{head[:-1]},"event":{event.body}}}\n'


def solution_csv(answer: dict[str, Any], job: Job, events: Sequence[JobEvent]) -> str | None:
    """Return the values of the decisions as a table; None where no solution is held."""
    held = answer.get("variables", ())
    if len(held) < answer.get("variables_total", 0):
        held = every_variable(answer, job, events)
    rows = [variable for variable in held if variable["value"] is not None]
    if not rows:
        return None
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["name", "index", "value", "unit", "description"])
    for row in rows:
        index = ",".join(str(key) for key in row["index"])
        table.writerow([row["name"], index, repr(row["value"]), row["unit"], row["description"]])
    return out.getvalue()


def every_variable(answer: dict[str, Any], job: Job, events: Sequence[JobEvent]) -> list[dict[str, Any]]:
    """Return all variables of a model that has more than an answer holds, from the solution in the transcript."""
    from app.jobs.codec import decode
    from formulation.assemble import answered_variables, outline
    from formulation.compile import compile_formulation
    from formulation.events import ModelSolved
    from formulation.problem import Problem
    from formulation.wire import from_json
    from solvers.milp import Milp

    formulation = from_json(answer["formulation"])
    compiled = compile_formulation(formulation, decode(Problem, json.loads(job.problem)).tables)
    model = compiled if isinstance(compiled, Milp) else outline(compiled)
    objective = answer["objective"]["value"]
    for event in reversed(events):
        if event.kind == "model_solved":
            solution = decode(ModelSolved, json.loads(event.body)).solution
            point = solution.point
            if point is not None and len(point.values) == model.n_columns and math.isclose(point.objective, objective):
                return [asdict(variable) for variable in answered_variables(formulation, model, solution)]
    return []


def coder_program(events: Sequence[JobEvent]) -> str | None:
    """Return the last program that the coder wrote by itself; None where none did."""
    for event in reversed(events):
        if event.kind == "program_written":
            source: str = json.loads(event.body)["source"]
            return source
    return None
