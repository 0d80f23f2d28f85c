"""A moment: goals and exits, waits, entries, in this order, for one person.

Plain functions in the subset of Python that `translation` compiles.
"""

from __future__ import annotations

from journeys.engine import layout as L
from journeys.engine.calendar import civil_day, next_weekday, next_yearly, on_date
from journeys.engine.conditions import holds, is_past, later, where_holds
from journeys.engine.draw import draw
from journeys.engine.layout import Machine
from journeys.engine.runs import (
    MISSING,
    add_run,
    due_at,
    end_run,
    is_live,
    put_in_order,
    schedule,
    stand_no_more,
    sweep,
    tell,
)
from journeys.engine.sending import own_zone
from journeys.engine.steps import next_round, wait_again, walk

TIMERS = -1  # a moment with due timers
EVERYTHING = -2  # a moment at which all is looked at: at resume, and after a journey changed the profile
FIRST_LOOK = -3  # EVERYTHING at `resume`, where journeys may meet a person for the first time
CASCADES = 64  # moments that journeys' own changes may cause at one instant


def look(m: Machine, condition: int, code: int, due: int, now: int) -> bool:
    """Whether a condition that was false must be evaluated at this moment.

    What can only turn it false need not be looked at: it puts off the instant at which time may turn it true. But where
    there is no such instant yet, it may bring one, as the first activity of a person does: it arms a silence.
    """
    if code <= EVERYTHING or due <= now or m.here[L.P_TOUCHED] != 0:
        return True
    if code < 0:
        return False
    turns = m.table[condition + L.TURNS + code]
    return (turns & L.TURNS_TRUE) != 0 or (turns != 0 and (due == L.NEVER or m.here[L.P_FIRST_SEEN] == now))


def awaited(m: Machine, run: int) -> int:
    """The condition that may end the wait at a run's node, or -1."""
    node = m.work[run + L.R_NODE]
    if node < 0:
        return -1
    if m.table[node + L.OP] == L.WAIT_UNTIL:
        return m.table[node + L.A]
    return m.table[node + L.C] if m.table[node + L.OP] == L.REPEAT else -1


def goal_and_exit(m: Machine, run: int, code: int, now: int) -> None:
    """Part a of a moment, for one run."""
    journey = m.work[run + L.R_JOURNEY]
    goal = m.table[journey + L.J_GOAL]
    leave = m.table[journey + L.J_EXIT]
    if goal < 0 and leave < 0 and code != FIRST_LOOK:
        return
    reached = False
    if goal >= 0 and m.work[run + L.R_GOAL_AT] == L.NEVER and now < m.work[run + L.R_GOAL_UNTIL]:
        if look(m, goal, code, m.work[run + L.R_GOAL_DUE], now):
            reached = holds(m, goal, now, run)
            m.work[run + L.R_GOAL_DUE] = L.NEVER if reached else m.here[L.P_HORIZON]
            if reached:
                m.work[run + L.R_GOAL_AT] = now
                if awaited(m, run) >= 0:
                    m.work[run + L.R_WAIT_DUE] = now  # the wait may be for the goal
                tell(m, now, L.GOAL, run, m.work[run + L.R_NODE], L.NO_REASON, 0, 0.0)
    else:
        m.work[run + L.R_GOAL_DUE] = L.NEVER
    if leave >= 0 and is_live(m, run) and (reached or look(m, leave, code, m.work[run + L.R_EXIT_DUE], now)):
        if holds(m, leave, now, run):
            end_run(m, run, now, m.work[run + L.R_NODE], L.EXIT_WHEN)
        else:
            m.work[run + L.R_EXIT_DUE] = m.here[L.P_HORIZON]
    schedule(m, run)


def go_on(m: Machine, run: int, code: int, now: int) -> None:
    """Part b of a moment, for one live run."""
    zone_changed = code == m.table[L.N_EVENTS] + L.ZONE_SLOT
    if zone_changed:
        wait_again(m, run)
    node = m.work[run + L.R_NODE]
    op = m.table[node + L.OP]
    ended = m.work[run + L.R_WAIT_UNTIL] <= now
    following = m.table[node + L.NEXT]
    condition = awaited(m, run)
    if op == L.SEND and (ended or zone_changed):
        walk(m, run, node, now, False)
        return
    if condition >= 0 and look(m, condition, code, m.work[run + L.R_WAIT_DUE], now):
        if holds(m, condition, now, run):
            stand_no_more(m, run)
            tell(m, now, L.MOVED_ON, run, node, L.NO_REASON, 0, 0.0)
            if op == L.REPEAT:
                m.work[run + L.R_LOOPS + 3 * m.table[node + L.D]] = 0
                following = m.table[node + L.ALT]
            else:
                m.work[run + L.R_TIMED_OUT] = 0
            walk(m, run, following, now, True)
            return
        m.work[run + L.R_WAIT_DUE] = m.here[L.P_HORIZON]
    if not ended or op == L.SEND:
        schedule(m, run)
        return
    stand_no_more(m, run)
    if op == L.WAIT_UNTIL:
        m.work[run + L.R_TIMED_OUT] = 1
        tell(m, now, L.RAN_OUT, run, node, L.NO_REASON, 0, 0.0)
    else:
        tell(m, now, L.MOVED_ON, run, node, L.NO_REASON, 0, 0.0)
    if op == L.REPEAT and not next_round(m, run, node, now):
        following = m.table[node + L.ALT]
    walk(m, run, following, now, True)


def may_enter(m: Machine, journey: int, key: float, now: int) -> bool:
    """Whether re-entry rules let the person in."""
    if m.table[journey + L.J_OPEN] == 0:
        return False
    family = m.table[journey + L.J_FAMILY]
    keyed = m.table[journey + L.J_KEYED] != 0
    for i in range(m.here[L.P_RUNS]):
        run = m.work[m.rooms[L.W_ORDER] + i]
        if (
            is_live(m, run)
            and m.table[m.work[run + L.R_JOURNEY] + L.J_FAMILY] == family
            and (not keyed or m.numbers[m.work[run + L.R_VARIABLES] + L.KEY] == key)
        ):
            return False
    how = m.table[journey + L.J_HOW]
    entries = m.rooms[L.W_ENTRIES] + family
    if how == L.EVERY_TIME or m.work[entries] == 0:
        return True
    if how == L.PER_PERIOD:
        return is_past(m, m.here[L.P_ZONE], m.work[entries + 1], m.table[journey + L.J_PERIOD], now)
    if not keyed:
        return False
    for i in range(m.here[L.P_KEYS]):
        if m.work[m.rooms[L.W_KEYS] + i] == family and m.numbers[m.rooms[L.X_KEYS] + i] == key:
            return False
    return True


def remember_key(m: Machine, family: int, key: float) -> None:
    """A person has entered for this key."""
    place = m.here[L.P_KEYS]
    if place >= m.rooms[L.MAX_KEYS]:
        m.here[L.P_OVERFLOW] = L.FULL_KEYS
        return
    m.work[m.rooms[L.W_KEYS] + place] = family
    m.numbers[m.rooms[L.X_KEYS] + place] = key
    m.here[L.P_KEYS] = place + 1


def new_run(m: Machine, journey: int, start: int, record: int, key: float, now: int) -> int:
    """A run about to begin, with the properties of its starting event; -1 when there is no room."""
    run = add_run(m)
    if run < 0:
        return run
    variables = m.work[run + L.R_VARIABLES]
    m.numbers[variables + L.KEY] = key
    if record >= 0:
        values = record * m.table[L.N_VALUES]
        copy = m.table[start + L.S_COPY]
        for i in range(copy, copy + m.table[start + L.S_COPIES] * L.COPY, L.COPY):
            m.numbers[variables + m.table[i]] = m.values[values + m.table[i + 1]]
    m.work[run + L.R_JOURNEY] = journey
    m.work[run + L.R_NODE] = m.table[journey + L.J_ENTRY]
    m.work[run + L.R_ENTERED] = now
    m.work[run + L.R_ENDED] = L.NEVER
    m.work[run + L.R_GOAL_AT] = L.NEVER
    within = m.table[journey + L.J_WITHIN]
    m.work[run + L.R_GOAL_UNTIL] = later(m, m.here[L.P_ZONE], now, within) if within >= 0 else L.NEVER
    m.work[run + L.R_EXIT_DUE] = L.NEVER
    m.work[run + L.R_GOAL_DUE] = L.NEVER
    m.work[run + L.R_DUE] = L.NEVER
    stand_no_more(m, run)
    return run


def is_admitted(m: Machine, journey: int, start: int, record: int, run: int, now: int) -> bool:
    """Whether the starting event's condition and `only if` hold for a run about to begin."""
    only_if = m.table[journey + L.J_ONLY_IF]
    condition = m.table[start + L.S_CONDITION] if record >= 0 else -1
    return (condition < 0 or holds(m, condition, now, run)) and (only_if < 0 or holds(m, only_if, now, run))


def enter(m: Machine, journey: int, start: int, record: int, now: int) -> bool:
    """Take the person into a journey, if all allows it, and let the run go as far as it can; whether it did."""
    keyed = m.table[journey + L.J_KEYED] != 0
    key = MISSING
    if keyed:
        key = m.values[record * m.table[L.N_VALUES] + m.table[start + L.S_KEY]]
        if key != key:
            return False  # without its key an event names nothing to enter for
    if not may_enter(m, journey, key, now):
        return False
    run = new_run(m, journey, start, record, key, now)
    if run < 0:
        return False
    if not is_admitted(m, journey, start, record, run, now):
        m.work[run + L.R_USED] = 0
        return False
    family = m.table[journey + L.J_FAMILY]
    entries = m.rooms[L.W_ENTRIES] + family
    m.work[entries] += 1
    m.work[entries + 1] = now
    if keyed:
        remember_key(m, family, key)
    m.work[run + L.R_NUMBER] = m.work[entries]
    share = m.constants[m.table[journey + L.J_HOLDOUT]]
    held_out = share > 0.0 and draw(m.people[m.here[L.P_PERSON] + L.H_KEY], m.table[journey + L.J_SEED]) < share
    m.work[run + L.R_HOLDOUT] = 1 if held_out else 0
    put_in_order(m, run)
    first = m.table[journey + L.J_ENTRY]
    tell(m, now, L.ENTERED, run, first, L.HOLDOUT if held_out else L.NO_REASON, 0, 0.0)
    goal_and_exit(m, run, EVERYTHING, now)
    if is_live(m, run):
        walk(m, run, first, now, True)
    return True


def next_start(m: Machine, journey: int, earliest: int) -> int:
    """The next instant, from `earliest` on, at which a date or the calendar starts a journey for the person."""
    start = m.table[journey + L.J_FIRST_START]
    zone = own_zone(m, m.table[start + L.D_ZONE])
    minute = m.table[start + L.D_MINUTE]
    if m.table[journey + L.J_START] == L.START_CALENDAR:
        return next_weekday(m.zones, zone, earliest, m.table[start + L.D_MASK], minute)
    date = m.numbers[m.table[start + L.D_SLOT]]
    if date != date:
        return L.NEVER
    months = m.table[start + L.D_MONTHS]
    days = m.table[start + L.D_DAYS]
    if m.table[start + L.D_YEARLY] != 0:
        _, month, day = civil_day(int(date))
        return next_yearly(m.zones, zone, earliest, month, day, minute, months, days)
    instant = on_date(m.zones, zone, int(date), months, days, minute)
    return instant if instant >= earliest else L.NEVER


def start_by_event(m: Machine, journey: int, record: int, now: int) -> None:
    """Enter a journey that the event of a record starts."""
    first = m.table[journey + L.J_FIRST_START]
    for start in range(first, first + m.table[journey + L.J_STARTS] * L.START, L.START):
        if m.table[start + L.S_EVENT] != m.records[record * L.RECORD + L.WHAT]:
            continue
        where = m.table[start + L.S_WHERE]
        if (where < 0 or where_holds(m, where, record, now)) and enter(m, journey, start, record, now):
            return


def look_at_start(m: Machine, journey: int, code: int, record: int, now: int) -> None:
    """Part c of a moment, for one journey."""
    kind = m.table[journey + L.J_START]
    if kind == L.START_EVENT:
        if record >= 0:
            start_by_event(m, journey, record, now)
        return
    start = m.table[journey + L.J_FIRST_START]
    watch = m.rooms[L.W_WATCH] + m.table[journey + L.J_WATCH]
    held = m.work[watch]
    if kind == L.START_CONDITION:
        condition = m.table[start + L.S_CONDITION]
        if held == 0 and not look(m, condition, code, m.work[watch + 1], now):
            return
        holds_now = holds(m, condition, now, -1)
        m.work[watch] = 1 if holds_now else 0
        m.work[watch + 1] = m.here[L.P_HORIZON]
        due_at(m, m.here[L.P_HORIZON])
        met = m.work[m.rooms[L.W_ENTRIES] + m.table[journey + L.J_FAMILY]] > 0
        if holds_now and (held == 0 or (held < 0 and not met and m.table[journey + L.J_NEW_ONLY] == 0)):
            enter(m, journey, start, -1, now)
        return
    fires = code == TIMERS and m.work[watch + 1] <= now
    if code == FIRST_LOOK and held < 0:
        fires = next_start(m, journey, now) == now
    m.work[watch] = 0
    m.work[watch + 1] = next_start(m, journey, now + 1)
    due_at(m, m.work[watch + 1])
    if fires:
        enter(m, journey, start, -1, now)


def look_at_concerned(m: Machine, code: int, record: int, now: int) -> int:
    """Look at the journeys whose start a record concerns, until one changes the profile; how many ranks are done."""
    concerned = m.table[L.N_AFFECTS] + 2 * code
    first = m.table[concerned]
    for i in range(first, first + m.table[concerned + 1]):
        look_at_start(m, m.table[i], code, record, now)
        if m.here[L.P_TOUCHED] != 0:
            return m.table[m.table[i] + L.J_RANK] + 1
    return m.table[L.N_JOURNEYS]


def look_at_all(m: Machine, code: int, record: int, now: int) -> None:
    """One moment: goals and exits, waits, entries."""
    for i in range(m.here[L.P_RUNS]):
        goal_and_exit(m, m.work[m.rooms[L.W_ORDER] + i], code, now)
    for i in range(m.here[L.P_RUNS]):
        run = m.work[m.rooms[L.W_ORDER] + i]
        if is_live(m, run):
            go_on(m, run, code, now)
    order = m.table[L.N_ORDER]
    looked_at = look_at_concerned(m, code, record, now) if code >= 0 and m.here[L.P_TOUCHED] == 0 else 0
    for i in range(order + looked_at, order + m.table[L.N_JOURNEYS]):
        journey = m.table[i]
        due = m.work[m.rooms[L.W_WATCH] + m.table[journey + L.J_WATCH] + 1]
        if code <= EVERYTHING or due <= now or m.here[L.P_TOUCHED] != 0:
            look_at_start(m, journey, code, record, now)
    sweep(m, now)


def moment(m: Machine, code: int, record: int, now: int) -> None:
    """One moment, and those that journeys cause by changing the profile."""
    look_at_all(m, code, record, now)
    cascades = 0
    while m.here[L.P_TOUCHED] != 0 and cascades < CASCADES:
        touched = m.here[L.P_TOUCHED]
        m.here[L.P_TOUCHED] = 0
        cascades += 1
        look_at_all(m, m.table[L.N_EVENTS] + touched - 1 if touched > 0 else EVERYTHING, -1, now)
    m.here[L.P_TOUCHED] = 0


KERNELS = (
    look,
    awaited,
    goal_and_exit,
    go_on,
    may_enter,
    remember_key,
    new_run,
    is_admitted,
    enter,
    next_start,
    start_by_event,
    look_at_start,
    look_at_concerned,
    look_at_all,
    moment,
)
"""The functions that are compiled."""
