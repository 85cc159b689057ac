"""Whether the embedded reader reads a text the same in other words: ``python -m benchmarks.reader_stability``.

Each item that is read is rewritten in ways that leave its model as it is, and read again:

- names: every word of the decisions' names becomes a word that no dictionary holds, its endings kept;
- numbers: whole numbers up to a hundred that stand alone are spelt out, "1,500" loses its comma;
- currency: another sign of currency throughout;
- order: two neighbouring sentences that each limit named decisions change places.

A rewritten text is stable where its model is that of the text as given, up to the order of the variables; of those that
are not, it is told how many were read as another model. ``--speed`` prints readings a second on one core instead: take
it while nothing else runs.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from collections import Counter
from collections.abc import Callable
from time import perf_counter

from benchmarks.intervals import wilson
from benchmarks.reader_scores import SUITES, items, parallel, rows_of
from formulation.compile import CompileError, compile_formulation
from formulation.embedded import read
from formulation.embedded.lexicon import plain, stem, stems
from formulation.reading import Reading, ReadingStatus
from solvers.milp import Milp

_ONSETS = ("br", "cl", "dr", "fl", "gl", "kr", "pl", "sk", "tr", "v", "z")
_RHYMES = ("abbin", "ellet", "imbor", "ondle", "uggin", "arvot", "epnik")
_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NUMBER = re.compile(r"(?<![\w$€£.,/%-])(\d{1,2}|100|\d{1,3},\d{3})(?![\w%/-]|[.,:]\d|\s*[$€£])")
_SENTENCE = re.compile(r"[^.?!]+[.?!]+(?=\s|$)\s*")
_LINKED = re.compile(
    r"\b(?:it|its|they|them|these|this|those|that|latter|former|also|however|but|thus|therefore|if|both|each|there|"
    r"similarly|conversely|finally|further|furthermore|moreover|additionally|addition|likewise|meanwhile)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:at (?:least|most)|no (?:more|less|fewer) than|must|cannot|available|maximum|minimum)\b", re.IGNORECASE
)
_LISTS = ("function", "verb", "measure", "agent", "generic", "hypernym", "division", "period", "availability", "need")


def _labels(reading: Reading) -> list[str]:
    return [variable.label for variable in reading.formulation.variables] if reading.formulation else []


def names_changed(text: str, reading: Reading) -> str:
    """Return the text with the decisions' names in words of no language."""
    known = set().union(*(stems(name) for name in (*_LISTS, "gain", "continuous", "people")))
    known |= set().union(*(stems(kind, "money") for kind in ("profit", "revenue", "cost", "loss")))
    labels = [word for label in _labels(reading) for word in re.findall(r"[A-Za-z]{3,}", label)]
    ours = sorted({stem(word) for word in labels if stem(word) not in known and word.lower() not in plain("function")})
    fresh = {one: onset + rhyme for one, (rhyme, onset) in zip(ours, itertools.product(_RHYMES, _ONSETS), strict=False)}

    def other(match: re.Match[str]) -> str:
        word = match.group()
        if stem(word) not in fresh:
            return word
        made = fresh[stem(word)] + ("s" if word.lower().endswith("s") and not word.lower().endswith("ss") else "")
        return made.capitalize() if word[0].isupper() else made

    return re.sub(r"[A-Za-z]{3,}", other, text)


def numbers_respelt(text: str, _reading: Reading) -> str:
    """Return the text with whole numbers up to a hundred in words, and thousands without their comma."""

    def other(match: re.Match[str]) -> str:
        value = int(match.group().replace(",", ""))
        if value > 100:
            return str(value)
        if value == 100:
            return "one hundred"
        if value < 20:
            return _SMALL[value]
        return _TENS[value // 10 - 2] + (f"-{_SMALL[value % 10]}" if value % 10 else "")

    return _NUMBER.sub(other, text)


def currency_changed(text: str, _reading: Reading) -> str:
    """Return the text with pounds for dollars; text in mathematics is left alone."""
    return text if "\\$" in text or re.search(r"\$[^$\d]", text) else text.replace("$", "£")


def order_changed(text: str, reading: Reading) -> str:
    """Return the text with the first two neighbouring sentences exchanged that limit named decisions."""
    sentences = _SENTENCE.findall(text)
    if "".join(sentences).strip() != text.strip():
        return text
    names = [label.split()[0].lower() for label in _labels(reading)]
    free = [
        0 < k < len(sentences) - 1
        and any(name in one.lower() for name in names)
        and _LIMIT.search(one) is not None
        and _LINKED.search(one) is None
        for k, one in enumerate(sentences)
    ]
    for k in range(1, len(sentences) - 2):
        after = sentences[k + 2]
        if free[k] and free[k + 1] and _LINKED.match(after) is None:
            changed = [*sentences[:k], sentences[k + 1].rstrip() + " ", sentences[k], *sentences[k + 2 :]]
            return "".join(changed)
    return text


REWRITINGS: dict[str, Callable[[str, Reading], str]] = {
    "names": names_changed,
    "numbers": numbers_respelt,
    "currency": currency_changed,
    "order": order_changed,
}


def model_of(reading: Reading) -> Milp | None:
    """Return the model of a reading that was understood, None of any other."""
    if reading.status is not ReadingStatus.UNDERSTOOD or reading.formulation is None:
        return None
    try:
        model = compile_formulation(reading.formulation)
    except CompileError:
        return None
    return model if isinstance(model, Milp) else None


def same(one: Milp, two: Milp) -> bool:
    """Return whether two models are one up to the order of at most seven variables, rows scaled."""
    n = one.n_columns
    if n != two.n_columns or n > 7:
        return False
    objective, rows = rows_of(one)
    wanted, others = rows_of(two)
    for order in itertools.permutations(range(n)):
        if not parallel([objective[i] for i in order], tuple(wanted)):
            continue
        mine = [[*(a[i] for i in order), b] for a, b in rows]
        theirs = [(*a, b) for a, b in others]
        if all(any(parallel(a, b) for b in theirs) for a in mine) and all(
            any(parallel(a, b) for a in mine) for b in theirs
        ):
            return True
    return False


def stability(suite: str) -> dict[str, Counter[str]]:
    """Return, for each rewriting, how many texts that it changes stayed "stable", were "abstained" or read "other"."""
    found = {name: Counter[str]() for name in REWRITINGS}
    for item in items(suite):
        reading = read(item["question"])
        model = model_of(reading)
        if model is None or model.n_columns > 7:
            continue
        for name, rewritten in REWRITINGS.items():
            text = rewritten(item["question"], reading)
            if text == item["question"]:
                continue
            again = model_of(read(text))
            outcome = "abstained" if again is None else "stable" if same(model, again) else "other"
            found[name][outcome] += 1
    return found


def speed(suite: str) -> float:
    """Return readings a second over a suite, the first twenty read beforehand."""
    texts = [item["question"] for item in items(suite)]
    for text in texts[:20]:
        read(text)
    began = perf_counter()
    for text in texts:
        read(text)
    return len(texts) / (perf_counter() - began)


def main(arguments: list[str] | None = None) -> int:
    """Print the shares of the suites; return 0, or 2 where the data are missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reader_stability", description=__doc__)
    parser.add_argument("--suite", choices=sorted(SUITES), action="append")
    parser.add_argument("--speed", action="store_true", help="print readings a second")
    options = parser.parse_args(arguments)
    out = sys.stdout.write
    for suite in options.suite or ["nl4opt/train", "nl4opt/dev"]:
        try:
            if options.speed:
                out(f"{suite:16} {speed(suite):6.0f} readings a second\n")
                continue
            found = stability(suite)
        except FileNotFoundError as error:
            out(f"the development data are missing: {error.filename}\n")
            return 2
        for name, count in found.items():
            n = count.total()
            if not n:
                continue
            low, high = wilson(count["stable"], n)
            out(
                f"{suite:16} {name:9} n={n:4}  stable {count['stable'] / n:6.1%} [{low:.1%}, {high:.1%}]  "
                f"abstained {count['abstained']:3}  another model {count['other']:3}\n"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
