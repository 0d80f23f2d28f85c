"""`timed out` asks about the nearest wait above it; on every path that must be a wait that can run out of time."""

from __future__ import annotations

from journeys.catalog import meaning
from journeys.catalog.conditions import parts
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.graph.draft import targets
from journeys.graph.lint.context import Context
from journeys.graph.model import BranchNode, Node, RepeatNode, WaitMomentNode, WaitNode, WaitUntilNode


def check_timed_out(context: Context) -> list[Diagnostic]:
    """An error for each `if timed out` that a run can come to with another wait, or none, behind it."""
    graph = context.graph
    nodes = {node.id: node for node in graph.nodes}
    following = targets(graph.edges)
    untimed: set[str] = set()  # what a run can come to with no wait behind it, or one that cannot run out of time
    todo = [graph.first]
    todo += [target for node in graph.nodes if _cannot_time_out(node) for target in following.get(node.id, ())]
    while todo:
        node_id = todo.pop()
        if node_id not in untimed:
            untimed.add(node_id)
            if not _can_time_out(nodes[node_id]):
                todo.extend(following.get(node_id, ()))
    return [
        Diagnostic("J133", context.spans[node.id], {"mistake": "timed out without wait"})
        for node in graph.nodes
        if isinstance(node, BranchNode) and node.id in untimed and _asks(node)
    ]


def _can_time_out(node: Node) -> bool:
    return isinstance(node, WaitUntilNode) and node.up_to is not None


def _cannot_time_out(node: Node) -> bool:
    return isinstance(node, WaitNode | WaitMomentNode | RepeatNode | WaitUntilNode) and not _can_time_out(node)


def _asks(node: BranchNode) -> bool:
    return any(isinstance(part, meaning.TimedOut) for part in parts(node.condition))
