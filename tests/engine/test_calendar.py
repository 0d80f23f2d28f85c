"""Calendar arithmetic against an independent reading of the same zones with `datetime` and `zoneinfo`."""

from __future__ import annotations

import calendar as months_of_python
import random
import types
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.engine import calendar
from journeys.engine.calendar import DAY, EVERY_DAY, HOUR, MINUTE, NEVER, SECOND, is_zone, zone_table

NAMES = (
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Shanghai",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Tehran",
    "Pacific/Auckland",
    "Antarctica/Troll",
    "America/St_Johns",
    "America/Scoresbysund",
    "Asia/Gaza",
    "Africa/Monrovia",
    "Europe/Dublin",
    "UTC",
)
ARRAYS = zone_table(NAMES)
ZONES = ARRAYS.as_lists()
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WALL_EPOCH = EPOCH.replace(tzinfo=None)
EPOCH_DATE = EPOCH.date()


# --- the reference: wall clocks as naive datetimes, instants as aware ones --------------------------------------------


@cache
def zone(z: int) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *NAMES[z].split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=NAMES[z])


def instant_of(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def wall(z: int, instant: int) -> datetime:
    return (EPOCH + instant * MICROSECOND).astimezone(zone(z)).replace(tzinfo=None)


def local_of(clock: datetime) -> int:
    return (clock - WALL_EPOCH) // MICROSECOND


def clock_at(day: date, minute: int) -> datetime:
    return WALL_EPOCH + (day - EPOCH_DATE) + timedelta(minutes=minute)


def exists(z: int, clock: datetime) -> bool:
    return wall(z, instant_of(clock.replace(tzinfo=zone(z)))) == clock


def resolve(z: int, clock: datetime) -> int:
    """The first instant of a wall time; where round trip shows a gap, its end, found by bisection."""
    reading = instant_of(clock.replace(tzinfo=zone(z), fold=0))
    if wall(z, reading) == clock:
        return reading
    low, high = instant_of(clock.replace(tzinfo=zone(z), fold=1)), reading
    assert wall(z, low) < clock < wall(z, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if wall(z, middle) < clock else (low, middle)
    return high


def later_date(day: date, months: int, days: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = months_of_python.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=days)


def later(z: int, instant: int, months: int, days: int, micros: int) -> int:
    if months == days == 0:
        return instant + micros
    clock = wall(z, instant)
    return resolve(z, datetime.combine(later_date(clock.date(), months, days), clock.time())) + micros


def is_real_day(z: int, day: date) -> bool:
    return any(exists(z, clock_at(day, minute)) for minute in range(0, 1440, 20))


def occurrences(z: int, instant: int, mask: int, minute: int) -> list[int]:
    """The instants of this minute on the marked days of the three weeks about an instant."""
    today = wall(z, instant).date()
    days = [today + timedelta(days=n) for n in range(-15, 16)]
    marked = [day for day in days if mask >> day.weekday() & 1]
    return [resolve(z, c) for d in marked if exists(z, c := clock_at(d, minute)) or is_real_day(z, d)]


def yearly(z: int, instant: int, month: int, day: int, minute: int, shift_months: int, shift_days: int) -> int:
    this_year = wall(z, instant).year
    found = []
    for year in range(this_year - 4, this_year + 5):
        birthday = date(year, month, min(day, months_of_python.monthrange(year, month)[1]))
        found.append(resolve(z, clock_at(later_date(birthday, shift_months, shift_days), minute)))
    return min(t for t in found if t >= instant)


def inside(z: int, instant: int, start: int, end: int) -> bool:
    minute = wall(z, instant).hour * 60 + wall(z, instant).minute
    return minute in range(start, end) if start <= end else minute not in range(end, start)


often = settings(max_examples=150, deadline=None)  # a slow machine is no failure

# --- where to look ----------------------------------------------------------------------------------------------------

FIRST = instant_of(datetime(1973, 1, 1, tzinfo=UTC))
YEARS = (2011, *range(2024, 2031))
LAST = instant_of(datetime(2094, 12, 31, tzinfo=UTC))
zone_numbers = st.integers(0, len(NAMES) - 1)
minutes = st.one_of(st.integers(0, 1439), st.sampled_from([0, 1, 30, 60, 90, 120, 150, 180, 540, 1380, 1410, 1439]))
steps = st.sampled_from(
    [0, 1, -1, SECOND, -SECOND, 15 * MINUTE, 30 * MINUTE, HOUR, -HOUR, 2 * HOUR, DAY, -DAY, 30 * DAY]
)


@cache
def changes(z: int) -> list[int]:
    """The changes of the clock that the table lists; a test below holds them to zoneinfo."""
    listed = [ZONES.since[row] for row in range(ZONES.first[z], ZONES.first[z + 1])]
    return [instant for instant in listed if FIRST < instant < LAST]


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    """A zone and an instant in it, half of them about a change of its clock."""
    z = draw(zone_numbers)
    if draw(st.booleans()) and changes(z):
        return z, draw(st.sampled_from(changes(z))) + draw(steps) + draw(steps)
    return z, draw(st.integers(FIRST, LAST))


@cache
def edges(z: int) -> tuple[int, ...]:
    """Every change of the clock from 2024 to 2030, and those of 2011, by scanning and bisection."""
    found = []
    for first, last in ((2011, 2012), (2024, 2031)):
        low = instant_of(datetime(first, 1, 1, tzinfo=UTC))
        end = instant_of(datetime(last, 1, 1, tzinfo=UTC))
        before = local_of(wall(z, low)) - low
        while low < end:
            high = low + 4 * HOUR
            after = local_of(wall(z, high)) - high
            if after != before:
                below, above = low, high
                while above - below > 1:
                    middle = (below + above) // 2
                    same = local_of(wall(z, middle)) - middle == before
                    below, above = (middle, above) if same else (below, middle)
                found.append(above)
                before = after
            low = high
    return tuple(found)


def utc(text: str) -> int:
    return instant_of(datetime.fromisoformat(text).replace(tzinfo=UTC))


def number(name: str) -> int:
    return NAMES.index(name)


# --- names and tables -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Asia/Shanghai", "UTC", "Etc/GMT+8", "America/Argentina/Ushuaia", "US/Eastern"])
def test_iana_names_are_zones(name: str) -> None:
    assert is_zone(name)
    assert len(zone_table([name]).first) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    ["UTC+8", "GMT+08:00", "", ".", "..", "../UTC", "Europe", "/etc/localtime", "europe/berlin", "Factory", "UTC\0"],
)
def test_other_names_are_not(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(ValueError, match="not an IANA zone"):
        zone_table([name])


@pytest.mark.parametrize("z", range(len(NAMES)), ids=NAMES)
def test_the_table_agrees_with_zoneinfo_at_every_change_and_in_between(z: int) -> None:
    for row in range(ZONES.first[z] + 1, ZONES.first[z + 1]):
        assert local_of(wall(z, ZONES.since[row])) - ZONES.since[row] == ZONES.offset[row]
        before = ZONES.since[row] - 1
        assert local_of(wall(z, before)) - before == ZONES.offset[row - 1] != ZONES.offset[row]
    for instant in range(0, utc("2100-01-01"), 3 * DAY):
        assert calendar.to_local(ZONES, z, instant) == local_of(wall(z, instant))


def test_zones_of_one_table_do_not_touch() -> None:
    alone = [zone_table([name]).as_lists() for name in NAMES]
    for instant in (-(10**17), -1, 0, utc("2026-07-01"), utc("2099-12-31"), 10**17):
        for z in range(len(NAMES)):
            assert calendar.to_local(ZONES, z, instant) == calendar.to_local(alone[z], 0, instant)


def test_outside_the_table_the_nearest_offset_holds() -> None:
    z = number("Europe/Berlin")
    assert calendar.to_local(ZONES, z, utc("1900-07-01")) == utc("1900-07-01T01:00")
    assert calendar.to_instant(ZONES, z, utc("2300-07-01T01:00")) == utc("2300-07-01")


# --- wall clock and instant -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown", "instant"),
    [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),  # gap: 03:00 there
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),  # twice: the first
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),  # gap of half an hour
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("Asia/Kathmandu", "1986-01-01T00:05", "1985-12-31T18:30"),  # +05:30 became +05:45
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00"),  # the day that was left out
        ("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00"),  # midnight does not exist
        ("Africa/Monrovia", "1971-06-01T00:00", "1971-06-01T00:44:30"),
    ],
)
def test_wall_times_that_do_not_exist_or_occur_twice(name: str, shown: str, instant: str) -> None:
    assert calendar.to_instant(ZONES, number(name), utc(shown)) == utc(instant)


@often
@given(places())
def test_to_local_is_what_the_clock_shows(place: tuple[int, int]) -> None:
    z, instant = place
    shown = wall(z, instant)
    local = calendar.to_local(ZONES, z, instant)
    assert local == local_of(shown)
    assert calendar.day_of(ZONES, z, instant) == (shown.date() - EPOCH_DATE).days
    assert calendar.start_of_day(ZONES, z, instant) == resolve(z, clock_at(shown.date(), 0))


@often
@given(places(), steps)
def test_to_instant_takes_the_first_valid_instant(place: tuple[int, int], step: int) -> None:
    z, instant = place
    clock = wall(z, instant) + step * MICROSECOND
    assert calendar.to_instant(ZONES, z, local_of(clock)) == resolve(z, clock)


# --- the calendar -----------------------------------------------------------------------------------------------------


def test_every_day_from_1900_to_2200() -> None:
    for days in range((date(1900, 1, 1) - EPOCH_DATE).days, (date(2200, 1, 1) - EPOCH_DATE).days):
        day = EPOCH_DATE + timedelta(days=days)
        assert calendar.civil(days * DAY + DAY - 1) == calendar.civil_day(days) == (day.year, day.month, day.day)
        assert calendar.from_civil(day.year, day.month, day.day) == days
        assert calendar.weekday(days) == day.weekday()


@often
@given(st.integers(-200_000_000, 90_000_000))
def test_civil_and_back_far_away(days: int) -> None:
    year, month, day = calendar.civil_day(days)
    assert calendar.from_civil(year, month, day) == days
    assert 1 <= month <= 12
    assert 1 <= day <= calendar.month_length(year, month)


@often
@given(st.dates(date(1902, 1, 1), date(2190, 1, 1)), st.integers(-400, 400))
def test_months_keep_the_day_or_take_the_last(day: date, months: int) -> None:
    found = calendar.add_months((day - EPOCH_DATE).days, months)
    assert EPOCH_DATE + timedelta(days=found) == later_date(day, months, 0)


def test_month_lengths() -> None:
    for year in (1900, 1970, 2000, 2023, 2024, 2100):
        lengths = [calendar.month_length(year, month) for month in range(1, 13)]
        assert lengths == [months_of_python.monthrange(year, month)[1] for month in range(1, 13)]


@pytest.mark.parametrize(
    ("start", "months", "days", "micros", "end"),
    [
        ("2026-01-31T12:00", 1, 0, 0, "2026-02-28T12:00"),
        ("2024-01-31T12:00", 1, 0, 0, "2024-02-29T12:00"),
        ("2024-02-29T12:00", 12, 0, 0, "2025-02-28T12:00"),
        ("2026-03-31T12:00", -1, 0, 0, "2026-02-28T13:00"),  # 14:00 of summer time is kept on the clock
        ("2026-03-28T12:00", 0, 1, 0, "2026-03-29T11:00"),  # one day is 23 hours
        ("2026-03-28T12:00", 0, 0, 24 * HOUR, "2026-03-29T12:00"),  # 24 hours are 24 hours
        ("2026-03-28T01:30", 0, 1, 0, "2026-03-29T01:00"),  # 02:30 does not exist
        ("2026-10-24T00:30", 0, 1, 0, "2026-10-25T00:30"),  # 02:30 occurs twice: the first
        ("2026-10-25T01:30", 0, 0, 0, "2026-10-25T01:30"),  # nothing added to the second stays there
        ("2026-10-25T01:30", 0, 1, HOUR, "2026-10-26T02:30"),
        ("2026-01-30T12:00", 1, 1, 0, "2026-03-01T12:00"),  # months first, then days
    ],
)
def test_adding_in_berlin(start: str, months: int, days: int, micros: int, end: str) -> None:
    assert calendar.add(ZONES, number("Europe/Berlin"), utc(start), months, days, micros) == utc(end)


@often
@given(places(), st.integers(-30, 30), st.integers(-800, 800), st.integers(-5 * DAY, 5 * DAY))
def test_add_keeps_the_wall_clock(place: tuple[int, int], months: int, days: int, micros: int) -> None:
    z, instant = place
    for step in ((months, days, micros), (months, 0, 0), (0, days, 0), (0, 1, 0), (0, -1, 0), (0, 0, micros)):
        expected = later(z, instant, *step)
        if expected > DAY:  # the table begins in 1970
            assert calendar.add(ZONES, z, instant, *step) == expected


# --- times of day, weekdays, dates ------------------------------------------------------------------------------------


@often
@given(places(), minutes)
def test_clock_times_come_once_a_day(place: tuple[int, int], minute: int) -> None:
    z, instant = place
    found = occurrences(z, instant, EVERY_DAY, minute)
    assert calendar.next_clock(ZONES, z, instant, minute) == min(t for t in found if t >= instant)
    assert calendar.previous_clock(ZONES, z, instant, minute) == max(t for t in found if t <= instant)


@often
@given(places(), st.integers(1, EVERY_DAY), minutes)
def test_weekdays(place: tuple[int, int], mask: int, minute: int) -> None:
    z, instant = place
    found = occurrences(z, instant, mask, minute)
    assert calendar.next_weekday(ZONES, z, instant, mask, minute) == min(t for t in found if t >= instant)
    assert calendar.previous_weekday(ZONES, z, instant, mask, minute) == max(t for t in found if t <= instant)


def test_monday_is_monday_in_tokyo() -> None:
    tokyo = zone_table(["Asia/Tokyo"]).as_lists()
    assert calendar.next_weekday(tokyo, 0, utc("2026-11-08T16:00"), 1, 8 * 60) == utc("2026-11-08T23:00")


def test_without_a_weekday_there_is_no_next() -> None:
    assert calendar.next_weekday(ZONES, 0, 0, 0, 540) == NEVER
    assert calendar.previous_weekday(ZONES, 0, 0, 0, 540) == -NEVER


def test_the_hour_that_occurs_twice_fires_once() -> None:
    z = number("Europe/Berlin")
    first = calendar.next_clock(ZONES, z, utc("2026-10-24T23:00"), 150)
    assert first == utc("2026-10-25T00:30")
    assert calendar.next_clock(ZONES, z, first + 1, 150) == utc("2026-10-26T01:30")


def test_the_day_samoa_left_out() -> None:
    z = number("Pacific/Apia")
    thursday = utc("2011-12-29T20:00")  # 10:00 there
    midnight = utc("2011-12-30T10:00")  # the 31st begins
    saturday = utc("2011-12-30T19:00")
    assert calendar.is_skipped_day(ZONES, z, (date(2011, 12, 30) - EPOCH_DATE).days)
    assert calendar.next_clock(ZONES, z, thursday, 540) == saturday
    assert calendar.previous_clock(ZONES, z, saturday - 1, 540) == thursday - HOUR
    assert calendar.next_weekday(ZONES, z, thursday, 1 << 4, 540) == saturday + 6 * DAY  # no Friday that week
    assert calendar.add(ZONES, z, thursday, 0, 1, 0) == midnight
    assert calendar.next_yearly(ZONES, z, thursday, 12, 30, 540, 0, 0) == midnight  # nobody loses a birthday
    assert calendar.start_of_day(ZONES, z, saturday) == midnight


def test_a_yearly_date_that_was_skipped_counts_in_the_new_year() -> None:
    line_islands = zone_table(["Pacific/Kiritimati"]).as_lists()  # left out 31 December 1994
    new_year = utc("1994-12-31T10:00")
    for now in (new_year - DAY, new_year):
        assert calendar.next_yearly(line_islands, 0, now, 12, 31, 540, 0, 0) == new_year
    assert calendar.next_yearly(line_islands, 0, new_year + 1, 12, 31, 540, 0, 0) == utc("1995-12-30T19:00")


def test_a_minute_skipped_at_the_end_of_the_day_counts_at_midnight() -> None:
    z = number("America/Scoresbysund")  # 23:00 on Saturday 28 March 2026 becomes 00:00 on Sunday
    midnight = utc("2026-03-29T01:00")
    assert calendar.next_weekday(ZONES, z, midnight - HOUR, 1 << 5, 23 * 60 + 30) == midnight
    assert calendar.next_weekday(ZONES, z, midnight, 1 << 5, 23 * 60 + 30) == midnight
    assert calendar.previous_weekday(ZONES, z, midnight, 1 << 5, 23 * 60 + 30) == midnight


@often
@given(
    places(),
    st.integers(1, 12),
    st.integers(1, 31),
    minutes,
    st.one_of(st.just(0), st.integers(-15, 15)),
    st.one_of(st.just(0), st.integers(-400, 400)),
)
def test_yearly_dates(
    place: tuple[int, int], month: int, day: int, minute: int, shift_months: int, shift_days: int
) -> None:
    z, instant = place
    expected = yearly(z, instant, month, day, minute, shift_months, shift_days)
    date_and_shift = (month, day, minute, shift_months, shift_days)
    assert calendar.next_yearly(ZONES, z, instant, *date_and_shift) == expected
    assert calendar.next_yearly(ZONES, z, expected, *date_and_shift) == expected
    assert calendar.next_yearly(ZONES, z, expected + 1, *date_and_shift) > expected


@pytest.mark.parametrize(
    ("now", "month", "day", "shift_months", "shift_days", "expected"),
    [
        ("2026-01-01", 2, 29, 0, 0, "2026-02-28T09:00"),
        ("2028-01-01", 2, 29, 0, 0, "2028-02-29T09:00"),
        ("2028-02-28T10:00", 2, 29, 0, 0, "2028-02-29T09:00"),
        ("2026-11-01", 1, 3, 0, -7, "2026-12-27T09:00"),
        ("2026-12-28", 1, 3, 0, -7, "2027-12-27T09:00"),
        ("2026-01-01", 3, 31, -1, 0, "2026-02-28T09:00"),
        ("2026-01-05", 12, 30, 0, 7, "2026-01-06T09:00"),  # last year's date, shifted into this one
    ],
)
def test_birthdays(now: str, month: int, day: int, shift_months: int, shift_days: int, expected: str) -> None:
    found = calendar.next_yearly(ZONES, number("UTC"), utc(now), month, day, 540, shift_months, shift_days)
    assert found == utc(expected)


@often
@given(zone_numbers, st.dates(date(1975, 1, 1), date(2095, 1, 1)), st.integers(-20, 20), st.integers(-60, 60), minutes)
def test_on_date(z: int, day: date, shift_months: int, shift_days: int, minute: int) -> None:
    expected = resolve(z, clock_at(later_date(day, shift_months, shift_days), minute))
    found = calendar.on_date(ZONES, z, (day - EPOCH_DATE).days, shift_months, shift_days, minute)
    assert found == expected


# --- quiet hours ------------------------------------------------------------------------------------------------------


def check_window(z: int, instant: int, start: int, end: int) -> None:
    """The end is outside, everything from the instant up to it is inside."""
    assert calendar.in_window(ZONES, z, instant, start, end) == inside(z, instant, start, end)
    ends = calendar.window_end(ZONES, z, instant, start, end)
    assert not inside(z, ends, start, end)
    assert (ends == instant) == (not inside(z, instant, start, end))
    if ends > instant:
        assert ends - instant <= 50 * HOUR
        between = [*range(instant, ends, 10 * MINUTE), ends - 1]
        assert all(inside(z, moment, start, end) for moment in between)


@often
@given(places(), minutes, minutes)
def test_quiet_hours(place: tuple[int, int], start: int, end: int) -> None:
    check_window(*place, start, end)


@pytest.mark.parametrize(
    ("now", "start", "end", "expected"),
    [
        ("2026-11-11T20:00", 1260, 540, "2026-11-12T08:00"),  # 21:00 there, the first minute
        ("2026-11-11T19:59", 1260, 540, "2026-11-11T19:59"),
        ("2026-11-12T08:00", 1260, 540, "2026-11-12T08:00"),  # 09:00 is outside
        ("2026-03-28T21:00", 1260, 150, "2026-03-29T01:00"),  # 02:30 is skipped: the jump to 03:00 ends it
        ("2026-10-24T21:00", 1260, 150, "2026-10-25T00:30"),
        ("2026-10-25T01:00", 1260, 150, "2026-10-25T01:30"),  # 02:00 shown again is quiet again
        ("2026-10-25T00:40", 1260, 170, "2026-10-25T00:50"),
        ("2026-10-25T00:40", 1260, 180, "2026-10-25T02:00"),  # 03:00 is first shown after the second 02:59
        ("2026-10-25T00:50", 160, 180, "2026-10-25T01:00"),  # the clock goes back to 02:00, before the window
        ("2026-11-11T20:00", 1260, 1440, "2026-11-11T23:00"),
        ("2026-11-11T20:00", 540, 540, "2026-11-11T20:00"),  # from a time to itself is never
    ],
)
def test_windows_in_berlin(now: str, start: int, end: int, expected: str) -> None:
    assert calendar.window_end(ZONES, number("Europe/Berlin"), utc(now), start, end) == utc(expected)


def test_a_window_of_the_whole_day_has_no_end() -> None:
    assert calendar.in_window(ZONES, 0, 0, 0, 1440)
    assert calendar.window_end(ZONES, 0, 0, 0, 1440) == NEVER


# --- every DST edge ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("z", range(len(NAMES)), ids=NAMES)
def test_every_edge_of_2011_and_2024_to_2030(z: int) -> None:
    rows = range(ZONES.first[z], ZONES.first[z + 1])
    assert edges(z) == tuple(t for t in (ZONES.since[r] for r in rows) if wall(number("UTC"), max(t, 0)).year in YEARS)
    for edge in edges(z):
        for delta in (-DAY, -HOUR, -1, 0, 1, 15 * MINUTE, HOUR, DAY):
            instant = edge + delta
            clock = wall(z, instant)
            assert calendar.to_local(ZONES, z, instant) == local_of(clock)
            for shown in (clock, clock - timedelta(minutes=20), clock + timedelta(minutes=20)):
                assert calendar.to_instant(ZONES, z, local_of(shown)) == resolve(z, shown)
            for step in ((0, 1, 0), (0, -1, 0), (1, 0, HOUR), (-1, 0, 0), (12, 7, -HOUR)):
                assert calendar.add(ZONES, z, instant, *step) == later(z, instant, *step)
            minute = clock.hour * 60 + clock.minute
            for asked in (minute, (minute + 10) % 1440, (minute - 30) % 1440):
                found = occurrences(z, instant, EVERY_DAY, asked)
                assert calendar.next_clock(ZONES, z, instant, asked) == min(t for t in found if t >= instant)
                assert calendar.previous_clock(ZONES, z, instant, asked) == max(t for t in found if t <= instant)
            check_window(z, instant, 1260, 540)
            check_window(z, instant, (minute - 30) % 1440, (minute + 30) % 1440)


# --- compiled ---------------------------------------------------------------------------------------------------------


def compiled_kernels() -> dict[str, Callable[..., Any]]:
    import numba

    namespace: dict[str, Any] = dict(vars(calendar))
    for kernel in calendar.KERNELS:
        namespace[kernel.__name__] = numba.njit(types.FunctionType(kernel.__code__, namespace, kernel.__name__))
    return {kernel.__name__: namespace[kernel.__name__] for kernel in calendar.KERNELS}


def test_compiled_kernels_give_the_same_answers_as_cpython() -> None:
    compiled = compiled_kernels()
    draw = random.Random(20240229)
    called = set()

    def same(name: str, *arguments: int, table: bool = True) -> None:
        called.add(name)
        plain: Any = getattr(calendar, name)
        expected = plain(ZONES, *arguments) if table else plain(*arguments)
        found = compiled[name](ARRAYS, *arguments) if table else compiled[name](*arguments)
        assert found == expected, (name, arguments)

    for _ in range(2_000):
        z = draw.randrange(len(NAMES))
        change = ZONES.since[draw.randrange(ZONES.first[z], ZONES.first[z + 1])]
        instant = draw.choice([draw.randrange(-LAST, 2 * LAST), max(change, 0) + draw.randrange(-2 * DAY, 2 * DAY)])
        months, days, micros = draw.choice([0, draw.randint(-90, 90)]), draw.randint(-900, 900), draw.randint(-DAY, DAY)
        minute, end, mask = draw.randrange(1440), draw.randint(0, 1440), draw.randrange(128)
        month, day = draw.randint(1, 12), draw.randint(1, 31)
        for name in ("row_at", "to_local", "to_instant", "day_of", "start_of_day"):
            same(name, z, instant)
        same("add", z, instant, months, days, micros)
        same("add", z, instant, 0, 0, micros)
        same("is_skipped_day", z, instant // DAY)
        for name in ("next_clock", "previous_clock"):
            same(name, z, instant, minute)
        for name in ("next_weekday", "previous_weekday"):
            same(name, z, instant, mask, minute)
        same("on_date", z, instant // DAY, months, days, minute)
        same("next_yearly", z, instant, month, day, minute, months, days)
        same("in_window", z, instant, minute, end)
        same("window_end", z, instant, minute, end)
        same("_covers", instant % DAY, minute * MINUTE, end * MINUTE, table=False)
        same("civil", instant, table=False)
        same("civil_day", days * 1_000, table=False)
        same("weekday", days, table=False)
        same("add_months", days, months, table=False)
        same("from_civil", 1970 + days, month, day, table=False)
        same("month_length", 1970 + days, month, table=False)
    assert called == set(compiled)
