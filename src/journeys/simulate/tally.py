"""Counts the effects of a replay, portion by portion, as columns: no Python loop over effects or people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from journeys.catalog.values import midnight
from journeys.engine import layout as L
from journeys.engine.advance import EffectTable
from journeys.engine.program import Program
from journeys.simulate.outcome import Group, JourneyResult, Messages, StepResult

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_TREATED, _HELD_OUT = 0, 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def days_between(start: int, until: int, zone: str) -> tuple[date, ...]:
    """The calendar days of a zone from that of `start` to that just before `until`."""
    first, last = (
        (_EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(zone)).date()
        for instant in (start, max(start, until - 1))
    )
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


class Columns(NamedTuple):
    """The columns of a portion that counting needs; `key` numbers person and journey together."""

    person: Ints
    at: Ints
    kind: Ints
    journey: Ints
    node: Ints
    reason: Ints
    detail: Ints
    key: Ints


class Tally:
    """Running counts over a whole population that comes in slices, each slice in portions of whole people."""

    def __init__(self, program: Program, people: int, days: Sequence[date], zone: str, start: int) -> None:
        self.program, self.start = program, start
        self.journeys, self.nodes = len(program.journeys), len(program.nodes)
        self.channels = max(len(program.channels), 1)
        self.causes = len(L.REASONS) + L.BY_CHANNEL + self.channels
        self.days = len(days)
        self.midnights = np.array([midnight(day, zone) for day in days[1:]], np.int64)
        self.entries = self._zeros(self.journeys * 2)
        self.people = self._zeros(self.journeys * 2)
        self.goals = self._zeros(self.journeys * 2)
        self.reached = self._zeros(self.journeys * 2)
        self.at_start = self._zeros(self.journeys)
        self.ended = self._zeros(self.journeys * 2 * len(L.REASONS))
        self.entries_by_day = self._zeros(self.journeys * self.days)
        self.sent_by_day = self._zeros(self.journeys * self.days)
        self.visits = self._zeros(self.nodes)
        self.sent = self._zeros(self.nodes * self.channels)
        self.held = self._zeros(self.nodes * 3)
        self.blocked = self._zeros(self.nodes * self.causes)
        self.timed_out = self._zeros(self.nodes)
        self.waiting = self._zeros(self.nodes)
        self.edges: dict[int, int] = {}
        self.messages = np.zeros(people, np.int64)
        self.first = 0

    @staticmethod
    def _zeros(size: int) -> Ints:
        return np.zeros(size, np.int64)

    def begin_slice(self, first: int) -> None:
        """The portions that follow count people from this one on."""
        self.first = first

    def add(self, table: EffectTable) -> None:
        """Count a portion."""
        if not len(table):
            return
        journey = table.column(L.E_JOURNEY)
        person = table.column(L.E_PERSON)
        lowest = int(person.min())
        columns = Columns(
            person,
            table.column(L.E_AT),
            table.column(L.E_KIND),
            journey,
            table.column(L.E_NODE),
            table.column(L.E_REASON),
            table.column(L.E_DETAIL),
            (person - lowest) * self.journeys + journey,
        )
        group = self._group(columns)
        self._runs(columns, group)
        self._messages(columns)
        self._steps(columns, table.column(L.E_RUN), table.column(L.E_VISIT))

    def _group(self, columns: Columns) -> Ints:
        """Whether each effect belongs to a held-out person: the draw is one of person and journey."""
        held_out = np.zeros(int(columns.key.max()) + 1, np.int64)
        held_out[columns.key[(columns.kind == L.ENTERED) & (columns.reason == L.HOLDOUT)]] = _HELD_OUT
        return held_out[columns.key]

    def _day(self, at: Ints) -> Ints:
        return np.searchsorted(self.midnights, at, side="right")

    def _runs(self, columns: Columns, group: Ints) -> None:
        entered = columns.kind == L.ENTERED
        self._count_people(self.entries, self.people, columns, group, entered)
        self._count_people(self.goals, self.reached, columns, group, columns.kind == L.GOAL)
        journey = columns.journey[entered]
        self.at_start += np.bincount(journey[columns.at[entered] == self.start], minlength=self.journeys)
        self.entries_by_day += np.bincount(
            journey * self.days + self._day(columns.at[entered]), minlength=self.entries_by_day.size
        )
        over = columns.kind == L.ENDED
        row = (columns.journey[over] * 2 + group[over]) * len(L.REASONS) + columns.reason[over]
        self.ended += np.bincount(row, minlength=self.ended.size)

    def _count_people(self, runs: Ints, people: Ints, columns: Columns, group: Ints, rows: Flags) -> None:
        """Count effects, and the people who have any of them."""
        place = columns.journey[rows] * 2 + group[rows]
        runs += np.bincount(place, minlength=runs.size)
        _, first = np.unique(columns.key[rows], return_index=True)
        people += np.bincount(place[first], minlength=people.size)

    def _messages(self, columns: Columns) -> None:
        sent = columns.kind == L.HANDED_OFF
        people = np.bincount(columns.person[sent])
        self.messages[self.first : self.first + len(people)] += people
        self.sent += np.bincount(columns.node[sent] * self.channels + columns.detail[sent], minlength=self.sent.size)
        day = columns.journey[sent] * self.days + self._day(columns.at[sent])
        self.sent_by_day += np.bincount(day, minlength=self.sent_by_day.size)
        blocked = columns.kind == L.BLOCKED
        by_limit = columns.reason[blocked] == L.LIMIT
        cause = np.where(by_limit, len(L.REASONS) + columns.detail[blocked], columns.reason[blocked])
        self.blocked += np.bincount(columns.node[blocked] * self.causes + cause, minlength=self.blocked.size)

    def _steps(self, columns: Columns, run: Ints, visit: Ints) -> None:
        visited = columns.kind == L.VISITED
        self.visits += np.bincount(columns.node[visited], minlength=self.nodes)
        self.timed_out += np.bincount(columns.node[columns.kind == L.RAN_OUT], minlength=self.nodes)
        passage = columns.key * (int(run.max()) + 1) + run
        self._held(columns, passage, visit)
        self._ways(columns, passage)

    def _held(self, columns: Columns, passage: Ints, visit: Ints) -> None:
        """A message whose hold is told anew is still one message."""
        held = np.flatnonzero(columns.kind == L.HELD)
        if not len(held):
            return
        rows = np.stack([passage[held], visit[held], columns.node[held], columns.detail[held]], axis=1)
        once = held[np.unique(rows, axis=0, return_index=True)[1]]
        self.held += np.bincount(columns.node[once] * 3 + columns.detail[once], minlength=self.held.size)

    def _ways(self, columns: Columns, passage: Ints) -> None:
        """Follow each run from node to node: how often each way was gone, and where those stand who have not ended."""
        told = np.flatnonzero((columns.kind == L.VISITED) | (columns.kind == L.ENDED))
        if not len(told):
            return
        # Within a run effects are in order; runs of one person in several journeys are not one after the other.
        told = told[np.argsort(passage[told], kind="stable")]
        passage, node, kind = passage[told], columns.node[told], columns.kind[told]
        same = passage[1:] == passage[:-1]
        went = same & (kind[1:] == L.VISITED)
        ways, counts = np.unique(node[:-1][went] * self.nodes + node[1:][went], return_counts=True)
        for way, count in zip(ways.tolist(), counts.tolist()):
            self.edges[way] = self.edges.get(way, 0) + count
        last = np.append(~same, True)
        stands = last & (kind == L.VISITED)
        self.waiting += np.bincount(node[stands], minlength=self.nodes)

    # -- the result ----------------------------------------------------------------------------------------------------

    def journey_results(self) -> tuple[JourneyResult, ...]:
        """The counts of each journey, in the order of the program."""
        results, first = [], 0
        for number in range(self.journeys):
            last = first + len(self.program.graphs[number].nodes)
            results.append(self._journey(number, first, last))
            first = last
        return tuple(results)

    def messages_of_people(self) -> Messages:
        """How many messages people get."""
        numbers, people = np.unique(self.messages, return_counts=True)
        return Messages(len(self.messages), dict(zip(numbers.tolist(), people.tolist())))

    def _journey(self, number: int, first: int, last: int) -> JourneyResult:
        graph = self.program.graphs[number]
        places = {node.id: first + place for place, node in enumerate(graph.nodes)}
        edges: dict[tuple[str, str], int] = {}
        taken = set()
        for edge in graph.edges:
            way = places[edge.source] * self.nodes + places[edge.target]
            # Two ports that lead to one node cannot be told apart by where people went: the first has them all.
            edges[edge.source, edge.port] = 0 if way in taken else self.edges.get(way, 0)
            taken.add(way)
        ended = self.ended.reshape(self.journeys, 2, len(L.REASONS))[number]
        by_day = slice(number * self.days, (number + 1) * self.days)
        return JourneyResult(
            journey=self.program.journeys[number],
            treated=self._group_result(number, _TREATED),
            holdout=self._group_result(number, _HELD_OUT),
            at_start=int(self.at_start[number]),
            steps=tuple(self._step(node) for node in range(first, last)),
            edges=edges,
            ended=_named(L.REASONS, ended[_TREATED]),
            ended_held_out=_named(L.REASONS, ended[_HELD_OUT]),
            entries_by_day=tuple(self.entries_by_day[by_day].tolist()),
            sent_by_day=tuple(self.sent_by_day[by_day].tolist()),
        )

    def _group_result(self, journey: int, group: int) -> Group:
        place = journey * 2 + group
        return Group(*(int(counts[place]) for counts in (self.entries, self.people, self.goals, self.reached)))

    def _step(self, node: int) -> StepResult:
        channels = self.program.channels
        whose = ("journey", "project", *channels)
        causes = (*L.REASONS, *(f"limit {owner}" for owner in whose))
        return StepResult(
            node=self.program.nodes[node],
            visits=int(self.visits[node]),
            sent=_named(channels, self.sent.reshape(-1, self.channels)[node]),
            held=_named(("", "quiet", "limit"), self.held.reshape(-1, 3)[node]),
            blocked=_named(causes, self.blocked.reshape(-1, self.causes)[node]),
            timed_out=int(self.timed_out[node]),
            waiting=int(self.waiting[node]),
        )


def _named(names: Sequence[str], counts: Ints) -> dict[str, int]:
    """Those counts that are not zero, by name."""
    return {name: int(count) for name, count in zip(names, counts.tolist()) if count}
