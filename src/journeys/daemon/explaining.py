"""Why a customer got a message, or did not: what was decided, and from which values, at that very instant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from journeys.catalog.meaning import Condition
from journeys.catalog.project import Project
from journeys.daemon.programs import graph_of
from journeys.engine.history import Person, person_of
from journeys.engine.oracle.explain import JourneyWhy, Why, explain_condition, explain_person, starting_condition
from journeys.engine.oracle.profile import profile_at
from journeys.engine.policy import policy_of
from journeys.engine.state import NEVER, Run
from journeys.graph.model import BranchNode, Node, RepeatNode, RuleGraph, WaitUntilNode
from journeys.store import customers, outbox, runs
from journeys.store import journeys as published
from journeys.store.database import Store
from journeys.store.decisions import Decision, trace
from journeys.store.history import load_history
from journeys.store.outbox import OutboxRow


@dataclass(frozen=True, slots=True)
class Step:
    """One decision. `why` is the condition that decided, as it was then; `row` what became of a message."""

    decision: Decision
    why: Why | None = None
    row: OutboxRow | None = None


@dataclass(frozen=True, slots=True)
class JourneyExplained:
    """A customer and one journey: what happened so far, and how things stand."""

    graph: RuleGraph
    steps: tuple[Step, ...]
    stands: JourneyWhy
    """How it is at the instant asked for: the condition that starts it, and whether the person would be let in."""


@dataclass(frozen=True, slots=True)
class Explained:
    """All journeys for one customer at an instant."""

    customer: str
    at: int
    zone: str
    journeys: tuple[JourneyExplained, ...]


def explain(store: Store, project: Project, customer: str, at: int, journey: str | None = None) -> Explained | None:
    """Explain all published journeys (or one) for a customer at an instant; None where there is no such customer.

    What is told of the past are the recorded decisions; the values beside them are computed anew from the history.
    """
    with store.reading() as conn:
        found = customers.find(conn, [customer])
        if customer not in found:
            return None
        known = [one for one in published.listed(conn) if journey in (None, one.key.name)]
        return _explain(conn, project, customer, found[customer], at, known)


def _explain(
    conn: Connection,
    project: Project,
    customer: str,
    customer_id: int,
    at: int,
    known: Sequence[published.PublishedJourney],
) -> Explained:
    policy = policy_of(project)
    person = person_of(load_history(conn, [customer_id], at).history, 0, _texts(project))
    state = runs.load_states(conn, [customer_id], at)[customer_id]
    every_run = runs.of_customer(conn, customer_id)
    state = replace(state, runs=tuple(every_run))
    rows = {(row.journey.name, row.run, row.step, row.visit): row for row in outbox.of_customer(conn, customer_id)}
    decided = list(trace(conn, customer_id, until=at))
    graphs = [graph_of(one) for one in known]
    closed = frozenset(one.key for one in known if not one.is_entered)
    stands = explain_person(graphs, policy, person, state, at, closed=closed)
    past = _Past(person, {(run.journey.name, run.number): run for run in every_run}, rows, project)
    explained = [
        JourneyExplained(graph, past.steps(graph, decided), stand) for graph, stand in zip(graphs, stands, strict=True)
    ]
    zone = profile_at(policy, person, at).zone().key
    return Explained(customer, at, zone, tuple(explained))


def _texts(project: Project) -> Callable[[str], bool]:
    """Which attributes and properties hold texts."""
    typed = {name: attribute.type for name, attribute in project.attributes.items()}
    for event in project.events.values():
        typed.update({name: one.type for name, one in event.properties.items()})

    def is_text(name: str) -> bool:
        if name.startswith(("consent.", "suppressed.", "tag.")):
            return False
        return typed.get(name, "text") == "text"

    return is_text


@dataclass(frozen=True, slots=True)
class _Past:
    """Puts the conditions that decided beside what was decided."""

    person: Person
    runs: Mapping[tuple[str, int], Run]
    rows: Mapping[tuple[str, int, str, int], OutboxRow]
    project: Project

    def steps(self, graph: RuleGraph, decided: Sequence[Decision]) -> tuple[Step, ...]:
        """The steps of one version of a journey."""
        policy = policy_of(self.project)
        timed_out = dict[int, bool]()
        wait_started = dict[int, int]()
        steps = []
        for place, one in enumerate(decided):
            if one.journey.name != graph.name or one.journey.version != graph.version:
                continue
            if one.kind == "waiting":
                wait_started[one.run] = one.at
            condition = _condition_of(graph, one)
            why = None
            if condition is not None:
                run = self._run_then(one, timed_out.get(one.run, False), wait_started.get(one.run, NEVER))
                person = _without(self.person, one.at, decided[place + 1 :])
                why = explain_condition(condition, profile_at(policy, person, one.at), one.at, run=run)
            if one.kind in ("timed out", "moved on"):
                timed_out[one.run] = one.kind == "timed out"
            steps.append(Step(one, why, self.rows.get((one.journey.name, one.run, one.node, one.visit))))
        return tuple(steps)

    def _run_then(self, one: Decision, timed_out: bool, wait_started: int) -> Run:
        """The run as it was when that was decided, as far as conditions ask for it."""
        run = self.runs.get((one.journey.name, one.run))
        if run is None:
            return Run(one.journey, one.run, "", one.node, entered_at=one.at, timed_out=timed_out)
        return replace(run, timed_out=timed_out, wait_started=wait_started, node=one.node, ended_at=NEVER)


def _without(person: Person, at: int, later: Sequence[Decision]) -> Person:
    """The person before what journeys changed at that very instant, but later."""
    names = []
    for one in later:
        if one.at != at:
            break
        if one.kind == "set":
            names.append(one.detail)
        elif one.kind in ("tagged", "untagged"):
            names.append(f"tag.{one.detail}")
    changes = list(person.changes)
    for place in range(len(changes) - 1, -1, -1):
        if changes[place].at == at and changes[place].name in names:
            names.remove(changes.pop(place).name)
    return replace(person, changes=tuple(changes)) if len(changes) < len(person.changes) else person


def _condition_of(graph: RuleGraph, one: Decision) -> Condition | None:
    """The condition that a decision came from."""
    if one.kind == "entered":
        return starting_condition(graph)
    if one.kind == "goal":
        return graph.goal.condition if graph.goal else None
    if one.kind == "ended":
        return graph.exit_when if one.reason == "exit when" else None
    node = _node(graph, one.node)
    if one.kind == "visited" and isinstance(node, BranchNode):
        return node.condition
    if one.kind in ("moved on", "timed out") and isinstance(node, WaitUntilNode):
        return node.condition
    if one.kind == "moved on" and isinstance(node, RepeatNode):
        return node.until
    if one.kind == "blocked" and one.reason == "condition":
        return graph.only_if
    return None


def _node(graph: RuleGraph, node_id: str) -> Node | None:
    return next((node for node in graph.nodes if node.id == node_id), None)
