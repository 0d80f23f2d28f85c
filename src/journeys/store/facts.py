"""Numbers the store hands out, and the instants its daemons leave behind."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, case, select

from journeys.store.dialect import upsert
from journeys.store.schema import facts

Counter = Literal["arrival", "decision"]
"""arrival: numbers events and changes as they come, `seq`. decision: numbers the rows of the trace."""

Instant = Literal["advanced to", "highest instant"]
"""advanced to: the last instant a daemon has worked up to. highest instant: the latest a clock has ever shown."""


def take(conn: Connection, counter: Counter, count: int) -> int:
    """`count` numbers that nobody else gets, the first of them; the counter starts at 0.

    Other writers wait here until this transaction ends, so a higher number is never visible before a lower one.
    """
    insert = upsert(conn, facts).values(name=counter, value=count)
    total = conn.execute(
        insert.on_conflict_do_update(
            index_elements=["name"], set_={"value": facts.c.value + insert.excluded.value}
        ).returning(facts.c.value)
    ).scalar_one()
    return int(total) - count


def last(conn: Connection, counter: Counter) -> int:
    """The highest number given out, -1 before the first."""
    return int(conn.execute(select(facts.c.value).where(facts.c.name == counter)).scalar() or 0) - 1


def instant(conn: Connection, name: Instant) -> int | None:
    """The instant noted under this name, None before the first."""
    return conn.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def note_instant(conn: Connection, name: Instant, at: int) -> int:
    """Notes an instant unless a later one stands there; returns the one that stands now.

    A result above `at` means that the clock has gone back since.
    """
    insert = upsert(conn, facts).values(name=name, value=at)
    later = case((insert.excluded.value > facts.c.value, insert.excluded.value), else_=facts.c.value)
    stands = conn.execute(
        insert.on_conflict_do_update(index_elements=["name"], set_={"value": later}).returning(facts.c.value)
    ).scalar_one()
    return int(stands)
