"""Tags put on customers and taken off them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from journeys.store import facts
from journeys.store.arrivals import announce
from journeys.store.dialect import pieces
from journeys.store.schema import tags


class Tagging(NamedTuple):
    """The tag is put on at `at` until `until` (None: for good), or taken off."""

    customer_id: int
    tag: str
    at: int
    source: str
    until: int | None = None
    removed: bool = False


def record(conn: Connection, taggings: Sequence[Tagging], announced: bool = True) -> None:
    """Adds taggings. Of two of one tag at one instant the later in the sequence holds.

    `announced=False` is for those that the engine made itself and has walked already.
    """
    if not taggings:
        return
    seq = facts.take(conn, "arrival", len(taggings))
    conn.execute(insert(tags), [{**row._asdict(), "seq": number} for number, row in enumerate(taggings, seq)])
    if announced:
        earliest: dict[int, int] = {}
        for row in taggings:
            earliest[row.customer_id] = min(row.at, earliest.get(row.customer_id, row.at))
        announce(conn, earliest, seq + len(taggings) - 1)


def standing(conn: Connection, customer_ids: Sequence[int], at: int) -> dict[int, dict[str, int | None]]:
    """The tags customers wear at an instant, and until when (None: for good)."""
    worn: dict[int, dict[str, int | None]] = {}
    for piece in pieces(customer_ids):
        row = tags.c
        until_then = (
            select(row.customer_id, row.tag, row.until, row.removed)
            .where(row.customer_id.in_(piece), row.at <= at)
            .order_by(row.customer_id, row.at, row.seq)
        )
        for customer, tag, until, removed in conn.execute(until_then):
            theirs = worn.setdefault(customer, {})
            theirs.pop(tag, None)
            if not removed and (until is None or until > at):
                theirs[tag] = until
    return worn
