"""Data tables from files, and what they hold."""

from formulation.tables.errors import DataError
from formulation.tables.numbers import DecimalSign
from formulation.tables.read import ReadTables, read_tables
from formulation.tables.schema import ColumnKind, ColumnSchema, TableSchema, schema

__all__ = [
    "ColumnKind",
    "ColumnSchema",
    "DataError",
    "DecimalSign",
    "ReadTables",
    "TableSchema",
    "read_tables",
    "schema",
]
