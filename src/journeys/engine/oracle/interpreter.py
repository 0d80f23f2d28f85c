"""The walk of one person through time, as `engine/README.md` tells it, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from journeys.catalog.meaning import Condition
from journeys.engine.draw import draw, person_key, seed
from journeys.engine.history import Event, Person
from journeys.engine.oracle.conditions import holds, turning_points
from journeys.engine.oracle.entries import entry_properties, key_of, matches, refusal
from journeys.engine.oracle.steps import end_of_wait, go_to, wake
from journeys.engine.oracle.timetable import next_start
from journeys.engine.oracle.walk import RunKey, Walk
from journeys.engine.oracle.wall_clock import DAY, add
from journeys.engine.policy import Policy
from journeys.engine.state import NEVER, Effect, JourneyKey, PersonState, Run, Watch
from journeys.graph.model import (
    AnyEventStart,
    CalendarStart,
    ConditionStart,
    DateStart,
    EventStart,
    RepeatNode,
    RuleGraph,
    WaitUntilNode,
)

CASCADE = 64
"""How many moments the journeys' own changes may cause at one instant."""


def advance(
    graphs: Sequence[RuleGraph],
    policy: Policy,
    person: Person,
    state: PersonState,
    *,
    resume: int,
    until: int,
    closed: frozenset[JourneyKey] = frozenset(),
) -> tuple[PersonState, list[Effect]]:
    """One person's walk up to and including `until`: what is to be remembered, and what was decided on the way.

    It goes on from `state.advanced_to`; somebody who was never walked starts at `resume`. Journeys in `closed` take
    nobody. `Effect.person` is 0. `due` of runs and watches is left at NEVER: the oracle finds its next moment anew.
    """
    first_time = state.advanced_to == -NEVER
    interpreter = Interpreter(Walk(graphs, policy, person, state, resume if first_time else state.advanced_to, closed))
    interpreter.look_at_everything(state)
    interpreter.go_on(until)
    return interpreter.remembered(state, until), interpreter.walk.effects


class Interpreter:
    """Lets time pass for one person and looks at every moment.

    holds   whether each starting condition held when last looked at, once it has been
    starts  for each journey with a date or calendar start: what the next start was computed from, and its instant
    """

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.zone = walk.profile.zone()
        self.holds: dict[JourneyKey, bool] = {}
        self.starts: dict[JourneyKey, tuple[object, int]] = {}

    # -- time ----------------------------------------------------------------------------------------------------------

    def look_at_everything(self, state: PersonState) -> None:
        """The moment at which the walk resumes."""
        walk = self.walk
        first_time = state.advanced_to == -NEVER
        watched = {watch.journey: watch.holds for watch in state.watches}
        for journey, graph in walk.graphs.items():
            if isinstance(graph.start, DateStart | CalendarStart):
                self._compute_start(journey, graph.start, walk.now + (journey in watched))
                self.holds[journey] = False
            elif isinstance(graph.start, ConditionStart) and journey in watched:
                self.holds[journey] = watched[journey]
        self._moment(
            [
                record
                for record in walk.records
                if not first_time
                and isinstance(record, Event)
                and record.seq > state.seen_seq
                and record.at <= walk.now < record.at + DAY
            ]
        )

    def go_on(self, until: int) -> None:
        """Record after record and timer after timer; at the same instant records come first."""
        walk = self.walk
        ahead = [record for record in walk.records if record.at > walk.now]
        while True:
            timer = min((at for at in self._timers() if at > walk.now), default=NEVER)
            if ahead and ahead[0].at <= min(timer, until):
                record = ahead.pop(0)
                walk.now = record.at
                walk.profile.apply(record)
                self._moment([record] if isinstance(record, Event) else [])
            elif timer <= until:
                walk.now = timer
                self._moment([])
            else:
                return

    def remembered(self, before: PersonState, until: int) -> PersonState:
        """What is to be remembered of the person when the walk has come to `until`."""
        walk = self.walk
        walked = [record.seq for record in walk.records if isinstance(record, Event) and record.at <= until]
        others = [watch for watch in before.watches if watch.journey not in walk.graphs]
        return PersonState(
            advanced_to=until,
            seen_seq=max([before.seen_seq, *walked]),
            runs=tuple(walk.runs.values()),
            watches=(*others, *(Watch(journey, held) for journey, held in self.holds.items())),
            handed_off=tuple(walk.handed_off),
            entries=walk.entries,
            keys=walk.keys,
        )

    def _timers(self) -> Iterator[int]:
        """Every instant, past ones too, at which time alone may change something."""
        walk = self.walk
        for _, at in self.starts.values():
            yield at
        for graph in walk.graphs.values():
            if isinstance(graph.start, ConditionStart):
                yield from turning_points(graph.start.condition, walk.scene())
        for key in walk.in_order():
            run = walk.runs[key]
            yield run.wait_until
            for condition in self._conditions_of(run):
                yield from turning_points(condition, walk.scene(run))

    def _conditions_of(self, run: Run) -> Iterator[Condition]:
        """The conditions that can move a run: of its goal, its exit and the wait it stands in."""
        graph = self.walk.graph(run)
        if graph.goal is not None and self._goal_is_open(run):
            yield graph.goal.condition
        if run.node == "":
            return
        if graph.exit_when is not None:
            yield graph.exit_when
        node = graph.node(run.node)
        if isinstance(node, WaitUntilNode):
            yield node.condition
        if isinstance(node, RepeatNode) and node.until is not None:
            yield node.until

    def _moment(self, events: Sequence[Event]) -> None:
        """Goals and exits, waits, entries; then again for what the journeys themselves have changed."""
        walk = self.walk
        for _ in range(1 + CASCADE):
            walk.changed = False
            self._compute_waits_again()
            for key in walk.in_order():
                self._goal_and_exit(key)
            for key in walk.in_order():
                if walk.runs[key].node:
                    wake(walk, key)
            for journey in walk.by_priority:
                self._start(journey, events)
            events = []
            if not walk.changed:
                return

    def _compute_waits_again(self) -> None:
        """In another zone a standing wait ends at another instant (and a message held back is judged again)."""
        self.walk.zone_changed = self.walk.profile.zone() is not self.zone
        if not self.walk.zone_changed:
            return
        self.zone = self.walk.profile.zone()
        for key in self.walk.in_order():
            run = self.walk.runs[key]
            if run.wait_started != NEVER and not run.held:
                node = self.walk.graph(run).node(run.node)
                self.walk.put(replace(run, wait_until=end_of_wait(self.walk, run, node)))

    # -- goals and exits -----------------------------------------------------------------------------------------------

    def _goal_is_open(self, run: Run) -> bool:
        return run.goal_at == NEVER and self.walk.now < run.goal_until

    def _goal_and_exit(self, key: RunKey) -> None:
        walk, run = self.walk, self.walk.runs[key]
        graph = walk.graph(run)
        if graph.goal is not None and self._goal_is_open(run) and holds(graph.goal.condition, walk.scene(run)):
            run = walk.put(replace(run, goal_at=walk.now))
            walk.tell(run, "goal")
        if run.node and graph.exit_when is not None and holds(graph.exit_when, walk.scene(run)):
            walk.end(run, "exit when")

    # -- entries -------------------------------------------------------------------------------------------------------

    def _compute_start(self, journey: JourneyKey, start: DateStart | CalendarStart, not_before: int) -> None:
        self.starts[journey] = (self._ground_of(start), next_start(start, self.walk.profile, not_before))

    def _ground_of(self, start: DateStart | CalendarStart) -> object:
        """What a start was computed from: it moves when this changes."""
        attributes = self.walk.profile.attributes
        return self.walk.profile.zone().key, isinstance(start, DateStart) and attributes.get(start.attribute)

    def _start(self, journey: JourneyKey, events: Sequence[Event]) -> None:
        graph = self.walk.graphs[journey]
        match graph.start:
            case ConditionStart():
                # A new journey takes everybody for whom it holds; a later version nobody who has entered before.
                stays_out = graph.entry.new_only or graph.name in self.walk.entries
                held = self.holds.get(journey, stays_out)
                self.holds[journey] = holds(graph.start.condition, self.walk.scene())
                if self.holds[journey] and not held:
                    self._enter(journey, None)
            case EventStart() | AnyEventStart():
                for event in events:
                    if matches(graph.start, event, entry_properties(graph, event), self.walk.scene()):
                        self._enter(journey, event)
            case DateStart() | CalendarStart():
                if self.starts[journey][0] != self._ground_of(graph.start):
                    self._compute_start(journey, graph.start, self.walk.now + 1)
                if self.starts[journey][1] <= self.walk.now:
                    self._compute_start(journey, graph.start, self.walk.now + 1)
                    self._enter(journey, None)

    def _enter(self, journey: JourneyKey, event: Event | None) -> None:
        walk, graph = self.walk, self.walk.graphs[journey]
        key = key_of(graph, event)
        entry = entry_properties(graph, event)
        scene = replace(walk.scene(), entry=entry)
        if journey in walk.closed or refusal(graph, key, walk.runs.values(), walk.entries, walk.keys, scene):
            return
        number = walk.entries.get(graph.name, (0, 0))[0] + 1
        walk.entries[graph.name] = (number, walk.now)
        if graph.entry.key is not None:
            walk.keys[graph.name] = walk.keys.get(graph.name, frozenset()) | {key}
        within = graph.goal.within if graph.goal is not None else None
        run = walk.put(
            Run(
                journey=journey,
                number=number,
                key=key,
                node=graph.first,
                entered_at=walk.now,
                goal_until=NEVER if within is None else add(walk.profile.zone(), walk.now, within),
                holdout=draw(person_key(walk.person.id), seed(graph.name, "holdout")) < graph.holdout,
                entry=entry,
            )
        )
        walk.tell(run, "entered", reason="holdout" if run.holdout else "")
        self._goal_and_exit((graph.name, number))
        if walk.runs[graph.name, number].node:
            go_to(walk, (graph.name, number), graph.first)
