"""Which column of a file fills what: the tables `[data.customers]` and `[data.events.NAME]` of the project file.

    [data.events.ordered]
    path = "baskets.csv.gz"
    id = "household_id"              the customer
    at = "purchased_at"              when it happened
    event_id = "basket_id"           so that a row is applied once; without it, its content is its id
    columns = { sales_value = "total", store_id = "store" }

Further keys: `zone` (of times without an offset; the project's), `formats` (of dates that are not ISO 8601), `delimiter`,
`constants` (`constants = { source = "till" }` fills a property in every row), `source`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from journeys.catalog.project import Attribute, DataTable, FieldType, Project
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span

NO_ID, NO_AT, UNKNOWN_KEY, BAD_ZONE = "J480", "J481", "J482", "J483"


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
    constants: tuple[tuple[ColumnMapping, str], ...] = ()
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
    constants: tuple[tuple[ColumnMapping, str], ...] = ()
    source: str = "events"


class _FurtherKeys(BaseModel):
    """The keys of a data table that only an import reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    event_id: str | None = None
    formats: tuple[str, ...] = ()
    delimiter: str = ","
    constants: Mapping[str, str | bool | int | float] = field(default_factory=dict)
    source: str | None = None


def file_of(table: DataTable, project: Project) -> Path:
    """The file a data table names, relative to the project."""
    return project.folder / table.path


def customer_mapping(table: DataTable, project: Project) -> tuple[CustomerMapping | None, tuple[Diagnostic, ...]]:
    """How to read a customers' file. Without `columns`, columns named like attributes fill these."""
    found, more = _checked(table, project, "data.customers", needs_at=False)
    if more is None or table.id is None:
        return None, found
    fields = {name: attribute for name, attribute in project.attributes.items()}

    def holds(target: str) -> FieldType:
        known = project.catalog.attribute(target)
        return known.entry if known is not None else Attribute()

    return CustomerMapping(
        id=table.id,
        columns=_columns(table, fields, holds),
        zone=_zone(table, project),
        currency=project.currency,
        at=table.at,
        formats=more.formats,
        delimiter=more.delimiter,
        constants=tuple((ColumnMapping("", name, holds(name)), _written(v)) for name, v in more.constants.items()),
        source=more.source or "customers",
    ), found
