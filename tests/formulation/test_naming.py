"""Identifiers stand in expressions and programs as they are, and lead back to their labels."""

import json
import keyword
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulation.algebra import parse
from formulation.algebra.nodes import Name
from formulation.naming import RESERVED, Naming, identifier, is_usable


@given(st.text())
def test_any_label_becomes_a_usable_name(label):
    name = identifier(label)
    assert is_usable(name)
    assert parse(name) == Name(name)


@given(st.lists(st.text(), unique=True, max_size=30))
def test_labels_and_identifiers_are_one_to_one(labels):
    naming = Naming()
    names = [naming.identifier(label) for label in labels]
    assert len(set(names)) == len(labels)
    assert [naming.label(name) for name in names] == labels


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("rye loaves", "rye_loaves"),
        ("load", "load_"),
        ("class", "class_"),
        ("model", "model_"),
        ("sum", "sum_"),
        ("2-door cars", "n2_door_cars"),
        ("Crème brûlée", "Creme_brulee"),
        ("Größe", "Grosse"),
        ("米", "u_7c73"),
        ("  ", "unnamed"),
    ],
)
def test_a_label_keeps_its_words_where_it_can(label, name):
    assert identifier(label) == name


def test_a_name_that_is_taken_is_numbered():
    assert identifier("Load", {"Load"}) == "Load_2"
    assert identifier("load", {"load_", "load_2"}) == "load_3"


def test_every_attribute_of_a_pyomo_model_is_reserved():
    source = "import json, pyomo.environ as p; print(json.dumps(dir(p.ConcreteModel())))"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=60)
    attributes = {name for name in json.loads(done.stdout) if not name.startswith("_")}
    assert attributes <= RESERVED
    assert not any(is_usable(word) for word in keyword.kwlist)
