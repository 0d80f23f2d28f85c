"""J201: a wait that may never end."""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Context
from journeys.graph.model import WaitUntilNode


def endless_wait(context: Context) -> list[Diagnostic]:
    """`wait until did order` without `up to`: whoever never orders stays on this step for ever."""
    return [
        Diagnostic("J201", context.spans[node.id], severity=Severity.WARNING)
        for node in context.graph.nodes
        if isinstance(node, WaitUntilNode) and node.up_to is None
    ]
