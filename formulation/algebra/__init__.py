"""The expression language of a formulation: text to typed nodes, never evaluated as Python."""

from formulation.algebra.parse import ExpressionError, parse, parse_bound, parse_heads, parse_relation

__all__ = ["ExpressionError", "parse", "parse_bound", "parse_heads", "parse_relation"]
