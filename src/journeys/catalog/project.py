"""The project file, `journeys.toml`, as typed tables: what exists, how it is called, and the rules for everybody.

`load.load_project` makes a Project from a folder; `load.bare_project` is the one of a file without a project. Names in
a loaded Project are canonical: a message's channels, a limit's channel and so on are keys of the tables they point to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from journeys.catalog.durations import parse_duration
from journeys.catalog.folding import fold
from journeys.catalog.meaning import Duration, ValueType
from journeys.catalog.money import MINOR_DIGITS
from journeys.catalog.zones import zones

if TYPE_CHECKING:
    from journeys.catalog.lookup import Catalog

Language = Literal["en", "zh"]

# -- how the texts of the file become values ---------------------------------------------------------------------------


def _duration(written: Any) -> Any:
    if isinstance(written, Duration):
        return written
    parsed = parse_duration(written) if isinstance(written, str) else None
    if parsed is None:
        raise PydanticCustomError("duration", "not a length of time")
    return parsed


_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def _minute(written: Any) -> Any:
    match = _CLOCK.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        raise PydanticCustomError("clock", "not a time of day")
    return int(match[1]) * 60 + int(match[2])


def _zone(written: str) -> str:
    if written not in zones():
        raise PydanticCustomError("zone", "not a time zone", {"zone": written})
    return written


def _zone_or_whose(written: str) -> str:
    return written if written in {"their", "our"} else _zone(written)


def _currency(written: str) -> str:
    if written.upper() not in MINOR_DIGITS:
        raise PydanticCustomError("currency", "not a currency", {"currency": written})
    return written.upper()


def _named(key: str) -> Any:
    """A table may be written as the one word that says most about it: `total = "money"` is `{type = "money"}`."""

    def widen(written: Any) -> Any:
        return {key: written} if isinstance(written, str) else written

    return BeforeValidator(widen)


def _several(written: Any) -> Any:
    """One table may stand where a list of tables may."""
    return [written] if isinstance(written, dict) else written


Length = Annotated[Duration, BeforeValidator(_duration)]
Minute = Annotated[int, BeforeValidator(_minute)]
Zone = Annotated[str, AfterValidator(_zone)]
ZoneOrWhose = Annotated[str, AfterValidator(_zone_or_whose)]
Currency = Annotated[str, AfterValidator(_currency)]


class Table(BaseModel):
    """A table of the file: immutable; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Declared(Table):
    """Something with a name: its key in the file; `zh` is what it is called in Chinese journeys and reports."""

    zh: str | None = None


# -- the tables --------------------------------------------------------------------------------------------------------


class Settings(Table):
    """The table `[project]`."""

    name: str = ""
    zone: Zone = "UTC"
    currency: Currency = "USD"
    language: Language = "en"
    journeys: tuple[str, ...] = ()
    expire_after: Length = Duration(micros=72 * 3_600_000_000)


class DeclaredValue(Declared):
    """One of the values a field may have."""

    value: str


class FieldType(Declared):
    """What an attribute or an event's property holds. `values` are all it may hold, from low to high."""

    type: ValueType = "text"
    values: tuple[Annotated[DeclaredValue, _named("value")], ...] = ()

    def value(self, written: str) -> str | None:
        """The declared value that is written so, in either language."""
        for declared in self.values:
            if fold(written) in {fold(declared.value), fold(declared.zh or declared.value)}:
                return declared.value
        return None


class Attribute(FieldType):
    """A field of the customer; a `yearly` date comes round every year, as a birthday does."""

    yearly: StrictBool = False


class Event(Declared):
    """`activity`: the customer's own doing, which ends being silent. `purchase`: the property that `spent` sums."""

    activity: StrictBool = True
    purchase: str | None = None
    properties: Mapping[str, Annotated[FieldType, _named("type")]] = {}


class Message(Declared):
    """`channels`: where it is sent when a journey does not say; `variables`: what a `send .. with` may fill in."""

    purpose: Literal["marketing", "transactional"] = "marketing"
    channels: tuple[str, ...] = ()
    variables: Mapping[str, Annotated[FieldType, _named("type")]] = {}


class Channel(Declared):
    """A way to reach customers. `kind` says what carries it, the other keys are settings of that kind, checked by the
    channels themselves. `address`: the attribute that holds a customer's address there. `consent`: what an unknown
    consent counts as.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str
    address: str = "email"
    consent: Literal["opt-in", "opt-out"] = "opt-out"

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of its kind, as written."""
        return self.model_extra or {}


class Limit(Table):
    """At most `messages` in `per`, by all journeys together; `calendar` counts calendar days, weeks or months."""

    messages: StrictInt = Field(ge=0)
    per: Length
    calendar: StrictBool = False
    channel: str | None = None


class QuietWindow(Table):
    """Minutes after midnight, 1260 to 540 being the night; `zone` "their" is the customer's, "our" the project's."""

    from_minute: Minute = Field(alias="from")
    to_minute: Minute = Field(alias="to")
    zone: ZoneOrWhose = "their"


class Quiet(Table):
    """When marketing is not sent: in general, and on channels that have hours of their own."""

    general: QuietWindow | None = None
    channels: Mapping[str, QuietWindow] = {}


def _split_quiet(written: Any) -> Any:
    if not isinstance(written, dict):
        return written
    channels = {key: value for key, value in written.items() if isinstance(value, dict)}
    general = {key: value for key, value in written.items() if key not in channels}
    return {"general": general or None, "channels": channels}


class DataTable(Table):
    """A file to import: `columns` say which column fills which attribute or property. Other keys are the importer's."""

    model_config = ConfigDict(frozen=True, extra="allow")

    path: str
    id: str | None = None
    at: str | None = None
    event: str | None = None
    zone: ZoneOrWhose | None = None
    columns: Mapping[str, str] = {}


DataTables = Annotated[tuple[DataTable, ...], BeforeValidator(_several)]


class Data(Table):
    """Where customers and events come from; one file or several each."""

    customers: DataTables = ()
    events: Mapping[str, DataTables] = {}


class Project(Table):
    """A whole project file. `declared` is false for a bare journey file, whose names nobody has declared."""

    settings: Settings = Field(default=Settings(), alias="project")
    attributes: Mapping[str, Annotated[Attribute, _named("type")]] = {}
    events: Mapping[str, Event] = {}
    messages: Mapping[str, Message] = {}
    channels: Mapping[str, Channel] = {}
    tags: Mapping[str, Declared] = {}
    roles: Mapping[str, Declared] = {}
    journeys: Mapping[str, Declared] = {}
    segments: Mapping[str, Declared] = {}
    limits: tuple[Limit, ...] = ()
    quiet: Annotated[Quiet, BeforeValidator(_split_quiet)] = Quiet()
    data: Data = Data()
    folder: Path = Field(default=Path(), exclude=True)
    declared: bool = Field(default=True, exclude=True)

    @property
    def name(self) -> str:
        return self.settings.name or self.folder.absolute().name

    @property
    def zone(self) -> str:
        """The project's IANA zone: "our time", and the zone of customers whose own is unknown."""
        return self.settings.zone

    @property
    def currency(self) -> str:
        return self.settings.currency

    @property
    def language(self) -> Language:
        return self.settings.language

    @cached_property
    def catalog(self) -> Catalog:
        """Everything declared or built in, found by any of its names."""
        from journeys.catalog.lookup import Catalog

        return Catalog(self)

    def zone_of(self, whose: str | None) -> str | None:
        """The IANA zone meant by "their" (None, the customer's own), "our" or a zone's name."""
        if whose in (None, "their"):
            return None
        return self.zone if whose == "our" else whose

    def quiet_on(self, channel: str) -> QuietWindow | None:
        """The quiet hours of a channel: its own, else the general ones, else none."""
        return self.quiet.channels.get(channel, self.quiet.general)

    def limits_on(self, channel: str) -> tuple[Limit, ...]:
        """The frequency caps that a message on this channel counts against."""
        return tuple(limit for limit in self.limits if limit.channel in (None, channel))
