"""Who has something the engine has not walked yet, and from which instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, case, delete, func, select

from journeys.store.dialect import execute_many, pieces, upsert
from journeys.store.schema import arrivals, attributes, consents, events, suppressions, tags


def announce(conn: Connection, earliest: Mapping[int, int], seq: int) -> None:
    """Something arrived for these customers (id -> its earliest instant); `seq` is the number of the last of it.

    One row a customer, whatever arrives.
    """
    if not earliest:
        return
    insert = upsert(conn, arrivals)
    new, old = insert.excluded, arrivals.c
    execute_many(
        conn,
        insert.on_conflict_do_update(
            index_elements=["customer_id"],
            set_={
                "due_at": case((new.due_at < old.due_at, new.due_at), else_=old.due_at),
                "seq": case((new.seq > old.seq, new.seq), else_=old.seq),
            },
        ),
        [{"customer_id": customer, "due_at": at, "seq": seq} for customer, at in earliest.items()],
    )


_INSTANTS = (
    events.c.occurred_at,
    attributes.c.at,
    consents.c.at,
    tags.c.at,
    suppressions.c.at,
    suppressions.c.until,
)


def consume(conn: Connection, customer_ids: Sequence[int], now: int, horizon: int) -> None:
    """These customers have been walked up to `now`, with everything that is numbered up to `horizon`.

    Their rows go, or move on to the next instant that is already known. A customer for whom something arrived after the
    horizon keeps the row as it is, and is looked at again.
    """
    for piece in pieces(customer_ids):
        done = (arrivals.c.customer_id.in_(piece), arrivals.c.due_at <= now, arrivals.c.seq <= horizon)
        walked = conn.execute(select(arrivals.c.customer_id).where(*done)).scalars().all()
        conn.execute(delete(arrivals).where(*done))
        announce(conn, _next_known(conn, walked, now), horizon)


def _next_known(conn: Connection, customer_ids: Sequence[int], now: int) -> dict[int, int]:
    """The earliest instant after `now` at which something is known to happen, for those who have one."""
    earliest: dict[int, int] = {}
    for instant in _INSTANTS:
        owner = instant.table.c.customer_id
        found = select(owner, func.min(instant)).where(owner.in_(customer_ids), instant > now).group_by(owner)
        for customer, at in conn.execute(found):
            earliest[customer] = min(at, earliest.get(customer, at))
    return earliest
