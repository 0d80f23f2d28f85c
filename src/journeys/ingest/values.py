"""What is written in a field, as a plain value in the units of `History`.

Amounts of money are exact: decimal digits become minor units and never pass through a float.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from journeys.catalog.meaning import ValueType
from journeys.catalog.money import minor_units
from journeys.catalog.project import FieldType
from journeys.catalog.values import days_of, yes_or_no
from journeys.engine.calendar import to_instant, zone_table

Value = str | int | float | bool
Converter = Callable[[str], Value | None]
"""From what is written to the value; None if it is no such value."""

_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?", re.ASCII)
_AMOUNT = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)? ?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)
_MICRO = timedelta(microseconds=1)
_ANSWERS = {"1": True, "0": False, "y": True, "n": False, "t": True, "f": False}
_REMEMBERED = 65_536
"""Different texts of a column whose values are kept: most columns repeat themselves."""


def converter(field: FieldType, currency: str, zone: str, formats: Sequence[str] = ()) -> Converter:
    """How to read a column that holds such values.

    `formats` are ways to write dates and moments beside ISO 8601: patterns as `strptime` has them, `unix`, `unix ms`.
    A moment without an offset is on the wall clock of `zone`; one without a time of day is its midnight.
    """
    by_type: dict[ValueType, Converter] = {
        "text": lambda text: text,
        "number": number,
        "money": lambda text: money(text, currency),
        "boolean": boolean,
        "date": lambda text: day(text, formats),
        "moment": moments(zone, formats),
    }
    read = by_type[field.type]
    if field.values:
        read = field.value
    known: dict[str, Value] = {}

    def remembered(text: str) -> Value | None:
        value = known.get(text)
        if value is None:
            value = read(text)
            if value is not None and len(known) < _REMEMBERED:
                known[text] = value
        return value

    return remembered


def number(text: str) -> int | float | None:
    """A finite number; a whole one is an int.

    >>> number("3"), number("-0.5"), number("1e400"), number("NaN"), number("1,000")
    (3, -0.5, None, None, None)
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def money(text: str, currency: str) -> int | None:
    """An amount in minor units; None too where it is finer than those.

    >>> money("19.90", "CNY"), money("0.005", "USD"), money("1500", "JPY")
    (1990, None, 1500)
    """
    text = text.strip()
    return minor_units(Decimal(text), currency) if _AMOUNT.fullmatch(text) else None


def boolean(text: str) -> bool | None:
    """`true`, `yes`, `1`, `是` and their opposites."""
    text = text.strip()
    answer = _ANSWERS.get(text.lower())
    return yes_or_no(text) if answer is None else answer


def day(text: str, formats: Sequence[str] = ()) -> int | None:
    """A calendar day, in days since 1970-01-01."""
    text = text.strip()
    try:
        if _DATE.fullmatch(text):
            return days_of(date.fromisoformat(text))
    except ValueError:
        return None
    found = _by_pattern(text, formats)
    return None if found is None else days_of(found.date())


def moments(zone: str, formats: Sequence[str] = ()) -> Callable[[str], int | None]:
    """A reader of moments, in microseconds UTC.

    >>> moments("Asia/Shanghai")("1970-01-01 08:00"), moments("Asia/Shanghai")("1970-01-01T00:00Z")
    (0, 0)
    """
    zones = zone_table([zone]).as_lists()
    seconds = {"unix": 1_000_000, "unix ms": 1_000}

    def moment(text: str) -> int | None:
        text = text.strip()
        found: datetime | None = None
        try:
            if _MOMENT.fullmatch(text):
                found = datetime.fromisoformat(text.replace(" +", "+").replace(" Z", "Z"))
        except ValueError:
            return None
        if found is None:
            unit = next((seconds[one] for one in formats if one in seconds), None)
            if unit is not None and _NUMBER.fullmatch(text):
                return int(Decimal(text) * unit)
            found = _by_pattern(text, formats)
        if found is None:
            return None
        if found.tzinfo is not None:
            return (found - _EPOCH) // _MICRO
        return to_instant(zones, 0, (found - _NAIVE_EPOCH) // _MICRO)

    return moment


def _by_pattern(text: str, formats: Sequence[str]) -> datetime | None:
    for pattern in formats:
        if "%" in pattern:
            try:
                return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller puts it on a wall clock
            except ValueError:
                continue
    return None
