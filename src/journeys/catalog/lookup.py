"""Finding what a written name means: declared and built-in things, by canonical name or Chinese name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from journeys.catalog.builtin import BUILTIN_ATTRIBUTES, BUILTIN_EVENTS, CONSENT, consent_attribute
from journeys.catalog.folding import did_you_mean, fold
from journeys.catalog.project import (
    Attribute,
    Channel,
    Declared,
    Event,
    FieldType,
    Message,
    Project,
)

Kind = Literal["attribute", "event", "message", "channel", "tag", "role", "journey", "segment"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A declared thing under its canonical name."""

    name: str
    entry: T


class Catalog:
    """The lookups of one project. In a bare project any attribute, event, message, channel and role exists."""

    def __init__(self, project: Project) -> None:
        self._open = not project.declared
        attributes = {**BUILTIN_ATTRIBUTES, **project.attributes}
        for channel, settings in project.channels.items():
            attributes[f"{CONSENT}.{channel}"] = consent_attribute(settings.zh or channel)
        self._attributes: Mapping[str, Attribute] = attributes
        self._events: Mapping[str, Event] = {**BUILTIN_EVENTS, **project.events}
        self._messages, self._channels = project.messages, project.channels
        self._tags, self._roles = project.tags, project.roles
        self._tables: Mapping[Kind, Mapping[str, Declared]] = {
            "attribute": self._attributes,
            "event": self._events,
            "message": project.messages,
            "channel": project.channels,
            "tag": project.tags,
            "role": project.roles,
            "journey": project.journeys,
            "segment": project.segments,
        }
        self._index = {kind: _index(table) for kind, table in self._tables.items()}
        for channel, settings in project.channels.items():
            self._index["attribute"].setdefault(fold(f"{CONSENT}.{settings.zh or channel}"), f"{CONSENT}.{channel}")

    def attribute(self, written: str) -> Found[Attribute] | None:
        """A customer's field, built-in ones included."""
        name = self._name("attribute", written)
        return Found(name, self._attributes[name]) if name is not None else None

    def event(self, written: str) -> Found[Event] | None:
        name = self._name("event", written)
        return Found(name, self._events[name]) if name is not None else self._undeclared(written, Event())

    def message(self, written: str) -> Found[Message] | None:
        name = self._name("message", written)
        return Found(name, self._messages[name]) if name is not None else self._undeclared(written, Message())

    def channel(self, written: str) -> Found[Channel] | None:
        name = self._name("channel", written)
        if name is not None:
            return Found(name, self._channels[name])
        return self._undeclared(written, Channel(kind="console"))

    def role(self, written: str) -> Found[Declared] | None:
        name = self._name("role", written)
        return Found(name, self._roles[name]) if name is not None else self._undeclared(written, Declared())

    def tag(self, written: str) -> str:
        """The canonical name of a tag; tags need no declaration."""
        return self._name("tag", written) or written

    def journey(self, written: str) -> str:
        """The canonical name of a journey; only those with a Chinese name are declared."""
        return self._name("journey", written) or written

    def segment(self, written: str) -> str:
        """The canonical name of a segment; only those with a Chinese name are declared."""
        return self._name("segment", written) or written

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The canonical names of a kind, in the order of the file."""
        return tuple(self._tables[kind])

    def labels(self, kind: Kind) -> tuple[str, ...]:
        """All names of a kind, in both languages."""
        return tuple(label for label, _ in labels(self._tables[kind]))

    def did_you_mean(self, kind: Kind, written: str) -> dict[str, str]:
        """The fact `close`: the name of that kind that was probably meant, in the language it was written in."""
        return did_you_mean(written, self.labels(kind))

    def label(self, kind: Kind, name: str, language: str) -> str:
        """What to call a thing in a text of that language: its Chinese name where there is one, else its name."""
        entry = self._tables[kind].get(name)
        return entry.zh if language == "zh" and entry is not None and entry.zh else name

    def value_label(self, attribute: str, value: str, language: str) -> str:
        """What to call a value of an attribute in a text of that language."""
        entry = self._attributes.get(attribute)
        for declared in entry.values if entry is not None and language == "zh" else ():
            if declared.value == value and declared.zh:
                return declared.zh
        return value

    def property(self, event: str, written: str) -> Found[FieldType] | None:
        """A property of an event, by any of its names."""
        return property_of(self._events.get(event, Event()), written)

    def purchases(self) -> tuple[tuple[str, str], ...]:
        """The events that `spent` sums, each with its property."""
        declared = tuple((name, event.purchase) for name, event in self._events.items() if event.purchase)
        return declared or ((("purchase", "total"),) if self._open else ())

    def _name(self, kind: Kind, written: str) -> str | None:
        return self._index[kind].get(fold(written))

    def _undeclared(self, written: str, entry: T) -> Found[T] | None:
        return Found(written, entry) if self._open else None


def property_of(event: Event, written: str) -> Found[FieldType] | None:
    """A property of an event, by any of its names."""
    name = _index(event.properties).get(fold(written))
    return Found(name, event.properties[name]) if name is not None else None


def labels(table: Mapping[str, Declared]) -> Iterable[tuple[str, str]]:
    """Every name of every entry, each with the canonical one it stands for; canonical names first."""
    yield from ((name, name) for name in table)
    yield from ((entry.zh, name) for name, entry in table.items() if entry.zh)


def _index(table: Mapping[str, Declared]) -> dict[str, str]:
    index: dict[str, str] = {}
    for label, name in labels(table):
        index.setdefault(fold(label), name)
    return index
