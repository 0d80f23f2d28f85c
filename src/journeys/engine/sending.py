"""Handing a message off: the channel, quiet hours, frequency caps.

Plain functions in the subset of Python that `translation` compiles.
"""

from __future__ import annotations

from journeys.engine import layout as L
from journeys.engine.calendar import DAY, civil_day, day_of, from_civil, in_window, on_date, weekday, window_end
from journeys.engine.conditions import holds, is_past, later, reachable
from journeys.engine.layout import Machine
from journeys.engine.runs import end_run, stand, tell

GAPLESS = 400 * DAY
"""Quiet hours without a gap for so long leave none at all: 21:00 to 09:00 of one and 09:00 to 21:00 of another."""

DONE, STANDS, OVER = 0, 1, 2
"""What became of a step: the run goes on, the person stands here, the run has ended."""


def own_zone(m: Machine, zone: int) -> int:
    """A declared zone, or the person's own where it is -1."""
    return zone if zone >= 0 else m.here[L.P_ZONE]


def after_quiet(m: Machine, quiet: int, instant: int) -> int:
    """The first instant from the given one on outside some quiet hours (-1: there are none)."""
    if quiet < 0 or instant == L.NEVER:
        return instant
    zone = own_zone(m, m.table[quiet + 2])
    if not in_window(m.zones, zone, instant, m.table[quiet], m.table[quiet + 1]):
        return instant
    return window_end(m.zones, zone, instant, m.table[quiet], m.table[quiet + 1])


def after_all_quiet(m: Machine, journey: int, channel: int, now: int) -> int:
    """The first instant from now on outside the quiet hours of the journey, the project and the channel."""
    instant = now
    before = now - 1
    while instant != before:
        if instant - now > GAPLESS:
            return L.NEVER
        before = instant
        instant = after_quiet(m, m.table[journey + L.J_QUIET], instant)
        instant = after_quiet(m, m.table[L.N_QUIET], instant)
        instant = after_quiet(m, m.table[channel + L.C_QUIET], instant)
    return instant


def period_start(m: Machine, calendar: int, now: int, periods: int) -> int:
    """The start of the calendar day, week or month that holds `now`, moved by some periods."""
    zone = m.here[L.P_ZONE]
    days = day_of(m.zones, zone, now)
    if calendar == L.PER_DAY:
        days += periods
    elif calendar == L.PER_WEEK:
        days += 7 * periods - weekday(days)
    else:
        year, month, _ = civil_day(days)
        count = year * 12 + month - 1 + periods
        days = from_civil(count // 12, count % 12 + 1, 1)
    return on_date(m.zones, zone, days, 0, 0, 0)


def counts_for(m: Machine, sent: int, owner: int, which: int) -> bool:
    """Whether a hand-off counts for a cap of the project, of the journey `which`, or of the channel `which`."""
    if owner == L.BY_JOURNEY:
        return m.table[m.work[sent + 1] + L.J_FAMILY] == m.table[which + L.J_FAMILY]
    return owner == L.BY_PROJECT or m.work[sent + 2] == which


def cap_frees(m: Machine, cap: int, owner: int, which: int, now: int) -> int:
    """`now` if a frequency cap has room, otherwise the instant at which it has again."""
    messages = m.table[cap]
    duration = m.table[cap + 1]
    calendar = m.table[cap + 2]
    zone = m.here[L.P_ZONE]
    start = -L.NEVER
    if calendar != L.ROLLING:
        start = period_start(m, calendar, now, 0)
    counted = 0
    for i in range(m.here[L.P_SENTS] - 1, -1, -1):
        sent = m.rooms[L.W_SENT] + i * L.SENT
        at = m.work[sent]
        if at < start or (calendar == L.ROLLING and is_past(m, zone, at, duration, now)):
            break
        if counts_for(m, sent, owner, which):
            counted += 1
            if counted >= messages:
                if calendar != L.ROLLING:
                    return period_start(m, calendar, now, 1)
                return later(m, zone, at, duration)
    return now if messages > 0 else L.NEVER


def all_caps_free(m: Machine, journey: int, channel: int, now: int) -> tuple[int, int]:
    """When all frequency caps have room (now, or later), and whose cap is the first without (-1: none)."""
    frees = now
    whose = -1
    for owner in range(L.BY_JOURNEY, L.BY_CHANNEL + 1):
        which = journey
        cap = m.table[journey + L.J_CAP]
        caps = m.table[journey + L.J_CAPS]
        mark = owner
        if owner == L.BY_PROJECT:
            cap = m.table[L.N_CAP]
            caps = m.table[L.N_CAPS]
        elif owner == L.BY_CHANNEL:
            which = channel
            cap = m.table[channel + L.C_CAP]
            caps = m.table[channel + L.C_CAPS]
            mark = L.BY_CHANNEL + m.table[channel + L.C_NUMBER]
        for i in range(caps):
            instant = cap_frees(m, cap + i * L.CAP, owner, which, now)
            if instant > now and whose < 0:
                whose = mark
            frees = max(frees, instant)
    return frees, whose


def hold(m: Machine, run: int, node: int, why: int, now: int, until: int) -> None:
    """The message waits; told where the instant is a new one."""
    if m.work[run + L.R_HELD_SINCE] == L.NEVER:
        m.work[run + L.R_HELD_SINCE] = now
    same = m.work[run + L.R_HELD] == why and m.work[run + L.R_WAIT_UNTIL] == until
    m.work[run + L.R_HELD] = why
    stand(m, run, m.work[run + L.R_HELD_SINCE], until)
    if not same:
        tell(m, now, L.HELD, run, node, L.NO_REASON, why, float(until))


def count_hand_off(m: Machine, journey: int, channel: int, now: int) -> None:
    """Remember a hand-off for the frequency caps."""
    place = m.here[L.P_SENTS]
    if place >= m.rooms[L.MAX_SENT]:
        m.here[L.P_OVERFLOW] = L.FULL_SENT
        return
    sent = m.rooms[L.W_SENT] + place * L.SENT
    m.work[sent] = now
    m.work[sent + 1] = journey
    m.work[sent + 2] = channel
    m.here[L.P_SENTS] = place + 1


def at_full_cap(m: Machine, run: int, node: int, order: int, now: int, frees: int, whose: int) -> int:
    """A frequency cap is full until `frees`: wait, leave or skip, as the step says."""
    on_limit = m.table[order + L.SD_ON_LIMIT]
    if on_limit == L.LIMIT_WAIT:
        since = m.work[run + L.R_HELD_SINCE] if m.work[run + L.R_HELD_SINCE] < L.NEVER else now
        wait = m.table[order + L.SD_LIMIT_WAIT]
        patience = later(m, m.here[L.P_ZONE], since, wait) if wait >= 0 else L.NEVER
        if now < patience:
            hold(m, run, node, L.HELD_LIMIT, now, min(frees, patience))
            return STANDS
    tell(m, now, L.BLOCKED, run, node, L.LIMIT, whose, 0.0)
    if on_limit == L.LIMIT_EXIT:
        end_run(m, run, now, node, L.LIMIT)
        return OVER
    return DONE


def send(m: Machine, run: int, node: int, now: int) -> int:
    """Hand a message off, hold it or block it; DONE, STANDS or OVER."""
    if m.work[run + L.R_HOLDOUT] != 0:
        return DONE
    journey = m.work[run + L.R_JOURNEY]
    only_if = m.table[journey + L.J_ONLY_IF]
    if m.work[run + L.R_HELD] != L.NOT_HELD and only_if >= 0 and not holds(m, only_if, now, run):
        tell(m, now, L.BLOCKED, run, node, L.GUARD, 0, 0.0)
        return DONE
    order = m.table[node + L.A]
    transactional = m.table[order + L.SD_TRANSACTIONAL] != 0
    first = m.table[order + L.SD_CHANNEL]
    reason = L.UNREACHABLE
    channel = -1
    for i in range(first, first + m.table[order + L.SD_CHANNELS]):
        reason = reachable(m, m.table[i], transactional)
        if reason == L.NO_REASON:
            channel = m.table[i]
            break
    if channel < 0:
        tell(m, now, L.BLOCKED, run, node, reason, 0, 0.0)
        return DONE
    if not transactional:
        opens = after_all_quiet(m, journey, channel, now)
        if opens > now:
            hold(m, run, node, L.HELD_QUIET, now, opens)
            return STANDS
        frees, whose = all_caps_free(m, journey, channel, now)
        if frees > now:
            return at_full_cap(m, run, node, order, now, frees, whose)
        count_hand_off(m, journey, channel, now)
    tell(m, now, L.HANDED_OFF, run, node, L.NO_REASON, m.table[channel + L.C_NUMBER], 0.0)
    return DONE


KERNELS = (
    own_zone,
    after_quiet,
    after_all_quiet,
    period_start,
    counts_for,
    cap_frees,
    all_caps_free,
    hold,
    count_hand_off,
    at_full_cap,
    send,
)
"""The functions that are compiled."""
