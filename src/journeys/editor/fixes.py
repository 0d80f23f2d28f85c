"""What an editor can repair by itself: the fixes that diagnostics carry, and the names that were probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from journeys.catalog.project import Language
from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Diagnostic, Edit
from journeys.editor.describe import told
from journeys.editor.workspace import Reading
from journeys.language import nodes
from journeys.language.printer import print_name, print_path

_WRITTEN = ("name", "property", "value", "journey", "steps")
"""The facts that hold the name as it was written."""


@dataclass(frozen=True, slots=True)
class QuickFix:
    """Edits that settle a diagnostic; `safe` ones keep the meaning."""

    title: str
    diagnostic: Diagnostic
    edits: tuple[Edit, ...]
    safe: bool


def quick_fixes(path: str, start: int, end: int, reading: Reading, language: Language) -> tuple[QuickFix, ...]:
    """The fixes of what is wrong between two offsets of a file."""
    return tuple(
        fix
        for found in reading.diagnostics
        if found.span.path == path and found.span.start <= end and start <= found.span.end
        for fix in _fixes(found, reading, language)
    )


def _fixes(found: Diagnostic, reading: Reading, language: Language) -> Iterator[QuickFix]:
    if found.fix is not None:
        yield QuickFix(_title(found, reading, language), found, found.fix.edits, found.fix.safe)
    elif "close" in found.facts and (text := reading.text(found.span.path)) is not None:
        written = text[found.span.start : found.span.end].strip('"“”「」『』`')
        if written in (found.facts.get(key) for key in _WRITTEN):
            close = found.facts["close"]
            new = print_path(nodes.Path(tuple(close.split(".")))) if "." in close else print_name(nodes.Name(close))
            title = told(language, f"write {new}", f"改为 {new}")
            yield QuickFix(title, found, (Edit(found.span, new),), safe=False)


def _title(found: Diagnostic, reading: Reading, language: Language) -> str:
    """What the fix does: the new text where it is one short piece, else what is wrong."""
    edits = found.fix.edits if found.fix is not None else ()
    if len(edits) == 1 and edits[0].text.strip():
        old = (reading.text(edits[0].span.path) or "")[edits[0].span.start : edits[0].span.end].strip()
        new = edits[0].text.strip()
        if old:
            return told(language, f"write {new} instead of {old}", f"把 {old} 改为 {new}")
        return told(language, f"write {new} here", f"此处补上 {new}")
    line = found.facts.get("line")
    if line is not None:
        return told(language, f"write {line}", f"改为 {line}")
    return told(language, "mend: ", "修正：") + wording.headline(found, language)
