"""Keeping what the engine decided: all rows of a batch of customers in the caller's one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from journeys.engine.state import Effect, JourneyKey, Run, Watch
from journeys.store import attributes, facts, tags
from journeys.store import journeys as published
from journeys.store.arrivals import consume
from journeys.store.attributes import AttributeChange
from journeys.store.dialect import execute_many, insert_rows, upsert
from journeys.store.runs import load_turns, run_columns
from journeys.store.schema import customers, decisions, outbox, runs, watches
from journeys.store.tags import Tagging
from journeys.store.texts import nullable, to_text


@dataclass(frozen=True, slots=True)
class Intent:
    """Something to hand off: a message, a task for a role or a notice to one.

    With the run it is identified by step and visit. `channel` of a task or a notice is the role. `due_at` is the
    instant the journey decided it, `not_before` the earliest for the first attempt.
    """

    kind: Literal["message", "task", "notice"]
    journey: JourneyKey
    run: int
    step: str
    visit: int
    message: str
    channel: str
    due_at: int
    not_before: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    transactional: bool = False


@dataclass(frozen=True, slots=True)
class Advance:
    """One customer walked on to `advanced_to`. `turn` is what `load_turns` said when the state was loaded; runs and
    watches are those that are new or have changed.
    """

    customer_id: int
    turn: int
    advanced_to: int
    seen_seq: int
    runs: Sequence[Run] = ()
    watches: Sequence[Watch] = ()
    effects: Sequence[Effect] = ()
    intents: Sequence[Intent] = ()


class Stale(Exception):
    """Somebody else has saved these customers since they were loaded. Nothing of the batch may be kept."""

    def __init__(self, customer_ids: Sequence[int]) -> None:
        super().__init__(customer_ids)
        self.customer_ids = customer_ids


class Saved(NamedTuple):
    """How many intents are new in the outbox, and how many had been there already (which none should have)."""

    intended: int
    repeated: int


def save(conn: Connection, advances: Sequence[Advance], now: int, horizon: int) -> Saved:
    """Saves a batch that was loaded with `horizon` and walked up to `now`.

    Raises Stale, and the caller's transaction must then be given up and the batch loaded again. Changes of attributes
    and tags that journeys made are recorded with the source `journey NAME vN`.
    """
    if not advances:
        return Saved(0, 0)
    _take_turns(conn, advances)
    journeys = published.ids(conn)
    _save_runs(conn, advances, journeys)
    _save_watches(conn, advances, journeys)
    saved = _save_intents(conn, advances, journeys)
    _save_decisions(conn, advances, journeys)
    attributes.record(conn, list(_attribute_changes(advances)), announced=False)
    tags.record(conn, list(_taggings(advances)), announced=False)
    consume(conn, [advance.customer_id for advance in advances], now, horizon)
    return saved


def _take_turns(conn: Connection, advances: Sequence[Advance]) -> None:
    """Moves each customer on, if nobody has since; first of all, so that the rows are ours until the end."""
    ids = [advance.customer_id for advance in advances]
    turns = load_turns(conn, ids)
    if stale := [advance.customer_id for advance in advances if turns.get(advance.customer_id) != advance.turn]:
        raise Stale(stale)
    moved = (
        update(customers)
        .where(customers.c.id == bindparam("customer"), customers.c.turn == bindparam("before"))
        .values(advanced_to=bindparam("to"), seen_seq=bindparam("seen"), turn=customers.c.turn + 1)
    )
    rows = [{"customer": a.customer_id, "before": a.turn, "to": a.advanced_to, "seen": a.seen_seq} for a in advances]
    if execute_many(conn, moved, rows) != len(rows):
        raise Stale(ids)  # between the two statements, which only PostgreSQL lets happen


def _save_runs(conn: Connection, advances: Sequence[Advance], journeys: Mapping[JourneyKey, int]) -> None:
    rows = [
        {
            "customer_id": advance.customer_id,
            "journey_id": journeys[run.journey],
            "journey_name": run.journey.name,
            "number": run.number,
            **run_columns(run),
        }
        for advance in advances
        for run in advance.runs
    ]
    if rows:
        identity = ("customer_id", "journey_name", "number")
        write = upsert(conn, runs)
        changed = {name: write.excluded[name] for name in rows[0] if name not in identity}
        execute_many(conn, write.on_conflict_do_update(index_elements=identity, set_=changed), rows)


def _save_watches(conn: Connection, advances: Sequence[Advance], journeys: Mapping[JourneyKey, int]) -> None:
    rows = [
        {
            "customer_id": advance.customer_id,
            "journey_id": journeys[watch.journey],
            "holds": watch.holds,
            "due_at": nullable(watch.due),
        }
        for advance in advances
        for watch in advance.watches
    ]
    if rows:
        write = upsert(conn, watches)
        changed = {"holds": write.excluded.holds, "due_at": write.excluded.due_at}
        place = ["customer_id", "journey_id"]
        execute_many(conn, write.on_conflict_do_update(index_elements=place, set_=changed), rows)


def _save_intents(conn: Connection, advances: Sequence[Advance], journeys: Mapping[JourneyKey, int]) -> Saved:
    rows = [
        {
            "kind": intent.kind,
            "customer_id": advance.customer_id,
            "journey_id": journeys[intent.journey],
            "run_of": advance.customer_id,
            "run_journey": intent.journey.name,
            "run_number": intent.run,
            "step": intent.step,
            "visit": intent.visit,
            "message": intent.message,
            "channel": intent.channel,
            "due_at": intent.due_at,
            "not_before": intent.not_before,
            "variables": to_text(dict(intent.variables)),
            "transactional": intent.transactional,
        }
        for advance in advances
        for intent in advance.intents
    ]
    if not rows:
        return Saved(0, 0)
    # Without such a run this is null, which the table refuses.
    run_id = (
        select(runs.c.id)
        .where(
            runs.c.customer_id == bindparam("run_of"),
            runs.c.journey_name == bindparam("run_journey"),
            runs.c.number == bindparam("run_number"),
        )
        .scalar_subquery()
    )
    same = {"state": "pending", "reason": "", "worker": "", "fence": 0, "attempt": 0, "provider_id": ""}
    intend = upsert(conn, outbox).values(run_id=run_id, **same)
    once = intend.on_conflict_do_nothing(index_elements=["run_id", "step", "visit"])
    intended = execute_many(conn, once, rows)
    return Saved(intended, len(rows) - intended)


def _save_decisions(conn: Connection, advances: Sequence[Advance], journeys: Mapping[JourneyKey, int]) -> None:
    count = sum(len(advance.effects) for advance in advances)
    if count == 0:
        return
    seq = facts.take(conn, "decision", count)
    told = ((advance.customer_id, effect) for advance in advances for effect in advance.effects)
    rows = [
        (
            customer,
            effect.at,
            number,
            journeys[effect.journey],
            effect.run,
            effect.node,
            effect.visit,
            effect.kind,
            effect.reason,
            effect.detail,
            to_text(effect.value),
        )
        for number, (customer, effect) in enumerate(told, seq)
    ]
    insert_rows(conn, decisions, _DECISION, rows)


_DECISION = (
    *("customer_id", "at", "seq", "journey_id", "run_number", "node"),
    *("visit", "kind", "reason", "detail", "value"),
)


def _source(journey: JourneyKey) -> str:
    return f"journey {journey.name} v{journey.version}"


def _attribute_changes(advances: Sequence[Advance]) -> Iterator[AttributeChange]:
    for advance in advances:
        for effect in advance.effects:
            if effect.kind == "set":
                source = _source(effect.journey)
                yield AttributeChange(advance.customer_id, effect.at, effect.detail, effect.value, source)


def _taggings(advances: Sequence[Advance]) -> Iterator[Tagging]:
    for advance in advances:
        for effect in advance.effects:
            if effect.kind == "tagged":
                until = nullable(int(effect.value))
                yield Tagging(advance.customer_id, effect.detail, effect.at, _source(effect.journey), until)
            elif effect.kind == "untagged":
                source = _source(effect.journey)
                yield Tagging(advance.customer_id, effect.detail, effect.at, source, removed=True)
