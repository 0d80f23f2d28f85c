"""Steps: what a run does from one stand to the next.

Plain functions in the subset of Python that `translation` compiles.
"""

from __future__ import annotations

import math

from journeys.engine import layout as L
from journeys.engine.calendar import DAY, add, day_of, next_clock, next_weekday, on_date, weekday
from journeys.engine.conditions import holds, later
from journeys.engine.draw import draw
from journeys.engine.layout import Machine
from journeys.engine.runs import MISSING, end_run, schedule, stand, stand_no_more, tell
from journeys.engine.sending import DONE, OVER, STANDS, own_zone, send


def value_of(m: Machine, run: int, kind: int, place: int) -> float:
    """A constant, an attribute or a property of the starting event; NaN where it is missing."""
    if kind == L.VALUE_CONSTANT:
        return m.constants[place]
    if kind == L.VALUE_ATTRIBUTE:
        return m.numbers[place]
    if kind == L.VALUE_VARIABLE:
        return m.numbers[m.work[run + L.R_VARIABLES] + place]
    return float(m.here[L.P_LAST_SEEN]) if m.here[L.P_LAST_SEEN] > -L.NEVER else MISSING


def moment_of(m: Machine, run: int, node: int, start: int) -> int:
    """The instant that a WAIT_MOMENT begun at `start` waits for; -NEVER where its field is missing."""
    row = m.table[node + L.A]
    kind = m.table[row + L.M_KIND]
    minute = m.table[row + L.M_MINUTE]
    zone = own_zone(m, m.table[row + L.M_ZONE])
    if kind == L.MOMENT_CLOCK:
        return next_clock(m.zones, zone, start, minute)
    if kind == L.MOMENT_WEEKDAY:
        mask = m.table[row + L.M_MASK]
        if minute >= 0:
            return next_weekday(m.zones, zone, start, mask, minute)
        if (mask >> weekday(day_of(m.zones, zone, start))) & 1:
            return start
        return next_weekday(m.zones, zone, start, mask, 0)
    if kind == L.MOMENT_DATE:
        return on_date(m.zones, zone, m.table[row + L.M_DATE], 0, 0, max(minute, 0))
    value = value_of(m, run, m.table[row + L.M_FROM], m.table[row + L.M_SLOT])
    if value != value:
        return -L.NEVER
    months = m.table[row + L.M_MONTHS]
    days = m.table[row + L.M_DAYS]
    micros = m.table[row + L.M_MICROS]
    if kind == L.MOMENT_DAY_FIELD:
        return on_date(m.zones, zone, int(value), months, days, max(minute, 0)) + micros
    instant = add(m.zones, zone, int(value), months, days, micros)
    if minute >= 0:
        return on_date(m.zones, zone, day_of(m.zones, zone, instant), 0, 0, minute)
    return instant


def wait_moment(m: Machine, run: int, node: int, now: int) -> int:
    """Come to a wait for a moment."""
    instant = moment_of(m, run, node, now)
    if instant > now:
        stand(m, run, now, instant)
        tell(m, now, L.WAITING, run, node, L.NO_REASON, 0, float(instant))
        return STANDS
    if now - instant >= DAY and m.table[m.table[node + L.A] + L.M_ON_PAST] == L.PAST_EXIT:
        end_run(m, run, now, node, L.ON_PAST)
        return OVER
    return DONE


def wait(m: Machine, run: int, node: int, now: int) -> int:
    """Come to a wait for a while."""
    until = later(m, m.here[L.P_ZONE], now, m.table[node + L.A])
    if until <= now:
        return DONE
    stand(m, run, now, until)
    tell(m, now, L.WAITING, run, node, L.NO_REASON, 0, float(until))
    return STANDS


def wait_until(m: Machine, run: int, node: int, now: int) -> int:
    """Come to a wait for a condition."""
    stand(m, run, now, L.NEVER)
    if holds(m, m.table[node + L.A], now, run):
        m.work[run + L.R_TIMED_OUT] = 0
        stand_no_more(m, run)
        return DONE
    m.work[run + L.R_WAIT_DUE] = m.here[L.P_HORIZON]
    up_to = m.table[node + L.B]
    until = later(m, m.here[L.P_ZONE], now, up_to) if up_to >= 0 else L.NEVER
    m.work[run + L.R_WAIT_UNTIL] = until
    tell(m, now, L.WAITING, run, node, L.NO_REASON, 0, float(until))
    return STANDS


def loop_of(m: Machine, run: int, node: int) -> int:
    """Where the rounds of a repeat are counted."""
    return run + L.R_LOOPS + 3 * m.table[node + L.D]


def round_ends(m: Machine, run: int, node: int, now: int) -> int:
    """The instant at which the next round of a repeat may begin."""
    return max(now, later(m, m.here[L.P_ZONE], m.work[loop_of(m, run, node) + 2], m.table[node + L.B]))


def next_round(m: Machine, run: int, node: int, now: int) -> bool:
    """Begin the next round of a repeat; false where there is none left (the repeat is then as if never begun)."""
    loop = loop_of(m, run, node)
    if m.work[loop] >= m.table[node + L.A]:
        m.work[loop] = 0
        return False
    m.work[loop] += 1
    m.work[loop + 2] = now
    m.work[run + L.R_ROUNDS] += 1
    return True


def repeat(m: Machine, run: int, node: int, now: int) -> tuple[int, int]:
    """Come to a repeat, from above or after a round: what became of it, and the node to go on at."""
    body = m.table[node + L.NEXT]
    done = m.table[node + L.ALT]
    until = m.table[node + L.C]
    loop = loop_of(m, run, node)
    fresh = m.work[loop] == 0
    if fresh:
        m.work[loop + 1] = now
    condition_due = L.NEVER
    if until >= 0:
        if holds(m, until, now, run):
            m.work[loop] = 0
            return DONE, done
        condition_due = m.here[L.P_HORIZON]
    if fresh:
        return DONE, body if next_round(m, run, node, now) else done
    if until < 0 and m.work[loop] >= m.table[node + L.A]:
        m.work[loop] = 0
        return DONE, done
    ends = round_ends(m, run, node, now)
    if ends > now:
        stand(m, run, now, ends)
        m.work[run + L.R_WAIT_DUE] = condition_due
        tell(m, now, L.WAITING, run, node, L.NO_REASON, 0, float(ends))
        return STANDS, node
    return DONE, body if next_round(m, run, node, now) else done


def dealt_arm(m: Machine, node: int) -> int:
    """The node of the arm that this person is dealt, by weighted rendezvous hashing (Efraimidis and Spirakis keys)."""
    first = m.table[node + L.A]
    best = first
    smallest = math.inf
    for arm in range(first, first + m.table[node + L.B] * L.ARM, L.ARM):
        weight = m.constants[m.table[arm + L.A_WEIGHT]]
        if weight > 0.0:
            chance = -math.log(draw(m.people[m.here[L.P_PERSON] + L.H_KEY], m.table[arm + L.A_SEED])) / weight
            if chance < smallest:
                smallest = chance
                best = arm
    return m.table[best + L.A_TARGET]


def change_slot(m: Machine, slot: int, value: float) -> None:
    """A journey changes the profile; other journeys look at it after this moment."""
    m.numbers[slot] = value
    before = m.here[L.P_TOUCHED]
    m.here[L.P_TOUCHED] = slot + 1 if before == 0 or before == slot + 1 else -1


def change_profile(m: Machine, run: int, node: int, now: int) -> None:
    """`set`, `tag` and `untag`."""
    op = m.table[node + L.OP]
    slot = m.table[node + L.A]
    kind = L.ATTRIBUTE_SET
    value = MISSING
    told = 0.0
    if op == L.SET:
        value = value_of(m, run, m.table[node + L.B], m.table[node + L.C])
        if value != value:
            return
        told = value
    elif op == L.TAG:
        duration = m.table[node + L.B]
        value = float(later(m, m.here[L.P_ZONE], now, duration) if duration >= 0 else L.NEVER)
        told = value
        kind = L.TAG_SET
    else:
        kind = L.TAG_REMOVED
    change_slot(m, slot, value)
    tell(m, now, kind, run, node, L.NO_REASON, slot, told)


def walk(m: Machine, run: int, start: int, now: int, arrives: bool) -> None:
    """Let a run go on from a node, step by step, until the person stands or the run ends.

    With `arrives` false the first node, where a message was held, is tried again and not told as visited.
    """
    node = start
    visits = arrives
    while m.here[L.P_OVERFLOW] == 0:
        m.work[run + L.R_NODE] = node
        op = m.table[node + L.OP]
        following = m.table[node + L.NEXT]
        became = DONE
        if visits:
            tell(m, now, L.VISITED, run, node, L.NO_REASON, 0, 0.0)
        visits = True
        if op == L.SEND:
            became = send(m, run, node, now)
            if became == DONE:
                stand_no_more(m, run)
        elif op == L.WAIT:
            became = wait(m, run, node, now)
        elif op == L.WAIT_UNTIL:
            became = wait_until(m, run, node, now)
        elif op == L.WAIT_MOMENT:
            became = wait_moment(m, run, node, now)
        elif op == L.BRANCH:
            if not holds(m, m.table[node + L.A], now, run):
                following = m.table[node + L.ALT]
        elif op == L.SPLIT:
            following = dealt_arm(m, node)
        elif op == L.REPEAT:
            became, following = repeat(m, run, node, now)
        elif op == L.END:
            end_run(m, run, now, node, m.table[node + L.A])
            became = OVER
        elif op == L.TASK:
            tell(m, now, L.TASK_MADE, run, node, L.NO_REASON, 0, 0.0)
        elif op == L.NOTICE:
            tell(m, now, L.NOTICE_MADE, run, node, L.NO_REASON, 0, 0.0)
        elif m.work[run + L.R_HOLDOUT] == 0:
            change_profile(m, run, node, now)
        if became != DONE:
            break
        node = following
    schedule(m, run)


def wait_again(m: Machine, run: int) -> None:
    """The person's zone has changed: compute the end of a wait again from its start."""
    node = m.work[run + L.R_NODE]
    start = m.work[run + L.R_WAIT_STARTED]
    op = m.table[node + L.OP]
    until = m.work[run + L.R_WAIT_UNTIL]
    if op == L.WAIT:
        until = later(m, m.here[L.P_ZONE], start, m.table[node + L.A])
    elif op == L.WAIT_UNTIL and m.table[node + L.B] >= 0:
        until = later(m, m.here[L.P_ZONE], start, m.table[node + L.B])
    elif op == L.WAIT_MOMENT:
        until = moment_of(m, run, node, start)
    elif op == L.REPEAT:
        until = round_ends(m, run, node, start)
    if until != m.work[run + L.R_WAIT_UNTIL]:
        m.work[run + L.R_WAIT_UNTIL] = until
        m.work[run + L.R_CHANGED] = 1


KERNELS = (
    value_of,
    moment_of,
    wait_moment,
    wait,
    wait_until,
    loop_of,
    round_ends,
    next_round,
    repeat,
    dealt_arm,
    change_slot,
    change_profile,
    walk,
    wait_again,
)
"""The functions that are compiled."""
