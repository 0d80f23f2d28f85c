"""J214: two parts of a condition that exclude each other.

What it does
    Finds parts joined by `and` that can never hold together: two different values of one field, ranges that do not
    meet, a value of a field that is missing, a tag and its absence.
Why is this bad?
    The condition is never true, so the step is never taken. Mostly `or` was meant.
Example
    journey tiers
        start when signed_up
        if tier is gold and tier is silver then send coupon
Use instead
    journey tiers
        start when signed_up
        if tier is one of gold, silver then send coupon
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import inf

from journeys.catalog import meaning
from journeys.catalog.conditions import parts
from journeys.catalog.folding import fold
from journeys.catalog.meaning import Condition, Constant, Operand
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.ids import operand_key
from journeys.graph.lint.context import Context

_Bounds = tuple[float, bool, float, bool]
"""The least value and whether it belongs to the range, the greatest value and whether it does."""


def never_true(context: Context) -> list[Diagnostic]:
    """A warning for each `and` with such parts, naming what they are about."""
    found = []
    for condition, span in context.conditions():
        for part in _with_wheres(condition):
            if isinstance(part, meaning.All) and (about := _contradiction(tuple(_flat(part)))) is not None:
                found.append(Diagnostic("J214", span, {"field": about}, severity=Severity.WARNING))
    return found


def _with_wheres(condition: Condition) -> Iterator[Condition]:
    for part in parts(condition):
        yield part
        if isinstance(part, meaning.Occurred) and part.where is not None:
            yield from parts(part.where)


def _flat(condition: meaning.All) -> Iterator[Condition]:
    for term in condition.terms:
        if isinstance(term, meaning.All):
            yield from _flat(term)
        else:
            yield term


def _contradiction(terms: tuple[Condition, ...]) -> str | None:
    """What the first two parts that exclude each other are about."""
    for one, other in combinations(terms, 2):
        if meaning.Not(term=one) == other or meaning.Not(term=other) == one:
            if isinstance(one, meaning.Tagged) or isinstance(other, meaning.Tagged):
                return one.tag if isinstance(one, meaning.Tagged) else other.tag  # type: ignore[union-attr]
            continue
        operand = _operand(one)
        if operand is not None and operand == _operand(other) and _exclude(one, other):
            return operand_key(operand)
    return None


def _operand(condition: Condition) -> Operand | None:
    match condition:
        case meaning.Compare() | meaning.OneOf() | meaning.Between() | meaning.Known():
            return condition.operand
    return None


def _exclude(one: Condition, other: Condition) -> bool:
    """Whether two parts about one field can never hold together."""
    missing = [part for part in (one, other) if isinstance(part, meaning.Known) and not part.known]
    if missing:
        return len(missing) == 1
    values, other_values = _values(one), _values(other)
    if values is not None and other_values is not None:
        return not values & other_values
    bounds, other_bounds = _bounds(one), _bounds(other)
    return bounds is not None and other_bounds is not None and _empty(bounds, other_bounds)


def _values(condition: Condition) -> frozenset[object] | None:
    """The only values that satisfy the part, if they can be listed."""
    match condition:
        case meaning.Compare(operator="eq", value=Constant(value=value)):
            return frozenset([_folded(value)])
        case meaning.OneOf(values=values):
            return frozenset(_folded(each.value) for each in values)
    return None


def _folded(value: bool | float | str) -> object:
    return fold(value) if isinstance(value, str) else value


def _bounds(condition: Condition) -> _Bounds | None:
    """The range of values that satisfy the part, where they are ordered constants."""
    match condition:
        case meaning.Between(low=Constant(value=int() | float() as low), high=Constant(value=int() | float() as high)):
            return low, True, high, True
        case meaning.Compare(operator=operator, value=Constant(value=int() | float() as value)):
            return {
                "eq": (value, True, value, True),
                "lt": (-inf, False, value, False),
                "le": (-inf, False, value, True),
                "gt": (value, False, inf, False),
                "ge": (value, True, inf, False),
            }.get(operator)
    return None


def _empty(one: _Bounds, other: _Bounds) -> bool:
    low, low_in = max(one[:2], other[:2], key=lambda end: (end[0], not end[1]))
    high, high_in = min(one[2:], other[2:], key=lambda end: (end[0], end[1]))
    return low > high or (low == high and not (low_in and high_in))
