"""J203: something is still to be written."""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Context


def todo(context: Context) -> list[Diagnostic]:
    """A `todo`: the journey can be tried, but not published."""
    return [Diagnostic("J203", span, {"text": text}, severity=Severity.WARNING) for text, span in context.todos]
