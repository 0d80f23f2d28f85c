"""The forms that parse but that the engine does not carry out yet, in one table: a form that works loses its row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span
from journeys.language import nodes


class Row(NamedTuple):
    """Which nodes it is about, in which case, and the key of the form's name in the wording."""

    node: type[nodes.Node]
    applies: Callable[[Any], bool]
    form: str


def _always(_: nodes.Node) -> bool:
    return True


NOT_YET: tuple[Row, ...] = (
    Row(nodes.Journey, lambda journey: journey.for_account, "for account"),
    Row(nodes.Score, _always, "score"),
    Row(nodes.When, lambda when: when.everyone is not None, "for everyone who did"),
    Row(nodes.Budget, _always, "budget"),
    Row(nodes.Pace, _always, "pace"),
    Row(nodes.Move, _always, "move"),
    Row(nodes.Changes, _always, "changes, rises or falls"),
    Row(nodes.CountInAccount, _always, "count in account"),
    Row(nodes.Send, lambda send: send.role is not None, "send to a role"),
    Row(nodes.Send, lambda send: send.at_usual_hour, "at their usual hour"),
    Row(nodes.Split, lambda split: split.best_by_goal_after is not None, "best by goal"),
    Row(nodes.Give, _always, "give"),
    Row(nodes.Call, _always, "call"),
    Row(nodes.StartJourney, _always, "start journey"),
    Row(nodes.On, lambda on: on.what in ("empty", "failure"), "on empty and on failure"),
)

NAMES_NOT_YET: dict[str, str] = {"stage": "stage", "阶段": "stage"}
"""Names that will be built in."""


def not_yet(node: nodes.Node) -> Diagnostic | None:
    """The error of a form that cannot be carried out; None for one that can."""
    for row in NOT_YET:
        if isinstance(node, row.node) and row.applies(node):
            return refusal(node.span, row.form)
    return None


def refusal(span: Span, form: str) -> Diagnostic:
    return Diagnostic("J190", span, {"not_yet": form})
