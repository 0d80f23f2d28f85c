"""J204: a start that comes again and again, for people who may enter only once."""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Context
from journeys.graph.model import CalendarStart, DateStart


def enters_once(context: Context) -> list[Diagnostic]:
    """`start on birthday` or `start every monday` without an `enter`: each person would enter one single time."""
    graph = context.graph
    repeats = isinstance(graph.start, CalendarStart) or (isinstance(graph.start, DateStart) and graph.start.yearly)
    if not repeats or graph.entry.how != "once" or graph.entry.key is not None or context.enter_written:
        return []
    return [Diagnostic("J204", context.span, {"name": graph.name}, severity=Severity.WARNING)]
