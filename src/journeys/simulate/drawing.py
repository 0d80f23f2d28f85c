"""A replay's counts as the short texts that a drawing of the graph shows (`graph.svg.svg`)."""

from __future__ import annotations

from journeys.graph.layout import START
from journeys.graph.model import RuleGraph
from journeys.simulate.outcome import JourneyResult


def node_numbers(result: JourneyResult) -> dict[str, str]:
    """Texts for boxes, by node id and for the start: how often people came, the share of all entries, who stands there.

    Figures alone, which read in any language: `{"start": "1,204", "wait 3d": "1,150 · 96% · ⏸ 40"}`.
    """
    entries = result.treated.entries
    numbers = {START: f"{entries:,}"}
    for step in result.steps:
        parts = [f"{step.visits:,}"]
        if entries:
            parts.append(f"{step.visits / entries:.0%}")
        if step.waiting:
            parts.append(f"⏸ {step.waiting:,}")
        numbers[step.node] = " · ".join(parts)
    return numbers


def edge_numbers(result: JourneyResult, graph: RuleGraph) -> dict[tuple[str, str], str]:
    """Texts for the lines of nodes with several ways on, by source and port: how often they were gone."""
    forks = {node.id for node in graph.nodes if node.kind in ("branch", "split", "repeat")}
    return {(source, port): f"{count:,}" for (source, port), count in result.edges.items() if source in forks}
