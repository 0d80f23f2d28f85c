"""What is to be handed off, and what became of it: every intent is one row that goes through the states once.

The states and the arrows between them are drawn in this room's README and listed in `ARROWS`. Each transition is one
conditional UPDATE: the row must still be in the state, and under the fence, that the caller knows. Each claim raises
the fence, so a worker that slept past its lease changes nothing: a function then returns False, or leaves the row out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from journeys.engine.state import JourneyKey
from journeys.store.dialect import execute_many, pieces
from journeys.store.schema import customers, journeys, outbox, runs
from journeys.store.texts import from_text, to_text

OutboxState = Literal[
    "pending",
    "claimed",
    "handing_off",
    "accepted",
    "refused",
    "unknown",
    "suppressed",
    "expired",
    "dead",
    "cancelled",
]

ARROWS: Mapping[OutboxState, frozenset[OutboxState]] = MappingProxyType(
    {
        "pending": frozenset({"claimed", "expired", "cancelled"}),
        "claimed": frozenset({"claimed", "pending", "handing_off", "suppressed", "expired", "dead", "cancelled"}),
        "handing_off": frozenset({"accepted", "refused", "unknown", "pending", "dead"}),
        "unknown": frozenset({"pending", "accepted", "refused"}),
    }
)
"""Where a row can go from each state; from the others nowhere."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One intent as it stands. `external_id` is the customer's id in the shop; `fence` is the claim it was read under.

    `rendered` and `idempotency_key` are those of the first attempt: every later one hands off the same.
    """

    id: int
    kind: Literal["message", "task", "notice"]
    customer_id: int
    external_id: str
    journey: JourneyKey
    run: int
    step: str
    visit: int
    message: str
    channel: str
    due_at: int
    not_before: int
    state: OutboxState
    reason: str
    worker: str
    lease_until: int | None
    fence: int
    attempt: int
    idempotency_key: str | None
    variables: Mapping[str, Any]
    rendered: Mapping[str, Any] | None
    handed_off_at: int | None
    provider_id: str
    transactional: bool


def claim(conn: Connection, now: int, worker: str, lease: int, limit: int) -> Sequence[OutboxRow]:
    """Takes up to `limit` rows for a worker until `now + lease`, longest due first.

    Those that are due, and those whose worker let the lease run out before it handed off. Of one customer's rows on one
    channel only the first that is not finished, so that they leave in the order of their steps. Nothing of a journey
    that is paused or stopped.
    """
    due = (_is(outbox.c.state, "pending"), outbox.c.not_before <= now)
    left = (outbox.c.state == "claimed", outbox.c.lease_until <= now)
    found = conn.execute(_claimable(due, outbox.c.not_before, limit)).all()
    if len(found) < limit:
        found = [*found, *conn.execute(_claimable(left, outbox.c.lease_until, limit - len(found))).all()]
    if not found:
        return ()
    take = (
        update(outbox)
        .where(
            outbox.c.id == bindparam("row"),
            outbox.c.state == bindparam("was"),
            outbox.c.fence == bindparam("under"),
        )
        .values(state="claimed", fence=outbox.c.fence + 1, worker=worker, lease_until=now + lease)
    )
    execute_many(conn, take, [{"row": row.id, "was": row.state, "under": row.fence} for row in found])
    fences = {row.id: row.fence + 1 for row in found}
    taken = {row.id: row for row in read(conn, list(fences)) if row.worker == worker and row.fence == fences[row.id]}
    return [taken[row.id] for row in found if row.id in taken]


def _claimable(
    conditions: tuple[ColumnElement[bool], ...], order: ColumnElement[Any], limit: int
) -> Select[tuple[int, str, int]]:
    """Rows in one of the two conditions that nothing holds back; rows that another claim has locked are passed over."""
    earlier, theirs = outbox.alias("earlier"), journeys.alias("theirs")
    held_back = exists().where(
        earlier.c.customer_id == outbox.c.customer_id,
        earlier.c.channel == outbox.c.channel,
        earlier.c.id < outbox.c.id,
        _is(earlier.c.state, "pending", "claimed", "handing_off"),
        theirs.c.id == earlier.c.journey_id,
        theirs.c.state.in_(["open", "closed"]),
    )
    runs_on = exists().where(journeys.c.id == outbox.c.journey_id, journeys.c.state.in_(["open", "closed"]))
    return (
        select(outbox.c.id, outbox.c.state, outbox.c.fence)
        .where(*conditions, runs_on, ~held_back)
        .order_by(order, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=outbox)
    )


def _is(column: ColumnElement[str], *states: OutboxState) -> ColumnElement[bool]:
    """Spelt as the partial indexes spell it: with parameters in place of the words, they would not be used."""
    words = [literal(state, literal_execute=True) for state in states]
    return column == words[0] if len(words) == 1 else column.in_(words)


def read(conn: Connection, ids: Sequence[int]) -> Sequence[OutboxRow]:
    """Some rows as they stand, in the order in which they were intended."""
    return [_row(row) for piece in pieces(ids) for row in conn.execute(_whole().where(outbox.c.id.in_(piece)))]


def of_customer(conn: Connection, customer_id: int) -> Sequence[OutboxRow]:
    """Everything that was ever intended for a customer."""
    return [_row(row) for row in conn.execute(_whole().where(outbox.c.customer_id == customer_id))]


def _whole() -> Select[Any]:
    return (
        select(
            outbox,
            customers.c.external_id,
            journeys.c.name.label("journey_name"),
            journeys.c.version,
            runs.c.number,
        )
        .join(customers, customers.c.id == outbox.c.customer_id)
        .join(journeys, journeys.c.id == outbox.c.journey_id)
        .join(runs, runs.c.id == outbox.c.run_id)
        .order_by(outbox.c.id)
    )


def _row(row: Row[Any]) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        kind=row.kind,
        customer_id=row.customer_id,
        external_id=row.external_id,
        journey=JourneyKey(row.journey_name, row.version),
        run=row.number,
        step=row.step,
        visit=row.visit,
        message=row.message,
        channel=row.channel,
        due_at=row.due_at,
        not_before=row.not_before,
        state=row.state,
        reason=row.reason,
        worker=row.worker,
        lease_until=row.lease_until,
        fence=row.fence,
        attempt=row.attempt,
        idempotency_key=row.idempotency_key,
        variables=from_text(row.variables),
        rendered=None if row.rendered is None else from_text(row.rendered),
        handed_off_at=row.handed_off_at,
        provider_id=row.provider_id,
        transactional=row.transactional,
    )


# -- what a worker does with a row it has claimed ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attempt:
    """A claimed row and what it was rendered to; the key by which the channel knows a second attempt for the same."""

    row: OutboxRow
    rendered: Mapping[str, Any]
    idempotency_key: str


def start_handing_off(conn: Connection, attempts: Sequence[Attempt], now: int, lease: int) -> Sequence[OutboxRow]:
    """Notes attempts before their first byte leaves; the rows as they are to be handed off, without those whose lease
    has run out.

    What an earlier attempt was rendered to, and its key, stay: hand off those of the rows that are returned.
    """
    texts = [to_text(dict(one.rendered)) for one in attempts]
    values = {
        "attempt": outbox.c.attempt + 1,
        "lease_until": now + lease,
        "handed_off_at": now,
        "rendered": func.coalesce(outbox.c.rendered, bindparam("new_rendered", type_=Text)),
        "idempotency_key": func.coalesce(outbox.c.idempotency_key, bindparam("new_key", type_=Text)),
    }
    own = [{"new_rendered": new, "new_key": one.idempotency_key} for one, new in zip(attempts, texts, strict=True)]
    moved = _move_all(conn, [one.row for one in attempts], "handing_off", values, own, outbox.c.lease_until > now)
    started = {row.id for row in moved}
    return [
        replace(
            one.row,
            state="handing_off",
            attempt=one.row.attempt + 1,
            lease_until=now + lease,
            handed_off_at=now,
            rendered=from_text(new) if one.row.rendered is None else one.row.rendered,
            idempotency_key=one.row.idempotency_key or one.idempotency_key,
        )
        for one, new in zip(attempts, texts, strict=True)
        if one.row.id in started
    ]


def hold(conn: Connection, row: OutboxRow, not_before: int, reason: str) -> bool:
    """Puts a claimed row, or one whose attempt failed for a while, back until `not_before`."""
    return _move(conn, row, "pending", not_before=not_before, reason=reason, lease_until=None)


def give_up(conn: Connection, row: OutboxRow, state: OutboxState, reason: str) -> bool:
    """Ends a claimed row without handing it off: suppressed, expired, dead or cancelled."""
    return _move(conn, row, state, reason=reason, lease_until=None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a channel said of one row it was handed: accepted, refused for good, or nobody knows; `dead` when there will
    be no further attempt. `provider_id` is the channel's own id of it.
    """

    row: OutboxRow
    state: Literal["accepted", "refused", "unknown", "dead"]
    reason: str = ""
    provider_id: str = ""


def record(conn: Connection, verdicts: Sequence[Verdict]) -> Sequence[OutboxRow]:
    """Notes verdicts; the rows among them that were not this worker's any more, of which nothing was noted."""
    kept: set[int] = set()
    for state in ("accepted", "refused", "unknown", "dead"):
        said = [verdict for verdict in verdicts if verdict.state == state]
        values: dict[str, Any] = {
            "reason": bindparam("new_reason"),
            "provider_id": bindparam("new_provider_id"),
            "lease_until": None,
        }
        own = [{"new_reason": one.reason, "new_provider_id": one.provider_id} for one in said]
        kept.update(row.id for row in _move_all(conn, [one.row for one in said], state, values, own))
    return [verdict.row for verdict in verdicts if verdict.row.id not in kept]


def settle(conn: Connection, row: OutboxRow, state: Literal["accepted", "refused"], reason: str) -> bool:
    """What became of an unknown row after all, from a delivery report or a person who looked."""
    return _move(conn, row, state, reason=reason)


def send_again(conn: Connection, row: OutboxRow, not_before: int) -> bool:
    """Puts an unknown row back: it is handed off at least once, perhaps twice."""
    return _move(conn, row, "pending", not_before=not_before, reason="sent again", lease_until=None)


def _move(conn: Connection, row: OutboxRow, to: OutboxState, **values: Any) -> bool:
    return bool(_move_all(conn, [row], to, values, [{}]))


def _move_all(
    conn: Connection,
    rows: Sequence[OutboxRow],
    to: OutboxState,
    values: Mapping[str, Any],
    own: Sequence[Mapping[str, Any]],
    *also: ColumnElement[bool],
) -> Sequence[OutboxRow]:
    """The conditional UPDATE of a transition, from the state and under the fence the caller knows; the rows that moved.

    `values` are set in all rows, `own` are the parameters in them for each. Usually every row moves; where one did not,
    the whole is taken back and done row by row, to know which.
    """
    if not rows:
        return ()
    if wrong := [row for row in rows if to not in ARROWS.get(row.state, frozenset())]:
        raise ValueError(f"an outbox row does not go from {wrong[0].state} to {to}")
    move = (
        update(outbox)
        .where(
            outbox.c.id == bindparam("row"),
            outbox.c.state == bindparam("was"),
            outbox.c.fence == bindparam("under"),
            *also,
        )
        .values(state=to, **values)
    )
    told = [{"row": row.id, "was": row.state, "under": row.fence, **ours} for row, ours in zip(rows, own, strict=True)]
    with conn.begin_nested() as attempt:
        if execute_many(conn, move, told) == len(rows):
            return rows
        attempt.rollback()
    return [row for row, one in zip(rows, told, strict=True) if conn.execute(move, one).rowcount == 1]


# -- without a claim ---------------------------------------------------------------------------------------------------


def cancel_for_run(conn: Connection, customer_id: int, journey: str, number: int, reason: str) -> int:
    """Cancels what a run still had to hand off; how much that was. What is being handed off just now is not stopped."""
    run_id = (
        select(runs.c.id)
        .where(runs.c.customer_id == customer_id, runs.c.journey_name == journey, runs.c.number == number)
        .scalar_subquery()
    )
    return _end(conn, (outbox.c.run_id == run_id, _is(outbox.c.state, "pending", "claimed")), "cancelled", reason)


def cancel_for_journey(conn: Connection, journey: str, reason: str) -> int:
    """Cancels what all runs of a journey still had to hand off."""
    versions = select(journeys.c.id).where(journeys.c.name == journey)
    theirs = (outbox.c.journey_id.in_(versions), _is(outbox.c.state, "pending", "claimed"))
    return _end(conn, theirs, "cancelled", reason)


def expire(conn: Connection, due_before: int, reason: str) -> int:
    """Gives up what waits and should have been handed off before an instant; how much that was."""
    return _end(conn, (_is(outbox.c.state, "pending"), outbox.c.due_at < due_before), "expired", reason)


def _end(conn: Connection, conditions: tuple[ColumnElement[bool], ...], to: OutboxState, reason: str) -> int:
    return conn.execute(update(outbox).where(*conditions).values(state=to, reason=reason, lease_until=None)).rowcount


def rescue(conn: Connection, now: int, resend_transactional: bool = True) -> tuple[int, int]:
    """Rows whose worker fell silent while handing off: how many are unknown now, and how many go out again.

    Nobody knows whether they arrived. Transactional ones are handed off again (at least once) unless
    `resend_transactional` is false; marketing is not (at most once).
    """
    silent = (outbox.c.state == "handing_off", outbox.c.lease_until <= now)
    again = 0
    if resend_transactional:
        resent = update(outbox).where(*silent, outbox.c.transactional.is_(True))
        again = conn.execute(
            resent.values(state="pending", reason="the worker fell silent", not_before=now, lease_until=None)
        ).rowcount
    return _end(conn, silent, "unknown", "the worker fell silent"), again


def take_over(conn: Connection, now: int, channels: Sequence[str]) -> tuple[int, int]:
    """No other worker is alive: their leases end now. As `rescue`, how many are unknown and how many go out again.

    `channels` know a message by its key, so that handing it off again does no harm; tasks and notices are ours.
    """
    held = outbox.c.state.in_(["claimed", "handing_off"])
    conn.execute(update(outbox).where(held).values(lease_until=now))
    safe = or_(outbox.c.kind != "message", outbox.c.channel.in_(list(channels)))
    again = conn.execute(
        update(outbox)
        .where(outbox.c.state == "handing_off", safe)
        .values(state="pending", reason="the worker fell silent", not_before=now, lease_until=None)
    ).rowcount
    unknown, resent = rescue(conn, now)
    return unknown, again + resent
