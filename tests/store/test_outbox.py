"""The outbox: claims, fences, order, pauses, verdicts, rescue; and its states held to a plain dictionary."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection

import journeys.store
from journeys.engine.state import JourneyKey
from journeys.store import journeys as published_journeys
from journeys.store import outbox
from journeys.store.database import Store, open_store
from journeys.store.outbox import Attempt, OutboxRow, Verdict
from tests.store.people import advanced, intent, people, published, run

LEASE = 100


def begin(conn: Connection, row: OutboxRow, now: int, text: str = "hi", key: str = "k") -> OutboxRow | None:
    started = outbox.start_handing_off(conn, [Attempt(row, {"text": text}, key)], now, LEASE)
    return started[0] if started else None


def one_intent(conn: Connection, **fields: object) -> int:
    published(conn)
    (anna,) = people(conn, "anna")
    advanced(conn, anna, 0, [run()], intents=[intent(**fields)])  # type: ignore[arg-type]
    return anna


def test_a_message_from_intent_to_acceptance(store: Store) -> None:
    with store.writing() as conn:
        one_intent(conn, not_before=10, variables={"name": "Ana", "sum": 1990})
        assert outbox.claim(conn, 9, "w", LEASE, 10) == ()
        (claimed,) = outbox.claim(conn, 10, "w", LEASE, 10)
        assert (claimed.state, claimed.fence, claimed.lease_until, claimed.worker) == ("claimed", 1, 110, "w")
        assert claimed.variables == {"name": "Ana", "sum": 1990}
        assert outbox.claim(conn, 109, "other", LEASE, 10) == ()
        started = begin(conn, claimed, 20)
        assert started is not None
        assert (started.state, started.attempt, started.handed_off_at, started.lease_until) == (
            "handing_off",
            1,
            20,
            120,
        )
        assert outbox.record(conn, [Verdict(started, "accepted", provider_id="250 queued")]) == []
        (row,) = outbox.read(conn, [started.id])
        assert (
            (row.rendered, row.idempotency_key) == (started.rendered, started.idempotency_key) == ({"text": "hi"}, "k")
        )
        assert (row.state, row.provider_id, row.lease_until) == ("accepted", "250 queued", None)
        assert outbox.claim(conn, 10_000, "w", LEASE, 10) == ()


def test_every_attempt_hands_off_the_same_bytes_under_the_same_key(store: Store) -> None:
    with store.writing() as conn:
        one_intent(conn)
        (claimed,) = outbox.claim(conn, 0, "w", LEASE, 10)
        first = begin(conn, claimed, 0, "first", "key 1")
        assert first is not None
        assert outbox.hold(conn, first, 60, "mailbox full")
        assert outbox.claim(conn, 59, "w", LEASE, 10) == ()
        (again,) = outbox.claim(conn, 60, "w", LEASE, 10)
        assert (again.reason, again.attempt) == ("mailbox full", 1)
        second = begin(conn, again, 60, "second", "key 2")
        assert second is not None
        assert (second.rendered, second.idempotency_key, second.attempt) == ({"text": "first"}, "key 1", 2)
        assert outbox.read(conn, [second.id]) == [second]  # what is returned is what is stored


def test_a_worker_that_slept_past_its_lease_changes_nothing(store: Store) -> None:
    with store.writing() as conn:
        one_intent(conn)
        (asleep,) = outbox.claim(conn, 0, "sleeper", LEASE, 10)
        assert begin(conn, asleep, 100) is None  # nobody else took it yet, but the lease is over
        (taken,) = outbox.claim(conn, 100, "other", LEASE, 10)
        assert (taken.worker, taken.fence) == ("other", 2)
        assert begin(conn, asleep, 101) is None
        assert not outbox.hold(conn, asleep, 500, "late")
        assert not outbox.give_up(conn, asleep, "dead", "late")
        started = begin(conn, taken, 102)
        assert started is not None
        impostor = replace(asleep, state="handing_off")
        assert outbox.record(conn, [Verdict(impostor, "refused", "late")]) == [impostor]
        assert outbox.read(conn, [taken.id])[0] == started


def test_one_lost_row_does_not_hold_up_the_others(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        for customer in people(conn, "anna", "bo", "cleo"):
            advanced(conn, customer, 0, [run()], intents=[intent()])
        rows = outbox.claim(conn, 0, "w", LEASE, 10)
        outbox.give_up(conn, rows[1], "cancelled", "erased")
        started = outbox.start_handing_off(conn, [Attempt(row, {}, "k") for row in rows], 1, LEASE)
        assert [row.id for row in started] == [rows[0].id, rows[2].id]
        verdicts = [Verdict(started[0], "refused", "no such mailbox"), Verdict(started[1], "accepted")]
        verdicts.append(Verdict(replace(rows[1], state="handing_off"), "accepted"))
        assert [row.id for row in outbox.record(conn, verdicts)] == [rows[1].id]
        assert [row.state for row in outbox.read(conn, [row.id for row in rows])] == [
            "refused",
            "cancelled",
            "accepted",
        ]
        assert {row.attempt for row in outbox.read(conn, [rows[0].id, rows[2].id])} == {1}


def test_one_persons_messages_on_a_channel_leave_in_order(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        anna, bo = people(conn, "anna", "bo")
        later = [intent("a", not_before=50), intent("b"), intent("c", channel="sms")]
        advanced(conn, anna, 0, [run()], intents=later)
        advanced(conn, bo, 0, [run()], intents=[intent("a")])
        first = outbox.claim(conn, 10, "w", LEASE, 10)
        assert [(row.external_id, row.step) for row in first] == [("anna", "c"), ("bo", "a")]
        (a,) = outbox.claim(conn, 50, "w", LEASE, 10)
        assert a.step == "a"
        started = begin(conn, a, 50)
        assert started is not None
        assert outbox.claim(conn, 51, "w", LEASE, 10) == ()
        outbox.record(conn, [Verdict(started, "unknown", "time-out")])
        assert [row.step for row in outbox.claim(conn, 52, "w", LEASE, 10)] == ["b"]


def test_a_pause_takes_effect_at_once_and_blocks_nobody_else(store: Store) -> None:
    other = JourneyKey("welcome", 1)
    with store.writing() as conn:
        published(conn)
        published(conn, other)
        (anna,) = people(conn, "anna")
        advanced(conn, anna, 0, [run(), run(journey=other)], intents=[intent(), intent(journey=other)])
        published_journeys.pause(conn, "win back")
        assert [row.journey.name for row in outbox.claim(conn, 5, "w", LEASE, 10)] == ["welcome"]
        published_journeys.resume(conn, "win back")
        assert [row.journey.name for row in outbox.claim(conn, 5, "w", LEASE, 10)] == ["win back"]


def test_claims_are_bounded_and_longest_due_first(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        for number, customer in enumerate(people(conn, *"abcdef")):
            advanced(conn, customer, 0, [run()], intents=[intent(not_before=10 - number)])
        assert [row.external_id for row in outbox.claim(conn, 8, "w", LEASE, 3)] == ["f", "e", "d"]
        assert [row.external_id for row in outbox.claim(conn, 8, "w", LEASE, 3)] == ["c"]


def test_cancelling_stops_what_has_not_left_yet(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        anna, bo = people(conn, "anna", "bo")
        advanced(conn, anna, 0, [run(1), run(2)], intents=[intent("a"), intent("b"), intent("a", run=2, channel="sms")])
        advanced(conn, bo, 0, [run(1)], intents=[intent("a")])
        claimed = {row.external_id: row for row in outbox.claim(conn, 0, "w", LEASE, 10) if row.run == 1}
        assert begin(conn, claimed["bo"], 0) is not None
        assert outbox.cancel_for_run(conn, anna, "win back", 1, "exit when") == 2
        assert [(row.step, row.run, row.state) for row in outbox.of_customer(conn, anna)] == [
            ("a", 1, "cancelled"),
            ("b", 1, "cancelled"),
            ("a", 2, "claimed"),
        ]
        assert begin(conn, claimed["anna"], 1) is None
        assert outbox.cancel_for_journey(conn, "win back", "stopped") == 1
        assert outbox.of_customer(conn, bo)[0].state == "handing_off"


def test_too_old_is_expired(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        for customer, due in zip(people(conn, "anna", "bo"), (10, 20), strict=True):
            advanced(conn, customer, 0, [run()], intents=[intent(due_at=due, not_before=1_000)])
        assert outbox.expire(conn, 20, "older than 72 h") == 1
        assert [row.state for row in outbox.read(conn, [1, 2])] == ["expired", "pending"]


@pytest.mark.parametrize(("resend", "expected"), [(True, "pending"), (False, "unknown")])
def test_what_a_dead_worker_was_handing_off(store: Store, resend: bool, expected: str) -> None:
    with store.writing() as conn:
        published(conn)
        for customer, transactional in zip(people(conn, "anna", "bo"), (False, True), strict=True):
            advanced(conn, customer, 0, [run()], intents=[intent(transactional=transactional)])
        rows = outbox.claim(conn, 0, "w", LEASE, 10)
        outbox.start_handing_off(conn, [Attempt(row, {}, "k") for row in rows], 0, LEASE)
        assert outbox.rescue(conn, 99, resend) == (0, 0)
        assert outbox.rescue(conn, 100, resend) == ((1, 1) if resend else (2, 0))
        marketing, transactional_row = outbox.read(conn, [row.id for row in rows])
        assert (marketing.state, transactional_row.state) == ("unknown", expected)
        assert outbox.settle(conn, marketing, "accepted", "delivery report")
        with pytest.raises(ValueError, match="does not go from unknown to claimed"):
            outbox._move(conn, replace(marketing), "claimed")


def test_the_drawing_in_the_readme_shows_the_arrows() -> None:
    readme = Path(journeys.store.__path__[0], "README.md").read_text("utf-8")
    drawn = set(re.findall(r"^ {4}(\w+) --> (\w+)", readme, re.MULTILINE))
    assert drawn == {(start, end) for start, ends in outbox.ARROWS.items() for end in ends}


# -- the states against a dictionary -----------------------------------------------------------------------------------


@dataclass
class Expected:
    """A row as the model has it."""

    customer: int
    channel: str
    not_before: int
    transactional: bool
    state: str = "pending"
    fence: int = 0
    attempt: int = 0
    lease_until: int = 0


class OutboxStates(RuleBasedStateMachine):
    """Workers that claim, sleep, come back late and die, on one clock."""

    empty: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(shutil.copy(self.empty, Path(self.folder.name) / "shop.db"))
        self.now = 0
        self.rows: dict[int, Expected] = {}
        self.seen: list[OutboxRow] = []  # every row any worker ever held in its hands, however old
        with self.store.writing(durable=False) as conn:
            published(conn)
            self.customers = people(conn, "anna", "bo")
            for customer in self.customers:
                advanced(conn, customer, 0, [run()])

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(who=st.integers(0, 1), channel=st.sampled_from(["email", "sms"]), wait=st.integers(0, 30), paid=st.booleans())
    def intend(self, who: int, channel: str, wait: int, paid: bool) -> None:
        number = len(self.rows) + 1
        one = intent(visit=number, channel=channel, not_before=self.now + wait, transactional=paid)
        with self.store.writing(durable=False) as conn:
            advanced(conn, self.customers[who], 0, intents=[one])
        self.rows[number] = Expected(self.customers[who], channel, self.now + wait, paid)

    @rule(step=st.integers(1, 40))
    def time_passes(self, step: int) -> None:
        self.now += step

    @rule(limit=st.integers(1, 3))
    def claim(self, limit: int) -> None:
        def first_of_its_queue(number: int) -> bool:
            mine = self.rows[number]
            return not any(
                (other.customer, other.channel) == (mine.customer, mine.channel)
                and other.state in ("pending", "claimed", "handing_off")
                for other_number, other in self.rows.items()
                if other_number < number
            )

        queue = sorted(
            (r.not_before, n) for n, r in self.rows.items() if r.state == "pending" and r.not_before <= self.now
        )
        left = sorted(
            (r.lease_until, n) for n, r in self.rows.items() if r.state == "claimed" and r.lease_until <= self.now
        )
        expected = [n for _, n in queue if first_of_its_queue(n)][:limit]
        expected += [n for _, n in left if first_of_its_queue(n)][: limit - len(expected)]
        with self.store.writing(durable=False) as conn:
            claimed = outbox.claim(conn, self.now, "w", 20, limit)
        assert [row.id for row in claimed] == expected
        for number in expected:
            row = self.rows[number]
            row.state, row.fence, row.lease_until = "claimed", row.fence + 1, self.now + 20
        self.seen += claimed

    def held(self, data: st.DataObject, *states: str) -> tuple[OutboxRow, bool]:
        """A row some worker has seen in one of these states, and whether that is still how it stands."""
        row = data.draw(st.sampled_from([one for one in self.seen if one.state in states]))
        now = self.rows[row.id]
        return row, (now.state, now.fence) == (row.state, row.fence)

    def has(self, *states: str) -> bool:
        return any(row.state in states for row in self.seen)

    @precondition(lambda self: self.has("claimed"))
    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        row, current = self.held(data, "claimed")
        with self.store.writing(durable=False) as conn:
            started = outbox.start_handing_off(conn, [Attempt(row, {}, "k")], self.now, 20)
        expected = self.rows[row.id]
        assert bool(started) == (current and expected.lease_until > self.now)
        if started:
            expected.state, expected.lease_until = "handing_off", self.now + 20
            expected.attempt += 1
            self.seen += started

    @precondition(lambda self: self.has("claimed", "handing_off"))
    @rule(data=st.data(), wait=st.integers(0, 30))
    def hold(self, data: st.DataObject, wait: int) -> None:
        row, current = self.held(data, "claimed", "handing_off")
        with self.store.writing(durable=False) as conn:
            assert outbox.hold(conn, row, self.now + wait, "later") == current
        if current:
            self.rows[row.id].state, self.rows[row.id].not_before = "pending", self.now + wait

    @precondition(lambda self: self.has("claimed"))
    @rule(data=st.data(), state=st.sampled_from(["suppressed", "expired", "dead", "cancelled"]))
    def give_up(self, data: st.DataObject, state: outbox.OutboxState) -> None:
        row, current = self.held(data, "claimed")
        with self.store.writing(durable=False) as conn:
            assert outbox.give_up(conn, row, state, "so") == current
        if current:
            self.rows[row.id].state = state

    @precondition(lambda self: self.has("handing_off"))
    @rule(data=st.data(), state=st.sampled_from(["accepted", "refused", "unknown", "dead"]))
    def verdict(self, data: st.DataObject, state: str) -> None:
        row, current = self.held(data, "handing_off")
        with self.store.writing(durable=False) as conn:
            lost = outbox.record(conn, [Verdict(row, state)])  # type: ignore[arg-type]
        assert (lost == []) == current
        if current:
            self.rows[row.id].state = state
            self.seen.append(replace(row, state=state))  # type: ignore[arg-type]

    @precondition(lambda self: self.has("unknown"))
    @rule(data=st.data(), again=st.booleans())
    def look_into_unknown(self, data: st.DataObject, again: bool) -> None:
        row, current = self.held(data, "unknown")
        with self.store.writing(durable=False) as conn:
            if again:
                assert outbox.send_again(conn, row, self.now) == current
            else:
                assert outbox.settle(conn, row, "accepted", "report") == current
        if current:
            self.rows[row.id].state = "pending" if again else "accepted"
            self.rows[row.id].not_before = self.now

    @rule()
    def rescue(self) -> None:
        silent = [r for r in self.rows.values() if r.state == "handing_off" and r.lease_until <= self.now]
        with self.store.writing(durable=False) as conn:
            counts = outbox.rescue(conn, self.now)
        again = [row for row in silent if row.transactional]
        assert counts == (len(silent) - len(again), len(again))
        for row in silent:
            row.state = "pending" if row.transactional else "unknown"
            row.not_before = self.now

    @invariant()
    def the_store_agrees(self) -> None:
        with self.store.reading() as conn:
            rows = outbox.read(conn, list(self.rows))
        assert [(row.state, row.fence, row.attempt) for row in rows] == [
            (row.state, row.fence, row.attempt) for row in self.rows.values()
        ]
        assert all((row.lease_until is not None) == (row.state in ("claimed", "handing_off")) for row in rows)


def test_the_states_of_the_outbox(empty_sqlite: Path) -> None:
    OutboxStates.empty = empty_sqlite
    run_state_machine_as_test(OutboxStates, settings=settings(max_examples=25, stateful_step_count=30, deadline=None))
