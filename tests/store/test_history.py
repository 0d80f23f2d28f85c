"""What comes out of the store is what went in, as the columns the engine walks."""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.engine.history import ALWAYS, Change, Event, History, Person, history_of
from journeys.engine.state import NEVER
from journeys.store import attributes, consents, events, tags
from journeys.store.attributes import AttributeChange, Said
from journeys.store.consents import Consent, Suppression
from journeys.store.database import Store, open_store
from journeys.store.events import NewEvent
from journeys.store.history import load_history
from journeys.store.tags import Tagging
from tests.store.people import people


def told(history: History) -> list[Person]:
    """The columns as plain objects again, numbers and codes as they are spoken of."""
    names, texts = history.names.texts, history.texts.texts

    def events_of(row: int) -> tuple[Event, ...]:
        rows = range(history.event_first[row], history.event_first[row + 1])
        return tuple(
            Event(
                int(history.event_at[i]),
                names[history.event_name[i]],
                {key: float(column[i]) for key, column in history.properties.items() if not math.isnan(column[i])},
                int(history.event_seq[i]),
            )
            for i in rows
        )

    def changes_of(row: int) -> tuple[Change, ...]:
        rows = range(history.change_first[row], history.change_first[row + 1])
        values = [float(history.change_value[i]) for i in rows]
        return tuple(
            Change(int(history.change_at[i]), names[history.change_name[i]], None if math.isnan(v) else v)
            for i, v in zip(rows, values, strict=True)
        )

    assert len(texts) == len(set(texts))
    return [Person(id_, events_of(row), changes_of(row)) for row, id_ in enumerate(history.ids)]


VALUES = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
INSTANTS = st.integers(0, 20)
PROPERTIES = st.dictionaries(st.sampled_from(["total", "sku", "count"]), VALUES | TEXTS, max_size=3)
PEOPLE = st.lists(
    st.tuples(
        st.lists(st.tuples(INSTANTS, st.sampled_from(["ordered", "opened"]), PROPERTIES), max_size=4),
        st.lists(st.tuples(INSTANTS, st.sampled_from(["tier", "zone"]), st.none() | VALUES | TEXTS), max_size=4),
    ),
    max_size=5,
)


@given(PEOPLE)
@settings(max_examples=60)
def test_events_and_attributes_are_loaded_as_history_of_makes_them(empty_sqlite: Path, written: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(shutil.copy(empty_sqlite, Path(folder) / "shop.db"))
        with store.writing(durable=False) as conn:
            ids = people(conn, *[f"p{number}" for number in range(len(written))])
            happened = [
                (customer, *event) for customer, (theirs, _) in zip(ids, written, strict=True) for event in theirs
            ]
            events.append(conn, [NewEvent(c, at, name, said, "shop", None) for c, at, name, said in happened], 0)
            changes = [
                (customer, *change) for customer, (_, theirs) in zip(ids, written, strict=True) for change in theirs
            ]
            attributes.record(conn, [AttributeChange(c, at, name, value, "shop") for c, at, name, value in changes])
            loaded = load_history(conn, None, until=20)
        store.close()
    expected = history_of(
        [
            Person(
                f"p{number}",
                tuple(Event(at, name, said) for at, name, said in theirs),
                tuple(Change(at, name, value) for at, name, value in changed),
            )
            for number, (theirs, changed) in enumerate(written)
        ],
        loaded.history.names,
        loaded.history.texts,
    )

    def without_numbers(persons: list[Person]) -> list[Person]:
        """The store numbers arrivals over all customers, `history_of` does not number them."""
        return [Person(p.id, tuple(Event(e.at, e.name, e.properties) for e in p.events), p.changes) for p in persons]

    assert without_numbers(told(loaded.history)) == without_numbers(told(expected))
    assert loaded.customer_ids.tolist() == ids


def a_year(store: Store) -> list[int]:
    """Two customers with a little of everything."""
    with store.writing() as conn:
        anna, bo = people(conn, "anna", "bo")
        events.append(
            conn,
            [
                NewEvent(bo, 50, "ordered", {"total": 1990}, "shop"),
                NewEvent(anna, 10, "opened", {"message": "coupon"}, "shop"),
                NewEvent(anna, 60, "ordered", {"total": 500, "gift": True}, "shop"),
                NewEvent(anna, 30, "ordered", {}, "shop"),
            ],
            received_at=70,
        )
        attributes.learn(conn, [Said(anna, "zone", "Asia/Shanghai"), Said(anna, "points", 7)], "crm", received_at=0)
        consents.record(conn, [Consent(anna, "email", 20, True, "form"), Consent(anna, "email", 40, False, "link")])
        consents.suppress(
            conn,
            [
                Suppression(bo, "email", 10, "bounce", until=30),
                Suppression(bo, "email", 20, "bounce", until=35),
                Suppression(bo, "email", 50, "complaint"),
                Suppression(anna, "sms", 55, "bounce", until=90),
            ],
        )
        tags.record(
            conn,
            [
                Tagging(bo, "vip", 5, "crm"),
                Tagging(bo, "trial", 5, "crm", until=25),
                Tagging(bo, "vip", 45, "crm", removed=True),
            ],
        )
        consents.record(conn, [Consent(anna, "email", 41, True, "form", purpose="surveys")])
        return [anna, bo]


def test_a_little_of_everything(store: Store) -> None:
    anna, bo = a_year(store)
    with store.reading() as conn:
        history, ids, horizon = load_history(conn, None, until=60)
    assert (ids.tolist(), horizon) == ([anna, bo], 15)
    code = history.texts.find
    assert told(history) == [
        Person(
            "anna",
            (
                Event(10, "opened", {"message": code("coupon")}, 1),
                Event(30, "ordered", {}, 3),
                Event(60, "ordered", {"total": 500, "gift": 1}, 2),
            ),
            (
                Change(ALWAYS, "zone", code("Asia/Shanghai")),
                Change(ALWAYS, "points", 7),
                Change(20, "consent.email", 1),
                Change(40, "consent.email", 0),
                Change(55, "suppressed.sms", 1),
            ),
        ),
        Person(
            "bo",
            (Event(50, "ordered", {"total": 1990}, 0),),
            (
                Change(5, "tag.vip", NEVER),
                Change(5, "tag.trial", 25),
                Change(10, "suppressed.email", 1),
                Change(35, "suppressed.email", 0),
                Change(45, "tag.vip", None),
                Change(50, "suppressed.email", 1),
            ),
        ),
    ]


def test_only_what_is_asked_for_is_loaded(store: Store) -> None:
    anna, bo = a_year(store)
    with store.reading() as conn:
        loaded = load_history(conn, [bo, anna], 49, since=20, events_named={"ordered"}, attributes_named={"points"})
        nobody = load_history(conn, [], until=60)
        bo_alone = load_history(conn, [bo], until=60)
    people_then = told(loaded.history)
    assert [person.id for person in people_then] == ["anna", "bo"]
    assert [event.at for event in people_then[0].events] == [30]
    assert [change.name for change in people_then[0].changes] == ["points", "consent.email", "consent.email"]
    assert people_then[1].events == ()
    assert (len(nobody.history), nobody.history.event_first.tolist()) == (0, [0])
    assert [person.id for person in told(bo_alone.history)] == ["bo"]
    assert len(told(bo_alone.history)[0].changes) == 6


def test_a_property_that_comes_late_or_ends_early_fills_its_column(store: Store) -> None:
    """Events are read in pieces; a property that a piece lacks is missing in all its rows."""
    with store.writing() as conn:
        (anna,) = people(conn, "anna")
        rows = [NewEvent(anna, at, "e", {"early": 1} if at < 3 else {}, "s") for at in range(45_000)]
        rows[44_999] = NewEvent(anna, 44_999, "e", {"late": "x"}, "s")
        events.append(conn, rows, received_at=0)
        history = load_history(conn, [anna], until=50_000).history
    assert np.flatnonzero(~np.isnan(history.properties["early"])).tolist() == [0, 1, 2]
    assert np.flatnonzero(~np.isnan(history.properties["late"])).tolist() == [44_999]
    assert {len(column) for column in history.properties.values()} == {45_000}


def test_a_number_written_as_text_stays_a_text(store: Store) -> None:
    with store.writing() as conn:
        (anna,) = people(conn, "anna")
        events.append(conn, [NewEvent(anna, 1, "ordered", {"store": "330"}, "shop")], received_at=0)
        history = load_history(conn, None, until=1).history
    assert history.texts.texts[int(history.properties["store"][0])] == "330"


def test_a_year_of_2469_customers_loads_quickly(store: Store) -> None:
    """155,848 events with five properties each; the promise is 2 s, the test leaves room for a busy machine."""
    with store.writing(durable=False) as conn:
        ids = people(conn, *[str(number) for number in range(2_469)])
        for start in range(0, 155_848, 20_000):
            new = [
                NewEvent(
                    ids[number * 7919 % 2_469],
                    number * 1_000_003,
                    "ordered",
                    {"total": number, "items": number % 9, "store": str(number % 300), "discount": 0, "coupon": 0},
                    "shop",
                )
                for number in range(start, min(start + 20_000, 155_848))
            ]
            events.append(conn, new, received_at=0)
    started = time.process_time()
    with store.reading() as conn:
        history = load_history(conn, None, until=NEVER).history
    took = time.process_time() - started
    assert len(history.event_at) == 155_848
    assert took < 4, f"{took:.2f} s"
