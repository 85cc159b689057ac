# ruff: noqa: D102 - what each part of a writer returns is said in formulation.render.writer
"""A formulation as presentation MathML (MathML Core), which browsers show and read out by themselves.

Every row is a ``<math>`` element of its own with the plain algebra as its ``alttext``; symbols carry their
meaning in ``title``. Everything that comes from a text or a user is escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from formulation.algebra.nodes import Divide, Function, Generator, Node, Number
from formulation.algebra.parse import ExpressionError, parse, parse_heads, parse_relation
from formulation.formulation import Constraint, Evidence, Formulation
from formulation.render.symbols import SymbolWriter, symbols
from formulation.render.words import WordsWriter, constraint_text
from formulation.render.writer import ATOM, OR, PRODUCT, TERM
from solvers.milp import Sense

_SIGNS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠", "-": "−"}
_SPACE = '<mspace width="0.25em"/>'


@dataclass(frozen=True, slots=True)
class MathRow:
    """One element as MathML: ``name`` is the element's, or ``objective``; ``evidence`` its words in the text."""

    name: str
    label: str
    mathml: str
    evidence: Evidence = ()


def rows(formulation: Formulation) -> tuple[MathRow, ...]:
    """Return the objective and each constraint as MathML."""
    found: list[MathRow] = []
    writer = MathWriter(symbols(formulation))
    objective = formulation.objective
    if objective is not None:
        verb = "maximize" if objective.sense is Sense.MAXIMIZE else "minimize"
        try:
            node = parse(objective.expression)
            said = f"{verb} {WordsWriter(formulation).write(node)}"
            inside = f"<mtext>{verb}</mtext>{_SPACE}{writer.write(node)}"
        except ExpressionError:
            said, inside = objective.expression, f"<mtext>{escape(objective.expression)}</mtext>"
        label = objective.label or objective.description or "objective"
        found.append(MathRow("objective", label, _math(inside, said), objective.evidence))
    for constraint in formulation.constraints:
        label = constraint.label or constraint.name.replace("_", " ")
        inside = _relation(writer, constraint)
        mathml = _math(inside, constraint_text(formulation, constraint))
        found.append(MathRow(constraint.name, label, mathml, constraint.evidence))
    return tuple(found)


def render(formulation: Formulation) -> str:
    """Return the rows one under another as an HTML list."""
    items = "".join(f"<li><span>{escape(row.label)}</span> {row.mathml}</li>\n" for row in rows(formulation))
    return f"<ul>\n{items}</ul>\n"


def _relation(writer: MathWriter, constraint: Constraint) -> str:
    try:
        generators = parse_heads(constraint.for_each)
        stated = writer.within(generators).write(parse_relation(constraint.expression))
    except ExpressionError:
        return f"<mtext>{escape(constraint.expression)}</mtext>"
    return f"{stated}<mspace width='2em'/><mo>∀</mo>{writer.heads(generators)}" if generators else stated


def _math(inside: str, said: str) -> str:
    return f'<math display="block" alttext="{escape(_clean(said))}"><mrow>{inside}</mrow></math>'


def _clean(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", " ", text)


class MathWriter(SymbolWriter):
    """Writes MathML; the meaning of a symbol is shown where the pointer rests on it."""

    sum_level = TERM

    def heads(self, generators: tuple[Generator, ...]) -> str:
        """Return what indices run over."""
        parts: list[str] = []
        writer = self
        for generator in generators:
            writer = writer.within((generator,))
            part = f"{self.symbol(generator.index)}<mo>∈</mo>{self.symbol(generator.set)}"
            if generator.conditions:
                conditions = "<mo>,</mo>".join(writer.write(condition, OR) for condition in generator.conditions)
                part += f"<mo>:</mo>{conditions}"
            parts.append(part)
        return f"<mrow>{'<mo>,</mo>'.join(parts)}</mrow>"

    def symbol(self, name: str) -> str:
        """Return a name as an identifier with its meaning."""
        meaning = self.symbols.meanings.get(name)
        title = f' title="{escape(_clean(meaning))}"' if meaning else ""
        return f"<mi{title}>{escape(self.symbols.label(name))}</mi>"

    def number(self, value: float) -> str:
        text = f"{abs(value):.10g}"
        return f"<mn>{text}</mn>" if value >= 0 else f"<mrow><mo>−</mo><mn>{text}</mn></mrow>"

    def element(self, text: str) -> str:
        return f"<mtext>{escape(_clean(text))}</mtext>"

    def item(self, name: str, indices: list[str]) -> str:
        return f"<msub>{self.symbol(name)}<mrow>{'<mo>,</mo>'.join(indices)}</mrow></msub>"

    def sign(self, sign: str) -> str:
        return f"<mo>{escape(_SIGNS.get(sign, sign))}</mo>"

    def bracketed(self, text: str) -> str:
        return f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>"

    def negated(self, text: str) -> str:
        return f"<mo>−</mo>{text}"

    def product(self, left: str, right: str) -> str:
        one = "<mn>1</mn>"
        if left == one or right == one:
            return right if left == one else left
        times = "<mo>·</mo>" if right.startswith("<mn>") else f"<mo>\u2062</mo>{_SPACE}"
        return f"{left}{times}{right}"

    def quotient(self, node: Divide) -> tuple[str, int]:
        return f"<mfrac><mrow>{self.write(node.left)}</mrow><mrow>{self.write(node.right)}</mrow></mfrac>", ATOM

    def power(self, base: Node, exponent: Node) -> str:
        raised = self.number(exponent.value) if isinstance(exponent, Number) else self.write(exponent)
        return f"<msup><mrow>{self.write(base, ATOM)}</mrow><mrow>{raised}</mrow></msup>"

    def over(self, operation: str, body: Node, generators: tuple[Generator, ...]) -> str:
        written = self.within(generators).write(body, PRODUCT)
        if operation != "sum":
            return f"<munder><mi>{operation}</mi>{self.heads(generators)}</munder>{_SPACE}{written}"
        signs, writer = "", self
        for generator in generators:
            signs += f'<munder><mo movablelimits="false">∑</mo>{writer.heads((generator,))}</munder>'
            writer = writer.within((generator,))
        return f"{signs}<mrow>{written}</mrow>"

    def choice(self, condition: str, then: str, otherwise: str) -> str:
        first = f"<mtr><mtd>{then}</mtd><mtd><mtext>if\u00a0</mtext>{condition}</mtd></mtr>"
        second = f"<mtr><mtd>{otherwise}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr>"
        return f"<mrow><mo>{{</mo><mtable>{first}{second}</mtable></mrow>"

    def call(self, function: Function, arguments: tuple[Node, ...]) -> str:
        written = [self.write(argument) for argument in arguments]
        match function:
            case Function.ABS | Function.CARD:
                return f"<mrow><mo>|</mo>{written[0]}<mo>|</mo></mrow>"
            case Function.SQRT:
                return f"<msqrt>{written[0]}</msqrt>"
            case Function.PREV | Function.NEXT:
                sign = self.sign("-" if function is Function.PREV else "+")
                return f"<mrow>{written[0]}{sign}<mn>1</mn></mrow>"
            case _:
                inside = "<mo>,</mo>".join(written)
                return f"<mrow><mi>{function}</mi><mo>(</mo>{inside}<mo>)</mo></mrow>"

    def member(self, element: str, index_set: str, negated: bool) -> str:  # noqa: FBT001
        return f"{element}<mo>{'∉' if negated else '∈'}</mo>{self.symbol(index_set)}"

    def given(self, name: str, indices: list[str]) -> str:
        return f"{self.item(name, indices)}<mtext> is given</mtext>"

    def joined(self, word: str, parts: list[str]) -> str:
        return f"<mtext> {word} </mtext>".join(parts)

    def negation(self, text: str) -> str:
        return f"<mo>¬</mo>{text}"
