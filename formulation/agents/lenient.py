"""Replies read leniently where nothing can be misunderstood; the schema that is sent stays strict."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, model_validator
from pydantic.fields import FieldInfo


class LenientReply(BaseModel):
    """A reply in which null stands for the default of a field that cannot be null itself."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: entry
            for name, entry in value.items()
            if entry is not None or name not in cls.model_fields or _keeps_null(cls.model_fields[name])
        }


def _keeps_null(field: FieldInfo) -> bool:
    return field.is_required() or type(None) in get_args(field.annotation)


def _text(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return value


def _lines(value: Any) -> Any:
    return [line for line in value.splitlines() if line.strip()] if isinstance(value, str) else value


def _sense(value: Any) -> Any:
    low = value.strip().lower() if isinstance(value, str) else ""
    return "minimize" if low.startswith("min") else "maximize" if low.startswith("max") else value


_DOMAINS = {"real": "continuous", "reals": "continuous", "float": "continuous", "int": "integer", "bool": "binary"}


def _domain(value: Any) -> Any:
    low = value.strip().lower() if isinstance(value, str) else ""
    return _DOMAINS.get(low, low) if low else value


Text = Annotated[str, BeforeValidator(_text)]
"""Text; a number is taken as it is written."""

OptionalText = Annotated[str | None, BeforeValidator(_text)]

Lines = Annotated[list[str], BeforeValidator(_lines)]
"""Lines; one text is split into its lines."""

AnySense = BeforeValidator(_sense)
AnyDomain = BeforeValidator(_domain)
