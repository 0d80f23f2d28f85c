"""J202: steps that nobody can come to."""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.draft import reachable
from journeys.graph.lint.context import Context


def unreachable(context: Context) -> list[Diagnostic]:
    """A step after `exit`, or after an `if` whose branches all exit. Shown at the first step of each such stretch."""
    graph = context.graph
    covered = reachable(graph.first, graph.edges)
    warnings = []
    for node in graph.nodes:
        if node.id not in covered and node.id in context.spans:
            warnings.append(Diagnostic("J202", context.spans[node.id], severity=Severity.WARNING))
            covered |= reachable(node.id, graph.edges)
    return warnings
