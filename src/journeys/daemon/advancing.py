"""Walking customers of the store: load, let the engine decide, save, each batch in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import Connection

from journeys.catalog.project import Project
from journeys.daemon.intents import IntentMaker
from journeys.daemon.programs import Programs, is_entered, longest_cap
from journeys.engine.advance import advance
from journeys.engine.program import Program
from journeys.engine.state import NEVER, Effect, PersonState, Run, Watch
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
        self._sweep(now, walked)
        journeys = self._journeys()
        if not any(journey.state != "stopped" for journey in journeys):
            return walked
        program = self.programs.of(journeys)
        while True:
            with self.store.reading() as conn:
                due = candidates(conn, now, BATCH)
            if not due:
                return walked
            self._walk(program, due, now, walked)

    def _journeys(self) -> Sequence[PublishedJourney]:
        with self.store.reading() as conn:
            return published.listed(conn)

    def _sweep(self, now: int, walked: Walked) -> None:
        """The first look of each newly published version at all customers, at the instant it was published.

        Customers are first walked to that instant without it, so that it meets them as they were then. A kill in
        between is no harm: how far the sweep has come is saved with each batch.
        """
        journeys = self._journeys()
        for journey in sorted(journeys, key=lambda one: (one.published_at, one.id)):
            if journey.swept_to is None or not is_entered(journey) or journey.published_at > now:
                continue
            before = [one for one in journeys if one.id != journey.id and one.swept_to is None]
            without = self.programs.of(before) if before else None
            program = self.programs.of([*before, journey])
            swept_to = journey.swept_to
            while True:
                with self.store.reading() as conn:
                    people = ids_after(conn, swept_to, BATCH)
                if not people:
                    break
                if without is not None:
                    self._walk(without, people, journey.published_at, walked, only_walked=True)
                swept_to = people[-1]
                self._walk(program, people, journey.published_at, walked, sweep=(journey.id, swept_to))
            self.store.run_in_transaction(partial(published.note_sweep, journey_id=journey.id, swept_to=None))
            journeys = [replace(one, swept_to=None) if one.id == journey.id else one for one in journeys]

    def _walk(
        self,
        program: Program,
        people: Sequence[int],
        until: int,
        walked: Walked,
        only_walked: bool = False,
        sweep: tuple[int, int] | None = None,
    ) -> None:
        """Walk some customers to an instant and keep what was decided. `only_walked` leaves out who never was walked.

        `sweep` is noted in the same transaction: the journey, and the customer it has come to.
        """
        for _ in range(TRIES):
            advances, horizon = self._advance(program, people, until, only_walked)
            keep = partial(self._keep, advances=advances, now=until, horizon=horizon, sweep=sweep)
            try:
                self.store.run_in_transaction(keep)
            except Stale:
                continue
            walked.customers += len(advances)
            for one in advances:
                walked.decided.update(effect.kind for effect in one.effects)
            return
        raise DaemonBug("somebody else keeps saving the same customers")

    def _advance(
        self, program: Program, people: Sequence[int], until: int, only_walked: bool
    ) -> tuple[list[Advance], int]:
        with self.store.reading() as conn:
            loaded = load_history(conn, people, until)
            turns = load_turns(conn, people)
            states = load_states(conn, people, until - longest_cap(program, self.programs.policy))
            last_tick = facts.instant(conn, "advanced to")
        ids = loaded.customer_ids.tolist()
        before = [states[customer] for customer in ids]
        # Somebody new is met where the daemon stood last, so that what happened to them since counts as happening now.
        resume = until if last_tick is None else min(last_tick, until)
        after = advance(program, loaded.history, before, resume=resume, until=until)
        effects: dict[int, list[Effect]] = {}
        for effect in after.effects:
            effects.setdefault(effect.person, []).append(effect)
        maker = IntentMaker(self.project, program, loaded.history)
        advances = []
        for person, customer in enumerate(ids):
            if only_walked and before[person].advanced_to == -NEVER:
                continue
            decided = effects.get(person, [])
            runs = {(run.journey.name, run.number): run for run in after.states[person].runs}
            advances.append(
                Advance(
                    customer_id=customer,
                    turn=turns[customer],
                    advanced_to=after.states[person].advanced_to,
                    seen_seq=after.states[person].seen_seq,
                    runs=_new_runs(before[person], after.states[person]),
                    watches=_new_watches(before[person], after.states[person]),
                    effects=decided,
                    intents=maker.intents(person, decided, runs),
                )
            )
        return advances, loaded.horizon

    def _keep(
        self,
        conn: Connection,
        advances: Sequence[Advance],
        now: int,
        horizon: int,
        sweep: tuple[int, int] | None,
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
        if sweep is not None:
            published.note_sweep(conn, *sweep)


def _new_runs(before: PersonState, after: PersonState) -> list[Run]:
    known = {(run.journey.name, run.number): run for run in before.runs}
    return [run for run in after.runs if known.get((run.journey.name, run.number)) != run]


def _new_watches(before: PersonState, after: PersonState) -> list[Watch]:
    known = set(before.watches)
    return [watch for watch in after.watches if watch not in known]
