"""ANSI colours, and the width of text on a terminal."""

from __future__ import annotations

import unicodedata

_CODES = {"error": "1;31", "warning": "1;33", "frame": "1;34", "help": "1;36", "headline": "1"}


def paint(text: str, what: str, color: bool) -> str:
    """`text` in the colour of `what`, when colours are asked for."""
    return f"\x1b[{_CODES[what]}m{text}\x1b[0m" if color and text else text


def width(text: str) -> int:
    """Columns that a text takes: a Chinese character two, a combining mark none."""
    return sum(_width(c) for c in text)


def _width(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me", "Cf") else 1


def printable(text: str) -> str:
    """The text as a terminal can show it: a tab as four blanks, a control character as its picture, same order."""
    if text.isprintable():
        return text
    return "".join("    " if c == "\t" else chr(0x2400 + ord(c)) if ord(c) < 0x20 else c for c in text)
