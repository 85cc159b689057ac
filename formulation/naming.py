"""Identifiers from the words of a text, and back."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection

from formulation.algebra.nodes import Function

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
MAX_LENGTH = 60

_LANGUAGE = frozenset({*Function, "sum", "given", "len"})
_PROGRAM = frozenset({"model", "data", "pyo", "math", "json", "sys", "build", "main", "objective", "results", "self"})
_BUILTINS = frozenset(
    {"list", "dict", "tuple", "set", "float", "int", "str", "range", "zip", "print", "lambda", "enumerate", "open"}
)
_PYOMO = frozenset(  # the attributes of a ConcreteModel
    """
    Skip activate active active_blocks active_component_data active_components add_component alias_map
    all_blocks all_component_data all_components block_data_objects clear clear_suffix_value clone cname
    collect_ctypes component component_data_iterindex component_data_objects component_map component_objects
    compute_statistics config construct contains_component create_instance ctype deactivate del_component dim
    display doc equals find_component fix_all_vars fix_variables from_flat get_suffix_value getname
    id_index_map index index_set is_component_type is_constructed is_expression_type is_indexed
    is_logical_type is_named_expression_type is_numeric_type is_parameter_type is_reference is_relational
    is_variable_type items iteritems iterkeys itervalues keys load local_name model name nconstraints
    nobjectives nvariables parent_block parent_component pprint preprocess private_data
    reclassify_component_type reconstruct register_private_data_initializer root_block set_suffix_value
    set_value solutions statistics suffix_all_fixed symbol_map to_dense_data to_string total_sum
    transfer_attributes_from type unfix_all_vars valid_model_component valid_problem_types values write
    """.split()  # noqa: SIM905
)
RESERVED = _LANGUAGE | _PROGRAM | _BUILTINS | _PYOMO
"""Names that mean something else in the expression language or in a Pyomo program."""


def is_usable(name: str) -> bool:
    """Return whether a name can stand in expressions and in a Pyomo program as it is."""
    return bool(IDENTIFIER.match(name)) and not keyword.iskeyword(name) and name not in RESERVED


def is_usable_index(name: str) -> bool:
    """Return whether an index can have a name: it is no attribute of a model, so more names are free to it."""
    is_free = name not in _LANGUAGE | _PROGRAM | _BUILTINS
    return bool(IDENTIFIER.match(name)) and not keyword.iskeyword(name) and is_free


def identifier(label: str, taken: Collection[str] = ()) -> str:
    """Return an identifier for a label, in its own words where they allow it, different from those taken.

    Marks are dropped from letters, what is no letter or digit becomes ``_``, a leading digit gets an ``n``
    before it, a reserved name gets ``_`` behind it, and a name that is taken gets ``_2``, ``_3`` and so on. A
    label without any letter or digit that ASCII has is spelled by its code points. The way back is `Naming`,
    or the ``label`` of the element that carries the identifier.
    """
    plain = unicodedata.normalize("NFKD", label.replace("ß", "ss"))
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    name = re.sub(r"[^A-Za-z0-9]+", "_", kept).strip("_")
    if not name:
        name = "u_" + "_".join(f"{ord(char):x}" for char in label.strip()[:8]) if label.strip() else "unnamed"
    if name[0].isdigit():
        name = f"n{name}"
    name = name[:MAX_LENGTH].rstrip("_")
    if not is_usable(name):
        name = f"{name}_"
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name.rstrip('_')}_{count}"
    return candidate


class Naming:
    """Identifiers given to labels: each label once, each identifier once, and the way back."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = set(taken)
        self._by_label: dict[str, str] = {}
        self._by_identifier: dict[str, str] = {}

    def identifier(self, label: str) -> str:
        """Return the label's identifier, the same one each time."""
        if label not in self._by_label:
            name = identifier(label, self._taken)
            self._taken.add(name)
            self._by_label[label] = name
            self._by_identifier[name] = label
        return self._by_label[label]

    def label(self, name: str) -> str:
        """Return the label that an identifier was given for; the identifier itself where there is none."""
        return self._by_identifier.get(name, name)
