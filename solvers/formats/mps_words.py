"""The words of the MPS format."""

from __future__ import annotations

import re

from solvers.milp import Sense

SECTIONS = {
    "NAME",
    "ROWS",
    "COLUMNS",
    "RHS",
    "RANGES",
    "BOUNDS",
    "OBJSENSE",
    "OBJSENSEMAX",
    "OBJNAME",
    "QUADOBJ",
    "QSECTION",
    "QMATRIX",
    "ENDATA",
}
NOT_HELD = {
    "QCMATRIX": "quadratic rows",
    "CSECTION": "cones",
    "SOS": "special ordered sets",
    "SOS1": "special ordered sets",
    "SOS2": "special ordered sets",
    "SETS": "special ordered sets",
    "INDICATORS": "indicator rows",
    "LAZYCONS": "lazy constraints",
    "USERCUTS": "user cuts",
    "GENCONS": "general constraints",
    "PWLOBJ": "a piecewise linear objective",
    "PWLNAM": "a piecewise linear objective",
    "BRANCH": "branching priorities",
    "REFROW": "a reference row",
}
QUADRATIC = ("QUADOBJ", "QSECTION", "QMATRIX")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?\Z", re.ASCII)
HEADER = re.compile(r"\n(?=[^\s*])")
SENSES = {
    "MIN": Sense.MINIMIZE,
    "MINIMIZE": Sense.MINIMIZE,
    "MINIMISE": Sense.MINIMIZE,
    "MAX": Sense.MAXIMIZE,
    "MAXIMIZE": Sense.MAXIMIZE,
    "MAXIMISE": Sense.MAXIMIZE,
}
FIELDS = ((1, 3), (4, 12), (14, 22), (24, 36), (39, 47), (49, 61))
