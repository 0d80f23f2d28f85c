"""J213: an arm of a split that nobody is dealt.

What it does
    Finds an arm of 0%. (Arms that do not add up to 100% are an error, J130.)
Why is this bad?
    Its steps look like a part of the test, and nobody ever takes them.
Example
    journey trial
        start when signed_up
        split
            100% plain
                send welcome
            0% bold
                send coupon
Use instead
    journey trial
        start when signed_up
        split
            90% plain
                send welcome
            10% bold
                send coupon
"""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Context
from journeys.graph.model import SplitNode


def empty_arm(context: Context) -> list[Diagnostic]:
    """A warning at the split for each such arm."""
    return [
        Diagnostic("J213", context.spans[node.id], {"arm": arm.port}, severity=Severity.WARNING)
        for node in context.graph.nodes
        if isinstance(node, SplitNode)
        for arm in node.arms
        if arm.percent == 0
    ]
