"""Messages between a process and its solver workers: a JSON head and raw arrays. Nothing is unpickled.

A frame is 8 bytes (lengths of head and body, big-endian), the head as UTF-8 JSON, then the arrays one after the
other as the head's ``arrays`` lists them by dtype and length.
"""

from __future__ import annotations

import json
import math
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.milp import Milp, Sense
from solvers.port import SolveOptions
from solvers.result import Duals, Limit, Point, Reason, Solution, Termination

_LENGTHS = struct.Struct(">IQ")
_DTYPES = ("float64", "int32", "int64", "int8", "uint8")
_LARGEST_HEAD = 2**30
_AT_ONCE = 2**16

Arrays = dict[str, NDArray[Any]]


class Numbered(Sequence[str]):
    """Names made when they are asked for: a letter and a number. Spares what no worker needs."""

    def __init__(self, letter: str, count: int) -> None:
        self._letter, self._count = letter, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [f"{self._letter}{k}" for k in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return f"{self._letter}{index % self._count}"


def send(stream: socket.socket, head: Mapping[str, Any], arrays: Arrays | None = None) -> None:
    """Send one frame."""
    parts = {key: np.ascontiguousarray(value) for key, value in (arrays or {}).items()}
    listed = [[key, value.dtype.name, value.size] for key, value in parts.items()]
    text = json.dumps({**head, "arrays": listed}).encode()
    size = sum(value.nbytes for value in parts.values())
    start = _LENGTHS.pack(len(text), size) + text
    bodies = [value.view(np.uint8).data for value in parts.values() if value.size]
    if size <= _AT_ONCE:  # the other end then wakes once
        stream.sendall(b"".join([start, *bodies]))
        return
    stream.sendall(start)
    for body in bodies:
        stream.sendall(body)


def receive(stream: socket.socket) -> tuple[dict[str, Any], Arrays]:
    """Return the next frame's head and arrays. Raises `EOFError` where the other end is gone."""
    head_length, body_length = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if head_length > _LARGEST_HEAD:
        raise EOFError(f"a frame whose head has {head_length} bytes")
    head: dict[str, Any] = json.loads(bytes(_exactly(stream, head_length)))
    body = _exactly(stream, body_length)
    arrays: Arrays = {}
    at = 0
    for key, dtype, size in head.pop("arrays"):
        if dtype not in _DTYPES:
            raise EOFError(f"a frame with an array of {dtype}")
        arrays[key] = np.frombuffer(body, dtype=dtype, count=size, offset=at)
        at += arrays[key].nbytes
    return head, arrays


def _exactly(stream: socket.socket, count: int) -> bytearray:
    data = bytearray(count)
    view = memoryview(data)
    at = 0
    while at < count:
        got = stream.recv_into(view[at:])
        if got == 0:
            raise EOFError("the other end is gone")
        at += got
    return data


def model_arrays(model: Milp) -> tuple[dict[str, Any], Arrays]:
    """Return a model as head and arrays, without its names."""
    arrays: Arrays = {
        "objective": model.objective,
        "row_lower": model.row_lower,
        "row_upper": model.row_upper,
        "column_lower": model.column_lower,
        "column_upper": model.column_upper,
        "domains": model.domains,
        "indptr": model.matrix.indptr,
        "indices": model.matrix.indices,
        "data": model.matrix.data,
    }
    if model.quadratic is not None:
        arrays |= {"q_indptr": model.quadratic.indptr, "q_indices": model.quadratic.indices}
        arrays["q_data"] = model.quadratic.data
    return {"sense": model.sense.value, "constant": model.constant}, arrays


def model_from(head: Mapping[str, Any], arrays: Arrays) -> Milp:
    """Return the model that `model_arrays` took apart, its names numbered."""
    n, m = len(arrays["objective"]), len(arrays["row_lower"])
    quadratic = None
    if "q_data" in arrays:
        quadratic = sparse.csr_array((arrays["q_data"], arrays["q_indices"], arrays["q_indptr"]), shape=(n, n))
    return Milp(
        Sense(head["sense"]),
        arrays["objective"],
        sparse.csr_array((arrays["data"], arrays["indices"], arrays["indptr"]), shape=(m, n)),
        arrays["row_lower"],
        arrays["row_upper"],
        arrays["column_lower"],
        arrays["column_upper"],
        arrays["domains"],
        Numbered("x", n),
        Numbered("r", m),
        constant=head["constant"],
        quadratic=quadratic,
    )


def packed(names: Sequence[str]) -> NDArray[np.uint8]:
    """Return names as bytes, for a frame's arrays."""
    return np.frombuffer(json.dumps(list(names)).encode(), dtype=np.uint8)


def unpacked(names: bytes) -> tuple[str, ...]:
    """Return the names that `packed` took; none of no bytes."""
    return tuple(json.loads(names)) if names else ()


def options_head(options: SolveOptions) -> dict[str, Any]:
    """Return the options as JSON values; a start travels as an array of its own."""
    head = asdict(options)
    head.pop("start")
    return head


def options_from(head: Mapping[str, Any], arrays: Arrays) -> SolveOptions:
    """Return the options that `options_head` took apart."""
    return SolveOptions(**head, start=arrays.get("start"))


def solution_arrays(solution: Solution) -> tuple[dict[str, Any], Arrays]:
    """Return a solution as head and arrays."""
    termination = solution.termination
    head: dict[str, Any] = {
        "reason": termination.reason.value,
        "limit": termination.limit.value if termination.limit else None,
        "detail": termination.detail,
        "sense": solution.sense.value,
        "solver": solution.solver,
        "version": solution.version,
        "bound": solution.bound if solution.bound is not None and math.isfinite(solution.bound) else None,
        "time_s": solution.time_s,
        "nodes": solution.nodes,
        "iterations": solution.iterations,
        "choice": solution.choice,
    }
    arrays: Arrays = {}
    if solution.point is not None:
        head["objective"] = solution.point.objective
        arrays["values"] = solution.point.values
    if solution.duals is not None:
        head["fixed_integers"] = solution.duals.fixed_integers
        arrays |= {"row_duals": solution.duals.rows, "column_duals": solution.duals.columns}
    for name in ("ray", "farkas"):
        value = getattr(solution, name)
        if value is not None:
            arrays[name] = value
    return head, arrays


def solution_from(head: Mapping[str, Any], arrays: Arrays) -> Solution:
    """Return the solution that `solution_arrays` took apart."""
    limit = Limit(head["limit"]) if head["limit"] else None
    duals = None
    if "row_duals" in arrays:
        duals = Duals(arrays["row_duals"], arrays["column_duals"], head["fixed_integers"])
    return Solution(
        Termination(Reason(head["reason"]), limit, head["detail"]),
        Sense(head["sense"]),
        head["solver"],
        head["version"],
        point=Point(arrays["values"], head["objective"]) if "values" in arrays else None,
        bound=head["bound"],
        duals=duals,
        ray=arrays.get("ray"),
        farkas=arrays.get("farkas"),
        time_s=head["time_s"],
        nodes=head["nodes"],
        iterations=head["iterations"],
        choice=head["choice"],
    )
