"""The outcomes of tests as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from journeys.catalog import meaning
from journeys.catalog.money import major_text
from journeys.catalog.project import Language, Project
from journeys.diagnostics import wording
from journeys.diagnostics.lines import LineIndex
from journeys.diagnostics.render import render
from journeys.engine.oracle.explain import Why
from journeys.engine.state import NEVER, JourneyKey
from journeys.graph.labels import box_label, port_label
from journeys.graph.model import Edge, RuleGraph
from journeys.graph.phrases import Phrases, condition_sentence, spaced
from journeys.simulate.deciding import Decision
from journeys.simulate.tested import Failure, TestOutcome, untested_edges
from journeys.simulate.timeline import Clock, told

_SHOWN_WAYS = 6
_INSTANTS = {"last_activity", "silent_from", "last_counted", "ends_at", "goal_at"}
_NAMES = {
    "last_activity": ("last active", "最近活跃"),
    "silent_from": ("silent from", "静默起于"),
    "amount": ("counted", "计数"),
    "last_counted": ("last at", "最近一次"),
    "ends_at": ("tag ends", "标签到期"),
    "reason": ("because", "原因"),
    "timed_out": ("timed out", "超时"),
    "goal_at": ("goal reached at", "达成于"),
}
_REACH = {
    "consent": ("no consent", "未同意"),
    "unreachable": ("no address", "无地址"),
    "suppressed": ("suppressed", "已屏蔽"),
    "": ("nothing is in the way", "无阻碍"),
}


def render_outcomes(outcomes: Sequence[TestOutcome], language: Language) -> str:
    """Every test with what became of it, by file; failures in full; the ways that no test goes; the count."""
    say = Phrases(language)
    lines: list[str] = []
    for path, group in groupby(outcomes, key=lambda outcome: outcome.path):
        lines.append(path)
        lines += [f"  {'✓' if outcome.passed else '✗'} {outcome.title}" for outcome in group]
    for outcome in outcomes:
        for place, failure in enumerate(outcome.failures):
            last = place == len(outcome.failures) - 1
            lines += ["", *_failure(outcome, failure, language, with_timeline=last)]
    ways = [line for key, edges in untested_edges(outcomes).items() for line in _ways(key, edges, outcomes, say)]
    if ways:
        lines += ["", say("ways that no test goes:", "没有测试走过的路："), *ways]
    failed = sum(not outcome.passed for outcome in outcomes)
    passed = len(outcomes) - failed
    count = say(f"{passed} passed", f"通过 {passed} 个")
    if failed:
        count += say(f", {failed} failed", f"，失败 {failed} 个")
    if not outcomes:
        count = say("there are no tests", "没有测试")
    return "\n".join([*lines, "", count] if lines else [count])


def _failure(outcome: TestOutcome, failure: Failure, language: Language, *, with_timeline: bool) -> Iterator[str]:
    yield render([failure.diagnostic], {outcome.path: outcome.text}, "full", language)
    say = Phrases(language, outcome.project)
    if failure.decision is not None and outcome.clock is not None:
        yield ""
        yield from _decision(failure.decision, outcome.clock, say)
    if with_timeline and outcome.clock is not None:
        yield ""
        yield say(f"  what happened in “{outcome.title}”:", f"  “{outcome.title}”中发生的事：")
        lines = told(outcome.timeline, outcome.clock, language, outcome.project)
        yield from (f"    {line}" for line in lines or [say("nothing", "什么也没有发生")])


# -- the condition that decided ----------------------------------------------------------------------------------------


def _decision(decision: Decision, clock: Clock, say: Phrases) -> Iterator[str]:
    journey, at = say.name("journey", decision.journey.name), clock.relative(decision.at)
    if decision.why is None:
        yield say(f"  nobody entered {journey}: no event that starts it", f"  无人进入 {journey}：没有发生启动它的事件")
        return
    holds = say("it holds", "成立") if decision.why.holds else say("it does not hold", "不成立")
    step = box_label(decision.node, say.language).headline if decision.node is not None else ""
    what = {
        "no event": "",
        "where": say(f"what starts {journey} asks of the event", f"{journey} 对启动事件的要求"),
        "start": say(f"what starts {journey}", f"{journey} 的开始条件"),
        "only if": say(f"`only if` of {journey}", f"{journey} 的“仅当”"),
        "branch": f"`{step}`",
        "wait": f"`{step}`",
        "exit when": say(f"`exit when` of {journey}", f"{journey} 的退出条件"),
    }[decision.what]
    yield _spaced(say, say(f"  at {at} this decided: {what}, {holds}", f"  {at} 时由此决定：{what}，{holds}"))
    yield from _why(decision.why, clock, say, "    ")


def _spaced(say: Phrases, text: str) -> str:
    """Chinese with blanks where they belong, keeping the indent; English as it is."""
    if say.language != "zh":
        return text
    bare = text.lstrip(" ")
    return " " * (len(text) - len(bare)) + spaced(bare)


def _why(why: Why, clock: Clock, say: Phrases, indent: str) -> Iterator[str]:
    sentence = condition_sentence(why.condition, say.language, say.project)
    values = say(", ", "，").join(_value(why, name, value, clock, say) for name, value in why.detail.items())
    yield f"{indent}{'✓' if why.holds else '✗'} {sentence}" + (f"  [{values}]" if values else "")
    for part in why.parts:
        yield from _why(part, clock, say, indent + "  ")


def _value(why: Why, name: str, value: Any, clock: Clock, say: Phrases) -> str:
    """`tier: silver`, as it was when it decided."""
    label = say.pair(_NAMES[name]) if name in _NAMES else say.name("attribute", name)
    return f"{label}{say(': ', '：')}{_shown(why.condition, name, value, clock, say)}"


def _shown(condition: meaning.Condition, name: str, value: Any, clock: Clock, say: Phrases) -> str:
    operand = getattr(condition, "operand", None)
    holds = operand.type if operand is not None else ""
    if value is None:
        return say("missing", "缺失")
    if name == "reason":
        return say.pair(_REACH[value])
    if name in _INSTANTS or holds == "moment":
        return say("for ever", "永久") if int(value) >= NEVER else clock.relative(int(value))
    if holds == "date":
        return say.day(int(value))
    if holds == "boolean" or isinstance(value, bool):
        return say("yes", "是") if value else say("no", "否")
    if holds == "money" or (isinstance(condition, meaning.Occurred) and condition.counted[0].measure):
        return _money(value, say.project)
    return f"{value:,.10g}" if isinstance(value, float | int) else str(value)


def _money(amount: float, project: Project | None) -> str:
    return major_text(int(amount), project.currency if project is not None else "")


# -- ways not gone -----------------------------------------------------------------------------------------------------


def _ways(key: JourneyKey, edges: Sequence[Edge], outcomes: Sequence[TestOutcome], say: Phrases) -> Iterator[str]:
    """The first untested edge of each way: the steps behind it are untested too."""
    if not edges:
        return
    graph = next(graph for each in outcomes for graph in each.graphs if JourneyKey(graph.name, graph.version) == key)
    behind = {edge.target for edge in edges}
    reached = {edge.target for edge in graph.edges if edge not in edges} | {graph.first}
    first = [edge for edge in edges if edge.source in reached or edge.source not in behind]
    yield say(
        f"  {key.name} v{key.version}: {len(edges)} of {len(graph.edges)}",
        f"  {key.name} v{key.version}：{len(graph.edges)} 条中的 {len(edges)} 条",
    )
    for edge in first[:_SHOWN_WAYS]:
        yield f"    {_way(graph, edge, say)}"
    if len(first) > _SHOWN_WAYS:
        more = len(first) - _SHOWN_WAYS
        yield say(f"    and {more} more", f"    还有 {more} 条")


def _way(graph: RuleGraph, edge: Edge, say: Phrases) -> str:
    source = graph.node(edge.source)
    target = box_label(graph.node(edge.target), say.language).headline
    port = port_label(source, edge.port, say.language)
    return " → ".join(filter(None, (box_label(source, say.language).headline, port, target)))


# -- JSON --------------------------------------------------------------------------------------------------------------


def outcomes_to_json(outcomes: Sequence[TestOutcome]) -> str:
    """`{"passed": n, "failed": n, "tests": [{"title", "path", "line", "passed", "failures": [{"code", "line", "column",
    "message"}], "timeline": ["+2h  12:00  sent coupon by email"]}], "untested": [{"journey", "version", "edges":
    [[source, port]]}]}`."""
    return json.dumps(
        {
            "passed": sum(outcome.passed for outcome in outcomes),
            "failed": sum(not outcome.passed for outcome in outcomes),
            "tests": [_outcome_json(outcome) for outcome in outcomes],
            "untested": [
                {"journey": key.name, "version": key.version, "edges": [[edge.source, edge.port] for edge in edges]}
                for key, edges in untested_edges(outcomes).items()
            ],
        },
        ensure_ascii=False,
    )


def _outcome_json(outcome: TestOutcome) -> Mapping[str, Any]:
    places = LineIndex(outcome.text)
    failures = []
    for failure in outcome.failures:
        line, column = places.position(failure.diagnostic.span.start)
        message = wording.headline(failure.diagnostic, "en")
        failures.append({"code": failure.diagnostic.code, "line": line, "column": column, "message": message})
    return {
        "title": outcome.title,
        "path": outcome.path,
        "line": places.position(outcome.span.start).line,
        "passed": outcome.passed,
        "failures": failures,
        "timeline": told(outcome.timeline, outcome.clock, "en", outcome.project) if outcome.clock is not None else [],
    }
