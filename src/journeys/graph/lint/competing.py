"""J210: two journeys that want the same place under one limit at the same instant.

What it does
    Finds two journeys with the same start that both send marketing at once, under a limit of journeys.toml that has
    room for either but not for both.
Why is this bad?
    Everybody who enters one enters the other, and one message is always skipped: by priority, or else by chance.
Example
    journey first_offer
        start when order
        send coupon by sms
    journey second_offer
        start when order
        send coupon by sms
Use instead
    journey first_offer
        start when order
        send coupon by sms
    journey second_offer
        start when order
        wait 2d
        send coupon by sms
"""

from __future__ import annotations

from itertools import combinations

from journeys.catalog.project import Limit
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Placed, Together
from journeys.graph.model import RuleGraph, SendNode, Start

_AT_ONCE = frozenset({"send", "set", "tag", "untag", "task", "notify"})
"""Steps that everybody takes without waiting."""


def competing(together: Together) -> list[Diagnostic]:
    """A warning at the later journey of each pair, with the place of the earlier."""
    limits = together.project.limits
    same_start: dict[Start, list[Placed]] = {}
    for placed in together.journeys:
        if any(_sent_at_once(placed.graph, limit) for limit in limits):
            same_start.setdefault(placed.graph.start, []).append(placed)
    found = []
    for group in same_start.values():
        for one, other in combinations(group, 2):
            limit = next((each for each in limits if _too_small(each, one.graph, other.graph)), None)
            if limit is not None and _same_people(one.graph, other.graph):
                facts = {"name": other.graph.name, "other": one.graph.name, "messages": str(limit.messages)}
                related = ((one.span, "first"),)
                found.append(Diagnostic("J210", other.span, facts, Severity.WARNING, related=related))
    return found


def _same_people(one: RuleGraph, other: RuleGraph) -> bool:
    """Whether whoever enters one also enters the other; two versions of one journey are never open together."""
    conditions = {one.only_if, other.only_if}
    return one.name != other.name and (None in conditions or len(conditions) == 1)


def _too_small(limit: Limit, one: RuleGraph, other: RuleGraph) -> bool:
    """Whether the limit has room for what either sends at once, and not for both."""
    counts = _sent_at_once(one, limit), _sent_at_once(other, limit)
    return min(counts) > 0 and max(counts) <= limit.messages < sum(counts)


def _sent_at_once(graph: RuleGraph, limit: Limit) -> int:
    """The messages that count against the limit and go out in the instant of entry, whoever the person is."""
    count, node = 0, graph.node(graph.first)
    while node.kind in _AT_ONCE:
        if isinstance(node, SendNode) and _counts(node, limit):
            count += 1
        node = graph.node(graph.target(node.id))
    return count


def _counts(node: SendNode, limit: Limit) -> bool:
    """A message that waits for its place loses nothing; of several channels any may be taken."""
    on_it = limit.channel is None or node.channels == (limit.channel,)
    return on_it and not node.transactional and node.on_limit != "wait"
