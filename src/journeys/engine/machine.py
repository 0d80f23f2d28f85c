"""The virtual machine: walks people through their records and timers, through all journeys together.

Plain functions in the subset of Python that `translation` compiles. The room's page says what must happen in which
order; `layout` says what stands where in the machine's memory; `advance` is the entry.
"""

from __future__ import annotations

from journeys.engine import layout as L
from journeys.engine.layout import Machine
from journeys.engine.moments import EVERYTHING, FIRST_LOOK, TIMERS, look, moment, start_by_event
from journeys.engine.runs import MISSING, add_run, due_at, keep, put_in_order


def apply(m: Machine, record: int) -> bool:
    """Put a record into the profile; whether that changed anything (a value written again does not)."""
    code = m.records[record * L.RECORD + L.WHAT]
    events = m.table[L.N_EVENTS]
    changed = True
    if code >= events:
        value = m.values[record * m.table[L.N_VALUES]]
        before = m.numbers[code - events]
        changed = before != value and (before == before or value == value)
        m.numbers[code - events] = value
        if code - events == L.ZONE_SLOT:
            changed = m.here[L.P_ZONE] != int(value)
            m.here[L.P_ZONE] = int(value)
    elif m.table[m.table[L.N_ACTIVITY] + code] != 0:
        at = m.records[record * L.RECORD + L.AT]
        if m.here[L.P_LAST_SEEN] == -L.NEVER:
            m.here[L.P_FIRST_SEEN] = at
        m.here[L.P_LAST_SEEN] = at
    m.here[L.P_CURSOR] = record + 1
    return changed


def can_matter(m: Machine, code: int, now: int) -> bool:
    """Whether a record needs a moment: somebody is under way, or it may change what starts a journey."""
    if m.here[L.P_RUNS] > 0:
        return True
    concerned = m.table[L.N_AFFECTS] + 2 * code
    first = m.table[concerned]
    for i in range(first, first + m.table[concerned + 1]):
        journey = m.table[i]
        if m.table[journey + L.J_START] != L.START_CONDITION:
            return True
        condition = m.table[m.table[journey + L.J_FIRST_START] + L.S_CONDITION]
        watch = m.rooms[L.W_WATCH] + m.table[journey + L.J_WATCH]
        if m.work[watch] != 0 or look(m, condition, code, m.work[watch + 1], now):
            return True
    return False


def bring_runs(m: Machine, person: int) -> None:
    """Take up the runs brought along."""
    brought = m.people[person + L.H_RUN]
    values = m.people[person + L.H_KEY_VALUES] + m.people[person + L.H_KEY_COUNT]
    variables = m.table[L.N_VARIABLES]
    for number in range(m.people[person + L.H_RUNS]):
        run = add_run(m)
        if run < 0:
            return
        own = m.work[run + L.R_VARIABLES]
        for i in range(L.RUN):
            m.work[run + i] = m.people[brought + number * L.RUN + i]
        for i in range(variables):
            m.numbers[own + i] = m.values[values + number * variables + i]
        m.work[run + L.R_VARIABLES] = own
        m.work[run + L.R_USED] = 1
        m.work[run + L.R_CHANGED] = 0
        put_in_order(m, run)


def bring_counts(m: Machine, person: int) -> None:
    """Take up hand-offs and keys brought along."""
    sents = m.people[person + L.H_SENTS]
    keys = m.people[person + L.H_KEY_COUNT]
    if sents > m.rooms[L.MAX_SENT]:
        m.here[L.P_OVERFLOW] = L.FULL_SENT
    elif keys > m.rooms[L.MAX_KEYS]:
        m.here[L.P_OVERFLOW] = L.FULL_KEYS
    else:
        for i in range(sents * L.SENT):
            m.work[m.rooms[L.W_SENT] + i] = m.people[m.people[person + L.H_SENT] + i]
        for i in range(keys):
            m.work[m.rooms[L.W_KEYS] + i] = m.people[m.people[person + L.H_KEYS] + i]
            m.numbers[m.rooms[L.X_KEYS] + i] = m.values[m.people[person + L.H_KEY_VALUES] + i]
        m.here[L.P_SENTS] = sents
        m.here[L.P_KEYS] = keys


def prepare(m: Machine, person: int) -> None:
    """Set the scratch to what is remembered of a person."""
    m.here[L.P_PERSON] = person
    m.here[L.P_NUMBER] = person // m.table[L.N_PERSON]
    m.here[L.P_ZONE] = 0
    m.here[L.P_FIRST] = m.people[person + L.H_FIRST]
    m.here[L.P_CURSOR] = m.people[person + L.H_FIRST]
    m.here[L.P_FIRST_SEEN] = -L.NEVER
    m.here[L.P_LAST_SEEN] = -L.NEVER
    m.here[L.P_NEXT_DUE] = L.NEVER
    m.here[L.P_RUNS] = 0
    m.here[L.P_TOUCHED] = 0
    for slot in range(m.table[L.N_SLOTS]):
        m.numbers[slot] = MISSING
    for i in range(m.rooms[L.MAX_RUNS]):
        m.work[m.rooms[L.W_RUNS] + i * L.RUN + L.R_USED] = 0
    remembered = person + L.PERSON
    for i in range(2 * m.table[L.N_JOURNEYS]):
        m.work[m.rooms[L.W_WATCH] + i] = m.people[remembered + i]
    for journey in range(m.table[L.N_JOURNEYS]):
        due_at(m, m.people[remembered + 2 * journey + 1])
    remembered += 2 * m.table[L.N_JOURNEYS]
    for i in range(2 * m.table[L.N_FAMILIES]):
        m.work[m.rooms[L.W_ENTRIES] + i] = m.people[remembered + i]
    bring_runs(m, person)
    bring_counts(m, person)


def finish(m: Machine, person: int) -> None:
    """Write back what is to be remembered of a person, once everything has found its place."""
    for i in range(m.here[L.P_RUNS]):
        keep(m, m.work[m.rooms[L.W_ORDER] + i])
    if m.here[L.P_OVERFLOW] != 0:
        return
    remembered = person + L.PERSON
    for i in range(2 * m.table[L.N_JOURNEYS]):
        m.people[remembered + i] = m.work[m.rooms[L.W_WATCH] + i]
    remembered += 2 * m.table[L.N_JOURNEYS]
    for i in range(2 * m.table[L.N_FAMILIES]):
        m.people[remembered + i] = m.work[m.rooms[L.W_ENTRIES] + i]


def next_due(m: Machine) -> int:
    """The first instant at which a run or a start is due."""
    due = L.NEVER
    for i in range(m.here[L.P_RUNS]):
        due = min(due, m.work[m.work[m.rooms[L.W_ORDER] + i] + L.R_DUE])
    for journey in range(m.table[L.N_JOURNEYS]):
        due = min(due, m.work[m.rooms[L.W_WATCH] + 2 * journey + 1])
    return due


def resume_walk(m: Machine, person: int, resume: int) -> None:
    """Look at everything where the walk begins, then at events that arrived late."""
    moment(m, FIRST_LOOK, -1, resume)
    late = m.people[person + L.H_LATE]
    for i in range(late + 1, late + 1 + m.people[late]):
        record = m.people[i]
        concerned = m.table[L.N_AFFECTS] + 2 * m.records[record * L.RECORD + L.WHAT]
        first = m.table[concerned]
        for k in range(first, first + m.table[concerned + 1]):
            if m.table[m.table[k] + L.J_START] == L.START_EVENT:
                start_by_event(m, m.table[k], record, resume)
        if m.here[L.P_TOUCHED] != 0:
            m.here[L.P_TOUCHED] = 0
            moment(m, EVERYTHING, -1, resume)


def fire_timers(m: Machine, before: int, until: int) -> bool:
    """Handle the next instant with due timers, if there is one before `before` and not after `until`."""
    if m.here[L.P_NEXT_DUE] >= before or m.here[L.P_NEXT_DUE] > until:
        return False
    due = next_due(m)
    m.here[L.P_NEXT_DUE] = due
    if due >= before or due > until:
        return False
    moment(m, TIMERS, -1, due)
    return True


def walk_person(m: Machine, person: int, until: int) -> None:
    """Walk one person from `resume` to `until`."""
    prepare(m, person)
    resume = m.people[person + L.H_RESUME]
    record = m.people[person + L.H_FIRST]
    last = m.people[person + m.table[L.N_PERSON] + L.H_FIRST]
    while record < last and m.records[record * L.RECORD + L.AT] <= resume:
        apply(m, record)
        record += 1
    resume_walk(m, person, resume)
    while m.here[L.P_OVERFLOW] == 0:
        happens = m.records[record * L.RECORD + L.AT] if record < last else L.NEVER
        if fire_timers(m, happens, until):
            continue
        if record >= last or happens > until:
            break
        code = m.records[record * L.RECORD + L.WHAT]
        if apply(m, record) and can_matter(m, code, happens):
            moment(m, code, record, happens)
        record += 1
    finish(m, person)


def advance(m: Machine, until: int, first: int, count: int) -> int:
    """Walk people number `first` to, not including, `count`; the number to go on with, `count` when all are done.

    Stops at a person for whom some output or scratch was too small (P_OVERFLOW says which); that person's walk is
    undone, and can be repeated with emptier or larger memory.
    """
    for number in range(first, count):
        effects = m.here[L.P_EFFECTS]
        kept = m.here[L.P_KEPT]
        m.here[L.P_OVERFLOW] = 0
        walk_person(m, number * m.table[L.N_PERSON], until)
        if m.here[L.P_OVERFLOW] != 0:
            m.here[L.P_EFFECTS] = effects
            m.here[L.P_KEPT] = kept
            return number
    return count


KERNELS = (
    apply,
    can_matter,
    bring_runs,
    bring_counts,
    prepare,
    finish,
    next_due,
    resume_walk,
    fire_timers,
    walk_person,
    advance,
)
"""The functions that are compiled."""
