"""J204: a start that comes again and again, for people who may enter only once.

What it does
    Finds a yearly date or a calendar as the start of a journey that does not say how often one enters.
Why is this bad?
    Without an `enter` each person enters one single time: the birthday greeting comes on one birthday.
Example
    journey birthday
        start on birthday
        send coupon
Use instead
    journey birthday
        start on birthday
        enter every time
        send coupon
"""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Context
from journeys.graph.model import CalendarStart, DateStart


def enters_once(context: Context) -> list[Diagnostic]:
    """A warning at the journey's name."""
    graph = context.graph
    repeats = isinstance(graph.start, CalendarStart) or (isinstance(graph.start, DateStart) and graph.start.yearly)
    if not repeats or graph.entry.how != "once" or graph.entry.key is not None or context.enter_written:
        return []
    return [Diagnostic("J204", context.span, {"name": graph.name}, severity=Severity.WARNING)]
