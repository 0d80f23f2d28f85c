"""Shows diagnostics: in full with the line and carets, one a line, as JSON, or as annotations of a GitHub run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.lines import LineIndex
from journeys.diagnostics.render import as_json, concise, full, github, sarif
from journeys.diagnostics.wording import Language

Style = Literal["full", "concise", "json", "github", "sarif"]

_RENDERERS = {
    "full": full.render,
    "concise": concise.render,
    "json": as_json.render,
    "github": github.render,
    "sarif": sarif.render,
}


def render(
    diagnostics: Iterable[Diagnostic],
    sources: Mapping[str, str | LineIndex],
    style: Style = "full",
    language: Language = "en",
    color: bool = False,
) -> str:
    """The diagnostics as text, in the order given, without a last line end.

    `sources` maps a path to the text its offsets count in, or to the lines of that text; without it a place is told by
    its path alone. `color` adds ANSI escapes to the full and concise styles.
    """
    indexes = {path: text if isinstance(text, LineIndex) else LineIndex(text) for path, text in sources.items()}
    return _RENDERERS[style](tuple(diagnostics), indexes, language, color)
