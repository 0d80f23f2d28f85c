"""What can be wrong with a store, told as a diagnostic."""

from __future__ import annotations

from collections.abc import Mapping

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span

MISSING, LOCKED, FOREIGN, NEWER, UNREADABLE, CHANGED_VERSION = "J461", "J462", "J463", "J464", "J465", "J301"


class StoreProblem(Exception):
    """The store cannot be used as asked; `diagnostic` says why and what to do. The command line prints it.

    Raised, not returned, because a store may be taken away in the middle of any transaction, which then has had no
    effect.
    """

    def __init__(self, code: str, store: str, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(code, store, facts)
        self.diagnostic = Diagnostic(code, Span(store, 0, 0), {"store": store, **(facts or {})})

    @property
    def code(self) -> str:
        return self.diagnostic.code

    @property
    def facts(self) -> Mapping[str, str]:
        return self.diagnostic.facts
