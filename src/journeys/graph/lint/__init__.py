"""Warnings about journeys that compile but may not do what was meant: one rule a file, all of them in `RULES`."""

from __future__ import annotations

from collections.abc import Callable

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.graph.lint.context import Context
from journeys.graph.lint.endless_wait import endless_wait
from journeys.graph.lint.enters_once import enters_once
from journeys.graph.lint.negated_missing import negated_missing
from journeys.graph.lint.todo import todo
from journeys.graph.lint.unreachable import unreachable

RULES: tuple[Callable[[Context], list[Diagnostic]], ...] = (
    endless_wait,
    unreachable,
    todo,
    enters_once,
    negated_missing,
)


def lint(context: Context) -> list[Diagnostic]:
    """The warnings of all rules, in their order."""
    return [warning for rule in RULES for warning in rule(context)]
