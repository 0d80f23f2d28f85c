"""From a written field to what it reads: the customer's attribute, or a property of an event."""

from __future__ import annotations

from dataclasses import dataclass

from journeys.catalog.builtin import CONSENT
from journeys.catalog.folding import did_you_mean, fold
from journeys.catalog.lookup import property_of
from journeys.catalog.meaning import Attribute, EntryProperty, Operand, RecordProperty
from journeys.catalog.not_yet import NAMES_NOT_YET, refusal
from journeys.catalog.project import FieldType
from journeys.catalog.scope import Record, Scope
from journeys.catalog.values import Expected, yes_or_no
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.language import nodes


@dataclass(frozen=True, slots=True)
class Field:
    """A field that was found: what to read, and what it holds."""

    operand: Operand
    type: FieldType

    def expected(self, path: nodes.Path) -> Expected:
        return Expected(path.text, self.type)


def find_field(path: nodes.Path, scope: Scope, beside: nodes.Value | None = None) -> Field | None:
    """What a path reads in that scope, or None. In a bare project everything can be read, as the type it is used as."""
    if scope.record is not None:
        return _of_record(path, scope.record, scope, beside)
    found = scope.project.catalog.attribute(path.text)
    if found is not None:
        return Field(Attribute(name=found.name, type=found.entry.type), found.entry)
    return _of_entry(path, scope, beside) or _undeclared(path, scope, beside)


def field(path: nodes.Path, scope: Scope, out: list[Diagnostic], beside: nodes.Value | None = None) -> Field | None:
    """As `find_field`, with a diagnostic when there is no such field."""
    found = find_field(path, scope, beside)
    if found is None:
        out.append(_unknown(path, scope))
    return found


def _of_record(path: nodes.Path, record: Record, scope: Scope, beside: nodes.Value | None) -> Field | None:
    parts = path.parts
    if len(parts) > 1:
        event = scope.project.catalog.event(parts[0])
        if event is not None and event.name == record.name:
            parts = parts[1:]
    written = ".".join(parts)
    found = property_of(record.event, written)
    if found is not None:
        return Field(RecordProperty(name=found.name, type=found.entry.type), found.entry)
    if scope.project.declared:
        return None
    guessed = _guess(beside)
    return Field(RecordProperty(name=written, type=guessed.type), guessed)


def _of_entry(path: nodes.Path, scope: Scope, beside: nodes.Value | None) -> Field | None:
    if len(path.parts) < 2:
        return None
    event = scope.project.catalog.event(path.parts[0])
    if event is None or event.name not in scope.entry_events:
        return None
    written = ".".join(path.parts[1:])
    found = property_of(event.entry, written)
    if found is not None:
        return Field(EntryProperty(event=event.name, name=found.name, type=found.entry.type), found.entry)
    if scope.project.declared:
        return None
    guessed = _guess(beside)
    return Field(EntryProperty(event=event.name, name=written, type=guessed.type), guessed)


def _undeclared(path: nodes.Path, scope: Scope, beside: nodes.Value | None) -> Field | None:
    if scope.project.declared:
        return None
    if fold(path.parts[0]) in (CONSENT, "同意"):
        guessed = FieldType(type="boolean")
        return Field(Attribute(name=f"{CONSENT}.{'.'.join(path.parts[1:])}", type="boolean"), guessed)
    guessed = _guess(beside)
    return Field(Attribute(name=path.text, type=guessed.type), guessed)


def _guess(beside: nodes.Value | None) -> FieldType:
    """What an undeclared field must hold to be used beside that value."""
    match beside:
        case nodes.Number():
            return FieldType(type="number")
        case nodes.Money():
            return FieldType(type="money")
        case nodes.Date():
            return FieldType(type="date")
        case nodes.Ago() | nodes.Duration():
            return FieldType(type="moment")
        case nodes.Path(text=word) if yes_or_no(word) is not None:
            return FieldType(type="boolean")
    return FieldType(type="text")


def _unknown(path: nodes.Path, scope: Scope) -> Diagnostic:
    catalog = scope.project.catalog
    if scope.record is not None:
        declared = scope.record.event.properties
        facts = {
            "event": scope.record.name,
            "property": path.text,
            **did_you_mean(path.text, [*declared, *(entry.zh for entry in declared.values() if entry.zh)]),
            "declared": ", ".join(declared),
        }
        return Diagnostic("J117", path.span, facts)
    if fold(path.text) in NAMES_NOT_YET:
        return refusal(path.span, NAMES_NOT_YET[fold(path.text)])
    event = catalog.event(path.parts[0]) if len(path.parts) > 1 else None
    if event is not None:
        written = ".".join(path.parts[1:])
        if event.name in scope.entry_events:
            facts = {
                "event": event.name,
                "property": written,
                **did_you_mean(written, event.entry.properties),
                "declared": ", ".join(event.entry.properties),
            }
            return Diagnostic("J117", path.span, facts)
        return Diagnostic("J116", path.span, {"event": event.name, "property": written})
    for name in scope.entry_events:
        entry = catalog.event(name)
        if entry is not None and property_of(entry.entry, path.text) is not None:
            return Diagnostic("J103", path.span, {"name": path.text, "close": f"{name}.{path.text}"})
    return Diagnostic("J103", path.span, {"name": path.text, **catalog.did_you_mean("attribute", path.text)})
