"""The formulation of a cutting problem: how often each pattern is used."""

from __future__ import annotations

from formulation.embedded.patterns import Patterns
from formulation.formulation import (
    Assumption,
    Constraint,
    Formulation,
    IndexSet,
    Keys,
    Objective,
    Parameter,
    Variable,
    VariableDomain,
)
from solvers.milp import Sense


def patterns_formulation(found: Patterns) -> Formulation:
    """Return the cutting stock problem over given patterns (Gilmore and Gomory 1961): whole numbers of uses."""
    ways, pieces = [name for name, _ in found.ways], [name for name, _ in found.pieces]
    gives: dict[Keys, float] = {
        (ways[i], pieces[j]): count for i, way in enumerate(found.gives) for j, (count, _) in way.items()
    }
    spans = tuple(span for way in found.gives for _, span in way.values())
    parameters = [
        Parameter("gives", gives, ("patterns", "pieces"), default=0.0, label="pieces given", evidence=spans),
        Parameter(
            "demand",
            {(name,): value for name, (value, _) in zip(pieces, found.demand, strict=True)},
            ("pieces",),
            label="demand",
            evidence=tuple(span for _, span in found.demand),
        ),
    ]
    constraints = [
        Constraint(
            "demand_need",
            "sum(gives[i, j] * uses[i] for i in patterns) >= demand[j]",
            "j in pieces",
            "demand need",
            evidence=tuple(span for _, span in found.demand),
        )
    ]
    expression = "sum(uses[i] for i in patterns)"
    if found.cost:
        costs: dict[Keys, float] = {(name,): value for name, (value, _) in zip(ways, found.cost, strict=True)}
        places = tuple(span for _, span in found.cost)
        parameters.append(
            Parameter("cost", costs, ("patterns",), unit=found.currency, label="cost of a use", evidence=places)
        )
        expression = "sum(cost[i] * uses[i] for i in patterns)"
    if found.stock is not None:
        value, span = found.stock
        parameters.append(Parameter("stock", value, label="what there is to cut", evidence=(span,)))
        constraints.append(
            Constraint("stock_limit", "sum(uses[i] for i in patterns) <= stock", label="stock limit", evidence=(span,))
        )
    return Formulation(
        sets=(
            IndexSet("patterns", tuple(ways), "patterns", evidence=tuple(span for _, span in found.ways)),
            IndexSet("pieces", tuple(pieces), "pieces", evidence=tuple(span for _, span in found.pieces)),
        ),
        parameters=tuple(parameters),
        variables=(
            Variable(
                "uses",
                ("patterns",),
                VariableDomain.INTEGER,
                label="uses",
                description="how often a pattern is used",
                evidence=tuple(span for _, span in found.ways),
            ),
        ),
        objective=Objective(
            Sense.MINIMIZE,
            expression,
            unit=found.currency,
            label="total cost" if found.cost else "how many are cut",
            evidence=(found.goal,),
        ),
        constraints=tuple(constraints),
        assumptions=(
            Assumption("Each pattern is used a whole number of times, and more pieces than are asked for do no harm."),
            *(
                (Assumption("The patterns fit the lengths that the text tells.", "", found.sizes),)
                if found.sizes
                else ()
            ),
        ),
        problem_class="cutting stock",
    )
