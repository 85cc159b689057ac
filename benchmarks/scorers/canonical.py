"""NL4Opt annotations as rows ``a·x <= b``, the canonical form in which the competition compares declarations.

The annotation's types: linear (terms and a limit), sum (all variables), lowerbound and upperbound (one variable),
ratio (one variable against a share of all), xy and xby (one variable against another, times a number). See
Ramamonjison et al., "NL4Opt Competition: Formulating Optimization Problems Based on Their Natural Language
Descriptions", NeurIPS 2022 Competition Track. The annotation says nothing of integrality.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.errors import SuiteError

if TYPE_CHECKING:
    from solvers.milp import Milp

_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_FACTORS = {"once": 1.0, "twice": 2.0, "double": 2.0, "thrice": 3.0, "triple": 3.0}
_PARTS = {
    "half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fourth": 1 / 4, "fifth": 1 / 5, "sixth": 1 / 6,
    "seventh": 1 / 7, "eighth": 1 / 8, "ninth": 1 / 9, "tenth": 1 / 10,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """``coefficients · x <= limit``; ``strict`` where the annotated words exclude the limit itself."""

    coefficients: tuple[float, ...]
    limit: float
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Canonical:
    """An annotation in canonical form: the objective is minimised, every variable is at least 0."""

    variables: tuple[str, ...]
    spellings: Mapping[str, int]
    maximize: bool
    objective: tuple[float, ...]
    rows: tuple[Row, ...]

    @property
    def declarations(self) -> int:
        """The number of declarations: the objective and the rows."""
        return 1 + len(self.rows)


def canonical(annotation: Mapping[str, Any]) -> Canonical:
    """Return the canonical form of an annotation. Raises `SuiteError` for what cannot be read as one."""
    try:
        return _canonical(annotation)
    except (KeyError, TypeError, ValueError) as error:
        raise SuiteError(f"the annotation cannot be read: {type(error).__name__}: {error}") from error


def disagreement(annotation: Mapping[str, Any]) -> str:
    """Return in what the annotation and its own canonical matrix differ, "" where they agree or there is none."""
    if annotation.get("canonical") is None:
        return ""
    said = canonical(annotation)
    try:
        declared = canonical({**annotation, "canonical": None})
    except SuiteError as error:
        return str(error)
    if not _close(said.objective, declared.objective):
        return "the canonical objective is not the declared one"
    rows = [sorted((*row.coefficients, row.limit) for row in form.rows) for form in (said, declared)]
    if len(rows[0]) != len(rows[1]) or not all(_close(a, b) for a, b in zip(*rows, strict=True)):
        return "the canonical rows are not the declared ones"
    return ""


def _close(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(abs(x - y) <= 1e-6 * max(1.0, abs(x)) for x, y in zip(a, b, strict=True))


def models(gold: Canonical, *, most: int = 64) -> Iterator[Milp]:
    """Yield the linear programs that the annotation may mean: strict rows closed, then each shifted by one or not.

    The first is the one with every row closed; at most ``most`` are given.
    """
    import numpy as np
    from scipy import sparse

    from solvers.milp import Milp, Sense

    n = len(gold.variables)
    strict = [i for i, row in enumerate(gold.rows) if row.strict]
    matrix = sparse.csr_array(np.array([row.coefficients for row in gold.rows], dtype=np.float64).reshape(-1, n))
    sign = -1.0 if gold.maximize else 1.0
    shifts = itertools.product((0.0, 1.0), repeat=len(strict))
    for shift in itertools.islice(shifts, most):
        upper = np.array([row.limit for row in gold.rows], dtype=np.float64)
        for i, by in zip(strict, shift, strict=True):
            upper[i] -= by
        yield Milp(
            sense=Sense.MAXIMIZE if gold.maximize else Sense.MINIMIZE,
            objective=sign * np.array(gold.objective),
            matrix=matrix,
            row_lower=np.full(len(gold.rows), -np.inf),
            row_upper=upper,
            column_lower=np.zeros(n),
            column_upper=np.full(n, np.inf),
            domains=np.zeros(n, dtype=np.int8),
            column_names=gold.variables,
            row_names=tuple(f"row_{i}" for i in range(len(gold.rows))),
        )


def number(text: str | float) -> float:
    """Return the number that the annotation writes, words, shares and currency signs included.

    Raises `ValueError` for what is none.
    """
    if isinstance(text, (int, float)):
        return float(text)
    words = text.lower().replace(",", "").replace("$", " ").replace("-", " ").strip().rstrip(".").split()
    words = [word for word in words if word not in {"a", "an", "of", "the", "and", "times", "as", "much", "many"}]
    percent = False
    if words and words[-1] in {"%", "percent", "percentage"}:
        percent, words = True, words[:-1]
    elif words and words[-1].endswith("%"):
        percent, words = True, [*words[:-1], words[-1][:-1]]
    value = _plain(words, text)
    return value / 100.0 if percent else value


def _plain(words: list[str], text: str) -> float:
    if not words:
        raise ValueError(f"{text!r} is no number")
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", words[0]):
        return float(words[0])  # a unit may follow
    if match := re.fullmatch(r"(\d+)/(\d+)", words[0]):
        return int(match[1]) / int(match[2])
    if len(words) == 1 and words[0] in _FACTORS:
        return _FACTORS[words[0]]
    last = words[-1].removesuffix("s") if words[-1] not in _PARTS else words[-1]
    if last in _PARTS:
        return (_whole(words[:-1], text) if words[:-1] else 1.0) * _PARTS[last]
    return _whole(words, text)


def _whole(words: list[str], text: str) -> float:
    total = current = 0
    for word in words:
        if word in _WORDS:
            current += _WORDS[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in _SCALES:
            total, current = total + (current or 1) * _SCALES[word], 0
        else:
            raise ValueError(f"{text!r} is no number: {word!r} is not understood")
    return float(total + current)


_STRICT = re.compile(
    r"\b(more|less|fewer|greater|larger|higher|lower|smaller|above|below|over|under|exceeds?|exceeding|outnumbers?|beyond)\b"
)
_NOT = re.compile(
    r"\b(not?|cannot|never|without|maximum|minimum|neither)\b|n't\b|\bat (least|most)\b|\bor (more|less|equal)\b"
)


def is_strict(direction: str) -> bool:
    """Return whether the words of a direction exclude the limit itself ("more than", but not "no more than")."""
    return bool(_STRICT.search(direction.lower())) and not _NOT.search(direction.lower())


def _canonical(annotation: Mapping[str, Any]) -> Canonical:
    spellings: dict[str, int] = dict(annotation["order_mapping"])
    n = max(spellings.values()) + 1
    variables = [""] * n
    for name, index in reversed(list(spellings.items())):
        variables[index] = name
    goal = annotation["obj_declaration"]
    direction = str(goal["direction"]).lower()
    maximize = direction.startswith(("max", "most", "high", "larg", "great"))
    sign = -1.0 if maximize else 1.0
    objective = [0.0] * n
    if "terms" in goal:
        for name, value in goal["terms"].items():
            objective[spellings[name]] += sign * number(value)
    else:
        # without names it is the total of all variables, as in a constraint of the type sum
        for index in [spellings[name] for name in goal["vars"]] or range(n):
            objective[index] = sign
    declared = annotation["const_declarations"]
    matrix = annotation.get("canonical")
    if matrix is None:
        rows = [_row(declaration, spellings, n) for declaration in declared]
    else:  # the corrected release says the rows themselves
        objective = [float(value) for value in matrix["objective"]]
        rows = [Row(tuple(map(float, row[:-1])), float(row[-1])) for row in matrix["constraints"]]
        if len(rows) == len(declared):
            rows = [
                Row(row.coefficients, row.limit, is_strict(str(declaration["direction"])))
                for row, declaration in zip(rows, declared, strict=True)
            ]
        if any(len(row.coefficients) != n for row in rows) or len(objective) != n:
            raise ValueError(f"the canonical rows are not of {n} variables")
    return Canonical(tuple(variables), spellings, maximize, tuple(objective), tuple(rows))


def _row(declaration: Mapping[str, Any], spellings: Mapping[str, int], n: int) -> Row:
    coefficients, limit = [0.0] * n, 0.0
    match declaration["type"]:
        case "linear":
            for name, value in declaration["terms"].items():
                coefficients[spellings[name]] += number(value)
            limit = number(declaration["limit"])
        case "sum":
            coefficients, limit = [1.0] * n, number(declaration["limit"])
        case "lowerbound" | "upperbound":
            coefficients[spellings[declaration["var"]]], limit = 1.0, number(declaration["limit"])
        case "ratio":
            share = number(declaration["limit"])
            share = share / 100.0 if share > 1.0 else share  # a percentage without its sign
            coefficients = [-share] * n
            coefficients[spellings[declaration["var"]]] += 1.0
        case "xy":
            coefficients[spellings[declaration["x_var"]]] += 1.0
            coefficients[spellings[declaration["y_var"]]] -= 1.0
        case "xby":
            coefficients[spellings[declaration["x_var"]]] += 1.0
            coefficients[spellings[declaration["y_var"]]] -= number(declaration["param"])
        case kind:
            raise ValueError(f"a constraint of the type {kind!r}")
    match declaration["operator"]:
        case "LESS_OR_EQUAL":
            factor = 1.0
        case "GREATER_OR_EQUAL":
            factor = -1.0
        case operator:
            raise ValueError(f"the operator {operator!r}")
    values = tuple(factor * value + 0.0 for value in coefficients)
    return Row(values, factor * limit + 0.0, is_strict(str(declaration["direction"])))
