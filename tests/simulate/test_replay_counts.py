"""The counts of a replay are those of the engine's effects, for any journeys and people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from hypothesis import given
from hypothesis import settings as hypothesis_settings

from journeys.engine.advance import advance
from journeys.engine.history import history_of
from journeys.engine.program import compile_program
from journeys.engine.state import Effect, JourneyKey
from journeys.simulate import replay as replaying
from journeys.simulate.outcome import Group, JourneyResult, Replay
from journeys.simulate.replay import older_versions, replay
from tests.engine.strategies import World, worlds


def replayed(world: World, *, keep: bool = False) -> Replay:
    graphs, until = world.graphs_at(0), world.stops[-1]
    history = history_of(world.people_at(0, [[] for _ in world.people]))
    return replay(
        graphs,
        world.policy,
        history,
        start=world.resume,
        until=until,
        jit=False,
        keep_sends=keep,
        keep_entries=keep,
    )


def effects_of(world: World) -> list[Effect]:
    graphs = world.graphs_at(0)
    program = compile_program(graphs, world.policy, older_versions(graphs))
    history = history_of(world.people_at(0, [[] for _ in world.people]))
    return advance(program, history, resume=world.resume, until=world.stops[-1]).effects


def counted(names: Iterable[str]) -> Mapping[str, int]:
    return dict(Counter(names))


def check_journey(result: JourneyResult, effects: list[Effect]) -> None:
    own = [effect for effect in effects if effect.journey == result.journey]
    held_out = {effect.person for effect in own if effect.kind == "entered" and effect.reason == "holdout"}
    for group, members in (
        (result.treated, [effect for effect in own if effect.person not in held_out]),
        (result.holdout, [effect for effect in own if effect.person in held_out]),
    ):
        entered = [effect for effect in members if effect.kind == "entered"]
        goals = [effect for effect in members if effect.kind == "goal"]
        people = ({effect.person for effect in entered}, {effect.person for effect in goals})
        assert group == Group(len(entered), len(people[0]), len(goals), len(people[1]))
    ended = [effect for effect in own if effect.kind == "ended"]
    assert result.ended == counted(effect.reason for effect in ended if effect.person not in held_out)
    assert result.ended_held_out == counted(effect.reason for effect in ended if effect.person in held_out)
    assert sum(result.entries_by_day) == result.treated.entries + result.holdout.entries
    assert sum(result.sent_by_day) == result.sent
    for step in result.steps:
        here = [effect for effect in own if effect.node == step.node]
        assert step.visits == sum(effect.kind == "visited" for effect in here)
        assert step.timed_out == sum(effect.kind == "timed out" for effect in here)
        assert step.sent == counted(effect.detail for effect in here if effect.kind == "sent")
        blocked = (effect for effect in here if effect.kind == "blocked")
        assert step.blocked == counted(f"{effect.reason} {effect.detail}".strip() for effect in blocked)
        holds = {(each.person, each.run, each.visit, each.detail) for each in here if each.kind == "held"}
        assert step.held == counted(detail for *_, detail in holds)
    check_ways(result, own)


def check_ways(result: JourneyResult, effects: list[Effect]) -> None:
    """Walk every run from node to node, one by one."""
    stands: dict[tuple[int, int], str] = {}
    ways: Counter[tuple[str, str]] = Counter()
    for effect in effects:
        run = (effect.person, effect.run)
        if effect.kind == "visited":
            if run in stands:
                ways[stands[run], effect.node] += 1
            stands[run] = effect.node
        elif effect.kind == "ended":
            stands.pop(run, None)
    assert {step.node: step.waiting for step in result.steps if step.waiting} == Counter(stands.values())
    assert sum(result.edges.values()) == sum(ways.values())


@given(worlds())
@hypothesis_settings(max_examples=120)
def test_counts_are_those_of_the_effects(world: World) -> None:
    found = replayed(world)
    effects = effects_of(world)
    assert [result.journey for result in found.journeys] == [
        JourneyKey(graph.name, graph.version) for graph in world.graphs_at(0)
    ]
    for result in found.journeys:
        check_journey(result, effects)
    messages = Counter(effect.person for effect in effects if effect.kind == "sent")
    assert found.messages.people == len(world.people)
    assert found.messages.total == sum(messages.values())
    assert found.messages.histogram == Counter(messages[person] for person in range(len(world.people)))


@given(worlds())
@hypothesis_settings(max_examples=60)
def test_slices_change_nothing(world: World) -> None:
    whole = replayed(world, keep=True)
    default = replaying.SLICE
    try:
        replaying.SLICE = 1
        assert replayed(world, keep=True) == whole
    finally:
        replaying.SLICE = default
    effects = effects_of(world)
    ids = [person.id for person in world.people]
    assert whole.sends is not None
    assert [(sent.customer, sent.at, sent.journey, sent.run, sent.node, sent.channel) for sent in whole.sends] == [
        (ids[effect.person], effect.at, effect.journey.name, effect.run, effect.node, effect.detail)
        for effect in effects
        if effect.kind == "sent"
    ]
    assert whole.entries is not None
    assert [(each.customer, each.at, each.journey, each.run, each.held_out) for each in whole.entries] == [
        (ids[effect.person], effect.at, effect.journey.name, effect.run, effect.reason == "holdout")
        for effect in effects
        if effect.kind == "entered"
    ]
