"""``POST /v1/programs/solve``: a Pyomo program in, the answer to its model out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.openapi.models import Example

from app.api.dependencies import ClientNeeded, ServiceNeeded
from app.api.problems import responses
from app.programs_wire import ProgramIn
from app.wire import AnswerJson

router = APIRouter(tags=["models"])

_SOURCE = (
    "import pyomo.environ as pyo\n\n"
    "def build(data):\n"
    "    m = pyo.ConcreteModel()\n"
    "    m.x = pyo.Var(data['goods'], bounds=(0, 40))\n"
    "    m.room = pyo.Constraint(expr=sum(m.x[g] for g in data['goods']) <= data['room'])\n"
    "    m.worth = pyo.Objective(expr=sum(data['worth'][g] * m.x[g] for g in data['goods']), sense=pyo.maximize)\n"
    "    return m\n"
)
_DATA = {"sets": {"goods": ["tea", "silk"]}, "parameters": {"room": 60, "worth": [["tea", 2], ["silk", 5]]}}
PROGRAM_EXAMPLES: dict[str, Example] = {
    "a program": Example(summary="A program and its data", value={"source": _SOURCE, "data": _DATA})
}


@router.post(
    "/v1/programs/solve",
    summary="Run a Pyomo program and solve its model",
    responses=responses(400, 401, 403, 413, 415, 422, 429, 500, 503),
)
async def solve_program(
    body: Annotated[ProgramIn, Body(openapi_examples=PROGRAM_EXAMPLES)], service: ServiceNeeded, client: ClientNeeded
) -> AnswerJson:
    """Return the answer that a problem in words gets, `formulation` and `reader` null; the program runs confined.

    A program that is wrong or takes too long is an answer (`status` `error` or `no_solution`); 503 says that no
    program is run here, and which layer of the confinement is missing.
    """
    return await service.solve_program(client, body)
