"""The JSON of a program that is to be run and solved."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from app.wire import Text

MAX_PROGRAM_CHARACTERS = 1_000_000
MAX_PROGRAM_S = 60.0


class ProgramIn(BaseModel):
    """A Pyomo program, its data, and how its model is to be solved."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Annotated[
        Text,
        Field(
            min_length=1,
            max_length=MAX_PROGRAM_CHARACTERS,
            description="Python that defines `build(data)` or a top-level `model`.",
        ),
    ]
    data: dict[Text, Any] | None = Field(
        None, description='What `build` receives: `{"sets": {...}, "parameters": {...}}`, as docs/program.md has it.'
    )
    solver: Annotated[Text, Field(max_length=40)] = "auto"
    time_limit_s: Annotated[FiniteFloat, Field(gt=0, le=600, description="Wall time of the solve.")] = 60.0
    program_time_limit_s: Annotated[
        FiniteFloat, Field(gt=0, le=MAX_PROGRAM_S, description="Wall time of the program.")
    ] = 30.0
