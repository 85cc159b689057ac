"""Domain values as JSON and back, by their type hints: what checkpoints and the transcript are written in.

A dataclass is an object of its fields; a member of a union of dataclasses also carries ``"type"``, its class's
name. Tuples are arrays, enums their values, a mapping whose keys are tuples an array of ``[key, value]`` pairs;
numbers that JSON has not are ``{"float": "inf"}``, arrays ``{"float64": "<base64, little-endian>"}``. Nothing is
unpickled and no class outside the hints is ever made.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
import math
import sys
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, Union, cast

import numpy as np

import formulation.data
import formulation.formulation

T = TypeVar("T")
_SCALARS = frozenset({str, int, bool, type(None)})


class CodecError(ValueError):
    """A value, or a document, that is not of the type it is said to be."""


def encode(value: object) -> Any:
    """Return the JSON of a domain value. Raises `CodecError` for a value of no known kind."""
    match value:
        case None | bool() | str():
            return value.value if isinstance(value, enum.Enum) else value
        case enum.Enum():
            return value.value
        case int():
            return value
        case float():
            return value if math.isfinite(value) else {"float": repr(value)}
        case tuple() | list() | frozenset():
            return [item if type(item) in _SCALARS else encode(item) for item in value]
        case np.ndarray():
            kind = value.astype("<f8")
            return {"float64": base64.b64encode(kind.tobytes()).decode(), "shape": list(value.shape)}
        case np.generic():
            return encode(value.item())
        case Mapping():
            if all(isinstance(key, str) for key in value):
                return {"map": {key: encode(item) for key, item in value.items()}}
            return {"pairs": [[encode(key), encode(item)] for key, item in value.items()]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        document = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"type": type(value).__name__, **document}
    raise CodecError(f"a {type(value).__name__} has no JSON here")


def decode(hint: type[T], document: object) -> T:
    """Return the value of the hinted type. Raises `CodecError` where the document is not one."""
    try:
        return cast("T", _decode(hint, document))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise CodecError(f"not a {getattr(hint, '__name__', hint)}: {error}") from error


def decode_union(hint: object, document: object) -> Any:
    """Return the member of a union that the document says it is. Raises `CodecError`."""
    try:
        return _decode(hint, document)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise CodecError(f"not a member of the union: {error}") from error


def _decode(hint: Any, document: Any) -> Any:
    origin = typing.get_origin(hint)
    if hint is Any or hint is object:
        return document
    if origin is Union or origin is types.UnionType:
        return _decode_union(typing.get_args(hint), document)
    if origin is typing.Annotated:
        return _decode(typing.get_args(hint)[0], document)
    if origin is typing.Literal:
        return document
    if origin is tuple:
        arguments = typing.get_args(hint)
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            plain = _plain(arguments[0])
            return tuple(item if type(item) in plain else _decode(arguments[0], item) for item in document)
        return tuple(_decode(argument, item) for argument, item in zip(arguments, document, strict=True))
    if origin in (list, frozenset):
        return origin(_decode(typing.get_args(hint)[0], item) for item in document)
    if origin is np.ndarray:
        return _array(document)
    if origin is not None and issubclass(origin, Mapping):
        key_hint, item_hint = typing.get_args(hint)
        pairs = document["pairs"] if "pairs" in document else document["map"].items()
        return {_decode(key_hint, key): _decode(item_hint, item) for key, item in pairs}
    if hint is float:
        return float(document["float"]) if isinstance(document, dict) else _float(document)
    if hint in (str, int, bool, type(None)):
        if not isinstance(document, hint):
            raise TypeError(f"{document!r:.40} is no {hint.__name__}")
        return document
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(document)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = _hints(hint)
        given = {name: _decode(hints[name], item) for name, item in document.items() if name in hints}
        return hint(**given)
    raise TypeError(f"the hint {hint!r} has no JSON here")


def _decode_union(members: tuple[Any, ...], document: Any) -> Any:
    if document is None and type(None) in members:
        return None
    if isinstance(document, dict) and "type" in document:
        for member in members:
            if dataclasses.is_dataclass(member) and getattr(member, "__name__", "") == document["type"]:
                return _decode(member, document)
        raise TypeError(f"no member is named {document['type']!r}")
    for member in sorted((m for m in members if m is not type(None)), key=_narrowness):
        try:
            return _decode(member, document)
        except (KeyError, TypeError, ValueError):
            continue
    raise TypeError(f"{document!r:.40} is of none of the types {members}")


def _narrowness(member: Any) -> int:
    order = [bool, int, float, str]
    return order.index(member) if member in order else -1


@cache
def _plain(hint: Any) -> frozenset[type]:
    """Return the types whose values are their own JSON under this hint: columns of data hold millions of them."""
    members = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return frozenset(members) & {*_SCALARS, float} if all(m in (*_SCALARS, float) for m in members) else frozenset()


def _float(document: Any) -> float:
    # A text that looks like a number is a text: the label of a row, a postal code.
    if not isinstance(document, int | float):
        raise TypeError(f"{document!r:.40} is no number")
    return float(document)


def _array(document: Any) -> Any:
    flat = np.frombuffer(base64.b64decode(document["float64"]), dtype="<f8")
    return flat.astype(np.float64).reshape(document["shape"])


@cache
def _hints(cls: type) -> dict[str, Any]:
    # Some modules import the names of their hints for the type checker alone.
    known = {**vars(formulation.formulation), **vars(formulation.data), **vars(sys.modules[cls.__module__])}
    hints = typing.get_type_hints(cls, known, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls) if field.init}
