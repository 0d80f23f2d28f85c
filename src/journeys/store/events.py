"""What customers did. Events are only ever added; one with an id is applied once per source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from journeys.store import facts
from journeys.store.arrivals import announce
from journeys.store.dialect import among, insert_rows
from journeys.store.schema import event_ids, events
from journeys.store.texts import to_text


class NewEvent(NamedTuple):
    """One event as it came in; properties are plain values in the units of `History`.

    `event_id` is the source's own id of it; without one it is applied each time it comes.
    """

    customer_id: int
    at: int
    name: str
    properties: Mapping[str, Any]
    source: str
    event_id: str | None = None


class Appended(NamedTuple):
    """How many events were applied; the positions of those that were known already, and of those whose id is known with
    other content. Neither of these is applied.
    """

    applied: int
    duplicate: tuple[int, ...]
    conflicting: tuple[int, ...]


def append(conn: Connection, new: Sequence[NewEvent], received_at: int) -> Appended:
    """Adds events, in order of arrival."""
    if not new:
        return Appended(0, (), ())
    # Taken first: from here on no other writer can add an id that we have found missing.
    seq = facts.take(conn, "arrival", len(new))
    known = _known_digests(conn, new)
    rows, ids = [], []
    duplicate: list[int] = []
    conflicting: list[int] = []
    earliest: dict[int, int] = {}
    for position, (customer, at, name, said, source, event_id) in enumerate(new):
        properties = to_text(said)
        if event_id is not None:
            digest = blake2b(f"{customer}\0{at}\0{name}\0{properties}".encode(), digest_size=16).digest()
            before = known.setdefault((source, event_id), digest)
            if before is not digest:  # what was there already, in the store or earlier in `new`
                (duplicate if before == digest else conflicting).append(position)
                continue
            ids.append((source, event_id, digest))
        rows.append((customer, at, seq + position, name, properties, source, event_id, received_at))
        if at < earliest.get(customer, at + 1):
            earliest[customer] = at
    insert_rows(conn, events, _COLUMNS, rows)
    insert_rows(conn, event_ids, ("source", "event_id", "digest"), ids)
    announce(conn, earliest, seq + len(new) - 1)
    return Appended(len(rows), tuple(duplicate), tuple(conflicting))


_COLUMNS = ("customer_id", "occurred_at", "seq", "name", "properties", "source", "event_id", "received_at")


def _known_digests(conn: Connection, new: Sequence[NewEvent]) -> dict[tuple[str, str], bytes]:
    """What the events that are known already said, by source and id."""
    by_source: dict[str, list[str]] = {}
    for event in new:
        if event.event_id is not None:
            by_source.setdefault(event.source, []).append(event.event_id)
    known: dict[tuple[str, str], bytes] = {}
    for source, wanted in by_source.items():
        row = event_ids.c
        stored = select(row.event_id, row.digest).where(row.source == source, among(conn, row.event_id, wanted))
        known.update(((source, event_id), digest) for event_id, digest in conn.execute(stored))
    return known


def count_by_name(conn: Connection) -> dict[str, int]:
    """How many events of each name there are."""
    counted = select(events.c.name, func.count()).group_by(events.c.name).order_by(events.c.name)
    return dict(conn.execute(counted).all())
