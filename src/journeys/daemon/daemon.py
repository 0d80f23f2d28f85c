"""The daemon of one project: a tick does everything that is due at an instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from journeys.catalog.project import Project
from journeys.channels.contract import Channel
from journeys.daemon.advancing import Walked, Walker
from journeys.daemon.handing_off import Outgoing
from journeys.daemon.programs import Programs
from journeys.engine.policy import policy_of
from journeys.messages.templates import TemplateFolder
from journeys.store import facts
from journeys.store import journeys as published
from journeys.store.database import Store


class ClockWentBack(Exception):
    """The clock shows an earlier instant than it has shown before; nothing is done until it is right again."""

    def __init__(self, now: int, highest: int) -> None:
        super().__init__(now, highest)
        self.now, self.highest = now, highest


@dataclass(frozen=True, slots=True)
class Tick:
    """What a tick did: who was looked at, what was decided, what became of messages."""

    at: int
    walked: Walked
    handed_off: Counter[str] = field(default_factory=Counter)

    @property
    def idle(self) -> bool:
        return self.walked.customers == 0 and not self.handed_off


class Daemon:
    """Everything a tick needs, put together. One daemon works on an embedded store at a time (`lock`)."""

    def __init__(self, store: Store, project: Project, channels: Mapping[str, Channel]) -> None:
        policy = policy_of(project)
        self.store = store
        self.walker = Walker(store, project, Programs(policy))
        self.outgoing = Outgoing(
            store,
            project,
            policy,
            TemplateFolder(project.folder / "messages", project.language),
            channels,
        )

    def take_over(self, now: int) -> tuple[int, int]:
        """Before the first tick, what a killed daemon left half-way: messages now unknown, and those that go again.

        Raises ClockWentBack and StoreProblem.
        """
        self._check_clock(now)
        return self.outgoing.take_over(now)

    def tick(self, now: int) -> Tick:
        """Do all that is due at `now`, then hand off what is due. Raises ClockWentBack and StoreProblem.

        A tick that dies half-way has kept whole batches, and the next does the rest.
        """
        self._check_clock(now)
        walked = self.walker.walk_due(now)
        with self.store.reading() as conn:
            journeys = published.listed(conn)
        graphs = [self.walker.programs.graph(journey) for journey in journeys]
        self.outgoing.quiet_of = {
            (graph.name, graph.version): graph.quiet for graph in graphs if graph.quiet is not None
        }
        handed_off = self.outgoing.hand_off(now) if journeys else Counter[str]()
        self.store.run_in_transaction(lambda conn: facts.note_instant(conn, "advanced to", now), durable=False)
        return Tick(now, walked, handed_off)

    def _check_clock(self, now: int) -> None:
        highest = self.store.run_in_transaction(
            lambda conn: facts.note_instant(conn, "highest instant", now), durable=False
        )
        if highest > now:
            raise ClockWentBack(now, highest)
