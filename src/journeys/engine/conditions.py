"""Conditions at an instant: whether they hold, and when time alone may change that.

Plain functions in the subset of Python that `translation` compiles; `layout` says what the tables hold. `holds` leaves
in `m.work[P_HORIZON]` the first instant after `now` at which its answer may change although nothing happens: it
may be too early, never too late.
"""

from __future__ import annotations

from journeys.engine import layout as L
from journeys.engine.calendar import DAY, add, day_of, on_date
from journeys.engine.layout import Machine


def later(m: Machine, zone: int, instant: int, duration: int) -> int:
    """The instant a duration of the program later."""
    return add(
        m.zones,
        zone,
        instant,
        m.table[duration],
        m.table[duration + 1],
        m.table[duration + 2],
    )


def is_past(m: Machine, zone: int, instant: int, duration: int, now: int) -> bool:
    """Whether instant + duration <= now; asks the calendar only where elapsed time cannot tell."""
    months = m.table[duration]
    days = m.table[duration + 1]
    elapsed = now - instant - m.table[duration + 2]
    # A month has 28 to 31 days; a zone's offset moves a calendar step by a day at the most.
    if elapsed < (months * 28 + days - 1) * DAY:
        return False
    if elapsed > (months * 31 + days + 1) * DAY:
        return True
    return later(m, zone, instant, duration) <= now


def earlier_horizon(m: Machine, instant: int) -> None:
    """Time may change the answer at this instant too."""
    if instant < m.here[L.P_HORIZON]:
        m.here[L.P_HORIZON] = instant


def compared(value: float, operator: int, other: float) -> bool:
    """A comparison; false when either side is missing (NaN), whatever the operator."""
    if value != value or other != other:
        return False
    if operator == L.EQ:
        return value == other
    if operator == L.NE:
        return value != other
    if operator == L.LT:
        return value < other
    if operator == L.LE:
        return value <= other
    if operator == L.GT:
        return value > other
    return value >= other


def among(m: Machine, value: float, first: int, count: int) -> bool:
    """Whether a value is one of a run of constants."""
    for i in range(first, first + count):
        if m.constants[i] == value:
            return True
    return False


def compared_to_ago(m: Machine, value: float, operator: int, duration: int, now: int) -> bool:
    """A moment compared with `DURATION ago`: value OP now - duration, judged as value + duration OP now."""
    if value != value:
        return False
    turn = later(m, m.here[L.P_ZONE], int(value), duration)
    if turn >= now:
        # Equality holds for one microsecond; an order changes at the turn or just after it.
        earlier_horizon(m, turn if turn > now else now + 1)
    return compared(float(turn), operator, float(now))


def compared_to_day_ago(m: Machine, value: float, operator: int, duration: int, now: int) -> bool:
    """A date compared with `DURATION ago`: the date moved on by the months and days, compared with the day it was the
    elapsed part of the duration ago."""
    if value != value:
        return False
    zone = m.here[L.P_ZONE]
    elapsed = m.table[duration + 2]
    then = now - elapsed
    turn = on_date(m.zones, zone, int(value), m.table[duration], m.table[duration + 1], 0)
    turn_day = day_of(m.zones, zone, turn)
    day = day_of(m.zones, zone, then)
    if turn > then:
        earlier_horizon(m, turn + elapsed)
    elif turn_day == day:
        earlier_horizon(m, on_date(m.zones, zone, turn_day + 1, 0, 0, 0) + elapsed)
    return compared(float(turn_day), operator, float(day))


def where_holds(m: Machine, condition: int, record: int, now: int) -> bool:
    """A `where`: a condition on the properties of one event."""
    truths = 0
    values = record * m.table[L.N_VALUES]
    for row in range(m.table[condition + L.FROM], m.table[condition + L.TO], L.CODE):
        op = m.table[row]
        a = m.table[row + 1]
        b = m.table[row + 2]
        c = m.table[row + 3]
        if op == L.AND:
            truths = (truths >> 1) & (truths | -2)
            continue
        if op == L.OR:
            truths = (truths >> 1) | (truths & 1)
            continue
        if op == L.NOT:
            truths ^= 1
            continue
        if op == L.TRUTH:
            answer = a != 0
        else:
            value = m.values[values + a]
            if op == L.PROPERTY:
                answer = compared(value, b, m.constants[c])
            elif op == L.PROPERTY_IN:
                answer = among(m, value, b, c)
            elif op == L.PROPERTY_KNOWN:
                answer = (value == value) == (b != 0)
            elif op == L.PROPERTY_AGO:
                answer = compared_to_ago(m, value, b, c, now)
            else:
                answer = compared_to_day_ago(m, value, b, c, now)
        truths = (truths << 1) | (1 if answer else 0)
    return truths & 1 != 0


def counting_starts(m: Machine, since: int, run: int) -> int:
    """Events count strictly after this instant."""
    if since == L.SINCE_EVER or run < 0:
        return -L.NEVER
    if since == L.SINCE_ENTRY:
        return m.work[run + L.R_ENTERED]
    if since == L.SINCE_WAIT:
        return m.work[run + L.R_WAIT_STARTED]
    return m.work[run + L.R_LOOPS + 3 * (since - L.SINCE_LOOP) + 1]


def occurred(m: Machine, occurrence: int, now: int, run: int) -> bool:
    """Count (or sum) a person's events, newest first, and compare."""
    first = m.table[occurrence + L.O_FIRST]
    last = first + m.table[occurrence + L.O_COUNT] * L.COUNTED
    operator = m.table[occurrence + L.O_OPERATOR]
    amount = m.constants[m.table[occurrence + L.O_AMOUNT]]
    window = m.table[occurrence + L.O_WINDOW]
    where = m.table[occurrence + L.O_WHERE]
    early = m.table[occurrence + L.O_EARLY] != 0
    start = counting_starts(m, m.table[occurrence + L.O_SINCE], run)
    zone = m.here[L.P_ZONE]
    values = m.table[L.N_VALUES]
    total = 0.0
    oldest = -L.NEVER
    reached = early and amount <= 0.0
    i = m.here[L.P_CURSOR] - 1
    while i >= m.here[L.P_FIRST] and not reached:
        at = m.records[i * L.RECORD + L.AT]
        if at <= start or (window >= 0 and is_past(m, zone, at, window, now)):
            break
        code = m.records[i * L.RECORD + L.WHAT]
        for counted in range(first, last, L.COUNTED):
            if m.table[counted] == code and (where < 0 or where_holds(m, where, i, now)):
                measure = m.table[counted + 1]
                more = 1.0 if measure < 0 else m.values[i * values + measure]
                if more == more:
                    total += more
                    oldest = at
        reached = early and total >= amount
        i -= 1
    # Too few stay too few: time only takes away.
    if window >= 0 and oldest > -L.NEVER and (reached or not early):
        earlier_horizon(m, later(m, zone, oldest, window))
    if early:
        return reached == (operator == L.GE)
    return compared(total, operator, amount)


def reachable(m: Machine, channel: int, transactional: bool) -> int:
    """NO_REASON if the channel can reach the person, otherwise why not."""
    suppressed = m.numbers[m.table[channel + L.C_SUPPRESSED]]
    if suppressed == suppressed and suppressed != 0.0:
        return L.SUPPRESSED
    if not transactional:
        consent = m.numbers[m.table[channel + L.C_CONSENT]]
        given = consent == consent and consent != 0.0
        refused = consent == consent and consent == 0.0
        if refused or (m.table[channel + L.C_OPT_IN] != 0 and not given):
            return L.CONSENT
    address = m.table[channel + L.C_ADDRESS]
    if address >= 0 and m.numbers[address] != m.numbers[address]:
        return L.UNREACHABLE
    return L.NO_REASON


def holds(m: Machine, condition: int, now: int, run: int) -> bool:
    """Whether a condition of the program holds for the person at work; `run` is -1 outside a run."""
    m.here[L.P_HORIZON] = L.NEVER
    truths = 0  # of the terms not yet joined, the latest in the last bit
    for row in range(m.table[condition + L.FROM], m.table[condition + L.TO], L.CODE):
        op = m.table[row]
        a = m.table[row + 1]
        b = m.table[row + 2]
        c = m.table[row + 3]
        if op == L.AND:
            truths = (truths >> 1) & (truths | -2)
            continue
        if op == L.OR:
            truths = (truths >> 1) | (truths & 1)
            continue
        if op == L.NOT:
            truths ^= 1
            continue
        answer = False
        if op == L.TRUTH:
            answer = a != 0
        elif op == L.ATTRIBUTE:
            answer = compared(m.numbers[a], b, m.constants[c])
        elif op == L.ATTRIBUTE_IN:
            answer = among(m, m.numbers[a], b, c)
        elif op == L.ATTRIBUTE_KNOWN:
            answer = (m.numbers[a] == m.numbers[a]) == (b != 0)
        elif op == L.ATTRIBUTE_AGO:
            answer = compared_to_ago(m, m.numbers[a], b, c, now)
        elif op == L.ATTRIBUTE_DAY_AGO:
            answer = compared_to_day_ago(m, m.numbers[a], b, c, now)
        elif op == L.SILENT:
            last_seen = m.here[L.P_LAST_SEEN]
            if last_seen > -L.NEVER:
                turn = later(m, m.here[L.P_ZONE], last_seen, a)
                answer = turn <= now
                if not answer:
                    earlier_horizon(m, turn)
        elif op == L.OCCURRED:
            answer = occurred(m, a, now, run)
        elif op == L.TAGGED:
            until = m.numbers[a]
            if until == until and until > now:
                answer = True
                if until < L.NEVER:
                    earlier_horizon(m, int(until))
        elif op == L.REACHABLE:
            answer = reachable(m, a, False) == L.NO_REASON
        elif op == L.TIMED_OUT:
            answer = m.work[run + L.R_TIMED_OUT] != 0
        elif op == L.GOAL_REACHED:
            answer = m.work[run + L.R_GOAL_AT] < L.NEVER
        elif op == L.LAST_SEEN or op == L.LAST_SEEN_KNOWN or op == L.LAST_SEEN_AGO:
            last_seen = m.here[L.P_LAST_SEEN]
            known = last_seen > -L.NEVER
            if op == L.LAST_SEEN_KNOWN:
                answer = known == (b != 0)
            elif known and op == L.LAST_SEEN:
                answer = compared(float(last_seen), b, m.constants[c])
            elif known:
                answer = compared_to_ago(m, float(last_seen), b, c, now)
        else:
            value = m.numbers[m.work[run + L.R_VARIABLES] + a]
            if op == L.VARIABLE:
                answer = compared(value, b, m.constants[c])
            elif op == L.VARIABLE_IN:
                answer = among(m, value, b, c)
            elif op == L.VARIABLE_KNOWN:
                answer = (value == value) == (b != 0)
            elif op == L.VARIABLE_AGO:
                answer = compared_to_ago(m, value, b, c, now)
            else:
                answer = compared_to_day_ago(m, value, b, c, now)
        truths = (truths << 1) | (1 if answer else 0)
    return truths & 1 != 0


KERNELS = (
    later,
    is_past,
    earlier_horizon,
    compared,
    among,
    compared_to_ago,
    compared_to_day_ago,
    where_holds,
    counting_starts,
    occurred,
    reachable,
    holds,
)
"""The functions that are compiled."""
