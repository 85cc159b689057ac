"""Formulations compiled by hand-derived matrices."""

import random

import numpy as np
import pytest

from formulation.compile import CompileError, compile_formulation
from formulation.data import Table
from formulation.formulation import (
    ColumnReference,
    Constraint,
    Formulation,
    IndexSet,
    Objective,
    Parameter,
    Variable,
    VariableDomain,
)
from solvers.milp import Domain, Sense

PLANTS = IndexSet("plants", ("north", "south"))
WEEKS = IndexSet("weeks", (1, 2, 3))
CAPACITY = Parameter("capacity", {("north",): 10.0, ("south",): 20.0}, ("plants",))
OUTPUT = Variable("make", ("plants", "weeks"))
TOTAL = Objective(Sense.MAXIMIZE, "sum(make[i, t] for i in plants, t in weeks)")


def formulation(*constraints, sets=(PLANTS, WEEKS), parameters=(CAPACITY,), variables=(OUTPUT,), objective=TOTAL):
    return Formulation(sets, parameters, variables, objective, constraints)


def test_columns_stand_in_declaration_then_row_major_order():
    start = Variable("start", ("plants",), VariableDomain.BINARY)
    model = compile_formulation(formulation(variables=(OUTPUT, start)))
    assert list(model.column_names) == [
        *("make[north,1]", "make[north,2]", "make[north,3]", "make[south,1]", "make[south,2]", "make[south,3]"),
        *("start[north]", "start[south]"),
    ]
    assert model.domains.tolist() == [Domain.CONTINUOUS] * 6 + [Domain.INTEGER] * 2
    assert model.column_upper.tolist() == [np.inf] * 6 + [1.0] * 2


def test_a_lag_takes_the_week_before():
    model = compile_formulation(
        formulation(Constraint("ramp", "make[i, t] - make[i, t - 1] <= 4", "i in plants, t in weeks if t > 1"))
    )
    assert list(model.row_names) == ["ramp[north,2]", "ramp[north,3]", "ramp[south,2]", "ramp[south,3]"]
    assert model.matrix.toarray()[0].tolist() == [-1, 1, 0, 0, 0, 0]


def test_prev_gives_the_same_rows_as_arithmetic_on_whole_numbers():
    by_number = Constraint("ramp", "make[i, t] - make[i, t - 1] <= 4", "i in plants, t in weeks if t > 1")
    by_order = Constraint("ramp", "make[i, t] - make[i, prev(t)] <= 4", "i in plants, t in weeks if t != first(weeks)")
    first, second = (compile_formulation(formulation(c)) for c in (by_number, by_order))
    assert (first.matrix != second.matrix).nnz == 0
    assert list(first.row_names) == list(second.row_names)


def test_a_lag_that_leaves_the_set_is_refused_by_name():
    with pytest.raises(
        CompileError, match=r"ramp: make is asked for at 0, which is no element of weeks \(at i=north, t=1\)"
    ):
        compile_formulation(formulation(Constraint("ramp", "make[i, t - 1] <= 4", "i in plants, t in weeks")))


def test_variables_move_to_the_left_and_numbers_to_the_right():
    model = compile_formulation(
        formulation(Constraint("stock", "make[i, 1] + 3 >= capacity[i] - make[i, 2]", "i in plants"))
    )
    assert model.matrix.toarray()[1].tolist() == [0, 0, 0, 1, 1, 0]
    assert model.row_lower.tolist() == [7.0, 17.0]
    assert model.row_upper.tolist() == [np.inf, np.inf]


def test_a_range_is_one_row():
    for text in ("2 <= make['north', 1] <= capacity['south']", "capacity['south'] >= make['north', 1] >= 2"):
        model = compile_formulation(formulation(Constraint("between", text)))
        assert (model.row_lower.tolist(), model.row_upper.tolist()) == ([2.0], [20.0])


def test_a_row_that_says_nothing_is_left_out_and_one_that_cannot_hold_is_kept():
    vain = Constraint("vain", "sum(make[i, t] for i in plants if i == 'north') <= t - 2", "t in weeks")
    # Week by week the right side is -1, 0, 1; with the sum restricted to a false condition nothing is left of it.
    empty = Constraint("empty", "sum(make[i, t] for i in plants if t > 9) <= t - 2", "t in weeks")
    model = compile_formulation(formulation(vain, empty))
    assert list(model.row_names) == ["vain[1]", "vain[2]", "vain[3]", "empty[1]"]
    assert model.row_upper[3] == -1.0


@pytest.mark.parametrize("bound", ["2 * capacity", "2 * capacity[p] for p in plants, t in weeks"])
def test_a_bound_takes_the_indices_of_its_variable(bound):
    model = compile_formulation(formulation(variables=(Variable("make", ("plants", "weeks"), upper=bound),)))
    assert model.column_upper.tolist() == [20.0] * 3 + [40.0] * 3


def test_parameters_come_from_tables_by_their_keys():
    table = Table("limits", {"site": ("south", "north"), "tons": (7.0, 5.0)})
    bound = Parameter("capacity", None, ("plants",), source=ColumnReference("limits", "tons", ("site",)))
    sets = (IndexSet("plants", source=ColumnReference("limits", "site")), WEEKS)
    limit = Constraint("limit", "make[i, 1] <= capacity[i]", "i in plants")
    model = compile_formulation(formulation(limit, sets=sets, parameters=(bound,)), (table,))
    assert list(model.row_names) == ["limit[south]", "limit[north]"]
    assert model.row_upper.tolist() == [7.0, 5.0]


def test_a_choice_follows_its_condition():
    text = "make[i, t] == (make[i, t - 1] if t > 1 else 5)"
    model = compile_formulation(formulation(Constraint("hold", text, "i in plants, t in weeks")))
    assert model.matrix.toarray()[:2, :3].tolist() == [[1, 0, 0], [-1, 1, 0]]
    assert model.row_lower[:2].tolist() == [5.0, 0.0]


REFUSED = {
    "an undefined name": (Constraint("c", "make['north', 1] <= limit"), "c: 'limit' is neither a parameter"),
    "an index too few": (Constraint("c", "make['north'] <= 1"), r"c: make takes \[plants, weeks\], and has 1 here"),
    "no such element": (Constraint("c", "make['east', 1] <= 1"), "c: make is asked for at 'east', which is no element"),
    "a set as a number": (Constraint("c", "make['north', 1] <= plants"), "c: plants is a set"),
    "a strict sign": (Constraint("c", "make['north', 1] < 1"), "c: a constraint cannot be '<'; write <="),
    "a division by zero": (Constraint("c", "make['north', 1] / (t - 2) <= 1", "t in weeks"), "c: a division by zero at t=2"),
    "texts in order": (Constraint("c", "make[i, 1] <= 1", "i in plants if i > 'a'"), "c: texts have no order"),
    "an empty range": (Constraint("c", "5 <= make['north', 1] <= 3"), "c: the range is empty: 5 exceeds 3"),
    "an element unknown in a condition": (Constraint("c", "make[i, 1] <= 1", "i in plants if i != 'nort'"), "c: 'nort' is no element of plants"),
    "the name of a variable": (Constraint("make", "make['north', 1] <= 1"), "make: a constraint and a variable"),
    "a reserved name": (Constraint("load", "make['north', 1] <= 1"), "load: the name is reserved"),
    "a number too large": (Constraint("c", "1e300 * 1e300 * make['north', 1] <= 1"), "c: a number in it is too large"),
    "an end too large": (Constraint("c", "make['north', 1] <= 1e300 * (1e300 + 0 * capacity['north'])"), "c: a number in it is too large"),
    "no such set": (Constraint("c", "make[i, 1] <= 1", "i in sites"), "c: 'sites' is no set to index over"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_model_is_refused_with_element_and_reason(name):
    constraint, message = REFUSED[name]
    with pytest.raises(CompileError, match=message):
        compile_formulation(formulation(constraint))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"objective": None}, "objective: there is none"),
        ({"objective": Objective(Sense.MINIMIZE, "capacity['north']")}, "objective: it is constant"),
        ({"objective": Objective(Sense.MINIMIZE, "0 * make['north', 1]")}, "objective: it is constant"),
        ({"sets": (IndexSet("plants", ()), WEEKS)}, "plants: the set is empty"),
        ({"sets": (IndexSet("plants"), WEEKS)}, "plants: the set has no elements yet"),
        ({"parameters": (Parameter("capacity", None, ("plants",)),)}, "capacity: the parameter has no value yet"),
        ({"parameters": (Parameter("capacity", float("nan")),)}, "capacity: capacity is nan"),
        ({"parameters": (Parameter("capacity", {("east",): 1.0}, ("plants",)),)}, "capacity: it has a number for 'east'"),
        ({"variables": ()}, "variables: there is nothing to decide"),
        ({"variables": (Variable("make", ("plants", "weeks"), lower="3", upper="2"),)}, r"the lower bound 3 of make\[north,1\]"),
    ],
)  # fmt: skip
def test_a_formulation_with_a_hole_is_refused_with_element_and_reason(change, message):
    with pytest.raises(CompileError, match=message):
        compile_formulation(formulation(**change))


def test_a_number_that_is_missing_is_named():
    partial = Parameter("capacity", {("north",): 10.0}, ("plants",))
    limit = Constraint("limit", "make[i, 1] <= capacity[i]", "i in plants")
    with pytest.raises(CompileError, match=r"limit: capacity\[south\] has no value, and the parameter no default"):
        compile_formulation(formulation(limit, parameters=(partial,)))
    given = Constraint("limit", "make[i, 1] <= capacity[i]", "i in plants if given(capacity[i])")
    assert list(compile_formulation(formulation(given, parameters=(partial,))).row_names) == ["limit[north]"]


def test_elements_that_would_share_a_name_stand_in_quotes():
    sets = (IndexSet("plants", ("a,b", "a")), IndexSet("weeks", ("c", "b,c")))
    names = list(compile_formulation(formulation(sets=sets, parameters=())).column_names)
    assert len(set(names)) == 4
    assert names[0] == "make['a,b','c']"


@pytest.mark.parametrize("seed", range(60))
def test_names_are_distinct_and_plain_where_commas_tell_elements_apart(seed):
    draw = random.Random(seed)
    elements = ["a", "b", "a,b", "b,a", "(0,1)", "(1,0)", "c,d", "a,b,c"]
    sets = tuple(IndexSet(name, tuple(draw.sample(elements, 3))) for name in ("plants", "weeks"))
    names = list(compile_formulation(formulation(sets=sets, parameters=())).column_names)
    assert len(set(names)) == len(names)
    even = [len({element.count(",") for element in one.elements}) == 1 for one in sets]
    assert ("'" not in names[0]) == any(even)


@pytest.mark.parametrize("sparse_from", [0, 10**9])
def test_running_over_the_entries_of_a_parameter_is_the_same_as_asking_for_each(monkeypatch, sparse_from):
    monkeypatch.setattr("formulation.compile.binding.SPARSE_FROM", sparse_from)
    nodes = IndexSet("nodes", ("a", "b", "c", "d"))
    # entries in no order, one of them given twice alike
    entries = {"from": ("c", "a", "a", "b", "a"), "to": ("d", "c", "b", "c", "c"), "km": (5.0, 2.0, 7.0, 1.0, 2.0)}
    length = Parameter("length", None, ("nodes", "nodes"), source=ColumnReference("arcs", "km", ("from", "to")))
    goal = Objective(Sense.MINIMIZE, "sum(length[i, j] * flow[i, j] for i in nodes, j in nodes if given(length[i, j]))")

    def compiled(condition):
        balance = (
            f"sum(flow[i, j] for j in nodes if {condition.format('i, j')}) - "
            f"sum(flow[j, i] for j in nodes if {condition.format('j, i')}) == ord(i) - 2"
        )
        constraints = (
            Constraint("balance", balance, "i in nodes"),
            Constraint("limit", "flow[i, j] <= length[i, j]", f"i in nodes, j in nodes if {condition.format('i, j')}"),
        )
        variables = (Variable("flow", ("nodes", "nodes")),)
        stated = formulation(*constraints, sets=(nodes,), parameters=(length,), variables=variables, objective=goal)
        return compile_formulation(stated, (Table("arcs", entries),))

    first, second = compiled("given(length[{}])"), compiled("(given(length[{}]) and 1 == 1)")
    assert (first.matrix != second.matrix).nnz == 0
    assert first.matrix.nnz == 12
    assert list(first.row_names) == list(second.row_names)
    assert first.row_names[4:] == ["limit[a,b]", "limit[a,c]", "limit[b,c]", "limit[c,d]"]
    assert first.row_upper[4:].tolist() == [7.0, 2.0, 1.0, 5.0]
    assert first.objective.tolist() == second.objective.tolist()


@pytest.mark.parametrize("sparse_from", [0, 10**9])
def test_a_table_that_contradicts_itself_is_refused_by_key(monkeypatch, sparse_from):
    monkeypatch.setattr("formulation.compile.binding.SPARSE_FROM", sparse_from)
    sets = (IndexSet("nodes", tuple(range(9))),)
    length = Parameter("length", None, ("nodes", "nodes"), source=ColumnReference("arcs", "km", ("from", "to")))
    table = Table("arcs", {"from": (1, 2, 1), "to": (2, 3, 2), "km": (5.0, 1.0, 6.0)})
    with pytest.raises(CompileError, match=r"'arcs' gives length\[1,2\] twice, with different numbers"):
        compile_formulation(
            formulation(
                sets=sets, parameters=(length,), variables=(Variable("x"),), objective=Objective(Sense.MINIMIZE, "x")
            ),
            (table,),
        )
