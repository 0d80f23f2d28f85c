"""The x of every slot of a layered drawing, so that chains stand straight and forks sit above the middle of their arms.

Brandes and Köpf, "Fast and simple horizontal coordinate assignment" (2002): slots are aligned into vertical blocks
with their median neighbour, four times (from above and below, leaning left and right); each alignment is packed as
tightly as the gaps allow; a slot's x is the mean of the two middle ones of its four. Packing works on the graph of
blocks, which also serves slots of different widths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

Rows = Sequence[Sequence[int]]
Neighbours = Mapping[int, Sequence[int]]


def place(
    rows: Rows, links: Sequence[tuple[int, int]], widths: Sequence[float], gap: float, inner: set[int]
) -> list[float]:
    """The middle of every slot; slots are numbered from 0, `rows` holds them from top to bottom and left to right.

    `links` lead from a slot to one in the next row. Links between two `inner` slots (lines that only pass) stay
    straight where they would cross another. Neighbours in a row are at least `gap` apart, edge to edge.
    """
    position = {slot: index for row in rows for index, slot in enumerate(row)}
    above: dict[int, list[int]] = {slot: [] for slot in position}
    below: dict[int, list[int]] = {slot: [] for slot in position}
    for upper, lower in links:
        above[lower].append(upper)
        below[upper].append(lower)
    bent = _conflicts(rows, above, position, inner)

    candidates: list[list[float]] = []
    for vertical, neighbours in ((rows, above), (rows[::-1], below)):
        for side in (1, -1):
            mirrored = [row[::side] for row in vertical]
            roots = _aligned(mirrored, neighbours, bent)
            candidates.append([side * x for x in _packed(mirrored, roots, widths, gap)])
    return _balanced(candidates, widths)


def _conflicts(rows: Rows, above: Neighbours, position: Mapping[int, int], inner: set[int]) -> set[tuple[int, int]]:
    """Links that cross a link between two inner slots: they are the ones to bend."""
    bent: set[tuple[int, int]] = set()
    for row in rows:
        links = [(upper, lower) for lower in row for upper in above[lower]]
        passing = [(upper, lower) for upper, lower in links if upper in inner and lower in inner]
        for upper, lower in links:
            if upper in inner and lower in inner:
                continue
            for other_upper, other_lower in passing:
                across = position[upper] - position[other_upper]
                along = position[lower] - position[other_lower]
                if across * along < 0:
                    bent.add((upper, lower))
    return bent


def _aligned(rows: Rows, neighbours: Neighbours, bent: set[tuple[int, int]]) -> dict[int, int]:
    """The block of every slot, named by the slot it begins with."""
    position = {slot: index for row in rows for index, slot in enumerate(row)}
    root = {slot: slot for slot in position}
    for row in rows:
        reached = -1
        for slot in row:
            near = sorted(neighbours[slot], key=position.__getitem__)
            for median in sorted({(len(near) - 1) // 2, len(near) // 2}) if near else ():
                other = near[median]
                taken = root[slot] != slot
                if not taken and position[other] > reached and not {(other, slot), (slot, other)} & bent:
                    root[slot] = root[other]
                    reached = position[other]
    return root


def _packed(rows: Rows, root: Mapping[int, int], widths: Sequence[float], gap: float) -> list[float]:
    """Every block as far left as its left neighbours allow, then right again up to its right neighbours."""
    apart: dict[int, dict[int, float]] = {block: {} for block in root.values()}
    for row in rows:
        for left, right in pairwise(row):
            distance = (widths[left] + widths[right]) / 2 + gap
            known = apart[root[left]].get(root[right], 0.0)
            apart[root[left]][root[right]] = max(known, distance)
    order = _left_to_right(apart)
    x = dict.fromkeys(order, 0.0)
    for block in order:
        for right, distance in apart[block].items():
            x[right] = max(x[right], x[block] + distance)
    for block in reversed(order):
        if apart[block]:
            x[block] = min(x[right] - distance for right, distance in apart[block].items())
    return [x[root[slot]] for slot in range(len(widths))]


def _left_to_right(apart: Mapping[int, Mapping[int, float]]) -> list[int]:
    waiting = dict.fromkeys(apart, 0)
    for rights in apart.values():
        for right in rights:
            waiting[right] += 1
    order = [block for block, count in waiting.items() if count == 0]
    for block in order:  # grows while it is read
        for right in apart[block]:
            waiting[right] -= 1
            if waiting[right] == 0:
                order.append(right)
    return order


def _balanced(candidates: Sequence[Sequence[float]], widths: Sequence[float]) -> list[float]:
    """The four candidates laid over the narrowest, each by the side it leans to, and their middle taken."""
    lefts = [min(x - width / 2 for x, width in zip(xs, widths)) for xs in candidates]
    rights = [max(x + width / 2 for x, width in zip(xs, widths)) for xs in candidates]
    spans = [right - left for left, right in zip(lefts, rights)]
    best = spans.index(min(spans))
    moved = []
    for index, xs in enumerate(candidates):
        leans_left = index % 2 == 0
        shift = lefts[best] - lefts[index] if leans_left else rights[best] - rights[index]
        moved.append([x + shift for x in xs])
    return [sum(sorted(four)[1:3]) / 2 for four in zip(*moved)]
