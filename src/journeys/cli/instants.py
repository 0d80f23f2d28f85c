"""Instants on the command line: `2017-11-01`, `2017-11-01T09:30`, with or without an offset."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import click

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = 366 * 86_400_000_000
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def instant(text: str, zone: str, option: str) -> int:
    """Microseconds UTC; a day is its midnight, and what names no offset is in `zone`. A usage error otherwise."""
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))
        known = EARLIEST <= found < LATEST
    except (ValueError, OverflowError):
        known = False
    if not known:
        raise click.BadParameter(f"`{text}` is no date; write 2017-11-01 or 2017-11-01T09:30", param_hint=option)
    return (found - EPOCH) // MICROSECOND


def written(at: int, zone: str) -> str:
    """An instant as people read it, in a zone: `2017-11-01 09:30`, with seconds only where there are some."""
    moment = (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
    return moment.strftime("%Y-%m-%d %H:%M" if moment.second == 0 else "%Y-%m-%d %H:%M:%S")


def day(days: int) -> str:
    """A day counted from 1970-01-01."""
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def interval(text: str, option: str) -> int:
    """`5s`, `15min`, `1h`, `1d` as elapsed microseconds. A usage error otherwise, also for nothing at all."""
    from journeys.catalog.durations import parse_duration

    micros = 0
    if text.endswith("s") and text[:-1].isdecimal():
        micros = int(text[:-1]) * 1_000_000
    elif (found := parse_duration(text)) is not None and not found.months:
        micros = found.days * 86_400_000_000 + found.micros
    if not 0 < micros <= LONGEST:
        raise click.BadParameter(f"`{text}` is no length of time; write 5s, 15min, 1h or 1d", param_hint=option)
    return micros
