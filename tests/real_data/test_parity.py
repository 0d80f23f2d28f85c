"""The simulation never lies: what it says beforehand is what the daemon does, customer by customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from journeys.channels.contract import Channel, HandOff, Verdict
from journeys.daemon.clock import VirtualClock
from journeys.daemon.daemon import Daemon
from journeys.daemon.publishing import publish
from journeys.engine.policy import policy_of
from journeys.simulate.replay import replay
from journeys.store.database import Store, open_store
from journeys.store.history import load_history
from journeys.store.schema import customers, journeys, outbox, runs
from tests.real_data.conftest import graphs_of, project_in

ZONE = ZoneInfo("America/New_York")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS = 45


def noon(day: int) -> int:
    return (datetime(2017, 10, 15, 12, tzinfo=ZONE) + timedelta(days=day) - EPOCH) // timedelta(microseconds=1)


class Everything(Channel):
    """Takes whatever it is handed, and remembers."""

    def __init__(self) -> None:
        self.taken: list[HandOff] = []

    def deliver(self, handoff: HandOff, now: int) -> Verdict:
        self.taken.append(handoff)
        return Verdict("accepted")


def decided(store: Store) -> set[tuple[str, int, str, int, str, str]]:
    """What the daemon decided to send: customer, instant, journey, run, step, channel."""
    rows = (
        select(
            customers.c.external_id, outbox.c.due_at, journeys.c.name, runs.c.number, outbox.c.step, outbox.c.channel
        )
        .join(customers, customers.c.id == outbox.c.customer_id)
        .join(journeys, journeys.c.id == outbox.c.journey_id)
        .join(runs, runs.c.id == outbox.c.run_id)
        .where(outbox.c.kind == "message")
    )
    with store.reading() as conn:
        return {tuple(row) for row in conn.execute(rows)}


def test_simulation_and_daemon_send_the_same(grocer: Path) -> None:
    """All journeys of the grocer over six weeks of autumn 2017, across the end of summer time, the daemon at noon."""
    project = project_in(grocer)
    store = open_store(grocer / "journeys.db")
    graphs = graphs_of(sorted((grocer / "journeys").glob("*.journey")), project)
    with store.reading() as conn:
        history = load_history(conn, None, noon(DAYS)).history
    told = replay(graphs, policy_of(project), history, start=noon(0), until=noon(DAYS), jit=False, keep_sends=True)
    assert told.sends is not None

    publish(store, graphs, VirtualClock(noon(0)))
    channel = Everything()
    daemon = Daemon(store, project, dict.fromkeys(project.channels, channel))
    for day in range(DAYS + 1):
        daemon.tick(noon(day))

    foreseen = {(sent.customer, sent.at, sent.journey, sent.run, sent.node, sent.channel) for sent in told.sends}
    done = decided(store)
    assert foreseen - done == set()
    assert done - foreseen == set()
    assert len(done) > 1_000
    assert len({handoff.idempotency_key for handoff in channel.taken}) == len(channel.taken) == len(done)
