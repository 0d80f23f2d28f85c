"""Fitting words into a box of a drawing: how wide a text is, and where its lines end.

Nothing measures a real font: the drawing must be the same on every machine, and the reader's fonts are not known.
Widths are estimates on the safe side, in columns of half an em, of which a Chinese character takes two.
"""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

_NARROW = frozenset("iljtfrI.,:;'|!()[]{}·-– ")
_BROAD = frozenset("mwMW@%—…")


def is_wide(character: str) -> bool:
    """Chinese and other full-width characters, which take two columns."""
    return east_asian_width(character) in "WF"


def columns(text: str) -> float:
    """The estimated width of a text in columns of half an em, in a proportional font: a Chinese character is two."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> float:
    if is_wide(character):
        return 2.0
    if character in _NARROW:
        return 0.7
    if character in _BROAD:
        return 1.8
    if category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    return 1.35 if character.isupper() else 1.15


def wrapped(text: str, width: float, lines: int) -> tuple[str, ...]:
    """The text in at most so many lines of at most `width` columns; what does not fit is cut, which `…` shows.

    >>> wrapped("city is Berlin and spent over 500", 16, 2)
    ('city is Berlin', 'and spent…')
    """
    rows = [""]
    for word in _unbreakable(text, width):
        if columns(rows[-1] + word.rstrip()) > width and rows[-1]:
            rows[-1] = rows[-1].rstrip()
            rows.append("")
        for piece in _pieces(word, width):
            if columns(rows[-1] + piece.rstrip()) > width and rows[-1]:
                rows.append("")
            rows[-1] += piece
    rows[-1] = rows[-1].rstrip()
    if len(rows) > lines:
        last = rows[lines - 1]
        while last and columns(last + "…") > width:
            last = last[:-1]
        word_end = last.rfind(" ")
        if word_end > len(last) // 2:
            last = last[:word_end]
        rows[lines - 1 :] = [last.rstrip() + "…"]
    return tuple(rows)


def _unbreakable(text: str, width: float) -> list[str]:
    """The text cut where a line may end: at blanks, and inside long words also around Chinese characters."""
    parts: list[str] = []
    for word in re.findall(r"\S+\s?", " ".join(text.split())):
        parts.append("")
        for character in word:
            before = parts[-1][-1:]
            closing = character == " " or category(character) in ("Pe", "Pf", "Po")
            between = before and not closing and (is_wide(before) or is_wide(character))
            if between and columns(word) > width / 2:
                parts.append("")
            parts[-1] += character
    return parts


def _pieces(word: str, width: float) -> list[str]:
    """A word longer than a line, cut to lines; any other word as it is."""
    if columns(word.rstrip()) <= width:
        return [word]
    pieces = [""]
    for character in word:
        if columns(pieces[-1] + character) > width and pieces[-1]:
            pieces.append("")
        pieces[-1] += character
    return pieces
