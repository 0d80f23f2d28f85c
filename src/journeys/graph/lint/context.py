"""What a lint rule looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from journeys.catalog.meaning import Condition
from journeys.catalog.project import Project
from journeys.diagnostics.span import Span
from journeys.graph.model import (
    AnyEventStart,
    BranchNode,
    ConditionStart,
    EventStart,
    RepeatNode,
    RuleGraph,
    WaitUntilNode,
)
from journeys.language.parser import Parsed


@dataclass(frozen=True, slots=True)
class Context:
    """One graph with the texts it came from: `spans` by node id, `span` of the journey's name (or the whole rule).

    The graph still has the nodes that no run can come to. `enter_written`: it says itself how often one enters.
    """

    graph: RuleGraph
    span: Span
    spans: Mapping[str, Span]
    project: Project
    todos: tuple[tuple[str, Span], ...] = ()
    enter_written: bool = False

    def conditions(self) -> Iterator[tuple[Condition, Span]]:
        """Every condition of the journey, each with where to show it."""
        for condition in settings_conditions(self.graph):
            yield condition, self.span
        for node in self.graph.nodes:
            if isinstance(node, BranchNode | WaitUntilNode):
                yield node.condition, self.spans[node.id]
            elif isinstance(node, RepeatNode) and node.until is not None:
                yield node.until, self.spans[node.id]


@dataclass(frozen=True, slots=True)
class Placed:
    """A finished graph and where its journey is named."""

    graph: RuleGraph
    span: Span


@dataclass(frozen=True, slots=True)
class Together:
    """All journeys that were compiled in one run, each once, and the files they came from.

    A run may be about a few files of the project only: see `is_whole`.
    """

    journeys: tuple[Placed, ...]
    files: tuple[Parsed, ...]
    project: Project

    def is_whole(self) -> bool:
        """Whether no journey file of the project is missing here, so that "nobody does this" can be said. Looks at the
        project's folder.
        """
        from pathlib import Path

        from journeys.catalog.journey_files import journey_files

        here = {Path(parsed.file.span.path).resolve() for parsed in self.files}
        return self.project.declared and all(path.resolve() in here for path in journey_files(self.project))


def settings_conditions(graph: RuleGraph) -> Iterator[Condition]:
    """The conditions above the steps: of the start, `only if`, `exit when`, the goal."""
    starts = graph.start.events if isinstance(graph.start, AnyEventStart) else (graph.start,)
    of_start = [each.condition for each in starts if isinstance(each, EventStart | ConditionStart)]
    goal = graph.goal.condition if graph.goal is not None else None
    for condition in (*of_start, graph.only_if, graph.exit_when, goal):
        if condition is not None:
            yield condition
