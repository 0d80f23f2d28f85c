"""Walking customers of the store: load, let the engine decide, save, each batch in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from journeys.catalog.project import Project
from journeys.daemon.intents import IntentMaker
from journeys.daemon.programs import Programs, awaits_first_look, longest_cap
from journeys.engine.advance import advance
from journeys.engine.program import Program
from journeys.engine.state import Effect, PersonState, Run, Watch
from journeys.store import facts, outbox
from journeys.store import journeys as published
from journeys.store.customers import ids_after
from journeys.store.database import Store
from journeys.store.history import load_history
from journeys.store.journeys import PublishedJourney
from journeys.store.runs import candidates, load_states, load_turns
from journeys.store.save import Advance, Stale, save

BATCH = 500
"""Customers walked in one transaction."""
TRIES = 5


@dataclass(slots=True)
class Walked:
    """How many customers were looked at, and how often what was decided."""

    customers: int = 0
    decided: Counter[str] = field(default_factory=Counter)


class DaemonBug(Exception):
    """Something the daemon holds to be impossible happened; it stops rather than go on."""


@dataclass(slots=True)
class Walker:
    """Walks the customers of one store through the published journeys of one project."""

    store: Store
    project: Project
    programs: Programs

    def walk_due(self, now: int) -> Walked:
        """Everybody with something to look at at `now`: first the first look of newly published journeys."""
        walked = Walked()
        self._first_looks(now, walked)
        # Published while the first looks went on: not for this tick, which is of an earlier instant.
        published = self._published()
        running = [journey for journey in published if not awaits_first_look(journey)]
        if not running:
            return walked
        program = self.programs.of(running, published)
        before: tuple[Sequence[int], int] | None = None
        while True:
            with self.store.reading() as conn:
                due, arrived = candidates(conn, now, BATCH), facts.last(conn, "arrival")
            if not due:
                return walked
            if (due, arrived) == before:
                raise DaemonBug(f"{len(due)} customers stay due at {now} although they were looked at: {due[:5]}")
            before = due, arrived
            self._walk(program, due, now, walked)

    def _published(self) -> Sequence[PublishedJourney]:
        """All versions but the stopped ones."""
        with self.store.reading() as conn:
            return [journey for journey in published.listed(conn) if journey.state != "stopped"]

    def _first_looks(self, now: int, walked: Walked) -> None:
        """The first look of newly published journeys at all customers, those of one instant together, at that instant.

        Customers are first walked to that instant without them, so that they meet everybody as he or she was then. A
        kill in between is no harm: how far the look has come is saved with each batch.
        """
        known = self._published()
        waiting = [journey for journey in known if awaits_first_look(journey) and journey.published_at <= now]
        for at in sorted({journey.published_at for journey in waiting}):
            new = [journey for journey in waiting if journey.published_at == at]
            old = [journey for journey in known if not awaits_first_look(journey) or journey.published_at < at]
            self._first_look(new, old, known, at, walked)

    def _first_look(
        self,
        new: Sequence[PublishedJourney],
        old: Sequence[PublishedJourney],
        known: Sequence[PublishedJourney],
        at: int,
        walked: Walked,
    ) -> None:
        def note(conn: Connection, swept_to: int | None) -> None:
            for journey in new:
                published.note_sweep(conn, journey.id, swept_to)

        without = self.programs.of(old, known) if old else None
        program = self.programs.of([*old, *new], known)
        swept_to = min(journey.swept_to for journey in new if journey.swept_to is not None)
        while True:
            with self.store.reading() as conn:
                people = ids_after(conn, swept_to, BATCH)
            if not people:
                break
            if without is not None:
                self._walk(without, people, at, walked)
            swept_to = people[-1]
            self._walk(program, people, at, walked, resume=at, also=partial(note, swept_to=swept_to))
        self.store.run_in_transaction(partial(note, swept_to=None))

    def _walk(
        self,
        program: Program,
        people: Sequence[int],
        until: int,
        walked: Walked,
        resume: int | None = None,
        also: Callable[[Connection], None] | None = None,
    ) -> None:
        """Walk some customers to an instant and keep what was decided; `also` is noted in the same transaction.

        Somebody who never was walked is met at `resume`; by default where the daemon stood last, so that what happened
        to them since counts as happening now.
        """
        for _ in range(TRIES):
            advances, horizon = self._advance(program, people, until, resume)
            try:
                self.store.run_in_transaction(partial(_keep, advances=advances, now=until, horizon=horizon, also=also))
            except Stale:
                continue
            walked.customers += len(advances)
            for one in advances:
                walked.decided.update(effect.kind for effect in one.effects)
            return
        raise DaemonBug("somebody else keeps saving the same customers")

    def _advance(
        self, program: Program, people: Sequence[int], until: int, resume: int | None
    ) -> tuple[list[Advance], int]:
        with self.store.reading() as conn:
            loaded = load_history(conn, people, until, properties_named=program.properties)
            turns = load_turns(conn, people)
            states = load_states(conn, people, until - longest_cap(program, self.programs.policy))
            stood = facts.instant(conn, "advanced to")
        ids = loaded.customer_ids.tolist()
        before = [states[customer] for customer in ids]
        if resume is None:
            resume = until if stood is None else min(stood, until)
        after = advance(program, loaded.history, before, resume=resume, until=until)
        effects: dict[int, list[Effect]] = {}
        for effect in after.effects:
            effects.setdefault(effect.person, []).append(effect)
        maker = IntentMaker(self.project, program, loaded.history)
        advances = []
        for person, customer in enumerate(ids):
            decided = effects.get(person, [])
            state = after.states[person]
            runs = {(run.journey.name, run.number): run for run in state.runs}
            advances.append(
                Advance(
                    customer_id=customer,
                    turn=turns[customer],
                    advanced_to=state.advanced_to,
                    seen_seq=state.seen_seq,
                    runs=_new_runs(before[person], state),
                    watches=_new_watches(before[person], state),
                    effects=decided,
                    intents=maker.intents(person, decided, runs),
                )
            )
        return advances, loaded.horizon


def _keep(
    conn: Connection,
    advances: Sequence[Advance],
    now: int,
    horizon: int,
    also: Callable[[Connection], None] | None,
) -> None:
    # An exit takes back what earlier ticks decided and no channel has seen yet; what this walk itself decided
    # before the exit was decided in time.
    for one in advances:
        for effect in one.effects:
            if effect.kind == "ended" and effect.reason == "exit when":
                outbox.cancel_for_run(conn, one.customer_id, effect.journey.name, effect.run, "exit when")
    saved = save(conn, advances, now, horizon)
    if saved.repeated:
        raise DaemonBug(f"{saved.repeated} steps of one run and visit were decided twice")
    if also is not None:
        also(conn)


def _new_runs(before: PersonState, after: PersonState) -> list[Run]:
    known = {(run.journey.name, run.number): run for run in before.runs}
    return [run for run in after.runs if known.get((run.journey.name, run.number)) != run]


def _new_watches(before: PersonState, after: PersonState) -> list[Watch]:
    known = set(before.watches)
    return [watch for watch in after.watches if watch not in known]
