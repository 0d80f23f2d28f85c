"""J211: `enter once per ..` that is shorter than the journey.

What it does
    Finds a journey whose shortest way through takes longer than the period after which one may enter again.
Why is this bad?
    A person is in a journey once at a time: the period promises an entry that the run before it still prevents.
Example
    journey course
        start when order
        enter once per 2d
        send coupon
        wait 10d
        send coupon
Use instead
    journey course
        start when order
        enter once per 10d
        send coupon
        wait 10d
        send coupon
"""

from __future__ import annotations

import heapq

from journeys.catalog.durations import short
from journeys.catalog.meaning import Duration
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Context
from journeys.graph.model import EndNode, Node, RepeatNode, RuleGraph, WaitNode

_DAY = 86_400_000_000


def short_reentry(context: Context) -> list[Diagnostic]:
    """A warning at the journey's name. One with `exit when` may end early, and one with a key runs side by side."""
    graph = context.graph
    period = graph.entry.period
    if period is None or graph.entry.key is not None or graph.exit_when is not None:
        return []
    longest_period = (period.months * 31 + period.days) * _DAY + period.micros
    shortest = _shortest_way(graph)
    if shortest is None or shortest <= longest_period + _DAY // 24:  # an hour for the change of clocks
        return []
    days, rest = divmod(shortest, _DAY)
    facts = {"name": graph.name, "period": short(period), "length": short(Duration(days=days, micros=rest))}
    return [Diagnostic("J211", context.span, facts, severity=Severity.WARNING)]


def _shortest_way(graph: RuleGraph) -> int | None:
    """The least time, in microseconds, from entry to an end; months count as 28 days. None where no way ends."""
    nodes = {node.id: node for node in graph.nodes}
    following: dict[str, list[tuple[str, str]]] = {}
    for edge in graph.edges:
        following.setdefault(edge.source, []).append((edge.port, edge.target))
    best: dict[str, int] = {}
    queue = [(0, graph.first)]
    while queue:
        at, node_id = heapq.heappop(queue)
        if node_id in best:
            continue
        best[node_id] = at
        node = nodes[node_id]
        if isinstance(node, EndNode):
            return at
        for port, target in following.get(node_id, ()):
            heapq.heappush(queue, (at + _least(node, port), target))
    return None


def _least(node: Node, port: str) -> int:
    """The least time a step takes; a wait for a condition or a moment may be over at once."""
    if isinstance(node, WaitNode):
        return _micros(node.duration)
    if isinstance(node, RepeatNode) and port == "done" and node.until is None:
        return (node.times - 1) * _micros(node.every)
    return 0


def _micros(length: Duration) -> int:
    return (length.months * 28 + length.days) * _DAY + length.micros
