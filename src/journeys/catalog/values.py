"""Values written beside a field, checked against what the field holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from journeys.catalog.durations import duration
from journeys.catalog.folding import did_you_mean, fold
from journeys.catalog.meaning import Constant, Duration, Relative
from journeys.catalog.money import currency_of, minor_units
from journeys.catalog.project import FieldType, Project
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.language import nodes

_TRUE = frozenset({"true", "yes", "是", "真"})
_FALSE = frozenset({"false", "no", "否", "假"})
_EPOCH = date(1970, 1, 1)
_MICRO = timedelta(microseconds=1)

KIND_OF_VALUE: dict[type[nodes.Node], str] = {
    nodes.Number: "number",
    nodes.Money: "money",
    nodes.Percent: "percentage",
    nodes.Duration: "duration",
    nodes.Ago: "duration",
    nodes.Date: "date",
    nodes.Clock: "clock",
    nodes.Text: "text",
    nodes.Path: "text",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """The field a value stands beside: how it was written, and what it holds."""

    written: str
    field: FieldType


def days_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def midnight(day: date, zone: str) -> int:
    """The instant a day begins in a zone, in microseconds UTC."""
    start = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    return (start - datetime(1970, 1, 1, tzinfo=UTC)) // _MICRO


def length(written: nodes.Duration, out: list[Diagnostic]) -> Duration | None:
    """A written duration; None (and a diagnostic) for `0d`. The parser has told of `1.5d` already."""
    meant = duration(written.parts)
    if meant is None and not any(amount % 1 for amount, _ in written.parts):
        out.append(Diagnostic("J144", written.span))
    return meant


def money(written: nodes.Money, project: Project, out: list[Diagnostic]) -> int | None:
    """An amount in minor units of the project's currency; another currency is a mistake, unless nothing is declared."""
    code = currency_of(written.currency, project.currency)
    if code is None or (code != project.currency and project.declared):
        facts = {"currency": written.currency, "project": project.currency, "amount": plain(written.amount)}
        out.append(Diagnostic("J112", written.span, facts))
        return None
    amount = minor_units(written.amount, code)
    if amount is None:
        out.append(Diagnostic("J145", written.span, {"amount": plain(written.amount), "currency": code}))
    return amount


def plain(amount: Decimal) -> str:
    """A number without exponent and without trailing zeros."""
    return f"{amount.normalize():f}" if amount else "0"


def value(
    written: nodes.Value, expected: Expected, project: Project, out: list[Diagnostic]
) -> Constant | Relative | None:
    """The value as the field holds it; None (and a diagnostic) when the field cannot hold such a value."""
    holds = expected.field.type
    match holds, written:
        case "number", nodes.Number(value=number):
            return Constant(type="number", value=float(number))
        case "money", nodes.Money():
            amount = money(written, project, out)
            return None if amount is None else Constant(type="money", value=amount)
        case "text", nodes.Path() | nodes.Text() | nodes.Number():
            return text_value(written, expected, out)
        case "boolean", nodes.Path(text=word) | nodes.Text(value=word) if (answer := yes_or_no(word)) is not None:
            return Constant(type="boolean", value=answer)
        case "date", nodes.Date(value=day):
            return Constant(type="date", value=days_of(day))
        case "moment", nodes.Date(value=day):
            return Constant(type="moment", value=midnight(day, project.zone))
        case "date" | "moment", nodes.Ago(duration=ago):
            meant = length(ago, out)
            return None if meant is None else Relative(duration=meant)
    out.append(wrong_type(written, expected, project))
    return None


def yes_or_no(word: str) -> bool | None:
    """`true`, `yes`, `是` and their opposites; None for any other word."""
    folded = fold(word)
    return True if folded in _TRUE else False if folded in _FALSE else None


def text_value(
    written: nodes.Path | nodes.Text | nodes.Number, expected: Expected, out: list[Diagnostic]
) -> Constant | None:
    """A text; of a field with declared values it must be one of them, and comes back as the canonical one."""
    if isinstance(written, nodes.Path):
        text = written.text
    else:
        text = written.value if isinstance(written, nodes.Text) else plain(written.value)
    field = expected.field
    if not field.values:
        return Constant(type="text", value=text)
    found = field.value(text)
    if found is None:
        names = [declared.value for declared in field.values]
        close = did_you_mean(text, [*names, *(declared.zh for declared in field.values if declared.zh)])
        facts = {"field": expected.written, "value": text, "values": ", ".join(names), **close}
        out.append(Diagnostic("J109", written.span, facts))
        return None
    return Constant(type="text", value=found)


def wrong_type(written: nodes.Value, expected: Expected, project: Project) -> Diagnostic:
    """The mistake of a value that the field cannot hold; with what to write instead."""
    facts = {
        "field": expected.written,
        "holds": expected.field.type,
        "value_type": KIND_OF_VALUE[type(written)],
        "write_kind": expected.field.type,
    }
    if expected.field.type == "money" and isinstance(written, nodes.Number):
        facts |= {"amount": plain(written.value), "currency": project.currency}
    return Diagnostic("J111", written.span, facts)
