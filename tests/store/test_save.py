"""What the engine remembers and decides comes back as it was saved; who is looked at next."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from journeys.engine.state import NEVER, Effect, HandedOff, JourneyKey, PersonState, Run, Watch
from journeys.store import attributes, decisions, events, facts, outbox, schema, status, tags
from journeys.store.database import Store, open_store
from journeys.store.events import NewEvent
from journeys.store.history import load_history
from journeys.store.runs import candidates, load_states, load_turns, next_due
from journeys.store.save import Advance, Saved, Stale, save
from tests.store.people import WIN_BACK, advanced, contents, intent, people, published, run

WELCOME = JourneyKey("欢迎", 3)
INSTANTS = st.integers(-(2**60), 2**60) | st.just(NEVER)
RUNS = st.builds(
    Run,
    journey=st.sampled_from([WIN_BACK, WELCOME]),
    number=st.integers(1, 3),
    key=st.sampled_from(["", "order-7"]),
    node=st.sampled_from(["send coupon", "wait 3d #2"]),
    entered_at=st.integers(0, 2**60),
    exit_reason=st.just(""),
    goal_at=INSTANTS,
    goal_until=INSTANTS,
    holdout=st.booleans(),
    wait_started=INSTANTS,
    wait_until=INSTANTS,
    timed_out=st.booleans(),
    rounds=st.integers(0, 9),
    loops=st.lists(st.tuples(st.integers(0, 5), INSTANTS, INSTANTS), max_size=2).map(tuple),
    held=st.sampled_from(["", "quiet", "limit"]),
    held_since=INSTANTS,
    entry=st.dictionaries(
        st.sampled_from(["total", "sku"]), st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3)
    ),
    due=INSTANTS,
)
STATES = st.lists(
    st.tuples(
        st.lists(RUNS, max_size=3, unique_by=lambda one: (one.journey, one.number)),
        st.lists(
            st.builds(Watch, st.sampled_from([WIN_BACK, WELCOME]), st.booleans(), INSTANTS),
            max_size=2,
            unique_by=lambda one: one.journey,
        ),
        st.integers(0, 2**60),
    ),
    min_size=1,
    max_size=3,
)


@given(STATES)
@settings(max_examples=60)
def test_what_is_saved_is_what_is_remembered(
    empty_sqlite: Path, states: list[tuple[list[Run], list[Watch], int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(shutil.copy(empty_sqlite, Path(folder) / "shop.db"))
        with store.writing(durable=False) as conn:
            published(conn, WIN_BACK)
            published(conn, WELCOME)
            ids = people(conn, *[f"p{number}" for number in range(len(states))])
            for _ in range(2):  # the second time every row is there already
                turns = load_turns(conn, ids)
                batch = [
                    Advance(customer, turns[customer], to, 7, runs, watches)
                    for customer, (runs, watches, to) in zip(ids, states, strict=True)
                ]
                save(conn, batch, now=0, horizon=-1)
                remembered = load_states(conn, ids, handed_off_since=0)
                for customer, (runs, watches, to) in zip(ids, states, strict=True):
                    state = remembered[customer]
                    assert (state.advanced_to, state.seen_seq) == (to, 7)
                    assert sorted(state.runs, key=repr) == sorted(runs, key=repr)
                    assert sorted(state.watches, key=repr) == sorted(watches, key=repr)
                    names = {one.journey.name for one in runs}
                    assert state.entries == {
                        name: (
                            sum(one.journey.name == name for one in runs),
                            max(one.entered_at for one in runs if one.journey.name == name),
                        )
                        for name in names
                    }
                    assert state.keys == {one.journey.name: {"order-7"} for one in runs if one.key}
        store.close()


def test_somebody_never_looked_at(store: Store) -> None:
    with store.writing() as conn:
        (anna,) = people(conn, "anna")
        assert load_states(conn, [anna], 0) == {anna: PersonState()}
        assert load_turns(conn, [anna]) == {anna: 0}


def test_an_ended_run_is_remembered_while_its_goal_may_still_be_reached(store: Store) -> None:
    ended: dict[str, Any] = {"ended_at": 50, "exit_reason": "finished", "node": ""}
    with store.writing() as conn:
        published(conn)
        (anna,) = people(conn, "anna")
        still_open = run(1, goal_until=100, **ended)
        reached = run(2, goal_until=100, goal_at=60, **ended)
        no_goal = run(3, **ended)
        advanced(conn, anna, 70, [still_open, reached, no_goal])
        state = load_states(conn, [anna], 0)[anna]
        assert state.runs == (still_open,)
        assert state.entries == {"win back": (3, 0)}
        advanced(conn, anna, 99)
        assert load_states(conn, [anna], 0)[anna].runs == (still_open,)
        advanced(conn, anna, 100)
        assert load_states(conn, [anna], 0)[anna].runs == ()


def test_what_was_loaded_before_somebody_else_saved_is_refused_whole(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        anna, bo = people(conn, "anna", "bo")
        late = [Advance(anna, 0, 10, -1, [run()]), Advance(bo, 0, 10, -1, [run()])]
        advanced(conn, bo, 9)
    with store.reading() as conn:
        before = contents(conn)
    with pytest.raises(Stale) as raised, store.writing() as conn:
        save(conn, late, now=10, horizon=-1)
    assert raised.value.customer_ids == [bo]
    with store.reading() as conn:
        assert contents(conn) == before


def test_each_intent_is_there_once_whatever_is_saved_again(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        (anna,) = people(conn, "anna")
        first = Advance(anna, 0, 10, -1, [run()], intents=[intent(visit=0), intent(visit=1), intent("notify")])
        assert save(conn, [first], 10, -1) == Saved(3, 0)
        again = Advance(anna, 1, 11, -1, [run()], intents=[intent(visit=1), intent(visit=2)])
        assert save(conn, [again], 11, -1) == Saved(1, 1)
        rows = outbox.of_customer(conn, anna)
        assert [(row.step, row.visit, row.state) for row in rows] == [
            ("send coupon", 0, "pending"),
            ("send coupon", 1, "pending"),
            ("notify", 0, "pending"),
            ("send coupon", 2, "pending"),
        ]
        assert (rows[0].external_id, rows[0].journey, rows[0].run) == ("anna", WIN_BACK, 1)


def test_an_intent_without_its_run_is_our_mistake_and_leaves_nothing(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        (anna,) = people(conn, "anna")
    with pytest.raises(IntegrityError), store.writing() as conn:
        save(conn, [Advance(anna, 0, 10, -1, [run(1)], intents=[intent(run=2)])], 10, -1)
    with store.reading() as conn:
        assert load_states(conn, [anna], 0)[anna] == PersonState()


def test_effects_become_the_trace_and_change_the_profile(store: Store) -> None:
    effects = [
        Effect(0, 5, "entered", WIN_BACK, 1),
        Effect(0, 5, "tagged", WIN_BACK, 1, "tag vip", detail="vip", value=NEVER),
        Effect(0, 5, "tagged", WIN_BACK, 1, "tag trial", detail="trial", value=90),
        Effect(0, 6, "untagged", WIN_BACK, 1, "untag vip", detail="vip"),
        Effect(0, 6, "set", WIN_BACK, 1, "set tier", detail="tier", value="gold"),
        Effect(0, 7, "blocked", WIN_BACK, 1, "send coupon", 2, "limit", "email", 3.5),
    ]
    with store.writing() as conn:
        published(conn)
        (anna,) = people(conn, "anna")
        advanced(conn, anna, 10, [run()], effects)
        traced = list(decisions.trace(conn, anna))
        assert [(d.at, d.kind, d.run, d.node, d.visit, d.reason, d.detail, d.value) for d in traced] == [
            (e.at, e.kind, e.run, e.node, e.visit, e.reason, e.detail, e.value) for e in effects
        ]
        assert {d.journey for d in traced} == {WIN_BACK}
        assert [d.kind for d in decisions.trace(conn, anna, since=6, until=6)] == ["untagged", "set"]
        assert decisions.count_by_kind(conn)[WIN_BACK, "send coupon", "blocked"] == 1
        assert tags.standing(conn, [anna], 10) == {anna: {"trial": 90}}
        assert attributes.latest(conn, [anna]) == {anna: {"tier": "gold"}}
        assert {row[-1] for row in contents(conn, schema.tags)["tags"]} == {"journey win back v1"}
        assert candidates(conn, 1_000, 10) == []  # the engine has walked its own changes already


def test_the_caps_count_what_may_have_reached_somebody(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        (anna,) = people(conn, "anna")
        intents = [
            intent(visit=0, due_at=10, not_before=10),
            intent(visit=1, due_at=20, not_before=20),
            intent(visit=2, due_at=30, not_before=30, transactional=True),
            intent(visit=3, due_at=40, not_before=40, kind="task", channel="sales"),
            intent(visit=4, due_at=50, not_before=99, channel="sms"),
        ]
        advanced(conn, anna, 60, [run()], intents=intents)
        assert load_states(conn, [anna], 20)[anna].handed_off == (
            HandedOff(20, WIN_BACK, "email"),
            HandedOff(50, WIN_BACK, "sms"),
        )
        (claimed,) = outbox.claim(conn, 15, "w", 100, 10)
        outbox.give_up(conn, claimed, "suppressed", "bounce")
        assert [one.at for one in load_states(conn, [anna], 0)[anna].handed_off] == [20, 50]


def test_who_is_to_be_looked_at(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        anna, bo, cleo, dan, eve = people(conn, "anna", "bo", "cleo", "dan", "eve")
        advanced(conn, anna, 5, [run(due=30)])
        advanced(conn, bo, 5, watches=[Watch(WIN_BACK, False, 20)])
        advanced(conn, cleo, 5, [run(due=NEVER)], watches=[Watch(WIN_BACK, True)])
        events.append(conn, [NewEvent(dan, 40, "ordered", {}, "shop"), NewEvent(anna, 50, "ordered", {}, "shop")], 0)
        assert next_due(conn) == 20
        assert candidates(conn, 19, 10) == []
        assert candidates(conn, 20, 10) == [bo]
        assert candidates(conn, 45, 10) == [bo, anna, dan]
        assert candidates(conn, 99, 2) == [bo, anna]
        advanced(conn, bo, 45, watches=[Watch(WIN_BACK, True, NEVER)])
        advanced(conn, anna, 45, [run(due=NEVER)])
        assert candidates(conn, 45, 10) == [dan]
        assert next_due(conn) == 40
        advanced(conn, dan, 45)
        assert next_due(conn) == 50  # anna's event, which has not happened yet
        assert eve not in candidates(conn, NEVER, 10)


PROBE = re.compile(r"^SEARCH \w+ USING (COVERING INDEX|INDEX|INTEGER PRIMARY KEY)( \w+)? \([^)]+\)$")


def test_an_idle_look_is_a_few_index_probes(store: Store) -> None:
    asked: list[tuple[str, Any]] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def listen(_conn: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with store.writing() as conn:
        asked.clear()
        candidates(conn, 10, 100)
        next_due(conn)
        outbox.claim(conn, 10, "w", 100, 100)
        looked = asked[:]
        assert len(looked) == 8
        plans = []
        for statement, parameters in looked:
            plan = [row.detail for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            plans.append(plan)
            for step in plan:
                assert PROBE.search(step) or step.startswith("CORRELATED SCALAR SUBQUERY"), (statement, plan)
        assert "ix_outbox_unfinished (customer_id=? AND channel=? AND id<?)" in str(plans)


def test_how_things_stand(store: Store) -> None:
    with store.writing() as conn:
        published(conn)
        anna, bo, cleo = people(conn, "anna", "bo", "cleo")
        advanced(conn, anna, 5, [run(1, node="wait 3d", goal_at=4)], intents=[intent(), intent("task", kind="task")])
        advanced(conn, bo, 5, [run(1, node="wait 3d")], intents=[intent()])
        advanced(conn, cleo, 5, [run(1, node="", ended_at=5, exit_reason="exit when"), run(2, node="send coupon")])
        assert status.journey_counts(conn) == {
            WIN_BACK: status.JourneyCounts(4, 1, {"wait 3d": 2, "send coupon": 1}, {"exit when": 1})
        }
        assert status.outbox_counts(conn) == {(WIN_BACK, "message", "pending"): 2, (WIN_BACK, "task", "pending"): 1}


def test_a_loaded_batch_is_saved_with_its_horizon(store: Store) -> None:
    """What arrives between loading and saving is looked at in the next tick."""
    with store.writing() as conn:
        published(conn)
        (anna,) = people(conn, "anna")
        events.append(conn, [NewEvent(anna, 10, "ordered", {}, "shop")], 0)
        loaded = load_history(conn, [anna], until=20)
        events.append(conn, [NewEvent(anna, 15, "ordered", {}, "shop")], 0)
        save(conn, [Advance(anna, 0, 20, 0)], now=20, horizon=loaded.horizon)
        assert candidates(conn, 20, 10) == [anna]
        save(conn, [Advance(anna, 1, 20, 1)], now=20, horizon=facts.last(conn, "arrival"))
        assert candidates(conn, 20, 10) == []
