"""One person on the way: what is known and remembered at the present moment of a walk, and how it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from journeys.engine.history import Person
from journeys.engine.oracle.conditions import Scene
from journeys.engine.oracle.profile import Value, profile_at, records_of
from journeys.engine.policy import Policy
from journeys.engine.state import NEVER, Effect, EffectKind, HandedOff, JourneyKey, PersonState, Run
from journeys.graph.model import RepeatNode, RuleGraph

RunKey = tuple[str, int]
"""A journey's name and the number of the run."""


class Walk:
    """The present moment of one person's walk.

    runs        by journey and number, in the order in which they were entered
    zone_changed    whether the person's zone is another than at the moment before
    changed     whether a journey's own step has changed the profile since this was last set to False
    """

    def __init__(
        self,
        graphs: Sequence[RuleGraph],
        policy: Policy,
        person: Person,
        state: PersonState,
        now: int,
        closed: frozenset[JourneyKey],
    ) -> None:
        self.graphs = {JourneyKey(graph.name, graph.version): graph for graph in graphs}
        self.by_priority = sorted(self.graphs, key=lambda journey: -self.graphs[journey].priority)
        self.depths = {journey: repeat_depths(graph) for journey, graph in self.graphs.items()}
        self.closed = closed
        self.person = person
        self.now = now
        self.records = records_of(person)
        self.profile = profile_at(policy, person, now)
        self.runs: dict[RunKey, Run] = {(run.journey.name, run.number): run for run in state.runs}
        self.handed_off: list[HandedOff] = list(state.handed_off)
        self.entries = dict(state.entries)
        self.keys = dict(state.keys)
        self.zone_changed = False
        self.changed = False
        self.effects: list[Effect] = []

    def graph(self, run: Run) -> RuleGraph:
        """The journey of a run."""
        return self.graphs[run.journey]

    def scene(self, run: Run | None = None) -> Scene:
        """What a condition sees now."""
        return Scene(self.profile, self.now, run, run.entry if run is not None else {})

    def in_order(self) -> list[RunKey]:
        """The runs of known journeys: by priority, then journey as listed, then number."""
        rank = {journey: place for place, journey in enumerate(self.by_priority)}
        known = [run for run in self.runs.values() if run.journey in rank]
        return [
            (run.journey.name, run.number) for run in sorted(known, key=lambda run: (rank[run.journey], run.number))
        ]

    def put(self, run: Run) -> Run:
        """Remembers a run as it is now."""
        self.runs[run.journey.name, run.number] = run
        return run

    def end(self, run: Run, reason: str) -> None:
        """Ends a run: it stands nowhere, waits for nothing, holds nothing; a goal without a window counts no more."""
        self.tell(run, "ended", reason=reason)
        goal_until = self.now if run.goal_until == NEVER else run.goal_until
        ended = replace(run, node="", ended_at=self.now, exit_reason=reason, loops=(), goal_until=goal_until)
        self.put(replace(ended, wait_started=NEVER, wait_until=NEVER, held="", held_since=NEVER))

    def tell(
        self, run: Run, kind: EffectKind, reason: str = "", detail: str = "", value: float | int | str = 0
    ) -> None:
        """Adds an effect. A held-out run tells nothing but how it entered, reached its goal and ended."""
        if not run.holdout or kind in ("entered", "goal", "ended"):
            self.effects.append(
                Effect(0, self.now, kind, run.journey, run.number, run.node, run.rounds, reason, detail, value)
            )

    def change(self, attribute: str, value: Value | None) -> None:
        """A journey's own step changes the profile at once."""
        self.changed = self.profile.change(attribute, value) or self.changed


def repeat_depths(graph: RuleGraph) -> dict[str, int]:
    """How many other repeats each repeat lies in. A body is reached through `again` of its repeat alone."""
    found = {graph.first: 0}
    ahead = [graph.first]
    while ahead:
        node = graph.node(ahead.pop(0))
        for edge in graph.edges:
            if edge.source == node.id and edge.target not in found:
                found[edge.target] = found[node.id] + (isinstance(node, RepeatNode) and edge.port == "again")
                ahead.append(edge.target)
    return {node.id: found[node.id] for node in graph.nodes if isinstance(node, RepeatNode) and node.id in found}
