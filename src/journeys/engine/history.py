"""Customers and everything that is known to have happened to them, as columns.

The store, a Parquet cache and a test all hand the engine the same thing: a `History`. It knows nothing of journeys; a
`Program` picks from it what it can ever read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

ALWAYS = -(2**62)
"""The instant of an attribute that was known before anything else happened."""


class Vocabulary:
    """Texts and their codes: equal texts have equal codes, numbered as they come."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._codes: dict[str, int] = {}
        self.texts: list[str] = []
        for text in texts:
            self.code(text)

    def code(self, text: str) -> int:
        """The code of `text`, given out now if it has none."""
        code = self._codes.get(text)
        if code is None:
            code = self._codes[text] = len(self.texts)
            self.texts.append(text)
        return code

    def find(self, text: str) -> int:
        """The code of `text`, or -1."""
        return self._codes.get(text, -1)

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, slots=True)
class History:
    """n customers with their events and changes of attributes, both in time order within a customer.

    ids                 the customers' external ids
    events of customer c are rows event_first[c]:event_first[c+1] of
        event_at        instant, microseconds UTC
        event_name      code in `names`
        event_seq       the store's number of the event, in order of arrival (0.. where there is no store)
        properties      property name -> a value for every event row, NaN where the event has none
    attribute changes of c are rows change_first[c]:change_first[c+1] of
        change_at       instant; ALWAYS for what was known from the beginning
        change_name     code in `names`
        change_value    the new value, NaN for "removed"

    A value is a number as it is, an amount of money in minor units, a yes/no as 1 or 0, a date in days since
    1970-01-01, a moment in microseconds UTC, or a text as its code in `texts`. `zone` is an attribute like any other
    (a text), as are `language`, `consent.CHANNEL` (yes/no) and `suppressed.CHANNEL` (yes/no).
    """

    ids: Sequence[str]
    names: Vocabulary
    texts: Vocabulary
    event_first: Ints
    event_at: Ints
    event_name: Codes
    event_seq: Ints
    properties: Mapping[str, Floats]
    change_first: Ints
    change_at: Ints
    change_name: Codes
    change_value: Floats

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one person. `properties` are plain values: str, int, float or bool, already in the units above."""

    at: int
    name: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """An attribute got a new value (None: it was removed) at an instant."""

    at: int
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Person:
    """One customer as plain objects: for tests, small runs and the oracle."""

    id: str
    events: tuple[Event, ...] = ()
    changes: tuple[Change, ...] = ()


def history_of(people: Sequence[Person], names: Vocabulary | None = None, texts: Vocabulary | None = None) -> History:
    """The columns of some people; events and changes are put in time order (equal instants keep their order)."""
    names = names or Vocabulary()
    texts = texts or Vocabulary()

    def number(value: Any) -> float:
        if value is None:
            return float("nan")
        return float(texts.code(value)) if isinstance(value, str) else float(value)

    event_first, change_first = [0], [0]
    events: list[Event] = []
    changes: list[Change] = []
    for person in people:
        events.extend(sorted(person.events, key=lambda event: event.at))
        changes.extend(sorted(person.changes, key=lambda change: change.at))
        event_first.append(len(events))
        change_first.append(len(changes))
    properties: dict[str, Floats] = {}
    for row, event in enumerate(events):
        for name, value in event.properties.items():
            if name not in properties:
                properties[name] = np.full(len(events), np.nan)
            properties[name][row] = number(value)
    return History(
        ids=[person.id for person in people],
        names=names,
        texts=texts,
        event_first=np.array(event_first, np.int64),
        event_at=np.array([event.at for event in events], np.int64),
        event_name=np.array([names.code(event.name) for event in events], np.int32),
        event_seq=np.array([event.seq for event in events], np.int64),
        properties=properties,
        change_first=np.array(change_first, np.int64),
        change_at=np.array([change.at for change in changes], np.int64),
        change_name=np.array([names.code(change.name) for change in changes], np.int32),
        change_value=np.array([number(change.value) for change in changes], np.float64),
    )


def person_of(history: History, index: int, is_text: Callable[[str], bool]) -> Person:
    """One customer of a history as plain objects; `is_text` says which attributes and properties hold texts."""

    def plain(name: str, value: float) -> Any:
        if np.isnan(value):
            return None
        return history.texts.texts[int(value)] if is_text(name) else float(value)

    events = []
    for row in range(int(history.event_first[index]), int(history.event_first[index + 1])):
        properties = {
            name: plain(name, float(column[row]))
            for name, column in history.properties.items()
            if not np.isnan(column[row])
        }
        name = history.names.texts[int(history.event_name[row])]
        events.append(Event(int(history.event_at[row]), name, properties, int(history.event_seq[row])))
    changes = []
    for row in range(int(history.change_first[index]), int(history.change_first[index + 1])):
        name = history.names.texts[int(history.change_name[row])]
        changes.append(Change(int(history.change_at[row]), name, plain(name, float(history.change_value[row]))))
    return Person(history.ids[index], tuple(events), tuple(changes))
