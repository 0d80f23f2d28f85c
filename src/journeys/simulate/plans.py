"""What a `test "..."` block says: a customer, what happens to them, and what is expected when.

A line without `after` belongs to the instant of the line above it; the first to the start of the test.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from journeys.catalog import values
from journeys.catalog.fields import field as field_of
from journeys.catalog.folding import fold
from journeys.catalog.meaning import Constant, Duration, Relative
from journeys.catalog.project import FieldType, Project
from journeys.catalog.resolve import event_of
from journeys.catalog.scope import Record, Scope, SegmentTable
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.engine.history import ALWAYS, Change, Event, Person
from journeys.engine.oracle.wall_clock import add, at_minute, days_of, local_date, zone_of_names
from journeys.engine.policy import ChannelPolicy, Policy
from journeys.engine.state import NEVER
from journeys.graph.model import RuleGraph, SendNode
from journeys.language import nodes
from journeys.simulate.dealing import Wishes, deal, wish
from journeys.simulate.expectations import Expectation, expectation

FIRST_DAY = date(2026, 3, 2)
FIRST_MINUTE = 10 * 60
"""A test starts on a Monday at 10:00 in the project's zone: a working day, outside the usual quiet hours."""

QUIET_RUN = Duration(days=30)
"""How long `never` looks on after the last event where no later line says until when."""

LONGEST = Duration(months=20 * 12)

SEEN = "last seen"
"""The event that stands for `last_seen`: some activity, of no declared kind."""

_MISSING = {"missing", "缺失"}
_TAG = {"tag", "标签"}


@dataclass(frozen=True, slots=True)
class Plan:
    """A test, resolved.

    start           the instant the test begins; the journeys are published one microsecond earlier
    until           how far it is walked
    happens         the customer's events as written, for the time line
    """

    person: Person
    start: int
    until: int
    happens: tuple[Event, ...]
    expectations: tuple[Expectation, ...]


@dataclass(slots=True)
class _Given:
    """What the `given` lines say so far; `named` are all attributes they speak of, also to call them missing."""

    changes: list[Change] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    wishes: Wishes = field(default_factory=Wishes)


def plan(
    test: nodes.Test, graphs: Sequence[RuleGraph], project: Project, policy: Policy, out: list[Diagnostic]
) -> Plan | None:
    """What the test says about these journeys; None, with diagnostics in `out`, when it cannot be run."""
    before = len(out)
    scope = Scope(project, SegmentTable(), "branch")
    start = at_minute(zone_of_names(project.zone), FIRST_DAY, FIRST_MINUTE)
    given = _Given()
    for line in test.lines:
        if isinstance(line, nodes.Given):
            for argument in line.arguments:
                _give(argument, given, graphs, scope, start, out)
    _make_reachable(given, graphs, policy)
    spoken = next((change.value for change in given.changes if change.name == "zone"), None)
    zone = zone_of_names(spoken, project.zone)
    now = start
    happens: list[Event] = []
    expectations: list[Expectation] = []
    last_expected = -NEVER
    for line in test.lines:
        act = line
        if isinstance(line, nodes.After):
            act = line.act
            length = values.length(line.duration, out)
            if length is not None:
                now = add(zone, start, length)
            if now > add(zone, start, LONGEST):
                out.append(Diagnostic("J510", line.duration.span))
                return None
        if isinstance(act, nodes.Happens):
            happens += _happen(act, now, len(happens), scope, out)
        elif isinstance(act, nodes.Expect):
            expectations += expectation(act, line, now, graphs, scope, out)
            if isinstance(line, nodes.After):
                last_expected = max(last_expected, now)
    if not expectations and len(out) == before:
        out.append(Diagnostic("J508", test.title.span))
    identity = deal(given.wishes, graphs, out)
    if identity is None or len(out) > before:
        return None
    until = max([start, *(event.at for event in happens), *(each.at for each in expectations)])
    last_event = max([start, *(event.at for event in happens)])
    if last_expected < last_event and any(each.how == "never" for each in expectations):
        until = max(until, add(zone, last_event, QUIET_RUN) - 1)
    person = Person(identity, (*given.events, *happens), tuple(given.changes))
    return Plan(person, start, until, tuple(happens), tuple(expectations))


# -- the customer ------------------------------------------------------------------------------------------------------


def _give(
    argument: nodes.Argument,
    given: _Given,
    graphs: Sequence[RuleGraph],
    scope: Scope,
    start: int,
    out: list[Diagnostic],
) -> None:
    """One `A V` after `given customer with`."""
    path, written = argument.name, argument.value
    catalog = scope.project.catalog
    if catalog.attribute(path.text) is None:
        if wish(argument, given.wishes, graphs, out):
            return
        if fold(path.text) in _TAG and isinstance(written, nodes.Path | nodes.Text):
            name = catalog.tag(written.text if isinstance(written, nodes.Path) else written.value)
            given.changes.append(Change(ALWAYS, f"tag.{name}", NEVER))
            return
        if fold(path.parts[0]) == "suppressed" and len(path.parts) > 1:
            _suppress(argument, given, scope, out)
            return
    found = field_of(path, scope, out, written)
    if found is None:
        return
    name = found.operand.name
    given.named.add(name)
    if isinstance(written, nodes.Path) and fold(written.text) in _MISSING and found.type.value(written.text) is None:
        return
    if name == "last_seen" and isinstance(written, nodes.Duration):
        written = nodes.Ago(written, span=written.span)
    constant = values.value(written, found.expected(path), scope.project, out)
    if constant is None:
        return
    meant = _at(constant, found.type.type == "date", scope, start)
    if name == "last_seen":
        given.events.append(Event(int(meant), SEEN, seq=-1))
    else:
        given.changes.append(Change(ALWAYS, name, meant))


def _at(constant: Constant | Relative, is_day: bool, scope: Scope, now: int) -> bool | int | float | str:
    """A value; `30d ago` as the instant or day that long before `now`."""
    if isinstance(constant, Constant):
        return constant.value
    zone = zone_of_names(scope.project.zone)
    instant = add(zone, now, constant.duration, -1)
    return days_of(local_date(zone, instant)) if is_day else instant


def _suppress(argument: nodes.Argument, given: _Given, scope: Scope, out: list[Diagnostic]) -> None:
    written = ".".join(argument.name.parts[1:])
    channel = scope.project.catalog.channel(written)
    if channel is None:
        close = scope.project.catalog.did_you_mean("channel", written)
        out.append(Diagnostic("J104", argument.name.span, {"name": written, **close}))
        return
    expected = values.Expected(argument.name.text, FieldType(type="boolean"))
    constant = values.value(argument.value, expected, scope.project, out)
    if isinstance(constant, Constant):
        given.changes.append(Change(ALWAYS, f"suppressed.{channel.name}", constant.value))


def _make_reachable(given: _Given, graphs: Sequence[RuleGraph], policy: Policy) -> None:
    """Unless the test says otherwise the customer can be reached everywhere.

    A test that speaks of an address speaks of them all: only those it gives are known.
    """
    channels = [*policy.channels, *_channels(graphs)]
    addresses = {policy.channels.get(channel, ChannelPolicy()).address for channel in channels} - {None}
    if not addresses & given.named:
        given.changes += [Change(ALWAYS, name, "known") for name in sorted(filter(None, addresses))]
    for channel in dict.fromkeys(channels):
        if f"consent.{channel}" not in given.named:
            given.changes.append(Change(ALWAYS, f"consent.{channel}", True))


def _channels(graphs: Iterable[RuleGraph]) -> Iterable[str]:
    for graph in graphs:
        for node in graph.nodes:
            if isinstance(node, SendNode):
                yield from node.channels


# -- what happens ------------------------------------------------------------------------------------------------------


def _happen(act: nodes.Happens, now: int, number: int, scope: Scope, out: list[Diagnostic]) -> Iterable[Event]:
    """The event of an `event E with ..`; none where it cannot be understood."""
    before = len(out)
    event = event_of(act.event, scope, out)
    if event is None:
        return
    own = scope.within(Record(event.name, event.entry))
    properties: dict[str, bool | int | float | str] = {}
    for argument in act.arguments:
        found = field_of(argument.name, own, out, argument.value)
        if found is None:
            continue
        constant = values.value(argument.value, found.expected(argument.name), scope.project, out)
        if constant is None:
            continue
        meant = _at(constant, found.type.type == "date", scope, now)
        if found.operand.name == "message" and event.name in ("opened", "clicked", "received", "replied"):
            message = scope.project.catalog.message(str(meant))
            if message is None:
                close = scope.project.catalog.did_you_mean("message", str(meant))
                out.append(Diagnostic("J101", argument.value.span, {"name": str(meant), **close}))
                continue
            meant = message.name
        properties[found.operand.name] = meant
    if len(out) == before:
        yield Event(now, event.name, properties, seq=number)
