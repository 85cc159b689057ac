"""Numbers that need no place in the model: units, counts of kinds, lengths of the plan."""

from __future__ import annotations

from functools import cache
from itertools import takewhile

from formulation.embedded.decisions import Slate
from formulation.embedded.facts import Facts
from formulation.embedded.figures import Clause, Figure
from formulation.embedded.lexicon import headings, numbers, plain, stem, stems, units
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import QuantityKind
from formulation.embedded.remarks import is_remark
from formulation.embedded.tokens import Token


def near(clause: Clause, index: int) -> Token | None:
    """Return the token at an index, None outside the clause."""
    return clause.tokens[index] if clause.first <= index < clause.last else None


@cache
def _numbered() -> frozenset[str]:
    return frozenset(stem(word) for word in headings()["numbered"].split())


def is_explained(figure: Figure, clause: Clause, slate: Slate, facts: Facts) -> bool:
    """Whether a figure needs no place in the model: "one batch of", "two types of", "a 12-month plan"."""
    quantity = figure.quantity
    if quantity.kind != QuantityKind.PLAIN:
        return False
    if figure.comparison is not None:
        why = quantity.value == 0 or _counts_amounts(figure, clause) or _counts_all(figure, clause, slate)
    else:
        before, after = near(clause, quantity.first - 1), near(clause, quantity.last)
        decided = any(m.first < quantity.first <= m.last for m in clause.mentions)  # "each table 9"
        numbered = before is not None and before.stem in _numbered() and quantity.value == int(quantity.value)
        told = near(clause, quantity.first - 2)
        numbered = numbered and not decided and not (told is not None and told.lower in ("the", "a"))
        marks = before is not None and before.text == "(" and after is not None and after.stem in ("mark", "point")
        bracketed = before is not None and before.text == "(" and after is not None and after.text == ")"
        adjective = after is not None and after.joined
        if adjective:
            facts.sizes.append(figure)
        why = (
            bracketed
            or is_remark(figure, clause)
            or adjective
            or numbered
            or marks
            or _is_subject(figure, clause)
            or (
                not _goes_on(figure, clause)
                and (
                    (quantity.value == 1 and _is_denominator(figure, clause))
                    or _counts_kinds(figure, clause, slate)
                    or _is_horizon(figure, clause)
                )
            )
        )
    if why:
        facts.explained.append(figure)
    return why


def _is_subject(figure: Figure, clause: Clause) -> bool:
    """Whether "one" or "1" counts the decision that is the subject of a verb: ", one scoop of bran has 3 grams"."""
    last = figure.quantity.last
    if figure.quantity.value != 1:
        return False
    named = next((m for m in clause.mentions if last <= m.first <= last + 2), None)
    after = near(clause, named.last) if named is not None else None
    return after is not None and (is_verb(after) or after.lower in ("has", "have"))


def _counts_amounts(figure: Figure, clause: Clause) -> bool:
    """Whether a number says of how many things there are amounts: "at least minimum amounts of four nutrients"."""
    first = figure.quantity.first
    led = [token.lower for token in clause.tokens[max(clause.first, first - 2) : first]]
    return figure.quantity.worded and led in (["amounts", "of"], ["quantities", "of"], ["levels", "of"])


def _counts_all(figure: Figure, clause: Clause, slate: Slate) -> bool:
    """Whether a number says how many decisions there are: "the minimum cost of running all three routes"."""
    before = near(clause, figure.quantity.first - 1)
    return figure.quantity.value == len(slate.decisions) and before is not None and before.lower in ("all", "these")


def _goes_on(figure: Figure, clause: Clause) -> bool:
    """Whether a number in words is the next of a list of amounts: "five units of iron, one unit of zinc"."""
    quantity, tokens = figure.quantity, clause.tokens
    before = [f.quantity for f in clause.figures if f.quantity.last <= quantity.first]
    if not quantity.worded or not before or before[-1].kind != QuantityKind.PLAIN:
        return False
    if not clause.mentions and all(f.quantity.value == 1 for f in clause.figures):
        return False  # "he has one saw, one plane and one drill": what is there once
    between = tokens[before[-1].last : quantity.first]
    if not between or between[-1].lower not in (",", "and") or len(between) > 7:
        return False
    if any(is_verb(t) or t.lower in _JOINS or t.text in (";", ":", "(") for t in between):
        return False
    for token in tokens[quantity.last : clause.last]:
        if token.text in (",", ".", ";") or token.lower == "and":
            break
        if is_verb(token):
            return False  # "... and one unit of tin costs $3"
    return True


_OUT_OF = frozenset(["of", "from", "with", "using"])
_JOINS = frozenset(["for", "per", "each", "every", "to", "from", "in", "is", "are", "or", "a", "an"])
_BEFORE_ONE = frozenset(["per", "for", "each", "every", "in", "of", "when", "the", "while", "and", "whereas"])


def _is_denominator(figure: Figure, clause: Clause) -> bool:
    """Whether "one" or "1" is the unit that coefficients are per, or a pronoun."""
    quantity = figure.quantity
    before, after = near(clause, quantity.first - 1), near(clause, quantity.last)
    two = near(clause, quantity.first - 2)
    if quantity.worded and (
        after is None or after.kind != "word" or after.lower in plain("function") or is_verb(after)
    ):
        return True
    if before is None or before.kind == "mark" or (two is not None and two.lower == "to"):
        return before is None or before.kind != "mark" or quantity.worded
    if after is not None and after.lower in ("for", "per"):
        return False
    if before.lower in _BEFORE_ONE:
        named = any(
            quantity.last <= m.first <= quantity.last + 3
            and not any(t.text == "," for t in clause.tokens[quantity.last : m.first])
            for m in clause.mentions
        )
        if named or before.lower != "and":
            return True
    if is_verb(before) and before.lower.endswith("ing"):
        return True
    return quantity.worded and not clause.mentions and figure.unit == ""


def _counts_kinds(figure: Figure, clause: Clause, slate: Slate) -> bool:
    """Whether a small number counts the kinds of things that the text then names."""
    quantity = figure.quantity
    if quantity.value != int(quantity.value) or not 2 <= quantity.value <= 12:
        return False
    tokens = clause.tokens
    before = near(clause, quantity.first - 1)
    following = tokens[quantity.last : quantity.last + 4]
    if not following:
        return False
    ahead = [t.stem for t in takewhile(lambda t: t.lower not in _RATES, following)]
    if following[0].stem in stems("division"):
        return True
    subject = any(m.last <= quantity.first for m in clause.mentions)
    if any(m.last == quantity.first for m in clause.mentions) or (
        before is not None
        and before.lower in plain("consumption")
        and any(m.last == quantity.first - 1 for m in clause.mentions)
    ):
        return False  # "a rug seven sheets, a box takes nine"
    if figure.unit in units() | stems("period") and not set(ahead) & slate.shared:
        return False
    if following[0].measure and any(t.lower == "of" for t in following[1:2]) and not set(ahead) & slate.shared:
        return False  # "three units of sugar" is an amount
    if before is not None and before.lower in ("all", "these", "those"):
        return True
    listed = _listed(clause, quantity.last)
    from_all = before is not None and before.lower in _OUT_OF and not clause.mentions
    if quantity.worded and quantity.value == len(slate.decisions) and from_all:
        return True  # "mixes a dye out of two tubes"
    if quantity.worded and (quantity.value <= 4 or listed or quantity.value == len(slate.decisions)):
        return (not subject or listed) and (figure.unit == "" or listed or bool(set(ahead) & slate.shared))
    classes = (stems("generic") - {"unit"}) | stems("division") | slate.shared
    return quantity.value == len(slate.decisions) and not subject and (listed or bool(set(ahead[:3]) & classes))


def _is_horizon(figure: Figure, clause: Clause) -> bool:
    """Whether a number of days or months is how long the plan is for: "the next 6 weeks", "a 12 month plan"."""
    quantity = figure.quantity
    if figure.unit not in stems("period") or "avail" in figure.after:
        return False
    before = near(clause, quantity.first - 1)
    if before is None:
        return False
    if before.lower in ("next", "every", "per", "following", "coming"):
        return True
    singular = clause.tokens[quantity.last].lower
    return before.lower in ("a", "an") and not singular.endswith("s")


_RATES = frozenset(["per", "each", "every", "a", "an", "for"])
_DETERMINERS = frozenset(["the", "a", "an", "one", "both", "each"])


def _listed(clause: Clause, index: int) -> bool:
    """Whether the noun counted at ``index`` is followed by the list of what it counts: "two machines, a and b"."""
    tokens = clause.tokens
    for k in range(index, min(index + 4, clause.last)):
        if tokens[k].text in (",", ":", "("):
            if k == index or k + 1 >= clause.last or tokens[k + 1].kind in ("number", "currency"):
                return False
            following = tokens[k + 1].lower
            return (
                not is_verb(tokens[k + 1])
                and (following not in plain("function") or following in _DETERMINERS)
                and following not in numbers()["units"] | numbers()["tens"]
            )
        if tokens[k].kind != "word" or is_verb(tokens[k]) or tokens[k].lower in _RATES:
            return False
    return False
