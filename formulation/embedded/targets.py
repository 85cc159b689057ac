"""What a limit is about: one decision, several, all together, or a resource."""

from __future__ import annotations

from itertools import pairwise

from formulation.embedded.attributes import Attribute, overlap
from formulation.embedded.decisions import Slate
from formulation.embedded.facts import Limit
from formulation.embedded.lexicon import headings, plain, roots, stem, stems
from formulation.embedded.model import Interpretation, Term
from formulation.embedded.phrases import is_verb

_COUNTED = frozenset(["two", "three", "four", "five", "six", "the", "these", "2", "3", "4", "5", "6"])


def target_of(
    result: Interpretation,
    limit: Limit,
    objective: set[int],
    units: set[str],
    bound: set[int],
    *,
    last_chance: bool = False,
) -> list[dict[int, Term]] | tuple[int, ...] | None:
    """Return the attributes (a tuple of indices) or the rows of decisions that a limit is about."""
    figure = limit.figure
    n = len(result.slate.decisions)
    attributes = result.attributes
    everyone = {k: Term(1.0) for k in range(n)}
    free = list(range(len(attributes)))

    def same_unit(k: int) -> bool:
        unit = attributes[k].unit
        if attributes[k].kinds and unit in ("", "unit") and not _of_money(limit):
            return False
        if unit == "%" and attributes[k].topic and not attributes[k].kinds:
            own = set().union(*(c.figure.after for c in attributes[k].values.values())) or attributes[k].topic
            said = {figure.head} if figure.head else figure.after | figure.before
            return figure.unit not in ("$", "%") and bool(overlap(said, own))
        return unit == figure.unit or ({unit, figure.unit} <= {"", "unit"})

    if not limit.decisions and _none_may(limit):
        counted = figure.unit in ("", "unit") or figure.unit in units
        return [{k: Term(1.0)} for k in range(n)] if counted else None
    if not limit.decisions and _bought(limit):
        return [everyone]
    if not limit.decisions and _of_each(limit):
        return [{k: Term(1.0)} for k in range(n)]
    if not limit.decisions and _whole_number(limit, result, units):
        return [everyone]
    if limit.every and not limit.decisions and figure.unit in ("", "unit", "$") and _each_decision(limit, result.slate):
        return [{k: Term(1.0)} for k in range(n)]
    if not limit.decisions and limit.every and figure.unit:
        open_ones = [k for k in free if attributes[k].unit == figure.unit and k not in objective and k not in bound]
        if (
            figure.unit not in ("$", "%", "unit")
            and len(open_ones) > 1
            and not overlap(figure.after, {"avail"} | set().union(*(attributes[k].topic for k in open_ones)))
        ):
            return tuple(open_ones)
    if not limit.decisions and limit.every:
        several = [
            k
            for k in free
            if same_unit(k)
            and overlap(figure.wide, attributes[k].topic)
            and (attributes[k].topic - figure.after or True)
        ]
        if len(several) > 1 and all(_own_word(attributes, k, several, figure.wide) for k in several):
            return tuple(several)

    def match(k: int, said: frozenset[str]) -> float:
        """Return how well words speak of an attribute; its head noun counts twice, one without a limit leads."""
        headed = bool(figure.head) and overlap({figure.head}, attributes[k].topic) > 0
        shared = figure.noun in result.slate.shared  # the butter of "peanut butter" beside "almond butter"
        if figure.unit in ("", "unit") and figure.head and not headed and attributes[k].topic and not shared:
            return 0.0
        same = overlap(said, attributes[k].topic)
        return same + (1.0 if headed else 0.0) + (0.0 if k in bound else 1.5) if same else 0.0

    if limit.direct and figure.unit != "$":
        return [{limit.decisions[0]: Term(1.0)}]
    if limit.together and figure.unit not in ("%",) and figure.comparison is not None:
        rivals = [k for k in free if same_unit(k) and figure.head and overlap({figure.head}, attributes[k].topic)]
        spoken = limit.clause.words()
        named = len(limit.decisions) > 1 or any(
            a in ("all", "both") and (b in _COUNTED or b.endswith("s")) for a, b in pairwise(spoken)
        )
        if figure.unit in ("", "$"):
            numbered = _COUNTED - {"the", "these"}
            named = named or any(a in numbered and b in ("together", "combined") for a, b in pairwise(spoken))
        if (
            not rivals
            and named
            and len(limit.decisions) != 1
            and not set(spoken) & {"cost", "costs", "expenses", "spend"}
        ):
            chosen = limit.decisions if len(limit.decisions) > 1 else tuple(range(n))
            return [{k: Term(1.0) for k in chosen}]
    measured = figure.unit in units - {"", "unit"}
    if limit.together and measured and not figure.after and not limit.decisions:
        return [everyone]  # "1,200 kg in total", where kilos are decided
    by_topic = [(match(k, figure.after), -k) for k in free if same_unit(k)]
    by_topic = sorted((s for s in by_topic if s[0] > 0), reverse=True)
    if by_topic and (len(by_topic) == 1 or by_topic[0][0] > by_topic[1][0]):
        headed = bool(figure.head) and overlap({figure.head}, attributes[-by_topic[0][1]].topic) > 0
        if not limit.decisions or (figure.unit != "$" and (headed or figure.unit not in ("", "unit"))):
            return (-by_topic[0][1],)
    shared_noun = figure.noun in result.slate.shared and (figure.unit in ("", "unit", figure.noun))
    budget = figure.unit == "$" and "budget" in limit.clause.words() and len(limit.decisions) < n
    if limit.every and not limit.decisions and not figure.noun and figure.unit == "":
        return [{k: Term(1.0)} for k in range(n)]
    if limit.decisions and not budget:
        if len(limit.decisions) == 1:
            return [{limit.decisions[0]: Term(1.0)}]
        if limit.every and not limit.together:
            return [{k: Term(1.0)} for k in limit.decisions]
        if limit.together and not figure.after:
            return [{k: Term(1.0) for k in limit.decisions}]
    if figure.unit == "$":
        if 1 < len(limit.decisions) < n:
            return None  # of some of the decisions: their amounts, or what they cost?
        if "dollar" in units and (limit.together or set(roots_of(limit)) & roots("place")):
            return [everyone]  # "at most $9,000 can be put into both"
        costs = [k for k in free if "cost" in attributes[k].kinds and attributes[k].unit == "$"]
        said = figure.after | figure.before
        if costs and (len(costs) == 1 or last_chance):
            ranked = sorted(costs, key=lambda k: -overlap(said, attributes[k].topic))
            if len(costs) == 1 or overlap(said, attributes[ranked[0]].topic) > overlap(
                said, attributes[ranked[1]].topic
            ):
                return (ranked[0],)
        if (
            any(a.unit == "%" and "$" not in {b.unit for b in attributes} for a in attributes)
            or "dollar" in units
            or (not costs and {"invest"} & set(roots_of(limit)))
        ):
            return [everyone]
        kinds = [k for k in free if attributes[k].unit == "$" and (attributes[k].kinds & figure.kinds)]
        if len(kinds) == 1:
            return (kinds[0],)
        money = [k for k in free if attributes[k].unit == "$"]
        wages = result.goal is not None and result.goal.sense == "minimize"
        if len(money) == 1 and ("profit" not in attributes[money[0]].kinds or wages):
            return (money[0],)
        if last_chance:
            wide = _widest(result, limit, [k for k in money if k not in objective] or money)
            if wide is not None:
                return (wide,)
        return None
    if shared_noun:
        return [everyone]
    said = figure.after | figure.before
    same = [k for k in free if same_unit(k) and attributes[k].unit != "$"]
    if not same and (
        figure.unit in units
        or (
            last_chance
            and figure.comparison is not None
            and figure.unit not in ("", "unit")
            and figure.unit not in stems("period")
        )
    ):
        return [everyone]
    wide = _widest(result, limit, same) if figure.unit not in ("", "unit") or not figure.head else None
    if wide is not None:
        return (wide,)
    fresh = [k for k in same if k not in bound and k not in objective]
    if (
        last_chance
        and len(fresh) == 1
        and (figure.unit or not attributes[fresh[0]].topic)
        and figure.noun not in stems("hypernym")
    ):
        return (fresh[0],)
    said = figure.after | figure.before
    mixed = [k for k in same if attributes[k].unit == "%" and not overlap(said, attributes[k].topic)]
    if mixed and limit.sense == "equal" and figure.unit in units:
        return [everyone]  # "exactly 50 kg" of what has 22% protein each
    if figure.unit and figure.unit != "unit":
        if len(same) == 1:
            return (same[0],)
        words = limit.clause.words()
        others = [other for other in result.facts.limits if other.figure.unit == figure.unit and other is not limit]
        if len(same) > 1 and set(words) & {"each", "both", "either", "all"} and not limit.decisions and not others:
            return tuple(same)
        if figure.unit in units and last_chance:
            return [everyone]
        return None
    generic = figure.noun in stems("generic") and (not fresh or figure.unit == "")
    if limit.together or generic or (limit.decisions and not figure.noun):
        if len(limit.decisions) in (0, n):
            return [everyone]
    names = frozenset().union(*(d.words for d in result.slate.decisions))
    owners = [d for d in result.slate.decisions if figure.noun in d.own]
    if len(owners) == 1 and not limit.together:
        return None  # the cars of "car tickets": no limit of all tickets
    if figure.noun in stems("people") - names and figure.comparison is not None and not limit.decisions:
        carried = [k for k in same if overlap(attributes[k].topic, roots("people"))]
        if len(carried) == 1:
            return (carried[0],)
    if figure.noun in names or figure.noun in units:
        return [everyone]
    if last_chance and figure.noun and _hypernym(limit):
        return [everyone]
    open_counts = [k for k in same if k not in bound and k not in objective]
    if last_chance and figure.comparison is not None and figure.noun and not open_counts and not limit.decisions:
        # An unknown noun stands for the decisions only where the clause says what can or must be done with it.
        return [everyone] if _says_what_is_done(limit) else None
    return None


def _says_what_is_done(limit: Limit) -> bool:
    """Whether the clause of a limit has a modal verb, or a verb of making, having and using."""
    compared = {k for c in limit.clause.comparisons for k in range(c.first, c.last)}
    tokens = [limit.clause.tokens[k] for k in range(limit.clause.first, limit.clause.last) if k not in compared]
    modal = {"can", "must", "should", "may", "will", "would", "could", "is", "are", "be", "there", "has", "have"}
    return any(is_verb(t) or t.lower in modal or t.stem in stems("gain") | stems("need") for t in tokens)


def _of_money(limit: Limit) -> bool:
    """Whether the words of a limit speak of money: "the total cost must not exceed 900"."""
    money = roots("profit", "money") | roots("cost", "money") | roots("revenue", "money")
    return bool(limit.figure.kinds or set(roots_of(limit)) & money)


_MODAL = frozenset(["may", "can", "must", "should", "is", "are", "will", "shall", "cannot"])


def _none_may(limit: Limit) -> bool:
    """Whether a limit holds for each because none may go beyond it: "no dish may exceed 2 servings"."""
    words = [word for word in limit.clause.words()[:5] if word not in ("but", "and", ",")]
    return len(words) > 3 and words[0] == "no" and words[1] not in ("more", "fewer", "less") and words[2] in _MODAL


def _bought(limit: Limit) -> bool:
    """Whether a limit counts what is bought or sold in all: "total blocks bought must be at least 70"."""
    if limit.figure.unit not in ("", "unit"):
        return False
    words = limit.clause.words()
    done = any(a in ("bought", "sold", "purchased") and b in _MODAL for a, b in pairwise(words))
    return done and words[0] == "total" and not set(words) & {"cost", "price", "value"}


def _of_each(limit: Limit) -> bool:
    """Whether a limit ends in "of each" with no noun behind, or in "of that type"."""
    tokens = limit.clause.tokens
    for k in range(limit.figure.quantity.last, min(limit.figure.quantity.last + 3, limit.clause.last - 1)):
        if tokens[k].lower == "of" and tokens[k + 1].lower in ("each", "that", "any"):
            after = tokens[k + 2] if k + 2 < limit.clause.last else None
            if after is not None and after.lower in ("type", "kind", "sort", "model"):
                return True
            alone = after is None or after.kind != "word" or after.lower in plain("function")
            return tokens[k + 1].lower == "each" and (alone or _any_thing(limit, k + 2))
    return False


def _any_thing(limit: Limit, index: int) -> bool:
    """Whether the noun of "at least 40 of each device" stands for any decision: counted, no resource and no period."""
    noun = limit.clause.tokens[index]
    resources = {stem(word) for word in headings()["resources"].split()}
    plural = noun.lower.endswith("s") and not noun.lower.endswith("ss")
    return limit.figure.unit == "" and not plural and noun.stem not in resources | stems("period") and not is_verb(noun)


def _whole_number(limit: Limit, result: Interpretation, units: set[str]) -> bool:
    """Whether the subject of a limit is "the total number of" the things decided, or of anything like them."""
    tokens = limit.clause.tokens
    names = frozenset().union(*(d.words for d in result.slate.decisions)) | result.slate.shared | units
    common = names | stems("generic") | stems("hypernym") | {"resourc"}
    for k in range(limit.clause.first, limit.figure.quantity.first - 3):
        if tokens[k].lower == "total" and tokens[k + 1].lower in ("number", "amount", "quantity"):
            noun = tokens[k + 3]
            topics = {word for a in result.attributes if not a.kinds for word in a.topic}
            counted = noun.stem in common or limit.figure.unit in ("", "unit")
            return counted and not overlap({noun.root}, topics)
    return False


def _each_decision(limit: Limit, slate: Slate) -> bool:
    """Whether a limit holds for each of the decisions: "at least two units of each press"."""
    tokens = limit.clause.tokens
    names = slate.shared | {"sourc", "type", "typ", "product", "item", "option", "kind", "categori", "project", "on"}
    asks = (k for k in range(limit.figure.quantity.last, limit.clause.last) if tokens[k].lower in ("how", "what"))
    for k in range(limit.clause.first, next(asks, limit.clause.last) - 1):
        if tokens[k].lower == "each" and any(t.stem in names for t in tokens[k + 1 : k + 3]):
            return True
    return False


def _hypernym(limit: Limit) -> bool:
    words = set(limit.clause.words())
    together = words & {"total", "combined", "altogether", "overall", "together"}
    return bool(together) or limit.figure.noun in stems("hypernym")


def _widest(result: Interpretation, limit: Limit, choice: list[int]) -> int | None:
    """Return the attribute that shares most words with the clause of a limit, if one leads."""
    said = limit.figure.after | limit.figure.before
    scored = sorted(((overlap(said, result.attributes[k].topic), -k) for k in choice), reverse=True)
    if scored and scored[0][0] > 0 and (len(scored) == 1 or scored[0][0] > scored[1][0]):
        return -scored[0][1]
    return None


def _own_word(attributes: list[Attribute], index: int, several: list[int], said: frozenset[str]) -> bool:
    """Whether words that only this attribute has are among ``said``."""
    others = set().union(*(attributes[k].topic for k in several if k != index))
    return overlap(attributes[index].topic - others, said) > 0


def roots_of(limit: Limit) -> list[str]:
    """Return the roots of a limit's clause."""
    return [t.root for t in limit.clause.tokens[limit.clause.first : limit.clause.last]]
