"""A tick looks at everybody who is due, and keeps what the engine decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from journeys.daemon import advancing
from journeys.daemon.daemon import ClockWentBack
from journeys.store import journeys as published
from journeys.store import tags
from journeys.store.problem import StoreProblem
from tests.daemon.shop import DAY, PROJECT, Dies, Shop, at

SILENT = "if silent 30d then send coupon\n"
WELCOME = "journey welcome\n    start when sign_up\n    wait 2d\n    send hello\n"


def test_those_for_whom_it_already_holds_enter_once_at_the_instant_of_publication(shop: Shop) -> None:
    for name, last in [("ann", "2026-01-01"), ("bob", "2026-02-27"), ("cid", "2025-06-01")]:
        shop.person(name)
        shop.does(name, "sign_up", last)
    shop.publish("2026-03-01 10:00", SILENT)
    shop.tick("2026-03-01 12:00")
    shop.tick("2026-03-01 12:05")
    assert shop.told == ["ann coupon 2026-03-01 12:00", "cid coupon 2026-03-01 12:00"]
    assert shop.trace("ann", "entered", "sent") == [
        "2026-03-01 10:00 a v1 #1 entered",
        "2026-03-01 10:00 a v1 #1 sent send coupon email",
    ]
    assert shop.trace("bob") == []


def test_time_alone_makes_somebody_due(shop: Shop) -> None:
    shop.person("bob")
    shop.does("bob", "sign_up", "2026-02-27 08:00")
    shop.publish("2026-03-01 10:00", SILENT)
    shop.tick("2026-03-01 12:00")
    before = shop.tick("2026-03-29 07:59")
    assert before.idle
    shop.tick("2026-03-29 08:01")
    assert shop.told == ["bob coupon 2026-03-29 08:01"]
    assert shop.trace("bob", "sent") == ["2026-03-29 08:00 a v1 #1 sent send coupon email"]


def test_an_event_makes_somebody_due_and_then_a_timer(shop: Shop) -> None:
    shop.person("ann")
    shop.publish("2026-03-01 10:00", WELCOME)
    shop.tick("2026-03-01 10:00")
    shop.does("ann", "sign_up", "2026-03-01 11:00")
    assert shop.tick("2026-03-01 11:05").walked.decided["entered"] == 1
    assert shop.tick("2026-03-02 11:05").idle
    shop.tick("2026-03-03 11:00")
    assert shop.trace("ann", "entered", "sent", "ended") == [
        "2026-03-01 11:00 welcome v1 #1 entered",
        "2026-03-03 11:00 welcome v1 #1 sent send hello email",
        "2026-03-03 11:00 welcome v1 #1 ended finished",
    ]


def test_somebody_new_is_met_where_the_daemon_stood(shop: Shop) -> None:
    """What happened to a new customer since the last tick counts as happening now, what was before as history."""
    shop.publish("2026-03-01 10:00", WELCOME)
    shop.tick("2026-03-01 10:00")
    shop.person("ann")
    shop.does("ann", "sign_up", "2026-03-01 10:03")
    shop.person("bob")
    shop.does("bob", "sign_up", "2026-02-01 10:03")
    shop.tick("2026-03-01 10:05")
    assert shop.trace("ann", "entered") == ["2026-03-01 10:03 welcome v1 #1 entered"]
    assert shop.trace("bob") == []


def test_people_new_since_the_last_tick_meet_a_new_journey_at_its_publication(shop: Shop) -> None:
    shop.publish("2026-03-01 10:00", WELCOME)
    shop.tick("2026-03-01 10:00")
    shop.person("ann")
    shop.does("ann", "sign_up", "2026-03-01 10:03")
    shop.publish("2026-03-01 10:04", "journey other\n    start when sign_up\n    send coupon\n")
    shop.does("ann", "sign_up", "2026-03-01 10:06")
    shop.tick("2026-03-01 11:00")
    assert shop.trace("ann", "entered") == [
        "2026-03-01 10:03 welcome v1 #1 entered",
        "2026-03-01 10:06 other v1 #1 entered",
    ]


def test_a_daemon_that_ran_before_anything_was_published_starts_nothing_early(shop: Shop) -> None:
    shop.tick("2026-03-01 09:00")
    shop.person("ann")
    shop.does("ann", "sign_up", "2026-03-01 09:30")
    shop.publish("2026-03-01 10:00", WELCOME)
    shop.tick("2026-03-01 10:01")
    assert shop.trace("ann") == []


def test_journeys_published_together_compete_by_priority(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop(PROJECT + '[[limits]]\nmessages = 1\nper = "7d"\n')
    shop.person("ann")
    shop.does("ann", "sign_up", "2026-01-01")
    low = "journey low\n    start when silent 30d\n    send hello by email\n"
    high = "journey high\n    start when silent 30d\n    priority 90\n    send coupon\n"
    shop.publish("2026-03-01 10:00", low, high)
    shop.tick("2026-03-01 10:00")
    assert shop.trace("ann", "sent", "blocked") == [
        "2026-03-01 10:00 high v1 #1 sent send coupon email",
        "2026-03-01 10:00 low v1 #1 blocked send hello project limit",
    ]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advancing, "BATCH", 2)


def five_silent(shop: Shop) -> list[str]:
    names = ["ann", "bob", "cid", "dan", "eve"]
    for name in names:
        shop.person(name)
        shop.does(name, "sign_up", "2026-01-01")
    return names


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("killed_at", range(1, 9))
def test_a_killed_first_look_resumes(shop: Shop, monkeypatch: pytest.MonkeyPatch, killed_at: int) -> None:
    """Killed before its k-th transaction, the daemon that comes after does the rest, and nothing twice."""
    names = five_silent(shop)
    shop.publish("2026-03-01 10:00", SILENT, WELCOME)
    left = [killed_at]
    real = type(shop.store).run_in_transaction

    def dying(store: Any, work: Any, durable: bool = True) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise Dies
        return real(store, work, durable)

    with monkeypatch.context() as patch:
        patch.setattr(type(shop.store), "run_in_transaction", dying)
        with pytest.raises(Dies):
            shop.tick("2026-03-01 12:00")
    assert left[0] == 0
    again = shop.new_daemon()
    again.take_over(at("2026-03-01 12:10"))
    again.tick(at("2026-03-01 12:10"))
    assert sorted(one.customer_id for one, _ in shop.channels["email"].taken) == names
    for name in names:
        assert shop.trace(name, "entered") == ["2026-03-01 10:00 a v1 #1 entered"]
    assert shop.swept() == {"a v1": None, "welcome v1": None}


@pytest.mark.usefixtures("small_batches")
def test_a_version_superseded_in_the_middle_of_its_first_look(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    names = five_silent(shop)
    shop.publish("2026-03-01 10:00", "journey back version 1\n    start when silent 30d\n    send coupon\n")
    with monkeypatch.context() as patch:
        calls = []
        real = advancing.Walker._walk

        def dying(self: Any, *args: Any, **others: Any) -> None:
            calls.append(1)
            if len(calls) == 2:
                raise Dies
            real(self, *args, **others)

        patch.setattr(advancing.Walker, "_walk", dying)
        with pytest.raises(Dies):
            shop.tick("2026-03-01 10:00")
    shop.publish("2026-03-01 11:00", "journey back version 2\n    start when silent 30d\n    send hello by email\n")
    shop.tick("2026-03-01 12:00")
    shop.tick("2026-03-01 13:00")
    entered = {name: shop.trace(name, "entered") for name in names}
    assert entered == {
        "ann": ["2026-03-01 10:00 back v1 #1 entered"],
        "bob": ["2026-03-01 10:00 back v1 #1 entered"],
        "cid": ["2026-03-01 11:00 back v2 #1 entered"],
        "dan": ["2026-03-01 11:00 back v2 #1 entered"],
        "eve": ["2026-03-01 11:00 back v2 #1 entered"],
    }


# -- versions ----------------------------------------------------------------------------------------------------------

V1 = "journey welcome version 1\n    start when sign_up\n    enter every time\n    wait 2d\n    send hello by email\n"
V2 = "journey welcome version 2\n    start when sign_up\n    enter every time\n    wait 1d\n    send coupon\n"


def test_people_finish_the_version_they_entered_and_nobody_enters_again(shop: Shop) -> None:
    shop.person("ann")
    shop.person("bob")
    shop.publish("2026-03-01 10:00", V1)
    shop.tick("2026-03-01 10:00")
    shop.does("ann", "sign_up", "2026-03-01 11:00")
    shop.tick("2026-03-01 11:00")
    assert [key.version for key in shop.publish("2026-03-02 10:00", V2)] == [2]
    shop.does("bob", "sign_up", "2026-03-02 11:00")
    shop.tick_daily("2026-03-02 12:00", 5)
    assert shop.trace("ann", "entered", "sent") == [
        "2026-03-01 11:00 welcome v1 #1 entered",
        "2026-03-03 11:00 welcome v1 #1 sent send hello email",
    ]
    assert shop.trace("bob", "entered", "sent") == [
        "2026-03-02 11:00 welcome v2 #1 entered",
        "2026-03-03 11:00 welcome v2 #1 sent send coupon email",
    ]


def test_publishing_a_version_enters_nobody_a_second_time(shop: Shop) -> None:
    shop.person("ann")
    shop.does("ann", "sign_up", "2026-01-01")
    text = "journey back version {}\n    start when silent 30d\n    enter every time\n    send coupon\n"
    shop.publish("2026-03-01 10:00", text.format(1))
    shop.tick("2026-03-01 10:00")
    shop.publish("2026-03-05 10:00", text.format(2) + "    wait 1d\n")
    shop.tick_daily("2026-03-05 12:00", 40)
    assert shop.trace("ann", "entered") == ["2026-03-01 10:00 back v1 #1 entered"]
    shop.does("ann", "purchase", "2026-04-20", total=500)
    shop.tick_daily("2026-04-20 12:00", 40)
    assert shop.trace("ann", "entered") == [
        "2026-03-01 10:00 back v1 #1 entered",
        "2026-05-20 00:00 back v2 #2 entered",
    ]


def test_who_qualified_before_a_later_version_came_enters_the_earlier(shop: Shop) -> None:
    """The daemon slept from 10:00 to 12:00; the version of 10:00 was the open one until 11:00."""
    shop.person("ann")
    shop.publish("2026-03-01 10:00", V1)
    shop.tick("2026-03-01 10:00")
    shop.does("ann", "sign_up", "2026-03-01 10:30")
    shop.publish("2026-03-01 11:00", V2)
    shop.tick("2026-03-01 12:00")
    shop.tick("2026-03-01 12:05")
    assert shop.trace("ann", "entered") == ["2026-03-01 10:30 welcome v1 #1 entered"]


def test_a_version_that_was_never_looked_at_takes_nobody(shop: Shop) -> None:
    shop.person("ann")
    shop.does("ann", "sign_up", "2026-01-01")
    shop.publish("2026-03-01 10:00", "journey back version 1\n    start when silent 30d\n    send coupon\n")
    shop.publish("2026-03-01 11:00", "journey back version 2\n    start when silent 30d\n    send hello\n")
    shop.tick("2026-03-01 12:00")
    assert shop.trace("ann", "entered") == ["2026-03-01 11:00 back v2 #1 entered"]


def test_the_same_version_with_another_graph_is_refused_and_nothing_changes(shop: Shop) -> None:
    shop.publish("2026-03-01 10:00", V1)
    before = shop.contents()
    with pytest.raises(StoreProblem) as refused:
        shop.publish("2026-03-01 11:00", WELCOME.replace("welcome", "first"), V1.replace("2d", "3d"))
    assert refused.value.code == "J301"
    assert refused.value.facts["next"] == "2"
    assert shop.contents() == before
    assert shop.publish("2026-03-01 11:00", V1) == ()


def test_publishing_before_what_the_daemon_has_begun_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the tick of that instant died half-way."""
    shop.publish("2026-03-01 10:00", V1)
    with monkeypatch.context() as patch:
        patch.setattr(advancing.Walker, "walk_due", lambda self, now: (_ for _ in ()).throw(Dies()))
        with pytest.raises(Dies):
            shop.tick("2026-03-02 12:00")
    with pytest.raises(StoreProblem) as refused:
        shop.publish("2026-03-02 11:59", V2)
    assert refused.value.code == "J302"
    assert shop.publish("2026-03-02 12:00", V2)


def test_a_version_published_while_a_tick_goes_on_waits_for_the_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.person("ann")
    shop.does("ann", "sign_up", "2026-01-01")
    shop.publish("2026-03-01 10:00", WELCOME)
    real = advancing.Walker._first_looks

    def slow(self: Any, now: int, walked: Any) -> None:
        real(self, now, walked)
        shop.publish("2026-03-01 10:30", SILENT)

    with monkeypatch.context() as patch:
        patch.setattr(advancing.Walker, "_first_looks", slow)
        shop.tick("2026-03-01 10:00")
    assert shop.trace("ann") == []
    shop.tick("2026-03-01 11:00")
    assert shop.trace("ann", "entered") == ["2026-03-01 10:30 a v1 #1 entered"]


def test_a_pause_holds_messages_back_and_nobody_enters_a_closed_version(shop: Shop) -> None:
    shop.person("ann")
    shop.publish("2026-03-01 10:00", V1)
    shop.tick("2026-03-01 10:00")
    shop.publish("2026-03-01 11:00", V2)
    shop.tick("2026-03-01 11:00")
    shop.store.run_in_transaction(lambda conn: published.pause(conn, "welcome"))
    shop.does("ann", "sign_up", "2026-03-01 12:00")
    shop.tick("2026-03-01 12:00")
    shop.tick("2026-03-02 12:00")
    assert shop.trace("ann", "entered") == ["2026-03-01 12:00 welcome v2 #1 entered"]
    assert shop.told == []
    shop.store.run_in_transaction(lambda conn: published.resume(conn, "welcome"))
    shop.tick("2026-03-02 12:05")
    assert shop.told == ["ann coupon 2026-03-02 12:05"]


# -- what journeys change ----------------------------------------------------------------------------------------------


def test_what_a_journey_sets_and_tags_is_stored_and_seen_by_others(shop: Shop) -> None:
    shop.person("ann", tier="basic")
    shop.publish(
        "2026-03-01 10:00",
        "journey up\n    start when purchase\n    set tier to gold\n    tag vip for 10d\n    send coupon\n",
        "journey gold\n    start when tier is gold\n    send hello by email\n",
        "journey over\n    start when not tagged vip\n    enter new only\n    task call for florist\n",
    )
    shop.tick("2026-03-01 10:00")
    shop.does("ann", "purchase", "2026-03-02 10:00", total=500)
    shop.tick("2026-03-02 12:00")
    assert sorted(shop.told) == ["ann coupon 2026-03-02 12:00", "ann hello 2026-03-02 12:00"]
    assert "Hello gold," in shop.channels["email"].taken[0][0].text
    contents = shop.contents()
    assert [row[3:6] for row in contents["attributes"] if row[5] != "test"] == [("tier", '"gold"', "journey up v1")]
    with shop.store.reading() as conn:
        worn = tags.standing(conn, [shop.id("ann")], at("2026-03-02 12:00"))
    assert worn == {shop.id("ann"): {"vip": at("2026-03-12 10:00")}}
    shop.tick("2026-03-12 09:59")
    assert shop.trace("ann", "task") == []
    shop.tick("2026-03-12 10:00")
    assert shop.trace("ann", "task") == ["2026-03-12 10:00 over v1 #1 task task call"]


def test_tasks_and_notices_come_into_the_outbox_for_colleagues(shop: Shop) -> None:
    shop.person("ann")
    shop.publish(
        "2026-03-01 10:00",
        'journey j\n    start when purchase\n    task call for florist due 2d\n    notify florist "a big one"\n',
    )
    shop.tick("2026-03-01 10:00")
    shop.does("ann", "purchase", "2026-03-02 10:00", total=500)
    assert shop.tick("2026-03-02 12:00").handed_off == {"accepted": 2}
    rows = [(row.kind, row.message, row.channel, row.state) for row in shop.outbox("ann")]
    assert rows == [("task", "call", "florist", "accepted"), ("notice", "a big one", "florist", "accepted")]
    assert shop.told == []


# -- the clock ---------------------------------------------------------------------------------------------------------


def test_a_clock_that_goes_back_does_nothing(shop: Shop) -> None:
    shop.person("ann")
    shop.publish("2026-03-01 10:00", WELCOME)
    shop.tick("2026-03-01 12:00")
    shop.does("ann", "sign_up", "2026-03-01 11:30")
    before = shop.contents()
    with pytest.raises(ClockWentBack) as refused:
        shop.tick("2026-03-01 11:59")
    assert (refused.value.now, refused.value.highest) == (at("2026-03-01 11:59"), at("2026-03-01 12:00"))
    with pytest.raises(ClockWentBack):
        shop.new_daemon().take_over(at("2026-03-01 11:59"))
    assert shop.contents() == before


def test_a_clock_that_stands_still_does_nothing_twice(shop: Shop) -> None:
    shop.person("ann")
    shop.does("ann", "sign_up", "2026-01-01")
    shop.publish("2026-03-01 10:00", SILENT)
    shop.tick("2026-03-01 12:00")
    before = shop.contents()
    assert shop.tick("2026-03-01 12:00").idle
    assert shop.contents() == before


def test_after_a_long_sleep_each_timer_fires_once_at_its_own_instant(shop: Shop) -> None:
    shop.person("ann")
    text = "journey j\n    start when sign_up\n    repeat up to 3 times every 4d\n        send hello\n"
    shop.publish("2026-03-01 10:00", text)
    shop.tick("2026-03-01 10:00")
    shop.does("ann", "sign_up", "2026-03-01 11:00")
    shop.tick("2026-03-01 11:00")
    shop.tick("2026-03-12 11:01")
    assert shop.trace("ann", "sent") == [
        "2026-03-01 11:00 j v1 #1 sent send hello email",
        "2026-03-05 11:00 j v1 #1 sent send hello email",
        "2026-03-09 11:00 j v1 #1 sent send hello email",
    ]
    assert shop.states("ann") == ["hello accepted taken", "hello expired too old", "hello expired too old"]


def test_people_that_stay_due_end_the_daemon_instead_of_a_loop(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.person("ann")
    shop.publish("2026-03-01 10:00", WELCOME)
    shop.tick("2026-03-01 10:00")
    shop.does("ann", "sign_up", "2026-03-01 11:30")
    monkeypatch.setattr(advancing, "_keep", lambda conn, **others: None)
    with pytest.raises(advancing.DaemonBug, match="1 customers stay due"):
        shop.tick("2026-03-01 12:00")


def test_a_tick_with_nothing_due_reads_no_histories(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.person("ann")
    shop.publish("2026-03-01 10:00", WELCOME)
    shop.tick("2026-03-01 10:00")
    monkeypatch.setattr(advancing, "load_history", None)
    assert shop.daemon.tick(at("2026-03-01 10:00") + DAY).idle
