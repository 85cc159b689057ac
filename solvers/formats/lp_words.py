"""The words that have a meaning of their own in an LP text."""

from __future__ import annotations

from solvers.milp import Sense

INFINITY = frozenset({"inf", "infinity"})
SENSES = {
    "min": Sense.MINIMIZE,
    "minimize": Sense.MINIMIZE,
    "minimise": Sense.MINIMIZE,
    "minimum": Sense.MINIMIZE,
    "max": Sense.MAXIMIZE,
    "maximize": Sense.MAXIMIZE,
    "maximise": Sense.MAXIMIZE,
    "maximum": Sense.MAXIMIZE,
}
SECTIONS = {
    ("st",): "rows",
    ("s.t.",): "rows",
    ("st.",): "rows",
    ("subject", "to"): "rows",
    ("such", "that"): "rows",
    ("bounds",): "bounds",
    ("bound",): "bounds",
    ("generals",): "integers",
    ("general",): "integers",
    ("gen",): "integers",
    ("integers",): "integers",
    ("integer",): "integers",
    ("int",): "integers",
    ("binaries",): "binaries",
    ("binary",): "binaries",
    ("bin",): "binaries",
    ("semi", "-", "continuous"): "semis",
    ("semis",): "semis",
    ("semi",): "semis",
    ("semi_continuous",): "semis",
    ("semicontinuous",): "semis",
    ("sos",): "special ordered sets",
    ("sos1",): "special ordered sets",
    ("sos2",): "special ordered sets",
    ("lazy", "constraints"): "lazy constraints",
    ("user", "cuts"): "user cuts",
    ("pwlobj",): "a piecewise linear objective",
    ("general", "constraints"): "general constraints",
    ("scenario",): "scenarios",
    ("end",): "end",
}
BY_HEAD = {
    head: sorted((words for words in SECTIONS if words[0] == head), key=len, reverse=True)
    for head in {words[0] for words in SECTIONS}
}
"""The sections' keywords by their first word, the longest first."""

HEADS = set(BY_HEAD) | set(SENSES)
HELD = ("rows", "bounds", "integers", "binaries", "semis", "end")
KEYWORDS = HEADS | INFINITY | {"free", "to", "that", "nan"}
