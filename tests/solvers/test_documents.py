"""What the documents show is true."""

from __future__ import annotations

import re
from pathlib import Path

from solvers.formats import read
from solvers.registry import names

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_json_of_the_document_is_read():
    text = (DOCS / "formats.md").read_text()
    example = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert example is not None
    model = read(example.group(1), "json")
    assert list(model.column_names) == ["x", "y"]


def test_every_backend_is_in_the_table():
    text = (DOCS / "solvers.md").read_text()
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)) == set(names())
