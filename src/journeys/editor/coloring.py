"""How the words of the language are coloured: one table, from which the grammars for editors and documents are made."""

from __future__ import annotations

import re
from typing import Literal

from journeys.language.keywords import (
    AFTERNOON,
    CURRENCIES,
    DAYS,
    DECLARATIONS,
    HALF,
    KEYWORDS,
    MINUTE_MARK,
    MORNING,
    O_CLOCK,
    SIGNS,
    UNITS,
    YUAN,
    words,
)

Color = Literal["declaration", "setting", "step", "flow", "condition", "joint", "day"]

_TERMINALS: dict[Color, str] = {
    "setting": "START ONLY_IF ENTER GOAL LIMIT QUIET PRIORITY BUDGET PACE HOLDOUT MOVE NOTE WITHIN ONCE PER EVERY_TIME"
    " FOR_EACH NEW_ONLY THEIR_TIME OUR_TIME MESSAGES CALENDAR_DAY CALENDAR_WEEK CALENDAR_MONTH FOR_EVERYONE EVERY"
    " EVERY_DAY EVERY_GAP FOR_ACCOUNT VERSION",
    "step": "SEND WAIT GIVE SET TAG UNTAG TASK NOTIFY CALL DO TODO EXIT SKIP RUN ADD GIVEN CUSTOMER EVENT EXPECT POINTS"
    " RED_PACKET AT_USUAL_HOUR AS_TRANSACTIONAL",
    "flow": "IF THEN ELIF ELSE SPLIT REPEAT UNTIL UP_TO WHEN ON_LIMIT ON_EMPTY ON_FAILURE ON_PAST TIMES BEST_BY_GOAL"
    " REACHING PEOPLE AFTER BEFORE",
    "condition": "AND OR NOT WHERE SILENT DID DID_NOT NEVER_DID IN SINCE_ENTRY SPENT OPENED CLICKED RECEIVED REPLIED IS"
    " IS_NOT OVER UNDER AT_LEAST AT_MOST EXACTLY ONE_OF NOT_ONE_OF BETWEEN KNOWN MISSING CHANGES RISES FALLS"
    " BY_AT_LEAST TAGGED IN_SEGMENT REACHABLE TIMED_OUT GOAL_REACHED COUNT_OF IN_ACCOUNT AGO DO_NOT NEVER",
    "declaration": " ".join(DECLARATIONS),
    "day": " ".join(DAYS),
}
_COLORS = {terminal: color for color, terminals in _TERMINALS.items() for terminal in terminals.split()}


def color_of(terminal: str) -> Color:
    """The colour of a keyword; what only joins other words is a joint."""
    return _COLORS.get(terminal, "joint")


_BEFORE = r"(?<![^\W\d])(?<![-.])"
"""A keyword may follow a number without a blank (`3条`), but is no part of a name or of a field's path."""


def keyword_patterns() -> tuple[tuple[str, Color], ...]:
    """Regular expressions for all keywords, those of more words first, as Python and Oniguruma both read them."""
    by_color: dict[tuple[int, Color], list[str]] = {}
    for terminal in KEYWORDS:
        for word in words(terminal):
            by_color.setdefault((-word.count(" "), color_of(terminal)), []).append(word)
    return tuple(
        (f"{_BEFORE}(?:{'|'.join(map(_blanks, sorted(every, key=len, reverse=True)))})(?![\\w-]|\\.\\w)", color)
        for (_, color), every in sorted(by_color.items())
    )


def _blanks(word: str) -> str:
    return re.escape(word).replace(r"\ ", r"[ \t]+")


def declaration_words() -> str:
    """The words behind which a new name stands, as alternatives of a regular expression."""
    terminals = ("JOURNEY", "SEGMENT", "STEPS", "SCORE")
    return "|".join(word for terminal in terminals for word in words(terminal))


_NUMBER = r"[0-9０-９]+(?:[.．,，][0-9０-９]+)*"


def _units() -> str:
    return "|".join(sorted((w for row in UNITS.values() for c in row for w in c.split("|")), key=len, reverse=True))


STRING = r'"(?:[^"\n]|"")*"|[“”][^“”\n]*[“”]|「[^「」\n]*」|『[^『』\n]*』'
QUOTED = r"`[^`\n]+`"
COMMENT = r"[#＃][^\n]*"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w-])"
TIME = (
    r"[0-9０-９]{1,2}[:：][0-9０-９]{2}(?![0-9])(?:[ \t]?[aApP][mM]\b)?|[0-9]{1,2}[ \t]?[aApP][mM]\b"
    rf"|(?:{MORNING}|{AFTERNOON})?[ \t]?[0-9]{{1,2}}{O_CLOCK}(?:[0-9]{{1,2}}{MINUTE_MARK}?|{HALF})?"
)
MONEY = rf"[{SIGNS}￥][ \t]?{_NUMBER}|{_NUMBER}[ \t]?(?:(?:{CURRENCIES})\b|{YUAN})"
PERCENT = rf"{_NUMBER}[ \t]?[%％]"
DURATION = rf"(?:{_NUMBER}[ \t]*(?:{_units()})(?![a-zA-Z_]))+"
NUMBER = rf"[-－]?{_NUMBER}"
OPERATOR = r"[<>＜＞!！=＝]=?|[≥≤≠]"
PUNCTUATION = r"[(),:.（），、：；．]"
