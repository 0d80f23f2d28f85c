"""Where the boxes of a drawing stand and how the lines between them run.

Top-down and layered, after Sugiyama: `layering` deals nodes, words and passing lines to rows and orders them, `placing`
gives every slot its x so that chains stand straight, and this file runs the lines. As lines go through slots of their
own and move sideways only in the gaps between rows, no line crosses a box and no two boxes overlap.

Edges that lead back to one node share a lane beside the loop. All lengths are pixels; x grows to the right, y down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from journeys.graph.layering import SLOT, Edge, EdgeKey, Size, Slots, back_edges, ranks_of, reduce_crossings
from journeys.graph.model import RuleGraph
from journeys.graph.placing import place

START = "start"
"""The box above the first node stands for the graph's start; its edge has the port `next`."""

COLUMN_GAP = 28.0
ROW_GAP = 32.0
LABEL_GAP = 22.0
"""Above words on an edge, where no arrow ends."""
RUN_AT = 12.0
"""How far below a row its lines run sideways."""
TRACK = 10.0
"""The distance of two sideways runs that would otherwise coincide."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its left upper corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Line:
    """An edge: the corners of a line of horizontal and vertical pieces, and the place of its words, if it has any."""

    source: str
    port: str
    target: str
    corners: tuple[tuple[float, float], ...]
    label: Box | None = None
    back: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes by node id and `START`, lines in the order of the edges; all of it lies within width and height."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    lines: tuple[Line, ...]


def lay_out(graph: RuleGraph, sizes: Mapping[str, Size], labels: Mapping[EdgeKey, Size]) -> Layout:
    """The places of all boxes and lines of a graph.

    `sizes` has every node's id and `START`; `labels` has the edges that carry words. The same graph and sizes give the
    same layout.
    """
    edges = [(START, "next", graph.first), *((edge.source, edge.port, edge.target) for edge in graph.edges)]
    outgoing: dict[str, list[Edge]] = {START: [], **{node.id: [] for node in graph.nodes}}
    for edge in edges:
        outgoing[edge[0]].append(edge)
    back = back_edges(outgoing)
    slots = Slots(outgoing, back, ranks_of(outgoing, back), sizes, labels)
    reduce_crossings(slots)
    xs = place(slots.rows, slots.links, [size.width for size in slots.sizes], COLUMN_GAP, slots.inner)
    _pull_lanes(slots, xs)
    return _draw(slots, xs, edges)


def _pull_lanes(slots: Slots, xs: list[float]) -> None:
    """Move each straight lane to the right until it stands close to its loop."""
    for lane in slots.lanes.values():
        if len({xs[slot] for slot in lane}) > 1:
            continue
        limits = []
        for slot in lane:
            row = slots.rows[slots.row[slot]]
            for right in row[row.index(slot) + 1 :][:1]:
                limits.append(xs[right] - slots.sizes[right].width / 2 - COLUMN_GAP - SLOT / 2)
        for slot in lane:
            xs[slot] = max(xs[slot], min(limits))


@dataclass(slots=True)
class _Run:
    """A sideways run in the gap below a row: where lines come down to it, and where they leave it downwards."""

    uppers: set[float] = field(default_factory=set)
    lowers: set[float] = field(default_factory=set)
    level: int = 0

    @property
    def left(self) -> float:
        return min(self.uppers | self.lowers)

    @property
    def right(self) -> float:
        return max(self.uppers | self.lowers)

    def overlaps(self, other: _Run) -> bool:
        return self.left <= other.right + SLOT and other.left <= self.right + SLOT

    def crossings_above(self, other: _Run) -> int:
        """How many verticals cross a run if this one lies above the other."""
        down = sum(other.left <= x <= other.right for x in self.lowers)
        return down + sum(self.left <= x <= self.right for x in other.uppers)


_Runs = dict[tuple[int, tuple[str, int]], _Run]
"""By the row above and what the lines of a run share: the slot they fan out from, or join at, or their lane."""


def _shared(upper: int, lower: int, fans: set[int], joins: set[int]) -> tuple[str, int]:
    return ("joins", lower) if lower in joins and upper not in fans else ("fans", upper)


def _turn(slots: Slots, edge: Edge, path: Sequence[int]) -> int:
    """The slot of the lane that a back edge turns into, in the row in which its path ends."""
    lane = slots.lanes[edge[2]]
    return lane[slots.row[path[-1]] - slots.row[lane[0]]]


def _runs(slots: Slots, xs: Sequence[float], fans: set[int], joins: set[int]) -> _Runs:
    runs: _Runs = {}
    for upper, lower in slots.links:
        if xs[upper] != xs[lower]:
            run = runs.setdefault((slots.row[upper], _shared(upper, lower, fans, joins)), _Run())
            run.uppers.add(xs[upper])
            run.lowers.add(xs[lower])
    for edge, path in slots.paths.items():
        if edge in slots.back:
            turn = _turn(slots, edge, path)
            run = runs.setdefault((slots.row[turn], ("turns", turn)), _Run())
            run.uppers |= {xs[path[-1]], xs[turn]}
    for row in range(len(slots.rows)):
        _stack([run for (above, _), run in runs.items() if above == row])
    return runs


def _stack(runs: list[_Run]) -> None:
    """Give runs that overlap different levels, in an order with few crossings."""
    ordered: list[_Run] = []
    for run in sorted(runs, key=lambda run: (run.left, run.right)):
        costs = [
            sum(other.crossings_above(run) for other in ordered[:index] if other.overlaps(run))
            + sum(run.crossings_above(other) for other in ordered[index:] if other.overlaps(run))
            for index in range(len(ordered) + 1)
        ]
        ordered.insert(costs.index(min(costs)), run)
    for index, run in enumerate(ordered):
        run.level = max((other.level + 1 for other in ordered[:index] if other.overlaps(run)), default=0)


def _draw(slots: Slots, xs: list[float], edges: Sequence[Edge]) -> Layout:
    """From the x of every slot to boxes and lines."""
    left = min(x - size.width / 2 for x, size in zip(xs, slots.sizes))
    xs = [float(round(x - left)) for x in xs]
    fans = {slot for slot, count in Counter(upper for upper, _ in slots.links).items() if count > 1}
    joins = {slot for slot, count in Counter(lower for _, lower in slots.links).items() if count > 1}
    runs = _runs(slots, xs, fans, joins)

    tops: list[float] = []
    heights = [max((slots.sizes[slot].height for slot in row), default=0.0) for row in slots.rows]
    y = 0.0
    for row, height in enumerate(heights):
        tops.append(y)
        levels = max((run.level for (above, _), run in runs.items() if above == row), default=0)
        before_words = row + 1 < len(heights) and slots.is_label_row[row + 1]
        y += height + (LABEL_GAP if before_words else ROW_GAP) + levels * TRACK

    def box(slot: int) -> Box:
        size, row = slots.sizes[slot], slots.row[slot]
        return Box(xs[slot] - size.width / 2, tops[row] + (heights[row] - size.height) / 2, size.width, size.height)

    def run_y(row: int, shared: tuple[str, int]) -> float:
        return tops[row] + heights[row] + RUN_AT + runs[row, shared].level * TRACK

    def down(path: Sequence[int]) -> list[tuple[float, float]]:
        corners: list[tuple[float, float]] = []
        for upper, lower in pairwise(path):
            if xs[upper] != xs[lower]:
                level = run_y(slots.row[upper], _shared(upper, lower, fans, joins))
                corners += [(xs[upper], level), (xs[lower], level)]
        return corners

    boxes = {node: box(slot) for node, slot in slots.nodes.items()}
    lines = []
    for edge in edges:
        source, port, target = edge
        path = slots.paths[edge]
        corners = [(boxes[source].middle, boxes[source].bottom), *down(path)]
        if edge in slots.back:
            turn = _turn(slots, edge, path)
            level = run_y(slots.row[turn], ("turns", turn))
            lane = slots.lanes[target]
            middle = boxes[target].y + boxes[target].height / 2
            corners += [(xs[path[-1]], level), (xs[turn], level)]
            corners += reversed(down(lane[: lane.index(turn) + 1]))
            corners += [(xs[lane[0]], middle), (boxes[target].x, middle)]
        else:
            corners.append((boxes[target].middle, boxes[target].y))
        labelled = path[1] if len(path) > 1 and slots.is_label_row[slots.row[path[1]]] else None
        words = box(labelled) if labelled is not None and slots.sizes[labelled].height else None
        lines.append(Line(source, port, target, tuple(corners), words, edge in slots.back))
    width = max(x + size.width / 2 for x, size in zip(xs, slots.sizes))
    bottom = max(y for shape in lines for _, y in shape.corners)
    return Layout(width, max(bottom, *(each.bottom for each in boxes.values())), boxes, tuple(lines))
