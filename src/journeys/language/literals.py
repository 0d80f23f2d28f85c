"""Reads the literals of the language: durations, money, clock times and quoted texts, from their spelling.

>>> read_duration("1 day 12h")
[('1', 'd'), ('12', 'h')]
>>> read_clock("9:30 pm")
1290
"""

from __future__ import annotations

import re
from functools import cache
from typing import cast

from journeys.language.keywords import (
    AFTERNOON,
    HALF,
    MORNING,
    O_CLOCK,
    UNIT_OF,
    UNITS,
    YUAN,
    YUAN_CODE,
)
from journeys.language.nodes import Unit

MAX_DIGITS = 15
"""More digits than this are no number a marketer means, and arithmetic on huge numbers takes for ever."""


def digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def unquote(text: str) -> str:
    """The text inside quotes of any kind; in straight quotes, two quotes stand for one."""
    inner = text[1:-1]
    return inner.replace('""', '"') if text[0] == '"' else inner


@cache
def _duration_part() -> re.Pattern[str]:
    units = sorted((w for row in UNITS.values() for c in row for w in c.split("|")), key=len, reverse=True)
    return re.compile(rf"([0-9]+(?:\.[0-9]+)?)[ \t]*({'|'.join(units)})", re.IGNORECASE)


def read_duration(text: str) -> list[tuple[str, Unit]]:
    """The parts of a duration: the number as written and the unit it is counted in."""
    return [(number, cast("Unit", UNIT_OF[unit.lower()])) for number, unit in _duration_part().findall(text)]


def read_money(text: str) -> tuple[str, str]:
    """The plain number and the currency (a sign or an ISO code) of an amount: `¥1,000` is `("1000", "¥")`."""
    amount = "".join(c for c in text if c.isdigit() or c == ".")
    currency = "".join(c for c in text if not c.isdigit() and c not in ".,").strip()
    return amount, YUAN_CODE if currency == YUAN else currency


def read_clock(text: str) -> int | None:
    """Minutes after midnight, or None when no clock shows such a time."""
    numbers = [int(n) for n in re.findall(r"[0-9]+", text)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    if HALF in text:
        minute = 30
    half = text.rstrip()[-2:].lower()
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif O_CLOCK in text and hour < 12 and any(word in text for word in AFTERNOON.split("|")):
        hour += 12
    elif O_CLOCK in text and hour == 12 and any(word in text for word in MORNING.split("|")):
        hour = 0
    if hour > 23 or minute > 59:
        return None
    return hour * 60 + minute
