"""Random formulations: the compiler against direct evaluation of the algebra, and against plain Pyomo."""

import itertools
import json
import math
import operator
import random
import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.algebra import parse, parse_heads, parse_relation
from formulation.algebra.nodes import (
    Add,
    All,
    Any,
    Best,
    Call,
    Choice,
    Compare,
    Divide,
    Given,
    Item,
    Member,
    Multiply,
    Name,
    Negate,
    Not,
    Number,
    Power,
    Sum,
    Text,
)
from formulation.compile import compile_formulation
from formulation.formulation import Constraint, Formulation, IndexSet, Objective, Parameter, Variable, VariableDomain
from formulation.render.pyomo import render
from solvers.formats.nl import parse_nl
from solvers.milp import Milp, Sense

SETS = {"sites": ("north", "south", "2"), "weeks": (1, 2, 3, 5), "late": (3, 5), "kinds": ("north", "odd, one")}
VARIABLES = {"x": ("sites", "weeks"), "y": ("weeks",), "z": (), "w": ("kinds", "sites"), "v": ("late",)}


class Author:
    """Writes random expressions that make sense."""

    def __init__(self, seed: int, curved: bool = False) -> None:
        self.random = random.Random(seed)
        self.curved = curved
        self.count = 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def number(self) -> str:
        return self.pick("2", "3.5", "0.25", "7", "1e1")

    def index(self, wanted: str, scope: dict[str, str]) -> str:
        fitting = [i for i, s in scope.items() if s == wanted or (s == "late" and wanted == "weeks")]
        options = [repr(self.pick(*SETS[wanted]))]
        if wanted != "kinds":
            options.append(self.pick(f"first({wanted})", f"last({wanted})"))
        return self.pick(*options, *fitting * 5)

    def item(self, name: str, over: tuple[str, ...], scope) -> str:
        return f"{name}[{', '.join(self.index(s, scope) for s in over)}]" if over else name

    def data(self, depth: int, scope) -> str:
        if depth <= 0 or self.random.random() < 0.4:
            name = self.pick("a", "b", "c", "d", "")
            over = {"a": (), "b": ("sites",), "c": ("weeks", "sites"), "d": ("weeks",)}
            return self.item(name, over[name], scope) if name else self.number()
        one, two = self.data(depth - 1, scope), self.data(depth - 1, scope)
        match self.random.randrange(8):
            case 0:
                return f"({one} + {two})"
            case 1:
                return f"{one} * ({two})"
            case 2:
                return f"max({one}, {two}, 1)"
            case 3:
                return f"abs({one} - {two})"
            case 4:
                return f"({one} if {self.condition(depth - 1, scope)} else {two})"
            case 5:
                index, over, inner = self.entered(scope)
                return f"{self.pick('sum', 'min', 'max')}({self.data(depth - 1, inner)} for {index} in {over})"
            case 6:
                return f"({one} / {self.number()} - -{two})"
            case _:
                return self.pick("card(weeks)", "ord('south', sites)", "-2", "sqrt(16)", "a ** 2")

    def entered(self, scope):
        self.count += 1
        index, over = f"k{self.count}", self.pick(*SETS)
        return index, over, {**scope, index: over}

    def condition(self, depth: int, scope) -> str:
        if depth > 0 and self.random.random() < 0.4:
            one, two = self.condition(depth - 1, scope), self.condition(depth - 1, scope)
            return self.pick(f"({one} and {two})", f"({one} or {two})", f"not ({one})")
        for index, over in self.random.sample(sorted(scope.items()), len(scope)):
            element = repr(self.pick(*SETS[over]))
            if over in ("weeks", "late"):
                return self.pick(
                    f"{index} > 1", f"{index} != {element}", f"{index} in late", f"1 < {index} <= 3",
                    f"ord({index}) < 2", f"given(d[{index}])", f"d[{index}] >= {index}",
                )  # fmt: skip
            return self.pick(
                f"{index} == {element}", f"{index} != {element}", f"{index} not in kinds", f"ord({index}) > 1"
            )
        return self.pick("a > 2", "a <= 3 or a > 4")

    def linear(self, depth: int, scope) -> str:
        if depth <= 0 or self.random.random() < 0.25:
            name = self.pick(*VARIABLES)
            return f"{self.data(0, scope)} * {self.item(name, VARIABLES[name], scope)}"
        one, two = self.linear(depth - 1, scope), self.linear(depth - 1, scope)
        match self.random.randrange(9 if self.curved else 8):
            case 0:
                return f"{one} + {two}"
            case 1:
                return f"{one} - ({two})"
            case 2:
                return f"{self.data(1, scope)} * ({one} + {self.data(1, scope)})"
            case 3:
                return f"-({one}) / {self.number()}"
            case 4:
                return f"({one} if {self.condition(1, scope)} else {two})"
            case 5:
                weeks = [i for i, s in scope.items() if s == "weeks"]
                if not weeks:
                    return f"{one} - {self.number()}"
                t = self.pick(*weeks)
                lag = self.pick(f"{t} - 1", f"prev({t})")
                return f"({one} if {t} == 1 or {t} == 5 else y[{lag}] - x['south', {t}])"
            case 8:
                return self.pick(f"({one}) * ({two})", f"exp(({one}) / 50)", f"({one}) ** 2", f"abs({one})")
            case _:
                index, over, inner = self.entered(scope)
                heads = f"{index} in {over}"
                if self.random.random() < 0.5:
                    heads += f" if {self.condition(1, inner)}"
                if self.random.random() < 0.4:
                    second, other, inner = self.entered(inner)
                    heads += self.pick(f", {second} in {other}", f" for {second} in {other}")
                return f"sum({self.linear(depth - 1, inner)} for {heads})"

    def constraint(self, k: int) -> Constraint:
        scope: dict[str, str] = {}
        heads = []
        for _ in range(self.random.randrange(3)):
            index, over, scope = self.entered(scope)
            heads.append(
                f"{index} in {over}" + (f" if {self.condition(1, scope)}" if self.random.random() < 0.4 else "")
            )
        left, sign = self.linear(2, scope), self.pick("<=", ">=", "==")
        right = self.pick(self.data(1, scope), self.linear(1, scope))
        text = f"{left} {sign} {right}"
        if self.random.random() < 0.2:
            text = f"-{self.number()} <= {left} <= {self.number()} + 9"
        return Constraint(f"row{k}", text, ", ".join(heads))

    def formulation(self) -> Formulation:
        numbers = lambda *sets: {k: float(self.random.randrange(-4, 9)) for k in itertools.product(*sets)}  # noqa: E731
        d = {k: v for k, v in numbers(SETS["weeks"]).items() if self.random.random() < 0.6}
        parameters = (
            Parameter("a", float(self.random.randrange(1, 6))),
            Parameter("b", numbers(SETS["sites"]), ("sites",)),
            Parameter("c", numbers(SETS["weeks"], SETS["sites"]), ("weeks", "sites")),
            Parameter("d", d, ("weeks",), default=2.0),
        )
        domains = list(VariableDomain)
        variables = tuple(
            Variable(name, over, self.pick(*domains), self.pick("0", None, "-a", "-2"), self.pick(None, "9", "a * 2"))
            for name, over in VARIABLES.items()
        )
        objective = Objective(self.pick(*Sense), self.linear(3, {}) + " + 1000 * z + 1")
        return Formulation(
            tuple(IndexSet(name, keys) for name, keys in SETS.items()),
            parameters,
            variables,
            objective,
            tuple(self.constraint(k) for k in range(3)),
        )


COMPARED = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne
}  # fmt: skip


class Direct:
    """Evaluates expressions one index at a time, as their definition says."""

    def __init__(self, formulation: Formulation, point: dict[str, dict[tuple, float]]) -> None:
        self.parameters = {p.name: p for p in formulation.parameters}
        self.point = point

    def value(self, node, env):
        match node:
            case Number(value):
                return value
            case Text(text):
                return text
            case Name(name):
                return env[name] if name in env else self.item(name, ())
            case Item(name, indices):
                return self.item(name, tuple(self.key(i, env) for i in indices))
            case Negate(operand):
                return -self.value(operand, env)
            case Add(terms):
                return sum(self.value(term, env) for term in terms)
            case Multiply(left, right):
                return self.value(left, env) * self.value(right, env)
            case Divide(left, right):
                return self.value(left, env) / self.value(right, env)
            case Power(base, exponent):
                return self.value(base, env) ** self.value(exponent, env)
            case Sum(body, generators):
                return sum(self.value(body, inner) for inner in self.envs(generators, env))
            case Best(extreme, body, generators):
                best = {"min": min, "max": max}[extreme]
                return best(self.value(body, inner) for inner in self.envs(generators, env))
            case Choice(condition, then, otherwise):
                return self.value(then if self.holds(condition, env) else otherwise, env)
            case Call(function, arguments):
                return self.call(function.value, arguments, env)
        raise AssertionError(node)

    def key(self, node, env):
        value = self.value(node, env)
        return int(value) if isinstance(value, float) else value

    def item(self, name, keys):
        if name in self.parameters:
            parameter = self.parameters[name]
            return parameter.value.get(keys, parameter.default) if keys else parameter.value
        return self.point[name][keys]

    def call(self, function, arguments, env):
        if function in ("first", "last", "card"):
            keys = SETS[arguments[0].name]
            return {"first": keys[0], "last": keys[-1], "card": len(keys)}[function]
        if function in ("prev", "next", "ord"):
            name = arguments[1].name if len(arguments) > 1 else env["of " + arguments[0].name]
            place = SETS[name].index(self.key(arguments[0], env))
            return place + 1 if function == "ord" else SETS[name][place - 1 if function == "prev" else place + 1]
        values = [self.value(argument, env) for argument in arguments]
        known = {"min": min, "max": max, "abs": abs, "exp": math.exp, "log": math.log, "sqrt": math.sqrt}
        return known[function](*values)

    def envs(self, generators, env):
        if not generators:
            return [env]
        first, *rest = generators
        found = []
        for key in SETS[first.set]:
            inner = {**env, first.index: key, "of " + first.index: first.set}
            if all(self.holds(condition, inner) for condition in first.conditions):
                found += self.envs(rest, inner)
        return found

    def holds(self, condition, env):
        match condition:
            case All(operands):
                return all(self.holds(o, env) for o in operands)
            case Any(operands):
                return any(self.holds(o, env) for o in operands)
            case Not(operand):
                return not self.holds(operand, env)
            case Member(element, name, negated):
                return (self.key(element, env) in SETS[name]) != negated
            case Given(name, indices):
                return tuple(self.key(i, env) for i in indices) in self.parameters[name].value
            case Compare(operands, comparators):
                values = [self.value(o, env) for o in operands]
                return all(COMPARED[s.value](a, b) for s, a, b in zip(comparators, values, values[1:], strict=False))
        raise AssertionError(condition)


def random_point(formulation: Formulation, seed: int):
    rng = random.Random(seed)
    return {
        v.name: {keys: rng.uniform(-3, 3) for keys in itertools.product(*(SETS[s] for s in v.indices))}
        for v in formulation.variables
    }


def residuals(formulation: Formulation, point):
    """Return, for each constraint and its elements, how far the point is from its lower and upper limit."""
    direct = Direct(formulation, point)
    found = {}
    for constraint in formulation.constraints:
        generators = parse_heads(constraint.for_each)
        relation = parse_relation(constraint.expression)
        for env in direct.envs(generators, {}):
            keys = tuple(env[g.index] for g in generators)
            values = [direct.value(o, env) for o in relation.operands]
            sign = relation.comparators[0].value
            if len(values) == 3:
                low, high = values[1] - values[0], values[2] - values[1]
            else:
                gap = values[1] - values[0]
                low = -gap if sign in (">=", "==") else math.inf
                high = gap if sign in ("<=", "==") else math.inf
            found[constraint.name, keys] = (low, high)
    return found


def close(a: float, b: float) -> bool:
    return a == b or abs(a - b) <= 1e-7 * max(1.0, abs(a), abs(b))


def assert_agrees(formulation: Formulation, model: Milp) -> None:
    for seed in (1, 2):
        point = random_point(formulation, seed)
        at = np.array([point[name][keys] for name, keys in map(model.column_names.locate, range(model.n_columns))])
        direct = Direct(formulation, point)
        assert close(model.objective_at(at), direct.value(parse(formulation.objective.expression), {}))
        wanted = residuals(formulation, point)
        activity = model.matrix @ at
        for row in range(model.n_rows):
            low, high = wanted.pop(model.row_names.locate(row))
            assert close(low, activity[row] - model.row_lower[row])
            assert close(high, model.row_upper[row] - activity[row])
        other = residuals(formulation, random_point(formulation, seed + 7))
        for key, (low, high) in wanted.items():  # rows that say nothing
            assert low >= -1e-9
            assert high >= -1e-9
            assert close(low, other[key][0])
            assert close(high, other[key][1])


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_compiled_rows_are_what_the_algebra_says(seed):
    formulation = Author(seed).formulation()
    model = compile_formulation(formulation)
    assert isinstance(model, Milp)
    assert_agrees(formulation, model)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_nl_text_is_what_the_algebra_says(seed):
    formulation = Author(seed, curved=True).formulation()
    model = compile_formulation(formulation)
    if isinstance(model, Milp):
        return
    read = parse_nl(model.nl)
    columns, rows = model.col.split("\n")[:-1], model.row.split("\n")[:-1]
    by_name = {}
    point = random_point(formulation, 3)
    milp_names = compile_formulation(
        Formulation(formulation.sets, formulation.parameters, formulation.variables, Objective(Sense.MINIMIZE, "z"))
    ).column_names
    for k, name in enumerate(milp_names):
        base, keys = milp_names.locate(k)
        by_name[name] = point[base][keys]
    at = np.array([by_name[name] for name in columns])
    direct = Direct(formulation, point)
    assert close(read.objective_at(at), direct.value(parse(formulation.objective.expression), {}))
    wanted = residuals(formulation, point)
    names = {f"{base}[{','.join(map(str, keys))}]" if keys else base: (base, keys) for base, keys in wanted}
    plain = {name.replace("'", ""): pair for name, pair in names.items()}
    activity = read.rows_at(at)
    for k, name in enumerate(rows[:-1]):
        low, high = wanted[plain[name.replace("'", "")]]
        assert close(low, activity[k] - read.row_lower[k])
        assert close(high, read.row_upper[k] - activity[k])


PYOMO_CHILD = """
import json, sys
from pyomo.repn import generate_standard_repn
import pyomo.environ as pyo
def plain(data):
    return data.name.replace("'", "")
out = []
for source in json.load(sys.stdin):
    scope = {"__name__": "program"}
    exec(source, scope)
    model = scope["build"](scope["DATA"])
    rows = {}
    for c in model.component_data_objects(pyo.Constraint):
        r = generate_standard_repn(c.body, compute_values=True)
        coefficients = {plain(v): k for v, k in zip(r.linear_vars, r.linear_coefs) if k}
        if coefficients:
            low = None if c.lower is None else pyo.value(c.lower) - r.constant
            high = None if c.upper is None else pyo.value(c.upper) - r.constant
            rows[plain(c)] = [coefficients, low, high]
    r = generate_standard_repn(model.objective.expr)
    goal = [{plain(v): k for v, k in zip(r.linear_vars, r.linear_coefs) if k}, r.constant, model.objective.sense == 1]
    columns = [[plain(v), v.lb, v.ub, v.is_integer() or v.is_binary()] for v in model.component_data_objects(pyo.Var)]
    out.append([columns, goal, rows])
json.dump(out, sys.stdout)
"""


def test_the_rendered_program_makes_the_same_matrix_in_plain_pyomo():
    formulations = [Author(seed).formulation() for seed in range(40)]
    sources = [render(formulation) for formulation in formulations]
    child = [sys.executable, "-c", PYOMO_CHILD]
    done = subprocess.run(child, input=json.dumps(sources), capture_output=True, text=True, check=True, timeout=120)
    for formulation, built in zip(formulations, json.loads(done.stdout), strict=True):
        model = compile_formulation(formulation)
        columns, (goal, constant, minimizes), rows = built
        column_names, row_names = (
            [n.replace("'", "") for n in names] for names in (model.column_names, model.row_names)
        )
        bound = lambda x: x if x is not None and math.isfinite(x) else None  # noqa: E731
        assert [c[0] for c in columns] == list(column_names)
        for k, (_, low, high, whole) in enumerate(columns):
            assert (low, high) == (bound(model.column_lower[k]), bound(model.column_upper[k]))
            assert whole == bool(model.domains[k])
        assert minimizes == (model.sense is Sense.MINIMIZE)
        assert close(constant, model.constant)
        for k, name in enumerate(column_names):
            assert close(goal.get(name, 0.0), model.objective[k])
        dense = model.matrix.toarray()
        for r, name in enumerate(row_names):
            if model.matrix.indptr[r] == model.matrix.indptr[r + 1]:  # a row that cannot hold
                assert name not in rows
                continue
            coefficients, low, high = rows.pop(name)
            first = model.matrix.indices[model.matrix.indptr[r]]
            if coefficients[column_names[first]] * dense[r, first] < 0:  # Pyomo moves everything to one side
                coefficients = {column: -value for column, value in coefficients.items()}
                low, high = (None if side is None else -side for side in (high, low))
            for k, column in enumerate(column_names):
                assert close(coefficients.get(column, 0.0), dense[r, k])
            assert close(-math.inf if low is None else low, model.row_lower[r])
            assert close(math.inf if high is None else high, model.row_upper[r])
        assert not rows
