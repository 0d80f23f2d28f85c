"""The one type in which everything that is wrong, or worth a warning, is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from journeys.diagnostics.span import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text under `span` with `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that repair a mistake. `safe` fixes keep the meaning and are applied by `check --fix`."""

    edits: tuple[Edit, ...]
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake or warning.

    `code` names the kind (`J104`); `facts` are what is particular to this case, as plain text keyed by the names the
    wording uses; the sentences live in `wording/en.toml` and `wording/zh.toml`, so the same diagnostic can be told in
    either language. `related` are further places worth showing, each with the key of its label in the wording.
    """

    code: str
    span: Span
    facts: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    related: tuple[tuple[Span, str], ...] = ()
    fix: Fix | None = None
