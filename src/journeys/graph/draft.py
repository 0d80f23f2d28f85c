"""A graph in the making: nodes, edges, the ports that still lead nowhere, and the text each node came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from journeys.diagnostics.lines import LineIndex
from journeys.diagnostics.span import Span
from journeys.graph.ids import Ids
from journeys.graph.model import Edge, EndNode, Node, Source


@dataclass(frozen=True, slots=True)
class Port:
    """A way out of a node that waits for what comes next; `node` "" is the entrance of the journey."""

    node: str
    name: str = "next"


ENTRANCE = Port("")
Ports = tuple[Port, ...]


@dataclass(slots=True)
class Draft:
    """`first` is "" until a first node is linked to the entrance."""

    lines: Mapping[str, LineIndex]
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    spans: dict[str, Span] = field(default_factory=dict)
    first: str = ""
    ids: Ids = field(default_factory=Ids)

    def source(self, span: Span) -> Source | None:
        """Where a node was written; None for one that nobody wrote."""
        lines = self.lines.get(span.path)
        if lines is None:
            return None
        line, column = lines.position(span.start)
        return Source(path=span.path, line=line, column=column)

    def add(self, node: Node, span: Span, incoming: Ports) -> None:
        """Puts a node at the end of every incoming port."""
        self.nodes.append(node)
        self.spans[node.id] = span
        self.link(incoming, node.id)

    def link(self, incoming: Ports, target: str) -> None:
        """Leads every incoming port to a node that exists."""
        for port in incoming:
            if port == ENTRANCE:
                self.first = target
            else:
                self.edges.append(Edge(source=port.node, port=port.name, target=target))

    def finish(self, incoming: Ports) -> None:
        """Leads what is still open to the end of the journey."""
        if incoming:
            end = EndNode(id=self.ids.take("end"))
            self.nodes.append(end)
            self.link(incoming, end.id)


def targets(edges: Sequence[Edge]) -> dict[str, list[str]]:
    """For each node the nodes its ports lead to."""
    following: dict[str, list[str]] = {}
    for edge in edges:
        following.setdefault(edge.source, []).append(edge.target)
    return following


def reachable(first: str, edges: Sequence[Edge]) -> set[str]:
    """The ids of all nodes that a run can come to."""
    following = targets(edges)
    seen: set[str] = set()
    todo = [first]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend(following.get(node, ()))
    return seen
