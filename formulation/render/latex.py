# ruff: noqa: D102 - what each part of a writer returns is said in formulation.render.writer
"""A formulation as LaTeX: an ``align*`` block with the objective and the constraints, and what the symbols mean."""

from __future__ import annotations

import re

from formulation.algebra.nodes import Divide, Function, Generator, Node
from formulation.algebra.parse import ExpressionError, parse, parse_bound, parse_heads, parse_relation
from formulation.algebra.rewrite import renamed, with_own_indices
from formulation.formulation import Formulation, Variable, VariableDomain
from formulation.render.symbols import SymbolWriter, symbols
from formulation.render.writer import ATOM, OR, PRODUCT, SUM, TERM
from solvers.milp import Sense

_SIGNS = {"<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne"}
_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_DOMAINS = {VariableDomain.INTEGER: r"\in \mathbb{Z}", VariableDomain.BINARY: r"\in \{0, 1\}"}


def escaped(text: str) -> str:
    """Return text so that LaTeX prints it as it is; control characters become spaces."""
    clean = re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", " ", text)
    return "".join(_ESCAPES.get(char, char) for char in clean)


def render(formulation: Formulation) -> str:
    """Return the model as an ``align*`` environment of amsmath, followed by a list of its symbols.

    An expression that cannot be read stands as text. Every word from the text or the user is escaped.
    """
    writer = LatexWriter(symbols(formulation))
    rows: list[str] = []
    if formulation.objective is not None:
        operator = r"\max" if formulation.objective.sense is Sense.MAXIMIZE else r"\min"
        rows.append(rf"{operator}\quad & {_expression(writer, formulation.objective.expression)} &&")
    for k, constraint in enumerate(formulation.constraints):
        opening = r"\text{s.t.}\quad" if k == 0 else ""
        try:
            generators = parse_heads(constraint.for_each)
            stated = writer.within(generators).write(parse_relation(constraint.expression))
            head = rf"\forall\, {writer.heads(generators)}" if generators else ""
        except ExpressionError:
            stated, head = rf"\text{{{escaped(constraint.expression)}}}", escaped(constraint.for_each)
        label = escaped(constraint.label or constraint.name.replace("_", " "))
        rows.append(rf"{opening} & {stated} && {head} \quad\text{{({label})}}")
    rows += [rf" & {_variable(writer, formulation, variable)}" for variable in formulation.variables]
    body = " \\\\\n".join(f"  {row.strip()}" for row in rows)
    return "\n".join([r"\begin{align*}", body, r"\end{align*}", *_symbols(writer)]) + "\n"


def _expression(writer: LatexWriter, text: str) -> str:
    try:
        return writer.write(parse(text))
    except ExpressionError:
        return rf"\text{{{escaped(text)}}}"


def _variable(writer: LatexWriter, formulation: Formulation, variable: Variable) -> str:
    letters = tuple("ijklmnpqrst"[: len(variable.indices)])
    name = writer.item(variable.name, list(letters)) if letters else writer.name(variable.name)[0]
    over = {parameter.name: parameter.indices for parameter in formulation.parameters}
    sides: list[str | None] = []
    for text in (variable.lower, variable.upper):
        try:
            if text is None or (text in ("0", "1") and variable.domain is VariableDomain.BINARY):
                sides.append(None)
                continue
            node, heads = parse_bound(text)
            if heads:
                node = renamed(node, {g.index: letter for g, letter in zip(heads, letters, strict=False)})
            else:
                node, _ = with_own_indices(node, variable.indices, over, letters)
            sides.append(writer.write(node, SUM))
        except ExpressionError:
            sides.append(rf"\text{{{escaped(text or '')}}}")
    lower, upper = sides
    if lower is not None and upper is not None:
        stated = rf"{lower} \le {name} \le {upper}"
    elif lower is not None:
        stated = rf"{name} \ge {lower}"
    elif upper is not None:
        stated = rf"{name} \le {upper}"
    else:
        stated = name
    domain = _DOMAINS.get(variable.domain, "")
    if domain:
        stated = f"{name} {domain}" if stated == name else rf"{stated}, \; {name} {domain}"
    elif stated == name:
        stated = rf"{name} \in \mathbb{{R}}"
    pairs = zip(letters, variable.indices, strict=False)
    head = ",\\; ".join(rf"{letter} \in {writer.symbol(index_set)}" for letter, index_set in pairs)
    for_all = rf"\forall\, {head}" if head else ""
    return f"{stated} && {for_all}"


def _symbols(writer: LatexWriter) -> list[str]:
    lines = [
        rf"  \item[${writer.symbol(name)}$] {escaped(meaning)}"
        for name, meaning in writer.symbols.meanings.items()
        if name not in writer.symbols.values and writer.symbols.label(name) != meaning
    ]
    return [r"\begin{description}", *lines, r"\end{description}"] if lines else []


class LatexWriter(SymbolWriter):
    """Writes LaTeX for math mode."""

    sum_level = TERM

    def heads(self, generators: tuple[Generator, ...]) -> str:
        """Return what indices run over."""
        parts: list[str] = []
        writer = self
        for generator in generators:
            writer = writer.within((generator,))
            conditions = ", ".join(writer.write(condition, OR) for condition in generator.conditions)
            where = f": {conditions}" if conditions else ""
            parts.append(rf"{self.symbol(generator.index)} \in {self.symbol(generator.set)}{where}")
        return ",\\; ".join(parts)

    def symbol(self, name: str) -> str:
        """Return a name as a symbol."""
        label = self.symbols.label(name)
        if len(label) == 1:
            return label
        return rf"\text{{{escaped(label)}}}" if name in self.symbols.labels else rf"\mathit{{{escaped(name)}}}"

    def number(self, value: float) -> str:
        mantissa, _, exponent = f"{value:.10g}".partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa

    def element(self, text: str) -> str:
        return rf"\text{{{escaped(text)}}}"

    def item(self, name: str, indices: list[str]) -> str:
        return f"{self.symbol(name)}_{{{', '.join(indices)}}}"

    def sign(self, sign: str) -> str:
        return f" {_SIGNS.get(sign, sign)} "

    def bracketed(self, text: str) -> str:
        return rf"\left({text}\right)"

    def negated(self, text: str) -> str:
        return f"-{text}"

    def product(self, left: str, right: str) -> str:
        if "1" in (left, right):
            return right if left == "1" else left
        return rf"{left} \, {right}" if not right[:1].isdigit() else rf"{left} \cdot {right}"

    def quotient(self, node: Divide) -> tuple[str, int]:
        return rf"\frac{{{self.write(node.left)}}}{{{self.write(node.right)}}}", ATOM

    def power(self, base: Node, exponent: Node) -> str:
        return f"{{{self.write(base, ATOM)}}}^{{{self.write(exponent)}}}"

    def over(self, operation: str, body: Node, generators: tuple[Generator, ...]) -> str:
        written = self.within(generators).write(body, PRODUCT)
        if operation == "sum":
            sums = []
            writer = self
            for generator in generators:
                sums.append(rf"\sum_{{{writer.heads((generator,))}}}")
                writer = writer.within((generator,))
            return f"{' '.join(sums)} {written}"
        return rf"\{operation}_{{{self.heads(generators)}}} {written}"

    def choice(self, condition: str, then: str, otherwise: str) -> str:
        cases = rf"{then} & \text{{if }} {condition} \\ {otherwise} & \text{{otherwise}}"
        return rf"\begin{{cases}} {cases} \end{{cases}}"

    def call(self, function: Function, arguments: tuple[Node, ...]) -> str:
        written = [self.write(argument) for argument in arguments]
        match function:
            case Function.ABS:
                return rf"\left|{written[0]}\right|"
            case Function.SQRT:
                return rf"\sqrt{{{written[0]}}}"
            case Function.CARD:
                return rf"\left|{written[0]}\right|"
            case Function.PREV | Function.NEXT:
                return rf"{written[0]}{'-' if function is Function.PREV else '+'}1"
            case Function.ORD | Function.FIRST | Function.LAST:
                return rf"\operatorname{{{function}}}({written[0]})"
            case _:
                return rf"\{function}\left({', '.join(written)}\right)"

    def member(self, element: str, index_set: str, negated: bool) -> str:  # noqa: FBT001
        relation = r"\notin" if negated else r"\in"
        return f"{element} {relation} {self.symbol(index_set)}"

    def given(self, name: str, indices: list[str]) -> str:
        return rf"{self.item(name, indices)} \text{{ is given}}"

    def joined(self, word: str, parts: list[str]) -> str:
        return rf" \text{{ {word} }} ".join(parts)

    def negation(self, text: str) -> str:
        return rf"\neg {text}"
