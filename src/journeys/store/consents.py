"""Who agrees to be written to, and who must not be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from journeys.engine.history import ALWAYS
from journeys.store import facts
from journeys.store.arrivals import announce
from journeys.store.dialect import pieces
from journeys.store.schema import consents, suppressions

MARKETING = "marketing"


class Consent(NamedTuple):
    """What a customer said, at an instant, about being written to on a channel; `evidence` is where to see that."""

    customer_id: int
    channel: str
    at: int
    granted: bool
    source: str
    evidence: str = ""
    purpose: str = MARKETING


class Suppression(NamedTuple):
    """From `at` (until `until`; None: for good) nothing goes to the customer on the channel, whatever was agreed."""

    customer_id: int
    channel: str
    at: int
    reason: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a customer agrees (None: has never said) and must not be written to, on one channel."""

    granted: bool | None = None
    suppressed: str | None = None


UNKNOWN = Standing()


def record(conn: Connection, said: Sequence[Consent]) -> None:
    """Adds to the record, of which nothing is ever changed. Of two answers at one instant the later one holds."""
    if said:
        seq = facts.take(conn, "arrival", len(said))
        conn.execute(insert(consents), [{**row._asdict(), "seq": number} for number, row in enumerate(said, seq)])
        _announce(conn, said, seq + len(said) - 1)


class Answer(NamedTuple):
    """A source says that a customer agrees to a channel or does not, and perhaps since when."""

    customer_id: int
    channel: str
    granted: bool
    at: int | None = None


def learn(conn: Connection, said: Sequence[Answer], source: str, received_at: int) -> int:
    """Records answers as far as they are new; how many were. They hold since when `attributes.learn` would have it."""
    had = standing(conn, sorted({customer for customer, *_ in said}), received_at)
    answers: dict[tuple[int, str], bool | None] = {place: known.granted for place, known in had.items()}
    new = []
    for customer, channel, granted, at in said:
        before = answers.get((customer, channel))
        if before is not granted:
            since = at if at is not None else ALWAYS if before is None else received_at
            new.append(Consent(customer, channel, since, granted, source))
            answers[customer, channel] = granted
    record(conn, new)
    return len(new)


def suppress(conn: Connection, new: Sequence[Suppression]) -> None:
    """Suppresses customers on channels."""
    if new:
        seq = facts.take(conn, "arrival", len(new))
        conn.execute(insert(suppressions), [{**row._asdict(), "seq": number} for number, row in enumerate(new, seq)])
        _announce(conn, new, seq + len(new) - 1)


def lift(conn: Connection, customer_id: int, channel: str, at: int) -> int:
    """Ends the customer's suppressions on a channel at an instant; how many there were."""
    row = suppressions.c
    standing_then = (row.customer_id == customer_id, row.channel == channel, row.at <= at, _lasts_after(at))
    lifted = conn.execute(update(suppressions).where(*standing_then).values(until=at)).rowcount
    if lifted:
        announce(conn, {customer_id: at}, facts.take(conn, "arrival", 1))
    return lifted


def standing(
    conn: Connection, customer_ids: Sequence[int], at: int, purpose: str = MARKETING
) -> dict[tuple[int, str], Standing]:
    """How customers stand at an instant, by customer and channel; who is not in it is `UNKNOWN`."""
    granted: dict[tuple[int, str], bool] = {}
    suppressed: dict[tuple[int, str], str] = {}
    for piece in pieces(customer_ids):
        said = consents.c
        answers = (
            select(said.customer_id, said.channel, said.granted)
            .where(said.customer_id.in_(piece), said.at <= at, said.purpose == purpose)
            .order_by(said.customer_id, said.at, said.seq)
        )
        for customer, channel, answer in conn.execute(answers):
            granted[customer, channel] = answer
        row = suppressions.c
        standing_then = (
            select(row.customer_id, row.channel, row.reason)
            .where(row.customer_id.in_(piece), row.at <= at, _lasts_after(at))
            .order_by(row.customer_id, row.at, row.seq)
        )
        for customer, channel, reason in conn.execute(standing_then):
            suppressed.setdefault((customer, channel), reason)
    places = granted.keys() | suppressed.keys()
    return {place: Standing(granted.get(place), suppressed.get(place)) for place in places}


def _lasts_after(at: int) -> ColumnElement[bool]:
    return or_(suppressions.c.until.is_(None), suppressions.c.until > at)


def _announce(conn: Connection, rows: Sequence[Consent] | Sequence[Suppression], seq: int) -> None:
    earliest: dict[int, int] = {}
    for row in rows:
        earliest[row.customer_id] = min(row.at, earliest.get(row.customer_id, row.at))
    announce(conn, earliest, seq)
