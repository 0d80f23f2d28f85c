"""The full rendering: headline, place, the line with carets, related places, help.

```
error[J002]: unknown word `slient`
 --> win_back.journey:1:4
  |
1 | if slient 30d then send coupon
  |    ^^^^^^
  = help: did you mean `silent`?
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.lines import LineIndex
from journeys.diagnostics.render.concise import title, where
from journeys.diagnostics.render.ink import paint, printable, width
from journeys.diagnostics.span import Span

_LONGEST = 160
"""A longer line is shown in part, around the mark."""


class _Mark(NamedTuple):
    span: Span
    label: str
    sign: str


def render(
    diagnostics: Sequence[Diagnostic], sources: Mapping[str, LineIndex], language: wording.Language, color: bool
) -> str:
    return "\n\n".join(_one(d, sources, language, color) for d in diagnostics)


def _one(diagnostic: Diagnostic, sources: Mapping[str, LineIndex], language: wording.Language, color: bool) -> str:
    kind = paint(title(diagnostic, language), str(diagnostic.severity), color)
    out = [f"{kind}: {paint(wording.headline(diagnostic, language), 'headline', color)}"]
    marks = [_Mark(diagnostic.span, "", "^")]
    marks += [_Mark(span, wording.label(diagnostic, key, language), "-") for span, key in diagnostic.related]
    shown = [m for m in marks if m.span.path in sources]
    last = max((sources[m.span.path].position(m.span.start).line for m in shown), default=1)
    gutter = " " * len(str(last))
    paths = list(dict.fromkeys(m.span.path for m in marks if m.span.path))
    for path in paths:
        first = next(m for m in marks if m.span.path == path)
        arrow = paint("-->" if path == paths[0] else ":::", "frame", color)
        out.append(f"{gutter}{arrow} {where(first.span, sources)}")
        if path in sources:
            out += _excerpt([m for m in marks if m.span.path == path], sources[path], gutter, diagnostic, color)
    if advice := wording.help(diagnostic, language):
        first_line, *more = advice.split("\n")
        out.append(f"{gutter} {paint('=', 'frame', color)} {wording.term('help', language)}: {first_line}")
        out += [f"{gutter}   {line}".rstrip() for line in more]
    return "\n".join(out)


def _excerpt(marks: Sequence[_Mark], source: LineIndex, gutter: str, diagnostic: Diagnostic, color: bool) -> list[str]:
    """The marked lines in order, each with a row of marks; a row of dots where lines are left out between them."""
    bar = paint(f"{gutter} |", "frame", color)
    out = [bar]
    rows = sorted({source.position(m.span.start).line for m in marks})
    for before, row in zip([None, *rows], rows, strict=False):
        if before is not None and row > before + 1:
            out.append(paint("...", "frame", color))
        here = [m for m in marks if source.position(m.span.start).line == row]
        line, shift = _visible(source, row, here[0].span)
        number = paint(f"{row:>{len(gutter)}} |", "frame", color)
        out.append(f"{number} {printable(line)}".rstrip())
        for group in _rows_of_marks(here):
            drawn = _draw(group, source, row, line, shift)
            out.append(f"{bar} {paint(drawn, str(diagnostic.severity), color)}")
    return out


def _visible(source: LineIndex, row: int, span: Span) -> tuple[str, int]:
    """The line, or the part of a very long one around `span`, and how many characters were cut from its start."""
    line = source.line(row)
    if len(line) <= _LONGEST:
        return line, 0
    column = source.position(span.start).column - 1
    start = max(0, min(column - _LONGEST // 3, len(line) - _LONGEST))
    return line[start : start + _LONGEST], start


def _rows_of_marks(marks: Sequence[_Mark]) -> list[list[_Mark]]:
    """Marks without a label share a row, with the rightmost one's label behind it; other labels need their own."""
    ordered = sorted(marks, key=lambda m: m.span.start)
    labelled = [m for m in ordered if m.label]
    if not labelled or labelled == [ordered[-1]]:
        return [ordered]
    return [[m for m in ordered if not m.label], *([m] for m in reversed(labelled))]


def _draw(marks: Sequence[_Mark], source: LineIndex, row: int, line: str, shift: int) -> str:
    drawn = ""
    for mark in marks:
        start = max(0, source.position(mark.span.start).column - 1 - shift)
        end = source.position(mark.span.end)
        stop = end.column - 1 - shift if end.line == row else len(line)
        columns = width(printable(line[:start]))
        drawn = drawn.ljust(columns) + mark.sign * max(1, width(printable(line[start:stop])))
        if mark.label:
            drawn += f" {mark.label}"
    return drawn
