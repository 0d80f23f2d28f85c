"""What changed between two versions of a journey, by meaning and not by text.

Steps are paired by what they do, in order, so that a step added in front does not make all the others different. Where
a step leads is compared between paired steps, over whatever was added or removed between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from journeys.graph.model import EndNode, Node, RuleGraph

NOT_MEANING = frozenset({"name", "version", "notes", "source"})
"""Fields of a graph that do not change what it does; its hash leaves them out too."""

ENTRANCE = ""
"""Stands for the step before the first, where ways are told."""

_EXACT, _SAME_ID, _SIMILAR = 6, 4, 1


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    `what`: a setting, a step, or the way from a step to the next. `name`: the field of a setting; the id of a step in
    the new graph, or in the old one where it was removed. `old`: the id of that step in the old graph. For a way:
    `name` and `port` say where it begins, `led_to` and `leads_to` the next step that both versions have, as ids of the
    old and the new graph; an end is `end finished`, `end exit` or `end holdout`.
    """

    what: Literal["setting", "step", "way"]
    how: Literal["added", "removed", "changed", "moved"]
    name: str
    old: str = ""
    port: str = ""
    led_to: str = ""
    leads_to: str = ""


def difference(old: RuleGraph, new: RuleGraph) -> tuple[Change, ...]:
    """The changes that make the new graph of the old one: settings, then steps in the new order, those removed, ways.

    None exactly when the two have the same hash. Names, versions, notes and places in files do not count.

    >>> difference(graph, graph)
    ()
    """
    pairs, moved = _pairs(_steps(old), _steps(new))
    return (*_settings(old, new), *_changed_steps(old, new, pairs, moved), *_ways(old, new, pairs))


# -- settings ----------------------------------------------------------------------------------------------------------


def _settings(old: RuleGraph, new: RuleGraph) -> Iterator[Change]:
    for name in RuleGraph.model_fields:
        if name in NOT_MEANING or name in {"first", "nodes", "edges"}:
            continue
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change("setting", "added" if _unset(before) else "removed" if _unset(after) else "changed", name)


def _unset(value: object) -> bool:
    """No condition, no limits, no share held out."""
    return value is None or value == () or (isinstance(value, float) and not value)


# -- steps -------------------------------------------------------------------------------------------------------------


def _steps(graph: RuleGraph) -> list[Node]:
    return [node for node in graph.nodes if not isinstance(node, EndNode)]


def _content(node: Node) -> object:
    """What a step does; an unnamed split is dealt by its id, so that counts."""
    return node.model_dump(exclude={"id", "source"})


def _base(node: Node) -> str:
    """The id without the number that tells two equal steps apart."""
    head, _, number = node.id.rpartition(" #")
    return head if head and number.isdigit() else node.id


def _pairs(old: Sequence[Node], new: Sequence[Node]) -> tuple[dict[str, str], dict[str, str]]:
    """Which new step each old one became: those that kept their order, and those that moved."""
    kept = dict(_in_order(old, new))
    old_left = [node for node in old if node.id not in kept]
    new_left = [node for node in new if node.id not in set(kept.values())]
    moved: dict[str, str] = {}
    for sign in (_content, _base):
        for node in old_left:
            other = next((each for each in new_left if node.id not in moved and sign(node) == sign(each)), None)
            if other is not None:
                moved[node.id] = other.id
                new_left.remove(other)
    return kept, moved


def _in_order(old: Sequence[Node], new: Sequence[Node]) -> Iterator[tuple[str, str]]:
    """The best pairing that crosses nowhere: first the same steps, then those that only changed."""
    start = 0
    while start < min(len(old), len(new)) and _content(old[start]) == _content(new[start]):
        yield old[start].id, new[start].id
        start += 1
    old, new = old[start:], new[start:]
    score = _scores(old, new)
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            paired = best[i + 1][j + 1] + score[i][j] if score[i][j] else 0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    i = j = 0
    while i < len(old) and j < len(new):
        if score[i][j] and best[i][j] == best[i + 1][j + 1] + score[i][j]:
            yield old[i].id, new[j].id
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _scores(old: Sequence[Node], new: Sequence[Node]) -> list[list[int]]:
    """How alike each two steps are. One that stands elsewhere too is not taken for a changed other one."""
    old_contents, new_contents = [_content(node) for node in old], [_content(node) for node in new]
    old_bases, new_bases = [_base(node) for node in old], [_base(node) for node in new]
    old_count, new_count = Counter(old_bases), Counter(new_bases)

    def alike(i: int, j: int) -> int:
        if old_contents[i] == new_contents[j]:
            return _EXACT
        if old_bases[i] == new_bases[j]:
            return _SAME_ID
        alone = new_count[old_bases[i]] == 0 and old_count[new_bases[j]] == 0
        return _SIMILAR if alone and old[i].kind == new[j].kind else 0

    return [[alike(i, j) for j in range(len(new))] for i in range(len(old))]


def _changed_steps(
    old: RuleGraph, new: RuleGraph, pairs: Mapping[str, str], moved: Mapping[str, str]
) -> Iterator[Change]:
    was = {after: before for before, after in (*pairs.items(), *moved.items())}
    in_place = set(pairs.values())
    for node in _steps(new):
        if node.id not in was:
            yield Change("step", "added", node.id)
            continue
        if node.id not in in_place:
            yield Change("step", "moved", node.id, was[node.id])
        if _content(node) != _content(old.node(was[node.id])):
            yield Change("step", "changed", node.id, was[node.id])
    for node in _steps(old):
        if node.id not in pairs and node.id not in moved:
            yield Change("step", "removed", node.id)


# -- ways --------------------------------------------------------------------------------------------------------------


def _ways(old: RuleGraph, new: RuleGraph, pairs: Mapping[str, str]) -> Iterator[Change]:
    """Where a paired step leads to another paired step, or end, than before.

    Nothing is said of a way on which a step with several ways out was added, removed or moved: that step tells it.
    """
    before, after = _Ways(old, pairs.keys()), _Ways(new, pairs.values())
    starts = [(ENTRANCE, ENTRANCE, "")]
    starts += [(edge.source, pairs[edge.source], edge.port) for edge in old.edges if edge.source in pairs]
    for source, new_source, port in starts:
        if (new_source, port) not in after.targets:
            continue  # an arm that the changed split does not have
        led_to, leads_to = before.anchor(source, port), after.anchor(new_source, port)
        if led_to is not None and leads_to is not None and pairs.get(led_to, led_to) != leads_to:
            yield Change("way", "changed", new_source, source, port, led_to, leads_to)


class _Ways:
    """The next step with a pair, or end, that one comes to, over steps that have no pair."""

    def __init__(self, graph: RuleGraph, paired: Iterable[str]) -> None:
        self.nodes = {node.id: node for node in graph.nodes}
        self.paired = set(paired)
        self.targets = {(edge.source, edge.port): edge.target for edge in graph.edges}
        self.targets[ENTRANCE, ""] = graph.first

    def anchor(self, source: str, port: str) -> str | None:
        """None where the way forks at a step without a pair."""
        at = self.targets[source, port]
        while at not in self.paired:
            node = self.nodes[at]
            if isinstance(node, EndNode):
                return f"end {node.how}"
            if (at, "next") not in self.targets:
                return None
            at = self.targets[at, "next"]
        return at
