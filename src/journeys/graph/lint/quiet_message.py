"""J206: a message that is due inside its own quiet hours.

What it does
    Finds a `send` directly after `start .. at HH:MM` or `wait until .. HH:MM` where that time lies in the quiet hours
    of the journey, or in those of the project on every channel of the message.
Why is this bad?
    The message never leaves at the time that is written: it is held until the quiet hours end, and then checked anew.
Example
    journey night
        start every friday at 22:00
        enter every time
        quiet 21:00 to 09:00
        send coupon
Use instead
    journey night
        start every friday at 20:00
        enter every time
        quiet 21:00 to 09:00
        send coupon
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.diagnostics.span import Span
from journeys.graph import model
from journeys.graph.lint.context import Context
from journeys.graph.model import QuietHours, SendNode

_AT_ONCE = {
    "branch": ("yes", "no"),
    "repeat": ("again",),
    "send": ("next",),
    "set": ("next",),
    "tag": ("next",),
    "untag": ("next",),
    "task": ("next",),
    "notify": ("next",),
}
"""Steps that take no time, with the ports that do not either (the arms of a split besides)."""


def quiet_message(context: Context) -> list[Diagnostic]:
    """A warning at each message that is due so, with the place that names the time."""
    found: dict[str, Diagnostic] = {}
    for minute, zone, first, span in _moments(context):
        for node in _at_once(context, first):
            hours = _quiet_then(context, node, minute, zone)
            if hours is not None:
                facts = {
                    "message": node.message,
                    "time": _clock(minute),
                    "from": _clock(hours.from_minute),
                    "to": _clock(hours.to_minute),
                }
                mistake = Diagnostic(
                    "J206", context.spans[node.id], facts, Severity.WARNING, related=((span, "due"),) if span else ()
                )
                found.setdefault(node.id, mistake)
    return list(found.values())


def _moments(context: Context) -> Iterator[tuple[int, str | None, str, Span | None]]:
    """Each time of day at which a run goes on: minute, zone, the node that follows, where it is written."""
    graph = context.graph
    if isinstance(graph.start, model.CalendarStart | model.DateStart):
        yield graph.start.minute, graph.start.zone, graph.first, None
    for node in graph.nodes:
        if isinstance(node, model.WaitMomentNode) and node.minute is not None:
            yield node.minute, node.zone, graph.target(node.id), context.spans[node.id]


def _at_once(context: Context, first: str) -> Iterator[SendNode]:
    """The messages that follow without any time passing."""
    graph = context.graph
    following = {(edge.source, edge.port): edge.target for edge in graph.edges}
    seen: set[str] = set()
    todo = [first]
    while todo:
        node_id = todo.pop()
        if node_id in seen:
            continue
        seen.add(node_id)
        node = graph.node(node_id)
        if isinstance(node, SendNode):
            yield node
        ports = tuple(arm.port for arm in node.arms) if isinstance(node, model.SplitNode) else _AT_ONCE.get(node.kind)
        todo.extend(following[node_id, port] for port in ports or ())


def _quiet_then(context: Context, node: SendNode, minute: int, zone: str | None) -> QuietHours | None:
    """The quiet hours that hold the message at this time, if it is certain that some do."""
    if node.transactional:
        return None
    own = context.graph.quiet
    if own is not None and _inside(own, minute, zone):
        return own
    project = context.project
    windows = [project.quiet_on(channel) for channel in node.channels]
    hours = [
        QuietHours(from_minute=each.from_minute, to_minute=each.to_minute, zone=project.zone_of(each.zone))
        for each in windows
        if each is not None
    ]
    covered = len(hours) == len(node.channels) and all(_inside(each, minute, zone) for each in hours)
    return hours[0] if hours and covered else None


def _inside(hours: QuietHours, minute: int, zone: str | None) -> bool:
    """Whether the time lies in the window; two different zones cannot be compared here."""
    if hours.zone != zone:
        return False
    if hours.from_minute <= hours.to_minute:
        return hours.from_minute <= minute < hours.to_minute
    return minute >= hours.from_minute or minute < hours.to_minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
