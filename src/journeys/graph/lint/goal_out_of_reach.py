"""J207: a goal that nobody can reach.

What it does
    Finds a goal about a tag that no journey of the project sets and journeys.toml does not declare; and a goal of
    silence longer than the goal's window, in a journey that an act of the customer starts. Says nothing when only some
    of the project's files are checked, as another may set the tag.
Why is this bad?
    The goal counts nobody, so the journey looks worthless, and whatever compares arms by it compares zeros.
Example
    journey courtship
        start when signed_up
        goal tagged champion_2 within 14d
        send coupon
Use instead
    journey courtship
        start when signed_up
        goal did order within 14d
        send coupon
"""

from __future__ import annotations

from journeys.catalog import meaning
from journeys.catalog.meaning import Condition, Duration
from journeys.catalog.project import Project
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Placed, Together
from journeys.graph.model import AnyEventStart, EventStart, Goal, RuleGraph, TagNode


def goal_out_of_reach(together: Together) -> list[Diagnostic]:
    """A warning at the name of each journey with such a goal."""
    return [
        Diagnostic("J207", placed.span, facts, severity=Severity.WARNING)
        for placed in together.journeys
        if placed.graph.goal is not None and (facts := _missed(placed.graph.goal, placed, together)) is not None
    ]


def _missed(goal: Goal, placed: Placed, together: Together) -> dict[str, str] | None:
    for term in _needed(goal.condition):
        if isinstance(term, meaning.Tagged) and not _is_set(term.tag, together):
            return {"name": placed.graph.name, "tag": term.tag}
        if (
            isinstance(term, meaning.Silent)
            and goal.within is not None
            and _longest(goal.within) < _shortest(term.duration)
            and _starts_active(placed.graph, together.project)
        ):
            return {"name": placed.graph.name}
    return None


def _needed(condition: Condition) -> tuple[Condition, ...]:
    """What must all hold for the condition to hold."""
    if isinstance(condition, meaning.All):
        return tuple(inner for term in condition.terms for inner in _needed(term))
    return (condition,)


def _is_set(tag: str, together: Together) -> bool:
    if tag in together.project.tags:
        return True
    for placed in together.journeys:
        if any(isinstance(node, TagNode) and node.tag == tag for node in placed.graph.nodes):
            return True
    return not together.is_whole()


def _starts_active(graph: RuleGraph, project: Project) -> bool:
    """Whether every run begins with an act of the customer, which ends a silence."""
    starts = graph.start.events if isinstance(graph.start, AnyEventStart) else (graph.start,)
    for start in starts:
        event = project.catalog.event(start.event) if isinstance(start, EventStart) else None
        if event is None or not event.entry.activity:
            return False
    return True


def _longest(length: Duration) -> int:
    """In microseconds, with the longest months and a change of clocks."""
    return (length.months * 31 + length.days) * 86_400_000_000 + length.micros + 3_600_000_000


def _shortest(length: Duration) -> int:
    return (length.months * 28 + length.days) * 86_400_000_000 + length.micros
