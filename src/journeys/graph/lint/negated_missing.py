"""J205: a `not` that also takes in those of whom nothing is known.

What it does
    Finds `not` before a comparison of a field. `not vip` of a yes/no field is meant so and passes.
Why is this bad?
    A comparison with a missing field is false, so its `not` holds for everybody whose field is missing.
Example
    journey youth
        start when signed_up
        if not (age over 60) then send coupon
Use instead
    journey youth
        start when signed_up
        if age at most 60 then send coupon
"""

from __future__ import annotations

from journeys.catalog import meaning
from journeys.catalog.conditions import parts
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.ids import operand_key
from journeys.graph.lint.context import Context


def negated_missing(context: Context) -> list[Diagnostic]:
    """A warning for each such `not`, unless it is joined by `and` with `is known` of the same field."""
    return [
        Diagnostic("J205", span, {"field": operand_key(term.operand)}, severity=Severity.WARNING)
        for condition, span in context.conditions()
        for term in _negated(condition)
        if term.operand not in _known(condition)
    ]


def _negated(condition: meaning.Condition) -> list[meaning.Compare | meaning.OneOf | meaning.Between]:
    return [
        part.term
        for part in parts(condition)
        if isinstance(part, meaning.Not)
        and isinstance(part.term, meaning.Compare | meaning.OneOf | meaning.Between)
        and part.term.operand.type != "boolean"
    ]


def _known(condition: meaning.Condition) -> list[meaning.Operand]:
    """The fields that must be known for the whole condition to hold."""
    terms = condition.terms if isinstance(condition, meaning.All) else (condition,)
    return [term.operand for term in terms if isinstance(term, meaning.Known) and term.known]
