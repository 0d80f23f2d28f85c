"""A history in the codes of a program: only what the program can ever read, records of each person in time order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from journeys.engine import layout as L
from journeys.engine.calendar import DAY, ZoneTable, is_zone, zone_table
from journeys.engine.draw import person_key
from journeys.engine.expressions import ZONE
from journeys.engine.history import History, Vocabulary
from journeys.engine.program import Program
from journeys.engine.state import NEVER, JourneyKey, PersonState, Run
from journeys.graph.model import SplitNode

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
    codes = _event_codes(program, history)[history.event_name]
    rows = np.flatnonzero(codes >= 0)
    first, at = history.event_first, history.event_at
    if len(rows) < len(codes):
        first, at, codes = np.searchsorted(rows, first), at[rows], codes[rows]
    changes = _changes(history, _slot_codes(program, history), zone_of_text)

    # Where the changes go among the events: within a person by time, at one instant before them.
    places = _events_before(at, first, changes) + np.arange(len(changes.at))
    happened: npt.NDArray[np.bool_] | slice = slice(None)
    if len(places):
        happened = np.ones(len(at) + len(places), np.bool_)
        happened[places] = False
    records = np.empty((len(at) + len(places), L.RECORD), np.int64)
    records[happened, L.AT], records[happened, L.WHAT] = at, codes
    records[places, L.AT], records[places, L.WHAT] = changes.at, len(program.events) + changes.slot
    numbers = np.full((len(records), 1 + len(program.properties)), np.nan)
    numbers[places, 0] = changes.value
    for place, name in enumerate(program.properties):
        column = history.properties.get(name)
        if column is not None:
            numbers[happened, place + 1] = column[rows]

    begins = np.full(count, resume, np.int64)
    late: dict[int, list[int]] = {}
    if states is not None:
        late = _resume(states, begins, first, at, history.event_seq[rows], np.arange(len(records))[happened])
    first = first + np.searchsorted(changes.owner, np.arange(count + 1))

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
    """The rows of people with what they bring along, and the numbers brought along (after the records' values)."""
    count = len(history)
    width = program.table[L.N_PERSON]
    rows = np.zeros((count + 1, width), np.int64)
    if _draws(program):
        rows[:count, L.H_KEY] = np.fromiter(map(person_key, history.ids), np.int64, count)
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


def _draws(program: Program) -> bool:
    """Whether any journey leaves anything to chance."""
    return any(
        graph.holdout > 0 or any(isinstance(node, SplitNode) for node in graph.nodes) for graph in program.graphs
    )


class _Changes(NamedTuple):
    """Changes of slots, person by person and in time order: whose, when, of which slot, the new value."""

    owner: Ints
    at: Ints
    slot: Ints
    value: Floats


def _changes(history: History, slots: Ints, zone_of_text: dict[int, int]) -> _Changes:
    """The attribute changes that matter; one of the zone is also told as a change of the zone's index."""
    slot = slots[history.change_name]
    rows = np.flatnonzero(slot >= 0)
    slot, value = slot[rows], history.change_value[rows]
    name = history.names.find("zone")
    moved = np.flatnonzero(history.change_name == name) if name >= 0 else np.zeros(0, np.int64)
    if len(moved):
        zone = [0 if value != value else zone_of_text[int(value)] for value in history.change_value[moved].tolist()]
        rows = np.concatenate([moved, rows])
        order = np.argsort(rows, kind="stable")
        rows = rows[order]
        value = np.concatenate([np.array(zone, np.float64), value])[order]
        slot = np.concatenate([np.full(len(moved), L.ZONE_SLOT), slot])[order]
    owner = np.searchsorted(history.change_first, rows, side="right") - 1
    return _Changes(owner, history.change_at[rows], slot, value)


def _events_before(at: Ints, first: Ints, changes: _Changes) -> Ints:
    """For each change the number of events that stand before it: all of earlier people, its person's earlier ones."""
    low, high = first[changes.owner], first[changes.owner + 1]
    while (searching := low < high).any():
        middle = (low + high) // 2
        earlier = searching & (at[np.minimum(middle, len(at) - 1)] < changes.at)
        low, high = np.where(earlier, middle + 1, low), np.where(searching & ~earlier, middle, high)
    return low


def _resume(
    states: Sequence[PersonState], begins: Ints, first: Ints, at: Ints, sequence: Ints, places: Ints
) -> dict[int, list[int]]:
    """Set where people who were walked before go on; the records of events that arrived late, by person.

    Of each event: its instant, its number in order of arrival, and its place among the records.
    """
    advanced = np.array([state.advanced_to for state in states], np.int64)
    walked = advanced > -NEVER
    begins[walked] = advanced[walked]
    late: dict[int, list[int]] = {}
    if walked.any() and len(at):
        owners = np.repeat(np.arange(len(states)), np.diff(first))
        seen = np.array([state.seen_seq for state in states], np.int64)
        begun = begins[owners]
        are_late = walked[owners] & (sequence > seen[owners]) & (at <= begun) & (begun - at < DAY)
        for event in np.flatnonzero(are_late).tolist():
            late.setdefault(int(owners[event]), []).append(int(places[event]))
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
