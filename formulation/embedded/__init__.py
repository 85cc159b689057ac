"""The embedded reader: a small compiler from English to a formulation, with no chat model.

Stages, each testable apart: tokens, quantities, phrases, decisions, figures, roles, attributes, objective,
interpret (with its checks), build.
"""

from formulation.embedded.reader import read

__all__ = ["read"]
