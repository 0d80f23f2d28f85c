"""What a lint rule looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from journeys.catalog.meaning import Condition
from journeys.diagnostics.span import Span
from journeys.graph.model import (
    AnyEventStart,
    BranchNode,
    ConditionStart,
    EventStart,
    RepeatNode,
    RuleGraph,
    WaitUntilNode,
)


@dataclass(frozen=True, slots=True)
class Context:
    """One graph with the texts it came from: `spans` by node id, `span` of the journey's name (or the whole rule).

    The graph still has the nodes that no run can come to. `enter_written`: it says itself how often one enters.
    """

    graph: RuleGraph
    span: Span
    spans: Mapping[str, Span]
    todos: tuple[tuple[str, Span], ...] = ()
    enter_written: bool = False

    def conditions(self) -> Iterator[tuple[Condition, Span]]:
        """Every condition of the journey, each with where to show it."""
        graph = self.graph
        starts = graph.start.events if isinstance(graph.start, AnyEventStart) else (graph.start,)
        of_start = [
            each.condition for each in starts if isinstance(each, EventStart | ConditionStart) and each.condition
        ]
        goal = graph.goal.condition if graph.goal is not None else None
        for condition in (*of_start, graph.only_if, graph.exit_when, goal):
            if condition is not None:
                yield condition, self.span
        for node in graph.nodes:
            if isinstance(node, BranchNode | WaitUntilNode):
                yield node.condition, self.spans[node.id]
            elif isinstance(node, RepeatNode) and node.until is not None:
                yield node.until, self.spans[node.id]
