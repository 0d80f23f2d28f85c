"""What is known of customers, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from journeys.engine.history import ALWAYS
from journeys.store import facts
from journeys.store.arrivals import announce
from journeys.store.dialect import pieces
from journeys.store.schema import attributes
from journeys.store.texts import from_text, to_text


class AttributeChange(NamedTuple):
    """From `at` on the attribute has the value (None: it is removed), a plain value in the units of `History`.

    `confidence` is 1 for what the customer or the shop said, less for what was inferred.
    """

    customer_id: int
    at: int
    name: str
    value: Any
    source: str
    confidence: float = 1.0


def record(conn: Connection, changes: Sequence[AttributeChange], announced: bool = True) -> None:
    """Adds changes. Of two changes at one instant the later in the sequence holds.

    `announced=False` is for changes that the engine made itself and has walked already.
    """
    if not changes:
        return
    seq = facts.take(conn, "arrival", len(changes))
    rows = [
        {
            "customer_id": change.customer_id,
            "at": change.at,
            "seq": number,
            "name": change.name,
            "value": to_text(change.value),
            "source": change.source,
            "confidence": change.confidence,
        }
        for number, change in enumerate(changes, seq)
    ]
    conn.execute(insert(attributes), rows)
    if announced:
        earliest: dict[int, int] = {}
        for change in changes:
            earliest[change.customer_id] = min(change.at, earliest.get(change.customer_id, change.at))
        announce(conn, earliest, seq + len(changes) - 1)


class Said(NamedTuple):
    """A source says that an attribute has a value, and perhaps since when."""

    customer_id: int
    name: str
    value: Any
    at: int | None = None


def learn(conn: Connection, said: Sequence[Said], source: str, received_at: int) -> int:
    """Records what a source says of customers, as far as it is new; how much that was.

    Where it does not say since when: what is said of an attribute for the first time has held always, as far as anybody
    knows, and a value that differs from the one we had holds from `received_at`.
    """
    had = latest(conn, sorted({customer for customer, *_ in said}))
    changes = []
    for customer, name, value, at in said:
        before = had.setdefault(customer, {})
        if name in before and before[name] == value and type(before[name]) is type(value):
            continue
        since = at if at is not None else received_at if name in before else ALWAYS
        changes.append(AttributeChange(customer, since, name, value, source))
        before[name] = value
    record(conn, changes)
    return len(changes)


def latest(conn: Connection, customer_ids: Sequence[int], at: int | None = None) -> dict[int, dict[str, Any]]:
    """Every attribute of these customers as last said (up to `at`); removed ones are None."""
    found: dict[int, dict[str, Any]] = {}
    for piece in pieces(customer_ids):
        said = (
            select(attributes.c.customer_id, attributes.c.name, attributes.c.value)
            .where(attributes.c.customer_id.in_(piece))
            .order_by(attributes.c.customer_id, attributes.c.at, attributes.c.seq)
        )
        if at is not None:
            said = said.where(attributes.c.at <= at)
        for customer, name, value in conn.execute(said):
            found.setdefault(customer, {})[name] = from_text(value)
    return found
