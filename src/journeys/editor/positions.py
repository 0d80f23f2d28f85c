"""Offsets into a text, and the positions of the language server protocol."""

from __future__ import annotations

from typing import Literal, NamedTuple

from journeys.diagnostics.lines import LineIndex

Encoding = Literal["utf-8", "utf-16", "utf-32"]


class Position(NamedTuple):
    """A line and a place in it, both counted from 0; `character` counts code units of the agreed encoding."""

    line: int
    character: int


class Positions:
    """The positions of one text. Editors count UTF-16 units unless they agree on something else: an emoji is two.

    >>> Positions("发送 🎁x").position(4)
    Position(line=0, character=5)
    """

    def __init__(self, text: str, encoding: Encoding = "utf-16") -> None:
        self._lines = LineIndex(text)
        self._encoding = encoding

    def position(self, offset: int) -> Position:
        """Where an offset stands; one past the end is at the end."""
        line, column = self._lines.position(offset)
        before = self._lines.line(line)[: column - 1]
        behind_line = column - 1 - len(before)  # inside a line end of two characters
        return Position(line - 1, sum(map(self._units, before)) + behind_line)

    def offset(self, line: int, character: int) -> int:
        """The offset of a position; one past the end of its line is at the end of it, one inside a character before."""
        text = self._line(line)
        units = 0
        for column, each in enumerate(text):
            units += self._units(each)
            if units > character:
                return self._lines.offset(line + 1, column + 1)
        return self._lines.offset(line + 1, len(text) + 1)

    def _line(self, line: int) -> str:
        """The line, or what stands on the nearest there is."""
        last = self._lines.position(len(self._lines.text)).line - 1
        return self._lines.line(max(0, min(line, last)) + 1)

    def _units(self, character: str) -> int:
        match self._encoding:
            case "utf-16":
                return 2 if ord(character) > 0xFFFF else 1
            case "utf-8":
                return len(character.encode("utf-8", "surrogatepass"))
            case "utf-32":
                return 1
