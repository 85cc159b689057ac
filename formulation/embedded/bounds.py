"""Limits: which figures bound something, in which sense, and which decisions stand beside them."""

from __future__ import annotations

from itertools import pairwise

from formulation.embedded.decisions import Mention, Slate
from formulation.embedded.facts import Facts, Limit
from formulation.embedded.figures import Clause, Figure
from formulation.embedded.lexicon import plain, plain_phrases, stems
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import QuantityKind
from formulation.embedded.tokens import Token

EVERY = frozenset(["both", "all", "each", "they", "them", "these", "every", "either"])
_TOGETHER = frozenset(
    ["combination", "between", "total", "combined", "together", "altogether", "overall", "sum", "all", "either", "both"]
)


def is_limit(figure: Figure, clause: Clause, slate: Slate, carry: list[int]) -> bool:
    """Whether a figure bounds something, rather than saying what a unit takes or gives."""
    if figure.comparison is not None:
        return True
    tokens = clause.tokens
    beyond = range(figure.quantity.last, clause.last - 1)
    cut = next((k for k in beyond if tokens[k].text == "," and tokens[k + 1].lower == "which"), clause.last)
    words = {token.lower for token in tokens[clause.first : cut]}  # ", which yield 4%" tells of something else
    decided = {m.decisions[0] for m in clause.mentions}
    quantity = figure.quantity
    previous = max([0, *[f.quantity.last for f in clause.figures if f.quantity.last <= quantity.first]])
    stops = [f.quantity.first for f in clause.figures if f.quantity.first >= quantity.last]
    stops += [m.first for m in clause.mentions if m.first >= quantity.last]
    before = {t.lower for t in tokens[max(clause.first, previous, quantity.first - 5) : quantity.first]}
    after = {t.lower for t in tokens[quantity.last : min([clause.last, *stops])]}
    on_hand = any(a.lower == "on" and b.lower == "hand" for a, b in pairwise(tokens[clause.first : clause.last]))
    if (
        "available" in before | after
        or before & {"budget", "capacity", "inventory"}
        or on_hand
        or _is_had(figure, clause)
    ):
        return True
    if figure.unit in stems("area") and "where" in {t.lower for t in tokens[quantity.last : quantity.last + 3]}:
        return True  # "farms 140 acres where he grows"
    if _per_unit(clause, slate):
        return False
    if (len(decided) == 1 and _only(figure, clause)) or _for_so_many(figure, clause):
        return True
    named = {t.stem for t in tokens[clause.first : clause.last] if t.kind == "word"}
    if not decided:
        everyone = words & EVERY - {"they", "them", "these"} or (words & {"they", "these"} and carry)
        if everyone and words & _CONSUMES:
            return False
        if words & {"per"} and figure.kinds & {"profit"}:
            return False
        if named & (stems("availability") | stems("need") | stems("gain")):
            return True
        if clause.words()[1:3] in (["there", "is"], ["there", "are"]):
            return True  # "; there are 12 kg at hand"
        if figure.sentence_named:
            return False
        return not set(clause.words()[:2]) & {"it", "its", "they"} and not words & {
            "per",
            "respectively",
            "costs",
            "other",
        }
    if [t.lower for t in tokens[max(clause.first, quantity.first - 2) : quantity.first]] in _NEEDS_OF:
        return True  # "to cover his daily need of 380 mg"
    if decided == set(range(len(slate.decisions))) and all(m.last <= quantity.first for m in clause.mentions):
        leading = tokens[quantity.first - 1].lower
        area = leading in ("on", "over", "across", "of") and figure.unit in stems("area")
        if area or leading in ("using", "from", "his", "her", "its", "their", "our", "my", "your"):
            return not words & _CONSUMES  # "makes pies and tarts from 40 kg of flour"
    if decided == set(range(len(slate.decisions))) and all(m.first >= quantity.last for m in clause.mentions):
        if words & _CONSUMES or words & {"per", "respectively", "every"} or "each" in words:
            return False
        ahead = next((m.first for m in clause.mentions if m.first >= quantity.last), clause.last)
        if len(clause.figures) >= len(clause.mentions) > 1 and "for" in {
            t.lower for t in tokens[quantity.last : ahead]
        }:
            return False
        lead = {t.stem for t in tokens[clause.first : quantity.first] if t.kind == "word"}
        return bool(lead & (stems("availability") | stems("need") | stems("gain")))
    return False


_CONSUMES = frozenset(
    [
        "require",
        "requires",
        "cost",
        "costs",
        "take",
        "takes",
        "needs",
        "respectively",
        "yields",
        "yield",
        "contains",
        "contain",
        "earns",
        "earn",
        "gives",
    ]
)
_FAR = 12
_NEEDS_OF = [[need, "of"] for need in ("need", "needs", "requirement", "demand", "quota")]
_FINITE = frozenset(["must", "should", "can", "cannot", "may", "will", "is", "are", "has", "have", "number"])
_TO_BE = frozenset([("have", "to"), ("has", "to"), ("must", "be"), ("are", "to"), ("is", "to")])
_ASKED = frozenset(["needed", "required", "demanded"])
_ASKS = frozenset(["how", "what", "determine", "find", "minimize", "maximize", "formulate", "minimise", "maximise"])


def _only(figure: Figure, clause: Clause) -> bool:
    """Whether a number says how many there are of the decision after it: "there are 6 ploughs", "only 5 are free"."""
    first, last = figure.quantity.first, figure.quantity.last
    after = next((m for m in clause.mentions if last <= m.first <= last + 2), None)
    if after is None or any(m.last <= first for m in clause.mentions) or after.first < after.last <= first:
        return False
    lead = [token.lower for token in clause.tokens[clause.first : first]]
    there = lead[-3:-1] in (["there", "are"], ["there", "is"]) or lead[-2:] in (["there", "are"], ["there", "is"])
    beyond = clause.tokens[after.last].lower if after.last < clause.last else ""
    begins = len(lead) == 1 or lead[-2:-1] in (["and"], ["but"], [","])
    few = bool(lead) and lead[-1] in ("only", "just") and (begins or there or "enough" in lead)
    return there or (few and (beyond in ("are", "is", "can", "could", "may", "") or "enough" in lead))


def _for_so_many(figure: Figure, clause: Clause) -> bool:
    """Whether there is enough for so many of a decision, or so many are ordered: "ham for only 80 ham wraps"."""
    first, last = figure.quantity.first, figure.quantity.last
    after = next((m for m in clause.mentions if m.first == last), None)
    lead = [token.lower for token in clause.tokens[max(clause.first, first - _FAR) : first]]
    if after is None or lead[-1:] != ["for"]:
        return False
    ordered = [t.lower for t in clause.tokens[after.last : after.last + 2]] == ["that", "must"]
    return ordered or bool({"only", "enough"} & set(lead))


def _is_had(figure: Figure, clause: Clause) -> bool:
    """Whether the words after a number say that so much is there: "$1,900 set aside", "40 square metres are free"."""
    stops = [f.quantity.first for f in clause.figures if f.quantity.first >= figure.quantity.last]
    stops += [m.first for m in clause.mentions if m.first >= figure.quantity.last]
    ahead = clause.tokens[figure.quantity.last : min([clause.last, figure.quantity.last + 6, *stops])]
    words = f" {' '.join(token.lower for token in ahead)} "
    return any(f" {phrase} " in words for phrase in plain_phrases("had"))


def _per_unit(clause: Clause, slate: Slate) -> bool:
    """Whether a clause speaks of each unit of any decision: "works 3 hours on each phone"."""
    tokens = clause.tokens
    return any(
        tokens[k].lower in ("each", "every", "per", "both") and tokens[k + 1].stem in slate.shared
        for k in range(clause.first, clause.last - 1)
    )


def sense_of(figure: Figure, clause: Clause) -> tuple[str, bool]:
    """Return the sense of a limit: as its comparison says, or as the nearest verb before it means."""
    if figure.comparison is not None:
        return figure.comparison.sense, figure.comparison.strict
    tokens = clause.tokens
    after = {t.lower for t in tokens[figure.quantity.last : min(figure.quantity.last + 8, clause.last)]}
    if (
        after & {"available", "left", "stock", "hand"}
        or _is_had(figure, clause)
        or "available" in {t.lower for t in tokens[clause.first : figure.quantity.first]}
    ):
        return "upper", False
    beyond = [t.lower for t in tokens[figure.quantity.last : min(figure.quantity.last + 8, clause.last)]]
    if any(be in ("is", "are") and asked in _ASKED for be, asked in pairwise(beyond)) and "to" not in beyond:
        return "lower", False  # "200 kilos are needed in total"
    if any(pair in _TO_BE for pair in pairwise(beyond)):
        return "lower", False  # "50 km have to be cleared"
    start = _predicate(figure, clause)
    for index in range(figure.quantity.first - 1, start - 1, -1):
        token = tokens[index]
        following = tokens[index + 1].lower if index + 1 < len(tokens) else ""
        if token.lower in ("has", "have", "had"):
            asked = following == "to" or (index and tokens[index - 1].lower in ("must", "should"))
            return ("lower" if asked else "upper"), False
        if token.stem in stems("need") or token.lower in ("required", "needed", "demand"):
            return "lower", False
        if token.lower in ("budget", "limit", "capacity", "supply", "stock"):
            return "upper", False
        if token.lower in ("only", "spend") or token.stem in stems("gain"):
            if any(
                t.stem in stems("need") or (t.lower in ("has", "have") and u.lower == "to")
                for t, u in pairwise(tokens[start : index + 1])
            ):
                return "lower", False
            return "upper", False
    words = {t.stem for t in tokens[start : clause.last]}
    if words & {"want", "wish"} and not words & stems("availability"):
        return "lower", False
    return ("lower" if words & stems("need") and not words & stems("availability") else "upper"), False


def _predicate(figure: Figure, clause: Clause) -> int:
    """Return where the predicate of a figure begins: after an "and" behind the figure before it, if words follow."""
    tokens = clause.tokens
    before = [f.quantity.last for f in clause.figures if f.quantity.last <= figure.quantity.first]
    if not before:
        return clause.first
    joints = range(max(before), figure.quantity.first)
    start = max((k for k in joints if tokens[k].lower in ("and", "but", ",")), default=clause.first)
    said = any(t.lower == "only" or t.lower not in plain("function") for t in tokens[start + 1 : figure.quantity.first])
    return start if said else clause.first


def add_limit(figure: Figure, clause: Clause, slate: Slate, facts: Facts) -> set[Mention]:
    """Record a limit with the decisions that stand beside it; return the mentions it used."""
    quantity = figure.quantity
    sense, strict = sense_of(figure, clause)
    nexts = [f.quantity.first for f in clause.figures if f.quantity.first >= quantity.last]
    nexts += [c.first for c in clause.comparisons if c.first >= quantity.last]
    asks = (k for k in range(quantity.last, clause.last) if clause.tokens[k].lower in _ASKS)
    end = min([*nexts, next(asks, clause.last)])
    ranged = quantity.first > clause.first and clause.tokens[quantity.first - 1].lower in ("between", "from")
    but = quantity.last < clause.last and clause.tokens[quantity.last].lower == "but"
    if end <= quantity.last + 1 + but and (ranged or not figure.noun):
        # "a minimum of 20 but at most 50 consoles", "between 20 and 50 consoles": both speak of the same noun.
        later = [f for f in clause.figures if f.quantity.first >= quantity.last]
        if later and later[0].quantity.first <= quantity.last + 4 + but:
            end = min([f.quantity.first for f in later[1:]], default=clause.last)
            figure.noun, figure.after, figure.unit = later[0].noun, later[0].after, figure.unit or later[0].unit
    previous = max([f.quantity.last for f in clause.figures if f.quantity.last <= quantity.first], default=clause.first)
    after = [m for m in clause.mentions if quantity.last <= m.first < end]
    before = [m for m in clause.mentions if previous <= m.first and m.last <= quantity.first]
    if after and figure.unit == "$" and clause.tokens[quantity.last].text == ",":
        after = []  # "can spend $700, and the number of carts must not exceed"
    if _for_so_many(figure, clause):
        before, after = [], after[:1]
    window = [t.lower for t in clause.tokens[previous:end]]
    together = bool(set(window) & (_TOGETHER - {"between"} if ranged else _TOGETHER))
    spot = [
        k
        for k in range(previous, end)
        if clause.tokens[k].lower == "each"
        and not (k + 1 < clause.last and clause.tokens[k - 1].lower != "of" and _of_others(clause.tokens[k + 1], slate))
    ]
    every = any(k >= quantity.last or k >= quantity.first - 3 for k in spot)
    opening = [t.lower for t in clause.tokens[clause.first : clause.first + 2]]
    if (
        set(opening) & {"each", "both", "all"}
        and not clause.mentions
        and clause.tokens[clause.first + 1].stem not in stems("period")
    ):
        every = True
    if "neither" in window and "nor" in window:
        every, together = True, False
    summed = set(window) & {"total", "altogether", "combined", "overall"}
    if "either" in window and not figure.noun and quantity.kind == QuantityKind.PLAIN and not summed:
        every, together = True, False
    ahead = [t.lower for t in clause.tokens[quantity.last : clause.last]]
    if any(
        a == "of" and b in ("that", "each", "any") and c in ("type", "kind")
        for a, b, c in zip(ahead, ahead[1:], ahead[2:], strict=False)
    ):
        every, together, before = True, False, []  # "at least 5 cars of that type": of each
    if set(window) & {"total", "altogether", "overall", "combined", "together"} and len(before) == 1 and not after:
        beyond = clause.tokens[before[0].last : quantity.first]
        if any(t.text == "," or t.lower == "and" for t in beyond):
            before = []  # the decision belongs to what was said before
    elif figure.noun in slate.shared and len(before) == 1 and not after:
        beyond = clause.tokens[before[0].last : quantity.first]
        if any(t.text == "," for t in beyond) and any(is_verb(t) or t.lower in _FINITE for t in beyond):
            before = []  # ", and the market takes no more than 25 pumps"
    chosen: list[Mention] = []
    if "either" in window and figure.noun and not after:
        before = []
    if (
        set(window) & {"total", "altogether", "overall", "combined"}
        and figure.noun in slate.shared
        and not after
        and len(before) == 1
    ):
        before = []
    if (
        before
        and after
        and not ranged
        and any(
            t.text in (",", "(") or t.lower in ("and", "while") for t in clause.tokens[quantity.last : after[0].first]
        )
    ):
        after = []
    if after:
        chosen = run_of(clause, after)
        across = {t.lower for t in clause.tokens[after[0].last : after[-1].first]}
        everyone = len({m.decisions for m in after}) == len(slate.decisions)
        if figure.comparison is None and everyone and not across & _FINITE:
            chosen = after
    elif before:
        chosen = before if len({m.decisions for m in before}) > 1 else before[-1:]
    elif (
        (
            not figure.noun
            or (
                clause.tokens[clause.first].lower == "but"
                and (figure.noun in slate.shared or (facts.limits and facts.limits[-1].figure.noun == figure.noun))
            )
        )
        and quantity.kind == QuantityKind.PLAIN
        and not together
        and not after
    ):
        # "at least 10 lenses but at most 25": the decision is the one before.
        chosen = [m for m in clause.mentions if m.last <= quantity.first][-1:]
        if every and "either" in window:
            chosen = []
        elif (
            not chosen
            and facts.limits
            and clause.tokens[clause.first].lower == "but"
            and facts.limits[-1].clause.sentence == clause.sentence
            and len(facts.limits[-1].decisions) == 1
        ):
            chosen = [Mention(facts.limits[-1].decisions, clause.first, clause.first)]
    ids = tuple(dict.fromkeys(m.decisions[0] for m in chosen))
    direct = len(ids) == 1 and chosen[0].first == quantity.last and chosen[0].coverage >= 1
    unclear = len(ids) > 1 and chosen == before and figure.comparison is not None and not (together or every)
    unclear = (
        unclear
        and figure.unit == ""
        and not figure.noun
        and not set(clause.words()) & (EVERY | _TOGETHER | {"respectively", "that"})
    )
    facts.limits.append(Limit(sense, strict, quantity.value, figure, clause, ids, together, every, direct, unclear))
    return set(chosen)


def _of_others(token: Token, slate: Slate) -> bool:
    """Whether the noun after "each" is neither a decision nor a word for any: "each week", "each team"."""
    if token.kind != "word" or token.lower in plain("function") or is_verb(token) or token.measure:
        return token.stem in stems("period")
    names = slate.shared.union(*(d.words for d in slate.decisions))
    return token.stem not in names | stems("generic") | stems("division") | stems("hypernym")


def run_of(clause: Clause, found: list[Mention]) -> list[Mention]:
    """Return the first mention and those joined to it by "and", "or" or a comma."""
    run = [found[0]]
    for mention in found[1:]:
        between = clause.tokens[run[-1].last : mention.first]
        joined = any(t.lower in ("and", "or", ",") for t in between)
        if (
            joined
            and len(between) <= 4
            and not any(
                is_verb(t)
                or t.kind in ("number", "currency")
                or t.lower == "number"
                or (
                    t.kind == "word" and t.lower in plain("function") and t.lower not in ("and", "or", "the", "of", "a")
                )
                for t in between
            )
        ):
            run.append(mention)
        else:
            break
    return run
