"""The compiled machine does what the plain one does, and is compiled once."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given

from journeys.catalog import meaning as m
from journeys.engine import jit, machine
from journeys.engine import layout as L
from journeys.engine.advance import advance, effects_of
from journeys.engine.binding import bind
from journeys.engine.history import History, Vocabulary, history_of
from journeys.engine.policy import ChannelPolicy, Policy
from journeys.engine.program import Program, compile_program
from journeys.engine.state import Effect, PersonState, Run
from journeys.graph import model as g
from tests.engine.strategies import BEGINNINGS, DAY, HOUR, World, worlds


@pytest.fixture(scope="module", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of its own; the machine is compiled into it once for all these tests."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        jit.load.cache_clear()
        assert not jit.is_compiled()
        jit.load(True)
        assert jit.is_compiled()
        yield folder


@dataclass
class Walked:
    """All that a walk leaves behind, in codes."""

    rows: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    people: list[int]
    runs: dict[int, list[Run]]


def walked(
    program: Program, history: History, states: Sequence[PersonState] | None, *, resume: int, until: int, compiled: bool
) -> Walked:
    bound = bind(program, history, states, resume=resume, arrays=compiled)
    runs: dict[int, list[Run]] = {}
    portions = effects_of(bound, until=until, jit=compiled, keep=runs)
    tables = [(table.rows.copy(), table.values.copy()) for _, table in portions]
    rows, values = (np.concatenate(columns) for columns in zip(*tables, strict=True))
    return Walked(rows, values, [bound.people[place] for place in range(len(bound.people))], runs)


def assert_both_do_the_same(
    program: Program, history: History, states: Sequence[PersonState] | None, *, resume: int, until: int
) -> Walked:
    plain = walked(program, history, states, resume=resume, until=until, compiled=False)
    native = walked(program, history, states, resume=resume, until=until, compiled=True)
    np.testing.assert_array_equal(native.rows, plain.rows)
    np.testing.assert_array_equal(native.values, plain.values)
    assert native.people == plain.people
    assert native.runs == plain.runs
    return plain


@given(worlds())
def test_the_compiled_machine_does_what_the_plain_one_does(world: World) -> None:
    states = [PersonState() for _ in world.people]
    told: list[list[Effect]] = [[] for _ in world.people]
    for piece, stop in enumerate(world.stops):
        program = compile_program(world.graphs_at(piece), world.policy, world.closed_at(piece))
        history = history_of(world.people_at(piece, told))
        assert_both_do_the_same(program, history, states, resume=world.resume, until=stop)
        advanced = advance(program, history, states, resume=world.resume, until=stop)
        states = advanced.states
        for effect in advanced.effects:
            told[effect.person].append(effect)


# -- a population ------------------------------------------------------------------------------------------------------


def journey(name: str, start: g.Start, *nodes: g.Node, **rules: object) -> g.RuleGraph:
    """A journey of nodes one after the other."""
    edges = [
        g.Edge(source=node.id, port=port, target=following.id)
        for node, following in pairwise(nodes)
        for port in (("a", "b") if isinstance(node, g.SplitNode) else ("next",))
    ]
    graph = {"name": name, "start": start, "first": nodes[0].id, "nodes": nodes, "edges": edges, **rules}
    return g.RuleGraph.model_validate(graph)


DAYS = {days: m.Duration(days=days) for days in (1, 3, 7, 14, 30, 90)}


def some_journeys() -> tuple[g.RuleGraph, ...]:
    ordered = m.Occurred(counted=(m.Counted(event="order"),), since="wait")
    night = g.QuietHours(from_minute=21 * 60, to_minute=9 * 60)
    again = g.Entry(how="every time")
    send = g.SendNode(id="send", message="hello", channels=("mail", "push"), on_limit="wait", limit_wait=DAYS[1])
    wait = g.WaitUntilNode(id="wait", condition=ordered, up_to=DAYS[3])
    end = g.EndNode(id="end")
    halves = (g.Arm(port="a", percent=30.0), g.Arm(port="b", percent=70.0))
    silent = g.ConditionStart(condition=m.Silent(duration=DAYS[30]))
    many = m.Occurred(counted=(m.Counted(event="order"),), amount=3, window=DAYS[90])
    return (
        journey("wake", silent, send, wait, g.TagNode(id="tag", tag="cold"), end, entry=again, quiet=night),
        journey("thank", g.EventStart(event="order"), g.SplitNode(id="split", name="half", arms=halves), send, end,
                entry=g.Entry(how="per period", period=DAYS[14]), holdout=0.2, priority=70,
                goal=g.Goal(condition=m.Occurred(counted=(m.Counted(event="order"),), since="entry"), within=DAYS[7])),
        journey("loyal", g.ConditionStart(condition=many), send, g.WaitMomentNode(id="moment", minute=600), wait, end,
                entry=again, exit_when=m.Tagged(tag="cold")),
    )  # fmt: skip


def population(customers: int, resume: int) -> History:
    """Customers with some 30 events in a year and a few changes, at random instants; many have their own zone."""
    rng = np.random.default_rng(11)
    texts = Vocabulary(("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Nowhere"))
    names = Vocabulary(("order", "visit", "zone", "consent.mail"))

    def spread(mean: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        counts = rng.poisson(mean, customers)
        at = resume - 30 * DAY + rng.integers(0, 365 * 24, counts.sum()) * HOUR
        owner = np.repeat(np.arange(customers), counts)
        return np.concatenate(([0], np.cumsum(counts))), at[np.lexsort((at, owner))]

    event_first, event_at = spread(30)
    change_first, change_at = spread(1.5)
    change_name = rng.choice([2, 3], len(change_at))
    zone_or_consent = np.where(change_name == 2, rng.integers(0, 4, len(change_at)), rng.integers(0, 2, len(change_at)))
    return History(
        ids=[f"customer {number}" for number in range(customers)],
        names=names,
        texts=texts,
        event_first=event_first,
        event_at=event_at,
        event_name=(rng.random(len(event_at)) < 0.7).astype(np.int32),
        event_seq=np.arange(len(event_at)),
        properties={},
        change_first=change_first,
        change_at=change_at,
        change_name=change_name.astype(np.int32),
        change_value=zone_or_consent.astype(np.float64),
    )


def test_a_population_walks_alike() -> None:
    resume = BEGINNINGS[0]
    policy = Policy(
        zone="Asia/Shanghai",
        channels={"mail": ChannelPolicy(consent="opt-out")},
        limits=(g.FrequencyCap(messages=1, period=DAYS[14]),),
    )
    program = compile_program(some_journeys(), policy)
    history = population(800, resume)
    plain = assert_both_do_the_same(program, history, None, resume=resume, until=resume + 335 * DAY)
    told = np.bincount(plain.rows[:, L.E_KIND], minlength=len(L.KINDS))
    expected = {L.ENTERED, L.HANDED_OFF, L.HELD, L.BLOCKED, L.RAN_OUT, L.GOAL, L.ENDED, L.TAG_SET}
    assert {L.KINDS[kind] for kind in expected if told[kind] < 50} == set()


def test_arrays_of_another_type_are_refused() -> None:
    program = compile_program(some_journeys(), Policy())
    bound = bind(program, population(3, BEGINNINGS[0]), None, resume=BEGINNINGS[0], arrays=False)
    with pytest.raises(TypeError, match="contiguous arrays"):
        next(effects_of(bound, until=BEGINNINGS[0] + DAY, jit=True))


# -- the cache ---------------------------------------------------------------------------------------------------------

LOAD = (
    "import sys; from journeys.engine.jit import load; load(True); print('journeys.engine.translation' in sys.modules)"
)


def compiles(cache: Path) -> subprocess.Popen[str]:
    """A process that loads the machine, and prints whether it had to compile it."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    return subprocess.Popen([sys.executable, "-c", LOAD], env=environment, stdout=subprocess.PIPE, text=True)


def test_what_one_process_compiled_the_next_one_loads(cache_folder: Path) -> None:
    assert compiles(cache_folder).communicate()[0] == "False\n"


def test_processes_that_compile_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    processes = [compiles(tmp_path) for _ in range(2)]
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0, 0]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    assert compiles(tmp_path).communicate()[0] == "False\n"


def test_other_source_has_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = jit.cache_file()
    assert before == jit.cache_file()
    changed = tmp_path / "machine.py"
    changed.write_text(inspect.getsource(machine) + "\n")
    module = ModuleType("machine")
    module.__file__ = str(changed)
    monkeypatch.setattr(jit, "MODULES", (*jit.MODULES[:-1], module))
    assert jit.cache_file() != before
    assert not jit.is_compiled()


def kept() -> Path:
    file = jit.cache_file()
    assert file
    return file


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Grows by one when the machine is compiled; it is given the code from the cache then."""
    done: list[object] = []
    code = kept().read_bytes()[32:]

    def compiled(*wished: object) -> bytes:
        done.append(wished)
        return code

    monkeypatch.setattr(jit, "compiled", compiled)
    jit.load.cache_clear()
    yield done
    jit.load.cache_clear()


@pytest.mark.parametrize("content", [b"", b"half of it"])
def test_a_file_that_is_not_whole_is_compiled_anew(compilations: list[object], content: bytes) -> None:
    kept().write_bytes(content)
    jit.load(True)
    jit.load.cache_clear()
    jit.load(True)
    assert len(compilations) == 1


def test_without_a_place_for_the_cache_it_is_compiled_each_time(
    compilations: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "not a folder"
    home.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    for times in (1, 2):
        jit.load.cache_clear()
        jit.load(True)
        assert len(compilations) == times
