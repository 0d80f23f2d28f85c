"""What became of the rows that were not imported: messages for the first of them, a file with all."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TextIO

from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.lines import LineIndex
from journeys.diagnostics.span import Span
from journeys.ingest.lines import Excerpts
from journeys.ingest.rows import Mistake

TOLD = 20
"""Mistakes that become messages; the file has the others."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Rejects:
    """Collects mistakes. The file is written under another name, and has its own only once it is whole."""

    def __init__(self, source: Path, folder: Path, language: wording.Language) -> None:
        self.source = str(source)
        self.count = 0
        self.diagnostics: list[Diagnostic] = []
        self._excerpts = Excerpts()
        self._language = language
        self._path = folder / f"{source.name}.rejected.csv"
        self._half = self._path.with_name(f"{self._path.name}.part")
        self._file: TextIO | None = None

    @property
    def sources(self) -> dict[str, LineIndex]:
        """The lines the messages point into, for the renderers."""
        return {self.source: self._excerpts} if self.diagnostics else {}

    def add(self, mistake: Mistake) -> None:
        """One row more that is not imported."""
        first = mistake.lines[0]
        span = Span(self.source, first.start + mistake.start, first.start + mistake.end)
        diagnostic = Diagnostic(mistake.code, span, mistake.facts)
        if self.count < TOLD:
            self._excerpts.keep(first)
            self.diagnostics.append(diagnostic)
        self.count += 1
        if self._file is None:
            self._file = self._half.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(["line", "reason", "text"])
        text = "".join(line.text for line in mistake.lines).rstrip("\r\n")
        reason = wording.headline(diagnostic, self._language)
        csv.writer(self._file).writerow([first.number, _inert(reason), _inert(text)])

    def close(self) -> Path | None:
        """Gives the file its name; without mistakes there is none, and that of an earlier import goes."""
        if self._file is None:
            self._path.unlink(missing_ok=True)
            return None
        self._file.close()
        self._half.replace(self._path)
        return self._path

    def abandon(self) -> None:
        """The import itself failed: leaves no file."""
        if self._file is not None:
            self._file.close()
            self._half.unlink()


def _inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
