"""Why an expectation did not come true: the condition that decided, with the value of each name in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from journeys.catalog.meaning import Condition
from journeys.engine.history import Change, Event, Person
from journeys.engine.oracle.explain import Why, explain_condition, starting_condition
from journeys.engine.oracle.profile import profile_at
from journeys.engine.policy import Policy
from journeys.engine.state import Effect, JourneyKey, Run
from journeys.graph.model import AnyEventStart, BranchNode, EventStart, Node, RuleGraph, WaitUntilNode
from journeys.simulate.expectations import Broken
from journeys.simulate.timeline import port_taken

What = Literal["no event", "where", "start", "only if", "branch", "wait", "exit when"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What decided against an expectation.

    what    "no event": none of the events that start the journey happened; otherwise the condition that was asked: of
            the start, its `where`, `only if`, a branch, a wait or `exit when`
    why     the condition with its values at `at`; None for "no event"
    """

    what: What
    at: int
    journey: JourneyKey
    why: Why | None = None
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """What one customer did and what became of it."""

    person: Person
    effects: Sequence[Effect]
    runs: Sequence[Run]
    graphs: Mapping[JourneyKey, RuleGraph]
    policy: Policy


def decided_by(broken: Broken, walked: Walked) -> Decision | None:
    """The condition that decided; None where no condition did (the message was blocked, or is still to come)."""
    if broken.effect is not None:
        return _why_done(broken.effect, walked)
    wanted = broken.expectation.steps
    journeys = [key for key in walked.graphs if not wanted or any(journey == key for journey, _ in wanted)]
    for journey in journeys:
        targets = {node for key, node in wanted if key == journey}
        decision = _why_not(journey, targets, broken.at, walked)
        if decision is not None:
            return decision
    return None


def _why_done(effect: Effect, walked: Walked) -> Decision | None:
    """Of what happened although it should not have: the last fork before it, or what let the customer in."""
    graph = walked.graphs[effect.journey]
    path = _path(effect.journey, effect.run, effect.at, walked)
    asked = walked.effects.index(effect)
    for place in reversed([place for place in path if place <= asked]):
        node = graph.node(walked.effects[place].node)
        if isinstance(node, BranchNode):
            return _explained("branch", node.condition, walked.effects[place], node, walked)
    if effect.kind == "ended" and effect.reason == "exit when" and graph.exit_when is not None:
        return _explained("exit when", graph.exit_when, effect, None, walked)
    entered = _entered(effect.journey, effect.run, walked)
    condition = starting_condition(graph)
    if entered is None or condition is None:
        return None
    return _explained("start", condition, entered, None, walked)


def _why_not(journey: JourneyKey, targets: set[str], at: int, walked: Walked) -> Decision | None:
    """Of what did not happen in a journey: why nobody came in, or which way the last run went instead."""
    graph = walked.graphs[journey]
    runs = [effect for effect in walked.effects if effect.journey == journey and effect.kind == "entered"]
    runs = [effect for effect in runs if effect.at <= at]
    if not runs:
        return _why_not_in(graph, journey, at, walked)
    run = runs[-1].run
    path = _path(journey, run, at, walked)
    if targets & {walked.effects[place].node for place in path}:
        return None
    for place in reversed(path):
        effect = walked.effects[place]
        node = graph.node(effect.node)
        if isinstance(node, BranchNode):
            taken = port_taken(walked.effects, place, graph)
            other = "no" if taken == "yes" else "yes"
            if targets & _reach(graph, node.id, other) and not targets & _reach(graph, node.id, taken):
                return _explained("branch", node.condition, effect, node, walked)
    ended = [
        effect
        for effect in walked.effects
        if (effect.journey, effect.run, effect.kind) == (journey, run, "ended") and effect.at <= at
    ]
    if ended:
        if ended[0].reason == "exit when" and graph.exit_when is not None:
            return _explained("exit when", graph.exit_when, ended[0], None, walked)
        return None
    last = walked.effects[path[-1]] if path else runs[-1]
    node_now = graph.node(last.node) if last.node else None
    if isinstance(node_now, WaitUntilNode):
        return _explained("wait", node_now.condition, last, node_now, walked, at)
    return None


def _why_not_in(graph: RuleGraph, journey: JourneyKey, at: int, walked: Walked) -> Decision | None:
    """Nobody entered: no event, a `where`, the starting condition or `only if`."""
    record: Event | None = None
    if isinstance(graph.start, EventStart | AnyEventStart):
        starts = (graph.start,) if isinstance(graph.start, EventStart) else graph.start.events
        named = {start.event: start for start in starts}
        seen = [event for event in walked.person.events if event.name in named and event.at <= at]
        if not seen:
            return Decision("no event", at, journey)
        record = seen[-1]
        at = record.at
        where = named[record.name].where
        if where is not None:
            why = _explain(where, at, walked, walked.effects, record=record)
            if not why.holds:
                return Decision("where", at, journey, why)
    questions: list[tuple[What, Condition | None]] = [("start", starting_condition(graph)), ("only if", graph.only_if)]
    run = _as_if_entering(journey, record, at)
    for what, condition in questions:
        if condition is not None:
            why = _explain(condition, at, walked, walked.effects, run=run)
            if not why.holds:
                return Decision(what, at, journey, why)
    return None


# -- what was asked, as it was then ------------------------------------------------------------------------------------


def _explained(
    what: What, condition: Condition, effect: Effect, node: Node | None, walked: Walked, at: int | None = None
) -> Decision:
    """A condition as it was when an effect was decided; or at a later instant, while the run stood there."""
    made = walked.effects[: walked.effects.index(effect)] if at is None else walked.effects
    at = effect.at if at is None else at
    run = next((run for run in walked.runs if (run.journey, run.number) == (effect.journey, effect.run)), None)
    if run is not None:
        run = _as_it_was(run, effect, walked)
    why = _explain(condition, at, walked, made, run=run)
    return Decision(what, at, effect.journey, why, node)


def _explain(
    condition: Condition,
    at: int,
    walked: Walked,
    made: Sequence[Effect],
    *,
    run: Run | None = None,
    record: Event | None = None,
) -> Why:
    """A condition at an instant, on the profile to which journeys had done what `made` says."""
    person = replace(walked.person, changes=(*walked.person.changes, *_changes(made)))
    return explain_condition(condition, profile_at(walked.policy, person, at), at, run=run, record=record)


def _changes(effects: Sequence[Effect]) -> Iterator[Change]:
    """What the journeys did to the profile."""
    for effect in effects:
        if effect.kind == "set":
            yield Change(effect.at, effect.detail, effect.value)
        elif effect.kind in ("tagged", "untagged"):
            yield Change(effect.at, f"tag.{effect.detail}", effect.value if effect.kind == "tagged" else None)


def _as_it_was(run: Run, effect: Effect, walked: Walked) -> Run:
    """The run at the instant of an effect: since when it waited there, and whether its last wait had timed out."""
    timed_out = run.timed_out
    for each in walked.effects:
        if (each.journey, each.run) == (effect.journey, effect.run) and each.at <= effect.at:
            if each.kind == "timed out":
                timed_out = True
            elif each.kind == "moved on":
                timed_out = False
    visited = [
        each.at
        for each in walked.effects
        if (each.journey, each.run, each.kind, each.node) == (effect.journey, effect.run, "visited", effect.node)
    ]
    return replace(run, timed_out=timed_out, wait_started=visited[-1] if visited else run.wait_started)


def _as_if_entering(journey: JourneyKey, record: Event | None, at: int) -> Run:
    entry = {f"{record.name}.{name}": value for name, value in record.properties.items()} if record else {}
    return Run(journey=journey, number=1, key="", node="", entered_at=at, entry=entry)


# -- ways through a graph ----------------------------------------------------------------------------------------------


def _entered(journey: JourneyKey, run: int, walked: Walked) -> Effect | None:
    for effect in walked.effects:
        if (effect.journey, effect.run, effect.kind) == (journey, run, "entered"):
            return effect
    return None


def _path(journey: JourneyKey, run: int, until: int, walked: Walked) -> list[int]:
    """The numbers of the effects by which a run visited its nodes."""
    return [
        place
        for place, effect in enumerate(walked.effects)
        if (effect.journey, effect.run, effect.kind) == (journey, run, "visited") and effect.at <= until
    ]


def _reach(graph: RuleGraph, source: str, port: str) -> set[str]:
    """All nodes that can be reached by a port."""
    if not port:
        return set()
    seen: set[str] = set()
    todo = [edge.target for edge in graph.edges if (edge.source, edge.port) == (source, port)]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += [edge.target for edge in graph.edges if edge.source == node]
    return seen
