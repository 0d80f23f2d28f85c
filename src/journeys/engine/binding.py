"""A history in the codes of a program: only what the program can ever read, records of each person in time order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeys.engine import layout as L
from journeys.engine.calendar import DAY, ZoneTable, is_zone, zone_table
from journeys.engine.draw import person_key
from journeys.engine.expressions import ZONE
from journeys.engine.history import History, Vocabulary
from journeys.engine.program import Program
from journeys.engine.state import NEVER, JourneyKey, PersonState, Run

NEW = PersonState()
"""Somebody the engine has never looked at."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A program and some people, ready to run: the machine's memory but for its scratch.

    `constants` and `zones` are the program's, with the codes of texts and the people's zones put in.
    """

    program: Program
    count: int
    table: L.Ints
    constants: L.Floats
    zones: ZoneTable
    records: L.Ints
    values: L.Floats
    people: L.Ints
    texts: Vocabulary


def bind(
    program: Program, history: History, states: Sequence[PersonState] | None, *, resume: int, arrays: bool
) -> Bound:
    """Bind people to a program.

    states  one per person, or None: everybody is new. `resume` is where new people begin; others begin where they stand
    arrays  numpy arrays for the compiled machine, otherwise plain lists
    """
    count = len(history)
    zones, zone_of_text = _zones(program, history)
    events = _event_codes(program, history)
    slots = _slot_codes(program, history)

    event_rows = np.flatnonzero(events[history.event_name] >= 0)
    owner = np.repeat(np.arange(count), np.diff(history.event_first))[event_rows]
    changes, change_owner, change_slot, change_value = _changes(program, history, slots, zone_of_text)

    owners = np.concatenate([change_owner, owner])
    at = np.concatenate([history.change_at[changes], history.event_at[event_rows]])
    codes = np.concatenate([len(program.events) + change_slot, events[history.event_name[event_rows]]])
    values = np.concatenate([change_value, np.full(len(event_rows), np.nan)])
    rows = np.concatenate([np.full(len(changes), -1), event_rows])
    if len(changes):
        # Within a person by time; at one instant changes come first, then events in order of arrival (stable sort).
        order = np.lexsort((rows >= 0, at, owners))
        owners, at, codes, values, rows = owners[order], at[order], codes[order], values[order], rows[order]
    first = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(owners, minlength=count), out=first[1:])

    begins = np.full(count, resume, np.int64)
    late: dict[int, list[int]] = {}
    if states is not None:
        late = _resume(history, states, begins, owners, at, rows)
    records = np.stack([at, codes], axis=1, dtype=np.int64)
    happened = rows >= 0
    numbers = np.full((len(at), 1 + len(program.properties)), np.nan)
    numbers[:, 0] = values
    for place, name in enumerate(program.properties):
        column = history.properties.get(name)
        if column is not None:
            numbers[happened, place + 1] = column[rows[happened]]

    constants = program.constants.copy()
    for constant, text in program.texts.items():
        constants[constant] = float(history.texts.code(text))
    people, brought = _people(program, history, states, begins, first, late, numbers.size)
    zone_columns = program.zone_table if zones == program.zones else zone_table(zones).as_lists()
    table: list[int] = program.table
    if arrays:
        return Bound(
            program,
            count,
            np.array(table, np.int64),
            np.array(constants),
            ZoneTable(*(np.array(column, np.int64) for column in zone_columns)),
            records.reshape(-1),
            np.concatenate([numbers.reshape(-1), np.array(brought, np.float64)]),
            people,
            history.texts,
        )
    return Bound(
        program,
        count,
        table,
        constants,
        zone_columns,
        records.reshape(-1).tolist(),
        numbers.reshape(-1).tolist() + brought,
        people.tolist(),
        history.texts,
    )


Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def _people(
    program: Program,
    history: History,
    states: Sequence[PersonState] | None,
    begins: Ints,
    first: Ints,
    late: dict[int, list[int]],
    values_end: int,
) -> tuple[Ints, list[float]]:
    """The rows of people with what they bring along, and the numbers brought along (they follow the records' values)."""
    count = len(history)
    width = program.table[L.N_PERSON]
    rows = np.zeros((count + 1, width), np.int64)
    rows[:count, L.H_KEY] = np.fromiter((person_key(person) for person in history.ids), np.int64, count)
    rows[:count, L.H_RESUME] = begins
    rows[:, L.H_FIRST] = first
    watches = rows[:, L.PERSON : L.PERSON + 2 * len(program.journeys)]
    watches[:, 0::2] = -1
    watches[:, 1::2] = L.NEVER
    none_late = rows.size  # a count of zero, for everybody without late events
    rows[:, L.H_LATE] = none_late
    ints, floats = [0], list[float]()
    if states is not None:
        state_rows = _StateRows(program, history.texts)
        for person, state in enumerate(states):
            if state is not NEW:
                state_rows.write(rows[person], state, ints, floats, rows.size, values_end)
    for person, records in late.items():
        rows[person, L.H_LATE] = rows.size + len(ints)
        ints += [len(records), *records]
    return np.concatenate([rows.reshape(-1), np.array(ints, np.int64)]), floats


def _zones(program: Program, history: History) -> tuple[tuple[str, ...], dict[int, int]]:
    """The program's zones and the people's; and text code -> zone, the project's where a text names no zone."""
    zones = {name: number for number, name in enumerate(program.zones)}
    of_text: dict[int, int] = {}
    name = history.names.find("zone")
    if name >= 0:
        used = history.change_value[history.change_name == name]
        for code in np.unique(used[~np.isnan(used)]).astype(np.int64).tolist():
            text = history.texts.texts[code]
            of_text[code] = zones.setdefault(text, len(zones)) if is_zone(text) else 0
    return tuple(zones), of_text


def _event_codes(program: Program, history: History) -> Ints:
    """History's name code -> event code, -1 for what no journey can notice."""
    known = {name: code for code, name in enumerate(program.events)}
    codes = np.full(max(len(history.names), 1), -1, np.int64)
    for code, name in enumerate(history.names.texts):
        fallback = -1 if name in program.inactive_events else program.ordinary_activity
        codes[code] = known.get(name, fallback)
    return codes


def _slot_codes(program: Program, history: History) -> Ints:
    """History's name code -> slot, -1 for attributes no journey reads."""
    known = {name: slot for slot, name in enumerate(program.slots) if name != ZONE}
    return np.array([known.get(name, -1) for name in history.names.texts] or [-1], np.int64)


def _changes(
    program: Program, history: History, slots: Ints, zone_of_text: dict[int, int]
) -> tuple[Ints, Ints, Ints, Floats]:
    """Rows, owners, slots and values of the attribute changes that matter; a change of zone is told as its index."""
    owner = np.repeat(np.arange(len(history)), np.diff(history.change_first))
    rows = np.flatnonzero(slots[history.change_name] >= 0)
    values = history.change_value[rows]
    slot = slots[history.change_name[rows]]
    name = history.names.find("zone")
    moved = np.flatnonzero(history.change_name == name) if name >= 0 else np.zeros(0, np.int64)
    if len(moved):
        zone = [0 if value != value else zone_of_text[int(value)] for value in history.change_value[moved].tolist()]
        rows = np.concatenate([moved, rows])
        values = np.concatenate([np.array(zone, np.float64), values])
        slot = np.concatenate([np.full(len(moved), L.ZONE_SLOT), slot])
    return rows, owner[rows], slot, values


def _resume(
    history: History, states: Sequence[PersonState], begins: Ints, owners: Ints, at: Ints, rows: Ints
) -> dict[int, list[int]]:
    """Set where people who were walked before go on; the records of events that arrived late, by person."""
    advanced = np.array([state.advanced_to for state in states], np.int64)
    walked = advanced > -NEVER
    begins[walked] = advanced[walked]
    late: dict[int, list[int]] = {}
    if walked.any() and len(history.event_seq):
        seen = np.array([state.seen_seq for state in states], np.int64)
        sequence = np.where(rows >= 0, history.event_seq[np.maximum(rows, 0)], -1)
        begun = begins[owners]
        are_late = walked[owners] & (sequence > seen[owners]) & (at <= begun) & (begun - at < DAY)
        for record in np.flatnonzero(are_late).tolist():
            late.setdefault(int(owners[record]), []).append(record)
    return late


class _StateRows:
    """Writes what is remembered of people into the machine's rows."""

    def __init__(self, program: Program, texts: Vocabulary) -> None:
        self.program = program
        self.texts = texts
        self.journeys = {key: number for number, key in enumerate(program.journeys)}
        self.families = {name: number for number, name in enumerate(program.families)}
        self.channels = {name: number for number, name in enumerate(program.channels)}
        self.nodes: dict[tuple[JourneyKey, str], int] = {}
        for number, node in enumerate(program.nodes):
            at = program.node_at + number * L.INSTRUCTION
            self.nodes[program.journeys[program.journey_number(program.table[at + L.JOURNEY])], node] = at

    def write(
        self, row: Ints, state: PersonState, ints: list[int], floats: list[float], ints_at: int, floats_at: int
    ) -> None:
        """Write one person's row; what has no fixed width goes behind `ints` and `floats`."""
        for watch in state.watches:
            number = self.journeys.get(watch.journey)
            if number is not None:
                row[L.PERSON + 2 * number] = int(watch.holds)
                row[L.PERSON + 2 * number + 1] = watch.due
        entries = L.PERSON + 2 * len(self.journeys)
        for name, counted in state.entries.items():
            if name in self.families:
                place = entries + 2 * self.families[name]
                row[place : place + 2] = counted
        keys = [
            (2 * self.families[name], self._key(key))
            for name, known in state.keys.items()
            if name in self.families
            for key in sorted(known)
        ]
        runs = [run for run in state.runs if run.journey in self.journeys]
        row[L.H_KEYS], row[L.H_KEY_VALUES], row[L.H_KEY_COUNT] = (
            ints_at + len(ints),
            floats_at + len(floats),
            len(keys),
        )
        ints += [family for family, _ in keys]
        floats += [key for _, key in keys]
        row[L.H_RUN], row[L.H_RUNS] = ints_at + len(ints), len(runs)
        for run in runs:
            ints += self._run(run)
            floats += self._variables(run)
        row[L.H_SENT], row[L.H_SENTS] = ints_at + len(ints), len(state.handed_off)
        for sent in sorted(state.handed_off, key=lambda handed_off: handed_off.at):
            ints += [sent.at, self._journey_of(sent.journey), self._channel(sent.channel)]

    def _journey_of(self, key: JourneyKey) -> int:
        """The address of a journey that handed off, or of another version of it where this one is not compiled."""
        number = self.journeys.get(key)
        if number is None:
            number = next((number for other, number in self.journeys.items() if other.name == key.name), None)
        # The header of the table stands for a journey that is no more: its family is nobody's.
        return 0 if number is None else self.program.journey_at + number * L.JOURNEY_ROW

    def _channel(self, name: str) -> int:
        number = self.channels.get(name)
        return -1 if number is None else self.program.channel_at + number * L.CHANNEL

    def _key(self, key: str) -> float:
        """The number of a run's key: numbers are kept as `#number`, texts as `=text`."""
        if not key:
            return float("nan")
        return float(key[1:]) if key.startswith("#") else float(self.texts.code(key.removeprefix("=")))

    def _run(self, run: Run) -> list[int]:
        row = [0] * L.RUN
        row[L.R_JOURNEY] = self.program.journey_at + self.journeys[run.journey] * L.JOURNEY_ROW
        row[L.R_NUMBER] = run.number
        row[L.R_NODE] = self.nodes[run.journey, run.node] if run.node else -1
        row[L.R_ENTERED], row[L.R_ENDED] = run.entered_at, run.ended_at
        row[L.R_REASON] = L.REASONS.index(run.exit_reason) if run.exit_reason in L.REASONS else L.NO_REASON
        row[L.R_GOAL_AT], row[L.R_GOAL_UNTIL] = run.goal_at, run.goal_until
        row[L.R_HOLDOUT], row[L.R_TIMED_OUT], row[L.R_ROUNDS] = int(run.holdout), int(run.timed_out), run.rounds
        row[L.R_WAIT_STARTED], row[L.R_WAIT_UNTIL] = run.wait_started, run.wait_until
        row[L.R_WAIT_DUE] = row[L.R_EXIT_DUE] = row[L.R_GOAL_DUE] = L.NEVER
        row[L.R_HELD], row[L.R_HELD_SINCE] = ("", "quiet", "limit").index(run.held), run.held_since
        row[L.R_DUE] = run.due
        for depth, loop in enumerate(run.loops):
            row[L.R_LOOPS + 3 * depth : L.R_LOOPS + 3 * depth + 3] = loop
        return row

    def _variables(self, run: Run) -> list[float]:
        variables = [float("nan")] * self.program.table[L.N_VARIABLES]
        variables[L.KEY] = self._key(run.key)
        for place, (event, name) in enumerate(self.program.variables[self.journeys[run.journey]]):
            value = run.entry.get(f"{event}.{name}")
            if value is not None:
                variables[place + 1] = float(self.texts.code(value)) if isinstance(value, str) else float(value)
        return variables
