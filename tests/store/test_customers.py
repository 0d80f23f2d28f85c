"""Customers, what is known of them, what they did, and the queue of those who have something new."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from journeys.engine.history import ALWAYS
from journeys.store import arrivals, attributes, consents, customers, events, facts, schema, tags
from journeys.store.attributes import AttributeChange, Said
from journeys.store.consents import UNKNOWN, Answer, Consent, Standing, Suppression
from journeys.store.database import Store
from journeys.store.events import NewEvent
from journeys.store.tags import Tagging
from tests.store.people import contents, people


def waiting(conn: Connection) -> dict[int, int]:
    """Who waits to be walked, and from which instant."""
    return {row.customer_id: row.due_at for row in conn.execute(select(schema.arrivals))}


def test_customers_are_made_once(store: Store) -> None:
    with store.writing() as conn:
        first = customers.ensure(conn, ["anna", "bo", "anna"], created_at=5)
        second = customers.ensure(conn, ["王芳", "bo"], created_at=9)
        assert list(first) == ["anna", "bo"]
        assert second["bo"] == first["bo"]
        assert customers.count(conn) == 3
        assert customers.find(conn, ["anna", "nobody"]) == {"anna": first["anna"]}
        assert customers.external_ids(conn, [second["王芳"]]) == {second["王芳"]: "王芳"}


def test_everybody_is_walked_over_in_pieces(store: Store) -> None:
    with store.writing() as conn:
        ids = customers.ensure(conn, [f"c{number}" for number in range(12_345)], created_at=0)
        pieces = list(customers.all_ids(conn, at_once=5_000))
        assert [len(piece) for piece in pieces] == [5_000, 5_000, 2_345]
        assert [id_ for piece in pieces for id_ in piece] == sorted(ids.values())
        assert customers.ids_after(conn, pieces[0][-1], 2) == pieces[1][:2]


def test_attributes_keep_their_past(store: Store) -> None:
    with store.writing() as conn:
        (anna,) = people(conn, "anna")
        attributes.record(
            conn,
            [
                AttributeChange(anna, 10, "tier", "silver", "shop"),
                AttributeChange(anna, 10, "tier", "gold", "shop"),
                AttributeChange(anna, 5, "points", 7, "shop", confidence=0.5),
                AttributeChange(anna, 20, "points", None, "shop"),
            ],
        )
        assert attributes.latest(conn, [anna]) == {anna: {"tier": "gold", "points": None}}
        assert attributes.latest(conn, [anna], at=9) == {anna: {"points": 7}}
        assert waiting(conn) == {anna: 5}


def test_what_is_learned_first_has_always_held_and_later_news_hold_from_then_on(store: Store) -> None:
    with store.writing() as conn:
        anna, bo = people(conn, "anna", "bo")
        assert (
            attributes.learn(conn, [Said(anna, "tier", "gold"), Said(bo, "tier", "new")], "crm", received_at=100) == 2
        )
        assert (
            attributes.learn(conn, [Said(anna, "tier", "gold"), Said(bo, "tier", "gold")], "crm", received_at=200) == 1
        )
        assert attributes.learn(conn, [Said(anna, "vip", True), Said(anna, "vip", True)], "crm", received_at=300) == 1
        assert attributes.learn(conn, [Said(anna, "vip", 1, 350)], "crm", received_at=400) == 1  # not the same as true
        rows = contents(conn, schema.attributes)["attributes"]
        assert sorted((row[0], row[3], row[1], row[4]) for row in rows) == [
            (anna, "tier", ALWAYS, '"gold"'),
            (anna, "vip", ALWAYS, "true"),
            (anna, "vip", 350, "1"),
            (bo, "tier", ALWAYS, '"new"'),
            (bo, "tier", 200, '"gold"'),
        ]


def order(anna: int, number: int, event_id: str | None, source: str = "shop", **properties: object) -> NewEvent:
    return NewEvent(anna, number, "ordered", properties, source, event_id)


def test_an_event_with_an_id_is_applied_once_a_source(store: Store) -> None:
    with store.writing() as conn:
        (anna,) = people(conn, "anna")
        first = events.append(
            conn, [order(anna, 1, "a", total=5), order(anna, 1, "a", total=5), order(anna, 2, "b")], received_at=9
        )
        assert first == (2, (1,), ())
        again = events.append(
            conn,
            [order(anna, 1, "a", total=6), order(anna, 2, "b"), order(anna, 3, "b"), order(anna, 2, "b", "till")],
            received_at=10,
        )
        assert again == (1, (1,), (0, 2))  # the same id of another source is another event
        assert events.append(conn, [order(anna, 4, None), order(anna, 4, None)], received_at=11).applied == 2
        assert events.append(conn, [], received_at=12) == (0, (), ())
        assert events.count_by_name(conn) == {"ordered": 5}


def test_events_are_numbered_in_the_order_of_arrival(store: Store) -> None:
    with store.writing() as conn:
        anna, bo = people(conn, "anna", "bo")
        events.append(conn, [order(anna, 30, "a"), order(bo, 10, "b")], received_at=40)
        events.append(conn, [order(anna, 20, "c")], received_at=41)
        rows = contents(conn, schema.events)["events"]
        assert [(row[0], row[1], row[2]) for row in rows] == [(anna, 20, 2), (anna, 30, 0), (bo, 10, 1)]
        assert facts.last(conn, "arrival") == 2


def test_a_body_that_is_no_json_is_our_mistake(store: Store) -> None:
    with pytest.raises(ValueError, match="JSON"), store.writing() as conn:
        (anna,) = people(conn, "anna")
        events.append(conn, [order(anna, 1, "a", total=float("nan"))], received_at=1)
    with store.reading() as conn:
        assert events.count_by_name(conn) == {}


def test_whoever_has_something_new_waits_from_its_earliest_instant(store: Store) -> None:
    with store.writing() as conn:
        anna, bo = people(conn, "anna", "bo")
        events.append(conn, [order(anna, 30, "a"), order(anna, 20, "b"), order(bo, 50, "c")], received_at=60)
        consents.record(conn, [Consent(bo, "email", 40, True, "form")])
        tags.record(conn, [Tagging(bo, "vip", 45, "crm")])
        assert waiting(conn) == {anna: 20, bo: 40}
        tags.record(conn, [Tagging(anna, "vip", 1, "journey x v1")], announced=False)
        assert waiting(conn) == {anna: 20, bo: 40}


def test_who_has_been_walked_waits_for_the_next_known_instant_or_not_at_all(store: Store) -> None:
    with store.writing() as conn:
        anna, bo, cleo = people(conn, "anna", "bo", "cleo")
        events.append(conn, [order(anna, 10, "a"), order(anna, 90, "b"), order(bo, 10, "c")], received_at=60)
        consents.suppress(conn, [Suppression(cleo, "email", 20, "bounce", until=70)])
        horizon = facts.last(conn, "arrival")
        arrivals.consume(conn, [anna, bo, cleo], now=50, horizon=horizon)
        assert waiting(conn) == {anna: 90, cleo: 70}
        arrivals.consume(conn, [anna, cleo], now=95, horizon=horizon)
        assert waiting(conn) == {}


def test_what_came_while_the_engine_walked_is_not_taken_for_walked(store: Store) -> None:
    with store.writing() as conn:
        anna, bo = people(conn, "anna", "bo")
        events.append(conn, [order(anna, 10, "a"), order(bo, 10, "b")], received_at=60)
        horizon = facts.last(conn, "arrival")
        events.append(conn, [order(anna, 12, "late")], received_at=61)
        arrivals.consume(conn, [anna, bo], now=50, horizon=horizon)
        assert waiting(conn) == {anna: 10}


def test_consents_and_suppressions_as_they_stand(store: Store) -> None:
    with store.writing() as conn:
        anna, bo = people(conn, "anna", "bo")
        consents.record(
            conn,
            [
                Consent(anna, "email", 10, True, "form", "signup page"),
                Consent(anna, "email", 30, False, "unsubscribe link"),
                Consent(anna, "email", 10, True, "form", purpose="surveys"),
            ],
        )
        consents.suppress(
            conn, [Suppression(anna, "sms", 10, "bounce", until=20), Suppression(bo, "email", 10, "complaint")]
        )
        standing = {at: consents.standing(conn, [anna, bo], at) for at in (9, 15, 20, 40)}
        assert standing[9] == {}
        assert standing[9].get((anna, "email"), UNKNOWN) == Standing(None, None)
        assert standing[15] == {
            (anna, "email"): Standing(True, None),
            (anna, "sms"): Standing(None, "bounce"),
            (bo, "email"): Standing(None, "complaint"),
        }
        assert (anna, "sms") not in standing[20]
        assert standing[40][anna, "email"] == Standing(False, None)
        assert consents.lift(conn, bo, "email", 50) == 1
        assert consents.lift(conn, bo, "email", 55) == 0
        assert consents.standing(conn, [bo], 49) and not consents.standing(conn, [bo], 50)


def test_consents_are_learned_like_attributes(store: Store) -> None:
    with store.writing() as conn:
        (anna,) = people(conn, "anna")
        assert consents.learn(conn, [Answer(anna, "email", True)], "crm", received_at=100) == 1
        assert consents.learn(conn, [Answer(anna, "email", True)], "crm", received_at=200) == 0
        assert consents.learn(conn, [Answer(anna, "email", False)], "crm", received_at=300) == 1
        rows = contents(conn, schema.consents)["consents"]
        assert [(row[1], row[5]) for row in rows] == [(ALWAYS, True), (300, False)]


def test_tags_as_they_stand(store: Store) -> None:
    with store.writing() as conn:
        (anna,) = people(conn, "anna")
        tags.record(
            conn,
            [
                Tagging(anna, "vip", 10, "crm"),
                Tagging(anna, "trial", 10, "crm", until=20),
                Tagging(anna, "vip", 30, "crm", removed=True),
            ],
        )
        assert tags.standing(conn, [anna], 15) == {anna: {"vip": None, "trial": 20}}
        assert tags.standing(conn, [anna], 20) == {anna: {"vip": None}}
        assert tags.standing(conn, [anna], 30) == {anna: {}}
