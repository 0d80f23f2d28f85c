"""The trace: what was decided about a customer, when and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from journeys.engine.state import EffectKind, JourneyKey
from journeys.store.schema import decisions, journeys
from journeys.store.texts import from_text


@dataclass(frozen=True, slots=True)
class Decision:
    """One effect as it was recorded; the fields are those of `Effect`."""

    customer_id: int
    at: int
    journey: JourneyKey
    run: int
    node: str
    visit: int
    kind: EffectKind
    reason: str
    detail: str
    value: Any


def trace(conn: Connection, customer_id: int, since: int | None = None, until: int | None = None) -> Iterator[Decision]:
    """What was decided about a customer, in order; both instants belong to it."""
    row = decisions.c
    told = (
        select(decisions, journeys.c.name, journeys.c.version)
        .join(journeys, journeys.c.id == row.journey_id)
        .where(row.customer_id == customer_id)
        .order_by(row.at, row.seq)
    )
    if since is not None:
        told = told.where(row.at >= since)
    if until is not None:
        told = told.where(row.at <= until)
    for one in conn.execute(told):
        yield Decision(
            one.customer_id,
            one.at,
            JourneyKey(one.name, one.version),
            one.run_number,
            one.node,
            one.visit,
            one.kind,
            one.reason,
            one.detail,
            from_text(one.value),
        )


def count_by_kind(conn: Connection) -> dict[tuple[JourneyKey, str, str], int]:
    """How often each kind of thing was decided at each node: (journey, node, kind) -> count. Reads the whole trace."""
    row = decisions.c
    counted = (
        select(journeys.c.name, journeys.c.version, row.node, row.kind, func.count())
        .join(journeys, journeys.c.id == row.journey_id)
        .group_by(journeys.c.name, journeys.c.version, row.node, row.kind)
    )
    return {(JourneyKey(name, version), node, kind): n for name, version, node, kind, n in conn.execute(counted)}
