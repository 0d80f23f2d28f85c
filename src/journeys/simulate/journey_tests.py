"""The users' tests: each `test "..."` block of a journey file, run with the engine on one made-up customer.

A test runs the journeys of its own file, of the files that file uses, and, in `NAME.test.journey`, the journeys of
`NAME.journey` (or the journey called NAME). README.md of this room says what a test takes for granted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from journeys.catalog.folding import fold
from journeys.catalog.project import Project
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.engine.advance import advance
from journeys.engine.history import Event, Person, history_of
from journeys.engine.oracle.wall_clock import zone_of_names
from journeys.engine.policy import Policy, policy_of
from journeys.engine.program import Program, compile_program
from journeys.engine.state import Effect, JourneyKey, Run
from journeys.graph.declared import Named, declared, path_of, rule_name
from journeys.graph.model import RuleGraph
from journeys.language import nodes
from journeys.language.parser import Parsed
from journeys.simulate.deciding import Walked, decided_by
from journeys.simulate.expectations import Broken, check
from journeys.simulate.outcome_report import outcomes_to_json, render_outcomes
from journeys.simulate.plans import Plan, plan
from journeys.simulate.replay import older_versions
from journeys.simulate.tested import Failure, TestOutcome, WalkedEdges, untested_edges
from journeys.simulate.timeline import Clock, happenings, ways

__all__ = ["TestOutcome", "outcomes_to_json", "render_outcomes", "run_tests", "untested_edges"]

_TEST = ".test"
_ROUNDS = 100


def run_tests(files: Sequence[Parsed], graphs: Sequence[RuleGraph], project: Project) -> list[TestOutcome]:
    """Run every test in the files, in order. `graphs` are those that `compile_files` made of the same files."""
    policy = policy_of(project)
    named = declared(files, project, []).journeys
    outcomes = []
    for parsed in files:
        tests = [each for each in parsed.file.declarations if isinstance(each, nodes.Test)]
        if not tests:
            continue
        about = _about(parsed, files, named, project)
        running = about | {_key(each) for each in named if each.path in _used(parsed, files)}
        own = tuple(graph for graph in graphs if JourneyKey(graph.name, graph.version) in running)
        program = compile_program(own, policy, older_versions(own))
        outcomes += [_run(test, parsed, program, policy, project, frozenset(about)) for test in tests]
    return outcomes


# -- which journeys a test is about ------------------------------------------------------------------------------------


def _key(named: Named) -> JourneyKey:
    version = named.journey.version if isinstance(named.journey, nodes.Journey) else None
    return JourneyKey(named.name, version or 1)


def _about(parsed: Parsed, files: Sequence[Parsed], named: Sequence[Named], project: Project) -> set[JourneyKey]:
    """The journeys of the file itself, and those that `NAME.test.journey` names."""
    path = path_of(parsed)
    own = {_key(each) for each in named if each.path == path}
    stem = rule_name(path)
    if stem.endswith(_TEST):
        name = rule_name(stem.removesuffix(_TEST))
        beside = {path_of(other) for other in files if _is_beside(path_of(other), path, name)}
        own |= {_key(each) for each in named if each.path in beside}
        if not own:
            called = fold(project.catalog.journey(name))
            own = {_key(each) for each in named if fold(each.name) == called}
    return own


def _is_beside(other: str, path: str, name: str) -> bool:
    return rule_name(other) == name and Path(other).resolve().parent == Path(path).resolve().parent


def _used(parsed: Parsed, files: Sequence[Parsed]) -> set[str]:
    """The paths of the files that a file uses, directly or through others."""
    known = {Path(path_of(other)).resolve(): other for other in files}
    used: set[str] = set()
    todo = [parsed]
    while todo:
        at = todo.pop()
        for use in at.file.declarations:
            if isinstance(use, nodes.Use):
                other = known.get((Path(path_of(at)).parent / use.file.value).resolve())
                if other is not None and path_of(other) not in used:
                    used.add(path_of(other))
                    todo.append(other)
    return used


# -- running one -------------------------------------------------------------------------------------------------------


def _run(
    test: nodes.Test, parsed: Parsed, program: Program, policy: Policy, project: Project, about: frozenset[JourneyKey]
) -> TestOutcome:
    outcome = TestOutcome(
        title=test.title.value,
        path=path_of(parsed),
        span=test.span,
        graphs=program.graphs,
        about=about,
        text=parsed.text,
        project=project,
    )
    out: list[Diagnostic] = []
    if not program.graphs:
        out.append(Diagnostic("J504", test.title.span))
    planned = plan(test, program.graphs, project, policy, out) if program.graphs else None
    if planned is None:
        return replace(outcome, failures=tuple(Failure(diagnostic) for diagnostic in out))
    person, effects, runs = _walk(program, planned)
    by_key = dict(zip(program.journeys, program.graphs))
    spoken = next((change.value for change in person.changes if change.name == "zone"), None)
    clock = Clock(planned.start, zone_of_names(spoken, project.zone))
    walked = Walked(person, effects, runs, by_key, policy)
    broken = [found for each in planned.expectations if (found := check(each, person, effects)) is not None]
    return replace(
        outcome,
        failures=tuple(Failure(_told(each, clock, parsed.text), decided_by(each, walked)) for each in broken),
        timeline=happenings(planned.happens, effects, by_key),
        walked=_walked_edges(effects, by_key),
        clock=clock,
    )


def _walk(program: Program, planned: Plan) -> tuple[Person, list[Effect], tuple[Run, ...]]:
    """Publish the journeys just before the start and walk to the end of the test.

    Whoever is sent a message has received it just after, as hand-off records it: where a journey asks for that, the
    walk is done again with what was received until it says nothing new.
    """
    person, received = planned.person, list[Event]()
    for _ in range(_ROUNDS):
        advanced = advance(program, history_of([person]), resume=planned.start - 1, until=planned.until)
        if "received" not in program.events:
            break
        again = _received(program, advanced.effects)
        if again == received:
            break
        received = again
        person = replace(planned.person, events=(*planned.person.events, *received))
    return person, advanced.effects, advanced.states[0].runs


def _received(program: Program, effects: Sequence[Effect]) -> list[Event]:
    graphs = dict(zip(program.journeys, program.graphs))
    sent = [(effect.at, graphs[effect.journey].node(effect.node)) for effect in effects if effect.kind == "sent"]
    return [
        Event(at + 1, "received", {"message": node.message}, seq=1_000_000 + place)
        for place, (at, node) in enumerate(sent)
        if node.kind == "send"
    ]


def _told(broken: Broken, clock: Clock, text: str) -> Diagnostic:
    """An expectation that did not come true; what was expected is told in the words of the test itself."""
    each = broken.expectation
    facts = {
        "expected": " ".join(text[each.expected.start : each.expected.end].split()),
        "by": clock.relative(each.at),
        "at": clock.relative(broken.at),
    }
    code = "J501" if each.how == "" else "J502" if each.how == "not" else "J503"
    return Diagnostic(code, each.place, facts)


def _walked_edges(effects: Sequence[Effect], graphs: Mapping[JourneyKey, RuleGraph]) -> WalkedEdges:
    gone = set(ways(effects))
    return {
        key: frozenset((edge.source, edge.port) for edge in graph.edges if (key, edge.source, edge.target) in gone)
        for key, graph in graphs.items()
    }
