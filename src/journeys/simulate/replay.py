"""What some journeys would have done between two instants, over the customers' real history."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from journeys.engine import layout as L
from journeys.engine.advance import EffectTable, effects_of
from journeys.engine.binding import Bound, bind
from journeys.engine.history import History
from journeys.engine.jit import is_compiled
from journeys.engine.policy import Policy
from journeys.engine.program import Program, compile_program
from journeys.engine.state import JourneyKey
from journeys.graph.model import RuleGraph
from journeys.simulate.outcome import Entered, Replay, Sent, journey_json
from journeys.simulate.tally import Tally, days_between

Progress = Callable[[int, int], None]
"""Called with how many people are done, of how many."""

SLICE = 50_000
"""People walked at a time, so that memory is bounded by these and not by the population."""

WORTH_COMPILING = 100_000
WORTH_LOADING = 5_000
"""Records from which on the compiled machine is the quicker way: where it must be compiled first, and where not."""

_REMEMBERED = (L.ENTERED, L.HANDED_OFF, L.GOAL, L.ENDED)


def replay(
    graphs: Sequence[RuleGraph],
    policy: Policy,
    history: History,
    *,
    start: int,
    until: int,
    jit: bool | None = None,
    progress: Progress | None = None,
    keep_sends: bool = False,
    keep_entries: bool = False,
) -> Replay:
    """Publish the journeys at `start` and walk everybody to `until` (instants, microseconds UTC, both included).

    What happened up to `start` is the known past; nobody has a run yet, and those for whom a start condition already
    holds enter at once (unless `enter new only`). Of several versions of a journey people enter the highest. History is
    taken as it was: nobody behaves differently because of a message of the replay.

    jit             whether the compiled machine walks; None chooses by the number of records (or JOURNEYS_JIT)
    keep_sends, keep_entries    also give every hand-off, every entry, one by one
    """
    if until < start:
        raise ValueError("a replay ends before it starts")
    program = compile_program(graphs, policy, older_versions(graphs))
    compiled = uses_compiled(len(history.event_at) + len(history.change_at)) if jit is None else jit
    days = days_between(start, until, policy.zone)
    tally = Tally(program, len(history), days, policy.zone, start)
    digest = _Digest(program)
    sends: list[Sent] | None = [] if keep_sends else None
    entries: list[Entered] | None = [] if keep_entries else None
    for first, part in slices(history, SLICE):
        bound = bind(program, part, None, resume=start, arrays=compiled)
        tally.begin_slice(first)
        digest.begin_slice(bound)
        for done, table in effects_of(bound, until=until, jit=compiled):
            tally.add(table)
            digest.add(table)
            if sends is not None:
                sends += _sends(program, part, table)
            if entries is not None:
                entries += _entries(program, part, table)
            if progress is not None:
                progress(first + done, len(history))
    journeys = tally.journey_results()
    return Replay(
        start=start,
        until=until,
        zone=policy.zone,
        days=days,
        journeys=journeys,
        messages=tally.messages_of_people(),
        fingerprint=digest.close([journey_json(journey) for journey in journeys]),
        sends=None if sends is None else tuple(sends),
        entries=None if entries is None else tuple(entries),
    )


def uses_compiled(records: int) -> bool:
    """Whether the compiled machine is worth it for so many records. JOURNEYS_JIT=1 or 0 decides where it is set."""
    wish = os.environ.get("JOURNEYS_JIT")
    if wish in ("0", "1"):
        return wish == "1"
    return records > WORTH_COMPILING or (records > WORTH_LOADING and is_compiled())


def older_versions(graphs: Sequence[RuleGraph]) -> frozenset[JourneyKey]:
    """The versions that nobody enters any more because a higher one is there."""
    highest: dict[str, int] = {}
    for graph in graphs:
        highest[graph.name] = max(graph.version, highest.get(graph.name, graph.version))
    return frozenset(JourneyKey(graph.name, graph.version) for graph in graphs if graph.version < highest[graph.name])


def slices(history: History, people: int) -> Iterator[tuple[int, History]]:
    """A history in slices of at most so many people, each with the number of its first; nothing is copied."""
    for first in range(0, len(history), people):
        last = min(first + people, len(history))
        events = slice(int(history.event_first[first]), int(history.event_first[last]))
        changes = slice(int(history.change_first[first]), int(history.change_first[last]))
        yield (
            first,
            History(
                ids=history.ids[first:last],
                names=history.names,
                texts=history.texts,
                event_first=history.event_first[first : last + 1] - events.start,
                event_at=history.event_at[events],
                event_name=history.event_name[events],
                event_seq=history.event_seq[events],
                properties={name: column[events] for name, column in history.properties.items()},
                change_first=history.change_first[first : last + 1] - changes.start,
                change_at=history.change_at[changes],
                change_name=history.change_name[changes],
                change_value=history.change_value[changes],
            ),
        )


class _Digest:
    """A sha256 over what was decided, in names: entries, hand-offs, goals and ends, five numbers each.

    A customer, a journey and a node are each told by 64 bits of BLAKE2b of their names.
    """

    def __init__(self, program: Program) -> None:
        self.sha = hashlib.sha256()
        journeys = [(key.name, str(key.version)) for key in program.journeys]
        owners = [key for key, graph in zip(journeys, program.graphs) for _ in graph.nodes]
        self.journeys = _names([*journeys, ("",)])
        # The last stands for no node, whose number is -1.
        self.nodes = _names([*((*owner, node) for owner, node in zip(owners, program.nodes)), ("",)])
        self.people: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def begin_slice(self, bound: Bound) -> None:
        width = bound.table[L.N_PERSON]
        rows = np.asarray(bound.people[: bound.count * width], np.int64)  # type: ignore[index]
        self.people = rows.reshape(bound.count, width)[:, L.H_KEY].copy()

    def add(self, table: EffectTable) -> None:
        rows = table.rows[np.isin(table.column(L.E_KIND), _REMEMBERED)]
        told = np.stack(
            [
                self.people[rows[:, L.E_PERSON]],
                rows[:, L.E_AT],
                rows[:, L.E_KIND],
                self.journeys[rows[:, L.E_JOURNEY]],
                self.nodes[rows[:, L.E_NODE]],
            ],
            axis=1,
        )
        self.sha.update(told.astype("<i8").tobytes())

    def close(self, journeys: Sequence[object]) -> str:
        self.sha.update(json.dumps(journeys, sort_keys=True, ensure_ascii=False).encode())
        return self.sha.hexdigest()


def _names(names: Sequence[tuple[str, ...]]) -> npt.NDArray[np.int64]:
    return np.array(
        [
            int.from_bytes(blake2b("\x00".join(name).encode(), digest_size=8).digest(), "big", signed=True)
            for name in names
        ],
        np.int64,
    )


def _sends(program: Program, history: History, table: EffectTable) -> Iterator[Sent]:
    for row in table.rows[table.column(L.E_KIND) == L.HANDED_OFF].tolist():
        journey = program.journeys[row[L.E_JOURNEY]]
        yield Sent(
            customer=history.ids[row[L.E_PERSON]],
            at=row[L.E_AT],
            journey=journey.name,
            version=journey.version,
            run=row[L.E_RUN],
            node=program.nodes[row[L.E_NODE]],
            channel=program.channels[row[L.E_DETAIL]],
        )


def _entries(program: Program, history: History, table: EffectTable) -> Iterator[Entered]:
    for row in table.rows[table.column(L.E_KIND) == L.ENTERED].tolist():
        journey = program.journeys[row[L.E_JOURNEY]]
        yield Entered(
            customer=history.ids[row[L.E_PERSON]],
            at=row[L.E_AT],
            journey=journey.name,
            version=journey.version,
            run=row[L.E_RUN],
            held_out=row[L.E_REASON] == L.HOLDOUT,
        )
