"""The formulation of covering, packing and partition: two sets, who covers what, a binary for each candidate."""

from __future__ import annotations

from formulation.embedded.covers import Cover
from formulation.embedded.labels import Figure, Thing
from formulation.formulation import (
    Assumption,
    Constraint,
    Formulation,
    IndexSet,
    Keys,
    Objective,
    Parameter,
    Span,
    Variable,
    VariableDomain,
)
from solvers.milp import Sense

_COVERED = "sum(covers[i, e] * chosen[i] for i in candidates)"
_CLASSES = {">=": "set covering", "==": "set partitioning", "<=": "set packing"}


def cover_formulation(cover: Cover) -> Formulation:
    """Return the covering model (Toregas et al. 1971), or the maximal one (Church, ReVelle 1974) of what is served."""
    subjects, listed = cover.incidence.subjects, cover.incidence.listed
    covers: dict[Keys, float] = {(subjects[i].name, listed[j].name): 1.0 for i, j in cover.incidence.pairs}
    spans = tuple(sorted(set(cover.incidence.pairs.values())))
    parameters = [Parameter("covers", covers, ("candidates", "elements"), 0.0, label="covers", evidence=spans)]
    variables = [_binary("chosen", "candidates", subjects, "whether a candidate is chosen")]
    constraints = []
    total = "sum(chosen[i] for i in candidates)"
    if cover.cost:
        word = "profit" if cover.sense == "maximize" else "cost"
        word = "cost" if cover.weight else word
        parameters.append(_told(word, "candidates", subjects, cover.cost, cover.unit))
        total = f"sum({word}[i] * chosen[i] for i in candidates)"
    if cover.weight:
        parameters.append(_told("weight", "elements", listed, cover.weight))
        variables.append(_binary("served", "elements", listed, "whether a chosen candidate covers the element"))
        constraints.append(
            Constraint("service", f"served[e] <= {_COVERED}", "e in elements", "served only if covered", evidence=spans)
        )
    for sign, (number, span) in cover.needs.items():
        need: dict[Keys, float] = {
            (thing.name,): max(number, cover.own.get(j, (0.0, span))[0]) for j, thing in enumerate(listed)
        }
        evidence = tuple(sorted({span, *(figure[1] for figure in cover.own.values())}))
        if cover.own:
            parameters.append(Parameter("need", need, ("elements",), label="need", evidence=evidence))
        else:
            parameters.append(Parameter("need", number, label="need", evidence=evidence))
        bound = "need[e]" if cover.own else "need"
        if sign == "==" and cover.own:
            sign = ">="
        constraints.append(
            Constraint("coverage", f"{_COVERED} {sign} {bound}", "e in elements", "coverage", evidence=evidence)
        )
    for k, limit in enumerate(cover.limits, 1):
        name = f"limit_{k}" if len(cover.limits) > 1 else "limit"
        parameters.append(Parameter(name, limit.bound[0], label=name.replace("_", " "), evidence=(limit.bound[1],)))
        left = total if limit.kind else "sum(chosen[i] for i in candidates)"
        constraints.append(Constraint(f"{name}_row", f"{left} {limit.sign} {name}", evidence=(limit.evidence,)))
    for k, tie in enumerate(cover.ties, 1):
        terms = " + ".join(_one(subjects[i]) for i in tie.left)
        right = (
            str(tie.number)
            if tie.right is None
            else _one(subjects[tie.right]) + (f" + {tie.number}" if tie.number else "")
        )
        constraints.append(Constraint(f"tie_{k}", f"{terms} {tie.sign} {right}", evidence=(tie.evidence,)))
    return Formulation(
        sets=(
            _set("candidates", subjects),
            _set("elements", listed),
        ),
        parameters=tuple(parameters),
        variables=tuple(variables),
        objective=Objective(
            Sense.MINIMIZE if cover.sense == "minimize" else Sense.MAXIMIZE,
            "sum(weight[e] * served[e] for e in elements)" if cover.weight else total,
            unit="" if cover.weight else cover.unit,
            label="total",
            evidence=(cover.goal,),
        ),
        constraints=tuple(constraints),
        assumptions=(Assumption("Each candidate is chosen whole or not at all, and covers what the text names."),),
        problem_class="maximal covering" if cover.weight else _CLASSES[next(iter(cover.needs))],
    )


def _set(name: str, things: list[Thing]) -> IndexSet:
    return IndexSet(name, tuple(t.name for t in things), name, evidence=tuple(t.span for t in things))


def _binary(name: str, index: str, things: list[Thing], description: str) -> Variable:
    spans = tuple(thing.span for thing in things)
    return Variable(name, (index,), VariableDomain.BINARY, label=name, description=description, evidence=spans)


def _told(name: str, index: str, things: list[Thing], figures: dict[int, Figure], unit: str = "") -> Parameter:
    values: dict[Keys, float] = {(things[k].name,): value for k, (value, _) in figures.items()}
    spans: tuple[Span, ...] = tuple(sorted({span for _, span in figures.values()}))
    return Parameter(name, values, (index,), unit=unit, label=name, evidence=spans)


def _one(thing: Thing) -> str:
    return f"chosen[{thing.name!r}]"
