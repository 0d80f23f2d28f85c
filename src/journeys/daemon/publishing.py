"""Publishing: journeys become versions in the store that never change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from journeys.engine.advance import advance
from journeys.engine.policy import Policy
from journeys.engine.program import compile_program
from journeys.engine.state import JourneyKey
from journeys.graph.model import RuleGraph
from journeys.store import customers, facts, runs
from journeys.store import journeys as published
from journeys.store.database import Store
from journeys.store.history import load_history
from journeys.store.problem import StoreProblem


@dataclass(frozen=True, slots=True)
class Planned:
    """What publishing would change: versions that are new, versions that are published already, and how many people
    would enter each new one at once because its starting condition already holds for them."""

    new: tuple[JourneyKey, ...]
    unchanged: tuple[JourneyKey, ...]
    entering: Counter[JourneyKey]
    people: int


def plan(store: Store, graphs: Sequence[RuleGraph], policy: Policy, at: int) -> Planned:
    """Look before publishing; changes nothing. Raises StoreProblem J301 where a version has another graph already."""
    with store.reading() as conn:
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
            facts_of = {"journey": graph.name, "version": str(graph.version), "next": str(latest + 1)}
            raise StoreProblem("J301", store.name, facts_of)
    entering: Counter[JourneyKey] = Counter()
    people = 0
    if new:
        program = compile_program(new, policy)
        with store.reading() as conn:
            people = customers.count(conn)
            for ids in customers.all_ids(conn):
                loaded = load_history(conn, ids, at)
                before = runs.load_states(conn, loaded.customer_ids.tolist(), at)
                decided = advance(program, loaded.history, list(before.values()), resume=at, until=at).effects
                entering.update(effect.journey for effect in decided if effect.kind == "entered")
    return Planned(tuple(JourneyKey(graph.name, graph.version) for graph in new), tuple(unchanged), entering, people)


def publish(store: Store, graphs: Sequence[RuleGraph], at: int) -> tuple[JourneyKey, ...]:
    """Publish graphs at an instant, all or none; the versions that are new. Older versions take nobody any more.

    Raises StoreProblem J301, and J302 for an instant that the daemon has passed already.
    """

    def work(conn: Connection) -> tuple[JourneyKey, ...]:
        reached = facts.instant(conn, "advanced to")
        if reached is not None and at < reached:
            raise StoreProblem("J302", store.name, {})
        made = []
        for graph in graphs:
            _, new = published.publish(conn, graph.model_dump_json(), graph.name, graph.version, graph.hash(), at)
            if new:
                made.append(JourneyKey(graph.name, graph.version))
        return tuple(made)

    return store.run_in_transaction(work)
