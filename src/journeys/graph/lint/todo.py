"""J203: something is still to be written.

What it does
    Finds `todo`.
Why is this bad?
    It is not: a journey with a `todo` can be checked, drawn and simulated. It cannot be published.
Example
    journey welcome
        start when signed_up
        todo "which welcome?"
Use instead
    journey welcome
        start when signed_up
        send welcome
"""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Context


def todo(context: Context) -> list[Diagnostic]:
    """A warning for each `todo`, in its own words."""
    return [Diagnostic("J203", span, {"text": text}, severity=Severity.WARNING) for text, span in context.todos]
