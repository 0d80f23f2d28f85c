"""One line a diagnostic: `path:line:column: error[J002]: headline`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.lines import LineIndex
from journeys.diagnostics.render.ink import paint
from journeys.diagnostics.span import Span


def render(
    diagnostics: Sequence[Diagnostic], sources: Mapping[str, LineIndex], language: wording.Language, color: bool
) -> str:
    lines = []
    for diagnostic in diagnostics:
        kind = paint(title(diagnostic, language), str(diagnostic.severity), color)
        place = f"{where(diagnostic.span, sources)}: " if diagnostic.span.path else ""
        lines.append(f"{place}{kind}: {wording.headline(diagnostic, language)}")
    return "\n".join(lines)


def title(diagnostic: Diagnostic, language: wording.Language) -> str:
    return f"{wording.term(diagnostic.severity, language)}[{diagnostic.code}]"


def where(span: Span, sources: Mapping[str, LineIndex]) -> str:
    """`path:line:column`, or the path alone when its text is not at hand."""
    if span.path not in sources:
        return span.path
    line, column = sources[span.path].position(span.start)
    return f"{span.path}:{line}:{column}"
