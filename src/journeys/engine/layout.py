"""Where what stands in the machine's memory.

The machine's memory is a handful of flat columns (`Machine`), so that its functions work on plain lists in CPython and
on arrays when compiled. A row is named by its *address*, the place of its first number in its column; the names below
are the places within a row: `m.table[node + L.OP]`. -1 is no row.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from journeys.engine.calendar import ZoneTable

NEVER = 1 << 62
"""An instant that does not come. Its negative is before everything."""


class Ints(Protocol):
    """A flat column of whole numbers: a list, or an int64 array."""

    def __getitem__(self, index: int, /) -> int: ...
    def __setitem__(self, index: int, value: int, /) -> None: ...
    def __len__(self) -> int: ...


class Floats(Protocol):
    """A flat column of numbers: a list, or a float64 array."""

    def __getitem__(self, index: int, /) -> float: ...
    def __setitem__(self, index: int, value: float, /) -> None: ...
    def __len__(self) -> int: ...


class Machine(NamedTuple):
    """The machine's memory.

    table, constants, zones     the program
    records                     per record: instant, code (an event, or N_EVENTS + slot for a change of an attribute)
    values                      per record: the new value of a change, then the event's properties; after the records,
                                variables and keys brought along
    people                      a row per person, then one that only ends the last; after them what was brought along
    rooms                       where in the scratch what stands, and how much there is room for
    here                        what is true of the person at work just now
    work, numbers               scratch for one person; after it, runs put out for remembering
    effects, effect_values      effects put out
    """

    table: Ints
    constants: Floats
    zones: ZoneTable
    records: Ints
    values: Floats
    people: Ints
    rooms: Ints
    here: Ints
    work: Ints
    numbers: Floats
    effects: Ints
    effect_values: Floats


# -- the program ------------------------------------------------------------------------------------------------------

N_HEADER = 20
(
    N_EVENTS,  # number of event codes; codes from here on are changes of slots
    N_SLOTS,
    N_VARIABLES,  # per run, the key included
    N_VALUES,  # numbers per record in `values`
    N_PERSON,  # width of a row of `people`
    N_JOURNEYS,
    N_FAMILIES,
    N_QUIET,  # the project's quiet hours
    N_CAP,  # the project's first frequency cap
    N_CAPS,
    N_ORDER,  # address of the journeys' addresses, by rank
    N_AFFECTS,  # per code: address of the journeys' addresses whose start it concerns, and their number
    N_ACTIVITY,  # per event code: 1 if it ends a silence
    N_NODES,  # address of the first instruction
) = range(14)
# An instruction: one a node of a graph.
INSTRUCTION = 8
OP, NEXT, ALT, A, B, C, D, JOURNEY = range(INSTRUCTION)
SEND, WAIT, WAIT_UNTIL, WAIT_MOMENT, BRANCH, SPLIT, REPEAT, SET, TAG, UNTAG, TASK, NOTICE, END = range(13)
# SEND          A order to send
# WAIT          A duration
# WAIT_UNTIL    A condition, B duration or -1
# WAIT_MOMENT   A moment
# BRANCH        A condition; NEXT yes, ALT no
# SPLIT         A first arm, B number of arms
# REPEAT        A times, B duration, C condition or -1, D depth; NEXT the body, ALT done
# SET           A slot, B kind of value (VALUE_*), C constant, slot or variable
# TAG, UNTAG    A slot, B duration or -1
# END           A reason

# Expression code, in postfix.
CODE = 4  # operation, three arguments
(
    TRUTH,  # a: 0 or 1
    ATTRIBUTE,  # a: slot, b: operator, c: constant
    ATTRIBUTE_IN,  # a: slot, b: first constant, c: number of constants
    ATTRIBUTE_KNOWN,  # a: slot, b: 1 known, 0 missing
    ATTRIBUTE_AGO,  # a: slot of a moment, b: operator, c: duration
    ATTRIBUTE_DAY_AGO,  # a: slot of a date, b: operator, c: duration
    VARIABLE,  # the same for a run's own properties of its starting event
    VARIABLE_IN,
    VARIABLE_KNOWN,
    VARIABLE_AGO,
    VARIABLE_DAY_AGO,
    PROPERTY,  # and for the properties of the event that a `where` looks at
    PROPERTY_IN,
    PROPERTY_KNOWN,
    PROPERTY_AGO,
    PROPERTY_DAY_AGO,
    LAST_SEEN,  # b: operator, c: constant
    LAST_SEEN_KNOWN,  # b
    LAST_SEEN_AGO,  # b: operator, c: duration
    SILENT,  # a: duration
    OCCURRED,  # a: occurrence
    TAGGED,  # a: slot
    REACHABLE,  # a: channel
    TIMED_OUT,
    GOAL_REACHED,
    AND,
    OR,
    NOT,
) = range(28)
EQ, NE, LT, LE, GT, GE = range(6)

CONDITION = 2  # its code from, to; then TURNS_* per record code
FROM, TO, TURNS = range(3)

OCCURRENCE = 8
O_FIRST, O_COUNT, O_OPERATOR, O_AMOUNT, O_WINDOW, O_SINCE, O_WHERE, O_EARLY = range(OCCURRENCE)
# O_SINCE: one of SINCE_*, or SINCE_LOOP + depth. O_EARLY: counting may stop once the amount is reached.
SINCE_EVER, SINCE_ENTRY, SINCE_WAIT, SINCE_LOOP = range(4)
COUNTED = 2  # event code, property or -1; a property is its place in a record's values

DURATION = 3  # months, days, microseconds

JOURNEY_ROW = 21
(
    J_START,
    J_FIRST_START,
    J_STARTS,
    J_HOW,
    J_PERIOD,
    J_NEW_ONLY,
    J_ONLY_IF,
    J_EXIT,
    J_GOAL,
    J_WITHIN,
    J_SEED,
    J_HOLDOUT,
    J_ENTRY,
    J_FAMILY,  # 2 * its number: the place of its entries
    J_OPEN,
    J_QUIET,
    J_CAP,
    J_CAPS,
    J_RANK,
    J_KEYED,
    J_WATCH,  # 2 * its number: the place of its watch
) = range(JOURNEY_ROW)
START_EVENT, START_CONDITION, START_DATE, START_CALENDAR = range(4)
ONCE, PER_PERIOD, EVERY_TIME = range(3)

START = 7  # of an event: S_EVENT..S_COPIES; of a condition: S_CONDITION; of a date or the calendar: D_*
S_EVENT, S_WHERE, S_CONDITION, S_KEY, S_COPY, S_COPIES = range(6)
D_SLOT, D_MONTHS, D_DAYS, D_MINUTE, D_ZONE, D_YEARLY, D_MASK = range(7)
COPY = 2  # variable, property

QUIET = 3  # from minute, to minute, zone or -1
CAP = 3  # messages, duration, 0 rolling or one of PER_*
ROLLING, PER_DAY, PER_WEEK, PER_MONTH = range(4)

SEND_ROW = 5  # address of channels' addresses, their number, transactional, what a cap does, duration or -1
SD_CHANNEL, SD_CHANNELS, SD_TRANSACTIONAL, SD_ON_LIMIT, SD_LIMIT_WAIT = range(SEND_ROW)
LIMIT_SKIP, LIMIT_WAIT, LIMIT_EXIT = range(3)

CHANNEL = 8  # address slot or -1, consent slot, suppressed slot, opt-in, quiet or -1, first cap, caps, number
C_ADDRESS, C_CONSENT, C_SUPPRESSED, C_OPT_IN, C_QUIET, C_CAP, C_CAPS, C_NUMBER = range(CHANNEL)

ARM = 3  # target instruction, constant of the weight, seed
A_TARGET, A_WEIGHT, A_SEED = range(ARM)

MOMENT = 11
M_KIND, M_MINUTE, M_ZONE, M_MASK, M_DATE, M_FROM, M_SLOT, M_MONTHS, M_DAYS, M_MICROS, M_ON_PAST = range(MOMENT)
MOMENT_CLOCK, MOMENT_WEEKDAY, MOMENT_DATE, MOMENT_DAY_FIELD, MOMENT_FIELD = range(5)
VALUE_CONSTANT, VALUE_ATTRIBUTE, VALUE_VARIABLE, VALUE_LAST_SEEN = range(4)
PAST_GO_ON, PAST_EXIT = range(2)

TURNS_TRUE, TURNS_FALSE = 1, 2  # what a record of this code can do to the condition


ZONE_SLOT = 0
"""The attribute slot that holds the index of the person's zone."""

# -- the people -------------------------------------------------------------------------------------------------------

RECORD = 2
AT, WHAT = range(RECORD)

PERSON = 11  # then per journey: watch (-1 never looked at, 0, 1), due; per family: entries, last entry
(
    H_KEY,
    H_RESUME,
    H_FIRST,  # its first record; the next person's first ends its records
    H_RUN,  # runs brought along: address in `people`, number
    H_RUNS,
    H_SENT,  # hand-offs brought along
    H_SENTS,
    H_KEYS,  # keys brought along: families in `people`, values in `values`
    H_KEY_VALUES,
    H_KEY_COUNT,
    H_LATE,  # late records: their number, then each
) = range(PERSON)

SENT = 3  # instant, journey, channel

# -- a person at work -------------------------------------------------------------------------------------------------

# A run.
LOOPS = 8
"""How deep repeats may nest."""
RUN = 22 + 3 * LOOPS
(
    R_JOURNEY,
    R_NUMBER,
    R_NODE,
    R_ENTERED,
    R_ENDED,
    R_REASON,
    R_GOAL_AT,
    R_GOAL_UNTIL,
    R_HOLDOUT,
    R_WAIT_STARTED,
    R_WAIT_UNTIL,
    R_WAIT_DUE,
    R_EXIT_DUE,
    R_GOAL_DUE,
    R_TIMED_OUT,
    R_ROUNDS,
    R_HELD,
    R_HELD_SINCE,
    R_DUE,
    R_CHANGED,
    R_USED,
    R_VARIABLES,
    R_LOOPS,
) = range(23)
# At R_LOOPS + 3 * depth: rounds begun, instant the repeat started, instant this round started.
KEY = 0
"""The variable of a run that holds the key of `enter once for each`; NaN where there is none."""
NOT_HELD, HELD_QUIET, HELD_LIMIT = range(3)

REASONS = (
    "",
    "finished",
    "exit",
    "exit when",
    "limit",
    "on past",
    "holdout",
    "consent",
    "unreachable",
    "suppressed",
    "condition",
)
(
    NO_REASON,
    FINISHED,
    EXIT,
    EXIT_WHEN,
    LIMIT,
    ON_PAST,
    HOLDOUT,
    CONSENT,
    UNREACHABLE,
    SUPPRESSED,
    GUARD,
) = range(len(REASONS))

# -- effects ----------------------------------------------------------------------------------------------------------

EFFECT = 9
E_PERSON, E_AT, E_KIND, E_JOURNEY, E_RUN, E_NODE, E_VISIT, E_REASON, E_DETAIL = range(EFFECT)
(
    ENTERED,
    VISITED,
    HANDED_OFF,
    HELD,
    BLOCKED,
    WAITING,
    MOVED_ON,
    RAN_OUT,
    GOAL,
    ENDED,
    TAG_SET,
    TAG_REMOVED,
    ATTRIBUTE_SET,
    TASK_MADE,
    NOTICE_MADE,
) = range(15)
KINDS = (
    "entered",
    "visited",
    "sent",
    "held",
    "blocked",
    "waiting",
    "moved on",
    "timed out",
    "goal",
    "ended",
    "tagged",
    "untagged",
    "set",
    "task",
    "notice",
)
BY_JOURNEY, BY_PROJECT, BY_CHANNEL = range(3)
"""Whose frequency cap blocked: E_DETAIL of a BLOCKED by LIMIT; BY_CHANNEL + the channel's number for a channel's."""

# -- scratch ----------------------------------------------------------------------------------------------------------

HERE = 16
(
    P_PERSON,  # address of the person's row
    P_NUMBER,
    P_ZONE,
    P_FIRST,
    P_CURSOR,  # records before this one are applied
    P_FIRST_SEEN,  # instants of activity, -NEVER before any
    P_LAST_SEEN,
    P_HORIZON,  # the first instant at which what was just evaluated may change by time alone
    P_NEXT_DUE,  # nothing is due before
    P_RUNS,
    P_SENTS,
    P_KEYS,
    P_EFFECTS,
    P_KEPT,
    P_OVERFLOW,  # what was too small: FULL_*, 0 for nothing
    P_TOUCHED,  # 1 + the slot that a journey changed in this moment; 0 for none, -1 for several
) = range(HERE)
ROOMS = 14
(
    # addresses in `work`
    W_ORDER,  # open runs, by rank
    W_RUNS,
    W_SENT,
    W_KEYS,  # families of keys
    W_WATCH,
    W_ENTRIES,
    W_KEPT,
    # addresses in `numbers`, where the slots come first
    X_KEYS,
    X_KEPT,
    # how many rows there is room for
    MAX_RUNS,
    MAX_SENT,
    MAX_KEYS,
    MAX_EFFECTS,
    MAX_KEPT,
) = range(ROOMS)
FULL_EFFECTS, FULL_RUNS, FULL_SENT, FULL_KEYS, FULL_KEPT = range(1, 6)
KEPT = RUN + 1
"""A run put out: the person's number, then the row."""
