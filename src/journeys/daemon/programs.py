"""The published journeys as one program, compiled again only when they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from journeys.engine.policy import Policy
from journeys.engine.program import Program, compile_program
from journeys.engine.state import JourneyKey
from journeys.graph.model import RuleGraph
from journeys.store.journeys import PublishedJourney

DAY = 86_400_000_000


def graph_of(published: PublishedJourney) -> RuleGraph:
    """The rule graph of a published version, under the name and number it was published with."""
    return RuleGraph.model_validate_json(published.graph)


@dataclass(slots=True)
class Programs:
    """Programs by the versions in them. `policy` is the project's."""

    policy: Policy
    _compiled: dict[tuple[tuple[int, str], ...], Program] = field(default_factory=dict)

    def of(self, journeys: Sequence[PublishedJourney]) -> Program:
        """The program of some published versions: nobody enters those that are not open, people in them go on."""
        running = [journey for journey in journeys if journey.state != "stopped"]
        versions = tuple((journey.id, "open" if is_entered(journey) else "closed") for journey in running)
        if versions not in self._compiled:
            closed = frozenset(journey.key for journey in running if not is_entered(journey))
            self._compiled[versions] = compile_program([graph_of(journey) for journey in running], self.policy, closed)
        return self._compiled[versions]


def is_entered(journey: PublishedJourney) -> bool:
    """Whether people may enter this version."""
    return journey.state in ("open", "paused")


def transactional_nodes(program: Program) -> frozenset[tuple[JourneyKey, str]]:
    """The steps whose messages are not marketing."""
    return frozenset(
        (key, node.id)
        for key, graph in zip(program.journeys, program.graphs)
        for node in graph.nodes
        if node.kind == "send" and node.transactional
    )


def longest_cap(program: Program, policy: Policy) -> int:
    """How far back hand-offs can count for a frequency cap, in microseconds."""
    caps = [*policy.limits, *(cap for channel in policy.channels.values() for cap in channel.limits)]
    caps += [cap for graph in program.graphs for cap in graph.limits]
    return max(((cap.period.months * 31 + cap.period.days + 2) * DAY + cap.period.micros for cap in caps), default=0)
