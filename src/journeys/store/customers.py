"""Who there is: the shop's own id of each customer, and ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, func, select

from journeys.store.dialect import pieces, upsert
from journeys.store.schema import customers


def ensure(conn: Connection, external_ids: Iterable[str], created_at: int) -> dict[str, int]:
    """Our ids of these customers; those not known yet are made."""
    wanted = list(dict.fromkeys(external_ids))
    ids = find(conn, wanted)
    missing = [external for external in wanted if external not in ids]
    if missing:
        rows = [{"external_id": external, "created_at": created_at} for external in missing]
        conn.execute(upsert(conn, customers).on_conflict_do_nothing(index_elements=["external_id"]), rows)
        ids |= find(conn, missing)
    return ids


def find(conn: Connection, external_ids: Sequence[str]) -> dict[str, int]:
    """Our ids of those customers who are known."""
    ids: dict[str, int] = {}
    for piece in pieces(external_ids):
        known = select(customers.c.external_id, customers.c.id).where(customers.c.external_id.in_(piece))
        ids.update(conn.execute(known).all())
    return ids


def external_ids(conn: Connection, customer_ids: Sequence[int]) -> dict[int, str]:
    """The shop's ids of these customers."""
    ids: dict[int, str] = {}
    for piece in pieces(customer_ids):
        ids.update(conn.execute(select(customers.c.id, customers.c.external_id).where(customers.c.id.in_(piece))).all())
    return ids


def ids_after(conn: Connection, customer_id: int, limit: int) -> Sequence[int]:
    """The next customers by our ids, for walking over everybody in steps that can be taken up again."""
    following = select(customers.c.id).where(customers.c.id > customer_id).order_by(customers.c.id).limit(limit)
    return conn.execute(following).scalars().all()


def all_ids(conn: Connection, at_once: int = 10_000) -> Iterator[Sequence[int]]:
    """Everybody's ids, in ascending pieces."""
    last = -1
    while ids := ids_after(conn, last, at_once):
        yield ids
        last = ids[-1]


def count(conn: Connection) -> int:
    """How many customers there are."""
    return conn.execute(select(func.count()).select_from(customers)).scalar_one()
