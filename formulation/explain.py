"""An answer in sentences. Every number in them is taken from the model or from the solution."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from formulation.answer import Answer, AnsweredVariable, CheckResult, ConstraintFamily, Status
from formulation.language import gettext, ngettext, pgettext, quantity, speaking, spoken
from solvers.milp import Sense

LISTED = 12
"""How many decisions or rows a sentence lists before it counts the rest."""


def decision(variable: AnsweredVariable) -> str:
    """Return the name of a decision with its index."""
    if not variable.index:
        return variable.name
    return f"{variable.name}[{', '.join(str(key) for key in variable.index)}]"


def explain(answer: Answer, language: str = "en") -> Answer:
    """Return the answer with what the product itself says of it, in a language, or in English without a catalog of it.

    That is its headline, its explanation and the titles of its checks.
    """
    with speaking(language):
        sentences = [*_sentences(answer), _not_spoken(language)]
        return replace(
            answer,
            language=spoken(language),
            headline=headline(answer.status),
            explanation=reduce(_followed, filter(None, sentences), ""),
            checks=tuple(replace(check, title=title(check.name)) for check in answer.checks),
        )


def headline(status: Status) -> str:
    """Return what an answer holds, in a few words."""
    return {
        Status.OPTIMAL: gettext("The best answer"),
        Status.FEASIBLE: gettext("A feasible answer, not proved the best"),
        Status.INFEASIBLE: gettext("No choice meets all the constraints"),
        Status.UNBOUNDED: gettext("Nothing limits the objective"),
        Status.NO_SOLUTION: gettext("Stopped before a solution was found"),
        Status.NOT_UNDERSTOOD: gettext("Not understood"),
        Status.NEEDS_ANSWERS: gettext("One thing first"),
        Status.ERROR: gettext("The work could not be finished"),
    }[status]


def title(check: str) -> str:
    """Return what a check is called; its own name, in words, where it is none of the product's."""
    titles = {
        "reading": gettext("reading"),
        "aim_stated": gettext("aim stated"),
        "names_defined": gettext("names defined"),
        "indices_fit": gettext("indices fit"),
        "numbers_covered": gettext("numbers covered"),
        "elements_traced": gettext("elements traced"),
        "units_agree": gettext("units agree"),
        "directions_agree": gettext("directions agree"),
        "variables_used": gettext("variables used"),
        "bounded": gettext("bounded"),
        "model_built": gettext("model built"),
        "renderer_agrees": gettext("renderer agrees"),
        "program_agrees": gettext("program agrees"),
        "program_ran": gettext("program ran"),
        "optima_agree": gettext("optima agree"),
        "samples_agree": gettext("samples agree"),
        "readers_agree": gettext("readers agree"),
        "solution_replayed": gettext("solution replayed"),
        "optimum_plausible": gettext("optimum plausible"),
        "perturbed_data_agrees": gettext("perturbed data agrees"),
        "constraints_bite": gettext("constraints bite"),
        "reviewer": gettext("reviewer"),
        "analyst_replied": gettext("analyst replied"),
        "formulator_replied": gettext("formulator replied"),
        "coder_replied": gettext("coder replied"),
        "debugger_replied": gettext("debugger replied"),
        "reviewer_replied": gettext("reviewer replied"),
    }
    return titles.get(check) or check.replace("_", " ")


def joined(parts: list[str]) -> str:
    """Return the members of a list as a sentence lists them."""
    return pgettext("between the members of a list", ", ").join(parts)


def _followed(sentences: str, sentence: str) -> str:
    together = pgettext("a sentence after others", "{sentences} {sentence}")
    return together.format(sentences=sentences, sentence=sentence) if sentences else sentence


def _sentences(answer: Answer) -> list[str]:
    match answer.status:
        case Status.OPTIMAL | Status.FEASIBLE:
            return [_objective(answer), _decisions(answer), _binding(answer), _caveat(answer)]
        case Status.INFEASIBLE:
            return [gettext("No choice of values meets all the constraints at once."), answer.termination.detail]
        case Status.UNBOUNDED:
            said = gettext("Nothing in the model keeps the objective from improving without end.")
            return [said, answer.termination.detail]
        case Status.NO_SOLUTION:
            if not answer.termination.limit:
                return [gettext("The solver was stopped before it held any solution.")]
            said = gettext("The solver was stopped by a limit ({limit}) before it held any solution.")
            return [said.format(limit=answer.termination.limit)]
        case Status.NEEDS_ANSWERS:
            said = gettext("The text can be read in more than one way.")
            count = len(answer.questions)
            if count == 1:
                return [said, answer.questions[0].text]
            asked = ngettext("There is {count} question.", "There are {count} questions.", count)
            return [said, asked.format(count=count)]
        case Status.NOT_UNDERSTOOD:
            said = gettext("The text was not understood well enough to stand behind a model.")
            return [said, answer.termination.detail]
        case Status.ERROR:
            return [answer.termination.detail or gettext("The work could not be finished.")]


def _objective(answer: Answer) -> str:
    objective = answer.objective
    if objective is None or objective.value is None:
        return ""
    proved, largest = answer.status is not Status.FEASIBLE, objective.sense is Sense.MAXIMIZE
    if proved and largest:
        said = gettext("The largest possible value of {what} is {value}.")
    elif proved:
        said = gettext("The smallest possible value of {what} is {value}.")
    elif largest:
        said = gettext("The best value found for {what} is {value}; that it is the largest possible was not proved.")
    else:
        said = gettext("The best value found for {what} is {value}; that it is the smallest possible was not proved.")
    what = objective.description or gettext("the objective")
    return said.format(what=what, value=quantity(objective.value, objective.unit))


def _decisions(answer: Answer) -> str:
    chosen = [v for v in answer.variables if v.value is not None and abs(v.value) > 1e-9]
    if not chosen:
        return gettext("Every decision is zero.") if answer.variables else ""
    listed = joined([f"{decision(v)} = {quantity(v.value or 0.0, v.unit)}" for v in chosen[:LISTED]])
    more = len(chosen) - LISTED
    if more <= 0:
        return gettext("It is reached with {listed}.").format(listed=listed)
    said = ngettext(
        "It is reached with {listed}, and {count} more.", "It is reached with {listed}, and {count} more.", more
    )
    return said.format(listed=listed, count=more)


def binding_families(answer: Answer) -> list[ConstraintFamily]:
    """Return the families of which a shown row binds."""
    return [family for family in answer.constraints if any(row.binding for row in family.rows.items)]


def _binding(answer: Answer) -> str:
    names = [family.name for family in binding_families(answer)]
    if not names:
        return gettext("No constraint binds.") if answer.constraints else ""
    listed, more = joined(names[:LISTED]), len(names) - LISTED
    if more <= 0:
        return gettext("What binds: {listed}.").format(listed=listed)
    said = ngettext("What binds: {listed}, and {count} more.", "What binds: {listed}, and {count} more.", more)
    return said.format(listed=listed, count=more)


def _caveat(answer: Answer) -> str:
    if answer.confident:
        return ""
    failed = [title(check.name) for check in answer.checks if check.result is CheckResult.FAILED]
    if not failed:
        return gettext("Treat this with care: the checks do not carry a confident answer.")
    said = ngettext(
        "Treat this with care: a check failed ({failed}).",
        "Treat this with care: checks failed ({failed}).",
        len(failed),
    )
    return said.format(failed=joined(failed))


def _not_spoken(language: str) -> str:
    """Return, in English, that it is English for want of a catalog; empty where there is one."""
    if spoken(language) == language:
        return ""
    from babel import Locale, UnknownLocaleError

    try:
        name = Locale.parse(language).english_name or language
    except (UnknownLocaleError, ValueError):
        name = language
    return f"milpwright has no sentences in {name}, so it says this in English."
