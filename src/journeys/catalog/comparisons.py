"""Comparisons of a field with values, resolved to what the engine can evaluate without knowing the catalog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from journeys.catalog import meaning
from journeys.catalog.fields import Field, field
from journeys.catalog.meaning import Condition, Constant, Operator, Relative
from journeys.catalog.scope import Scope
from journeys.catalog.values import midnight, value
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.language import nodes

OPERATORS: dict[nodes.Comparison, Operator] = {
    "is": "eq",
    "is not": "ne",
    "over": "gt",
    "under": "lt",
    "at least": "ge",
    "at most": "le",
}
_OLDER: dict[Operator, Operator] = {"eq": "eq", "ne": "ne", "gt": "lt", "lt": "gt", "ge": "le", "le": "ge"}
_DAYS_A_MONTH = 30.44
_DAY = 86_400_000_000


def compare(written: nodes.Compare, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    """`FIELD over VALUE` and its like.

    `over 30d ago` is longer ago than that: an earlier instant. Beside a moment, a day is the whole day in the project's
    zone. Ordered texts become a list of the values that satisfy.
    """
    found = field(written.path, scope, out, written.value)
    if found is None:
        return None
    constant = value(written.value, found.expected(written.path), scope.project, out)
    if constant is None:
        return None
    operator = OPERATORS[written.comparison]
    holds = found.type.type
    ordering = operator not in ("eq", "ne")
    if isinstance(constant, Relative):
        if holds == "moment" and not ordering:
            out.append(_cannot(written, found, "exact moment"))
            return None
        return meaning.Compare(operand=found.operand, operator=_OLDER[operator], value=constant)
    if holds == "moment" and isinstance(written.value, nodes.Date):
        return _whole_day(found, operator, written.value, scope.project.zone)
    if ordering and holds == "boolean":
        out.append(_cannot(written, found, "boolean"))
        return None
    if ordering and holds == "text":
        return _ordered(written, found, operator, constant, out)
    return meaning.Compare(operand=found.operand, operator=operator, value=constant)


def one_of(written: nodes.OneOf, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    """`FIELD is one of A, B`."""
    found = field(written.path, scope, out, written.values[0])
    if found is None:
        return None
    values = []
    for each in written.values:
        if found.type.type in ("moment", "date") and not isinstance(each, nodes.Date):
            out.append(_cannot(written, found, "exact moment"))
            return None
        constant = value(each, found.expected(written.path), scope.project, out)
        if isinstance(constant, Constant):
            values.append(constant)
    if len(values) < len(written.values):
        return None
    if found.type.type == "moment":
        days = [each for each in written.values if isinstance(each, nodes.Date)]
        return meaning.Any(terms=tuple(_whole_day(found, "eq", day, scope.project.zone) for day in days))
    return meaning.OneOf(operand=found.operand, values=tuple(values))


def between(written: nodes.Between, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    """`FIELD between A and B`, both ends included. `between 30d ago and 60d ago` may be written in either order."""
    found = field(written.path, scope, out, written.low)
    if found is None:
        return None
    low = value(written.low, found.expected(written.path), scope.project, out)
    high = value(written.high, found.expected(written.path), scope.project, out)
    if low is None or high is None:
        return None
    if found.type.type == "boolean":
        out.append(_cannot(written, found, "boolean"))
        return None
    if found.type.type == "text":
        return _ordered_between(written, found, low, high, out)
    if isinstance(low, Relative) and isinstance(high, Relative) and _size(low) < _size(high):
        low, high = high, low
    if isinstance(low, Constant) and isinstance(high, Constant) and low.value > high.value:  # type: ignore[operator]
        out.append(Diagnostic("J143", written.span, {"field": written.path.text}))
        return None
    if found.type.type == "moment" and isinstance(written.high, nodes.Date):
        high = Constant(type="moment", value=_next_midnight(written.high, scope.project.zone) - 1)
    return meaning.Between(operand=found.operand, low=low, high=high)


def _size(length: Relative) -> float:
    """About how many days; only to put two ends in order."""
    return length.duration.months * _DAYS_A_MONTH + length.duration.days + length.duration.micros / _DAY


# -- moments beside a day ----------------------------------------------------------------------------------------------


def _next_midnight(day: nodes.Date, zone: str) -> int:
    return midnight(day.value + timedelta(days=1), zone)


def _whole_day(found: Field, operator: Operator, day: nodes.Date, zone: str) -> Condition:
    start = Constant(type="moment", value=midnight(day.value, zone))
    after = Constant(type="moment", value=_next_midnight(day, zone))
    last = Constant(type="moment", value=_next_midnight(day, zone) - 1)
    match operator:
        case "eq":
            return meaning.Between(operand=found.operand, low=start, high=last)
        case "ne":
            return meaning.Any(
                terms=(
                    meaning.Compare(operand=found.operand, operator="lt", value=start),
                    meaning.Compare(operand=found.operand, operator="ge", value=after),
                )
            )
        case "gt":
            return meaning.Compare(operand=found.operand, operator="ge", value=after)
        case "le":
            return meaning.Compare(operand=found.operand, operator="lt", value=after)
    return meaning.Compare(operand=found.operand, operator=operator, value=start)


# -- texts with an order -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Range:
    """A slice of the declared values."""

    start: int
    stop: int


def _ordered(
    written: nodes.Compare, found: Field, operator: Operator, constant: Constant, out: list[Diagnostic]
) -> Condition | None:
    values = [declared.value for declared in found.type.values]
    if not values:
        out.append(_cannot(written, found, "unordered"))
        return None
    at = values.index(str(constant.value))
    satisfying = {
        "gt": _Range(at + 1, len(values)),
        "ge": _Range(at, len(values)),
        "lt": _Range(0, at),
        "le": _Range(0, at + 1),
    }[operator]
    if satisfying.start >= satisfying.stop:
        facts = {"field": written.path.text, "value": str(constant.value), "values": ", ".join(values)}
        out.append(Diagnostic("J146", written.span, {**facts, "beyond": "over" if operator == "gt" else "under"}))
        return None
    return _among(found, values[satisfying.start : satisfying.stop])


def _ordered_between(
    written: nodes.Between, found: Field, low: Constant | Relative, high: Constant | Relative, out: list[Diagnostic]
) -> Condition | None:
    values = [declared.value for declared in found.type.values]
    if not values or isinstance(low, Relative) or isinstance(high, Relative):
        out.append(_cannot(written, found, "unordered"))
        return None
    first, last = values.index(str(low.value)), values.index(str(high.value))
    if first > last:
        out.append(Diagnostic("J143", written.span, {"field": written.path.text}))
        return None
    return _among(found, values[first : last + 1])


def _among(found: Field, values: list[str]) -> Condition:
    return meaning.OneOf(
        operand=found.operand, values=tuple(Constant(type="text", value=declared) for declared in values)
    )


def _cannot(written: nodes.Compare | nodes.OneOf | nodes.Between, found: Field, reason: str) -> Diagnostic:
    facts = {"field": written.path.text, "holds": found.type.type, "cannot": reason}
    return Diagnostic("J114", written.span, facts)
