"""How fast a population is walked through the reference journey, against other ways to do it, inside one run.

    python benchmarks/simulate.py [customers]

The journey: silent 30d -> send -> wait until order, up to 3d -> otherwise SMS -> wait until order, up to 7d ->
otherwise tag; again at the next silence. Customers have 27 events in two years on average, a fifth of them orders. All
ways give the same counts, or the script fails. Seconds are of CPU, on one core; `ratio` is to the naive event heap.
"""

from __future__ import annotations

import heapq
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from journeys.catalog import meaning as M
from journeys.engine import advance, jit
from journeys.engine import layout as L
from journeys.engine.binding import bind
from journeys.engine.history import History, Vocabulary
from journeys.engine.policy import Policy
from journeys.engine.program import compile_program
from journeys.graph import model as G
from journeys.simulate.replay import SLICE, slices

DAY = 86_400_000_000
BEGIN = 1_704_067_200_000_000  # 2024-01-01 00:00 UTC
SPAN = 730 * DAY
EVENTS_EACH = 27
NAMES = ("view", "order")
SILENCE, FIRST_WAIT, SECOND_WAIT = 30 * DAY, 3 * DAY, 7 * DAY


# -- the job -----------------------------------------------------------------------------------------------------------


def reference_journey() -> G.RuleGraph:
    order = M.Occurred(counted=(M.Counted(event="order"),), since="wait")
    nodes: tuple[G.Node, ...] = (
        G.SendNode(id="mail", message="we miss you", channels=("email",)),
        G.WaitUntilNode(id="wait 1", condition=order, up_to=M.Duration(days=3)),
        G.BranchNode(id="late 1", condition=M.TimedOut()),
        G.SendNode(id="sms", message="we miss you", channels=("sms",)),
        G.WaitUntilNode(id="wait 2", condition=order, up_to=M.Duration(days=7)),
        G.BranchNode(id="late 2", condition=M.TimedOut()),
        G.TagNode(id="tag", tag="lost"),
        G.EndNode(id="end"),
    )
    edges = [
        ("mail", "next", "wait 1"),
        ("wait 1", "next", "late 1"),
        ("late 1", "yes", "sms"),
        ("late 1", "no", "end"),
    ]
    edges += [
        ("sms", "next", "wait 2"),
        ("wait 2", "next", "late 2"),
        ("late 2", "yes", "tag"),
        ("late 2", "no", "end"),
    ]
    edges += [("tag", "next", "end")]
    return G.RuleGraph(
        name="wake",
        start=G.ConditionStart(condition=M.Silent(duration=M.Duration(days=30))),
        entry=G.Entry(how="every time"),
        first="mail",
        nodes=nodes,
        edges=tuple(G.Edge(source=source, port=port, target=target) for source, port, target in edges),
    )


def population(customers: int) -> History:
    """Customers with events at random instants."""
    rng = np.random.default_rng(7)
    counts = rng.poisson(EVENTS_EACH, customers)
    first = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    owner = np.repeat(np.arange(customers), counts)
    at = BEGIN + 1 + rng.integers(0, SPAN // 1_000_000, first[-1]) * 1_000_000
    at = at[np.lexsort((at, owner))]
    nothing = np.zeros(0, np.int64)
    return History(
        ids=[f"customer-{number}" for number in range(customers)],
        names=Vocabulary(NAMES),
        texts=Vocabulary(),
        event_first=first,
        event_at=at,
        event_name=(rng.random(len(at)) < 0.2).astype(np.int32),
        event_seq=np.arange(len(at)),
        properties={},
        change_first=np.zeros(customers + 1, np.int64),
        change_at=nothing,
        change_name=nothing.astype(np.int32),
        change_value=nothing.astype(np.float64),
    )


Counts = tuple[int, int, int]
"""Mails, SMS, tags."""


# -- the ways to do it -------------------------------------------------------------------------------------------------


@dataclass
class Stopwatch:
    """Seconds of parts of a way."""

    seconds: dict[str, float]

    def __call__(self, part: str, since: float) -> float:
        now = time.process_time()
        self.seconds[part] = self.seconds.get(part, 0.0) + now - since
        return now


def by_machine(history: History, compiled: bool, watch: Stopwatch) -> Counts:
    """The product: bind, walk, take the effects."""
    program = compile_program([reference_journey()], Policy(zone="Asia/Shanghai"))
    jit.load(compiled)
    counts = [0, 0, 0]
    effects = 0
    for _, part in slices(history, SLICE):
        now = time.process_time()
        bound = bind(program, part, None, resume=BEGIN, arrays=compiled)
        now = watch("bind", now)
        for _, table in advance.effects_of(bound, until=BEGIN + SPAN, jit=compiled):
            now = watch("walk", now)
            kind, detail = table.column(L.E_KIND), table.column(L.E_DETAIL)
            sent = detail[kind == L.HANDED_OFF]
            mails = int((sent == program.channels.index("email")).sum())
            counts[0] += mails
            counts[1] += len(sent) - mails
            counts[2] += int((kind == L.TAG_SET).sum())
            effects += len(table)
            now = watch("count", now)
    watch.seconds["effects"] = effects
    return counts[0], counts[1], counts[2]


class Customer:
    """Somebody in the heap's world: last activity, which wait they stand in (0: none), and since which entry."""

    __slots__ = ("last", "wait", "waiting")

    def __init__(self) -> None:
        self.last, self.waiting, self.wait = -1, 0, 0


EVENT, SILENT, TIMEOUT = range(3)  # at one instant events come first


def by_heap(history: History) -> Counts:
    """What one writes first: a heap of things to happen, an object per customer."""
    counts = [0, 0, 0]
    heap: list[tuple[int, int, int, Customer, int]] = []
    serial = 0
    first, at, name = history.event_first.tolist(), history.event_at.tolist(), history.event_name.tolist()
    for number in range(len(history)):
        customer = Customer()
        for row in range(first[number], first[number + 1]):
            heap.append((at[row], EVENT, serial, customer, name[row]))
            serial += 1
    heapq.heapify(heap)
    while heap:
        now, kind, _, customer, detail = heapq.heappop(heap)
        if now > BEGIN + SPAN:
            break
        serial += 1
        if kind == EVENT:
            if detail == 1 and customer.waiting:
                customer.waiting = 0
            customer.last = now
            heapq.heappush(heap, (now + SILENCE, SILENT, serial, customer, now))
        elif kind == SILENT:
            if customer.last == detail:
                counts[0] += 1
                customer.waiting, customer.wait = 1, serial
                heapq.heappush(heap, (now + FIRST_WAIT, TIMEOUT, serial, customer, serial))
        elif customer.waiting and customer.wait == detail:
            if customer.waiting == 1:
                counts[1] += 1
                customer.waiting, customer.wait = 2, serial
                heapq.heappush(heap, (now + SECOND_WAIT, TIMEOUT, serial, customer, serial))
            else:
                counts[2] += 1
                customer.waiting = 0
    return counts[0], counts[1], counts[2]


class Special(NamedTuple):
    """The memory of the machine below."""

    first: L.Ints
    at: L.Ints
    kind: L.Ints
    counts: L.Ints


def specialised(m: Special, end: int, begin: int, customers: int) -> int:
    """A machine for this journey alone, which only counts: the ceiling."""
    for customer in range(begin, customers):
        waiting = 0
        wake = 0
        last = -1
        for i in range(m.first[customer], m.first[customer + 1] + 1):
            is_event = i < m.first[customer + 1]
            now = m.at[i] if is_event else end + 1
            while True:
                if waiting != 0:
                    if wake >= now:
                        break
                    if waiting == 1:
                        m.counts[1] += 1
                        waiting = 2
                        wake += SECOND_WAIT
                    else:
                        m.counts[2] += 1
                        waiting = 0
                else:
                    if last < 0 or last + SILENCE >= now:
                        break
                    m.counts[0] += 1
                    waiting = 1
                    wake = last + SILENCE + FIRST_WAIT
                    last = -1
            if is_event:
                if m.kind[i] == 1:
                    waiting = 0
                last = now
    return customers


KERNELS = (specialised,)


def by_specialised(history: History) -> tuple[float, Counts]:
    """Seconds and counts of the ceiling, compiled before."""
    counts = np.zeros(3, np.int64)
    memory = Special(history.event_first, history.event_at, history.event_name.astype(np.int64), counts)
    walk = jit.callable_of(jit.compiled((sys.modules[__name__],), specialised), specialised)
    start = time.process_time()
    walk(memory, BEGIN + SPAN, 0, len(history))
    return time.process_time() - start, (int(counts[0]), int(counts[1]), int(counts[2]))


# -- the report --------------------------------------------------------------------------------------------------------


def start_times() -> Iterator[tuple[str, float]]:
    """Seconds of CPU of a process that loads the machine: plain, compiled for the first time, and compiled before."""
    with tempfile.TemporaryDirectory() as folder:
        for what, wish in (("plain", False), ("compiling", True), ("from the cache", True)):
            code = f"from journeys.engine.jit import load; load({wish})"
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", code], env={**os.environ, "XDG_CACHE_HOME": folder}, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            yield what, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(customers: int) -> None:
    history = population(customers)
    _, few = next(slices(history, 5_000))
    start = time.process_time()
    expected = by_heap(few)
    heap_seconds = time.process_time() - start
    base = heap_seconds / len(few.event_at)

    def line(what: str, events: int, seconds: float) -> None:
        print(f"{what:34} {events:12,} {seconds:9.3f} {events / seconds / 1e6:9.2f} {events / seconds * base:9.1f}")

    print(f"{'way':34} {'events':>12} {'seconds':>9} {'M/s':>9} {'ratio':>9}")
    line("event heap in Python", len(few.event_at), heap_seconds)
    watch = Stopwatch({})
    assert by_machine(few, False, watch) == expected
    line("machine in CPython: walk", len(few.event_at), watch.seconds["walk"])
    ceiling, expected = min(by_specialised(history) for _ in range(5))
    best: dict[str, float] = {}
    for _ in range(5):
        watch = Stopwatch({})
        assert by_machine(history, True, watch) == expected
        best = watch.seconds if not best or sum(watch.seconds.values()) < sum(best.values()) else best
    effects = int(best.pop("effects"))
    events = len(history.event_at)
    for part, seconds in best.items():
        line(f"machine, compiled: {part}", events, seconds)
    line("machine, compiled: all", events, sum(best.values()))
    line("one journey only, counts only", events, ceiling)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{effects / events:.1f} effects per event; peak memory {peak:,.0f} MB, of it events {events * 20 / 2**20:,.0f}"
    )
    print("start, seconds of CPU: " + "; ".join(f"{what} {seconds:.2f}" for what, seconds in start_times()))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
