"""Counts for whoever wants to know how things stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from journeys.engine.state import JourneyKey
from journeys.store.schema import journeys, outbox, runs


@dataclass(frozen=True, slots=True)
class JourneyCounts:
    """One version: how many entered, are live (by node), reached the goal, and ended (by reason)."""

    entered: int = 0
    goals: int = 0
    live: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)


def journey_counts(conn: Connection) -> dict[JourneyKey, JourneyCounts]:
    """Where the runs of every version stand. Held-out people are counted with the others."""
    row = runs.c
    standing = (
        select(
            journeys.c.name,
            journeys.c.version,
            row.node,
            row.exit_reason,
            row.ended_at.is_(None).label("live"),
            func.count(),
            func.count(row.goal_at),
        )
        .join(journeys, journeys.c.id == row.journey_id)
        .group_by(journeys.c.name, journeys.c.version, row.node, row.exit_reason, row.ended_at.is_(None))
    )
    counts: dict[JourneyKey, JourneyCounts] = {}
    for name, version, node, reason, live, count, goals in conn.execute(standing):
        key = JourneyKey(name, version)
        before = counts.get(key, JourneyCounts())
        by = before.live if live else before.ended
        place = node if live else reason
        added = {**by, place: by.get(place, 0) + count}
        counts[key] = JourneyCounts(
            before.entered + count,
            before.goals + goals,
            added if live else before.live,
            before.ended if live else added,
        )
    return counts


def outbox_counts(conn: Connection) -> dict[tuple[JourneyKey, str, str], int]:
    """How many intents there are by journey, kind and state."""
    counted = (
        select(journeys.c.name, journeys.c.version, outbox.c.kind, outbox.c.state, func.count())
        .join(journeys, journeys.c.id == outbox.c.journey_id)
        .group_by(journeys.c.name, journeys.c.version, outbox.c.kind, outbox.c.state)
    )
    return {(JourneyKey(name, version), kind, state): n for name, version, kind, state, n in conn.execute(counted)}
