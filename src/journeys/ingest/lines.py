"""The lines of a file, plain or gzipped, one by one, and those of them that a message shows."""

from __future__ import annotations

import gzip
import io
import zlib
from bisect import bisect_right, insort
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from journeys.diagnostics.lines import LineIndex, Position

LONGEST = 1 << 20
"""Bytes in a row; a field that is longer is a mistake, most often a quote that was never closed."""

_BOM = b"\xef\xbb\xbf"


class Unreadable(Exception):
    """The file is not there, may not be read, or is no whole gzip file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Line(NamedTuple):
    """A line with its end. `start` is its place in the text of the file, in characters; `whole` is false when it was
    longer than LONGEST and the rest was thrown away; `utf8` when bytes in it are no UTF-8 (they show as U+FFFD).
    """

    number: int
    start: int
    text: str
    utf8: bool = True
    whole: bool = True


@dataclass(slots=True)
class Lines:
    """A file being read. `bytes_done` of `bytes_total` on the disk have been."""

    _raw: BinaryIO
    _file: BinaryIO
    bytes_total: int

    @property
    def bytes_done(self) -> int:
        return self._raw.tell()

    def __iter__(self) -> Iterator[Line]:
        number, start = 0, 0
        while raw := self._next():
            number += 1
            if number == 1 and raw.startswith(_BOM):
                raw = raw[len(_BOM) :]
            whole = len(raw) <= LONGEST
            if not whole:
                self._skip_the_rest(raw)
            try:
                line = Line(number, start, raw.decode("utf-8"), whole=whole)
            except UnicodeDecodeError:
                line = Line(number, start, raw.decode("utf-8", "replace"), False, whole)
            yield line
            start += len(line.text)

    def _next(self) -> bytes:
        try:
            return self._file.readline(LONGEST + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable(str(error)) from error

    def _skip_the_rest(self, read: bytes) -> None:
        while read and not read.endswith(b"\n"):
            read = self._next()


@contextmanager
def opened(path: Path) -> Iterator[Lines]:
    """The lines of a file; whether it is gzipped is seen from its first bytes. Raises Unreadable."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    with raw:
        gzipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        size = path.stat().st_size
        if not gzipped:
            yield Lines(raw, raw, size)
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield Lines(raw, cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, unpacked), 1 << 20)), size)


class Excerpts(LineIndex):
    """The lines of a large file that messages point into; it answers for these as a LineIndex does for a whole text."""

    def __init__(self) -> None:
        super().__init__("")
        self._kept: list[Line] = []

    def keep(self, line: Line) -> None:
        """Remembers a line."""
        if line not in self._kept:
            insort(self._kept, line)

    def position(self, offset: int) -> Position:
        line = self._kept[max(0, bisect_right([kept.start for kept in self._kept], offset) - 1)]
        return Position(line.number, min(offset - line.start, len(line.text)) + 1)

    def line(self, number: int) -> str:
        return next(kept.text.rstrip("\r\n") for kept in self._kept if kept.number == number)

    def offset(self, line: int, column: int) -> int:
        kept = next(one for one in self._kept if one.number == line)
        return kept.start + min(column - 1, len(kept.text.rstrip("\r\n")))
