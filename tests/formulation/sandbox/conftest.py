from __future__ import annotations

from collections.abc import Iterator

import pytest

from formulation.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(parallel=4) as sandbox:
        yield sandbox
