"""The Pyomo program of a formulation: ``build(data)``, readable, and runnable on its own."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from formulation.algebra.nodes import (
    Add,
    Call,
    Choice,
    Comparator,
    Compare,
    Divide,
    Generator,
    Item,
    Multiply,
    Name,
    Negate,
    Node,
    Power,
    Sum,
)
from formulation.algebra.parse import parse, parse_bound, parse_heads, parse_relation
from formulation.algebra.rewrite import renamed, with_own_indices
from formulation.data import Table
from formulation.formulation import (
    Constraint,
    Evidence,
    Formulation,
    IndexSet,
    Objective,
    Parameter,
    Variable,
    VariableDomain,
)
from formulation.naming import identifier
from formulation.program_data import program_data
from formulation.render.python import PythonWriter, number_text
from formulation.render.writer import COMPARISON
from solvers.milp import Sense

EMBEDDED_VALUES = 5_000
"""With more numbers than this, the program reads its data from a file instead of carrying it."""

LETTERS = "ijklmnpqrstuvw"


def render(formulation: Formulation, *, text: str = "", tables: Iterable[Table] = ()) -> str:
    """Return a Pyomo program whose ``build(data)`` makes the model that `compile_formulation` makes.

    Names of variables and constraints are the formulation's; ranges are one constraint; each part carries its
    description and, where ``text`` is the problem's text, the words it rests on. Run by itself, the program
    solves the model with HiGHS, with the data it carries, or with the JSON file given as its argument where
    there are more than 5,000 numbers.

    Raises `ExpressionError` for an expression that cannot be read, `CompileError` for data that is missing.
    """
    return _Program(formulation, text, tuple(tables)).source()


class _Program:
    def __init__(self, formulation: Formulation, text: str, tables: tuple[Table, ...]) -> None:
        self.formulation, self.text, self.tables = formulation, text, tables
        self.variables = frozenset(variable.name for variable in formulation.variables)
        self.taken = {element.name for element in formulation.symbols} | {c.name for c in formulation.constraints}
        self.helpers: set[str] = set()

    def source(self) -> str:
        body: list[str] = []
        for index_set in self.formulation.sets:
            body += self._set(index_set)
        for parameter in self.formulation.parameters:
            body += self._parameter(parameter)
        for variable in self.formulation.variables:
            body += ["", *self._variable(variable)]
        if self.formulation.objective is not None:
            body += ["", *self._objective(self.formulation.objective)]
        for constraint in self.formulation.constraints:
            body += ["", *self._constraint(constraint)]
        lines = [*_comment(self.formulation.title or "A decision model.")]
        lines += ["#", "# Run it: python model.py  (needs pyomo and highspy)"]
        lines += ["import pyomo.environ as pyo", "", *self._data(), ""]
        for helper in sorted(self.helpers):
            lines += ["", *HELPERS[helper].splitlines(), ""]
        lines += ["", "def build(data):", '    """Return the model for the given data."""']
        lines += ["    model = pyo.ConcreteModel()", *(f"    {line}" if line else "" for line in body)]
        lines += ["    return model", "", "", *MAIN.splitlines()]
        return "\n".join(lines) + "\n"

    # -- data

    def _data(self) -> list[str]:
        count = sum(_count(value) for value in (p.value for p in self.formulation.parameters))
        count += sum(len(index_set.elements or ()) for index_set in self.formulation.sets)
        count += sum(table.n_rows * len(table.columns) for table in self.tables)
        sources = [*(s.source for s in self.formulation.sets), *(p.source for p in self.formulation.parameters)]
        if count > EMBEDDED_VALUES or (any(sources) and not self.tables):
            return ["# The data is in a file of its own: python model.py data.json", "DATA = None"]
        lines = ["DATA = {"]
        for name, value in program_data(self.formulation, self.tables).items():
            lines += _entry(name, value)
        return [*lines, "}"]

    def _set(self, index_set: IndexSet) -> list[str]:
        said = self._said(index_set.label, index_set.description, "", index_set.evidence)
        return [*said, f"{index_set.name} = list(data[{index_set.name!r}])"]

    def _parameter(self, parameter: Parameter) -> list[str]:
        name = parameter.name
        said = self._said(parameter.label, parameter.description, parameter.unit, parameter.evidence)
        if parameter.default is None:
            return [*said, f"{name} = data[{name!r}]"]
        default = number_text(float(parameter.default))
        if not parameter.indices:
            return [*said, f"{name} = data.get({name!r}, {default})"]
        letters = self._letters(len(parameter.indices))
        key = ", ".join(letters)
        key = f"({key})" if len(letters) > 1 else key
        heads = " ".join(f"for {i} in {s}" for i, s in zip(letters, parameter.indices, strict=True))
        return [*said, f"{name} = {{{key}: data[{name!r}].get({key}, {default}) {heads}}}"]

    def _letters(self, count: int) -> tuple[str, ...]:
        free = [letter for letter in LETTERS if letter not in self.taken]
        free += [name for k in range(1, count + 1) if (name := f"index{k}") not in self.taken]
        return tuple(free[:count])

    # -- the model

    def _said(self, label: str, description: str, unit: str, evidence: Evidence) -> list[str]:
        """Return the description, the unit, and the words of the text, as comments."""
        words = (description or label).strip()
        if unit:
            words = f"{words} [{unit}]".strip()
        lines = _comment(words) if words else []
        for span in evidence:
            quote = self.text[span.start : span.end].strip()
            if quote not in (label, description) and any(map(str.isalpha, quote)):  # a bare number says nothing new
                lines += _comment(f'"{quote}"')
        return lines

    def _writer(self, generators: tuple[Generator, ...] = ()) -> PythonWriter:
        return PythonWriter(self.variables, {g.index: g.set for g in generators}, self.helpers)

    def _function_name(self, wanted: str) -> str:
        name = identifier(wanted, self.taken)
        self.taken.add(name)
        return name

    def _variable(self, variable: Variable) -> list[str]:
        name = variable.name
        lines = self._said(variable.label, variable.description, variable.unit, variable.evidence)
        arguments = list(variable.indices)
        if variable.domain is VariableDomain.BINARY and variable.lower in ("0", None) and variable.upper in ("1", None):
            return [*lines, f"model.{name} = pyo.Var({', '.join([*arguments, 'domain=pyo.Binary'])})"]
        domain = {"continuous": "Reals", "integer": "Integers", "binary": "Binary"}[variable.domain.value]
        if variable.lower == "0" and variable.upper is None and variable.domain is not VariableDomain.BINARY:
            arguments.append(f"domain=pyo.NonNegative{domain}")
            return [*lines, f"model.{name} = pyo.Var({', '.join(arguments)})"]
        arguments.append(f"domain=pyo.{domain}")
        letters = self._letters(len(variable.indices))
        (lower, needs_lower), (upper, needs_upper) = (
            self._bound(text, variable, letters) for text in (variable.lower, variable.upper)
        )
        if lower == upper == "None":
            return [*lines, f"model.{name} = pyo.Var({', '.join(arguments)})"]
        if not (needs_lower or needs_upper):
            arguments.append(f"bounds=({lower}, {upper})")
            return [*lines, f"model.{name} = pyo.Var({', '.join(arguments)})"]
        rule = self._function_name(f"{name}_bounds")
        return [
            f"def {rule}({', '.join(['model', *letters])}):",
            f"    return ({lower}, {upper})",
            "",
            *lines,
            f"model.{name} = pyo.Var({', '.join([*arguments, f'bounds={rule}'])})",
        ]

    def _bound(self, text: str | None, variable: Variable, letters: tuple[str, ...]) -> tuple[str, bool]:
        """Return a bound's source and whether it hangs on the indices ``letters``."""
        if text is None:
            return "None", False
        node, generators = parse_bound(text)
        if generators:
            own = {generator.index: letter for generator, letter in zip(generators, letters, strict=True)}
            node = renamed(node, own)
        else:
            over = {parameter.name: parameter.indices for parameter in self.formulation.parameters}
            node, generators = with_own_indices(node, variable.indices, over, letters)
        heads = tuple(Generator(i, s) for i, s in zip(letters, variable.indices, strict=True))
        return self._writer(heads).write(node), bool(generators)

    def _objective(self, objective: Objective) -> list[str]:
        lines = self._said(objective.label, objective.description, objective.unit, objective.evidence)
        written = self._writer().write(parse(objective.expression))
        sense = "maximize" if objective.sense is Sense.MAXIMIZE else "minimize"
        return [*lines, *_call("model.objective = pyo.Objective(", f"expr={written},", f"sense=pyo.{sense},")]

    def _constraint(self, constraint: Constraint) -> list[str]:
        generators = parse_heads(constraint.for_each)
        writer = self._writer(generators)
        written = self._relation(parse_relation(constraint.expression), writer)
        name = constraint.name
        lines = self._said(constraint.label, constraint.description, "", constraint.evidence)
        if not generators:
            return [*lines, *_call(f"model.{name} = pyo.Constraint(", f"expr={written},")]
        rule = self._function_name(f"{name}_rule")
        indices = [generator.index for generator in generators]
        if any(generator.conditions for generator in generators):
            key = f"({', '.join(indices)})" if len(indices) > 1 else indices[0]
            over = f"[{key} {self._writer().heads(generators)}]"
        else:
            over = ", ".join(generator.set for generator in generators)
        return [
            *lines,
            f"def {rule}({', '.join(['model', *indices])}):",
            *(f"    {line}" for line in _call("return (", written, open_ended=True)),
            "",
            f"model.{name} = pyo.Constraint({over}, rule={rule})",
        ]

    def _relation(self, relation: Compare, writer: PythonWriter) -> str:
        operands = relation.operands
        if len(operands) == 3:
            low, body, high = operands if relation.comparators[0] is Comparator.LE else operands[::-1]
            written = f"pyo.inequality({writer.write(low)}, {writer.write(body)}, {writer.write(high)})"
        else:
            written = writer.write(relation, COMPARISON)
        if any(self._always_holds_a_variable(operand) for operand in operands):
            return written
        self.helpers.add("relation")
        return f"relation({written})"

    def _always_holds_a_variable(self, node: Node) -> bool:
        match node:
            case Name(name) | Item(name, _):
                return name in self.variables
            case Negate(operand):
                return self._always_holds_a_variable(operand)
            case Add(terms):
                return any(map(self._always_holds_a_variable, terms))
            case Multiply(left, right) | Divide(left, right) | Power(left, right):
                return self._always_holds_a_variable(left) or self._always_holds_a_variable(right)
            case Sum(body, generators):
                plain = not any(generator.conditions for generator in generators)
                return plain and self._always_holds_a_variable(body)
            case Choice(_, then, otherwise):
                return self._always_holds_a_variable(then) and self._always_holds_a_variable(otherwise)
            case Call(_, arguments):
                return any(map(self._always_holds_a_variable, arguments))
        return False


def _count(value: object) -> int:
    return len(value) if hasattr(value, "__len__") else 1


def _comment(words: str) -> list[str]:
    """Return words as comment lines; whatever they hold, they stay inside the comment."""
    clean = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+", " ", words)
    clean = re.sub(r"\s+", " ", clean).strip()
    return [f"# {line}" for line in textwrap.wrap(clean, 110, break_long_words=False)] or ["#"]


def _call(opening: str, *arguments: str, open_ended: bool = False) -> list[str]:
    """Return a call on one line where it fits, else with an argument a line."""
    one = opening + " ".join(arguments).rstrip(",") + ")"
    if open_ended:
        inside = " ".join(arguments)
        bare = opening.rstrip("(").rstrip() + " " + inside
        return [bare] if len(bare) <= 110 else [opening, *(f"    {line}" for line in arguments), ")"]
    if len(one) <= 110:
        return [one]
    return [opening, *(f"    {argument}" for argument in arguments), ")"]


def _entry(name: str, value: object) -> list[str]:
    flat = f"    {name!r}: {value!r},"
    if len(flat) <= 110 or not isinstance(value, dict | list):
        return [flat]
    items = [f"{key!r}: {number!r}" for key, number in value.items()] if isinstance(value, dict) else map(repr, value)
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    filled = textwrap.fill(
        ", ".join(items), 110, initial_indent=" " * 8, subsequent_indent=" " * 8,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    if isinstance(value, dict) or "\n" in filled:
        lines = (
            [f"        {item}," for item in items]
            if isinstance(value, dict)
            else [f"        {item!r}," for item in value]
        )
        return [f"    {name!r}: {opening}", *lines, f"    {closing},"]
    return [f"    {name!r}: {opening}", filled, f"    {closing},"]


HELPERS = {
    "neighbour": '''def neighbour(ordered, element, step):
    """Return the element that stands so many places after another; outside the order is an error."""
    place = ordered.index(element) + step
    if not 0 <= place < len(ordered):
        raise IndexError(f"{element!r} has no neighbour at {step:+d}")
    return ordered[place]''',
    "relation": '''def relation(stated):
    """Return a relation; one in which no variable is left says nothing where it is true."""
    if stated is True:
        return pyo.Constraint.Feasible
    if stated is False:
        return pyo.Constraint.Infeasible
    return stated''',
}

MAIN = '''def main():
    """Build the model, solve it with HiGHS, and print what was found."""
    import json
    import sys

    data = DATA
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8") as file:
            read = json.load(file)
        data = dict(read["sets"])
        for name, value in read["parameters"].items():
            if isinstance(value, list):
                value = {entry[0] if len(entry) == 2 else tuple(entry[:-1]): entry[-1] for entry in value}
            data[name] = value
    if data is None:
        sys.exit("usage: python model.py data.json")
    model = build(data)
    results = pyo.SolverFactory("appsi_highs").solve(model)
    print(results.solver.termination_condition)
    print("objective =", pyo.value(model.objective))
    for variable in model.component_data_objects(pyo.Var):
        if variable.value:
            print(variable.name, "=", variable.value)


if __name__ == "__main__":
    main()
'''
