"""Sections of rows that point at each other, put together into one flat table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Ref(NamedTuple):
    """A row of a section, whose address is known once all sections are complete."""

    section: str
    row: int


Cell = int | Ref


@dataclass(slots=True)
class Assembly:
    """Rows by section; `widths` are the sections' row widths."""

    widths: Mapping[str, int]
    cells: dict[str, list[Cell]] = field(default_factory=dict)

    def next(self, section: str) -> Ref:
        """Where the next row of a section will stand."""
        return Ref(section, len(self.cells.get(section, ())) // self.widths[section])

    def add(self, section: str, row: Iterable[Cell]) -> Ref:
        """Append a row, or several at once; where the first stands."""
        ref = self.next(section)
        self.cells.setdefault(section, []).extend(row)
        return ref

    def link(self, header: list[Cell]) -> tuple[list[int], dict[str, int]]:
        """The table, behind its header, and the address of each section."""
        addresses: dict[str, int] = {}
        place = len(header)
        for section, cells in self.cells.items():
            addresses[section] = place
            place += len(cells)

        def number(cell: Cell) -> int:
            if isinstance(cell, Ref):
                return addresses.get(cell.section, place) + cell.row * self.widths[cell.section]
            return cell

        table = [number(cell) for cell in header]
        for cells in self.cells.values():
            table += [number(cell) for cell in cells]
        return table, addresses
