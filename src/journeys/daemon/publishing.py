"""Publishing: journeys become versions in the store that never change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from journeys.daemon.clock import Clock
from journeys.engine.advance import advance
from journeys.engine.policy import Policy
from journeys.engine.program import compile_program
from journeys.engine.state import NEVER, JourneyKey
from journeys.graph.model import RuleGraph
from journeys.store import customers, facts, runs
from journeys.store import journeys as published
from journeys.store.database import Store
from journeys.store.history import load_history
from journeys.store.problem import CHANGED_VERSION, StoreProblem

TOO_EARLY = "J302"


@dataclass(frozen=True, slots=True)
class Planned:
    """What publishing would change: versions that are new, versions that are published already, and how many people
    would enter each new one at once because its starting condition already holds for them."""

    new: tuple[JourneyKey, ...]
    unchanged: tuple[JourneyKey, ...]
    entering: Counter[JourneyKey]
    people: int


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published, and at which instant."""

    new: tuple[JourneyKey, ...]
    at: int


def plan(store: Store, graphs: Sequence[RuleGraph], policy: Policy, at: int) -> Planned:
    """Look before publishing; changes nothing. Raises StoreProblem J301 and J302, as `publish` would."""
    with store.reading() as conn:
        _refuse_too_early(store, conn, at)
        known = {journey.key: journey for journey in published.listed(conn)}
    new = []
    unchanged = []
    for graph in graphs:
        key = JourneyKey(graph.name, graph.version)
        if key not in known:
            new.append(graph)
        elif known[key].hash == graph.hash():
            unchanged.append(key)
        else:
            latest = max(other.version for other in known if other.name == graph.name)
            told = {"journey": graph.name, "version": str(graph.version), "next": str(latest + 1)}
            raise StoreProblem(CHANGED_VERSION, store.name, told)
    entering: Counter[JourneyKey] = Counter()
    people = 0
    if new:
        program = compile_program(new, policy)
        with store.reading() as conn:
            people = customers.count(conn)
            for ids in customers.all_ids(conn):
                history = load_history(conn, ids, at).history
                states = runs.load_states(conn, ids, at)
                # Everybody is met at that very instant: what happened since the daemon last looked starts nothing new.
                before = [replace(states[customer], advanced_to=-NEVER) for customer in sorted(ids)]
                decided = advance(program, history, before, resume=at, until=at).effects
                entering.update(effect.journey for effect in decided if effect.kind == "entered")
    return Planned(tuple(JourneyKey(graph.name, graph.version) for graph in new), tuple(unchanged), entering, people)


def publish(store: Store, graphs: Sequence[RuleGraph], clock: Clock) -> Publication:
    """Publish graphs now, all or none. Older versions take nobody any more.

    Raises StoreProblem: J301 where a version has another graph already, J302 where the daemon has passed that instant.
    """

    def work(conn: Connection) -> Publication:
        # While this transaction lasts no daemon begins a tick, so what the clock says here no tick has passed.
        at = clock.now()
        _refuse_too_early(store, conn, at)
        made = []
        for graph in graphs:
            _, new = published.publish(conn, graph.model_dump_json(), graph.name, graph.version, graph.hash(), at)
            if new:
                made.append(JourneyKey(graph.name, graph.version))
        return Publication(tuple(made), at)

    return store.run_in_transaction(work)


def _refuse_too_early(store: Store, conn: Connection, at: int) -> None:
    reached = facts.instant(conn, "highest instant")
    if reached is not None and at < reached:
        raise StoreProblem(TOO_EARLY, store.name, {})
