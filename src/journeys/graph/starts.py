"""What makes a person enter: from `start when ..`, `start on ..` and `start every ..` to the start of a graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from journeys.catalog.fields import field as field_of
from journeys.catalog.fields import find_field
from journeys.catalog.not_yet import not_yet
from journeys.catalog.resolve import all_of, conjunction, event_of, resolve, where_of
from journeys.catalog.scope import Scope
from journeys.catalog.values import length
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.graph.model import AnyEventStart, CalendarStart, ConditionStart, DateStart, EventStart, Start
from journeys.graph.moments import zone_of
from journeys.language import nodes

DEFAULT_MINUTE = 9 * 60
"""Where a journey names a day and no time: nine in the morning."""

_Kind = Literal["event", "state", "mixed", "two events"]


def start(written: nodes.Moment, scope: Scope, out: list[Diagnostic]) -> Start | None:
    """The start of a journey; None, with diagnostics, when it cannot be understood."""
    if (refused := not_yet(written)) is not None:
        out.append(refused)
        return None
    match written:
        case nodes.When(condition=condition):
            return start_when(condition, scope, out)
        case nodes.OnDate():
            return _on_date(written, scope, out)
        case nodes.Every(days=days, clock=clock):
            before = len(out)
            zone = zone_of(clock, scope.project, out)
            minute = clock.minute if clock is not None else DEFAULT_MINUTE
            return CalendarStart(days=days, minute=minute, zone=zone) if len(out) == before else None


def start_when(written: nodes.Condition, scope: Scope, out: list[Diagnostic]) -> Start | None:
    """At an event where the condition is one, or one `and` more; otherwise when the condition becomes true."""
    kind = _kind(written, scope)
    if kind in {"mixed", "two events"}:
        event = next(_bare_events(written, scope))
        out.append(Diagnostic("J125" if kind == "mixed" else "J126", written.span, {"event": event.text}))
        return None
    if kind == "state":
        condition = resolve(written, scope, out)
        return None if condition is None else ConditionStart(condition=condition)
    before = len(out)
    events = _events(written, scope, out)
    if len(out) > before:
        return None
    return events[0] if len(events) == 1 else AnyEventStart(events=events)


def entry_events(written: nodes.Condition, scope: Scope) -> tuple[str, ...]:
    """The events that a start waits for, if it waits for events: their properties can be read in the journey."""
    if _kind(written, scope) != "event":
        return ()
    found = (scope.project.catalog.event(path.text) for path in _bare_events(written, scope))
    return tuple(event.name for event in found if event is not None)


def _is_event(written: nodes.Condition, scope: Scope) -> bool:
    match written:
        case nodes.EventWhere():
            return True
        case nodes.Fact(path=path):
            if scope.segment(path.text) is not None or scope.project.catalog.event(path.text) is None:
                return False
            found = find_field(path, scope) if scope.project.declared else None
            return found is None or found.type.type != "boolean"
    return False


def _bare_events(written: nodes.Condition, scope: Scope) -> Iterator[nodes.Path]:
    match written:
        case nodes.EventWhere(event=path) | nodes.Fact(path=path):
            if _is_event(written, scope):
                yield path
        case nodes.And(terms=terms) | nodes.Or(terms=terms):
            for term in terms:
                yield from _bare_events(term, scope)
        case nodes.Not(term=term):
            yield from _bare_events(term, scope)


def _kind(written: nodes.Condition, scope: Scope) -> _Kind:
    """Whether a condition is about an instant (an event), about a state of things, or a mixture that means neither."""
    if _is_event(written, scope):
        return "event"
    match written:
        case nodes.Or(terms=terms):
            kinds = {_kind(term, scope) for term in terms}
            if len(kinds) == 1:
                return kinds.pop()
            return "two events" if kinds == {"event", "two events"} else "mixed"
        case nodes.And(terms=terms):
            kinds_in_order = [_kind(term, scope) for term in terms]
            if "mixed" in kinds_in_order:
                return "mixed"
            if "two events" in kinds_in_order or kinds_in_order.count("event") > 1:
                return "two events"
            return "event" if "event" in kinds_in_order else "state"
        case nodes.Not(term=term):
            return "mixed" if next(_bare_events(term, scope), None) is not None else "state"
    return "state"


def _events(written: nodes.Condition, scope: Scope, out: list[Diagnostic]) -> tuple[EventStart, ...]:
    match written:
        case nodes.Fact(path=path):
            event = event_of(path, scope, out)
            return (EventStart(event=event.name),) if event is not None else ()
        case nodes.EventWhere(event=path):
            event = event_of(path, scope, out)
            where = where_of(written.where, event, scope, out) if event is not None else None
            return (EventStart(event=event.name, where=where),) if event is not None else ()
        case nodes.Or(terms=terms):
            return tuple(event for term in terms for event in _events(term, scope, out))
        case nodes.And(terms=terms):
            return _events_if(terms, scope, out)
    raise AssertionError(f"{type(written).__name__} is no event")


def _events_if(terms: tuple[nodes.Condition, ...], scope: Scope, out: list[Diagnostic]) -> tuple[EventStart, ...]:
    """`signed_up and tier is gold`: at the event, if the rest holds just after it."""
    states = tuple(term for term in terms if _kind(term, scope) == "state")
    event = next(term for term in terms if _kind(term, scope) == "event")
    events = _events(event, scope, out)
    conditions = all_of(states, scope, out)
    if conditions is None:
        return ()
    return tuple(
        each.model_copy(update={"condition": conjunction((*([each.condition] if each.condition else []), *conditions))})
        for each in events
    )


def _on_date(written: nodes.OnDate, scope: Scope, out: list[Diagnostic]) -> DateStart | None:
    before = len(out)
    found = scope.project.catalog.attribute(written.field.text)
    if found is None and scope.project.declared:
        field_of(written.field, scope, out)
    elif found is not None and found.entry.type != "date":
        out.append(Diagnostic("J139", written.field.span, {"field": written.field.text, "holds": found.entry.type}))
    zone = zone_of(written.clock, scope.project, out)
    shift = length(written.offset, out) if written.offset is not None else None
    if shift is not None and shift.micros:
        assert written.offset is not None
        out.append(Diagnostic("J138", written.offset.span))
    if len(out) > before:
        return None
    sign = -1 if written.before else 1
    return DateStart(
        attribute=found.name if found is not None else written.field.text,
        shift_months=sign * shift.months if shift is not None else 0,
        shift_days=sign * shift.days if shift is not None else 0,
        minute=written.clock.minute if written.clock is not None else DEFAULT_MINUTE,
        zone=zone,
        yearly=found is not None and found.entry.yearly,
    )
