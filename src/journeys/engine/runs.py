"""Open runs: telling what they do, letting them stand, ending them, and what is put out for remembering.

Plain functions in the subset of Python that `translation` compiles.
"""

from __future__ import annotations

import math

from journeys.engine import layout as L
from journeys.engine.layout import Machine

MISSING = math.nan


def tell(m: Machine, at: int, kind: int, run: int, node: int, reason: int, detail: int, value: float) -> None:
    """Put an effect out; a held-out run tells only that it entered, reached its goal and ended."""
    if m.work[run + L.R_HOLDOUT] != 0 and kind not in (L.ENTERED, L.GOAL, L.ENDED):
        return
    m.work[run + L.R_CHANGED] = 1
    place = m.here[L.P_EFFECTS]
    if place >= m.rooms[L.MAX_EFFECTS]:
        m.here[L.P_OVERFLOW] = L.FULL_EFFECTS
        return
    effect = place * L.EFFECT
    m.effects[effect + L.E_PERSON] = m.here[L.P_NUMBER]
    m.effects[effect + L.E_AT] = at
    m.effects[effect + L.E_KIND] = kind
    m.effects[effect + L.E_JOURNEY] = m.table[m.work[run + L.R_JOURNEY] + L.J_WATCH] // 2
    m.effects[effect + L.E_RUN] = m.work[run + L.R_NUMBER]
    m.effects[effect + L.E_NODE] = (node - m.table[L.N_NODES]) // L.INSTRUCTION if node >= 0 else -1
    m.effects[effect + L.E_VISIT] = m.work[run + L.R_ROUNDS]
    m.effects[effect + L.E_REASON] = reason
    m.effects[effect + L.E_DETAIL] = detail
    m.effect_values[place] = value
    m.here[L.P_EFFECTS] = place + 1


def keep(m: Machine, run: int) -> None:
    """Put a run out to be remembered, if anybody wants it and it is new or different."""
    if m.rooms[L.MAX_KEPT] == 0 or m.work[run + L.R_CHANGED] == 0:
        return
    place = m.here[L.P_KEPT]
    if place >= m.rooms[L.MAX_KEPT]:
        m.here[L.P_OVERFLOW] = L.FULL_KEPT
        return
    kept = m.rooms[L.W_KEPT] + place * L.KEPT
    m.work[kept] = m.here[L.P_NUMBER]
    for i in range(L.RUN):
        m.work[kept + 1 + i] = m.work[run + i]
    variables = m.table[L.N_VARIABLES]
    for i in range(variables):
        m.numbers[m.rooms[L.X_KEPT] + place * variables + i] = m.numbers[m.work[run + L.R_VARIABLES] + i]
    m.here[L.P_KEPT] = place + 1


def due_at(m: Machine, instant: int) -> None:
    """Something is due then."""
    if instant < m.here[L.P_NEXT_DUE]:
        m.here[L.P_NEXT_DUE] = instant


def schedule(m: Machine, run: int) -> None:
    """When the machine must look at a run although nothing happens."""
    due = min(m.work[run + L.R_WAIT_UNTIL], m.work[run + L.R_WAIT_DUE])
    due = min(due, m.work[run + L.R_EXIT_DUE], m.work[run + L.R_GOAL_DUE])
    if m.work[run + L.R_DUE] != due:
        m.work[run + L.R_DUE] = due
        m.work[run + L.R_CHANGED] = 1
    due_at(m, due)


def stand(m: Machine, run: int, started: int, until: int) -> None:
    """The person stands on the run's node until an instant or an event."""
    m.work[run + L.R_WAIT_STARTED] = started
    m.work[run + L.R_WAIT_UNTIL] = until
    m.work[run + L.R_WAIT_DUE] = L.NEVER
    m.work[run + L.R_CHANGED] = 1


def stand_no_more(m: Machine, run: int) -> None:
    """The wait or hold is over."""
    m.work[run + L.R_WAIT_STARTED] = L.NEVER
    m.work[run + L.R_WAIT_UNTIL] = L.NEVER
    m.work[run + L.R_WAIT_DUE] = L.NEVER
    m.work[run + L.R_HELD] = L.NOT_HELD
    m.work[run + L.R_HELD_SINCE] = L.NEVER


def end_run(m: Machine, run: int, now: int, node: int, reason: int) -> None:
    """The run is over; its goal stays open while its window lasts."""
    tell(m, now, L.ENDED, run, node, reason, 0, 0.0)
    m.work[run + L.R_ENDED] = now
    m.work[run + L.R_REASON] = reason
    m.work[run + L.R_NODE] = -1
    m.work[run + L.R_EXIT_DUE] = L.NEVER
    stand_no_more(m, run)
    if m.work[run + L.R_GOAL_UNTIL] == L.NEVER:
        m.work[run + L.R_GOAL_UNTIL] = now
        m.work[run + L.R_GOAL_DUE] = L.NEVER
    schedule(m, run)


def is_live(m: Machine, run: int) -> bool:
    """Whether a run has not ended."""
    return m.work[run + L.R_ENDED] == L.NEVER


def is_open(m: Machine, run: int, now: int) -> bool:
    """Whether a run can still change: it lives, or its goal can still be reached."""
    return is_live(m, run) or (m.work[run + L.R_GOAL_AT] == L.NEVER and now < m.work[run + L.R_GOAL_UNTIL])


def sweep(m: Machine, now: int) -> None:
    """Let go of runs that can no longer change."""
    order = m.rooms[L.W_ORDER]
    open_runs = 0
    for i in range(m.here[L.P_RUNS]):
        run = m.work[order + i]
        if is_open(m, run, now):
            m.work[order + open_runs] = run
            open_runs += 1
        else:
            keep(m, run)
            m.work[run + L.R_USED] = 0
    m.here[L.P_RUNS] = open_runs


def add_run(m: Machine) -> int:
    """An empty run, or -1 when there is no room for one."""
    if m.here[L.P_RUNS] >= m.rooms[L.MAX_RUNS]:
        m.here[L.P_OVERFLOW] = L.FULL_RUNS
        return -1
    run = m.rooms[L.W_RUNS]
    while m.work[run + L.R_USED] != 0:
        run += L.RUN
    own = m.work[run + L.R_VARIABLES]
    for i in range(L.RUN):
        m.work[run + i] = 0
    for i in range(own, own + m.table[L.N_VARIABLES]):
        m.numbers[i] = MISSING
    m.work[run + L.R_USED] = 1
    m.work[run + L.R_VARIABLES] = own
    return run


def put_in_order(m: Machine, run: int) -> None:
    """List a run among the open ones: by its journey's rank, then by number."""
    order = m.rooms[L.W_ORDER]
    i = m.here[L.P_RUNS]
    rank = m.table[m.work[run + L.R_JOURNEY] + L.J_RANK]
    number = m.work[run + L.R_NUMBER]
    while i > 0:
        other = m.work[order + i - 1]
        other_rank = m.table[m.work[other + L.R_JOURNEY] + L.J_RANK]
        if other_rank < rank or (other_rank == rank and m.work[other + L.R_NUMBER] < number):
            break
        m.work[order + i] = other
        i -= 1
    m.work[order + i] = run
    m.here[L.P_RUNS] += 1


KERNELS = (
    tell,
    keep,
    due_at,
    schedule,
    stand,
    stand_no_more,
    end_run,
    is_live,
    is_open,
    sweep,
    add_run,
    put_in_order,
)
"""The functions that are compiled."""
