"""Where databases differ, or are asked for speed: upserts, many rows at once, many values in one condition."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ValuesBase

AT_ONCE = 5_000
"""Values in one `IN (...)`: SQLite and PostgreSQL take at least 32,766 parameters in a statement."""

Item = TypeVar("Item")


def upsert(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert into `table` that knows `on_conflict_do_nothing` and `on_conflict_do_update` (and `excluded`)."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def insert_rows(conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Adds rows of plain values, as the driver takes them: three times as fast as through the statement compiler."""
    if rows:
        assert set(columns) <= set(table.c.keys())
        mark = "%s" if conn.dialect.name == "postgresql" else "?"
        marks = ", ".join([mark] * len(columns))
        conn.exec_driver_sql(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})", list(rows))


def execute_many(conn: Connection, statement: ValuesBase, rows: Sequence[Mapping[str, Any]]) -> int:
    """Executes an insert or update for each of the rows, which all have the same keys; how many rows it changed.

    What `conn.execute` does, without its work for each single parameter: values must be such as the driver takes.
    """
    if not rows:
        return 0
    compiled = statement.compile(dialect=conn.dialect, column_keys=list(rows[0]))
    fixed = {name: value for name, value in compiled.params.items() if name not in rows[0]}
    names = compiled.positiontup
    if names is None:
        return conn.exec_driver_sql(str(compiled), [{**fixed, **row} for row in rows]).rowcount
    pick = itemgetter(*names)
    return conn.exec_driver_sql(str(compiled), [pick({**fixed, **row}) for row in rows]).rowcount


def among(conn: Connection, column: ColumnElement[str], texts: Sequence[str]) -> ColumnElement[bool]:
    """`column IN (...)` for any number of texts, in one parameter."""
    if conn.dialect.name == "postgresql":
        return column == func.any(bindparam(None, list(texts), type_=postgresql.ARRAY(column.type)))
    return column.in_(select(func.json_each(json.dumps(list(texts))).table_valued("value").c.value))


def pieces(items: Sequence[Item], size: int = AT_ONCE) -> Iterator[Sequence[Item]]:
    """`items` in order, `size` at a time.

    >>> list(pieces("abcde", 2))
    ['ab', 'cd', 'e']
    """
    return (items[start : start + size] for start in range(0, len(items), size))
