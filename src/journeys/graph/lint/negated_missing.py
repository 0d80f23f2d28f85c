"""J205: a `not` that also takes in those of whom nothing is known."""

from __future__ import annotations

from journeys.catalog import meaning
from journeys.catalog.conditions import parts
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.ids import operand_key
from journeys.graph.lint.context import Context


def negated_missing(context: Context) -> list[Diagnostic]:
    """`not (age over 60)`: a comparison with a missing field is false, so this holds for everybody without an age.

    `not vip` of a yes/no field is meant so and passes.
    """
    return [
        Diagnostic("J205", span, {"field": operand_key(part.term.operand)}, severity=Severity.WARNING)
        for condition, span in context.conditions()
        for part in parts(condition)
        if isinstance(part, meaning.Not)
        and isinstance(part.term, meaning.Compare | meaning.OneOf | meaning.Between)
        and part.term.operand.type != "boolean"
    ]
