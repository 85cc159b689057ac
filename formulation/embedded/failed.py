"""The checks that a reading may fail: what each is called, and the sentence that says so.

The value of a check, its blanks as underscores, is its name in answers (`ReadingFailure.check`).
"""

from __future__ import annotations

from enum import StrEnum


class Check(StrEnum):
    """A check that a reading did not pass."""

    NAMED_ONCE = "a decision is named only once"
    INDISTINCT = "nothing tells a decision from the others"
    TWO_LIMITS = "two limits on one thing"
    CONTRADICTION = "limits contradict each other"
    NO_CONSTRAINT = "no constraint"
    IDLE_DECISION = "a decision is in nothing"
    UNBOUNDED = "nothing holds the objective"
    BOUNDED_OBJECTIVE = "what is to be best is limited"
    PARTIAL_RESOURCE = "a resource leaves a decision out"
    NO_OBJECTIVE = "no objective"
    TWO_OBJECTIVES = "two objectives"
    OBJECTIVE_WITHOUT_NUMBERS = "objective without numbers"
    NO_CONTRIBUTION = "a decision is not in the objective"
    SEVERAL_COSTS = "profit from price and cost"
    CONDITION = "a condition between decisions"
    NONLINEAR = "the objective is no sum"
    UNREAD_SUM = "a sum that could not be read"
    LONGER_LIST = "a list of the text has one more member"
    PARTIAL_SHARE = "a share of what is not told of all"
    UNREAD_COMPARISON = "a comparison that was not read"
    TWO_UNITS = "amounts of one kind in two units"
    PER_HEAD = "an amount for each of several"
    GROUP_NAME = "a name of some of the decisions"
    AMBIGUOUS = "two readings are as good"
    LOOSE_NUMBER = "a number has no place"
    UNQUANTIFIED = "an amount without a number"
    UNCLEAR_SHARE = "a limit of both or of each"

    @property
    def code(self) -> str:
        """The name of the check in answers."""
        return self.value.replace(" ", "_")


PLACED = frozenset((Check.LOOSE_NUMBER, Check.UNQUANTIFIED, Check.UNCLEAR_SHARE))
"""Checks whose sentences are told for each place of the text."""

SENTENCES = {
    Check.NAMED_ONCE: "One of {names} is hardly spoken of, so it may not be a thing to decide.",
    Check.INDISTINCT: "No number tells {names} from each other.",
    Check.TWO_LIMITS: "Two different limits of the same kind bound one thing.",
    Check.CONTRADICTION: "A lower limit lies above an upper limit of the same thing.",
    Check.NO_CONSTRAINT: "No limit was found that bounds {names}.",
    Check.IDLE_DECISION: "One of {names} stands in no limit and not in the objective.",
    Check.UNBOUNDED: "As the text was read, nothing keeps the objective from growing without end.",
    Check.BOUNDED_OBJECTIVE: "As the text was read, a limit keeps what is to be best from being any better.",
    Check.PARTIAL_RESOURCE: "A use or a yield is given for some of {names} and not for all.",
    Check.NO_OBJECTIVE: "Nothing says what is to be made as large or as small as possible.",
    Check.TWO_OBJECTIVES: "The text asks to maximize one thing and to minimize another.",
    Check.OBJECTIVE_WITHOUT_NUMBERS: "The text says what is to be best; no number says how {names} contribute to it.",
    Check.NO_CONTRIBUTION: "No number says what one of {names} contributes to the objective.",
    Check.SEVERAL_COSTS: "The text gives prices and several costs; say which costs the profit takes off.",
    Check.CONDITION: "A condition ties choices together, which this reader does not read.",
    Check.NONLINEAR: "A quotient, product or power of the decisions is asked for, which is not linear.",
    Check.UNREAD_SUM: "A sum or difference in words could not be read for sure.",
    Check.LONGER_LIST: "A list of the text has one member more than {names}.",
    Check.PARTIAL_SHARE: "A share is of something that is not told of all of {names}.",
    Check.UNREAD_COMPARISON: "A comparison between {names} could not be read.",
    Check.TWO_UNITS: "The decisions are counted in two units of one kind; give both in one unit.",
    Check.PER_HEAD: "An amount is told for each of several; say how much there is in all.",
    Check.GROUP_NAME: "One word names some of {names}, and not all; say which are meant.",
    Check.AMBIGUOUS: "Two different models explain the text equally well.",
}
"""The sentences of all others; ``{names}`` stands for the decisions."""
