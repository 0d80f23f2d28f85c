"""Messages leave at most once, each checked once more at the instant it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from journeys.channels.contract import Verdict
from journeys.daemon.handing_off import ATTEMPTS
from journeys.graph.model import QuietHours
from journeys.store import outbox
from tests.daemon.shop import DAY, HOUR, MINUTE, PROJECT, Dies, Shop, at

COUPON = "journey j\n    start when purchase\n    send coupon\n"
HELLO_LATER = "journey k\n    start when purchase\n    send hello by email\n"
RECEIPT = "journey r\n    start when purchase\n    send receipt as transactional\n"


def bought(shop: Shop, *texts: str, name: str = "ann", hand_off: bool = False) -> None:
    """Somebody bought at 11:00, and by 12:00 the daemon has decided to send; unless told so it handed nothing off."""
    shop.person(name)
    shop.publish("2026-03-01 10:00", *(texts or (COUPON,)))
    shop.tick("2026-03-01 10:00")
    shop.does(name, "purchase", "2026-03-01 11:00", total=500)
    if hand_off:
        shop.tick("2026-03-01 12:00")
    else:
        shop.daemon.walker.walk_due(at("2026-03-01 12:00"))


def test_a_message_leaves_with_the_tick_that_decided_it(shop: Shop) -> None:
    bought(shop, hand_off=True)
    [row] = shop.outbox("ann")
    assert (row.state, row.attempt, row.due_at, row.handed_off_at) == (
        "accepted",
        1,
        at("2026-03-01 11:00"),
        at("2026-03-01 12:00"),
    )
    [(handoff, _)] = shop.channels["email"].taken
    assert (handoff.address, handoff.subject) == ("ann@example.com", "A coupon")
    assert handoff.idempotency_key == row.idempotency_key


def test_the_attempt_is_recorded_before_the_first_byte_leaves(shop: Shop) -> None:
    bought(shop)
    seen = []

    def deliver(handoff: Any, now: int) -> Verdict:
        [row] = shop.outbox("ann")
        seen.append((row.state, row.attempt, row.idempotency_key == handoff.idempotency_key, bool(row.rendered)))
        return Verdict("accepted")

    shop.channels["email"].deliver = deliver  # type: ignore[method-assign]
    shop.tick("2026-03-01 12:00")
    assert seen == [("handing_off", 1, True, True)]


# -- checked at the hand-off -------------------------------------------------------------------------------------------


def test_a_consent_withdrawn_after_the_decision_counts(shop: Shop) -> None:
    bought(shop)
    shop.says("ann", "2026-03-01 11:59", granted=False)
    assert shop.tick("2026-03-01 12:00").handed_off == {"suppressed": 1}
    assert (shop.told, shop.states("ann")) == ([], ["coupon suppressed consent"])


def test_a_suppression_after_the_decision_counts_also_for_transactional_messages(shop: Shop) -> None:
    bought(shop, COUPON, RECEIPT)
    shop.suppresses("ann", "2026-03-01 11:59")
    shop.tick("2026-03-01 12:00")
    assert (shop.told, shop.states("ann")) == ([], ["coupon suppressed suppressed", "receipt suppressed suppressed"])


def test_transactional_messages_need_no_consent(shop: Shop) -> None:
    bought(shop, COUPON, RECEIPT)
    shop.says("ann", "2026-03-01 11:59", granted=False)
    shop.tick("2026-03-01 12:00")
    assert shop.told == ["ann receipt 2026-03-01 12:00"]


def test_an_address_that_is_gone_counts(shop: Shop) -> None:
    bought(shop)
    shop.changes("ann", "2026-03-01 11:59", email=None)
    shop.tick("2026-03-01 12:00")
    assert (shop.told, shop.states("ann")) == ([], ["coupon suppressed unreachable"])


def test_what_cannot_be_rendered_is_dead_and_stops_nothing(shop: Shop) -> None:
    bought(shop, COUPON, HELLO_LATER)
    (shop.folder / "messages" / "coupon" / "email.en.j2").write_text("subject: A\n\n{{ customer.points + 1 }}\n")
    shop.tick("2026-03-01 12:00")
    assert shop.told == ["ann hello 2026-03-01 12:00"]
    assert [row.state for row in shop.outbox("ann")] == ["dead", "accepted"]


QUIET = '[quiet]\nfrom = "21:00"\nto = "09:00"\n'


def test_quiet_hours_at_the_hand_off(open_shop: Callable[[str], Shop]) -> None:
    """Decided in the morning, and the daemon slept until the evening."""
    shop = open_shop(PROJECT + QUIET)
    bought(shop, COUPON, RECEIPT)
    assert shop.tick("2026-03-01 23:00").handed_off == {"held": 1}
    assert shop.states("ann")[0] == "coupon pending quiet hours"
    assert shop.tick("2026-03-02 08:59").idle
    shop.tick("2026-03-02 09:00")
    assert "ann coupon 2026-03-02 09:00" in shop.told


def test_quiet_hours_are_those_of_the_person(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop(PROJECT + QUIET)
    shop.person("ann", zone="Asia/Shanghai")
    bought(shop)
    shop.tick("2026-03-01 13:00")  # 21:00 in Shanghai
    shop.tick("2026-03-02 00:59")
    assert shop.told == []
    shop.tick("2026-03-02 01:00")
    assert shop.told == ["ann coupon 2026-03-02 01:00"]


def test_a_journeys_own_quiet_hours_count(shop: Shop) -> None:
    bought(shop, COUPON.replace("    send", "    quiet 12:00 to 15:00\n    send"))
    shop.tick("2026-03-01 12:00")
    shop.tick("2026-03-01 14:59")
    assert shop.told == []
    shop.tick("2026-03-01 15:00")
    assert shop.told == ["ann coupon 2026-03-01 15:00"]


def test_quiet_hours_that_leave_no_gap_hold_until_the_message_expires(shop: Shop) -> None:
    """The journey is quiet by day, and after the message was decided at 22:00 the project becomes quiet by night."""
    shop.person("ann")
    shop.publish("2026-03-01 10:00", COUPON.replace("    send", "    quiet 09:00 to 21:00\n    send"))
    shop.tick("2026-03-01 10:00")
    shop.does("ann", "purchase", "2026-03-01 22:00", total=500)
    shop.daemon.walker.walk_due(at("2026-03-01 22:00"))
    night = QuietHours(from_minute=21 * 60, to_minute=9 * 60, zone=None)
    shop.daemon.outgoing.policy = replace(shop.daemon.outgoing.policy, quiet=night)
    for hours in range(80):
        shop.daemon.tick(at("2026-03-01 22:00") + hours * HOUR)
    assert (shop.told, shop.states("ann")) == ([], ["coupon expired too old"])


def test_exit_takes_back_what_is_pending(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop(PROJECT + QUIET)
    bought(shop, "journey j\n    start when purchase\n    exit when points over 5\n    send coupon\n    wait 9d\n")
    shop.tick("2026-03-01 23:00")
    shop.changes("ann", "2026-03-02 01:00", points=6)
    shop.tick("2026-03-02 12:00")
    assert (shop.told, shop.states("ann")) == ([], ["coupon cancelled exit when"])
    assert shop.state("ann").handed_off == ()


def test_too_old_is_expired(shop: Shop) -> None:
    bought(shop)
    assert shop.tick("2026-03-04 11:01").handed_off == {"expired": 1}
    assert (shop.told, shop.states("ann")) == ([], ["coupon expired too old"])


def test_72_hours_are_not_too_old(shop: Shop) -> None:
    bought(shop)
    shop.tick("2026-03-04 11:00")
    assert shop.told == ["ann coupon 2026-03-04 11:00"]


def test_what_a_dead_daemon_had_claimed_expires_too(shop: Shop) -> None:
    bought(shop)
    shop.store.run_in_transaction(lambda conn: outbox.claim(conn, at("2026-03-01 12:00"), "daemon", MINUTE, 10))
    later = shop.new_daemon()
    later.take_over(at("2026-03-09 12:00"))
    assert later.tick(at("2026-03-09 12:00")).handed_off == {"expired": 1}
    assert (shop.told, shop.states("ann")) == ([], ["coupon expired too old"])


# -- verdicts ----------------------------------------------------------------------------------------------------------


def test_retry_with_back_off_then_dead(shop: Shop) -> None:
    bought(shop)
    shop.channels["email"].answers = [Verdict("retry", "the server is busy")] * 20
    pauses, now, last = [], at("2026-03-01 12:00"), at("2026-03-01 12:00")
    while shop.outbox("ann")[0].state == "pending":
        if shop.daemon.tick(now).handed_off:
            pauses.append((now - last) // MINUTE)
            last = now
        now += MINUTE
    assert pauses == [0, 1, 2, 4, 8, 16, 32, 64]
    assert len(pauses) == ATTEMPTS
    assert shop.states("ann") == ["coupon dead the server is busy"]
    handoffs = [handoff for handoff, _ in shop.channels["email"].taken]
    assert handoffs == [handoffs[0]] * ATTEMPTS  # the same bytes, the same key


def test_a_second_attempt_has_the_bytes_of_the_first(shop: Shop) -> None:
    bought(shop)
    shop.channels["email"].answers = [Verdict("retry", "busy")]
    shop.tick("2026-03-01 12:00")
    (shop.folder / "messages" / "coupon" / "email.en.j2").write_text("subject: Another\n\nOther words.\n")
    shop.changes("ann", "2026-03-01 12:00", email="new@example.com")
    shop.tick("2026-03-01 12:01")
    (first, _), (second, _) = shop.channels["email"].taken
    assert first == second


def test_unknown_is_never_sent_again_and_counts_for_caps(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop(PROJECT + '[[limits]]\nmessages = 1\nper = "7d"\n')
    shop.channels["email"].answers = [Verdict("unknown", "no answer after DATA")]
    text = "journey j\n    start when purchase\n    enter every time\n    send coupon\n"
    bought(shop, text, hand_off=True)
    shop.does("ann", "purchase", "2026-03-02 11:00", total=500)
    shop.tick_daily("2026-03-02 12:00", 5)
    assert shop.states("ann") == ["coupon unknown no answer after DATA"]
    assert shop.trace("ann", "blocked") == ["2026-03-02 11:00 j v1 #2 blocked send coupon project limit"]
    assert len(shop.told) == 1


def test_refused_does_not_count_for_caps(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop(PROJECT + '[[limits]]\nmessages = 1\nper = "7d"\n')
    shop.channels["email"].answers = [Verdict("refused", "no such box")]
    text = "journey j\n    start when purchase\n    enter every time\n    send coupon\n"
    bought(shop, text, hand_off=True)
    shop.does("ann", "purchase", "2026-03-02 11:00", total=500)
    shop.tick("2026-03-02 12:00")
    assert shop.states("ann") == ["coupon refused no such box", "coupon accepted taken"]


def test_one_persons_messages_leave_in_their_order_and_others_do_not_wait(shop: Shop) -> None:
    shop.person("bob")
    bought(shop, COUPON, HELLO_LATER)
    shop.channels["email"].answers = [Verdict("retry", "busy")]
    shop.does("bob", "purchase", "2026-03-01 11:30", total=500)
    shop.tick("2026-03-01 12:00")
    assert shop.told == ["ann coupon 2026-03-01 12:00", "bob coupon 2026-03-01 12:00", "bob hello 2026-03-01 12:00"]
    shop.tick("2026-03-01 12:01")
    assert shop.told[3:] == ["ann coupon 2026-03-01 12:01", "ann hello 2026-03-01 12:01"]


# -- a daemon that dies ------------------------------------------------------------------------------------------------


def died_while_delivering(shop: Shop, *texts: str) -> None:
    bought(shop, *texts)
    usual = shop.channels["email"].deliver

    def deliver(handoff: Any, now: int) -> Verdict:
        usual(handoff, now)
        raise Dies

    shop.channels["email"].deliver = deliver  # type: ignore[method-assign]
    with pytest.raises(Dies):
        shop.tick("2026-03-01 12:00")
    shop.channels["email"].deliver = usual  # type: ignore[method-assign]


def test_a_marketing_message_whose_fate_nobody_knows_is_not_sent_again(shop: Shop) -> None:
    died_while_delivering(shop)
    later = shop.new_daemon()
    assert later.take_over(at("2026-03-01 12:01")) == (1, 0)
    for hours in range(4):
        later.tick(at("2026-03-01 12:01") + hours * DAY)
    assert shop.told == ["ann coupon 2026-03-01 12:00"]
    assert shop.states("ann") == ["coupon unknown the worker fell silent"]


def test_a_transactional_one_is_sent_again_with_the_same_key(shop: Shop) -> None:
    died_while_delivering(shop, RECEIPT)
    later = shop.new_daemon()
    assert later.take_over(at("2026-03-01 12:01")) == (0, 1)
    later.tick(at("2026-03-01 12:01"))
    (first, _), (second, _) = shop.channels["email"].taken
    assert first == second


def test_a_channel_that_knows_keys_is_given_it_again(shop: Shop) -> None:
    shop.channels["email"].knows_keys = True
    died_while_delivering(shop)
    later = shop.new_daemon()
    assert later.take_over(at("2026-03-01 12:01")) == (0, 1)
    later.tick(at("2026-03-01 12:01"))
    (first, _), (second, _) = shop.channels["email"].taken
    assert first == second
    assert [row.state for row in shop.outbox("ann")] == ["accepted"]
