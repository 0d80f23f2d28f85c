"""Finds the words in Chinese that was written without blanks.

Names may contain keywords (客户召回 contains 客户), so cutting at every keyword is not enough: the cuts are tried,
most of them first, until the line parses.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations, islice

from lark import Lark, UnexpectedInput

from journeys.language import automaton, keywords
from journeys.language.keywords import BARE_UNITS, CJK, UNITS, YUAN
from journeys.language.source import QUOTED

_MOST_TRIES = 64
_LONGEST = 200


def split(line: str) -> list[int] | None:
    """Where blanks have to go into `line` to make it a sentence; None when no cutting makes one."""
    if len(line) > _LONGEST:
        return None
    cuts = _cuts(line)
    tries = (
        [c for c in cuts if c not in left_out] for count in range(len(cuts)) for left_out in combinations(cuts, count)
    )
    for kept in islice(tries, _MOST_TRIES):
        inserts = sorted({at for cut in kept for at in cut if _glued_at(line, at)})
        if inserts and _is_sentence(_with_blanks(line, inserts)):
            return inserts
    return None


@cache
def _words() -> re.Pattern[str]:
    chinese = sorted((w for t in keywords.KEYWORDS for w in keywords.words(t, "zh")), key=len, reverse=True)
    units = "|".join(w for t in (UNITS, BARE_UNITS) for row in t.values() for w in row[1].split("|"))
    numbers = rf"[0-9]+(?:\.[0-9]+)?(?:[ \t]?(?:{units}|{YUAN}|%))*|[0-9]{{1,2}}:[0-9]{{2}}"
    return re.compile(rf"(?P<quoted>{QUOTED})|(?P<number>{numbers})|(?P<word>{'|'.join(chinese)})")


def _cuts(line: str) -> list[tuple[int, int]]:
    """The places of keywords and numbers inside longer words."""
    return [m.span() for m in _words().finditer(line) if m.lastgroup != "quoted"]


def _glued_at(line: str, at: int) -> bool:
    """Whether the characters around `at` stick together."""
    around = line[max(0, at - 1) : at + 1]
    return len(around) == 2 and all(re.match(r"\w|[%\"“”「」]", c) for c in around) and bool(CJK.search(around))


def _with_blanks(line: str, inserts: list[int]) -> str:
    return " ".join(line[a:b] for a, b in zip([0, *inserts], [*inserts, len(line)], strict=True))


@cache
def _else_words() -> tuple[str, ...]:
    return keywords.words("ELSE", "zh") + keywords.words("ELIF", "zh")


@cache
def _parser() -> Lark:
    return automaton.load(None, automaton.Lines())


def _is_sentence(line: str) -> bool:
    context = "if a then\n    exit\n" if line.startswith(_else_words()) else ""
    try:
        _parser().parse(f"{context}{line}\n")
    except UnexpectedInput:
        return False
    return True
