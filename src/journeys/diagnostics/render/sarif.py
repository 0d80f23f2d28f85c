"""SARIF 2.1.0, which code hosts and editors read: one run, one result a diagnostic."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.lines import LineIndex
from journeys.diagnostics.span import Span


def render(
    diagnostics: Sequence[Diagnostic], sources: Mapping[str, LineIndex], language: wording.Language, _color: bool
) -> str:
    rules = [{"id": code} for code in sorted({d.code for d in diagnostics})]
    run = {
        "tool": {"driver": {"name": "journeys", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, sources, language) for d in diagnostics],
    }
    report = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(report, ensure_ascii=False, indent=2)


def _result(diagnostic: Diagnostic, sources: Mapping[str, LineIndex], language: wording.Language) -> dict[str, Any]:
    text = wording.headline(diagnostic, language)
    if advice := wording.help(diagnostic, language):
        text += f"\n{wording.term('help', language)}: {advice}"
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "level": str(diagnostic.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": _place(diagnostic.span, sources)}] if diagnostic.span.path else [],
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {
                "physicalLocation": _place(span, sources),
                "message": {"text": wording.label(diagnostic, key, language)},
            }
            for span, key in diagnostic.related
        ]
    return result


def _place(span: Span, sources: Mapping[str, LineIndex]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": span.path}}
    if span.path in sources:
        start, end = sources[span.path].position(span.start), sources[span.path].position(span.end)
        place["region"] = {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        }
    return place
