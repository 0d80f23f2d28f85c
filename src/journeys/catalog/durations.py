"""Lengths of time: from a journey's text and from the project file to months, days and microseconds."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

from journeys.catalog.meaning import Duration
from journeys.language import nodes
from journeys.language.keywords import UNIT_OF

MICROS = {"min": 60_000_000, "h": 3_600_000_000}
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"mo": 1, "y": 12}
_PART = re.compile(r"\s*(\d{1,6}(?:\.\d{1,3})?)\s*([^\W\d_]+)")


def duration(parts: tuple[tuple[Decimal, nodes.Unit], ...]) -> Duration | None:
    """The sum of the parts; None when a calendar unit is not a whole number (`1.5d`), or nothing is left (`0h`).

    >>> duration(((Decimal(1), "d"), (Decimal(12), "h")))
    Duration(months=0, days=1, micros=43200000000)
    """
    months = days = micros = Decimal(0)
    for amount, unit in parts:
        if unit in MICROS:
            micros += amount * MICROS[unit]
        elif unit in _DAYS:
            days += amount * _DAYS[unit]
        else:
            months += amount * _MONTHS[unit]
    if months % 1 or days % 1 or not (months or days or micros):
        return None
    return Duration(months=int(months), days=int(days), micros=int(micros))


def parse_duration(text: str) -> Duration | None:
    """A duration of the project file, such as "72h", "1d12h" or "30 天"; None when it is none.

    >>> parse_duration("2w")
    Duration(months=0, days=14, micros=0)
    """
    parts: list[tuple[Decimal, nodes.Unit]] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _PART.match(text, at)
        if match is None or (unit := UNIT_OF.get(match[2].casefold())) is None:
            return None
        parts.append((Decimal(match[1]), cast("nodes.Unit", unit)))
        at = match.end()
    return duration(tuple(parts)) if parts else None


def short(length: Duration) -> str:
    """The shortest way to write a duration, the same in every language: `1mo`, `3d`, `1d12h`, `90min`, `0.5min`.

    >>> short(Duration(days=1, micros=43_200_000_000))
    '1d12h'
    """
    text = ""
    if length.months:
        years, months = divmod(length.months, 12)
        text += (f"{years}y" if years else "") + (f"{months}mo" if months else "")
    if length.days:
        text += f"{length.days}d"
    if length.micros:
        hours, rest = divmod(length.micros, MICROS["h"])
        if rest and hours < 2:
            hours, rest = 0, length.micros
        text += f"{hours}h" if hours else ""
        if rest:
            text += f"{(Decimal(rest) / MICROS['min']).normalize():f}min"
    return text or "0min"
