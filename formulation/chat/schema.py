"""JSON schemas for reply types, in the form that strict structured output takes, and replies read by them."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from formulation.chat.errors import MalformedReply

Reply = TypeVar("Reply", bound=BaseModel)
_FENCE = re.compile(r"```(?:json|JSON)?\s*\n?(.*?)```", re.DOTALL)
_DROPPED = ("default", "title", "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "pattern")
MAX_REPLY_CHARACTERS = 2_000_000


@cache
def strict_schema(reply: type[BaseModel]) -> str:
    """Return the reply type's schema as JSON text: every property required, no other allowed, no defaults.

    That is the subset that strict structured output demands; reading stays lenient where the type has defaults.
    """
    return json.dumps(_strict(reply.model_json_schema()), separators=(",", ":"))


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    out: dict[str, Any] = {}
    for key, value in node.items():
        if key in ("properties", "$defs"):
            out[key] = {name: _strict(inner) for name, inner in value.items()}
        elif key not in _DROPPED:
            out[key] = _strict(value)
    if out.get("type") == "object":
        out["required"] = list(out.get("properties", {}))
        out["additionalProperties"] = False
    return out


def read_reply(text: str, reply: type[Reply]) -> Reply:
    """Return the reply that a text holds: bare JSON, fenced JSON, or JSON with prose around it.

    Raises `MalformedReply`, saying what is wrong and where, in words that the model can act on.
    """
    if len(text) > MAX_REPLY_CHARACTERS:
        raise MalformedReply(f"the reply has {len(text)} characters, more than {MAX_REPLY_CHARACTERS}", text[:2000])
    problem = "it holds no JSON object"
    for candidate in _candidates(text):
        try:
            value = json.loads(candidate, strict=False, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            problem = f"it is not valid JSON: {error}"
            continue
        try:
            return reply.model_validate(value)
        except ValidationError as error:
            places = [f"{'.'.join(map(str, e['loc'])) or 'the whole'}: {e['msg']}" for e in error.errors()[:6]]
            raise MalformedReply("it does not fit the schema: " + "; ".join(places), text) from None
    raise MalformedReply(problem, text)


def _candidates(text: str) -> list[str]:
    stripped = text.strip()
    found = [stripped] if stripped.startswith("{") else []
    found += [match.group(1).strip() for match in _FENCE.finditer(text)]
    first, last = text.find("{"), text.rfind("}")
    if 0 <= first < last:
        found.append(text[first : last + 1])
    return found


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a number in JSON")
