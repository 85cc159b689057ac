"""Random small problems in random wording, each with the program that its words mean.

A problem is a list of clauses; each clause draws one of several phrasings of our own and says which rows it means, so
that a text and its program are made together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from benchmarks.scorers.canonical import Canonical, Row

THINGS = (
    *(("lamp", "lamps"), ("clock", "clocks"), ("basket", "baskets"), ("bench", "benches"), ("kite", "kites")),
    *(("flute", "flutes"), ("saddle", "saddles"), ("mirror", "mirrors"), ("oak table", "oak tables")),
    *(("wool rug", "wool rugs"), ("garden bell", "garden bells"), ("dress", "dresses"), ("pie", "pies")),
    *(("small box", "small boxes"), ("large box", "large boxes"), ("trolley", "trolleys"), ("scarf", "scarves")),
)
STOCKS = (
    *(("kg", "wire"), ("hours", "sanding"), ("litres", "varnish"), ("minutes", "sewing"), ("grams", "dye")),
    *(("metres", "rope"), ("hours", "carving"), ("sheets", "paper"), ("units", "wax")),
)
MAKERS = ("workshop", "small factory", "family firm", "craftsman", "studio")
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass
class Problem:
    """A text in the making: its sentences, and the rows a·x <= b that they mean."""

    random: Random
    things: list[tuple[str, str]]
    maker: str
    sentences: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    profits: list[float] = field(default_factory=list)

    @property
    def n(self) -> int:
        """The number of things to decide."""
        return len(self.things)

    def say(self, *phrasings: str) -> None:
        """Add one of several sentences."""
        self.sentences.append(self.random.choice(phrasings))

    def most(self, coefficients: list[float], limit: float, *, strict: bool = False) -> None:
        """Add the row coefficients·x <= limit."""
        self.rows.append(Row(tuple(float(a) for a in coefficients), float(limit), strict))

    def least(self, coefficients: list[float], limit: float, *, strict: bool = False) -> None:
        """Add the row coefficients·x >= limit."""
        self.most([-a for a in coefficients], -limit, strict=strict)

    def one(self, k: int, value: float = 1.0) -> list[float]:
        """Return the coefficients of the thing k alone."""
        return [value if j == k else 0.0 for j in range(self.n)]

    def canonical(self) -> Canonical:
        """Return the program that the sentences mean."""
        names = tuple(plural for _, plural in self.things)
        return Canonical(names, {}, True, tuple(-p for p in self.profits), tuple(self.rows))


def listed(parts: list[str]) -> str:
    """Return "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def drawn(seed: int) -> tuple[str, Canonical]:
    """Return a text of two to four products and its program, the same for every call with a seed."""
    random = Random(seed)
    problem = Problem(random, random.sample(THINGS, random.choice((2, 2, 2, 3, 3, 4))), random.choice(MAKERS))
    makes = listed([plural for _, plural in problem.things])
    problem.say(
        f"A {problem.maker} makes {makes}.",
        f"A {problem.maker} produces and sells {makes}.",
        f"A {problem.maker} wants to plan how many {makes} to make.",
    )
    for unit, name in random.sample(STOCKS, random.choice((1, 2, 2))):
        _stock(problem, unit, name)
    limits = [_least_of_one, _most_of_one, _of_all, _ratio, _share, _more, _two_bounds]
    for limit in random.sample(limits, random.choice((0, 1, 1, 2, 3))):
        if not (limit is _two_bounds and any(_single(row) for row in problem.rows)):
            limit(problem)
    _profit(problem)
    return " ".join(problem.sentences), problem.canonical()


def _single(row: Row) -> bool:
    return sum(1 for a in row.coefficients if a) == 1


def _number(problem: Problem, low: int, high: int) -> tuple[float, str]:
    """Return a number and how it is written: digits, a decimal, or a word."""
    value = problem.random.randint(low, high)
    if value <= 12 and problem.random.random() < 0.2:
        return value, WORDS[value]
    if problem.random.random() < 0.1:
        return value + 0.5, f"{value}.5"
    return value, f"{value:,}"


def _stock(problem: Problem, unit: str, name: str) -> None:
    random, things = problem.random, problem.things
    values = [_number(problem, 2, 30) for _ in things]
    amounts = [text for _, text in values]
    first, rest = things[0][0], [(one, text) for (one, _), text in zip(things[1:], amounts[1:], strict=True)]
    take = random.choice(("takes", "needs", "requires", "uses"))
    each = listed(
        [f"each {one} {take} {text} {unit} of {name}" for (one, _), text in zip(things, amounts, strict=True)]
    )
    problem.say(
        " ".join(f"Each {one} {take} {text} {unit} of {name}." for (one, _), text in zip(things, amounts, strict=True)),
        f"{each[0].upper()}{each[1:]}.",
        f"A {first} {take} {amounts[0]} {unit} of {name}, {listed([f'a {one} {text} {unit}' for one, text in rest])}.",
        f"It takes {amounts[0]} {unit} of {name} to make a {first} and "
        f"{listed([f'{text} {unit} to make a {one}' for one, text in rest])}.",
        f"Making a {first} takes {amounts[0]} {unit} of {name} while "
        f"{listed([f'making a {one} takes {text} {unit}' for one, text in rest])}.",
        f"{_capital(listed([plural for _, plural in things]))} require {listed(amounts)} {unit} of {name} respectively.",
    )
    limit = random.randint(200, 3000)
    problem.most([value for value, _ in values], limit)
    if random.random() < 0.3:
        _with_stock(problem, f"{limit:,} {unit}", name)
        return
    problem.say(
        f"There are {limit:,} {unit} of {name} available.",
        f"The {problem.maker} has {limit:,} {unit} of {name}.",
        f"At most {limit:,} {unit} of {name} can be used.",
        f"No more than {limit} {unit} of {name} are at hand.",
        f"The supply of {name} is limited to {limit} {unit}.",
        f"{_capital(name)} is limited to {limit:,} {unit} a week.",
        f"Only {limit} {unit} of {name} are left.",
        f"It has {limit} {unit} of {name} in stock.",
        f"The {problem.maker} can spend {limit} {unit} of {name} in all.",
        f"The amount of {name} used must not exceed {limit} {unit}.",
        f"There is a supply of {limit} {unit} of {name}.",
    )


def _with_stock(problem: Problem, amount: str, name: str) -> None:
    """Tell what there is in the sentence that tells what each takes."""
    last = problem.sentences.pop().removesuffix(".")
    verb = problem.random.choice(("are available", "are at hand"))
    problem.say(
        f"{last}, and there are {amount} of {name}.",
        f"{last}; the {problem.maker} has {amount}.",
        f"{last}, and {amount} of {name} {verb}.",
        f"{last}, with {amount} of {name} in stock.",
        f"{last}, and it has {amount} of {name}.",
        f"{last}; {amount} {verb}.",
    )


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _least_of_one(problem: Problem) -> None:
    k, least = problem.random.randrange(problem.n), problem.random.randint(3, 12)
    name = problem.things[k][1]
    problem.say(
        f"At least {least} {name} must be made.",
        f"A customer has ordered at least {least} {name}.",
        f"No fewer than {WORDS[least]} {name} are needed.",
        f"The {problem.maker} must make a minimum of {least} {name}.",
        f"The number of {name} must be at least {least}.",
    )
    problem.least(problem.one(k), least)


def _most_of_one(problem: Problem) -> None:
    k, most = problem.random.randrange(problem.n), problem.random.randint(40, 90)
    name = problem.things[k][1]
    problem.say(
        f"At most {most} {name} can be sold.",
        f"No more than {most} {name} can be made.",
        f"The {problem.maker} can make up to {most} {name}.",
        f"The number of {name} cannot exceed {most}.",
        f"There is demand for at most {most} {name}.",
    )
    problem.most(problem.one(k), most)


def _two_bounds(problem: Problem) -> None:
    one, two = problem.random.sample(range(problem.n), 2)
    least, most = problem.random.randint(3, 12), problem.random.randint(40, 90)
    a, b = problem.things[one][1], problem.things[two][1]
    problem.say(
        f"At least {least} {a} and at most {most} {b} must be made.",
        f"The {problem.maker} must make at least {least} {a} but cannot make more than {most} {b}.",
        f"At least {least} {a} are needed, and no more than {most} {b} can be sold.",
    )
    problem.least(problem.one(one), least)
    problem.most(problem.one(two), most)


def _of_all(problem: Problem) -> None:
    most = problem.random.randint(100, 300)
    problem.say(
        f"At most {most} items can be made in total.",
        f"No more than {most} products can be stored altogether.",
        f"The total number of items cannot exceed {most}.",
        f"There is room for {most} items in total.",
    )
    problem.most([1.0] * problem.n, most)


def _ratio(problem: Problem) -> None:
    one, two = problem.random.sample(range(problem.n), 2)
    times, word = problem.random.choice(((2, "twice"), (3, "three times"), (4, "4 times"), (2, "double")))
    a, b = problem.things[one][1], problem.things[two][1]
    phrasing = problem.random.randrange(4 if word != "double" else 1)
    if phrasing == 0:
        problem.say(f"The number of {a} must be at least {word} the number of {b}.")
        problem.least([x - times * y for x, y in zip(problem.one(one), problem.one(two), strict=True)], 0)
    elif phrasing == 1:
        problem.say(
            f"There must be at least {word} as many {a} as {b}.",
            f"The {problem.maker} must make at least {word} as many {a} as {b}.",
        )
        problem.least([x - times * y for x, y in zip(problem.one(one), problem.one(two), strict=True)], 0)
    else:
        problem.say(
            f"The number of {a} must not exceed {word} the number of {b}.",
            f"There can be at most {word} as many {a} as {b}.",
            f"The number of {a} may be no more than {word} the number of {b}.",
        )
        problem.most([x - times * y for x, y in zip(problem.one(one), problem.one(two), strict=True)], 0)


def _share(problem: Problem) -> None:
    k = problem.random.randrange(problem.n)
    name = problem.things[k][1]
    share, text = problem.random.choice(
        ((0.2, "20%"), (0.3, "30 %"), (0.25, "a quarter"), (0.4, "40 percent"), (0.5, "half"), (0.15, "15%"))
    )
    row = [x - share for x in problem.one(k)]
    if problem.random.random() < 0.5:
        problem.say(
            f"At least {text} of the items must be {name}.",
            f"{_capital(name)} must make up at least {text} of all items.",
            f"At least {text} of all products made must be {name}.",
        )
        problem.least(row, 0)
    else:
        problem.say(
            f"At most {text} of the items can be {name}.",
            f"{_capital(name)} can make up at most {text} of all items.",
            f"No more than {text} of all items may be {name}.",
        )
        problem.most(row, 0)


def _more(problem: Problem) -> None:
    one, two = problem.random.sample(range(problem.n), 2)
    a, b = problem.things[one][1], problem.things[two][1]
    row = [x - y for x, y in zip(problem.one(one), problem.one(two), strict=True)]
    if problem.random.random() < 0.5:
        problem.say(
            f"There must be more {a} than {b}.",
            f"The number of {a} must exceed the number of {b}.",
            f"The {problem.maker} must make more {a} than {b}.",
        )
        problem.least(row, 0, strict=True)
    else:
        problem.say(
            f"There must be at least as many {a} as {b}.",
            f"The number of {b} cannot exceed the number of {a}.",
        )
        problem.least(row, 0)


def _profit(problem: Problem) -> None:
    values = [_number(problem, 3, 90) for _ in problem.things]
    problem.profits = [value for value, _ in values]
    money = [f"${text}" if text[0].isdigit() else f"{text} dollars" for _, text in values]
    things = problem.things
    each = [f"each {one} brings {text}" for (one, _), text in zip(things, money, strict=True)]
    on = [f"on a {one} {text}" for (one, _), text in zip(things[1:], money[1:], strict=True)]
    problem.say(
        f"The profit is {listed([f'{text} per {one}' for (one, _), text in zip(things, money, strict=True)])}.",
        " ".join(f"Each {one} earns a profit of {text}." for (one, _), text in zip(things, money, strict=True)),
        f"{_capital(listed(each))} of profit.",
        f"The profit on {listed([f'a {things[0][0]} is {money[0]}', *on])}.",
        f"{_capital(listed([plural for _, plural in things]))} bring profits of {listed(money)} each, respectively.",
    )
    problem.say(
        "How many of each should it turn out to maximize profit?",
        "Maximize the total profit.",
        "What should be made to earn the most?",
        f"How many {listed([plural for _, plural in things])} should it make for the highest profit?",
        "Find the plan with the largest profit.",
        "The profit is to be as large as possible.",
    )
