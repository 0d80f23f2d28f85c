"""What a step hands over: the variables of a message or task, and the value of a `set`."""

from __future__ import annotations

from journeys.catalog.builtin import BUILTIN_ATTRIBUTES, CONSENT
from journeys.catalog.fields import field as field_of
from journeys.catalog.fields import find_field
from journeys.catalog.folding import did_you_mean
from journeys.catalog.lookup import Found
from journeys.catalog.meaning import Constant, Duration, Operand, Relative
from journeys.catalog.project import Attribute, Message
from journeys.catalog.scope import Scope
from journeys.catalog.values import Expected, days_of, length, money, plain, value
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.graph.model import Argument
from journeys.language import nodes


def arguments(written: tuple[nodes.Argument, ...], scope: Scope, out: list[Diagnostic]) -> tuple[Argument, ...]:
    """The variables of a `with`; those that cannot be understood are left out, with a diagnostic."""
    found = []
    for argument in written:
        meant = _free_value(argument.value, scope, out)
        if meant is not None:
            found.append(Argument(name=argument.name.text, value=meant))
    return tuple(found)


def check_variables(written: tuple[nodes.Argument, ...], message: Found[Message], out: list[Diagnostic]) -> None:
    """A message that declares its variables knows no others."""
    declared = message.entry.variables
    for argument in written if declared else ():
        if argument.name.text not in declared:
            facts = {
                "message": message.name,
                "name": argument.name.text,
                **did_you_mean(argument.name.text, declared),
                "declared": ", ".join(declared),
            }
            out.append(Diagnostic("J142", argument.name.span, facts))


def _free_value(written: nodes.Value, scope: Scope, out: list[Diagnostic]) -> Constant | Duration | Operand | None:
    """A value without a declared type. A bare word is a field; a text wants quotes."""
    match written:
        case nodes.Number(value=number):
            return Constant(type="number", value=float(number))
        case nodes.Money():
            amount = money(written, scope.project, out)
            return None if amount is None else Constant(type="money", value=amount)
        case nodes.Percent(value=percent):
            return Constant(type="text", value=f"{plain(percent)}%")
        case nodes.Duration():
            return length(written, out)
        case nodes.Date(value=day):
            return Constant(type="date", value=days_of(day))
        case nodes.Clock(minute=minute):
            return Constant(type="text", value=f"{minute // 60:02d}:{minute % 60:02d}")
        case nodes.Text(value=text):
            return Constant(type="text", value=text)
        case nodes.Path():
            found = field_of(written, scope, out)
            return None if found is None else found.operand
        case nodes.Ago():
            out.append(Diagnostic("J149", written.span))
            return None


def set_value(
    path: nodes.Path, written: nodes.Value, scope: Scope, out: list[Diagnostic]
) -> tuple[str, Constant | Operand] | None:
    """The attribute a `set` writes and its value: one the attribute can hold, or another field of the same type."""
    if (target := _settable(path, written, scope, out)) is None:
        return None
    if isinstance(written, nodes.Path) and target.entry.value(written.text) is None:
        other = find_field(written, scope) if scope.project.declared else None
        if other is not None and other.type.type == target.entry.type:
            return target.name, other.operand
    meant = value(written, Expected(path.text, target.entry), scope.project, out)
    if isinstance(meant, Relative):
        out.append(Diagnostic("J149", written.span))
        return None
    return None if meant is None else (target.name, meant)


def _settable(path: nodes.Path, written: nodes.Value, scope: Scope, out: list[Diagnostic]) -> Found[Attribute] | None:
    target = scope.project.catalog.attribute(path.text)
    if target is None:
        found = field_of(path, scope, out, written)
        if found is None:
            return None
        if found.operand.kind != "attribute":
            out.append(Diagnostic("J141", path.span, {"name": path.text}))
            return None
        return Found(found.operand.name, Attribute(type=found.type.type))
    if target.name in BUILTIN_ATTRIBUTES or target.name.startswith(f"{CONSENT}."):
        out.append(Diagnostic("J141", path.span, {"name": path.text}))
        return None
    return target
