"""Certificates and witnesses as JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np

MAX_CHARACTERS = 100_000


def certificate_text(certificate: object) -> str:
    """Return a certificate as JSON text; empty where it is so long that nobody would read it along with an answer."""
    text = json.dumps(proof_json(certificate), ensure_ascii=False)
    return text if len(text) <= MAX_CHARACTERS else ""


def proof_json(value: object) -> Any:
    """Return a proof's parts as plain JSON: rationals as texts, classes named under `type`."""
    match value:
        case Enum():
            return value.value
        case None | bool() | str() | int():
            return value
        case Fraction():
            return str(value)
        case float():
            return value if math.isfinite(value) else None
        case np.generic() | np.ndarray():
            return proof_json(value.tolist())
        case Mapping():
            return {str(key): proof_json(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [proof_json(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: proof_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"type": type(value).__name__, **fields}
    return str(value)
