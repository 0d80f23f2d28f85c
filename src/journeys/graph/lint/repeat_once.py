"""J212: a `repeat` that repeats nothing.

What it does
    Finds `repeat up to 1 times` without `until`.
Why is this bad?
    Its steps are done once, as they would be without it: either the number is wrong or the line is not needed.
    (A `repeat` without a pause cannot be written: `every` belongs to it.)
Example
    journey drip
        start when signed_up
        repeat up to 1 times every 4d
            send coupon
Use instead
    journey drip
        start when signed_up
        repeat up to 3 times every 4d
            send coupon
"""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Context
from journeys.graph.model import RepeatNode


def repeat_once(context: Context) -> list[Diagnostic]:
    """A warning for each such `repeat`; with `until`, the wait after the one round has its use."""
    return [
        Diagnostic("J212", context.spans[node.id], severity=Severity.WARNING)
        for node in context.graph.nodes
        if isinstance(node, RepeatNode) and node.times <= 1 and node.until is None
    ]
