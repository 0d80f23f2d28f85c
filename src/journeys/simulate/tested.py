"""What became of the users' tests: outcomes, failures, and the ways that no test went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from journeys.catalog.project import Project
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span
from journeys.engine.state import JourneyKey
from journeys.graph.model import Edge, RuleGraph
from journeys.simulate.deciding import Decision
from journeys.simulate.timeline import Clock, Happening

WalkedEdges = Mapping[JourneyKey, frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong, at its place, and the condition that decided it, where one did."""

    diagnostic: Diagnostic
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What became of one test.

    span        the whole block
    failures    expectations that did not come true; or why the test could not be run (then the time line is empty)
    timeline    what happened, in order of time
    walked      the edges that runs went along, by source and port
    graphs      the journeys that ran; `about` are those of them that the test's own file is about
    text        the file, to show places in it
    """

    __test__ = False  # to pytest it is no test, whatever it is called

    title: str
    path: str
    span: Span
    failures: tuple[Failure, ...] = ()
    timeline: tuple[Happening, ...] = ()
    walked: WalkedEdges = field(default_factory=dict)
    graphs: tuple[RuleGraph, ...] = field(default=(), repr=False)
    about: frozenset[JourneyKey] = frozenset()
    clock: Clock | None = None
    text: str = field(default="", repr=False)
    project: Project | None = field(default=None, repr=False, compare=False)

    @property
    def passed(self) -> bool:
        return not self.failures


def untested_edges(outcomes: Sequence[TestOutcome]) -> dict[JourneyKey, tuple[Edge, ...]]:
    """The edges that no test walked, of the journeys that the tests are about."""
    walked: dict[JourneyKey, set[tuple[str, str]]] = {}
    graphs: dict[JourneyKey, RuleGraph] = {}
    for outcome in outcomes:
        for graph in outcome.graphs:
            key = JourneyKey(graph.name, graph.version)
            if key in outcome.about:
                graphs[key] = graph
            walked.setdefault(key, set()).update(outcome.walked.get(key, ()))
    return {
        key: tuple(edge for edge in graph.edges if (edge.source, edge.port) not in walked[key])
        for key, graph in graphs.items()
    }
