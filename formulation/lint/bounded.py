"""Variables that could grow for ever, whatever the data beside them says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from formulation.finding import Finding, LintCheck, Severity
from formulation.formulation import Evidence, Formulation
from formulation.language import gettext
from solvers.milp import Milp, Sense


def unbounded(formulation: Formulation, model: Milp) -> Iterator[Finding]:
    """Return a finding for each variable that improves the objective alone and for ever.

    A column is found where no bound and no row stands in its way in the direction in which its cost improves:
    along it every feasible point leads to better ones without end. That no column is found does not prove
    that the optimum is finite.
    """
    costs = model.objective if model.sense is Sense.MINIMIZE else -model.objective
    grows = (costs < 0) & np.isinf(model.column_upper)
    falls = (costs > 0) & np.isinf(model.column_lower)
    if not (grows.any() or falls.any()):
        return
    entries = model.matrix.tocoo()
    positive = entries.data > 0
    has_upper, has_lower = np.isfinite(model.row_upper)[entries.row], np.isfinite(model.row_lower)[entries.row]
    against_growth = np.where(positive, has_upper, has_lower)
    against_fall = np.where(positive, has_lower, has_upper)
    grows[entries.col[against_growth]] = False
    falls[entries.col[against_fall]] = False
    evidence: dict[str, Evidence] = {variable.name: variable.evidence for variable in formulation.variables}
    told: set[str] = set()
    for column in np.flatnonzero(grows | falls):
        name = model.column_names[int(column)]
        base = name.partition("[")[0]
        if base in told:
            continue
        told.add(base)
        said = gettext("{name} can fall for ever and improve the objective: nothing limits it")
        if grows[column]:
            said = gettext("{name} can grow for ever and improve the objective: nothing limits it")
        detail = said.format(name=name)
        yield Finding(LintCheck.BOUNDED, Severity.ERROR, base, detail, evidence.get(base, ()))
