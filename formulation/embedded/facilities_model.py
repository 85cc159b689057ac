"""The formulation of a facility location problem: a transport problem whose origins are open or not."""

from __future__ import annotations

from dataclasses import replace

from formulation.embedded.facilities import Facilities
from formulation.embedded.network_model import network_formulation
from formulation.embedded.unfold import relocated
from formulation.formulation import (
    Assumption,
    Constraint,
    Formulation,
    Keys,
    Parameter,
    Variable,
    VariableDomain,
)


def facilities_formulation(found: Facilities) -> Formulation:
    """Return the facility location problem (Balinski 1965), its spans in the text that was given."""
    network = found.network
    plain: Formulation = relocated(network_formulation(network), found.unfolded)
    objective = plain.objective
    places = tuple(span for _, span in found.opening.values())
    costs: dict[Keys, float] = {(network.origins[k].name,): value for k, (value, _) in found.opening.items()}
    rest = [c for c in plain.constraints if c.name != "supply_limit"]
    supply = next(c for c in plain.constraints if c.name == "supply_limit")
    if network.ample:
        demand = next(c for c in rest if c.name == "demand_need")
        linked = Constraint(
            "only_if_open",
            "shipment[i, j] <= demand[j] * opened[i]",
            "i in origins, j in destinations",
            "only if open",
            evidence=demand.evidence,
        )
        said = "Nothing is sent from a site that is not open; an open one can send all that is needed."
    else:
        linked = replace(
            supply,
            expression="sum(shipment[i, j] for j in destinations) <= supply[i] * opened[i]",
            label="only if open",
        )
        said = "Nothing is sent from a site that is not open."
    return replace(
        plain,
        parameters=(
            *(p for p in plain.parameters if not (network.ample and p.name == "supply")),
            Parameter("opening", costs, ("origins",), unit=network.currency, label="cost of opening", evidence=places),
        ),
        variables=(
            *plain.variables,
            Variable(
                "opened",
                ("origins",),
                VariableDomain.BINARY,
                label="opened",
                description="whether an origin is open",
                evidence=tuple(plain.symbol("origins").evidence),
            ),
        ),
        objective=None
        if objective is None
        else replace(objective, expression=f"{objective.expression} + sum(opening[i] * opened[i] for i in origins)"),
        constraints=(linked, *rest),
        assumptions=(*plain.assumptions, Assumption(said, "opened")),
        problem_class="facility location",
    )
