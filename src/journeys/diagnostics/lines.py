"""Offsets to lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\n|\r")


class Position(NamedTuple):
    """Where an offset stands, counted from 1; a column is one character, whatever its width."""

    line: int
    column: int


class LineIndex:
    """The lines of a text. A line ends with `\\n`, `\\r\\n` or `\\r`.

    >>> LineIndex("if\\nthen").position(4)
    Position(line=2, column=2)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        self._ends: list[int] = []
        for match in _LINE_END.finditer(text):
            self._ends.append(match.start())
            self._starts.append(match.end())
        self._ends.append(len(text))

    def position(self, offset: int) -> Position:
        """The line and column of `offset`; an offset past the end is at the end."""
        offset = max(0, min(offset, len(self.text)))
        row = bisect_right(self._starts, offset) - 1
        return Position(row + 1, offset - self._starts[row] + 1)

    def line(self, number: int) -> str:
        """The line, without its end."""
        return self.text[self._starts[number - 1] : self._ends[number - 1]]

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column; a column past the end of its line is at the end of the line."""
        row = max(0, min(line, len(self._starts)) - 1)
        return min(self._starts[row] + max(0, column - 1), self._ends[row])
