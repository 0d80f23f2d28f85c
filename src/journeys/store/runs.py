"""What journeys remember of customers: runs, starting conditions, entries; and who is to be looked at next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from journeys.engine.state import NEVER, HandedOff, JourneyKey, PersonState, Run, Watch
from journeys.store import journeys as published
from journeys.store.dialect import pieces
from journeys.store.schema import arrivals, customers, outbox, runs, watches
from journeys.store.texts import from_text, nullable, or_never, to_text


def candidates(conn: Connection, now: int, limit: int) -> Sequence[int]:
    """Up to `limit` customers who may have something to walk at `now`, longest overdue first.

    Those to whom something arrived, or whose run or starting condition is due. Perhaps one too many, never one too few;
    with nothing due, three index probes.
    """
    due: dict[int, int] = {}
    for table in (arrivals, runs, watches):
        column = table.c.due_at
        overdue = (
            select(table.c.customer_id, column).where(column <= now).order_by(column, table.c.customer_id).limit(limit)
        )
        for customer, at in conn.execute(overdue):
            due[customer] = min(at, due.get(customer, at))
    return sorted(due, key=lambda customer: (due[customer], customer))[:limit]


def next_due(conn: Connection) -> int:
    """The earliest instant at which somebody is to be looked at; NEVER if nobody is."""
    first = []
    for table in (arrivals, runs, watches):
        column = table.c.due_at
        first.append(conn.execute(select(column).where(column >= -NEVER).order_by(column).limit(1)).scalar())
    return min(or_never(at) for at in first)


def load_states(conn: Connection, customer_ids: Sequence[int], handed_off_since: int) -> dict[int, PersonState]:
    """What is remembered of each of these customers.

    Runs that are live, or ended with a goal that may still be reached; all starting conditions; entries and keys over
    all time; marketing messages since an instant that count for frequency caps.
    """
    journeys = {id_: key for key, id_ in published.ids(conn).items()}
    states = {}
    for piece in pieces(customer_ids):
        walked = _walked(conn, piece)
        live = _open_runs(conn, piece, journeys)
        looked = _watches(conn, piece, journeys)
        entries, keys = _entries(conn, piece)
        sent = _handed_off(conn, piece, handed_off_since, journeys)
        for customer in piece:
            advanced_to, seen_seq = walked[customer]
            states[customer] = PersonState(
                advanced_to=advanced_to,
                seen_seq=seen_seq,
                runs=tuple(live[customer]),
                watches=tuple(looked[customer]),
                handed_off=tuple(sent[customer]),
                entries=entries[customer],
                keys={name: frozenset(used) for name, used in keys[customer].items()},
            )
    return states


def load_turns(conn: Connection, customer_ids: Sequence[int]) -> dict[int, int]:
    """How often each of these customers has been saved: `save` wants it back, and refuses what is out of date."""
    turns: dict[int, int] = {}
    for piece in pieces(customer_ids):
        turns.update(conn.execute(select(customers.c.id, customers.c.turn).where(customers.c.id.in_(piece))).all())
    return turns


def _walked(conn: Connection, customer_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    row = customers.c
    walked = select(row.id, row.advanced_to, row.seen_seq).where(row.id.in_(customer_ids))
    return {id_: (-NEVER if at is None else at, seq) for id_, at, seq in conn.execute(walked)}


def _open_runs(
    conn: Connection, customer_ids: Sequence[int], journeys: dict[int, JourneyKey]
) -> defaultdict[int, list[Run]]:
    """Live runs, and ended ones whose goal window reaches past what has been walked."""
    row = runs.c
    goal_open = and_(row.goal_at.is_(None), row.goal_until > func.coalesce(customers.c.advanced_to, -NEVER))
    found = (
        select(runs)
        .join(customers, customers.c.id == row.customer_id)
        .where(row.customer_id.in_(customer_ids), or_(row.ended_at.is_(None), goal_open))
        .order_by(row.customer_id, row.id)
    )
    by_customer: defaultdict[int, list[Run]] = defaultdict(list)
    for one in conn.execute(found):
        by_customer[one.customer_id].append(_run(one, journeys))
    return by_customer


def of_customer(conn: Connection, customer_id: int) -> Sequence[Run]:
    """Every run of a customer, ended ones too, in the order they began."""
    journeys = {id_: key for key, id_ in published.ids(conn).items()}
    found = select(runs).where(runs.c.customer_id == customer_id).order_by(runs.c.entered_at, runs.c.id)
    return [_run(row, journeys) for row in conn.execute(found)]


def _run(row: Row[Any], journeys: dict[int, JourneyKey]) -> Run:
    return Run(
        journey=journeys[row.journey_id],
        number=row.number,
        key=row.key,
        node=row.node,
        entered_at=row.entered_at,
        ended_at=or_never(row.ended_at),
        exit_reason=row.exit_reason,
        goal_at=or_never(row.goal_at),
        goal_until=or_never(row.goal_until),
        holdout=row.holdout,
        wait_started=or_never(row.wait_started),
        wait_until=or_never(row.wait_until),
        timed_out=row.timed_out,
        rounds=row.rounds,
        loops=tuple((rounds, started, round_started) for rounds, started, round_started in from_text(row.loops)),
        held=row.held,
        held_since=or_never(row.held_since),
        entry=from_text(row.entry),
        due=or_never(row.due_at),
    )


def run_columns(run: Run) -> dict[str, Any]:
    """A run as a row of the table, without the columns that say whose it is."""
    return {
        "key": run.key,
        "node": run.node,
        "entered_at": run.entered_at,
        "ended_at": nullable(run.ended_at),
        "exit_reason": run.exit_reason,
        "goal_at": nullable(run.goal_at),
        "goal_until": nullable(run.goal_until),
        "holdout": run.holdout,
        "wait_started": nullable(run.wait_started),
        "wait_until": nullable(run.wait_until),
        "timed_out": run.timed_out,
        "rounds": run.rounds,
        "loops": to_text(run.loops),
        "held": run.held,
        "held_since": nullable(run.held_since),
        "entry": to_text(dict(run.entry)),
        "due_at": nullable(run.due),
    }


def _watches(
    conn: Connection, customer_ids: Sequence[int], journeys: dict[int, JourneyKey]
) -> defaultdict[int, list[Watch]]:
    """What was last known of the starting conditions."""
    by_customer: defaultdict[int, list[Watch]] = defaultdict(list)
    found = select(watches).where(watches.c.customer_id.in_(customer_ids)).order_by(*watches.primary_key)
    for row in conn.execute(found):
        by_customer[row.customer_id].append(Watch(journeys[row.journey_id], row.holds, or_never(row.due_at)))
    return by_customer


def _entries(
    conn: Connection, customer_ids: Sequence[int]
) -> tuple[defaultdict[int, dict[str, tuple[int, int]]], defaultdict[int, defaultdict[str, set[str]]]]:
    """How often and when last each journey was entered, and with which keys, over all time."""
    row = runs.c
    entries: defaultdict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    counted = (
        select(row.customer_id, row.journey_name, func.count(), func.max(row.entered_at))
        .where(row.customer_id.in_(customer_ids))
        .group_by(row.customer_id, row.journey_name)
    )
    for customer, name, count, last in conn.execute(counted):
        entries[customer][name] = (count, last)
    keys: defaultdict[int, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    keyed = select(row.customer_id, row.journey_name, row.key).where(row.customer_id.in_(customer_ids), row.key != "")
    for customer, name, key in conn.execute(keyed):
        keys[customer][name].add(key)
    return entries, keys


def _handed_off(
    conn: Connection, customer_ids: Sequence[int], since: int, journeys: dict[int, JourneyKey]
) -> defaultdict[int, list[HandedOff]]:
    """Messages that count for caps, at the instant the journey decided them: also those still on their way (the place
    is reserved) and those whose fate is unknown; not those that were refused, suppressed, expired or cancelled.
    """
    row = outbox.c
    by_customer: defaultdict[int, list[HandedOff]] = defaultdict(list)
    counting = (
        select(row.customer_id, row.due_at, row.journey_id, row.channel)
        .where(
            row.customer_id.in_(customer_ids),
            row.due_at >= since,
            row.kind == "message",
            row.transactional.is_(False),
            row.state.in_(["pending", "claimed", "handing_off", "accepted", "unknown"]),
        )
        .order_by(row.customer_id, row.due_at, row.id)
    )
    for customer, at, journey, channel in conn.execute(counting):
        by_customer[customer].append(HandedOff(at, journeys[journey], channel))
    return by_customer
