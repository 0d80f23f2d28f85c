"""The changes between two versions of a journey, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from journeys.catalog.project import Language, Project
from journeys.graph.difference import ENTRANCE, Change
from journeys.graph.model import Edge, RuleGraph
from journeys.graph.phrases import Phrases, spaced
from journeys.graph.sentences import setting_sentences, step_sentences


def difference_sentences(
    old: RuleGraph,
    new: RuleGraph,
    changes: Sequence[Change],
    language: Language,
    project: Project | None = None,
    old_project: Project | None = None,
) -> list[str]:
    """A sentence for each change that `difference(old, new)` found. Steps have the numbers of `describe`: those of the
    new version, unless the old one is named. `project` and `old_project` give Chinese names and the currency.

    >>> difference_sentences(old, new, difference(old, new), "en")
    ['Changed step 1: Wait 3 days. Now: Wait 5 days.']
    """
    teller = _Teller(
        _Version(old, Phrases(language, old_project or project)), _Version(new, Phrases(language, project))
    )
    return [spaced(line) if language == "zh" else line for line in teller.lines(changes)]


class _Version:
    """One of the two versions, with what it says of itself."""

    def __init__(self, graph: RuleGraph, say: Phrases) -> None:
        self.graph = graph
        self.say = say
        self.settings = setting_sentences(graph, say)
        self.steps = step_sentences(graph, say)
        self.incoming: dict[str, Edge] = {}
        for edge in graph.edges:
            self.incoming.setdefault(edge.target, edge)

    def setting(self, name: str) -> str:
        """What it says about a setting; the bare value of one that has no sentence."""
        if name == "priority":  # told also where it is the usual one
            return self.say(f"Its priority is {self.graph.priority}.", f"优先级为 {self.graph.priority}。")
        told = self.settings.get(name, ())
        return self.say(" ", "").join(told) if told else f"{name} = {getattr(self.graph, name)}"

    def deed(self, step: str) -> str:
        return self.steps[step][1]

    def number(self, step: str) -> int:
        return self.steps[step][0]

    def where(self, step: str) -> str:
        """Where a step stands: after which step, on which of its ways."""
        edge = self.incoming.get(step)
        return self.way(ENTRANCE, "") if edge is None or self.graph.first == step else self.way(edge.source, edge.port)

    def way(self, source: str, port: str) -> str:
        """`after step 2`, `where step 2 is true`, `at the beginning`."""
        if source == ENTRANCE:
            return self.say("at the beginning", "开头")
        number = self.number(source)
        words = {
            "next": (f"after step {number}", f"第 {number} 步之后"),
            "yes": (f"where step {number} is true", f"第 {number} 步成立时"),
            "no": (f"where step {number} is not true", f"第 {number} 步不成立时"),
            "again": (f"in each round of step {number}", f"第 {number} 步的每一轮中"),
            "done": (f"after the rounds of step {number}", f"第 {number} 步各轮之后"),
        }
        return self.say(*words.get(port, (f"in the arm {port} of step {number}", f"第 {number} 步的分支 {port} 中")))

    def goal_of_way(self, target: str) -> str:
        """The step or end that a way leads to."""
        ends = {
            "end finished": ("the end", "旅程结束"),
            "end exit": ("`exit`", "退出"),
            "end holdout": ("the holdout", "对照组"),
        }
        if target in ends:
            return self.say(*ends[target])
        number, deed = self.steps[target]
        return self.say(f"step {number} ({deed})", f"第 {number} 步（{deed}）")


class _Teller:
    def __init__(self, old: _Version, new: _Version) -> None:
        self.old = old
        self.new = new
        self.say = new.say

    def lines(self, changes: Sequence[Change]) -> Iterator[str]:
        for change in changes:
            tell = {"setting": self._setting, "step": self._step, "way": self._way}[change.what]
            yield tell(change)

    def _setting(self, change: Change) -> str:
        old, new, say = self.old.setting(change.name), self.new.setting(change.name), self.say
        if change.how == "added":
            return say(f"Added: {new}", f"新增：{new}")
        if change.how == "removed":
            return say(f"Removed: {old}", f"删去：{old}")
        return say(f"Changed: {old} Now: {new}", f"改动：{old}现为：{new}")

    def _step(self, change: Change) -> str:
        say, name = self.say, change.name
        if change.how == "removed":
            deed, number, where = self.old.deed(name), self.old.number(name), self.old.where(name)
            return say(
                f"Removed step {number} of the old version, {where}: {deed}.",
                f"删去旧版第 {number} 步（{where}）：{deed}。",
            )
        deed, number, where = self.new.deed(name), self.new.number(name), self.new.where(name)
        if change.how == "added":
            return say(f"Added step {number}, {where}: {deed}.", f"新增第 {number} 步（{where}）：{deed}。")
        if change.how == "moved":
            was = self.old.number(change.old)
            return say(
                f"Moved step {number}, {where}: {deed}. It was step {was}.",
                f"移动第 {number} 步（{where}）：{deed}。原为第 {was} 步。",
            )
        old = self.old.deed(change.old)
        return say(f"Changed step {number}: {old}. Now: {deed}.", f"改动第 {number} 步：{old}。现为：{deed}。")

    def _way(self, change: Change) -> str:
        where = self.new.way(change.name, change.port)
        old, new = self.old.goal_of_way(change.led_to), self.new.goal_of_way(change.leads_to)
        return self.say(
            f"Changed way: {where} one came to {old}, and comes to {new} now.",
            f"改动走向：{where}原先到{old}，现在到{new}。",
        )
