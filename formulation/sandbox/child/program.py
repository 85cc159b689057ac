"""The program itself: run, ask for its model, export it."""

from __future__ import annotations

import ast
import io
import logging
import sys
import warnings
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import pyomo.environ as pyo
from pyomo.contrib.appsi.base import Solver as AppsiSolver
from pyomo.contrib.solver.common.base import SolverBase
from pyomo.core.base.PyomoModel import ConcreteModel
from pyomo.opt.base.solvers import OptSolver, SolverFactoryClass

from formulation.sandbox import message
from formulation.sandbox.child.export import ExportError, NotLinear, export_linear, export_nonlinear

FILE_NAME = "<program>"


class _WrongProgram(Exception):
    """A program that runs, but gives no model."""


class _SolverReached(BaseException):
    """The program called a solver; ``model`` is what it would have solved."""

    def __init__(self, model: Any) -> None:
        super().__init__("a solver was called")
        self.model = model


class _SolverStandIn:
    """Takes the place of every Pyomo solver: its ``solve`` ends the program, which has built its model by then."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.options: dict[str, Any] = {}
        self.config: dict[str, Any] = {}
        self._model: Any = None

    def available(self, *_: object, **__: object) -> bool:
        return True

    def set_instance(self, model: Any, *_: object, **__: object) -> None:
        self._model = model

    def set_options(self, *_: object, **__: object) -> None:
        return None

    def solve(self, model: Any = None, *_: object, **__: object) -> None:
        raise _SolverReached(getattr(self, "_model", None) if model is None else model)

    def __enter__(self) -> _SolverStandIn:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class _Printed(io.TextIOBase):
    """Keeps the first ``limit`` characters of what is written."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._left = limit
        self._parts: list[str] = []

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._left > 0:
            self._parts.append(text[: self._left])
            self._left -= len(text)
        return len(text)

    @property
    def text(self) -> str:
        return "".join(self._parts)


def prepare() -> None:
    """Put the stand-in in the place of Pyomo's solvers; done once, before any program is seen."""

    def stand_in(_self: object, name: str = "", *_: object, **__: object) -> _SolverStandIn:
        return _SolverStandIn(str(name))

    SolverFactoryClass.__call__ = stand_in
    for base in (OptSolver, AppsiSolver, SolverBase):
        _replace_calls(base)


def _replace_calls(solver: type[Any]) -> None:
    """Give a solver's class, and those below it, the stand-in's methods: programs may make one directly."""
    for name in ("solve", "available", "set_instance"):
        if hasattr(solver, name):
            setattr(solver, name, getattr(_SolverStandIn, name))
    for below in solver.__subclasses__():
        _replace_calls(below)


def run(source: str, data: Mapping[str, Any] | None, printed_characters: int) -> list[bytes]:
    """Return the message of the program's model or of its error."""
    printed = _Printed(printed_characters)
    sys.stdout = sys.stderr = printed
    for handler in logging.getLogger("pyomo").handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(printed)
    warnings.simplefilter("ignore")
    try:
        model = _build(source, data)
        try:
            return message.frame_milp(export_linear(model), printed.text)
        except NotLinear:
            return message.frame_nonlinear(*export_nonlinear(model), printed.text)
    except MemoryError as error:
        error.__traceback__ = None
        return message.frame_memory(printed.text)
    except BaseException as error:
        return _error_message(error, source, printed.text)


def _build(source: str, data: Mapping[str, Any] | None) -> Any:
    try:
        code = compile(source, FILE_NAME, "exec", dont_inherit=True)
    except MemoryError:
        raise _WrongProgram("the program is nested too deeply to be parsed") from None
    namespace: dict[str, Any] = {"__name__": "program", "__file__": FILE_NAME}
    model = None
    try:
        exec(code, namespace)  # noqa: S102 - this is the confined child, and running the program is what it is for
    except _SolverReached as reached:
        model = reached.model
    except SystemExit as end:
        if end.code not in (None, 0):
            raise _WrongProgram(f"the program ended itself with {end.code!r}") from end
    build = namespace.get("build")
    if callable(build):
        try:
            model = build(*_arguments(build, namespace, data))
        except _SolverReached as reached:
            model = reached.model
        if model is None:
            raise _WrongProgram("build(data) returned None; it must return the model")
    elif model is None:
        model = _top_level_model(namespace)
    return _concrete(model)


def _arguments(build: Any, namespace: dict[str, Any], data: Mapping[str, Any] | None) -> tuple[object, ...]:
    if data is not None:
        return (dict(data),)
    code, defaults = getattr(build, "__code__", None), getattr(build, "__defaults__", None) or ()
    if code is not None and code.co_argcount - len(defaults) <= 0:
        return ()
    own = namespace.get("DATA", namespace.get("data"))
    return (own if isinstance(own, Mapping) else {},)


def _top_level_model(namespace: dict[str, Any]) -> Any:
    if "model" in namespace:
        return namespace["model"]
    models = {id(value): value for value in namespace.values() if isinstance(value, ConcreteModel)}
    if len(models) == 1:
        return next(iter(models.values()))
    raise _WrongProgram(
        "the program defines neither build(data) nor a top-level model"
        if not models
        else f"the program has {len(models)} models and none is called model"
    )


def _concrete(model: Any) -> Any:
    if isinstance(model, pyo.AbstractModel):
        raise _WrongProgram("the model is abstract; return model.create_instance(...) or use pyo.ConcreteModel")
    if not isinstance(model, ConcreteModel):
        raise _WrongProgram(f"the model is a {type(model).__name__}; it must be a pyo.ConcreteModel")
    return model


def _error_message(error: BaseException, source: str, printed: str) -> list[bytes]:
    try:
        text = str(error)
    except Exception:  # an exception class of the program's own
        text = ""
    type_ = "ProgramError" if isinstance(error, (_WrongProgram, ExportError)) else type(error).__name__
    line = _line(error)
    return message.frame_error(type_, text, line, _names(error, source, line), printed)


def _line(error: BaseException) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == FILE_NAME:
        return error.lineno
    line = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE_NAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _names(error: BaseException, source: str, line: int | None) -> list[str]:
    """Return the names that the exception carries, then those of the line where it arose."""
    names: list[str] = []
    if isinstance(error, ExportError):
        names.extend(error.names)
    own = getattr(error, "name", None)
    if isinstance(own, str):
        names.append(own)
    if isinstance(error, KeyError) and error.args:
        names.append(str(error.args[0]))
    lines = source.splitlines()
    if line is not None and 0 < line <= len(lines):
        try:
            tree = ast.parse(lines[line - 1].strip().rstrip(":"))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            tree = ast.Module([], [])
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                names.append(node.attr)
            elif isinstance(node, ast.Name):
                names.append(node.id)
    return list(dict.fromkeys(name for name in names if name))
