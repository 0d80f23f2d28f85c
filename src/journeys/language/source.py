"""Readies a text for the lexer without moving a single character, and takes the comments out.

Chinese keyboards and word processors put in full-width punctuation, full-width digits, fixed blanks. Each is replaced
by one ordinary character, so an offset into the prepared text is an offset into the text as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from journeys.diagnostics.diagnostic import Diagnostic, Edit, Fix
from journeys.diagnostics.span import Span

MAX_CHARACTERS = 1_000_000
MAX_LINES = 50_000
MAX_DEPTH = 64
MAX_ERRORS = 20

BAD = "\x00"
"""Begins a line that was given up; a NUL of the author's never gets this far."""

_PUNCTUATION = ("（）＃＞＜．＝！％＄￥：，；、＋－−０１２３４５６７８９", "()#><.=!%$¥:,;,+--0123456789")
_INVISIBLE = "\u3000\xa0\ufeff\u200b\u200c\u200d\u200e\u200f\u2028\u2029\x85\x0b\x0c" + BAD
_ORDINARY = str.maketrans(_PUNCTUATION[0] + _INVISIBLE, _PUNCTUATION[1] + " " * len(_INVISIBLE))
QUOTED = r'"(?:[^"\n]|"")*"|[“”][^“”\n]*[“”]|「[^「」\n]*」|『[^『』\n]*』|`[^`\n]+`'
"""What stands in quotes of any kind, as a regular expression."""
_QUOTED_OR_COMMENT = re.compile(rf"{QUOTED}|#[^\n]*|[()]|[“”\"「『`]")
_INDENT_WITH_TAB = re.compile(r"^( *\t[ \t]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Comment:
    """`# ...` up to the end of its line; `alone` when nothing else stands on the line."""

    span: Span
    text: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A prepared text: same length as `written` plus one line end; comments are blanks in it."""

    path: str
    written: str
    text: str
    comments: tuple[Comment, ...]
    diagnostics: tuple[Diagnostic, ...]


def ordinary(text: str) -> str:
    """The text with full-width signs and digits replaced by ordinary ones, invisible characters by blanks."""
    return text.translate(_ORDINARY)


def prepare(written: str, path: str) -> Source:
    """Make `written` fit for the lexer and report what the lexer cannot see: tabs, open quotes, sizes, brackets."""
    if len(written) > MAX_CHARACTERS or written.count("\n") >= MAX_LINES:
        facts = {"characters": f"{MAX_CHARACTERS:,}", "lines": f"{MAX_LINES:,}"}
        return Source(path, written, "\n", (), (Diagnostic("J018", Span(path, 0, 0), facts),))
    found: list[Diagnostic] = []
    if (nul := written.find(BAD)) >= 0:
        found.append(Diagnostic("J042", Span(path, nul, nul + 1)))
    text = ordinary(written)
    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    if "\t" in text:
        text = _without_tabs(text, path, found)
    text, comments = _without_comments(text, written, path, found)
    return Source(path, written, text + "\n", comments, tuple(found))


def _without_tabs(text: str, path: str, found: list[Diagnostic]) -> str:
    edits = []
    for match in _INDENT_WITH_TAB.finditer(text):
        if text[match.end() : match.end() + 1] not in ("", "\n", "#"):
            edits.append(Edit(Span(path, match.start(), match.end()), match[1].replace("\t", "    ")))
    if edits:
        found.append(Diagnostic("J008", edits[0].span, {"lines": str(len(edits))}, fix=Fix(tuple(edits), safe=True)))
    return text


def _without_comments(text: str, written: str, path: str, found: list[Diagnostic]) -> tuple[str, tuple[Comment, ...]]:
    """Blank out comments, find quotes that nobody closed, give up on lines whose brackets go too deep."""
    comments: list[Comment] = []
    pieces: list[str] = []
    given_up: list[int] = []
    done = depth = 0
    for match in _QUOTED_OR_COMMENT.finditer(text):
        if len(found) >= MAX_ERRORS:
            break
        start, end = match.span()
        what = text[start]
        if what == "(":
            depth += 1
            if depth == MAX_DEPTH + 1:
                found.append(Diagnostic("J017", Span(path, start, end), {"depth": str(MAX_DEPTH)}))
                given_up.append(start)
        elif what == ")":
            depth = max(0, depth - 1)
        elif what == "#":
            line = text.rfind("\n", 0, start) + 1
            alone = not text[line:start].strip()
            comments.append(Comment(Span(path, start, end), written[start:end].rstrip(), alone))
            pieces.append(text[done:start])
            pieces.append(" " * (end - start))
            done = end
        elif end - start == 1:
            found.append(Diagnostic("J010", Span(path, start, end), {"quote": what}))
            given_up.append(start)
    pieces.append(text[done:])
    text = "".join(pieces)
    for offset in given_up:
        text = give_up_line(text, offset)
    return text, tuple(comments)


def give_up_line(text: str, offset: int) -> str:
    """Mark the line around `offset` as one that cannot be read, so that the rest of the text can; same length."""
    start, end = _line(text, offset)
    indent = len(text[start:end]) - len(text[start:end].lstrip(" \t"))
    first = min(start + indent, offset)
    return text[:first] + BAD + " " * (end - first - 1) + text[end:]


def blank_line(text: str, offset: int) -> str:
    """Take the line around `offset` out altogether, its indentation too; same length."""
    start, end = _line(text, offset)
    return text[:start] + " " * (end - start) + text[end:]


def _line(text: str, offset: int) -> tuple[int, int]:
    end = text.find("\n", offset)
    return text.rfind("\n", 0, offset) + 1, len(text) if end < 0 else end
