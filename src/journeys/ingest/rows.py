"""CSV: the lines of a file as rows of fields, and what is wrong with those that are none.

Strict where a spreadsheet is lenient: a row has as many fields as the header, quotes match, bytes are UTF-8. A quote
that is opened and never closed costs its own line only: the lines it would have swallowed are read again by themselves.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from journeys.ingest.lines import LONGEST, Line


class Row(NamedTuple):
    """The fields of a row, and the lines it was written on."""

    lines: Sequence[Line]
    fields: list[str]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a row. `start`, `end` are the place in its first line, in characters; `lines` as in `Row`."""

    code: str
    lines: Sequence[Line]
    start: int
    end: int
    facts: Mapping[str, str]


NOT_UTF8, NUL, TOO_LONG, QUOTES, FIELD_COUNT = "J472", "J473", "J474", "J475", "J476"


def rows(lines: Iterator[Line], delimiter: str, width: int) -> Iterator[Row | Mistake]:
    """The rows of a file that should have `width` fields each (0: any number). Blank lines are none."""
    csv.field_size_limit(2 * LONGEST)
    waiting: deque[Line] = deque()
    while True:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        text = line.text.rstrip("\n").removesuffix("\r")
        if not text:
            continue
        broken = _broken(line, text)
        if broken is not None:
            yield broken
        elif '"' not in text:
            fields = text.split(delimiter)
            yield Row((line,), fields) if width in (0, len(fields)) else _miscounted((line,), text, len(fields), width)
        else:
            yield _quoted(line, text, lines, waiting, delimiter, width)


def _broken(line: Line, text: str) -> Mistake | None:
    """A line that is no text of ours at all."""
    if not line.whole:
        return Mistake(TOO_LONG, (line._replace(text=text[:200]),), 0, 1, {"limit": f"{LONGEST:,}"})
    if not line.utf8:
        at = text.index("\ufffd")
        return Mistake(NOT_UTF8, (line,), at, at + 1, {})
    if "\0" in text or "\r" in text:
        at = text.index("\0" if "\0" in text else "\r")
        return Mistake(NUL, (line,), at, at + 1, {"character": "NUL" if text[at] == "\0" else "CR"})
    return None


def _quoted(
    line: Line, text: str, lines: Iterator[Line], waiting: deque[Line], delimiter: str, width: int
) -> Row | Mistake:
    """A row with quotes in it, which may go on over the next lines."""
    fields = _parsed(text, delimiter)
    if fields is not None:
        return Row((line,), fields) if width in (0, len(fields)) else _miscounted((line,), text, len(fields), width)
    taken = [line]
    size, quotes = len(text), text.count('"')
    while quotes % 2 and size <= LONGEST:
        more = waiting.popleft() if waiting else next(lines, None)
        if more is None:
            break
        taken.append(more)
        size += len(more.text)
        quotes += more.text.count('"')
        if quotes % 2 == 0 and all(one.utf8 and one.whole for one in taken):
            whole = "".join(one.text for one in taken).rstrip("\n").removesuffix("\r")
            fields = _parsed(whole, delimiter)
            if fields is not None and width in (0, len(fields)) and "\0" not in whole:
                return Row(tuple(taken), fields)
    waiting.extendleft(reversed(taken[1:]))
    start = text.rindex('"') if text.count('"') % 2 else text.index('"')
    return Mistake(QUOTES, (line,), start, len(text) if text.count('"') % 2 else start + 1, {})


def _parsed(text: str, delimiter: str) -> list[str] | None:
    try:
        found = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def _miscounted(lines: Sequence[Line], text: str, found: int, expected: int) -> Mistake:
    return Mistake(FIELD_COUNT, lines, 0, len(text), {"found": str(found), "expected": str(expected)})


def place(row: Row, index: int) -> tuple[int, int]:
    """Where a field stands in the first line of its row, as well as that can be said of quoted ones."""
    text, field = row.lines[0].text.rstrip("\r\n"), row.fields[index]
    if '"' not in text:
        start = sum(len(one) + 1 for one in row.fields[:index])
        return start, start + len(field)
    start = text.find(field) if field else -1
    return (start, start + len(field)) if start >= 0 else (0, len(text))
