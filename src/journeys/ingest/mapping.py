"""Which column of a file fills what: the tables `[data.customers]` and `[data.events.NAME]` of the project file.

    [data.events.ordered]
    path = "baskets.csv.gz"
    id = "household_id"              the customer
    at = "purchased_at"              when it happened
    event_id = "basket_id"           so that a row is applied once; without it, its content is its id
    columns = { sales_value = "total", store_id = "store" }

Further keys: `zone` (of times without an offset; the project's), `formats` (of dates that are not ISO 8601),
`delimiter`, `constants` (`constants = { source = "till" }` fills a property in every row), `source`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from journeys.catalog.builtin import BUILTIN_ATTRIBUTES, CONSENT
from journeys.catalog.folding import fold
from journeys.catalog.project import DataTable, FieldType, Project
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span

MISSING_KEY, THEIR_ZONE, BAD_KEY = "J480", "J481", "J482"


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The column fills the attribute or property `target`, which holds such values. A file may lack an optional one."""

    column: str
    target: str
    holds: FieldType
    optional: bool = False


@dataclass(frozen=True, slots=True)
class CustomerMapping:
    """A file with a row per customer. `at`: the column that says since when; without it, see `attributes.learn`.

    A target `consent.CHANNEL` is recorded as a consent. `constants` are written as in a file. `zone` is IANA.
    """

    id: str
    columns: tuple[ColumnMapping, ...]
    zone: str = "UTC"
    currency: str = "USD"
    at: str | None = None
    formats: tuple[str, ...] = ()
    delimiter: str = ","
    constants: tuple[tuple[str, FieldType, str], ...] = ()
    source: str = "customers"


@dataclass(frozen=True, slots=True)
class EventMapping:
    """A file with a row per event; `id` names its customer's column. Without `event_id` a row's content is its id.

    With `event_column` only rows are taken in which it holds one of `event_names`.
    """

    event: str
    id: str
    at: str
    columns: tuple[ColumnMapping, ...]
    event_id: str | None = None
    event_column: str | None = None
    event_names: frozenset[str] = frozenset()
    zone: str = "UTC"
    currency: str = "USD"
    formats: tuple[str, ...] = ()
    delimiter: str = ","
    constants: tuple[tuple[str, FieldType, str], ...] = ()
    source: str = "events"


class _FurtherKeys(BaseModel):
    """The keys of a data table that only an import reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: str | None = None
    formats: tuple[str, ...] = ()
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    constants: Mapping[str, str | bool | int | float] = {}
    source: str | None = None


_KEYS = ", ".join(_FurtherKeys.model_fields)


def file_of(table: DataTable, project: Project) -> Path:
    """The file a data table names, relative to the project."""
    return project.folder / table.path


def customer_mapping(table: DataTable, project: Project) -> tuple[CustomerMapping | None, tuple[Diagnostic, ...]]:
    """How to read a customers' file. Without `columns`, columns named like attributes fill these."""
    further, found = _checked(table, project, "data.customers", ("id",))
    if further is None:
        return None, found
    names = [*BUILTIN_ATTRIBUTES, *project.attributes, *(f"{CONSENT}.{channel}" for channel in project.channels)]

    def holds(name: str) -> FieldType:
        known = project.catalog.attribute(name)
        return known.entry if known is not None else FieldType()

    mapping = CustomerMapping(
        id=table.id or "",
        columns=_columns(table, {name: holds(name) for name in names}, holds),
        zone=project.zone_of(table.zone) or project.zone,
        currency=project.currency,
        at=table.at,
        formats=further.formats,
        delimiter=further.delimiter,
        constants=tuple((name, holds(name), str(value)) for name, value in further.constants.items()),
        source=further.source or "customers",
    )
    return mapping, found


def event_mapping(event: str, table: DataTable, project: Project) -> tuple[EventMapping | None, tuple[Diagnostic, ...]]:
    """How to read a file of events. Without `columns`, columns named like the event's properties fill these."""
    further, found = _checked(table, project, f"data.events.{event}", ("id", "at"))
    if further is None:
        return None, found
    known = project.catalog.event(event)
    properties = known.entry.properties if known is not None else {}

    def holds(name: str) -> FieldType:
        return properties.get(name, FieldType())

    labels = {event, known.entry.zh or event} if known is not None else {event}
    mapping = EventMapping(
        event=event,
        id=table.id or "",
        at=table.at or "",
        columns=_columns(table, properties, holds),
        event_id=further.event_id,
        event_column=table.event,
        event_names=frozenset(fold(label) for label in labels),
        zone=project.zone_of(table.zone) or project.zone,
        currency=project.currency,
        formats=further.formats,
        delimiter=further.delimiter,
        constants=tuple((name, holds(name), str(value)) for name, value in further.constants.items()),
        source=further.source or f"events {event}",
    )
    return mapping, found


def _columns(
    table: DataTable, declared: Mapping[str, FieldType], holds: Callable[[str], FieldType]
) -> tuple[ColumnMapping, ...]:
    if table.columns:
        return tuple(ColumnMapping(column, target, holds(target)) for column, target in table.columns.items())
    taken = {table.id, table.at, table.event}
    labels = [(label, name) for name, field in declared.items() for label in (name, field.zh) if label]
    return tuple(ColumnMapping(label, name, declared[name], True) for label, name in labels if label not in taken)


def _checked(
    table: DataTable, project: Project, name: str, needed: tuple[str, ...]
) -> tuple[_FurtherKeys | None, tuple[Diagnostic, ...]]:
    """The further keys of a table, unless something is wrong with it."""
    span = Span(str(project.folder / "journeys.toml"), 0, 0)
    found = [
        Diagnostic(MISSING_KEY, span, {"table": name, "key": key}) for key in needed if getattr(table, key) is None
    ]
    if table.zone == "their":
        found.append(Diagnostic(THEIR_ZONE, span, {"table": name}))
    try:
        further = _FurtherKeys.model_validate(table.model_extra or {})
    except ValidationError as error:
        keys = sorted({str(one["loc"][0]) for one in error.errors()})
        found += [Diagnostic(BAD_KEY, span, {"table": name, "key": key, "keys": _KEYS}) for key in keys]
    return (further, ()) if not found else (None, tuple(found))
