"""Warnings about journeys that compile but may not do what was meant: one rule a file, all of them in the two tuples.

The docstring of a rule's file has four headings: what it does, why that is bad, an example, what to use instead. The
example gives the warning and what stands under "Use instead" does not: a test reads them from there.
"""

from __future__ import annotations

from collections.abc import Callable

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.graph.lint.competing import competing
from journeys.graph.lint.context import Context, Together
from journeys.graph.lint.empty_arm import empty_arm
from journeys.graph.lint.endless_wait import endless_wait
from journeys.graph.lint.enters_once import enters_once
from journeys.graph.lint.goal_out_of_reach import goal_out_of_reach
from journeys.graph.lint.keyword_names import keyword_names
from journeys.graph.lint.look_alikes import look_alikes
from journeys.graph.lint.negated_missing import negated_missing
from journeys.graph.lint.never_true import never_true
from journeys.graph.lint.quiet_message import quiet_message
from journeys.graph.lint.repeat_once import repeat_once
from journeys.graph.lint.short_reentry import short_reentry
from journeys.graph.lint.todo import todo
from journeys.graph.lint.unreachable import unreachable

RULES: tuple[Callable[[Context], list[Diagnostic]], ...] = (
    endless_wait,
    unreachable,
    todo,
    enters_once,
    negated_missing,
    quiet_message,
    short_reentry,
    repeat_once,
    empty_arm,
    never_true,
)
"""Rules about one journey by itself."""

TOGETHER_RULES: tuple[Callable[[Together], list[Diagnostic]], ...] = (
    goal_out_of_reach,
    look_alikes,
    keyword_names,
    competing,
)
"""Rules about all journeys of a run of the compiler together; they speak only where there are no errors."""


def lint(context: Context) -> list[Diagnostic]:
    """The warnings about one journey, rule after rule."""
    return [warning for rule in RULES for warning in rule(context)]


def lint_together(together: Together) -> list[Diagnostic]:
    """The warnings about what journeys are to each other, rule after rule."""
    return [warning for rule in TOGETHER_RULES for warning in rule(together)]
