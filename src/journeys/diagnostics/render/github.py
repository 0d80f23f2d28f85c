"""Workflow commands that GitHub shows as annotations on the changed files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.lines import LineIndex


def render(
    diagnostics: Sequence[Diagnostic], sources: Mapping[str, LineIndex], language: wording.Language, _color: bool
) -> str:
    return "\n".join(_one(d, sources, language) for d in diagnostics)


def _one(diagnostic: Diagnostic, sources: Mapping[str, LineIndex], language: wording.Language) -> str:
    span = diagnostic.span
    properties = {"file": span.path} if span.path else {}
    if span.path in sources:
        start, end = sources[span.path].position(span.start), sources[span.path].position(max(span.start, span.end))
        properties |= {"line": str(start.line), "col": str(start.column), "endLine": str(end.line)}
        properties |= {"endColumn": str(end.column)}
    properties["title"] = diagnostic.code
    text = wording.headline(diagnostic, language)
    if advice := wording.help(diagnostic, language):
        text += f"\n{wording.term('help', language)}: {advice}"
    told = ",".join(f"{key}={_escape(value, ':,')}" for key, value in properties.items())
    return f"::{diagnostic.severity} {told}::{_escape(text)}"


def _escape(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
