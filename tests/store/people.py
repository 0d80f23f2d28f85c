"""Small stores to test with."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, select

from journeys.engine.state import Effect, JourneyKey, Run
from journeys.store import customers, facts, journeys, schema
from journeys.store.runs import load_turns
from journeys.store.save import Advance, Intent, save

WIN_BACK = JourneyKey("win back", 1)
MINUTE = 60_000_000


def people(conn: Connection, *names: str) -> list[int]:
    """Customers of these names; their ids in that order."""
    ids = customers.ensure(conn, names, created_at=0)
    return [ids[name] for name in names]


def published(conn: Connection, key: JourneyKey = WIN_BACK) -> int:
    """A journey of that name and version, open."""
    return journeys.publish(conn, "{}", key.name, key.version, f"hash of {key}", at=0)[0]


def run(number: int = 1, journey: JourneyKey = WIN_BACK, node: str = "send coupon", **fields: object) -> Run:
    """A run that has just entered."""
    return Run(journey=journey, number=number, key="", node=node, entered_at=0, **fields)  # type: ignore[arg-type]


def intent(step: str = "send coupon", run: int = 1, visit: int = 0, **fields: object) -> Intent:
    """A mail to be handed off, due at the instant 0."""
    given = {
        "kind": "message",
        "journey": WIN_BACK,
        "run": run,
        "step": step,
        "visit": visit,
        "message": "coupon",
        "channel": "email",
        "due_at": 0,
        "not_before": 0,
    }
    return Intent(**{**given, **fields})  # type: ignore[arg-type]


def advanced(
    conn: Connection,
    customer: int,
    at: int,
    runs: Sequence[Run] = (),
    effects: Sequence[Effect] = (),
    intents: Sequence[Intent] = (),
    **fields: object,
) -> None:
    """Saves one customer as walked up to `at`."""
    turn = load_turns(conn, [customer])[customer]
    advance = Advance(customer, turn, at, -1, runs, effects=effects, intents=intents, **fields)  # type: ignore[arg-type]
    save(conn, [advance], at, facts.last(conn, "arrival"))


def contents(conn: Connection, *tables: Table) -> dict[str, list[tuple[object, ...]]]:
    """Every row of some tables (of all, if none is named)."""
    return {
        table.name: [tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key))]
        for table in tables or schema.metadata.sorted_tables
    }
