"""Text in the expression language to nodes. The grammar is in docs/formulation.md; nothing is evaluated."""

from __future__ import annotations

import ast
import math
import re
import warnings
from functools import lru_cache

from formulation.algebra.nodes import (
    Add,
    All,
    Any,
    Best,
    Call,
    Choice,
    Comparator,
    Compare,
    Condition,
    Divide,
    Extreme,
    Function,
    Generator,
    Given,
    Item,
    Member,
    Multiply,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Place,
    Power,
    Sum,
    Text,
)

MAX_LENGTH = 1_000_000
MAX_DEPTH = 100


class ExpressionError(ValueError):
    """Text that is no expression: why, and the character offsets of what is wrong."""

    def __init__(self, reason: str, place: Place) -> None:
        self.reason, self.place = reason, place
        super().__init__(f"{reason} (characters {place[0]} to {place[1]})")


def parse(text: str) -> Node:
    """Return the node of an arithmetic expression such as ``sum(cost[i] * x[i] for i in plants)``.

    Raises `ExpressionError`.
    """
    return _parsed(text)[0]


def parse_relation(text: str) -> Compare:
    """Return the comparison that a constraint states: ``a <= b``, ``a >= b``, ``a == b`` or a range.

    Raises `ExpressionError`, also for what no constraint can be: a strict sign, ``!=``, or a chain that is
    no range.
    """
    reader = _Reader(text)
    relation = reader.condition(reader.tree, 0)
    if not isinstance(relation, Compare):
        said = "a constraint is one comparison: a <= b, a >= b, a == b or a <= b <= c; two make two constraints"
        raise ExpressionError(said, relation.place)
    signs = relation.comparators
    for sign in signs:
        if sign in (Comparator.LT, Comparator.GT, Comparator.NE):
            closed = {"<": "<=", ">": ">="}.get(sign.value)
            hint = f"; write {closed}, with a step where the numbers are whole" if closed else ""
            raise ExpressionError(f"a constraint cannot be {sign.value!r}{hint}", relation.place)
    if len(signs) > 2 or (len(signs) == 2 and (signs[0] is Comparator.EQ or signs[0] is not signs[1])):
        raise ExpressionError("a chain in a constraint is a range: a <= b <= c or a >= b >= c", relation.place)
    return relation


def parse_heads(text: str) -> tuple[Generator, ...]:
    """Return the generators of ``i in plants, t in weeks if t > 1``; none for blank text.

    Raises `ExpressionError`.
    """
    if not text.strip():
        return ()
    prefix = "sum(0 for "
    stripped = text.strip()
    if stripped.startswith("for "):
        stripped = stripped[4:]
    try:
        node = parse(f"{prefix}{stripped})")
    except ExpressionError as error:
        shift = len(prefix) - text.find(stripped)
        place = (max(error.place[0] - shift, 0), min(max(error.place[1] - shift, 0), len(text)))
        raise ExpressionError(error.reason, place) from None
    if not (isinstance(node, Sum) and node.body == Number(0.0)):
        raise ExpressionError("not the head of a comprehension: i in plants, t in weeks if t > 1", (0, len(text)))
    return node.generators


def parse_bound(text: str) -> tuple[Node, tuple[Generator, ...]]:
    """Return the expression of a variable's bound and the generators of its head, none where it has no head.

    ``capacity`` and ``2 * capacity[i] for i in plants`` are bounds. Raises `ExpressionError`.
    """
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[Node, tuple[Generator, ...]]:
    reader = _Reader(text)
    tree = reader.tree
    if isinstance(tree, ast.GeneratorExp):
        return reader.node(tree.elt, 0), reader.generators(tree)
    return reader.node(tree, 0), ()


_TOKEN = re.compile(r"""('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|([A-Za-z_][A-Za-z_0-9]*)|([()\[\]])|(,)|(\S)""")
_HEAD = re.compile(r",(?=\s*[A-Za-z_][A-Za-z_0-9]*\s+in\b)")


_OUTSIDE, _FOR, _IN = range(3)  # no head, behind "for", behind "in"


def _with_for(text: str) -> tuple[str, list[int]]:
    """Return the text with ``, j in J`` of a comprehension's head as `` for j in J``, and where commas were."""
    pieces: list[str] = []
    commas: list[int] = []
    heads = [_OUTSIDE]
    last = 0
    for token in _TOKEN.finditer(text):
        _, word, bracket, comma, other = token.groups()
        if other is not None and (not other.isascii() or other in "#\\"):
            raise ExpressionError(f"{other!r} cannot stand in an expression outside quotes", token.span())
        if word == "for":
            heads[-1] = _FOR
        elif word == "in" and heads[-1] == _FOR:
            heads[-1] = _IN
        elif bracket and bracket in "([":
            heads.append(_OUTSIDE)
        elif bracket:
            if len(heads) > 1:
                heads.pop()
        elif comma and heads[-1] == _IN and _HEAD.match(text, token.start()):
            pieces.append(text[last : token.start()] + " for ")
            commas.append(token.start())
            last = token.end()
            heads[-1] = _FOR
    return "".join(pieces) + text[last:], commas


_COMPARATORS: dict[type[ast.cmpop], Comparator] = {
    ast.LtE: Comparator.LE,
    ast.GtE: Comparator.GE,
    ast.Eq: Comparator.EQ,
    ast.Lt: Comparator.LT,
    ast.Gt: Comparator.GT,
    ast.NotEq: Comparator.NE,
}
_ARITY = {
    Function.ABS: (1, 1),
    Function.EXP: (1, 1),
    Function.LOG: (1, 1),
    Function.SQRT: (1, 1),
    Function.MIN: (2, None),
    Function.MAX: (2, None),
    Function.PREV: (1, 2),
    Function.NEXT: (1, 2),
    Function.FIRST: (1, 1),
    Function.LAST: (1, 1),
    Function.ORD: (1, 2),
    Function.CARD: (1, 1),
}


class _Reader:
    """Turns the syntax tree of one text to nodes."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ExpressionError(f"longer than {MAX_LENGTH} characters", (0, len(text)))
        self.text = text
        lead = len(text) - len(text.lstrip())
        flat = re.sub(r"[\r\n\t\f\v]", " ", text)
        if not flat.strip():
            raise ExpressionError("nothing is written", (0, len(text)))
        source, self._commas = _with_for(flat)
        # Brackets around the whole let a bare head ("a[i] for i in I") parse as a comprehension.
        self._shift = 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = ast.parse(f"({source})", mode="eval")
        except SyntaxError as error:
            at = self._at_source((error.offset or 1) - 1, source)
            at = min(max(at, 0), max(len(text) - 1, 0))
            raise ExpressionError(f"not an expression: {error.msg}", (at, min(at + 1, len(text)))) from None
        except (RecursionError, MemoryError, ValueError) as error:
            reason = "nested too deeply; use an indexed sum" if isinstance(error, RecursionError) else str(error)
            raise ExpressionError(reason or "too large", (0, len(text))) from None
        self.tree = module.body
        if isinstance(self.tree, ast.Tuple):
            raise ExpressionError("a comma stands where an operator was expected", (lead, len(text)))
        self._source = source
        self._ascii = source.isascii()

    def _at_source(self, column: int, source: str) -> int:
        """Return the offset in the text of a column of the bracketed source."""
        column -= self._shift
        shift = 0
        for k, comma in enumerate(self._commas):
            if column > comma + 4 * k:
                shift = 4 * (k + 1)
        return max(min(column, len(source)) - shift, 0)

    def place(self, tree: ast.expr | ast.comprehension) -> Place:
        if isinstance(tree, ast.comprehension):
            tree = tree.target
        start, end = tree.col_offset, tree.end_col_offset or tree.col_offset
        if not self._ascii:  # ast counts bytes
            data = f"({self._source})".encode()
            start, end = len(data[:start].decode(errors="ignore")), len(data[:end].decode(errors="ignore"))
        return self._at_source(start, self._source), self._at_source(end, self._source)

    def error(self, reason: str, tree: ast.expr | ast.comprehension) -> ExpressionError:
        return ExpressionError(reason, self.place(tree))

    def node(self, tree: ast.expr, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.error("nested too deeply", tree)
        place, deeper = self.place(tree), depth + 1
        match tree:
            case ast.Constant(value=value):
                return self._constant(value, tree)
            case ast.Name(id=name):
                return Name(name, place)
            case ast.Subscript(value=ast.Name(id=name), slice=inside):
                parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
                if not parts:
                    raise self.error("an index is missing between the brackets", tree)
                return Item(name, tuple(self.node(part, deeper) for part in parts), place)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.node(operand, deeper)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _negated(self.node(operand, deeper), place)
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self._sum_of_terms(tree, depth)
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                return self._product(tree, depth)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return Power(self.node(left, deeper), self.node(right, deeper), place)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return Choice(self.condition(test, deeper), self.node(body, deeper), self.node(orelse, deeper), place)
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
                return self._call(function, arguments, tree, depth)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                raise self.error("a comparison stands where a number was expected", tree)
            case ast.GeneratorExp():
                raise self.error("a comprehension needs sum(...), min(...) or max(...) around it", tree)
            case ast.BinOp(op=ast.BitXor()):
                raise self.error("a power is written **", tree)
        raise self.error("this is not part of the expression language", tree)

    def _constant(self, value: object, tree: ast.expr) -> Node:
        place = self.place(tree)
        if isinstance(value, str):
            return Text(value, place)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(f"{value!r} is neither a number nor an element in quotes", tree)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.error("the number is too large", tree)
        return Number(number, place)

    def _sum_of_terms(self, tree: ast.expr, depth: int) -> Node:
        """Read a chain of + and - without recursing along it, since chains are long."""
        place = self.place(tree)
        backwards: list[Node] = []
        while isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add | ast.Sub):
            right = self.node(tree.right, depth + 1)
            minus = isinstance(tree.op, ast.Sub)
            backwards.append(_negated(right, self.place(tree.right)) if minus else right)
            tree = tree.left
        backwards.append(self.node(tree, depth + 1))
        return Add(tuple(reversed(backwards)), place)

    def _product(self, tree: ast.expr, depth: int) -> Node:
        links: list[ast.BinOp] = []
        while isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult | ast.Div):
            links.append(tree)
            tree = tree.left
        if len(links) > MAX_DEPTH:
            raise self.error("a product has too many factors", tree)
        node = self.node(tree, depth + 1)
        for link in reversed(links):
            right = self.node(link.right, depth + 1)
            kind = Multiply if isinstance(link.op, ast.Mult) else Divide
            node = kind(node, right, self.place(link))
        return node

    def _call(self, function: str, arguments: list[ast.expr], tree: ast.expr, depth: int) -> Node:
        place, deeper = self.place(tree), depth + 1
        if len(arguments) == 1 and isinstance(arguments[0], ast.GeneratorExp):
            inside = arguments[0]
            body, generators = self.node(inside.elt, deeper), self.generators(inside, deeper)
            if function == "sum":
                return Sum(body, generators, place)
            if function in ("min", "max"):
                return Best(Extreme(function), body, generators, place)
            raise self.error(f"{function} takes no comprehension; sum, min and max do", tree)
        if function == "sum":
            raise self.error("sum is written sum(expression for i in a_set)", tree)
        if function == "len":
            function = "card"
        try:
            called = Function(function)
        except ValueError:
            known = ", ".join(["sum", *Function, "given"])
            raise self.error(f"{function!r} is no function here; there are {known}", tree) from None
        low, high = _ARITY[called]
        if len(arguments) < low or (high is not None and len(arguments) > high):
            wanted = f"{low}" if high == low else f"{low} or more" if high is None else f"{low} to {high}"
            raise self.error(f"{function} takes {wanted} arguments, not {len(arguments)}", tree)
        nodes = tuple(self.node(argument, deeper) for argument in arguments)
        sets = {Function.FIRST: 0, Function.LAST: 0, Function.CARD: 0}.get(called, 1)
        needs_set = called in (Function.FIRST, Function.LAST, Function.CARD) or (
            called in (Function.PREV, Function.NEXT, Function.ORD) and len(nodes) == 2
        )
        if needs_set and not isinstance(nodes[sets], Name):
            raise self.error(f"{function} needs the name of a set", tree)
        return Call(called, nodes, place)

    def generators(self, tree: ast.GeneratorExp, depth: int = 0) -> tuple[Generator, ...]:
        """Return the generators of a comprehension."""
        found: list[Generator] = []
        for part in tree.generators:
            if not isinstance(part.target, ast.Name):
                raise self.error("one index runs over one set: for i in plants", part)
            if not isinstance(part.iter, ast.Name):
                raise self.error(
                    "an index runs over a set, given by its name; a condition stands behind 'if'", part.iter
                )
            if part.is_async:
                raise self.error("this is not part of the expression language", part)
            conditions = tuple(self.condition(test, depth + 1) for test in part.ifs)
            found.append(Generator(part.target.id, part.iter.id, conditions, self.place(part)))
        return tuple(found)

    def condition(self, tree: ast.expr, depth: int) -> Condition:
        """Return the condition that a syntax tree states."""
        if depth > MAX_DEPTH:
            raise self.error("nested too deeply", tree)
        place, deeper = self.place(tree), depth + 1
        match tree:
            case ast.BoolOp(op=op, values=values):
                operands = tuple(self.condition(value, deeper) for value in values)
                return All(operands, place) if isinstance(op, ast.And) else Any(operands, place)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.condition(operand, deeper), place)
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[ast.Name(id=name)]):
                return Member(self.node(left, deeper), name, isinstance(op, ast.NotIn), place)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                signs = [_COMPARATORS.get(type(op)) for op in ops]
                closed = tuple(sign for sign in signs if sign is not None)
                if len(closed) < len(signs):
                    raise self.error("a membership is written: element in a_set", tree)
                operands_ = tuple(self.node(side, deeper) for side in (left, *rights))
                return Compare(operands_, closed, place)
            case ast.Call(func=ast.Name(id="given"), args=[ast.Subscript() as item], keywords=[]):
                inside = self.node(item, deeper)
                if isinstance(inside, Item):
                    return Given(inside.name, inside.indices, place)
        raise self.error("a condition is a comparison, a membership, or given(parameter[...])", tree)


def _negated(node: Node, place: Place) -> Node:
    if isinstance(node, Number):
        return Number(-node.value, place)
    return Negate(node, place)
