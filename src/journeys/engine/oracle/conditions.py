"""Whether a condition holds, and the instants at which time alone may change that.

`x OP 30d ago` is read forwards, as `x + 30d OP now`: like `silent 30d` it turns once, at one instant, also across the
ends of months and DST.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from journeys.catalog import meaning
from journeys.engine.history import Event
from journeys.engine.oracle.profile import Profile, Value
from journeys.engine.oracle.wall_clock import (
    add,
    add_months,
    at_minute,
    clock_changes,
    date_of,
    days_of,
    local_date,
)
from journeys.engine.state import NEVER, Run

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


@dataclass(frozen=True)
class Scene:
    """What a condition can see: the profile at an instant, the run it is asked for, the event `where` looks at.

    `entry` holds properties of the event that started (or would start) the run, as `event.property`.
    """

    profile: Profile
    now: int
    run: Run | None = None
    entry: Mapping[str, Value] = field(default_factory=dict)
    record: Event | None = None


def value_of(operand: meaning.Operand, scene: Scene) -> Value | None:
    """The value of a field or property; None where it is missing."""
    match operand:
        case meaning.Attribute(name="last_seen", type="moment"):
            return scene.profile.last_activity()
        case meaning.Attribute():
            return scene.profile.attributes.get(operand.name)
        case meaning.EntryProperty():
            return scene.entry.get(f"{operand.event}.{operand.name}")
        case meaning.RecordProperty():
            return scene.record.properties.get(operand.name) if scene.record else None


def holds(condition: meaning.Condition, scene: Scene) -> bool:
    """Whether the condition is true in this scene."""
    match condition:
        case meaning.Always():
            return condition.value
        case meaning.Not():
            return not holds(condition.term, scene)
        case meaning.All():
            return all(holds(term, scene) for term in condition.terms)
        case meaning.Any():
            return any(holds(term, scene) for term in condition.terms)
        case meaning.Compare():
            return _compares(condition.operand, condition.operator, condition.value, scene)
        case meaning.Between():
            return _compares(condition.operand, "ge", condition.low, scene) and _compares(
                condition.operand, "le", condition.high, scene
            )
        case meaning.OneOf():
            value = value_of(condition.operand, scene)
            return value is not None and any(value == constant.value for constant in condition.values)
        case meaning.Known():
            return (value_of(condition.operand, scene) is not None) == condition.known
        case meaning.Silent():
            last = scene.profile.last_activity()
            return last is not None and add(scene.profile.zone(), last, condition.duration) <= scene.now
        case meaning.Occurred():
            return COMPARE[condition.operator](amount(condition, scene), condition.amount)
        case meaning.Tagged():
            return _tag_end(condition, scene) > scene.now
        case meaning.Reachable():
            return scene.profile.reach(condition.channel) == ""
        case meaning.TimedOut():
            return scene.run is not None and scene.run.timed_out
        case meaning.GoalReached():
            return scene.run is not None and scene.run.goal_at != NEVER


def turning_points(condition: meaning.Condition, scene: Scene) -> Iterator[int]:
    """Every instant, past ones too, at which time alone may change the condition; too many, never too few."""
    zone = scene.profile.zone()
    match condition:
        case meaning.Not():
            yield from turning_points(condition.term, scene)
        case meaning.All() | meaning.Any():
            for term in condition.terms:
                yield from turning_points(term, scene)
        case meaning.Compare():
            yield from _comparison_turns(condition.operand, condition.value, scene)
        case meaning.Between():
            yield from _comparison_turns(condition.operand, condition.low, scene)
            yield from _comparison_turns(condition.operand, condition.high, scene)
        case meaning.Silent():
            last = scene.profile.last_activity()
            if last is not None:
                yield add(zone, last, condition.duration)
        case meaning.Occurred():
            for event in scene.profile.events:
                if condition.window is not None:
                    yield add(zone, event.at, condition.window)
                if condition.where is not None:
                    yield from turning_points(condition.where, replace(scene, record=event))
        case meaning.Tagged():
            yield _tag_end(condition, scene)


def next_turn(condition: meaning.Condition, scene: Scene) -> int | None:
    """The first instant at which the condition changes if nothing happens but that time passes; None for never."""
    value = holds(condition, scene)
    for at in sorted(set(turning_points(condition, scene))):
        if scene.now < at < NEVER and holds(condition, replace(scene, now=at)) != value:
            return at
    return None


def counted_events(condition: meaning.Occurred, scene: Scene) -> list[Event]:
    """The events that count now."""
    return [event for event in scene.profile.events if _counts(event, condition, scene)]


def amount(condition: meaning.Occurred, scene: Scene) -> float:
    """How many events count, or the sum of the property that is measured."""
    measures = {counted.event: counted.measure for counted in condition.counted}
    total = 0.0
    for event in counted_events(condition, scene):
        measure = measures[event.name]
        total += 1 if measure is None else float(event.properties.get(measure, 0))
    return total


def _counts(event: Event, condition: meaning.Occurred, scene: Scene) -> bool:
    if all(event.name != counted.event for counted in condition.counted):
        return False
    if event.at <= _count_after(condition.since, scene.run):
        return False
    if condition.window is not None and add(scene.profile.zone(), event.at, condition.window) <= scene.now:
        return False
    if condition.message is not None and event.properties.get("message") != condition.message:
        return False
    return condition.where is None or holds(condition.where, replace(scene, record=event))


def _count_after(since: meaning.Since, run: Run | None) -> int:
    if run is None or since == "ever":
        return -NEVER
    if since == "entry":
        return run.entered_at
    if since == "wait":
        return run.wait_started if run.wait_started != NEVER else -NEVER
    return run.loops[-1][1] if run.loops else -NEVER


def _compares(
    operand: meaning.Operand, operator_name: str, bound: meaning.Constant | meaning.Relative, scene: Scene
) -> bool:
    value = value_of(operand, scene)
    if value is None:
        return False
    compare = COMPARE[operator_name]
    if isinstance(bound, meaning.Constant):
        return isinstance(value, str) == isinstance(bound.value, str) and compare(value, bound.value)
    zone = scene.profile.zone()
    if operand.type == "date":
        today = local_date(zone, scene.now - bound.duration.micros)
        return compare(_date_later(value, bound.duration), days_of(today))
    return compare(add(zone, int(value), bound.duration), scene.now)


def _comparison_turns(
    operand: meaning.Operand, bound: meaning.Constant | meaning.Relative, scene: Scene
) -> Iterator[int]:
    value = value_of(operand, scene)
    if value is None or isinstance(bound, meaning.Constant):
        return
    zone = scene.profile.zone()
    if operand.type != "date":
        moment = add(zone, int(value), bound.duration)
        yield from (moment, moment + 1)
        return
    day = _date_later(value, bound.duration)
    midnights = [at_minute(zone, date_of(day + ahead), 0) for ahead in (0, 1)]
    jumps = [at for nearby in range(day - 1, day + 3) for at in clock_changes(zone, nearby)]
    yield from (at + bound.duration.micros for at in (*midnights, *jumps))


def _date_later(value: Value, duration: meaning.Duration) -> int:
    return days_of(add_months(date_of(int(value)), duration.months) + timedelta(days=duration.days))


def _tag_end(condition: meaning.Tagged, scene: Scene) -> int:
    return int(scene.profile.attributes.get(f"tag.{condition.tag}", -NEVER))
