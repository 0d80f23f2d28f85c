"""What a kind of file does with its rows, a piece of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import Connection

from journeys.ingest.columns import Header
from journeys.ingest.rows import Mistake, Row


class Written(NamedTuple):
    """How much was new, how much known already, and which rows contradict what is known."""

    applied: int
    duplicate: int
    conflicts: Sequence[Mistake]


class Batch(Protocol):
    """`skipped` counts rows that are none of this import's business."""

    skipped: int

    def begin(self, header: Header) -> list[Mistake]:
        """Finds the columns; those that are missing are mistakes."""
        ...

    def take(self, row: Row) -> Mistake | None:
        """Converts a row and keeps it, or says what is wrong with it."""
        ...

    def forget(self) -> None:
        """Lets go of the rows kept since the last time: nothing will be written."""
        ...

    def write(self, conn: Connection) -> Written:
        """Writes the rows kept since the last time."""
        ...
