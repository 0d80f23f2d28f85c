"""The machine decides what the oracle decides, for any journeys and people."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, note

from journeys.engine import oracle
from journeys.engine.advance import advance
from journeys.engine.history import history_of
from journeys.engine.program import compile_program
from journeys.engine.state import NEVER, Effect, PersonState
from tests.engine.strategies import World, worlds


def walked_by_oracle(world: World) -> list[tuple[list[PersonState], list[list[Effect]]]]:
    """For each piece: the states and the effects of each person."""
    states = [PersonState() for _ in world.people]
    told: list[list[Effect]] = [[] for _ in world.people]
    pieces = []
    for piece, stop in enumerate(world.stops):
        effects: list[list[Effect]] = []
        for number, person in enumerate(world.people_at(piece, told)):
            states[number], found = oracle.advance(
                world.graphs_at(piece),
                world.policy,
                person,
                states[number],
                resume=world.resume,
                until=stop,
                closed=world.closed_at(piece),
            )
            effects.append([replace(effect, person=number) for effect in found])
        told = [before + found for before, found in zip(told, effects)]
        pieces.append((list(states), effects))
    return pieces


def walked_by_machine(world: World) -> list[tuple[list[PersonState], list[list[Effect]]]]:
    states = [PersonState() for _ in world.people]
    told: list[list[Effect]] = [[] for _ in world.people]
    pieces = []
    for piece, stop in enumerate(world.stops):
        program = compile_program(world.graphs_at(piece), world.policy, world.closed_at(piece))
        history = history_of(world.people_at(piece, told))
        advanced = advance(program, history, states, resume=world.resume, until=stop)
        states = advanced.states
        effects = [
            [effect for effect in advanced.effects if effect.person == number] for number in range(len(world.people))
        ]
        told = [before + found for before, found in zip(told, effects)]
        pieces.append((list(states), effects))
    return pieces


def compared(state: PersonState) -> PersonState:
    """A state as it is compared.

    When to look next, how runs and watches are listed and where in its loops a run ended is the machine's own affair.
    """
    ordered = sorted(state.runs, key=lambda run: (run.journey.name, run.number))
    runs = [run if run.node else replace(run, loops=()) for run in ordered]
    watches = sorted(state.watches, key=lambda watch: (watch.journey.name, watch.journey.version))
    return replace(
        state,
        runs=tuple(replace(run, due=NEVER) for run in runs),
        watches=tuple(replace(watch, due=NEVER) for watch in watches),
    )


@given(worlds())
def test_the_machine_decides_what_the_oracle_decides(world: World) -> None:
    for piece, (expected, found) in enumerate(zip(walked_by_oracle(world), walked_by_machine(world), strict=True)):
        note(f"piece {piece}")
        assert found[1] == expected[1]
        assert [compared(state) for state in found[0]] == [compared(state) for state in expected[0]]
