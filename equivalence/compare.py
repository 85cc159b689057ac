"""The comparison of two models: the ladder of rungs, from the cheapest to the dearest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeVar, assert_never

import numpy as np

from equivalence.affine_map import AffineMap
from equivalence.certificate import Affine, BothEmpty, Certificate, Mapped
from equivalence.exact import is_exact, rational, settled
from equivalence.graph import graph_of
from equivalence.implication import Open, System
from equivalence.invariants import refuted_by_counting
from equivalence.isomorphism import by_columns, equivalent_by, name_map
from equivalence.linear import Linear, unit
from equivalence.mapping import Pair, Refuted, feasibility, try_bijection, try_projection
from equivalence.maps import (
    Names,
    defined_columns,
    find_section,
    given_images,
    guessed_images,
    inverted,
    keeps_names,
    names_of,
    onto_by_names,
)
from equivalence.match import Match, Undecided, match
from equivalence.normal_form import composed, normal_form
from equivalence.refine import OutOfTime
from equivalence.units import same_in_any_unit
from equivalence.verdict import Different, Equivalent, Level, Relation, Scope, Unknown, UnknownReason, Verdict
from equivalence.weisfeiler_lehman import wl_test
from equivalence.witness import NotIsomorphic, ObjectiveWitness, PointWitness, Which, Witness
from equivalence.witness_checker import clearly_missed, clearly_unequal
from solvers.errors import ModelError
from solvers.milp import Milp

MapChoice = Literal["names", "auto"]
Method = Literal["ladder", "wl"]
T = TypeVar("T")
_LARGEST_FOR_PROOFS = 20_000
_SECONDS_PER_NUMBER = 2e-5
_NOISE = Fraction(1, 10**10)
_CLEAR = Fraction(1, 10**7)


def compare(
    a: Milp,
    b: Milp,
    *,
    level: Level | str = Level.L1,
    mapping: MapChoice | AffineMap = "auto",
    units: bool = False,
    exact_objective: bool = False,
    method: Method = "ladder",
    budget_s: float = 10.0,
) -> Verdict:
    """Return whether two models are equivalent, with the proof, or why that stays unknown.

    ``level`` is what is asked; an `Equivalent` names the strongest level proved. ``mapping``: "auto" finds a
    map; "names" matches variables that share a name with each other and with nothing else, save in a plain
    renaming of the whole model (L0), and finds a map for the rest; an `AffineMap` is taken as given.
    ``exact_objective`` admits no change of the objective (factor 1, constant 0) and, with "names", no other
    map: a program against its formulation. ``units`` admits a change of unit of continuous variables. ``method``
    "wl" is the plain colour-refinement test of `equivalence.weisfeiler_lehman`. ``budget_s`` is wall time;
    beyond it the answer is `Unknown` with reason "budget". Raises `ValueError` where a given map names
    variables that do not exist.
    """
    started = time.monotonic()
    options = _Options(Level(level), mapping, units, exact_objective)
    exact = is_exact(a) and is_exact(b)
    read_a, read_b = (a, b) if exact else settled(a, b)
    ladder = _Ladder(read_a, read_b, options, started + budget_s, exact=exact)
    verdict = ladder.run() if method == "ladder" else ladder.weisfeiler_lehman()
    if isinstance(verdict, Equivalent) and not exact:
        verdict = _as_given(verdict, a, b, read_a, read_b)
    return replace(verdict, timings={**ladder.timings, "total_s": time.monotonic() - started})


def _as_given(verdict: Equivalent, a: Milp, b: Milp, read_a: Milp, read_b: Milp) -> Equivalent:
    """Return the verdict with the objective's factor and constant between the models as they were given."""
    largest = [float(np.abs(m.objective).max(initial=0.0)) for m in (a, b, read_a, read_b)]
    unit_a = rational(largest[0] / largest[2]) if largest[2] else Fraction(1)
    unit_b = rational(largest[1] / largest[3]) if largest[3] else Fraction(1)
    if abs(unit_a - 1) < _NOISE and abs(unit_b - 1) < _NOISE:
        return replace(verdict, exact=False)
    factor, constant = verdict.objective_factor * unit_b / unit_a, verdict.objective_constant * unit_b
    return replace(verdict, exact=False, objective_factor=factor, objective_constant=constant)


@dataclass(frozen=True, slots=True, eq=False)
class _Options:
    level: Level
    mapping: MapChoice | AffineMap
    units: bool
    exact_objective: bool

    @property
    def strict_names(self) -> bool:
        """Whether variables are matched by name and in no other way."""
        return self.mapping == "names" and self.exact_objective


@dataclass(slots=True)
class _Ladder:
    a: Milp
    b: Milp
    options: _Options
    deadline: float
    timings: dict[str, float] = field(default_factory=dict)
    opened: list[Open] = field(default_factory=list)
    crossed: Unknown | None = None
    exact: bool = True

    def run(self) -> Verdict:
        """Climb the ladder until a rung decides."""
        options = self.options
        graph_a, graph_b = self._timed("normal_form_s", lambda: (graph_of(self.a), graph_of(self.b)))
        named = name_map(self.a, self.b)
        if named is not None and not isinstance(options.mapping, AffineMap):
            found = self._timed("by_name_s", lambda: by_columns(self.a, self.b, graph_a, graph_b, named))
            verdict = found and equivalent_by(self.a, self.b, graph_a, graph_b, found)
            if verdict and (verdict.same_objective or not options.exact_objective):
                return verdict
        refutation: NotIsomorphic | None = None
        if options.level is Level.L0 or not (options.strict_names or isinstance(options.mapping, AffineMap)):
            matching = self._timed("match_s", lambda: match(graph_a, graph_b, deadline=self.deadline))
            match matching:
                case Match():
                    verdict = equivalent_by(self.a, self.b, graph_a, graph_b, matching)
                    if verdict and (verdict.same_objective or not options.exact_objective):
                        return verdict
                case NotIsomorphic():
                    refutation = matching
                case Undecided():
                    self.opened.append(Open(UnknownReason.BUDGET, matching.detail))
                case _:
                    assert_never(matching)
        if options.level is Level.L0:
            if refutation is not None:
                return Different(Level.L0, Scope.ANY_MAP, refutation, exact=self.exact)
            return self._unknown()
        return self._timed("proof_s", self._by_proof)

    def _by_proof(self) -> Verdict:
        for model, name in ((self.a, "A"), (self.b, "B")):
            if model.quadratic is not None or bool((model.domains >= 2).any()):
                what = "a quadratic objective" if model.quadratic is not None else "semi-continuous variables"
                return Unknown(self.options.level, UnknownReason.UNSUPPORTED_CLASS, f"model {name} has {what}")
        if self.a.nonzeros + self.b.nonzeros > _LARGEST_FOR_PROOFS:
            self.opened.append(Open(UnknownReason.NO_MAP, "no isomorphism, and too large for the proofs beyond it"))
            return self._unknown()
        size = self.a.nonzeros + self.a.n_columns + self.b.nonzeros + self.b.n_columns
        if time.monotonic() + size * _SECONDS_PER_NUMBER > self.deadline:
            self.opened.append(
                Open(UnknownReason.BUDGET, "too little of the budget is left to write the models exactly")
            )
            return self._unknown()
        pair = Pair(System(self.a, deadline=self.deadline), System(self.b, deadline=self.deadline))
        known = feasibility(pair)
        match known.verdict():
            case None:
                pass
            case BothEmpty() as empty:
                notes = ("both models are infeasible, so they are equal vacuously",)
                return self._equivalent(empty, Scope.FOUND_MAP, notes=notes)
            case witness:
                return self._different(Scope.ANY_MAP, witness)
        for outcome in (known.a, known.b):
            if isinstance(outcome, Open):
                self.opened.append(outcome)
        if self._is_late():
            return self._unknown()
        if isinstance(self.options.mapping, AffineMap):
            return self._given(pair, self.options.mapping)
        return self._found(pair)

    def _is_late(self, needed_s: float = 0.0) -> bool:
        """Return whether less than the seconds needed are left, and note it."""
        late = time.monotonic() + needed_s > self.deadline
        if late:
            self.opened.append(Open(UnknownReason.BUDGET, "the budget ran out before the proofs did"))
        return late

    def _given(self, pair: Pair, given: AffineMap) -> Verdict:
        onto = given_images(pair.a.linear, pair.b.linear, given)
        back = inverted(onto, pair.b.n)
        exact = self.options.exact_objective
        if back is not None:
            outcome = try_bijection(pair, onto, back, exact_objective=exact)
        else:
            outcome = self._project(pair, onto, {}, "b")
        return self._settled(outcome, Scope.GIVEN_MAP) or self._unknown()

    def _found(self, pair: Pair) -> Verdict:
        names = names_of(pair.a.linear, pair.b.linear)
        refuted: Refuted | None = None
        if not names.only_a and not names.only_b:
            onto, back = onto_by_names(pair.a.linear, names, {}), onto_by_names(pair.b.linear, names.turned(), {})
            outcome = try_bijection(pair, onto, back, exact_objective=self.options.exact_objective)
            if isinstance(outcome, Mapped):
                return self._equivalent(outcome, Scope.BY_NAME)
            if isinstance(outcome, Open):
                self.opened.append(outcome)
            else:
                refuted = outcome
        if not self.options.strict_names and not (refuted is None and self._is_late()):
            verdict = self._by_normal_form(pair, names) or self._by_completed_names(pair, names)
            if verdict is not None:
                return verdict
        if refuted is not None and self.options.mapping == "names":
            if self.crossed is not None:
                return self.crossed
            if not self.options.units:
                return self._different(Scope.BY_NAME, refuted)
            in_units = same_in_any_unit(pair, names, refuted)
            settled = self._settled(in_units.outcome, Scope.BY_NAME)
            if settled is not None:
                return replace(settled, notes=(in_units.note,))
        invariant = refuted_by_counting(pair.a.linear, pair.b.linear, self.options.level)
        if invariant is not None:
            return self._different(Scope.ANY_MAP, invariant)
        return self._unknown()

    def _by_normal_form(self, pair: Pair, names: Names) -> Verdict | None:
        for units in (False, True) if self.options.units else (False,):
            try:
                a, b = (normal_form(m, units=units, deadline=self.deadline) for m in (self.a, self.b))
            except ModelError:
                return None
            except OutOfTime:
                self.opened.append(Open(UnknownReason.BUDGET, "the budget ran out in the normal form"))
                return None
            found = match(graph_of(a.model), graph_of(b.model), deadline=self.deadline)
            if not isinstance(found, Match):
                continue
            onto, back = composed(a, b, found.columns.tolist())
            outcome = try_bijection(pair, onto, back, exact_objective=self.options.exact_objective)
            if isinstance(outcome, Mapped):
                if self.options.mapping == "names" and not keeps_names(pair.b, names, onto, units=units):
                    detail = "equivalent under a map that does not match the names (asked for with mapping 'auto')"
                    self.crossed = Unknown(self.options.level, UnknownReason.NO_MAP, detail)
                    continue
                return self._equivalent(outcome, Scope.FOUND_MAP, notes=(*a.log, *b.log))
            if isinstance(outcome, Open):
                self.opened.append(outcome)
        return None

    def _by_completed_names(self, pair: Pair, names: Names) -> Verdict | None:
        """Try the maps that complete the names: A onto B and B onto A."""
        if not names.pairs and not (names.only_a and names.only_b):
            return None
        extended: Which
        for extended in ("b", "a"):
            big, small = (pair.b, pair.a) if extended == "b" else (pair.a, pair.b)
            matched = names if extended == "b" else names.turned()
            if not matched.only_b:
                continue
            if not matched.only_a:
                onto = onto_by_names(small.linear, matched, {})
                known = defined_columns(big.linear, matched)
                verdict = self._complete(pair, onto, known, matched, extended)
                if verdict is not None:
                    return verdict
                continue
            for own in guessed_images(small.linear, big.linear, matched):
                if time.monotonic() > self.deadline:
                    return None
                onto = onto_by_names(small.linear, matched, own)
                verdict = self._complete(pair, onto, {}, matched, extended)
                if verdict is not None:
                    return verdict
        return None

    def _complete(
        self, pair: Pair, onto: Sequence[Affine], known: dict[int, Affine], names: Names, extended: Which
    ) -> Verdict | None:
        big = pair.of(extended)
        paired = {k: unit(j) for j, k in names.pairs}
        back: list[Affine] | None = inverted(onto, big.n) if len(onto) == big.n else None
        if len(known) == len(names.only_b):
            back = [known[k] if k in known else paired[k] for k in range(big.n)]
        unscaled = all(abs(v) == 1 for j in names.only_a for _, v in onto[j].terms) or self.options.units
        if back is not None and (unscaled or names.only_a == ()):
            exact = self.options.exact_objective
            outcome: Mapped | Refuted | Open = try_bijection(pair, onto, back, extended=extended, exact_objective=exact)
            if isinstance(outcome, Mapped):
                return self._equivalent(outcome, Scope.FOUND_MAP)
        if self.options.level is Level.L2 and (back is None or names.only_a == ()):
            outcome = self._project(pair, onto, {**paired, **known}, extended)
            if isinstance(outcome, Mapped) and not self.options.exact_objective:
                return self._equivalent(outcome, Scope.FOUND_MAP)
            if isinstance(outcome, Open):
                self.opened.append(outcome)
        return None

    def _project(self, pair: Pair, onto: Sequence[Affine], known: dict[int, Affine], extended: Which) -> Mapped | Open:
        return try_projection(
            pair, onto, lambda small, big, images: find_section(small, big, images, known), extended=extended
        )

    def _settled(self, outcome: Mapped | Refuted | Open | None, scope: Scope) -> Verdict | None:
        match outcome:
            case None:
                return None
            case Mapped():
                return self._equivalent(outcome, scope)
            case Open():
                self.opened.append(outcome)
                return None
            case _:
                return self._different(scope, outcome)

    def _equivalent(self, certificate: Certificate, scope: Scope, notes: tuple[str, ...] = ()) -> Verdict:
        level, relation = Level.L1, Relation.REFORMULATED
        if not isinstance(certificate, Mapped):
            return Equivalent(level, relation, scope, certificate, exact=self.exact, notes=notes)
        factor, constant = certificate.factor, certificate.constant
        if certificate.extended == "a":
            factor, constant = 1 / factor, -constant / factor
        if certificate.inverse is None:
            level = Level.L2
        if self.options.exact_objective and (factor != 1 or constant != 0):
            return Unknown(self.options.level, UnknownReason.NO_MAP, "the objectives agree up to a factor only")
        if level is Level.L2 and self.options.level is not Level.L2:
            return Unknown(self.options.level, UnknownReason.PROJECTION_ONLY, "equivalent at level L2 only")
        units = self._units(certificate)
        if units:
            relation = Relation.RESCALED
        return Equivalent(
            level, relation, scope, certificate, factor, constant, exact=self.exact, units=units, notes=notes
        )

    def _units(self, certificate: Mapped) -> dict[str, tuple[Fraction, Fraction]]:
        """Return the columns of the extended model whose image scales them."""
        base = self.a if certificate.extended == "b" else self.b
        return {
            base.column_names[j]: (form.terms[0][1], form.constant)
            for j, form in enumerate(certificate.onto.images)
            if certificate.inverse is not None and len(form.terms) == 1 and abs(form.terms[0][1]) != 1
        }

    def _different(self, scope: Scope, witness: Witness) -> Verdict:
        if not self.exact and not self._clear(witness):
            detail = "a difference was found, but it may be rounding noise in the numbers"
            return Unknown(self.options.level, UnknownReason.INEXACT_DATA, detail)
        return Different(self.options.level, scope, witness, exact=self.exact)

    def _clear(self, witness: Witness) -> bool:
        """Return whether a witness found on inexact numbers is far beyond their noise."""
        if isinstance(witness, ObjectiveWitness):
            return clearly_unequal(self.a, self.b, witness, _CLEAR)
        if not isinstance(witness, PointWitness):
            return False
        inside, other = (self.a, self.b) if witness.inside == "a" else (self.b, self.a)
        return clearly_missed(Linear(inside), Linear(other), witness, _CLEAR)

    def _unknown(self) -> Unknown:
        """Return the most telling of the reasons met on the way."""
        order = [
            UnknownReason.BUDGET,
            UnknownReason.UNBOUNDED_INTEGER,
            UnknownReason.TOLERANCE,
            UnknownReason.PROJECTION_ONLY,
            UnknownReason.NO_MAP,
        ]
        for reason in order:
            for outcome in self.opened:
                if outcome.reason is reason:
                    return Unknown(self.options.level, reason, outcome.detail)
        return Unknown(self.options.level, UnknownReason.NO_MAP, "no map between the variables was found")

    def weisfeiler_lehman(self) -> Verdict:
        """Return what the plain colour-refinement test proves; its own word is in the notes."""
        graph_a, graph_b = self._timed("normal_form_s", lambda: (graph_of(self.a), graph_of(self.b)))
        try:
            test = self._timed("wl_s", lambda: wl_test(graph_a, graph_b, deadline=self.deadline))
        except OutOfTime:
            return Unknown(Level.L0, UnknownReason.BUDGET, "the refinement did not end in time")
        says = f"the test says {test.says}, which is {'a' if test.is_proof else 'no'} proof"
        parts = (("A", test.decomposable_a), ("B", test.decomposable_b))
        notes = (says, *(f"{n} is{'' if d else ' not'} symmetric decomposable" for n, d in parts if d is not None))
        if not test.same_colours:
            return Different(Level.L0, Scope.ANY_MAP, test.refutation(), notes=notes)
        if test.says:
            found = match(graph_a, graph_b, deadline=self.deadline)
            verdict = isinstance(found, Match) and equivalent_by(self.a, self.b, graph_a, graph_b, found)
            if verdict:
                return replace(verdict, notes=notes)
        return Unknown(Level.L0, UnknownReason.NO_MAP, f"{says}; method 'ladder' decides more", notes=notes)

    def _timed(self, name: str, work: Callable[[], T]) -> T:
        started = time.monotonic()
        try:
            return work()
        finally:
            self.timings[name] = time.monotonic() - started
