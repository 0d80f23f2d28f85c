"""What a file seems to hold, for somebody who has not declared it yet: read some rows, guess, show.

guessed = preview(Path("orders.csv"))
print(as_toml(guessed, "orders.csv", "ordered"))       a table to put into journeys.toml
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from journeys.catalog.meaning import ValueType
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span
from journeys.ingest.columns import header
from journeys.ingest.importing import EMPTY, UNREADABLE
from journeys.ingest.lines import Unreadable, opened
from journeys.ingest.rows import Mistake, Row, rows
from journeys.ingest.values import boolean, day, moments, number

LOOKED_AT = 200

_CUSTOMER = re.compile(
    r"(customer|user|household|member|client|contact|person|客户|用户|会员)[_ ]?(id|no|number|编号|号)?"
)
_PLAIN_ID = re.compile(r"id|编号|\w+[_ ]id")
_MONEY = re.compile(r"amount|total|price|revenue|sales|spend|value|disc|金额|价|销售额")
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Preview:
    """A guess at a file: its delimiter, the column with the customer's id, the one that says when (then its rows are
    events), the one with an id of the event itself, the type of each other column, and its first rows.
    """

    delimiter: str
    id: str | None
    at: str | None
    event_id: str | None
    columns: Mapping[str, ValueType]
    sample: Sequence[Mapping[str, str]]


def preview(path: Path) -> Preview | Diagnostic:
    """Looks at the first rows of a file; broken ones are passed over. A diagnostic if there is nothing to look at."""
    try:
        with opened(path) as lines:
            following = iter(lines)
            top = next((line for line in following if line.text.strip()), None)
            if top is None:
                return Diagnostic(EMPTY, Span(str(path), 0, 0))
            delimiter = max(_DELIMITERS, key=top.text.count)
            first = next(rows(iter([top]), delimiter, 0))
            found = first if isinstance(first, Mistake) else header(first)
            if isinstance(found, Mistake):
                return Diagnostic(found.code, Span(str(path), found.start, found.end), found.facts)
            table = islice(rows(following, delimiter, len(found.row.fields)), LOOKED_AT)
            good = [row.fields for row in table if isinstance(row, Row)]
    except Unreadable as error:
        return Diagnostic(UNREADABLE, Span(str(path), 0, 0), {"reason": error.reason})
    seen = {name: [fields[index] for fields in good if fields[index].strip()] for name, index in found.places.items()}
    types = {name: _type(name, values) for name, values in seen.items()}
    customer = _customer(seen)
    at = next((name for kind in ("moment", "date") for name, holds in types.items() if holds == kind), None)
    repeated = customer is not None and len(set(seen[customer])) < len(seen[customer])
    if at is not None and not repeated and len(good) > 1 and types[at] == "date" and len(types) > 4:
        at = None  # one row a customer with a date among many other things: a birthday, not an event
    own = next((name for name in _ids(seen) if name != customer and len(set(seen[name])) == len(good) > 1), None)
    event_id = own if at is not None else None
    others = {name: holds for name, holds in types.items() if name not in (customer, at, event_id)}
    sample = [dict(zip(found.places, fields, strict=True)) for fields in good[:5]]
    return Preview(delimiter, customer, at, event_id, others, sample)


def _ids(seen: Mapping[str, Sequence[str]]) -> list[str]:
    return [name for name in seen if _PLAIN_ID.fullmatch(name.lower())]


def _customer(seen: Mapping[str, Sequence[str]]) -> str | None:
    """The column named like a customer, else like an id, else an address of mail."""
    named = [name for name in seen if _CUSTOMER.fullmatch(name.lower())]
    mail = [name for name, values in seen.items() if values and all("@" in value for value in values)]
    return next(iter([*named, *_ids(seen), *mail]), None)


def _type(name: str, values: Sequence[str]) -> ValueType:
    """The narrowest type that all values of a column are of."""
    if not values or (_PLAIN_ID.fullmatch(name.lower()) and all(number(value) is not None for value in values)):
        return "text"
    if all(day(value) is not None for value in values):
        return "date"
    moment = moments("UTC")
    if all(moment(value) is not None for value in values):
        return "moment"
    if all(number(value) is not None for value in values):
        cents = all(re.search(r"\.\d\d$", value) for value in values)
        return "money" if cents and _MONEY.search(name.lower()) else "number"
    return "boolean" if all(boolean(value) is not None for value in values) else "text"


def as_toml(guessed: Preview, path: str, event: str) -> str:
    """The guess as tables of the project file; `event` names the events if its rows are any."""
    is_event = guessed.at is not None
    kinds = [f"{_key(name)} = {_quoted(holds)}" for name, holds in guessed.columns.items()]
    table = f"[data.events.{_key(event)}]" if is_event else "[data.customers]"
    keys = {"path": path, "id": guessed.id, "at": guessed.at, "event_id": guessed.event_id}
    lines = [f"[events.{_key(event)}.properties]" if is_event else "[attributes]", *kinds, "", table]
    lines += [f"{key} = {_quoted(value)}" for key, value in keys.items() if value is not None]
    if guessed.delimiter != ",":
        lines.append(f"delimiter = {_quoted(guessed.delimiter)}")
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'
