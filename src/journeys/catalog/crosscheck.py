"""What holds between the tables of a project file: names are unique, and every name used is declared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath

from journeys.catalog.builtin import BUILTIN_ATTRIBUTES, BUILTIN_EVENTS, CONSENT
from journeys.catalog.folding import did_you_mean, fold
from journeys.catalog.lookup import Catalog, Kind, labels, property_of
from journeys.catalog.places import Places
from journeys.catalog.project import Channel, Data, DataTable, Declared, Event, Limit, Message, Project, Quiet
from journeys.diagnostics.diagnostic import Diagnostic


def crosscheck(project: Project, places: Places) -> tuple[Project, list[Diagnostic]]:
    """The project with canonical names in all references, and what is wrong between its tables."""
    check = _Check(project, places)
    check.unique_names()
    check.builtin_names()
    check.fields()
    check.folders()
    checked = project.model_copy(
        update={
            "messages": {name: check.message(name, message) for name, message in project.messages.items()},
            "channels": {name: check.channel(name, channel) for name, channel in project.channels.items()},
            "events": {name: check.event(name, event) for name, event in project.events.items()},
            "limits": tuple(check.limit(index, limit) for index, limit in enumerate(project.limits)),
            "quiet": check.quiet(),
            "data": check.data(),
        }
    )
    return checked, check.found


class _Check:
    def __init__(self, project: Project, places: Places) -> None:
        self.project = project
        self.catalog = Catalog(project)
        self.places = places
        self.found: list[Diagnostic] = []

    def unique_names(self) -> None:
        project = self.project
        tables: dict[str, Mapping[str, Declared]] = {
            "attributes": project.attributes,
            "events": project.events,
            "messages": project.messages,
            "channels": project.channels,
            "tags": project.tags,
            "roles": project.roles,
            "journeys": project.journeys,
            "segments": project.segments,
        }
        for kind, table in tables.items():
            self._unique(table, (kind,))
        for name, event in project.events.items():
            self._unique(event.properties, ("events", name, "properties"))

    def _unique(self, table: Mapping[str, Declared], location: tuple[str, ...]) -> None:
        seen: dict[str, str] = {}
        for label, name in labels(table):
            first = seen.setdefault(fold(label), name)
            if first != name:
                facts = {"name": label, "first": first, "second": name}
                related = ((self.places.span((*location, first)), "first"),)
                self.found.append(Diagnostic("J160", self.places.span((*location, name)), facts, related=related))

    def builtin_names(self) -> None:
        for kind, declared, builtin in (
            ("attributes", self.project.attributes, BUILTIN_ATTRIBUTES),
            ("events", self.project.events, BUILTIN_EVENTS),
        ):
            taken = {fold(label) for label, _ in labels(builtin)}
            for label, name in labels(declared):
                if fold(label) in taken or (kind == "attributes" and fold(label).startswith(f"{CONSENT}.")):
                    self.found.append(Diagnostic("J161", self.places.span((kind, name)), {"name": label}))

    def fields(self) -> None:
        for name, attribute in self.project.attributes.items():
            if attribute.yearly and attribute.type != "date":
                span = self.places.span(("attributes", name, "yearly"))
                self.found.append(Diagnostic("J166", span, {"name": name, "holds": attribute.type}))
            if attribute.values and attribute.type != "text":
                span = self.places.span(("attributes", name, "values"))
                self.found.append(Diagnostic("J167", span, {"name": name, "holds": attribute.type}))

    def folders(self) -> None:
        for index, folder in enumerate(self.project.settings.journeys):
            posix, windows = PurePosixPath(folder), PureWindowsPath(folder)
            if posix.is_absolute() or windows.drive or ".." in posix.parts or ".." in windows.parts:
                span = self.places.span(("project", "journeys", index))
                self.found.append(Diagnostic("J162", span, {"folder": folder}))

    def message(self, name: str, message: Message) -> Message:
        channels = tuple(
            self._reference("channel", written, ("messages", name, "channels", index))
            for index, written in enumerate(message.channels)
        )
        return message.model_copy(update={"channels": channels})

    def channel(self, name: str, channel: Channel) -> Channel:
        address = self._reference("attribute", channel.address, ("channels", name, "address"))
        return channel.model_copy(update={"address": address})

    def event(self, name: str, event: Event) -> Event:
        if event.purchase is None:
            return event
        found = property_of(event, event.purchase)
        if found is None or found.entry.type not in ("money", "number"):
            amounts = [key for key, field in event.properties.items() if field.type in ("money", "number")]
            facts = {"event": name, "property": event.purchase, **did_you_mean(event.purchase, amounts)}
            self.found.append(Diagnostic("J163", self.places.span(("events", name, "purchase")), facts))
            return event
        return event.model_copy(update={"purchase": found.name})

    def limit(self, index: int, limit: Limit) -> Limit:
        if limit.channel is None:
            return limit
        channel = self._reference("channel", limit.channel, ("limits", index, "channel"))
        return limit.model_copy(update={"channel": channel})

    def quiet(self) -> Quiet:
        channels = {
            self._reference("channel", written, ("quiet", written)): window
            for written, window in self.project.quiet.channels.items()
        }
        return self.project.quiet.model_copy(update={"channels": channels})

    def data(self) -> Data:
        customers = tuple(self._customers(index, table) for index, table in enumerate(self.project.data.customers))
        events = {}
        for written, tables in self.project.data.events.items():
            event = self._reference("event", written, ("data", "events", written))
            events[event] = tuple(
                self._events(event, ("data", "events", written, index), table) for index, table in enumerate(tables)
            )
        return Data(customers=customers, events=events)

    def _customers(self, index: int, table: DataTable) -> DataTable:
        columns = {
            column: self._reference("attribute", attribute, ("data", "customers", index, "columns", column))
            for column, attribute in table.columns.items()
        }
        return table.model_copy(update={"columns": columns})

    def _events(self, event: str, location: tuple[str | int, ...], table: DataTable) -> DataTable:
        columns = {}
        for column, written in table.columns.items():
            found = self.catalog.property(event, written)
            if found is None:
                declared = self.project.events.get(event, Event()).properties
                facts = {"event": event, "property": written, **did_you_mean(written, declared)}
                self.found.append(Diagnostic("J117", self.places.span((*location, "columns", column)), facts))
            columns[column] = found.name if found is not None else written
        return table.model_copy(update={"columns": columns})

    def _reference(self, kind: Kind, written: str, location: tuple[str | int, ...]) -> str:
        catalog = self.catalog
        lookups = {"channel": catalog.channel, "attribute": catalog.attribute, "event": catalog.event}
        found = lookups[kind](written)
        if found is not None:
            return found.name
        facts = {"declared_kind": kind, "name": written, "table": f"{kind}s", **catalog.did_you_mean(kind, written)}
        self.found.append(Diagnostic("J159", self.places.span(location), facts))
        return written
