"""The formulation of a production plan: what is made and held in each period, tied by the balance of stock."""

from __future__ import annotations

from formulation.embedded.lexicon import stem, stems
from formulation.embedded.periods import ROLES, Plan
from formulation.embedded.series import Figure
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

_BOUNDS = {
    "capacity": "make[t] <= capacity[t]",
    "least made": "make[t] >= least_made[t]",
    "overtime": "extra[t] <= overtime[t]",
    "room": "stock[t] <= room[t]",
    "safety stock": "stock[t] >= safety_stock[t]",
}
_PRICES = {"cost": "make", "overtime cost": "extra", "holding cost": "stock"}
_MEANINGS = {
    "make": "how much is made in a period",
    "extra": "how much more is made in overtime",
    "stock": "how much is left at the end of a period",
}


def periods_formulation(plan: Plan) -> Formulation:
    """Return the production and inventory model of Modigliani and Hohn (1955), linear and without backorders."""
    measured = stem(plan.unit) in stems("continuous")
    made = "make[t] + extra[t]" if "overtime" in plan.told else "make[t]"
    first = "initial_stock" if "initial stock" in plan.initial else "0"
    constraints = [
        Constraint(
            "balance",
            f"stock[t] == (stock[prev(t)] if t != first(periods) else {first}) + {made} - demand[t]",
            "t in periods",
            "balance of stock",
            evidence=_spans(plan.told["demand"]),
        )
    ]
    for role, row in _BOUNDS.items():
        if role in plan.told:
            constraints.append(
                Constraint(
                    f"{_name(role)}_limit", row, "t in periods", f"{role} limit", evidence=_spans(plan.told[role])
                )
            )
    if "final stock" in plan.initial:
        span = plan.initial["final stock"][1]
        constraints.append(
            Constraint("final_need", "stock[last(periods)] >= final_stock", "", "final stock", evidence=(span,))
        )
    return Formulation(
        sets=(IndexSet("periods", plan.periods.names, "periods", evidence=tuple(sorted(set(plan.periods.spans)))),),
        parameters=(
            *(_told(plan, role) for role in ROLES if role in plan.told),
            *(
                Parameter(_name(role), value, unit=plan.unit, label=role, evidence=(span,))
                for role, (value, span) in plan.initial.items()
            ),
        ),
        variables=tuple(
            Variable(
                name,
                ("periods",),
                VariableDomain.CONTINUOUS if measured else VariableDomain.INTEGER,
                unit=plan.unit,
                label=name,
                description=_MEANINGS[name],
                evidence=plan.periods.spans[:1],
            )
            for name in ("make", "extra", "stock")
            if name != "extra" or "overtime" in plan.told
        ),
        objective=Objective(
            Sense.MINIMIZE,
            " + ".join(
                f"sum({_name(role)}[t] * {variable}[t] for t in periods)"
                for role, variable in _PRICES.items()
                if role in plan.told
            ),
            label="total cost",
            evidence=(plan.goal,),
        ),
        constraints=tuple(constraints),
        assumptions=_assumptions(plan, measured=measured),
        problem_class="production planning",
    )


def _assumptions(plan: Plan, *, measured: bool) -> tuple[Assumption, ...]:
    said = [
        f"The amounts {'can be fractions' if measured else 'are whole numbers'}: "
        f"{'they are measured, not counted' if measured else 'they count things'}.",
        "What is made in a period can be used in the same period, and every demand is met on time.",
    ]
    if "holding cost" in plan.told:
        said.append("Holding is paid for what is left at the end of each period.")
    if "initial stock" not in plan.initial:
        said.append("There is no stock at the start.")
    if "final stock" not in plan.initial:
        said.append("What is left at the end has no value.")
    return tuple(Assumption(text) for text in said)


def _name(role: str) -> str:
    return role.replace(" ", "_")


def _spans(held: dict[int, Figure]) -> Evidence:
    return tuple(sorted({span for _, span in held.values()}))


def _told(plan: Plan, role: str) -> Parameter:
    held = plan.told[role]
    values: dict[Keys, float] = {
        (name,): held[place][0] for name, place in zip(plan.periods.names, plan.periods.order, strict=True)
    }
    return Parameter(_name(role), values, ("periods",), label=role, evidence=_spans(held))
