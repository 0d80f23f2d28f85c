"""Who enters a journey: what starts it, what refuses, and what a run remembers of the event that started it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from journeys.catalog.meaning import EntryProperty, Model
from journeys.engine.history import Event
from journeys.engine.oracle.conditions import Scene, holds
from journeys.engine.oracle.profile import Value
from journeys.engine.oracle.wall_clock import add
from journeys.engine.state import NEVER, Run
from journeys.graph.model import AnyEventStart, EventStart, RuleGraph


@dataclass(frozen=True)
class Refusal:
    """Why somebody may not enter now: the event has "no key", a run is "live", "once", "period" (until), "only if"."""

    reason: Literal["no key", "live", "once", "period", "only if"]
    until: int = NEVER


def refusal(
    graph: RuleGraph,
    key: str | None,
    runs: Iterable[Run],
    entries: Mapping[str, tuple[int, int]],
    keys: Mapping[str, frozenset[str]],
    scene: Scene,
) -> Refusal | None:
    """The first rule that keeps the person of the scene out; None if none does. `key` None: one never seen."""
    keyed = graph.entry.key is not None
    if keyed and key == "":
        return Refusal("no key")
    for run in runs:
        if run.journey.name == graph.name and run.node != "" and (not keyed or run.key == key):
            return Refusal("live")
    if graph.entry.how == "once" and (key in keys.get(graph.name, ()) if keyed else graph.name in entries):
        return Refusal("once")
    if graph.entry.how == "per period" and graph.entry.period is not None and graph.name in entries:
        until = add(scene.profile.zone(), entries[graph.name][1], graph.entry.period)
        if until > scene.now:
            return Refusal("period", until)
    if graph.only_if is not None and not holds(graph.only_if, scene):
        return Refusal("only if")
    return None


def matches(start: EventStart | AnyEventStart, event: Event, entry: Mapping[str, Value], scene: Scene) -> bool:
    """Whether this event starts the journey."""
    if isinstance(start, AnyEventStart):
        return any(matches(one, event, entry, scene) for one in start.events)
    return (
        event.name == start.event
        and (start.where is None or holds(start.where, replace(scene, record=event)))
        and (start.condition is None or holds(start.condition, replace(scene, entry=entry)))
    )


def key_of(graph: RuleGraph, event: Event | None) -> str:
    """The key of a run: a text as `=text`, a number as `#number`, "" without one."""
    value = event.properties.get(graph.entry.key) if event is not None and graph.entry.key is not None else None
    if value is None:
        return ""
    return f"={value}" if isinstance(value, str) else f"#{float(value):.17g}"


def entry_properties(graph: RuleGraph, event: Event | None) -> dict[str, float | str]:
    """The properties of the starting event that the journey speaks of, as `event.property`."""
    if event is None:
        return {}
    found: dict[str, float | str] = {}
    for part in _parts(graph):
        if isinstance(part, EntryProperty) and part.event == event.name and part.name in event.properties:
            value = event.properties[part.name]
            found[f"{part.event}.{part.name}"] = value if isinstance(value, str) else float(value)
    return found


def _parts(value: object) -> Iterator[Model]:
    if isinstance(value, tuple):
        for item in value:
            yield from _parts(item)
    elif isinstance(value, Model):
        yield value
        for name in type(value).model_fields:
            yield from _parts(getattr(value, name))
