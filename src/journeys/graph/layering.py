"""The rows of a drawing: which node stands in which, what else takes room in them, and in which order.

An edge that leads back (the end of a `repeat`) is set aside; every other node comes one row below its lowest
predecessor; words on edges get rows of their own between those of the nodes; a line that passes a row takes a narrow
slot in it. The order in a row follows a walk through the journey and is then improved until few lines cross.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SLOT = 14.0
"""The width of the slot of a line that only passes."""

EdgeKey = tuple[str, str]
"""Source and port: an edge's identity in a graph."""
Edge = tuple[str, str, str]
"""Source, port, target."""


@dataclass(frozen=True, slots=True)
class Size:
    width: float
    height: float


def back_edges(outgoing: Mapping[str, Sequence[Edge]]) -> set[Edge]:
    """The edges that close a circle on a depth-first walk from the start."""
    back: set[Edge] = set()
    seen: set[str] = set()
    for origin in outgoing:
        if origin in seen:
            continue
        seen.add(origin)
        open_nodes = {origin}
        walk = [(origin, iter(outgoing[origin]))]
        while walk:
            node, ways = walk[-1]
            edge = next(ways, None)
            if edge is None:
                open_nodes.discard(node)
                walk.pop()
            elif edge[2] in open_nodes:
                back.add(edge)
            elif edge[2] not in seen:
                seen.add(edge[2])
                open_nodes.add(edge[2])
                walk.append((edge[2], iter(outgoing[edge[2]])))
    return back


def ranks_of(outgoing: Mapping[str, Sequence[Edge]], back: set[Edge]) -> dict[str, int]:
    """Each node one rank below its lowest predecessor; what follows a loop comes below the whole loop."""
    after = {node: [edge[2] for edge in edges if edge not in back] for node, edges in outgoing.items()}
    for tail, _, head in sorted(back):
        for follower in after[head].copy():
            if tail not in _reachable(after, follower):
                after[tail].append(follower)
    waiting = dict.fromkeys(after, 0)
    for targets in after.values():
        for target in targets:
            waiting[target] += 1
    order = [node for node, count in waiting.items() if count == 0]
    ranks = dict.fromkeys(after, 0)
    for node in order:  # grows while it is read
        for target in after[node]:
            ranks[target] = max(ranks[target], ranks[node] + 1)
            waiting[target] -= 1
            if waiting[target] == 0:
                order.append(target)
    return ranks


def _reachable(after: Mapping[str, Sequence[str]], origin: str) -> set[str]:
    seen = {origin}
    stack = [origin]
    while stack:
        for target in after[stack.pop()]:
            if target not in seen:
                seen.add(target)
                stack.append(target)
    return seen


class Slots:
    """Everything that takes room in a row, by number: nodes, words on edges, passing lines, lanes.

    `rows` hold the numbers from left to right; `links` lead from a slot to one in the next row; `paths` lists the slots
    of an edge from source to target (of a back edge: to where it turns into its lane); `lanes` the slots of a loop's
    lane from top to bottom, the first standing left of its node.
    """

    def __init__(
        self,
        outgoing: Mapping[str, Sequence[Edge]],
        back: set[Edge],
        ranks: Mapping[str, int],
        sizes: Mapping[str, Size],
        labels: Mapping[EdgeKey, Size],
    ) -> None:
        self.back = back
        lettered = {2 * ranks[source] + 1 for source, _ in labels}
        levels = sorted({2 * rank for rank in ranks.values()} | lettered)
        self.is_label_row = [level % 2 == 1 for level in levels]
        row_of = {level: row for row, level in enumerate(levels)}
        self.rows: list[list[int]] = [[] for _ in levels]
        self.row: list[int] = []
        self.sizes: list[Size] = []
        self.links: list[tuple[int, int]] = []
        self.inner: set[int] = set()
        self.nodes: dict[str, int] = {}
        self.paths: dict[Edge, list[int]] = {}
        self.lanes: dict[str, list[int]] = {}

        depth: dict[str, int] = {}
        for tail, port, head in back:
            level = 2 * ranks[tail] + ((tail, port) in labels)
            depth[head] = max(depth.get(head, 0), row_of[level])

        def enter(node: str) -> None:
            row = row_of[2 * ranks[node]]
            if node in depth:
                self.lanes[node] = [self._add(each, Size(SLOT, 0), True) for each in range(row, depth[node] + 1)]
                self.links.extend(pairwise(self.lanes[node]))
            self.nodes[node] = self._add(row, sizes[node], False)

        def leave(edge: Edge) -> None:
            source, port, target = edge
            row = row_of[2 * ranks[source]]
            path = []
            if (source, port) in labels:
                path.append(self._add(row + 1, labels[source, port], True))
            if edge not in back:
                for each in range(row + 1 + len(path), row_of[2 * ranks[target]]):
                    path.append(self._add(each, Size(SLOT, 0), True))
            self.paths[edge] = path

        # The first order is that of a depth-first walk: it has no crossings where branches only join again.
        for origin in outgoing:
            if origin in self.nodes:
                continue
            enter(origin)
            walk = [iter(outgoing[origin])]
            while walk:
                edge = next(walk[-1], None)
                if edge is None:
                    walk.pop()
                    continue
                leave(edge)
                if edge[2] not in self.nodes:
                    enter(edge[2])
                    walk.append(iter(outgoing[edge[2]]))
        for edge, path in self.paths.items():
            path.insert(0, self.nodes[edge[0]])
            if edge not in back:
                path.append(self.nodes[edge[2]])
            self.links.extend(pairwise(path))

    def _add(self, row: int, size: Size, inner: bool) -> int:
        slot = len(self.sizes)
        self.sizes.append(size)
        self.row.append(row)
        self.rows[row].append(slot)
        if inner:
            self.inner.add(slot)
        return slot


def reduce_crossings(slots: Slots, sweeps: int = 12) -> None:
    """Order each row by the mean place of its neighbours, down and up in turn, and keep the best order seen."""
    above: dict[int, list[int]] = {slot: [] for slot in range(len(slots.sizes))}
    below: dict[int, list[int]] = {slot: [] for slot in range(len(slots.sizes))}
    for upper, lower in slots.links:
        above[lower].append(upper)
        below[upper].append(lower)
    beside = {lane[0]: slots.nodes[head] for head, lane in slots.lanes.items()}
    best, fewest = [row.copy() for row in slots.rows], _crossings(slots.rows, below)
    for sweep in range(sweeps):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        for row in slots.rows if down else reversed(slots.rows):
            _sort_row(row, above if down else below, slots, beside)
        crossings = _crossings(slots.rows, below)
        if crossings < fewest:
            best, fewest = [row.copy() for row in slots.rows], crossings
    slots.rows[:] = best


def _sort_row(row: list[int], near: Mapping[int, Sequence[int]], slots: Slots, beside: Mapping[int, int]) -> None:
    place_of = {slot: index for each in slots.rows for index, slot in enumerate(each)}
    movable = [slot for slot in row if near[slot] and slot not in beside]
    ordered = iter(sorted(movable, key=lambda slot: sum(place_of[each] for each in near[slot]) / len(near[slot])))
    moved = set(movable)
    result = [next(ordered) if slot in moved else slot for slot in row if slot not in beside]
    for slot in row:
        if slot in beside:
            result.insert(result.index(beside[slot]), slot)
    row[:] = result


def _crossings(rows: Sequence[Sequence[int]], below: Mapping[int, Sequence[int]]) -> int:
    """How many pairs of links between neighbouring rows cross."""
    count = 0
    for upper, lower in pairwise(rows):
        place_of = {slot: index for index, slot in enumerate(lower)}
        ends: list[int] = []
        for slot in upper:
            own = sorted(place_of[each] for each in below[slot])
            count += sum(len(ends) - bisect_right(ends, end) for end in own)
            for end in own:
                insort(ends, end)
    return count
