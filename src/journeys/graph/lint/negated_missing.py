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

from collections.abc import Iterator

from journeys.catalog import meaning
from journeys.catalog.meaning import Condition, Operand
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.ids import operand_key
from journeys.graph.lint.context import Context


def negated_missing(context: Context) -> list[Diagnostic]:
    """A warning for each such `not`, unless it is joined by `and` with `is known` of the same field."""
    return [
        Diagnostic("J205", span, {"field": operand_key(operand)}, severity=Severity.WARNING)
        for condition, span in context.conditions()
        for operand in _negated(condition, ())
    ]


def _negated(condition: Condition, known: tuple[Operand, ...]) -> Iterator[Operand]:
    """The fields whose comparison is negated, other than those `known` by what stands beside it."""
    match condition:
        case meaning.All(terms=terms):
            known += tuple(term.operand for term in terms if isinstance(term, meaning.Known) and term.known)
            for term in terms:
                yield from _negated(term, known)
        case meaning.Any(terms=terms):
            for term in terms:
                yield from _negated(term, known)
        case meaning.Not(term=meaning.Compare() | meaning.OneOf() | meaning.Between() as term):
            if term.operand.type != "boolean" and term.operand not in known:
                yield term.operand
        case meaning.Not(term=term):
            yield from _negated(term, ())
