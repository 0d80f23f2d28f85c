"""J202: steps that nobody can come to.

What it does
    Finds steps after `exit`, or after an `if` whose branches all exit. Shown at the first step of each such stretch.
Why is this bad?
    They look as if something were sent, and nothing ever is.
Example
    journey thanks
        start when order
        if vip then exit else exit
        send coupon
Use instead
    journey thanks
        start when order
        if vip then exit
        send coupon
"""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.draft import reachable
from journeys.graph.lint.context import Context


def unreachable(context: Context) -> list[Diagnostic]:
    """A warning at the first step of each stretch."""
    graph = context.graph
    covered = reachable(graph.first, graph.edges)
    warnings = []
    for node in graph.nodes:
        if node.id not in covered and node.id in context.spans:
            warnings.append(Diagnostic("J202", context.spans[node.id], severity=Severity.WARNING))
            covered |= reachable(node.id, graph.edges)
    return warnings
