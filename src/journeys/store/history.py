"""Customers out of the tables into the columns the engine walks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, Select, select

from journeys.engine.history import Codes, Floats, History, Ints, Vocabulary
from journeys.engine.state import NEVER
from journeys.store import facts
from journeys.store.consents import MARKETING
from journeys.store.dialect import pieces
from journeys.store.schema import attributes, consents, customers, events, suppressions, tags
from journeys.store.texts import from_text

_ROWS = 20_000
"""Events read and parsed at a time: their texts and dictionaries do not outlive the piece."""

NAN = float("nan")


class Loaded(NamedTuple):
    """`customer_ids[i]` is our id of `history.ids[i]`. `horizon` numbers the last arrival that is in it: what is
    computed from it is saved with it, so that nothing that came meanwhile is taken for walked.
    """

    history: History
    customer_ids: Ints
    horizon: int


def load_history(
    conn: Connection,
    customer_ids: Sequence[int] | None,
    until: int,
    since: int | None = None,
    events_named: Collection[str] | None = None,
    attributes_named: Collection[str] | None = None,
    properties_named: Collection[str] | None = None,
) -> Loaded:
    """The history of some customers (None: all) up to and including the instant `until`, ordered by our ids.

    `since` leaves out older events, the three collections what nobody reads; changes of consent, suppressions and tags
    are always there, from the beginning. They are changes named `consent.CHANNEL`, `suppressed.CHANNEL` (1, and 0 from
    the instant no suppression stands) and `tag.TAG` (the instant it ends, NEVER for good, NaN when taken off).
    """
    horizon = facts.last(conn, "arrival")
    names, texts = Vocabulary(), Vocabulary()
    who = _customers(conn, customer_ids)
    ids = np.array([customer for customer, _ in who], np.int64)
    happened = _events(conn, customer_ids, until, since, events_named, properties_named, names, texts)
    changed = _changes(conn, customer_ids, until, attributes_named, names, texts)
    history = History(
        ids=[external for _, external in who],
        names=names,
        texts=texts,
        event_first=_bounds(ids, happened.customer),
        event_at=happened.at,
        event_name=happened.name,
        event_seq=happened.seq,
        properties=happened.properties,
        change_first=_bounds(ids, changed.customer),
        change_at=changed.at,
        change_name=changed.name,
        change_value=changed.value,
    )
    return Loaded(history, ids, horizon)


def _customers(conn: Connection, customer_ids: Sequence[int] | None) -> list[tuple[Any, ...]]:
    chosen = select(customers.c.id, customers.c.external_id).order_by(customers.c.id)
    return [row for rows in _tuples(conn, chosen, customer_ids, customers.c.id) for row in rows]


def _bounds(ids: Ints, owners: Ints) -> Ints:
    """The first row of each customer in rows ordered by customer, and the end."""
    return np.append(np.searchsorted(owners, ids), len(owners)).astype(np.int64)


def _tuples(
    conn: Connection, chosen: Select[Any], customer_ids: Sequence[int] | None, owner: ColumnElement[int]
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows of some customers (None: all) in pieces, as the driver gives them: no layer in between."""
    narrowed = [chosen] if customer_ids is None else [chosen.where(owner.in_(p)) for p in pieces(sorted(customer_ids))]
    for query in narrowed:
        cursor = conn.execute(query).cursor
        while rows := cursor.fetchmany(_ROWS):
            yield rows
        cursor.close()


# -- events ------------------------------------------------------------------------------------------------------------


class _Events(NamedTuple):
    customer: Ints
    at: Ints
    seq: Ints
    name: Codes
    properties: Mapping[str, Floats]


def _events(
    conn: Connection,
    customer_ids: Sequence[int] | None,
    until: int,
    since: int | None,
    named: Collection[str] | None,
    read: Collection[str] | None,
    names: Vocabulary,
    texts: Vocabulary,
) -> _Events:
    row = events.c
    chosen = (
        select(row.customer_id, row.occurred_at, row.seq, row.name, row.properties)
        .where(row.occurred_at <= until)
        .order_by(row.customer_id, row.occurred_at, row.seq)
    )
    if since is not None:
        chosen = chosen.where(row.occurred_at >= since)
    if named is not None:
        chosen = chosen.where(row.name.in_(sorted(named)))
    whole: list[list[npt.NDArray[Any]]] = [[], [], [], []]
    columns: dict[str, list[Floats]] = {}
    length = 0
    for rows in _tuples(conn, chosen, customer_ids, row.customer_id):
        customer, at, seq, name, said = zip(*rows, strict=True)
        whole[0].append(np.array(customer, np.int64))
        whole[1].append(np.array(at, np.int64))
        whole[2].append(np.array(seq, np.int64))
        whole[3].append(np.array([names.code(one) for one in name], np.int32))
        for key, column in _columns(said, read, texts).items():
            before = columns.setdefault(key, [])
            missing = length - sum(map(len, before))
            if missing:
                before.append(np.full(missing, np.nan))
            before.append(column)
        length += len(rows)
    properties = {}
    for key, parts in columns.items():
        missing = length - sum(map(len, parts))
        properties[key] = np.concatenate([*parts, np.full(missing, np.nan)])
    joined = [np.concatenate([np.empty(0, kind), *parts]) for kind, parts in zip(_KINDS, whole, strict=True)]
    return _Events(joined[0], joined[1], joined[2], joined[3], properties)


_KINDS: tuple[type[np.integer[Any]], ...] = (np.int64, np.int64, np.int64, np.int32)


def _columns(said: Sequence[str], read: Collection[str] | None, texts: Vocabulary) -> dict[str, Floats]:
    """The properties (those in `read`) of consecutive events, each a JSON object, as columns."""
    if read is not None and not read:
        return {}
    objects: list[dict[str, Any]] = from_text(f"[{','.join(said)}]")
    keys = sorted(key for key in set(chain.from_iterable(objects)) if read is None or key in read)
    return {key: _numbers([one.get(key) for one in objects], texts) for key in keys}


def _numbers(values: list[Any], texts: Vocabulary) -> Floats:
    """Plain values as `History` has them; None is NaN."""
    if str in set(map(type, values)):
        values = [texts.code(value) if type(value) is str else value for value in values]
    return np.array(values, np.float64)


# -- changes -----------------------------------------------------------------------------------------------------------


class _Changes(NamedTuple):
    customer: Ints
    at: Ints
    name: Codes
    value: Floats


_Change = tuple[int, int, int, str, float]
"""Customer, instant, number, name, value."""


def _changes(
    conn: Connection,
    customer_ids: Sequence[int] | None,
    until: int,
    named: Collection[str] | None,
    names: Vocabulary,
    texts: Vocabulary,
) -> _Changes:
    found = list(
        chain(
            _attribute_changes(conn, customer_ids, until, named, texts),
            _consent_changes(conn, customer_ids, until),
            _suppression_changes(conn, customer_ids, until),
            _tag_changes(conn, customer_ids, until),
        )
    )
    customer, at, seq, name, value = zip(*found, strict=True) if found else ((), (), (), (), ())
    columns = np.array(customer, np.int64), np.array(at, np.int64), np.array(seq, np.int64)
    order = np.lexsort(columns[::-1])
    codes = np.array([names.code(one) for one in name], np.int32)
    return _Changes(columns[0][order], columns[1][order], codes[order], np.array(value, np.float64)[order])


def _attribute_changes(
    conn: Connection,
    customer_ids: Sequence[int] | None,
    until: int,
    named: Collection[str] | None,
    texts: Vocabulary,
) -> Iterator[_Change]:
    row = attributes.c
    chosen = select(row.customer_id, row.at, row.seq, row.name, row.value).where(row.at <= until)
    if named is not None:
        chosen = chosen.where(row.name.in_(sorted(named)))
    numbers: dict[str, float] = {}
    for rows in _tuples(conn, chosen, customer_ids, row.customer_id):
        for customer, at, seq, name, value in rows:
            number = numbers.get(value)
            if number is None:
                number = numbers[value] = float(_numbers([from_text(value)], texts)[0])
            yield customer, at, seq, name, number


def _consent_changes(conn: Connection, customer_ids: Sequence[int] | None, until: int) -> Iterator[_Change]:
    row = consents.c
    chosen = select(row.customer_id, row.at, row.seq, row.channel, row.granted)
    chosen = chosen.where(row.at <= until, row.purpose == MARKETING)
    for rows in _tuples(conn, chosen, customer_ids, row.customer_id):
        for customer, at, seq, channel, granted in rows:
            yield customer, at, seq, f"consent.{channel}", float(granted)


def _suppression_changes(conn: Connection, customer_ids: Sequence[int] | None, until: int) -> Iterator[_Change]:
    row = suppressions.c
    chosen = (
        select(row.customer_id, row.channel, row.at, row.until, row.seq)
        .where(row.at <= until)
        .order_by(row.customer_id, row.at, row.seq)
    )
    by_place: dict[tuple[int, str], list[tuple[int, int, int]]] = {}
    for rows in _tuples(conn, chosen, customer_ids, row.customer_id):
        for customer, channel, at, end, seq in rows:
            by_place.setdefault((customer, channel), []).append((at, NEVER if end is None else end, seq))
    for (customer, channel), spans in by_place.items():
        for at, seq, suppressed in _spans_united(spans):
            if at <= until:
                yield customer, at, seq, f"suppressed.{channel}", suppressed


def _spans_united(spans: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, float]]:
    """Spans (from, to, number) in order of their starts, as the instants at which the first begins and the last ends.

    >>> list(_spans_united([(1, 5, 7), (3, 9, 8), (12, 13, 9)]))
    [(1, 7, 1.0), (9, 8, 0.0), (12, 9, 1.0), (13, 9, 0.0)]
    """
    end, last = -NEVER, 0
    for at, to, seq in spans:
        if at > end:
            if end != -NEVER:
                yield end, last, 0.0
            yield at, seq, 1.0
        if to > end:
            end, last = to, seq
    if spans:
        yield end, last, 0.0


def _tag_changes(conn: Connection, customer_ids: Sequence[int] | None, until: int) -> Iterator[_Change]:
    row = tags.c
    chosen = select(row.customer_id, row.at, row.seq, row.tag, row.until, row.removed).where(row.at <= until)
    for rows in _tuples(conn, chosen, customer_ids, row.customer_id):
        for customer, at, seq, tag, end, removed in rows:
            yield customer, at, seq, f"tag.{tag}", NAN if removed else float(NEVER if end is None else end)
