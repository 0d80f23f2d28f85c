"""J201: a wait that may never end.

What it does
    Finds `wait until CONDITION` without `up to`.
Why is this bad?
    Whoever never meets the condition stays on this step for ever, and with one live run a person, never enters again.
Example
    journey nudge
        start when signed_up
        wait until did order
        send coupon
Use instead
    journey nudge
        start when signed_up
        wait until did order up to 7d
        send coupon
"""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Context
from journeys.graph.model import WaitUntilNode


def endless_wait(context: Context) -> list[Diagnostic]:
    """A warning for each such wait."""
    return [
        Diagnostic("J201", context.spans[node.id], severity=Severity.WARNING)
        for node in context.graph.nodes
        if isinstance(node, WaitUntilNode) and node.up_to is None
    ]
