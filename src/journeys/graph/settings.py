"""The settings of a journey: how one enters, when one leaves, what is limited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from journeys.catalog import meaning
from journeys.catalog.fields import find_field
from journeys.catalog.folding import did_you_mean
from journeys.catalog.lookup import property_of
from journeys.catalog.meaning import Condition, ValueType
from journeys.catalog.not_yet import not_yet
from journeys.catalog.resolve import conjunction, resolve
from journeys.catalog.scope import Scope
from journeys.catalog.values import length
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.graph.model import Entry, FrequencyCap, Goal, QuietHours, Start
from journeys.graph.moments import zone_of
from journeys.graph.starts import start
from journeys.language import nodes

S = TypeVar("S", bound=nodes.Node)

_ONLY_ONE: tuple[type[nodes.Node], ...] = (nodes.Start, nodes.Goal, nodes.Quiet, nodes.Priority, nodes.Holdout)
DEFAULT_PRIORITY = 50


@dataclass(frozen=True, slots=True)
class Settings:
    """`start` is None when it is missing or cannot be understood."""

    start: Start | None
    entry: Entry
    only_if: Condition | None = None
    exit_when: Condition | None = None
    goal: Goal | None = None
    quiet: QuietHours | None = None
    limits: tuple[FrequencyCap, ...] = ()
    priority: int = DEFAULT_PRIORITY
    holdout: float = 0.0
    notes: tuple[str, ...] = ()


def settings(journey: nodes.Journey, scope: Scope, out: list[Diagnostic], *, complete: bool) -> Settings:
    """The settings of a journey, in that scope. `complete` is false for a file with lines that could not be read."""
    written = journey.settings
    for setting in written:
        if not isinstance(setting, nodes.Start) and (refused := not_yet(setting)) is not None:
            out.append(refused)
    _only_once(written, out)
    starts = _all(written, nodes.Start)
    if not starts and complete:
        out.append(Diagnostic("J129", journey.name.span, {"name": journey.name.text}))
    exits = [resolve(each.condition, scope.at("exit when"), out) for each in _all(written, nodes.ExitWhen)]
    conditions = [resolve(each.condition, scope.at("only if"), out) for each in _all(written, nodes.OnlyIf)]
    goal = _goal(written, scope, out)
    holdout = _holdout(written, out)
    return Settings(
        start=start(starts[0].moment, scope.at("start"), out) if starts else None,
        entry=_entry(written, scope, out),
        only_if=conjunction(known) if (known := _known(conditions)) else None,
        exit_when=_any_of(_known(exits)),
        goal=goal,
        quiet=_quiet(written, scope, out),
        limits=_limits(written, out),
        priority=next((each.value for each in _all(written, nodes.Priority)), DEFAULT_PRIORITY),
        holdout=holdout,
        notes=tuple(each.text.value for each in _all(written, nodes.Note)),
    )


def _all(written: tuple[nodes.Setting, ...], kind: type[S]) -> list[S]:
    return [setting for setting in written if isinstance(setting, kind)]


def _known(conditions: list[Condition | None]) -> tuple[Condition, ...]:
    return tuple(condition for condition in conditions if condition is not None)


def _any_of(conditions: tuple[Condition, ...]) -> Condition | None:
    if len(conditions) > 1:
        return meaning.Any(terms=conditions)
    return conditions[0] if conditions else None


def _only_once(written: tuple[nodes.Setting, ...], out: list[Diagnostic]) -> None:
    """Two settings of a kind that there can be only one of: two starts, two goals, two ways to enter."""
    seen: dict[object, nodes.Setting] = {}
    for setting in written:
        kind: object = type(setting)
        if isinstance(setting, nodes.Enter):
            kind = ("enter", setting.how == "new only")
        elif not isinstance(setting, _ONLY_ONE):
            continue
        first = seen.setdefault(kind, setting)
        if first is not setting:
            out.append(Diagnostic("J128", setting.span, related=((first.span, "first"),)))


def _entry(written: tuple[nodes.Setting, ...], scope: Scope, out: list[Diagnostic]) -> Entry:
    """Once, unless something else is written."""
    enters = _all(written, nodes.Enter)
    new_only = any(each.how == "new only" for each in enters)
    how = next((each for each in enters if each.how != "new only"), None)
    if how is None:
        return Entry(how="once", new_only=new_only)
    if how.how == "every time":
        return Entry(how="every time", new_only=new_only)
    period = length(how.period, out) if how.period is not None else None
    key = _key(how.key, scope, out) if how.key is not None else None
    return Entry(
        how="per period" if period is not None else "once",
        period=period,
        key=key[0] if key is not None else None,
        key_type=key[1] if key is not None else "text",
        new_only=new_only,
    )


def _key(path: nodes.Path, scope: Scope, out: list[Diagnostic]) -> tuple[str, ValueType] | None:
    """`once for each order_id`: a property that every starting event has."""
    catalog = scope.project.catalog
    if not scope.entry_events:
        out.append(Diagnostic("J140", path.span, {"key": path.text}))
        return None
    entry = find_field(path, scope)
    if entry is not None and entry.operand.kind == "entry property":
        return entry.operand.name, entry.operand.type
    keys: list[tuple[str, ValueType]] = []
    for name in scope.entry_events:
        event = catalog.event(name)
        found = property_of(event.entry, path.text) if event is not None else None
        if found is None and scope.project.declared:
            declared = event.entry.properties if event is not None else {}
            facts = {"event": name, "property": path.text, **did_you_mean(path.text, declared)}
            out.append(Diagnostic("J117", path.span, {**facts, "declared": ", ".join(declared)}))
            return None
        keys.append((found.name, found.entry.type) if found is not None else (path.text, "text"))
    return keys[0]


def _goal(written: tuple[nodes.Setting, ...], scope: Scope, out: list[Diagnostic]) -> Goal | None:
    for each in _all(written, nodes.Goal):
        condition = resolve(each.condition, scope.at("goal"), out)
        within = length(each.within, out) if each.within is not None else None
        return Goal(condition=condition, within=within) if condition is not None else None
    return None


def _holdout(written: tuple[nodes.Setting, ...], out: list[Diagnostic]) -> float:
    """The share (0 to 1) that enters but never receives; without a goal there would be nothing to compare."""
    for each in _all(written, nodes.Holdout):
        windowed = any(known.within is not None for known in _all(written, nodes.Goal))
        if not windowed:
            mistake = "holdout without within" if _all(written, nodes.Goal) else "holdout without goal"
            out.append(Diagnostic("J132", each.span, {"mistake": mistake}))
        if not 0 <= each.percent.value < 100:
            out.append(Diagnostic("J132", each.span, {"mistake": "holdout share"}))
        return float(each.percent.value) / 100
    return 0.0


def _quiet(written: tuple[nodes.Setting, ...], scope: Scope, out: list[Diagnostic]) -> QuietHours | None:
    for each in _all(written, nodes.Quiet):
        zone = zone_of(each, scope.project, out)
        return QuietHours(from_minute=each.from_minute, to_minute=each.to_minute, zone=zone)
    return None


def _limits(written: tuple[nodes.Setting, ...], out: list[Diagnostic]) -> tuple[FrequencyCap, ...]:
    caps = []
    for each in _all(written, nodes.Limit):
        period = length(each.period, out)
        if period is not None:
            caps.append(FrequencyCap(messages=each.messages, period=period, calendar=each.calendar))
    return tuple(caps)
