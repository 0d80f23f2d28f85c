"""A transaction interrupted anywhere leaves the store as it was before it or as it is after it, never between."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from journeys.engine.state import NEVER, Effect, Watch
from journeys.store import attributes, consents, events, facts, outbox
from journeys.store.attributes import Said
from journeys.store.consents import Consent
from journeys.store.database import Store, open_store
from journeys.store.events import NewEvent
from journeys.store.outbox import Attempt, Verdict
from journeys.store.save import Advance, save
from tests.store.people import WIN_BACK, advanced, contents, intent, people, published, run


def save_a_batch(conn: Connection) -> None:
    """Two customers with a run, a watch, intents and effects each."""
    effects = [
        Effect(0, 5, "entered", WIN_BACK, 2),
        Effect(0, 5, "tagged", WIN_BACK, 2, "tag vip", detail="vip", value=NEVER),
        Effect(0, 6, "set", WIN_BACK, 2, "set tier", detail="tier", value="gold"),
    ]
    batch = [
        Advance(
            customer,
            1,
            20,
            9,
            [run(2, due=30)],
            [Watch(WIN_BACK, True, 40)],
            effects,
            [intent(run=2), intent("b", run=2)],
        )
        for customer in (1, 2)
    ]
    save(conn, batch, now=20, horizon=facts.last(conn, "arrival"))


def ingest(conn: Connection) -> None:
    """Events, attributes and a consent that come in together."""
    events.append(conn, [NewEvent(1, at, "ordered", {"total": at}, "till", str(at)) for at in range(50)], 99)
    attributes.learn(conn, [Said(1, "tier", "gold"), Said(2, "tier", "new")], "crm", 99)
    consents.record(conn, [Consent(2, "email", 99, False, "link")])


def hand_off(conn: Connection) -> None:
    """A claim, its attempt and its verdict."""
    rows = outbox.claim(conn, 10, "worker", 100, 10)
    started = outbox.start_handing_off(conn, [Attempt(row, {"text": "hi"}, f"key {row.id}") for row in rows], 10, 100)
    assert outbox.record(conn, [Verdict(row, "accepted", "", "250 ok") for row in started]) == []


TRANSACTIONS: list[Callable[[Connection], None]] = [save_a_batch, ingest, hand_off]


def with_some_past(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        for customer in people(conn, "anna", "bo"):
            events.append(conn, [NewEvent(customer, 3, "ordered", {"total": 5}, "till", None)], 4)
            advanced(conn, customer, 10, [run(1)], intents=[intent(), intent("other", channel="sms")])


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("transaction", TRANSACTIONS, ids=lambda one: one.__name__)
def test_an_error_at_any_statement_leaves_the_old(store: Store, transaction: Callable[[Connection], None]) -> None:
    with_some_past(store)
    with store.reading() as conn:
        old = contents(conn)
    countdown = [10_000]

    @event.listens_for(store.engine, "after_cursor_execute")
    def interrupt(*_: object) -> None:
        countdown[0] -= 1
        if countdown[0] == 0:
            raise Interrupted

    statements = 0
    while True:
        statements += 1
        countdown[0] = statements + 2  # two begin the transaction
        try:
            with store.writing() as conn:
                transaction(conn)
        except Interrupted:
            countdown[0] = 10_000
            with store.reading() as conn:
                assert contents(conn) == old, f"after statement {statements}"
        else:
            break
    assert statements > 5
    countdown[0] = 10_000
    with store.reading() as conn:
        assert contents(conn) != old


@pytest.mark.parametrize("transaction", TRANSACTIONS, ids=lambda one: one.__name__)
def test_a_process_killed_at_any_statement_leaves_the_old(
    tmp_path: Path, store: Store, transaction: Callable[[Connection], None]
) -> None:
    """The files as they are at each statement are what a process killed there leaves behind."""
    with_some_past(store)
    with store.reading() as conn:
        old = contents(conn)
    images: list[Path] = []

    def photograph(*_: object) -> None:
        image = tmp_path / f"image{len(images)}.db"
        for suffix in ("", "-wal"):
            shutil.copy(tmp_path / f"shop.db{suffix}", f"{image}{suffix}")
        images.append(image)

    event.listen(store.engine, "after_cursor_execute", photograph)
    with store.writing() as conn:
        conn.exec_driver_sql("PRAGMA cache_spill = 1")  # written to the file before the commit wherever possible
        conn.exec_driver_sql("PRAGMA cache_size = 1")
        transaction(conn)
    event.remove(store.engine, "after_cursor_execute", photograph)
    photograph()
    with store.reading() as conn:
        new = contents(conn)
    assert new != old
    assert len(images) > 8
    for number, image in enumerate(images):
        left = open_store(image)
        with left.reading() as conn:
            assert contents(conn) == (new if image is images[-1] else old), f"after statement {number}"
        with left.writing() as conn:  # and it goes on from there
            if image is not images[-1]:
                transaction(conn)
                assert contents(conn) == new
        left.close()
