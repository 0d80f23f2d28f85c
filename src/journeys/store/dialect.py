"""Where databases differ: the upsert, and how many values one statement takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

AT_ONCE = 5_000
"""Values in one `IN (...)`: SQLite and PostgreSQL take at least 32,766 parameters in a statement."""

Item = TypeVar("Item")


def upsert(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert into `table` that knows `on_conflict_do_nothing` and `on_conflict_do_update` (and `excluded`)."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def pieces(items: Sequence[Item], size: int = AT_ONCE) -> Iterator[Sequence[Item]]:
    """`items` in order, `size` at a time.

    >>> list(pieces("abcde", 2))
    ['ab', 'cd', 'e']
    """
    return (items[start : start + size] for start in range(0, len(items), size))
