"""The formulation of a network: two sets, a variable for each pair, and a constraint family for each side."""

from __future__ import annotations

from formulation.embedded.lexicon import stem, stems
from formulation.embedded.networks import End, Figure, Network
from formulation.formulation import (
    Assumption,
    Constraint,
    Evidence,
    Formulation,
    IndexSet,
    Keys,
    Objective,
    Parameter,
    Variable,
    VariableDomain,
)
from solvers.milp import Sense


def network_formulation(network: Network) -> Formulation:
    """Return the transport problem (Hitchcock 1941) or the assignment problem (Kuhn 1955) of a whole network."""
    return _transport(network) if network.moved else _assignment(network)


def _transport(network: Network) -> Formulation:
    measured = stem(network.unit) in stems("continuous")
    why = "they are measured, not counted" if measured else "they count things"
    sent = "Every origin sends out all that it has" if network.every else "No origin sends out more than it has"
    got = (
        "no destination gets more than it can take"
        if network.capacity
        else "every destination gets at least what it needs"
    )
    single, constraints = _single(network)
    priced = "cost" if network.sense == "minimize" else "value"
    return Formulation(
        sets=(_set("origins", network.origins), _set("destinations", network.destinations)),
        parameters=(
            _pairs(network, priced),
            _ends("supply", "origins", network.origins, network.supply, network.unit),
            _ends("demand", "destinations", network.destinations, network.demand, network.unit),
            *single,
        ),
        variables=(
            Variable(
                "shipment",
                ("origins", "destinations"),
                VariableDomain.CONTINUOUS if measured else VariableDomain.INTEGER,
                unit=network.unit,
                label="shipment",
                description="how much goes from an origin to a destination",
                evidence=_places(network),
            ),
        ),
        objective=_objective(network, priced, "shipment"),
        constraints=(
            Constraint(
                "supply_all" if network.every else "supply_limit",
                f"sum(shipment[i, j] for j in destinations) {'==' if network.every else '<='} supply[i]",
                "i in origins",
                "all of the supply" if network.every else "supply limit",
                evidence=_spans(network.supply),
            ),
            Constraint(
                "demand_limit" if network.capacity else "demand_need",
                f"sum(shipment[i, j] for i in origins) {'<=' if network.capacity else '>='} demand[j]",
                "j in destinations",
                "demand limit" if network.capacity else "demand need",
                evidence=_spans(network.demand),
            ),
            *constraints,
        ),
        assumptions=(
            Assumption(f"The amounts {'can be fractions' if measured else 'are whole numbers'}: {why}."),
            Assumption(f"{sent}, and {got}."),
        ),
        problem_class="transport",
    )


def _single(network: Network) -> tuple[list[Parameter], list[Constraint]]:
    """Return what holds for single routes and origins: the most, the least, and routes that are ruled out."""
    parameters, constraints = [], []
    origins, destinations = network.origins, network.destinations
    for k, ((i, j), figure) in enumerate(network.route.items(), 1):
        name = f"route_{k}"
        label = f"most from {origins[i].name} to {destinations[j].name}"
        parameters.append(Parameter(name, figure[0], unit=network.unit, label=label, evidence=(figure[1],)))
        there = f"shipment[{origins[i].name!r}, {destinations[j].name!r}]"
        constraints.append(Constraint(f"{name}_limit", f"{there} <= {name}", label=label, evidence=(figure[1],)))
    for k, (i, figure) in enumerate(network.least.items(), 1):
        name, label = f"least_{k}", f"least from {origins[i].name}"
        parameters.append(Parameter(name, figure[0], unit=network.unit, label=label, evidence=(figure[1],)))
        sent = f"sum(shipment[{origins[i].name!r}, j] for j in destinations)"
        constraints.append(Constraint(f"{name}_sent", f"{sent} >= {name}", label=label, evidence=(figure[1],)))
    return parameters, [*constraints, *_ruled_out(network, "shipment")]


def _ruled_out(network: Network, variable: str) -> list[Constraint]:
    """Return a row for each pair that the text rules out."""
    return [
        Constraint(
            f"ruled_out_{k}",
            f"{variable}[{network.origins[i].name!r}, {network.destinations[j].name!r}] == 0",
            label=f"not {network.origins[i].name} with {network.destinations[j].name}",
            evidence=(network.origins[i].span, network.destinations[j].span),
        )
        for k, (i, j) in enumerate(sorted(network.banned), 1)
    ]


def _assignment(network: Network) -> Formulation:
    m, n = len(network.origins), len(network.destinations)
    rows, columns = ("==" if m <= n else "<="), ("==" if n <= m else "<=")
    said = (
        "Each is assigned exactly once." if m == n else "Each of the fewer is assigned once, the others at most once."
    )
    return Formulation(
        sets=(_set("origins", network.origins, "first"), _set("destinations", network.destinations, "second")),
        parameters=(_pairs(network, "score"),),
        variables=(
            Variable(
                "assigned",
                ("origins", "destinations"),
                VariableDomain.BINARY,
                label="assigned",
                description="whether the two belong together",
                evidence=_places(network),
            ),
        ),
        objective=_objective(network, "score", "assigned"),
        constraints=(
            Constraint(
                "first_once",
                f"sum(assigned[i, j] for j in destinations) {rows} 1",
                "i in origins",
                "first once",
                evidence=tuple(end.span for end in network.origins),
            ),
            Constraint(
                "second_once",
                f"sum(assigned[i, j] for i in origins) {columns} 1",
                "j in destinations",
                "second once",
                evidence=tuple(end.span for end in network.destinations),
            ),
            *_ruled_out(network, "assigned"),
        ),
        assumptions=(Assumption(said),),
        problem_class="assignment",
    )


def _set(name: str, ends: list[End], label: str = "") -> IndexSet:
    spans = tuple(end.span for end in ends)
    return IndexSet(name, tuple(end.name for end in ends), label or name, evidence=spans)


def _places(network: Network) -> Evidence:
    return tuple(end.span for end in (*network.origins, *network.destinations))


def _spans(figures: dict[int, Figure]) -> Evidence:
    return tuple(span for _, span in figures.values())


def _pairs(network: Network, name: str) -> Parameter:
    values: dict[Keys, float] = {
        (network.origins[i].name, network.destinations[j].name): value for (i, j), (value, _) in network.pair.items()
    }
    spans = tuple(span for _, span in network.pair.values())
    unit = f"{network.currency}/{network.unit}" if network.currency and network.unit else network.currency
    default = 0.0 if network.banned else None
    return Parameter(name, values, ("origins", "destinations"), default, unit=unit, label=name, evidence=spans)


def _ends(name: str, index: str, ends: list[End], figures: dict[int, Figure], unit: str) -> Parameter:
    values: dict[Keys, float] = {(ends[k].name,): value for k, (value, _) in figures.items()}
    return Parameter(name, values, (index,), unit=unit, label=name, evidence=_spans(figures))


def _objective(network: Network, parameter: str, variable: str) -> Objective:
    sense = Sense.MINIMIZE if network.sense == "minimize" else Sense.MAXIMIZE
    return Objective(
        sense,
        f"sum({parameter}[i, j] * {variable}[i, j] for i in origins, j in destinations)",
        unit=network.currency,
        label=f"total {parameter}",
        evidence=(network.goal,),
    )
