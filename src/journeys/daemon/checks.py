"""What `journeys doctor` looks at: the machine, the store, the promises that can be read off the tables."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, select, text

from journeys.daemon.programs import graph_of
from journeys.graph.model import RepeatNode, SendNode, WaitMomentNode, WaitNode, WaitUntilNode
from journeys.store import facts
from journeys.store import journeys as published
from journeys.store.database import Store
from journeys.store.schema import customers, events, outbox, runs


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `name` and `detail` are keys and values for a table; `help` says what to do."""

    state: Literal["ok", "warning", "error"]
    name: str
    detail: str
    help: str = ""


def look_at_machine() -> Iterator[Finding]:
    """The interpreter, SQLite, and whether the engine is compiled."""
    from journeys.engine.jit import is_compiled

    version = sys.version_info
    # Before these releases an encoded word could inject a mail header; channels check every mail for it as well.
    fixed = {11: 15, 12: 13, 13: 12}
    old = version.minor in fixed and version.micro < fixed[version.minor]
    yield Finding(
        "warning" if old else "ok",
        "python",
        f"{version.major}.{version.minor}.{version.micro}",
        f"3.{version.minor}.{fixed[version.minor]} has a security fix for mail headers" if old else "",
    )
    yield _sqlite()
    compiled = is_compiled()
    yield Finding("ok", "engine", "compiled" if compiled else "not compiled yet; large simulations compile it once")


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version_info
    mended = (
        version >= (3, 51, 3)
        or (version[:2] == (3, 50) and version[2] >= 7)
        or (version[:2] == (3, 44) and version[2] >= 6)
    )
    return Finding(
        "ok" if mended else "warning",
        "sqlite",
        sqlite3.sqlite_version,
        "" if mended else "has the WAL-reset bug; 3.51.3, 3.50.7 and 3.44.6 do not",
    )


def look_at_store(store: Store, now: int) -> Iterator[Finding]:
    """Integrity, counts, and whether every live run has exactly one continuation."""
    with store.reading() as conn:
        if store.engine.dialect.name == "sqlite":
            answer = str(conn.execute(text("PRAGMA quick_check")).scalar())
            yield Finding(
                "ok" if answer == "ok" else "error", "integrity", answer, "" if answer == "ok" else "restore a backup"
            )
        people = conn.execute(select(func.count()).select_from(customers)).scalar_one()
        happened = conn.execute(select(func.count()).select_from(events)).scalar_one()
        yield Finding("ok", "customers", f"{people:,} customers, {happened:,} events")
        versions = published.listed(conn)
        names = ", ".join(f"{one.key.name} v{one.key.version} ({one.state})" for one in versions)
        yield Finding("ok", "journeys", names or "nothing is published")
        yield _continuations(conn)
        yield _unknown(conn)
        highest = facts.instant(conn, "highest instant")
        back = highest is not None and highest > now + 60_000_000
        yield Finding(
            "warning" if back else "ok",
            "clock",
            "behind what this store has seen" if back else "in order",
            "set the clock right, or this store was run on a virtual clock" if back else "",
        )


def _continuations(conn: Connection) -> Finding:
    """A live run stands on a node where something can still move it: a due instant, or a condition awaited."""
    awaits: dict[tuple[int, str], bool] = {}
    for one in published.listed(conn):
        for node in graph_of(one).nodes:
            stands = isinstance(node, SendNode | WaitNode | WaitUntilNode | WaitMomentNode | RepeatNode)
            awaits[one.id, node.id] = stands and isinstance(node, WaitUntilNode | RepeatNode)
    live = select(runs.c.id, runs.c.journey_id, runs.c.node, runs.c.due_at).where(runs.c.ended_at.is_(None))
    count = 0
    lost = []
    for run, journey, node, due in conn.execute(live):
        count += 1
        if due is None and not awaits.get((journey, node), False):
            lost.append(run)
    if lost:
        return Finding(
            "error", "runs", f"{len(lost)} of {count:,} live runs have nothing to wait for: {lost[:5]}", "report this"
        )
    return Finding("ok", "runs", f"{count:,} live runs, each with a continuation")


def _unknown(conn: Connection) -> Finding:
    counted = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    states: dict[str, int] = dict(conn.execute(counted).tuples().all())
    told = ", ".join(f"{count:,} {state}" for state, count in sorted(states.items())) or "empty"
    unknown = states.get("unknown", 0)
    return Finding(
        "warning" if unknown else "ok",
        "outbox",
        told,
        "nobody knows whether the unknown ones arrived; ask the provider" if unknown else "",
    )
