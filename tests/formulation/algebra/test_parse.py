"""The expression language: what it takes, what it refuses, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulation.algebra import ExpressionError, parse, parse_bound, parse_heads, parse_relation
from formulation.algebra.nodes import (
    Add,
    Comparator,
    Compare,
    Generator,
    Item,
    Multiply,
    Name,
    Negate,
    Number,
    Power,
    Sum,
    Text,
    walk,
)


def test_heads_are_divided_by_commas_or_by_for():
    body = Multiply(Item("c", (Name("i"), Name("j"))), Item("x", (Name("i"), Name("j"))))
    condition = Compare((Name("i"), Name("j")), (Comparator.NE,))
    wanted = Sum(body, (Generator("i", "I", (condition,)), Generator("j", "J")))
    assert parse("sum(c[i, j] * x[i, j] for i in I if i != j, j in J)") == wanted
    assert parse("sum(c[i, j] * x[i, j] for i in I if i != j for j in J)") == wanted
    assert parse_heads("i in I if i != j, j in J") == wanted.generators


def test_commas_inside_brackets_and_quotes_are_no_heads():
    node = parse("sum(x['a, b in c', max(1, 2)] for i in I)")
    assert node.body.indices[0] == Text("a, b in c")


def test_a_difference_is_a_sum_with_a_negated_term():
    assert parse("a - b + -2") == Add((Name("a"), Negate(Name("b")), Number(-2.0)))
    assert parse("-x ** 2") == Negate(Power(Name("x"), Number(2.0)))


def test_a_thousand_terms_are_one_sum():
    assert len(parse("+".join(["x"] * 1000)).terms) == 1000


def test_a_place_is_where_the_name_stands_in_the_text():
    for text in ("sum(x[i] + y for i in I, j in J if z > 1)", "  1 +\n  y * z", "x['Öl'] + y + z"):
        for part in walk(parse(text)):
            if isinstance(part, Name) and part.name in "yz":
                assert text[part.place[0] : part.place[1]] == part.name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "nothing is written"),
        ("x +", "not an expression"),
        ("x[", "not an expression"),
        ("x, y", "a comma stands"),
        ("x.y", "not part of the expression language"),
        ("f(x)", "'f' is no function here"),
        ("__import__('os')", "is no function here"),
        ("lambda: 1", "not part of the expression language"),
        ("[x for x in y]", "not part of the expression language"),
        ("x if y else z", "a condition is a comparison"),
        ("x @ y", "not part of the expression language"),
        ("x ^ 2", "a power is written"),
        ("sum(x)", "sum is written"),
        ("x == 1", "a comparison stands where a number was expected"),
        ("True", "neither a number nor an element"),
        ("1j", "neither a number nor an element"),
        ("b'x'", "neither a number nor an element"),
        ("1e400", "too large"),
        ("é", "outside quotes"),
        ("x # y", "outside quotes"),
        ("ﬁ", "outside quotes"),
        ("(" * 250 + "x" + ")" * 250, "nested too deeply|too many"),
        ("-" * 5000 + "x", "nested too deeply|too many"),
        ("+".join(["x"] * 100_000), "nested too deeply"),
        ("sum(x for i, j in I)", "one index runs over one set"),
        ("sum(x for i in range(3))", "given by its name"),
        ("max(x)", "takes 2 or more arguments"),
        ("x[1:2]", "not part of the expression language"),
        ("x := 1", "not part of the expression language|not an expression"),
        ("f'{x}'", "not part of the expression language"),
    ],
)
def test_what_is_no_expression_is_refused_with_the_reason(text, reason):
    with pytest.raises(ExpressionError, match=reason) as caught:
        parse(text)
    start, end = caught.value.place
    assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize("text", ["a < b", "a != b", "a <= b >= c", "a == b == c", "a", "a <= b <= c <= d", "a and b"])
def test_a_constraint_is_closed_and_one_relation(text):
    with pytest.raises(ExpressionError):
        parse_relation(text)


def test_a_bound_may_carry_its_head():
    assert parse_bound("2 * c[i] for i in I")[1] == (Generator("i", "I"),)
    assert parse_bound("c")[1] == ()


def reason_for(reader, text):
    try:
        reader(text)
    except ExpressionError as error:
        return error.reason
    return "an expression"


@given(st.text(max_size=60) | st.text(alphabet="xyi12 +-*/()[]<=,'forinsumax.", max_size=40))
def test_any_text_is_an_expression_or_an_expression_error(text):
    for reader in (parse, parse_relation, parse_heads):
        assert reason_for(reader, text)
