"""Small models for the tests of this package."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from solvers.example_models import model
from solvers.milp import Milp


@pytest.fixture(scope="session")
def make() -> Callable[..., Milp]:
    """A model from plain numbers; rows are (coefficients, lower, upper)."""
    return model
