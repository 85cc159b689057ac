"""The formulation of a yes-or-no choice: a binary variable for each thing, a row for each limit and tie."""

from __future__ import annotations

from formulation.embedded.choices import Choices
from formulation.embedded.labels import Figure
from formulation.formulation import (
    Assumption,
    Constraint,
    Evidence,
    Formulation,
    Objective,
    Parameter,
    Variable,
    VariableDomain,
)
from formulation.naming import identifier
from solvers.milp import Sense

_WORDS = {"spent": "cost", "earned": "return", "": "number"}
_ENDS = {"<=": "limit", ">=": "need", "==": "count"}


class _Builder:
    """The elements made so far, and the names that they hold."""

    def __init__(self) -> None:
        self.symbols: set[str] = set()
        self.rows: set[str] = set()
        self.parameters: list[Parameter] = []
        self.constraints: list[Constraint] = []

    def parameter(self, label: str, figure: Figure) -> str:
        made = _new(label, self.symbols)
        self.parameters.append(Parameter(made, figure[0], label=label, evidence=(figure[1],)))
        return made

    def constraint(self, label: str, expression: str, evidence: Evidence) -> None:
        made = _new(label, self.rows)
        self.constraints.append(Constraint(made, expression, label=label, evidence=evidence))


def _new(label: str, taken: set[str]) -> str:
    made = identifier(label.lower(), taken)
    taken.add(made)
    return made


def choices_formulation(found: Choices) -> Formulation:
    """Return the 0-1 program of a choice: a knapsack (Dantzig 1957) with what ties its things together."""
    builder = _Builder()
    variables = [
        Variable(_new(thing.name, builder.symbols), (), VariableDomain.BINARY, label=thing.name, evidence=(thing.span,))
        for thing in found.things
    ]
    sums = {"": " + ".join(variable.name for variable in variables)}
    for kind, held in found.kinds.items():
        word = _WORDS.get(kind, kind)
        names = [builder.parameter(f"{word} {variable.label}", held[k]) for k, variable in enumerate(variables)]
        sums[kind] = " + ".join(f"{name} * {v.name}" for name, v in zip(names, variables, strict=True))
    for limit in found.limits:
        label = f"{_WORDS.get(limit.kind, limit.kind)} {_ENDS[limit.sign]}"
        bound = builder.parameter(label, limit.bound)
        builder.constraint(label, f"{sums[limit.kind]} {limit.sign} {bound}", (limit.evidence,))
    for tie in found.ties:
        left, labels = (
            " + ".join(variables[k].name for k in tie.left),
            " and ".join(variables[k].label for k in (*tie.left, *(() if tie.right is None else (tie.right,)))),
        )
        right = (
            str(tie.number)
            if tie.right is None
            else variables[tie.right].name + (f" + {tie.number}" if tie.number else "")
        )
        builder.constraint(f"tie of {labels}", f"{left} {tie.sign} {right}", (tie.evidence,))
    return Formulation(
        parameters=tuple(builder.parameters),
        variables=tuple(variables),
        objective=Objective(
            Sense.MAXIMIZE if found.sense == "maximize" else Sense.MINIMIZE,
            sums[found.aim],
            label=f"total {_WORDS.get(found.aim, found.aim)}",
            evidence=(found.goal,),
        ),
        constraints=tuple(builder.constraints),
        assumptions=(Assumption("Each thing is chosen whole or not at all, and at most once."),),
        problem_class="knapsack",
    )
