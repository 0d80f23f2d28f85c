"""The names in a journey file: which name stands where, and what it is the name of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from journeys.catalog.fields import Field, find_field
from journeys.catalog.folding import fold
from journeys.catalog.lookup import property_of
from journeys.catalog.meaning import Attribute, EntryProperty
from journeys.catalog.project import Event, FieldType, Message
from journeys.catalog.scope import Record, Scope
from journeys.diagnostics.span import Span
from journeys.graph.starts import entry_events
from journeys.language import nodes

Kind = Literal[
    "attribute",
    "event",
    "property",
    "message",
    "variable",
    "channel",
    "tag",
    "role",
    "journey",
    "segment",
    "steps",
    "value",
    "file",
]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at a place. `name` is canonical, `written` as it stands there, without quotes.

    `owner` is the event of a property, the message of a variable, the field of a value. A name that is not declared
    anywhere is its own canonical name.
    """

    kind: Kind
    name: str
    written: str
    span: Span
    owner: str = ""
    declares: bool = False


def mentions(file: nodes.File, scope: Scope) -> tuple[Mention, ...]:
    """All names of a file, in order of place. `scope` knows the project and the segments of all files."""
    found = [each for declaration in file.declarations for each in _of(declaration, scope)]
    return tuple(sorted(found, key=lambda each: each.span.start))


def journey_scope(node: nodes.Journey | nodes.Rule, scope: Scope) -> Scope:
    """The scope inside a journey: properties of the events that start it can be read there."""
    events: tuple[str, ...] = ()
    has_goal = False
    if isinstance(node, nodes.Rule):
        events = entry_events(node.step.branches[0].condition, scope)
    else:
        for setting in node.settings:
            if isinstance(setting, nodes.Start) and isinstance(setting.moment, nodes.When):
                events = entry_events(setting.moment.condition, scope)
        has_goal = any(isinstance(setting, nodes.Goal) for setting in node.settings)
    return Scope(scope.project, scope.segments, "branch", events, has_goal)


def event_scope(event: str, scope: Scope) -> Scope:
    """The scope of a `where` about an event, under any of its names."""
    found = scope.project.catalog.event(event)
    return scope.within(Record(found.name, found.entry) if found is not None else Record(event, Event()))


def _of(node: Any, scope: Scope) -> Iterator[Mention]:
    """The names of a node and of everything under it."""
    if isinstance(node, nodes.Journey | nodes.Rule):
        scope = journey_scope(node, scope)
    yield from _own(node, scope)
    within = scope
    match node:
        case nodes.Did(event=event, where=nodes.Node()) | nodes.EventWhere(event=event):
            within = event_scope(event.text, scope)
    for part in fields(node):
        child = getattr(node, part.name)
        for each in child if isinstance(child, tuple) else (child,):
            if is_dataclass(each) and isinstance(each, nodes.Node):
                yield from _of(each, within if part.name == "where" else scope)


def _own(node: nodes.Node, scope: Scope) -> Iterator[Mention]:
    catalog = scope.project.catalog
    match node:
        case nodes.Journey(name=name):
            yield _named("journey", catalog.journey(name.text), name, declares=True)
        case nodes.StartJourney(journey=name):
            yield _named("journey", catalog.journey(name.text), name)
        case nodes.Segment(name=name):
            yield _named("segment", catalog.segment(name.text), name, declares=True)
        case nodes.InSegment(segment=name):
            yield _named("segment", catalog.segment(name.text), name)
        case nodes.Steps(name=name):
            yield _named("steps", name.text, name, declares=True)
        case nodes.Do(steps=name):
            yield _named("steps", name.text, name)
        case nodes.Use(file=file):
            yield Mention("file", file.value, file.value, file.span)
        case nodes.Tagged(tag=name) | nodes.Tag(tag=name) | nodes.Untag(tag=name):
            yield _named("tag", catalog.tag(name.text), name)
        case nodes.Send(message=name):
            yield _message(name, scope)
            yield from (_channel(channel, scope) for channel in node.channels)
            if node.role is not None:
                yield _role(node.role, scope)
            message = catalog.message(name.text)
            yield from _variables(node.arguments, message.name if message else name.text, message, scope)
        case nodes.Engaged(message=name):
            yield _message(name, scope)
        case nodes.Reachable(channel=name):
            yield _channel(name, scope)
        case nodes.Task(role=path) | nodes.Notify(role=path):
            yield _role(path, scope)
        case nodes.Did(event=event) | nodes.EventWhere(event=event) | nodes.Everyone(event=event):
            yield _event(event, scope)
        case nodes.Happens(event=event):
            yield _event(event, scope)
            record = event_scope(event.text, scope)
            for argument in node.arguments:
                yield from _field(argument.name, record, (argument.value,))
        case nodes.Given(arguments=arguments):
            for argument in arguments:
                yield from _field(argument.name, scope, (argument.value,))
        case nodes.Fact(path=path):
            yield from _fact(path, scope)
        case nodes.Compare(path=path, value=value) | nodes.Set(path=path, value=value):
            yield from _field(path, scope, (value,))
        case nodes.OneOf(path=path, values=values):
            yield from _field(path, scope, values)
        case nodes.Between(path=path, low=low, high=high):
            yield from _field(path, scope, (low, high))
        case nodes.Changes(path=path):
            yield from _field(path, scope, tuple(v for v in (node.before, node.after) if v is not None))
        case nodes.Known(path=path) | nodes.OnDate(field=path):
            yield from _field(path, scope)
        case nodes.WaitMoment(field=nodes.Path() as path):
            yield from _field(path, scope)
        case nodes.Enter(key=nodes.Path() as path):
            yield from _key(path, scope)


def _named(kind: Kind, name: str, node: nodes.Name | nodes.Path, declares: bool = False) -> Mention:
    return Mention(kind, name, node.text, node.span, declares=declares)


def _message(name: nodes.Name, scope: Scope) -> Mention:
    found = scope.project.catalog.message(name.text)
    return _named("message", found.name if found else name.text, name)


def _channel(name: nodes.Name, scope: Scope) -> Mention:
    found = scope.project.catalog.channel(name.text)
    return _named("channel", found.name if found else name.text, name)


def _role(path: nodes.Path, scope: Scope) -> Mention:
    found = scope.project.catalog.role(path.text)
    return _named("role", found.name if found else path.text, path)


def _event(node: nodes.Name | nodes.Path, scope: Scope) -> Mention:
    found = scope.project.catalog.event(node.text)
    return _named("event", found.name if found else node.text, node)


def _variables(arguments: Sequence[nodes.Argument], owner: str, message: Any, scope: Scope) -> Iterator[Mention]:
    """What fills in a message: its variables, and the fields they are filled from."""
    declared = message.entry.variables if message is not None else Message().variables
    for argument in arguments:
        written = argument.name.text
        name = next((each for each in declared if fold(each) == fold(written)), written)
        yield Mention("variable", name, written, argument.name.span, owner)
        type_ = declared.get(name)
        if type_ is not None and type_.values:
            yield from _values((argument.value,), name, type_)
        elif isinstance(argument.value, nodes.Path) and scope.project.declared:
            yield from _field(argument.value, scope)


def _fact(path: nodes.Path, scope: Scope) -> Iterator[Mention]:
    """A bare name: a yes/no field, an event or a segment."""
    found = find_field(path, scope) if scope.project.declared or scope.record is not None else None
    if found is not None and found.type.type == "boolean":
        yield _of_field(path, found, scope)
    elif scope.record is None and (segment := scope.segment(path.text)) is not None:
        yield _named("segment", segment, path)
    elif scope.record is None and scope.project.catalog.event(path.text) is not None:
        yield _event(path, scope)
    elif found is not None:
        yield _of_field(path, found, scope)


def _field(path: nodes.Path, scope: Scope, values: Sequence[nodes.Value] = ()) -> Iterator[Mention]:
    found = find_field(path, scope, values[0] if values else None)
    if found is not None:
        mention = _of_field(path, found, scope)
        yield mention
        yield from _values(values, mention.name, found.type)


def _of_field(path: nodes.Path, found: Field, scope: Scope) -> Mention:
    match found.operand:
        case Attribute(name=name):
            return _named("attribute", name, path)
        case EntryProperty(event=event, name=name):
            return Mention("property", name, path.text, path.span, event)
        case _:
            owner = scope.record.name if scope.record is not None else ""
            return Mention("property", found.operand.name, path.text, path.span, owner)


def _values(values: Sequence[nodes.Value], owner: str, type_: FieldType) -> Iterator[Mention]:
    for value in values:
        written = value.value if isinstance(value, nodes.Text) else value.text if isinstance(value, nodes.Path) else ""
        found = type_.value(written) if written else None
        if found is not None:
            yield Mention("value", found, written, value.span, owner)


def _key(path: nodes.Path, scope: Scope) -> Iterator[Mention]:
    """`once for each PROPERTY`: of the event that starts the journey."""
    for event in scope.entry_events:
        found = scope.project.catalog.event(event)
        own = property_of(found.entry, path.parts[-1]) if found is not None else None
        if own is not None:
            yield Mention("property", own.name, path.text, path.span, event)
            return
