"""Instants on the command line: `2017-11-01`, `2017-11-01T09:30`, with or without an offset."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import click

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str, zone: str, option: str) -> int:
    """Microseconds UTC; a day is its midnight, and what names no offset is in `zone`. A usage error otherwise."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"`{text}` is no date; write 2017-11-01 or 2017-11-01T09:30", param_hint=option
        ) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(zone))
    return (found - EPOCH) // MICROSECOND


def written(at: int, zone: str) -> str:
    """An instant as people read it, in a zone: `2017-11-01 09:30`, with seconds only where there are some."""
    moment = (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
    return moment.strftime("%Y-%m-%d %H:%M" if moment.second == 0 else "%Y-%m-%d %H:%M:%S")


def day(days: int) -> str:
    """A day counted from 1970-01-01."""
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def length(text: str, option: str) -> int:
    """`1h`, `15min`, `1d` as elapsed microseconds. A usage error otherwise."""
    from journeys.catalog.durations import parse_duration

    found = parse_duration(text)
    if found is None or found.months:
        raise click.BadParameter(f"`{text}` is no length of time; write 15min, 1h or 1d", param_hint=option)
    return found.days * 86_400_000_000 + found.micros
