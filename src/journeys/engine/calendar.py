"""Calendar arithmetic in a person's zone: days that keep the wall clock, DST edges, weekdays, birthdays, quiet hours.

Three kinds of whole number, all 64 bits wide:

- `instant`: microseconds since 1970-01-01T00:00 UTC;
- `local`: microseconds of a wall clock since it showed 1970-01-01T00:00;
- `days`: days of the calendar since 1970-01-01 (`local // DAY`).

The rules for DST rest on one definition: a wall time counts at the first instant at which the clock has reached it. So
a wall time that does not exist counts at the first valid instant after the gap, and one that occurs twice counts the
first time.

The functions in `KERNELS` are written in the subset of Python that `translation` compiles. They run unchanged in
CPython, where a table of plain lists (`ZoneTable.as_lists`) is several times faster than one of arrays. `zone_table`
and `is_zone` are the edge: they alone know zone names. The data is that of the `tzdata` package, not the machine's, so
that every machine with the same lock takes the same decision.

    >>> zones = zone_table(["Europe/Berlin"]).as_lists()
    >>> saturday_noon = 1_774_695_600 * SECOND  # 2026-03-28 12:00 in Berlin; the clock goes forward that night
    >>> (add(zones, 0, saturday_noon, 0, 1, 0) - saturday_noon) // HOUR
    23
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EVERY_DAY = 0b1111111
"""The weekday mask with all days; bit 0 is Monday."""

NEVER = 1 << 62
"""The answer where no such instant exists: a mask without a day, a window without an end."""

_BEFORE_ALL = -NEVER
_EAST = 16 * HOUR  # no zone is further ahead of UTC than this
_BUCKET_BITS = 44  # buckets of `ZoneTable.latest` are 2**44 microseconds wide, 203 days: about one transition in each
_BUCKETS = 234  # the last one holds the start of 2100
_START, _END = 0, 4_102_444_800  # 1970 and 2100, in seconds; outside, the nearest known offset holds
_PROBE = 7 * 86_400


class Column(Protocol):
    """A flat column of whole numbers: a list, or an int64 array."""

    def __getitem__(self, index: int, /) -> int: ...
    def __iter__(self) -> Iterator[int]: ...


class ZoneTable(NamedTuple):
    """The offsets of some zones from 1970 to 2100, as flat columns; a zone is its place in the names given.

    The rows of zone z are `first[z]` up to, not including, `first[z + 1]`. Row i says that from the instant `since[i]`
    on, `offset[i]` microseconds added to UTC give the wall clock; a zone's first row holds since before all time.
    `latest` cuts time into buckets of equal width, as many for each zone: the last row that begins by the bucket's end.
    """

    first: Column
    since: Column
    offset: Column
    latest: Column

    def as_lists(self) -> ZoneTable:
        """The same table in plain lists, for running the kernels in CPython."""
        return ZoneTable(*([int(value) for value in column] for column in self))


# --- the edge: names and zone data -----------------------------------------------------------------------------------


@cache
def _names() -> frozenset[str]:
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(listed) - {"Factory"}  # Factory is the placeholder of a machine nobody has set up


def is_zone(name: str) -> bool:
    """Whether this is an IANA zone name, spelt as IANA does.

    >>> is_zone("Asia/Shanghai"), is_zone("UTC+8"), is_zone("/etc/localtime"), is_zone("../UTC")
    (True, False, False, False)
    """
    return name in _names()


def _explicit_transitions(data: bytes) -> Sequence[int]:
    """The instants, in seconds, at which a TZif file (RFC 8536, version 2 or later) lists a change of any kind."""
    isut, isstd, leap, times, types, chars = struct.unpack_from(">6l", data, 20)
    second_header = 44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isut
    count = struct.unpack_from(">6l", data, second_header + 20)[3]
    return struct.unpack_from(f">{count}q", data, second_header + 44)


@cache
def _offsets(name: str) -> tuple[tuple[int, int], ...]:
    """The rows of one zone: (instant in microseconds, offset in microseconds) from each change of offset on.

    The listed transitions are exact however close they are (Gaza changes twice within a week in 2040); the yearly rule
    that holds after the last of them is probed week by week and bisected to the second.
    """
    if not is_zone(name):
        raise ValueError(f"not an IANA zone: {name!r}")
    data = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    zone = ZoneInfo.from_file(BytesIO(data), key=name)

    def offset_at(second: int) -> int:
        offset = datetime.fromtimestamp(second, zone).utcoffset() or timedelta()
        return offset // timedelta(microseconds=1)

    def change_between(low: int, high: int) -> int:
        before = offset_at(low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset_at(middle) == before else (low, middle)
        return high

    listed = [second for second in _explicit_transitions(data) if _START < second < _END]
    probes = [*range(listed[-1] if listed else _START, _END, _PROBE), _END]
    offsets = [offset_at(second) for second in probes]
    ruled = [
        change_between(low, high)
        for (low, high), (before, after) in zip(pairwise(probes), pairwise(offsets))
        if before != after
    ]
    rows = [(_BEFORE_ALL, offset_at(_START))]
    for second in [*listed, *ruled]:
        offset = offset_at(second)
        if offset != rows[-1][1]:
            rows.append((second * SECOND, offset))
    return tuple(rows)


def zone_table(names: Sequence[str]) -> ZoneTable:
    """The table of these zones, in int64 arrays; zone z of the table is `names[z]`.

    Raises ValueError for a name that `is_zone` does not know: whoever reads names in has put the project's zone in its
    place. A zone takes some milliseconds the first time and is remembered.
    """
    import numpy as np

    first, since, offset, latest = [0], list[int](), list[int](), list[int]()
    for name in names:
        rows = _offsets(name)
        row = 0
        for bucket in range(_BUCKETS):
            end = (bucket + 1) << _BUCKET_BITS
            while row + 1 < len(rows) and rows[row + 1][0] < end:
                row += 1
            latest.append(first[-1] + row)
        since.extend(instant for instant, _ in rows)
        offset.extend(microseconds for _, microseconds in rows)
        first.append(len(since))
    return ZoneTable(*(np.array(column, dtype=np.int64) for column in (first, since, offset, latest)))


# --- kernels: wall clock and instant ---------------------------------------------------------------------------------


def row_at(zones: ZoneTable, z: int, instant: int) -> int:
    """The row of the table that holds at the instant."""
    bucket = instant >> _BUCKET_BITS
    if bucket < 0:
        bucket = 0
    elif bucket >= _BUCKETS:
        bucket = _BUCKETS - 1
    row = zones.latest[z * _BUCKETS + bucket]
    since = zones.since
    while since[row] > instant:
        row -= 1
    return row


def to_local(zones: ZoneTable, z: int, instant: int) -> int:
    """What the wall clock shows at the instant."""
    return instant + zones.offset[row_at(zones, z, instant)]


def to_instant(zones: ZoneTable, z: int, local: int) -> int:
    """The first instant at which the wall clock has reached this time: after a gap, and the first of two."""
    since = zones.since
    offset = zones.offset
    row = row_at(zones, z, local - _EAST)
    last = zones.first[z + 1] - 1
    while row < last and since[row + 1] + offset[row] <= local:
        row += 1
    instant = local - offset[row]
    return instant if instant >= since[row] else since[row]


def day_of(zones: ZoneTable, z: int, instant: int) -> int:
    """The calendar day there at the instant, in days since 1970-01-01."""
    return to_local(zones, z, instant) // DAY


def start_of_day(zones: ZoneTable, z: int, instant: int) -> int:
    """The first instant of the day there; not always midnight (Cairo's clock goes from 24:00 to 01:00 in spring)."""
    return to_instant(zones, z, to_local(zones, z, instant) // DAY * DAY)


# --- kernels: the calendar -------------------------------------------------------------------------------------------


def civil_day(days: int) -> tuple[int, int, int]:
    """Year, month and day of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms")."""
    shifted = days + 719_468  # years begin in March, so that the leap day is the last of a year; eras have 400 years
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    march_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * march_month + 2) // 5 + 1
    month = march_month + 3
    year = year_of_era + era * 400
    if month > 12:
        month -= 12
        year += 1
    return year, month, day


def civil(local: int) -> tuple[int, int, int]:
    """Year, month and day that a wall clock shows.

    >>> civil(-1)
    (1969, 12, 31)
    """
    return civil_day(local // DAY)


def from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a date of the Gregorian calendar; month 1..12.

    >>> from_civil(2000, 3, 1)
    11017
    """
    march_year = year
    march_month = month - 3
    if march_month < 0:
        march_month += 12
        march_year -= 1
    era = march_year // 400
    year_of_era = march_year - era * 400
    day_of_year = (153 * march_month + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def weekday(days: int) -> int:
    """The weekday of a day: 0 is Monday, 6 Sunday."""
    return (days + 3) % 7


def month_length(year: int, month: int) -> int:
    """How many days a month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    if month in (4, 6, 9, 11):
        return 30
    return 31


def add_months(days: int, months: int) -> int:
    """The same day of the month some months on (or back); the month's last day where it is shorter."""
    year, month, day = civil_day(days)
    count = year * 12 + month - 1 + months
    year = count // 12
    month = count % 12 + 1
    if day > 28:
        length = month_length(year, month)
        day = day if day <= length else length
    return from_civil(year, month, day)


def add(zones: ZoneTable, z: int, instant: int, months: int, days: int, micros: int) -> int:
    """The instant some months, then days, later on the wall clock, and then some microseconds of elapsed time.

    All three may be negative. Without months and days this is elapsed time alone, also in an hour that occurs twice.
    """
    if months == 0 and days == 0:
        return instant + micros
    row = row_at(zones, z, instant)
    if months == 0 and days > 0 and (row + 1 == zones.first[z + 1] or instant + days * DAY < zones.since[row + 1]):
        return instant + days * DAY + micros  # no change of the clock lies between, and none is less than a day past
    local = instant + zones.offset[row]
    if months != 0:
        today = local // DAY
        days += add_months(today, months) - today
    return to_instant(zones, z, local + days * DAY) + micros


# --- kernels: times of day, weekdays, dates --------------------------------------------------------------------------


def is_skipped_day(zones: ZoneTable, z: int, days: int) -> bool:
    """Whether the calendar there has no such day at all (Samoa left out 30 December 2011)."""
    return to_instant(zones, z, days * DAY) == to_instant(zones, z, days * DAY + DAY)


def next_weekday(zones: ZoneTable, z: int, instant: int, weekday_mask: int, minute_of_day: int) -> int:
    """The first instant, from the given one on, that is this minute of a day whose bit is set (1 << 0 is Monday).

    Once a day, even if the wall time occurs twice. A wall time that is skipped counts at the first valid instant after;
    a day that is skipped whole does not count. NEVER for a mask without a day.
    """
    if weekday_mask & EVERY_DAY == 0:
        return NEVER
    minute = minute_of_day * MINUTE
    # The last day whose minute the clock has reached: it may have been skipped, and count at this very instant.
    days = (to_local(zones, z, instant) - minute) // DAY
    while True:
        if (weekday_mask >> weekday(days)) & 1:
            local = days * DAY + minute
            found = to_instant(zones, z, local)
            if found >= instant and (to_local(zones, z, found) == local or not is_skipped_day(zones, z, days)):
                return found
        days += 1


def next_clock(zones: ZoneTable, z: int, instant: int, minute_of_day: int) -> int:
    """The first instant, from the given one on, that is this minute of any day; `next_weekday` gives the rules."""
    return next_weekday(zones, z, instant, EVERY_DAY, minute_of_day)


def previous_weekday(zones: ZoneTable, z: int, instant: int, weekday_mask: int, minute_of_day: int) -> int:
    """The last instant, up to and with the given one, that is this minute of a day whose bit is set.

    The rules are those of `next_weekday`; -NEVER for a mask without a day.
    """
    if weekday_mask & EVERY_DAY == 0:
        return -NEVER
    minute = minute_of_day * MINUTE
    # One day further than the clock shows: the clock may have gone back across midnight.
    days = (to_local(zones, z, instant) - minute) // DAY + 1
    while True:
        if (weekday_mask >> weekday(days)) & 1:
            local = days * DAY + minute
            found = to_instant(zones, z, local)
            if found <= instant and (to_local(zones, z, found) == local or not is_skipped_day(zones, z, days)):
                return found
        days -= 1


def previous_clock(zones: ZoneTable, z: int, instant: int, minute_of_day: int) -> int:
    """The last instant, up to and with the given one, that is this minute of any day."""
    return previous_weekday(zones, z, instant, EVERY_DAY, minute_of_day)


def on_date(zones: ZoneTable, z: int, days: int, shift_months: int, shift_days: int, minute_of_day: int) -> int:
    """A date, shifted by calendar months and then days, at a minute of the day: 30d before `trial_ends` at 10:00."""
    if shift_months != 0:
        days = add_months(days, shift_months)
    return to_instant(zones, z, (days + shift_days) * DAY + minute_of_day * MINUTE)


def next_yearly(
    zones: ZoneTable,
    z: int,
    instant: int,
    month: int,
    day: int,
    minute_of_day: int,
    shift_months: int,
    shift_days: int,
) -> int:
    """The next time, from the given instant on, that a yearly date comes round, shifted, at a minute of the day.

    The date is taken in each year first (29 February is the 28th in other years) and shifted then, so 7d before a
    birthday on 3 January is 27 December of the year before.
    """
    # Shifted and shifted back, a date is the same or, in a short month, earlier; so this finds the first year that can
    # count. One day off, because a date on a day that is skipped whole counts at the start of the next.
    unshifted = day_of(zones, z, instant) - shift_days
    if shift_months != 0:
        unshifted = add_months(unshifted, -shift_months)
    year, _, _ = civil_day(unshifted - 1)
    while True:
        length = month_length(year, month)
        days = from_civil(year, month, day if day <= length else length)
        found = on_date(zones, z, days, shift_months, shift_days, minute_of_day)
        if found >= instant:
            return found
        year += 1


# --- kernels: quiet hours --------------------------------------------------------------------------------------------


def _covers(time_of_day: int, start: int, end: int) -> bool:
    """Whether a daily window, perhaps over midnight, holds this time; a window from a time to itself holds none."""
    if start <= end:
        return start <= time_of_day < end
    return time_of_day >= start or time_of_day < end


def in_window(zones: ZoneTable, z: int, instant: int, from_minute: int, to_minute: int) -> bool:
    """Whether the wall clock is in a daily window, its start included and its end not; 21:00 to 09:00 is overnight.

    Minutes of the day, 0 to 1440 (24:00). From a minute to itself is never.
    """
    return _covers(to_local(zones, z, instant) % DAY, from_minute * MINUTE, to_minute * MINUTE)


def window_end(zones: ZoneTable, z: int, instant: int, from_minute: int, to_minute: int) -> int:
    """The first instant, from the given one on, at which the wall clock is outside the window.

    Judged on the wall clock alone: a jump of the clock can end the window early, and an hour that occurs twice can be
    in it again. NEVER for a window of the whole day (00:00 to 24:00).
    """
    start = from_minute * MINUTE
    end = to_minute * MINUTE
    if start == 0 and end == DAY:
        return NEVER
    last = zones.first[z + 1] - 1
    row = row_at(zones, z, instant)
    while True:
        local = instant + zones.offset[row]
        time_of_day = local % DAY
        if not _covers(time_of_day, start, end):
            return instant
        closes = instant + (end - time_of_day) % DAY
        if row == last or closes < zones.since[row + 1]:
            return closes
        row += 1
        instant = zones.since[row]


KERNELS = (
    row_at,
    to_local,
    to_instant,
    day_of,
    start_of_day,
    civil_day,
    civil,
    from_civil,
    weekday,
    month_length,
    add_months,
    add,
    is_skipped_day,
    next_weekday,
    next_clock,
    previous_weekday,
    previous_clock,
    on_date,
    next_yearly,
    _covers,
    in_window,
    window_end,
)
"""The functions that are compiled."""
