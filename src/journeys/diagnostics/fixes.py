"""Applies fixes to a text."""

from __future__ import annotations

from collections.abc import Iterable

from journeys.diagnostics.diagnostic import Diagnostic, Fix


def safe_fixes(diagnostics: Iterable[Diagnostic], path: str) -> tuple[Fix, ...]:
    """The safe fixes that only touch the file `path`."""
    fixes = (d.fix for d in diagnostics if d.fix and d.fix.safe)
    return tuple(f for f in fixes if all(e.span.path == path for e in f.edits))


def apply(text: str, fixes: Iterable[Fix]) -> str:
    """The text after the fixes; one that overlaps an earlier one is left for the next round, whole."""
    taken: list[tuple[int, int, str]] = []
    for fix in fixes:
        edits = [(e.span.start, e.span.end, e.text) for e in fix.edits]
        if not any(_overlap(a, b) for a in edits for b in taken):
            taken += edits
    for start, end, new in sorted(taken, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _overlap(a: tuple[int, int, str], b: tuple[int, int, str]) -> bool:
    return a[:2] == b[:2] or (a[0] < b[1] and b[0] < a[1])
