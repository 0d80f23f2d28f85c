"""Why somebody is in a journey, or is not: every part of a condition with its value and when time will change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from journeys.catalog import meaning
from journeys.catalog.meaning import Condition
from journeys.engine.history import Event, Person
from journeys.engine.oracle.conditions import Scene, amount, counted_events, holds, next_turn, value_of
from journeys.engine.oracle.entries import Refusal, refusal
from journeys.engine.oracle.profile import Profile, Value, profile_at
from journeys.engine.oracle.timetable import next_start
from journeys.engine.oracle.wall_clock import add
from journeys.engine.policy import Policy
from journeys.engine.state import NEVER, JourneyKey, PersonState, Run
from journeys.graph.model import AnyEventStart, CalendarStart, ConditionStart, DateStart, EventStart, RuleGraph


@dataclass(frozen=True, slots=True)
class Why:
    """One part of a condition at an instant.

    detail      what it was decided from, by name; instants in microseconds UTC, None where something is missing:
                comparisons `NAME` (the value of the field); `silent` last_activity, silent_from; `occurred` amount,
                last_counted; `tagged` ends_at (NEVER: for ever); `reachable` reason ("" if it is)
    changes_at  the first instant at which this part changes if nothing happens but that time passes; None for never
    parts       of `and`, `or`, `not`
    """

    condition: Condition
    holds: bool
    detail: Mapping[str, Value | None] = field(default_factory=dict)
    changes_at: int | None = None
    parts: tuple[Why, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a person whom the start calls now would be let in.

    refused_by      "" if so; otherwise "closed", "live" (a run is under way), "once", "period", "only if"
    until           the instant at which `period` is over; NEVER otherwise
    """

    refused_by: Literal["", "closed", "no key", "live", "once", "period", "only if"]
    until: int = NEVER


@dataclass(frozen=True, slots=True)
class JourneyWhy:
    """How a person stands with one journey.

    standing    "never entered", "live" or "ended": that of the last run of this version, which `run` is
    start       the starting condition (of a condition start, or the `condition` of an event start), None without one
    starts_at   the next instant of a date or calendar start; None where there is none
    guard       `only if`, None without one
    """

    journey: JourneyKey
    standing: Literal["never entered", "live", "ended"]
    run: Run | None
    start: Why | None
    starts_at: int | None
    guard: Why | None
    verdict: Verdict


def explain_condition(
    condition: Condition,
    profile: Profile,
    now: int,
    *,
    run: Run | None = None,
    record: Event | None = None,
) -> Why:
    """The condition and its parts as they are at `now`, on a profile to which everything up to `now` is applied.

    `run` is the run it is asked for (its start, its waits, the event that started it); `record` the event that a
    `where` looks at.
    """
    return _explain(condition, Scene(profile, now, run, run.entry if run is not None else {}, record))


def explain_person(
    graphs: Sequence[RuleGraph],
    policy: Policy,
    person: Person,
    state: PersonState,
    now: int,
    *,
    closed: frozenset[JourneyKey] = frozenset(),
) -> tuple[JourneyWhy, ...]:
    """For every journey: how the person stands with it at `now`, and why he or she would not be let in."""
    scene = Scene(profile_at(policy, person, now), now)
    return tuple(_explain_journey(graph, scene, state, closed) for graph in graphs)


def _explain_journey(graph: RuleGraph, scene: Scene, state: PersonState, closed: frozenset[JourneyKey]) -> JourneyWhy:
    journey = JourneyKey(graph.name, graph.version)
    run = max((run for run in state.runs if run.journey == journey), key=lambda run: run.number, default=None)
    starts_at = NEVER
    if isinstance(graph.start, DateStart | CalendarStart):
        starts_at = next_start(graph.start, scene.profile, scene.now + 1)
    condition = starting_condition(graph)
    return JourneyWhy(
        journey=journey,
        standing="never entered" if run is None else "live" if run.node else "ended",
        run=run,
        start=None if condition is None else _explain(condition, scene),
        starts_at=None if starts_at == NEVER else starts_at,
        guard=None if graph.only_if is None else _explain(graph.only_if, scene),
        verdict=_verdict(journey in closed, refusal(graph, None, state.runs, state.entries, state.keys, scene)),
    )


def starting_condition(graph: RuleGraph) -> Condition | None:
    """What must hold of a person for the journey to start, beside the event or the day that starts it."""
    match graph.start:
        case ConditionStart() | EventStart():
            return graph.start.condition
        case AnyEventStart():
            asked = [start.condition for start in graph.start.events]
            known = [condition for condition in asked if condition is not None]
            return meaning.Any(terms=tuple(known)) if known and len(known) == len(asked) else None
        case _:
            return None


def _verdict(is_closed: bool, refused: Refusal | None) -> Verdict:
    if is_closed:
        return Verdict("closed")
    return Verdict("") if refused is None else Verdict(refused.reason, refused.until)


def _explain(condition: Condition, scene: Scene) -> Why:
    match condition:
        case meaning.All() | meaning.Any():
            parts = tuple(_explain(term, scene) for term in condition.terms)
        case meaning.Not():
            parts = (_explain(condition.term, scene),)
        case _:
            parts = ()
    return Why(condition, holds(condition, scene), _detail(condition, scene), next_turn(condition, scene), parts)


def _detail(condition: Condition, scene: Scene) -> dict[str, Value | None]:
    match condition:
        case meaning.Compare() | meaning.OneOf() | meaning.Between() | meaning.Known():
            return {condition.operand.name: value_of(condition.operand, scene)}
        case meaning.Silent():
            last = scene.profile.last_activity()
            silent_from = None if last is None else add(scene.profile.zone(), last, condition.duration)
            return {"last_activity": last, "silent_from": silent_from}
        case meaning.Occurred():
            counted = counted_events(condition, scene)
            last_counted = max((event.at for event in counted), default=None)
            return {"amount": amount(condition, scene), "last_counted": last_counted}
        case meaning.Tagged():
            return {"ends_at": scene.profile.attributes.get(f"tag.{condition.tag}")}
        case meaning.Reachable():
            return {"reason": scene.profile.reach(condition.channel)}
        case meaning.TimedOut():
            return {"timed_out": scene.run is not None and scene.run.timed_out}
        case meaning.GoalReached():
            return {"goal_at": scene.run.goal_at if scene.run is not None and scene.run.goal_at != NEVER else None}
        case _:
            return {}
