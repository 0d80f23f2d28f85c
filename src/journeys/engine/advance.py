"""The one door to the engine: people and what is remembered of them in, effects and new memory out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import numpy.typing as npt

from journeys.engine import layout as L
from journeys.engine.binding import NEW, Bound, bind
from journeys.engine.history import History
from journeys.engine.jit import load
from journeys.engine.program import Program
from journeys.engine.state import NEVER, Effect, EffectKind, HandedOff, PersonState, Run, Watch

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EffectTable:
    """Effects as columns, in the order in which they were decided for each person; columns E_* of `rows`."""

    rows: Ints
    values: npt.NDArray[np.float64]

    def column(self, place: int) -> Ints:
        """One column: E_PERSON, E_AT, E_KIND, E_JOURNEY, E_RUN, E_NODE, E_VISIT, E_REASON or E_DETAIL."""
        return self.rows[:, place]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Advanced:
    """What became of some people: their new states (in the order of the history) and all effects."""

    states: list[PersonState]
    effects: list[Effect]


PORTION = 1 << 14
"""Effects put out at a time: few enough to stay in a processor's cache until they are counted."""


class _Memory:
    """The machine's memory for a binding: scratch and output in lists or arrays, larger when they prove too small."""

    def __init__(self, bound: Bound, keep: bool, arrays: bool, effects: int) -> None:
        self.bound, self.arrays = bound, arrays
        self.room = {
            L.MAX_RUNS: 8,
            L.MAX_SENT: 64,
            L.MAX_KEYS: 8,
            L.MAX_EFFECTS: effects,
            L.MAX_KEPT: 64 if keep else 0,
        }
        self.machine = self._allocate()

    def _allocate(self) -> L.Machine:
        bound, room = self.bound, self.room
        table = bound.table
        variables = table[L.N_VARIABLES]
        rooms = [0] * L.ROOMS
        for place, rows in room.items():
            rooms[place] = rows
        ints = 0
        for place, size in (
            (L.W_ORDER, room[L.MAX_RUNS]),
            (L.W_RUNS, room[L.MAX_RUNS] * L.RUN),
            (L.W_SENT, room[L.MAX_SENT] * L.SENT),
            (L.W_KEYS, room[L.MAX_KEYS]),
            (L.W_WATCH, 2 * table[L.N_JOURNEYS]),
            (L.W_ENTRIES, 2 * table[L.N_FAMILIES]),
            (L.W_KEPT, room[L.MAX_KEPT] * L.KEPT),
        ):
            rooms[place] = ints
            ints += size
        own_variables = table[L.N_SLOTS]
        rooms[L.X_KEYS] = own_variables + room[L.MAX_RUNS] * variables
        rooms[L.X_KEPT] = rooms[L.X_KEYS] + room[L.MAX_KEYS]
        work = self._ints(ints)
        for run in range(room[L.MAX_RUNS]):
            work[rooms[L.W_RUNS] + run * L.RUN + L.R_VARIABLES] = own_variables + run * variables
        return L.Machine(
            table=table,
            constants=bound.constants,
            zones=bound.zones,
            records=bound.records,
            values=bound.values,
            people=bound.people,
            rooms=cast("L.Ints", np.array(rooms)) if self.arrays else rooms,
            here=self._ints(L.HERE),
            work=work,
            numbers=self._floats(rooms[L.X_KEPT] + room[L.MAX_KEPT] * variables),
            effects=self._ints(room[L.MAX_EFFECTS] * L.EFFECT),
            effect_values=self._floats(room[L.MAX_EFFECTS]),
        )

    def _ints(self, size: int) -> L.Ints:
        return cast("L.Ints", np.zeros(size, np.int64)) if self.arrays else [0] * size

    def _floats(self, size: int) -> L.Floats:
        return cast("L.Floats", np.zeros(size)) if self.arrays else [0.0] * size

    def grow(self, overflow: int) -> None:
        """Make room where there was too little; what was put out must have been taken before."""
        places = {
            L.FULL_EFFECTS: L.MAX_EFFECTS,
            L.FULL_RUNS: L.MAX_RUNS,
            L.FULL_SENT: L.MAX_SENT,
            L.FULL_KEYS: L.MAX_KEYS,
            L.FULL_KEPT: L.MAX_KEPT,
        }
        self.room[places[overflow]] *= 2
        self.machine = self._allocate()

    def table(self) -> EffectTable:
        """The effects put out so far."""
        count = self.machine.here[L.P_EFFECTS]
        rows = np.asarray(self.machine.effects[: count * L.EFFECT], np.int64)  # type: ignore[index]
        values = np.asarray(self.machine.effect_values[:count], np.float64)  # type: ignore[index]
        return EffectTable(rows.reshape(-1, L.EFFECT), values)


def effects_of(
    bound: Bound, *, until: int, jit: bool, keep: dict[int, list[Run]] | None = None
) -> Iterator[tuple[int, EffectTable]]:
    """Walk everybody in a binding; after each portion: how many people are done, and the portion's effects.

    A portion's table is the machine's own memory: it is read, or copied, before the next portion is asked for.
    `keep` collects the runs to remember, by person.
    """
    advance = load(jit)
    memory = _Memory(bound, keep is not None, jit, PORTION)
    person = 0
    while person < bound.count:
        reached = advance(memory.machine, until, person, bound.count)
        here = memory.machine.here
        overflow = here[L.P_OVERFLOW] if reached < bound.count else 0
        if keep is not None:
            _take_runs(bound, memory.machine, keep)
        table = memory.table()
        if len(table) or reached == bound.count:
            yield reached, table
        if overflow and (reached == person or overflow not in (L.FULL_EFFECTS, L.FULL_KEPT)):
            memory.grow(overflow)
        person = reached
        memory.machine.here[L.P_EFFECTS] = 0
        memory.machine.here[L.P_KEPT] = 0


def advance(
    program: Program,
    history: History,
    states: Sequence[PersonState] | None = None,
    *,
    resume: int,
    until: int,
    jit: bool = False,
) -> Advanced:
    """Walk people from where they stand (new people from `resume`) to `until`, both instants included."""
    bound = bind(program, history, states, resume=resume, arrays=jit)
    runs: dict[int, list[Run]] = {}
    effects: list[Effect] = []
    for _, table in effects_of(bound, until=until, jit=jit, keep=runs):
        effects += decode(bound, table)
    before = states or (NEW,) * len(history)
    sent: dict[int, list[HandedOff]] = {}
    transactional = _transactional_nodes(program)
    for effect in effects:
        if effect.kind == "sent" and (effect.journey, effect.node) not in transactional:
            sent.setdefault(effect.person, []).append(HandedOff(effect.at, effect.journey, effect.detail))
    return Advanced(
        [
            _new_state(bound, history, person, state, runs.get(person, []), sent.get(person, []), until)
            for person, state in enumerate(before)
        ],
        effects,
    )


def _transactional_nodes(program: Program) -> set[tuple[object, str]]:
    return {
        (key, node.id)
        for key, graph in zip(program.journeys, program.graphs)
        for node in graph.nodes
        if node.kind == "send" and node.transactional
    }


def decode(bound: Bound, table: EffectTable) -> list[Effect]:
    """Effects in names."""
    program = bound.program
    effects = []
    for row, value in zip(table.rows.tolist(), table.values.tolist()):
        kind = row[L.E_KIND]
        detail = row[L.E_DETAIL]
        node = program.nodes[row[L.E_NODE]] if row[L.E_NODE] >= 0 else ""
        shown: float | int | str = 0
        name = ""
        if kind == L.HANDED_OFF:
            name = program.channels[detail]
        elif kind == L.HELD:
            name, shown = ("", "quiet", "limit")[detail], int(value)
        elif kind == L.WAITING:
            shown = int(value)
        elif kind == L.BLOCKED and row[L.E_REASON] == L.LIMIT:
            name = ("journey", "project")[detail] if detail < L.BY_CHANNEL else program.channels[detail - L.BY_CHANNEL]
        elif kind in (L.TAG_SET, L.TAG_REMOVED):
            name, shown = program.slots[detail].removeprefix("tag."), int(value)
        elif kind == L.ATTRIBUTE_SET:
            name = program.slots[detail]
            text = program.set_types[row[L.E_NODE]] == "text" and value == value
            shown = bound.texts.texts[int(value)] if text else value
        effects.append(
            Effect(
                person=row[L.E_PERSON],
                at=row[L.E_AT],
                kind=cast("EffectKind", L.KINDS[kind]),
                journey=program.journeys[row[L.E_JOURNEY]],
                run=row[L.E_RUN],
                node=node,
                visit=row[L.E_VISIT],
                reason=L.REASONS[row[L.E_REASON]],
                detail=name,
                value=shown,
            )
        )
    return effects


def _take_runs(bound: Bound, machine: L.Machine, keep: dict[int, list[Run]]) -> None:
    """Read the runs put out for remembering."""
    program = bound.program
    work, numbers, rooms = machine.work, machine.numbers, machine.rooms
    variables = bound.table[L.N_VARIABLES]
    for place in range(machine.here[L.P_KEPT]):
        at = rooms[L.W_KEPT] + place * L.KEPT
        person, *row = (int(value) for value in list(work[at : at + L.KEPT]))  # type: ignore[call-overload, index]
        at = rooms[L.X_KEPT] + place * variables
        values = [float(value) for value in list(numbers[at : at + variables])]  # type: ignore[call-overload, index]
        number = program.journey_number(row[L.R_JOURNEY])
        loops = [(row[at], row[at + 1], row[at + 2]) for at in range(L.R_LOOPS, L.R_LOOPS + 3 * L.LOOPS, 3)]
        while loops and loops[-1][0] == 0:
            loops.pop()
        entry: dict[str, float | str] = {}
        for (event, name), value in zip(program.variables[number], values[1:]):
            if value == value:
                text = (number, event, name) in program.text_variables
                entry[f"{event}.{name}"] = bound.texts.texts[int(value)] if text else value
        run = Run(
            journey=program.journeys[number],
            number=row[L.R_NUMBER],
            key=_key_text(bound, number, values[L.KEY]),
            node=program.nodes[program.node_number(row[L.R_NODE])] if row[L.R_NODE] >= 0 else "",
            entered_at=row[L.R_ENTERED],
            ended_at=row[L.R_ENDED],
            exit_reason=L.REASONS[row[L.R_REASON]],
            goal_at=row[L.R_GOAL_AT],
            goal_until=row[L.R_GOAL_UNTIL],
            holdout=bool(row[L.R_HOLDOUT]),
            wait_started=row[L.R_WAIT_STARTED],
            wait_until=row[L.R_WAIT_UNTIL],
            timed_out=bool(row[L.R_TIMED_OUT]),
            rounds=row[L.R_ROUNDS],
            loops=tuple(loops),
            held=("", "quiet", "limit")[row[L.R_HELD]],
            held_since=row[L.R_HELD_SINCE],
            entry=entry,
            due=row[L.R_DUE],
        )
        keep.setdefault(person, []).append(run)


def _key_text(bound: Bound, journey: int, value: float) -> str:
    """A key as it is remembered: a text as `=text`, a number as `#number`."""
    if value != value:
        return ""
    if journey in bound.program.text_keys:
        return f"={bound.texts.texts[int(value)]}"
    return f"#{value:.17g}"


def _new_state(
    bound: Bound,
    history: History,
    person: int,
    before: PersonState,
    changed: list[Run],
    sent: list[HandedOff],
    until: int,
) -> PersonState:
    program = bound.program
    runs = {(run.journey.name, run.number): run for run in before.runs}
    keys = {name: set(known) for name, known in before.keys.items()}
    for run in changed:
        runs[run.journey.name, run.number] = run
        if run.key:
            keys.setdefault(run.journey.name, set()).add(run.key)
    remembered = person * bound.table[L.N_PERSON] + L.PERSON
    watches = {watch.journey: watch for watch in before.watches}
    for number, key in enumerate(program.journeys):
        holds, due = (int(bound.people[remembered + 2 * number + place]) for place in range(2))
        if holds >= 0:
            watches[key] = Watch(key, bool(holds), due)
    remembered += 2 * len(program.journeys)
    entries = dict(before.entries)
    for number, name in enumerate(program.families):
        entered, latest = (int(bound.people[remembered + 2 * number + place]) for place in range(2))
        if entered:
            entries[name] = (entered, latest)
    first, last = int(history.event_first[person]), int(history.event_first[person + 1])
    walked = history.event_seq[first:last][history.event_at[first:last] <= until]
    seen = int(walked.max()) if len(walked) else -1
    return replace(
        before,
        advanced_to=max(until, before.advanced_to if before.advanced_to > -NEVER else until),
        seen_seq=max(before.seen_seq, seen),
        runs=tuple(runs.values()),
        watches=tuple(watches.values()),
        handed_off=(*before.handed_off, *sent),
        entries=entries,
        keys={name: frozenset(known) for name, known in keys.items()},
    )
