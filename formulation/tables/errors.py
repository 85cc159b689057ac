"""A file that is no table, or too large to be one."""

from __future__ import annotations


class DataError(ValueError):
    """A file that cannot be read as tables: which one, and why; ``row`` counts from 1 below the heading."""

    def __init__(self, name: str, reason: str, row: int | None = None) -> None:
        self.name, self.reason, self.row = name, reason, row
        place = f"{name}, row {row}" if row is not None else name
        super().__init__(f"{place}: {reason}")
