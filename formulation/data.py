"""Data tables that come beside the text."""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Table:
    """A named table: ``columns`` of equal length, each under its heading, in the order of the file."""

    name: str
    columns: dict[str, tuple[Cell, ...]]

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self.columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"table {self.name!r} has columns of different lengths: {sorted(lengths)}")

    @property
    def n_rows(self) -> int:
        """The number of rows below the heading."""
        return len(next(iter(self.columns.values()), ()))
