"""Do two models say the same thing? Decided, with a certificate."""

from equivalence.affine_map import AffineMap
from equivalence.compare import compare
from equivalence.verdict import Different, Equivalent, Level, Relation, Scope, Unknown, UnknownReason, Verdict

__all__ = [
    "AffineMap",
    "Different",
    "Equivalent",
    "Level",
    "Relation",
    "Scope",
    "Unknown",
    "UnknownReason",
    "Verdict",
    "compare",
]
