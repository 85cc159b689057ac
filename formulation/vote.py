"""Samples sorted into classes of formulations that say the same; the classes vote, not the objective values."""

from __future__ import annotations

import time

from formulation.agreement import COMPARE_BUDGET_S, Compile, optimum
from formulation.compile import CompileError
from formulation.events import ClusterSamples, SamplesClustered
from formulation.language import gettext
from solvers.milp import Milp
from solvers.nonlinear import Nonlinear


def cluster(step: ClusterSamples, compile_: Compile) -> SamplesClustered:
    """Return the classes of equivalent formulations, largest first, ties in the order of the samples.

    Two formulations are of one class where equivalence at L1 under a map that is found is proved. Where it is
    neither proved nor refuted, equal optimal values put them together, and `difference` says so. A formulation
    that makes no model is a class of its own, behind all others of its size.
    """
    started = time.perf_counter()
    models: list[Milp | Nonlinear | None] = []
    for formulation in step.formulations:
        try:
            models.append(compile_(formulation, step.tables))
        except CompileError:
            models.append(None)
    classes: list[list[int]] = []
    notes: list[str] = []
    for position, model in enumerate(models):
        home = None
        for members in classes:
            other = models[members[0]]
            if model is None or other is None:
                continue
            same, note = same_class(other, model)
            if same:
                home = members
                if note:
                    said = gettext("samples {one} and {other}: {note}")
                    notes.append(said.format(one=members[0] + 1, other=position + 1, note=note))
                break
        if home is None:
            classes.append([position])
        else:
            home.append(position)
    classes.sort(key=lambda members: (-len(members), models[members[0]] is None, members[0]))
    if len(classes) > 1:
        notes.insert(0, _difference(models[classes[0][0]], models[classes[1][0]]))
    return SamplesClustered(
        tuple(tuple(members) for members in classes), "; ".join(notes), time.perf_counter() - started
    )


def same_class(a: Milp | Nonlinear, b: Milp | Nonlinear) -> tuple[bool, str]:
    """Return whether two models say the same, and on what ground where it is not proved."""
    if isinstance(a, Milp) and isinstance(b, Milp):
        from equivalence.bucket import bucket_key
        from equivalence.compare import compare
        from equivalence.verdict import Different, Equivalent

        by_name = set(a.column_names) == set(b.column_names)
        if by_name or a.n_columns == b.n_columns or bucket_key(a) == bucket_key(b):
            verdict = compare(a, b, level="L1", mapping="names" if by_name else "auto", budget_s=COMPARE_BUDGET_S)
            if isinstance(verdict, Equivalent):
                same = verdict.objective_factor == 1 and verdict.objective_constant == 0
                return same, ""
            if isinstance(verdict, Different) and by_name:
                return False, ""
    alike = optimum(a).same_as(optimum(b))
    return alike is True, gettext("equivalence is undecided, the optimal values are the same") if alike else ""


def _difference(a: Milp | Nonlinear | None, b: Milp | Nonlinear | None) -> str:
    if a is None or b is None:
        return gettext("one of the readings makes no model")
    if isinstance(a, Milp) and isinstance(b, Milp) and set(a.column_names) == set(b.column_names):
        from equivalence.compare import compare
        from equivalence.explain import difference_in_words
        from equivalence.verdict import Different

        verdict = compare(a, b, level="L1", mapping="names", budget_s=COMPARE_BUDGET_S)
        if isinstance(verdict, Different):
            return str(difference_in_words(a, b, verdict, name_a="one reading", name_b="another"))
    return gettext("one reading is {first}, another {second}").format(first=optimum(a), second=optimum(b))
