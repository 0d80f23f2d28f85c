"""What a message may speak of: the customer's attributes, and what the journey hands over after `with`.

Only plain data goes into a message: text, numbers, yes/no, Money, dates, lengths of time, lists and dicts of these. A
step's commit stores the variables (`dump_variables`), the text is rendered from them when the message is claimed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from journeys.catalog.meaning import Duration, ValueType
from journeys.messages.formats import Money

CUSTOMER = "customer"
"""Under this name a template finds the customer's attributes: `{{ customer.first_name }}`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1)


def value_of(raw: bool | float | str, type_: ValueType, *, currency: str, zone: ZoneInfo) -> object:
    """A value of the store in the form templates print.

    `raw` is as `catalog.meaning.Constant` has it: money in minor units of `currency`, dates as days since 1970-01-01,
    moments as microseconds UTC, which are shown in `zone`.
    """
    match type_:
        case "money":
            return Money(round(float(raw)) if isinstance(raw, float) else int(raw), currency)
        case "date":
            return _EPOCH_DAY + timedelta(days=int(raw))
        case "moment":
            return (_EPOCH + timedelta(microseconds=int(raw))).astimezone(zone)
        case "boolean":
            return bool(raw)
        case "number":
            return int(raw) if isinstance(raw, float) and raw.is_integer() and abs(raw) < 2**53 else raw
        case "text":
            return str(raw)


def variables_for(customer: Mapping[str, object], arguments: Mapping[str, object]) -> dict[str, object]:
    """The variables of one message to one person, from values as `value_of` makes them.

    Attributes stand under `customer`, dotted names as nested ones (`cart.value` as `customer.cart.value`); arguments
    stand under their own names, except that none can take the place of `customer`. What is None is missing, and so is
    an attribute of blank text: "Hi ," is worse than no message. `customer.name` falls back on first and last name,
    written as the script of the last name has it.

    >>> variables_for({"first_name": "Ada", "last_name": "Lovelace", "city": " "}, {"discount": 10})
    {'discount': 10, 'customer': {'first_name': 'Ada', 'last_name': 'Lovelace', 'name': 'Ada Lovelace'}}
    """
    person: dict[str, object] = {}
    for name, value in customer.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        *outer, last = name.split(".")
        place = person
        for step in outer:
            inner = place.get(step)
            if not isinstance(inner, dict):
                inner = place[step] = {}
            place = inner
        if not isinstance(place.get(last), dict):
            place[last] = value
    if "name" not in person and (whole := _whole_name(person)):
        person["name"] = whole
    return {name: value for name, value in arguments.items() if value is not None} | {CUSTOMER: person}


def _whole_name(person: Mapping[str, object]) -> str:
    first, last = person.get("first_name"), person.get("last_name")
    if not isinstance(first, str) or not isinstance(last, str):
        return first if isinstance(first, str) else ""
    return last + first if "\u2e80" <= last[0] <= "\u9fff" else f"{first} {last}"


def dump_variables(variables: Mapping[str, object]) -> str:
    """Variables as JSON, the same text for the same variables; `load_variables` is the way back.

    TypeError for anything that is not plain data: a row object of a database has no business in a message.
    """
    plain = {name: _tagged(value) for name, value in variables.items()}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def load_variables(text: str) -> dict[str, object]:
    """The variables that `dump_variables` wrote. Moments keep their offset from UTC, not the name of their zone."""
    return {name: _untagged(value) for name, value in json.loads(text).items()}


def _tagged(value: object) -> object:
    match value:
        case None | str() | bool() | int() | float():
            return value
        case Money(minor=minor, currency=currency):
            return {"$money": [minor, currency]}
        case datetime():
            if value.tzinfo is None:
                raise TypeError("a moment in a message needs a zone")
            return {"$moment": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case Duration():
            return {"$duration": [value.months, value.days, value.micros]}
        case Decimal():
            return {"$decimal": str(value)}
        case list() | tuple():
            return [_tagged(item) for item in value]
        case dict():
            plain = {str(name): _tagged(item) for name, item in value.items()}
            # A customer's own data may look like a tag; wrapped, it stays what it is.
            return {"$dict": plain} if len(plain) == 1 and next(iter(plain)).startswith("$") else plain
    raise TypeError(f"a {type(value).__name__} cannot be part of a message")


def _untagged(found: object) -> object:
    match found:
        case list():
            return [_untagged(item) for item in found]
        case dict() if len(found) != 1:
            return {name: _untagged(value) for name, value in found.items()}
        case {"$money": [int(minor), str(currency)]}:
            return Money(minor, currency)
        case {"$moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"$date": str(text)}:
            return date.fromisoformat(text)
        case {"$duration": [int(months), int(days), int(micros)]}:
            return Duration(months=months, days=days, micros=micros)
        case {"$decimal": str(text)}:
            return Decimal(text)
        case {"$dict": dict(inner)}:
            return {name: _untagged(value) for name, value in inner.items()}
        case dict():
            return {name: _untagged(value) for name, value in found.items()}
    return found
