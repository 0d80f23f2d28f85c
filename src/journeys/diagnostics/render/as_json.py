"""A JSON list for programs: places as path, line, column and offset; lines and columns count from 1."""

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
    found = [_one(d, sources, language) for d in diagnostics]
    return json.dumps(found, ensure_ascii=False, indent=2)


def _one(diagnostic: Diagnostic, sources: Mapping[str, LineIndex], language: wording.Language) -> dict[str, Any]:
    fix = diagnostic.fix
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "headline": wording.headline(diagnostic, language),
        "help": wording.help(diagnostic, language),
        **place(diagnostic.span, sources),
        "related": [
            {"label": wording.label(diagnostic, key, language), **place(span, sources)}
            for span, key in diagnostic.related
        ],
        "fix": fix and {"safe": fix.safe, "edits": [{**place(e.span, sources), "text": e.text} for e in fix.edits]},
    }


def place(span: Span, sources: Mapping[str, LineIndex]) -> dict[str, Any]:
    """The path of a span and its two ends."""
    return {"path": span.path, "start": _end(span, span.start, sources), "end": _end(span, span.end, sources)}


def _end(span: Span, offset: int, sources: Mapping[str, LineIndex]) -> dict[str, int]:
    if span.path not in sources:
        return {"offset": offset}
    line, column = sources[span.path].position(offset)
    return {"line": line, "column": column, "offset": offset}
