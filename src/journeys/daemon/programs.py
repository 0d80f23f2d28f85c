"""The published journeys as one program, compiled again only when they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from journeys.engine.policy import Policy
from journeys.engine.program import Program, compile_program
from journeys.graph.model import RuleGraph
from journeys.store.journeys import PublishedJourney

DAY = 86_400_000_000


def graph_of(published: PublishedJourney) -> RuleGraph:
    """The rule graph of a published version, under the name and number it was published with."""
    return RuleGraph.model_validate_json(published.graph)


@dataclass(slots=True)
class Programs:
    """The graphs and programs of one store's versions, which never change. `policy` is the project's."""

    policy: Policy
    _graphs: dict[int, RuleGraph] = field(default_factory=dict)
    _compiled: dict[tuple[tuple[int, bool], ...], Program] = field(default_factory=dict)

    def graph(self, published: PublishedJourney) -> RuleGraph:
        """As `graph_of`, read once."""
        if published.id not in self._graphs:
            self._graphs[published.id] = graph_of(published)
        return self._graphs[published.id]

    def of(self, running: Sequence[PublishedJourney], published: Sequence[PublishedJourney]) -> Program:
        """The program of the `running` versions among all that are `published`: people in them go on, and enter those
        that take people."""
        versions = tuple((journey.id, takes_people(journey, running, published)) for journey in running)
        if versions not in self._compiled:
            closed = frozenset(journey.key for journey, (_, entered) in zip(running, versions) if not entered)
            graphs = [self.graph(journey) for journey in running]
            self._compiled[versions] = compile_program(graphs, self.policy, closed)
        return self._compiled[versions]


def awaits_first_look(journey: PublishedJourney) -> bool:
    """Whether the daemon has yet to look at all customers with this version."""
    return journey.swept_to is not None and journey.is_entered


def takes_people(
    journey: PublishedJourney, running: Sequence[PublishedJourney], published: Sequence[PublishedJourney]
) -> bool:
    """Whether people enter this version in a program of the `running` ones.

    A version that a later one has closed takes people up to the instant of that publication: as long as no later one is
    running.
    """
    if journey.is_entered:
        return True
    later = {other.id for other in published if other.key.name == journey.key.name and other.id > journey.id}
    superseded = journey.state == "closed" and journey.swept_to is None and later
    return bool(superseded) and later.isdisjoint(other.id for other in running)


def longest_cap(program: Program, policy: Policy) -> int:
    """How far back hand-offs can count for a frequency cap, in microseconds."""
    caps = [*policy.limits, *(cap for channel in policy.channels.values() for cap in channel.limits)]
    caps += [cap for graph in program.graphs for cap in graph.limits]
    return max(((cap.period.months * 31 + cap.period.days + 2) * DAY + cap.period.micros for cap in caps), default=0)
