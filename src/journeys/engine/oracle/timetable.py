"""The instants of the calendar: when date and calendar starts come round, and what `wait until` a moment means."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from journeys.engine.oracle.conditions import Scene, value_of
from journeys.engine.oracle.profile import Profile
from journeys.engine.oracle.wall_clock import (
    add,
    add_months,
    at_minute,
    date_of,
    local_date,
    zone_of_names,
)
from journeys.engine.state import NEVER
from journeys.graph.model import CalendarStart, DateStart, WaitMomentNode


def zone_of(profile: Profile, named: str | None) -> ZoneInfo:
    """The zone that is named, or the person's own."""
    return profile.zone() if named is None else zone_of_names(named, profile.zone().key)


def next_start(start: DateStart | CalendarStart, profile: Profile, not_before: int) -> int:
    """The first instant of the start from `not_before` on; NEVER if none comes."""
    zone = zone_of(profile, start.zone)
    today = local_date(zone, not_before)
    if isinstance(start, CalendarStart):
        days = [today + timedelta(days=ahead) for ahead in range(-1, 9)]
        instants = [at_minute(zone, day, start.minute) for day in days if day.weekday() in start.days]
    else:
        value = profile.attributes.get(start.attribute)
        if value is None:
            return NEVER
        named = date_of(int(value))
        # Shifts reach over a new year, so the years around are looked at; 29 February is the 28th in other years.
        reach = 2 + (abs(start.shift_months) + abs(start.shift_days) // 28) // 12
        years = range(today.year - reach, today.year + reach + 1) if start.yearly else [named.year]
        dates = [add_months(named, 12 * (year - named.year)) for year in years]
        shift = timedelta(days=start.shift_days)
        instants = [at_minute(zone, add_months(day, start.shift_months) + shift, start.minute) for day in dates]
    return min((at for at in instants if at >= not_before), default=NEVER)


def awaited_moment(node: WaitMomentNode, scene: Scene) -> int | None:
    """The instant that a wait beginning now waits for, past ones too; None if a field is missing."""
    zone = zone_of(scene.profile, node.zone)
    if node.operand is None and node.date is None:
        return _next_minute(node, zone, scene.now)
    sign = -1 if node.before else 1
    if node.operand is None or node.operand.type == "date":
        days = node.date if node.operand is None else value_of(node.operand, scene)
        if days is None:
            return None
        day = add_months(date_of(int(days)), sign * node.shift.months) + timedelta(days=sign * node.shift.days)
        return at_minute(zone, day, node.minute or 0) + sign * node.shift.micros
    moment = value_of(node.operand, scene)
    if moment is None:
        return None
    shifted = add(zone, int(moment), node.shift, sign)
    return shifted if node.minute is None else at_minute(zone, local_date(zone, shifted), node.minute)


def _next_minute(node: WaitMomentNode, zone: ZoneInfo, now: int) -> int:
    today: date = local_date(zone, now)
    if node.days and node.minute is None:
        if today.weekday() in node.days:
            return now
        following = [today + timedelta(days=ahead) for ahead in range(1, 8)]
        return min(at_minute(zone, day, 0) for day in following if day.weekday() in node.days)
    days = [today + timedelta(days=ahead) for ahead in range(-1, 9)]
    instants = [at_minute(zone, day, node.minute or 0) for day in days if not node.days or day.weekday() in node.days]
    return min(at for at in instants if at >= now)
