"""Wall clocks and calendars for the oracle, on `datetime` and `zoneinfo` alone.

Instants are integer microseconds UTC, days are counted from 1970-01-01, wall times are naive datetimes. A wall time
counts at the first instant at which the clock has reached it: after a gap, and the first of two.

    >>> berlin = zone_of_names("Europe/Berlin")
    >>> noon = first_instant(berlin, datetime(2026, 3, 28, 12))
    >>> (add(berlin, noon, Duration(days=1)) - noon) // HOUR
    23
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from journeys.catalog.meaning import Duration
from journeys.engine.state import NEVER
from journeys.graph.model import QuietHours

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_QUIET = 400
"""Days after which windows of quiet hours that never all end are taken to last for ever."""


@cache
def _zones() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@cache
def _zone(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def zone_of_names(*names: object) -> ZoneInfo:
    """The first of the names that is an IANA zone; UTC if none is.

    >>> zone_of_names(None, "Mars/Olympus", "Asia/Shanghai").key
    'Asia/Shanghai'
    """
    return _zone(next((name for name in names if isinstance(name, str) and name in _zones()), "UTC"))


# -- wall times and instants -------------------------------------------------------------------------------------------


def wall_time(zone: ZoneInfo, instant: int) -> datetime:
    """What the clock on the wall shows."""
    return (EPOCH + timedelta(microseconds=instant)).astimezone(zone).replace(tzinfo=None, fold=0)


def first_instant(zone: ZoneInfo, wall: datetime) -> int:
    """The first instant at which the clock on the wall has reached this time."""
    found = _instant(wall.replace(tzinfo=zone, fold=0))
    if wall_time(zone, found) == wall:
        return found
    before, after = _instant(wall.replace(tzinfo=zone, fold=1)), found  # on either side of the gap
    while after - before > 1:
        middle = (before + after) // 2
        if wall_time(zone, middle) >= wall:
            after = middle
        else:
            before = middle
    return after


def _instant(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


@cache
def clock_changes(zone: ZoneInfo, day: int) -> tuple[int, ...]:
    """The instants at which the zone's offset changes on a day (UTC)."""
    found = []
    for low in range(day * DAY, (day + 1) * DAY, HOUR):
        before, after = low - 1, low + HOUR - 1
        if _offset(zone, before) == _offset(zone, after):
            continue
        while after - before > 1:
            middle = (before + after) // 2
            if _offset(zone, middle) == _offset(zone, low - 1):
                before = middle
            else:
                after = middle
        found.append(after)
    return tuple(found)


def _offset(zone: ZoneInfo, instant: int) -> timedelta:
    return (EPOCH + timedelta(microseconds=instant)).astimezone(zone).utcoffset() or timedelta()


# -- days and months ---------------------------------------------------------------------------------------------------


def date_of(days: int) -> date:
    """The date of a day counted from 1970-01-01."""
    return EPOCH.date() + timedelta(days=days)


def days_of(day: date) -> int:
    """A date as days from 1970-01-01."""
    return (day - EPOCH.date()).days


def local_date(zone: ZoneInfo, instant: int) -> date:
    """The day it is there."""
    return wall_time(zone, instant).date()


def add_months(day: date, months: int) -> date:
    """The same day some months later; the month's last day where it has no such day.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def at_minute(zone: ZoneInfo, day: date, minute: int) -> int:
    """The instant of a minute of that day."""
    return first_instant(zone, datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute))


def add(zone: ZoneInfo, instant: int, duration: Duration, sign: int = 1) -> int:
    """The instant a duration later (or earlier, for sign -1): months, days on the wall clock, then elapsed time."""
    if duration.months or duration.days:
        wall = wall_time(zone, instant)
        day = add_months(wall.date(), sign * duration.months) + timedelta(days=sign * duration.days)
        instant = first_instant(zone, datetime.combine(day, wall.time()))
    return instant + sign * duration.micros


# -- quiet hours -------------------------------------------------------------------------------------------------------


def is_quiet(zone: ZoneInfo, instant: int, quiet: QuietHours) -> bool:
    """Whether the clock on the wall is in the window: its first minute is, its last is not."""
    wall = wall_time(zone, instant)
    now = timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    start, end = timedelta(minutes=quiet.from_minute), timedelta(minutes=quiet.to_minute)
    if start <= end:
        return start <= now < end
    return now >= start or now < end


def quiet_until(windows: list[tuple[ZoneInfo, QuietHours]], instant: int) -> int:
    """The first instant, from the given one on, at which none of the windows is quiet; NEVER if there is none.

    It is judged on the clock alone: an hour that occurs twice can be quiet twice, a jump can end a window early.
    """

    def quiet(at: int) -> bool:
        return any(is_quiet(zone, at, window) for zone, window in windows)

    if not quiet(instant):
        return instant
    today = instant // DAY
    for days_ahead in (3, LONGEST_QUIET):
        ends = set[int]()
        for day in range(today - 2, today + days_ahead):
            for zone, window in windows:
                wall = datetime.combine(date_of(day), datetime.min.time()) + timedelta(minutes=window.to_minute)
                ends |= {first_instant(zone, wall), _instant(wall.replace(tzinfo=zone, fold=1))}
                ends |= set(clock_changes(zone, day))
        later = [at for at in ends if at > instant and not quiet(at)]
        if later:
            return min(later)
    return NEVER
