"""The meaning of `engine/README.md`, sentence by sentence: small cases with their exact effects.

Each case runs on the oracle and on the machine. Instants are written as days and time since Monday 2026-03-02
00:00 UTC; effects as `instant kind node ...`, without `visited` where the case is not about steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from journeys.catalog import meaning as m
from journeys.engine import oracle
from journeys.engine.advance import advance as advance_machine
from journeys.engine.history import ALWAYS, Change, Event, Person, history_of
from journeys.engine.oracle.profile import profile_at
from journeys.engine.policy import ChannelPolicy, Policy
from journeys.engine.program import compile_program
from journeys.engine.state import NEVER, Effect, JourneyKey, PersonState
from journeys.graph import model as g
from tests.engine.strategies import World, changes_made, worlds

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * 1_000_000
TODAY = MONDAY // DAY
BERLIN, NEW_YORK, SHANGHAI = "Europe/Berlin", "America/New_York", "Asia/Shanghai"


def at(text: str) -> int:
    """The instant of `3d 09:00`, `3d 09:00:00.000001` or `-1d 12:00`."""
    days, _, clock = text.partition("d ")
    hours, minutes, seconds = (*clock.split(":"), "0")[:3]
    return MONDAY + int(days) * DAY + int(hours) * HOUR + int(minutes) * MINUTE + round(float(seconds) * 1_000_000)


def shown(instant: int) -> str:
    if instant == NEVER:
        return "never"
    days, rest = divmod(instant - MONDAY, DAY)
    seconds, micros = divmod(rest, 1_000_000)
    text = f"{days}d {seconds // 3600:02}:{seconds // 60 % 60:02}"
    if seconds % 60 or micros:
        text += f":{seconds % 60:02}"
    return f"{text}.{micros:06}" if micros else text


def told(effect: Effect) -> str:
    value = shown(int(effect.value)) if effect.kind in ("waiting", "held", "tagged") else str(effect.value or "")
    parts = [shown(effect.at), effect.kind, effect.node, effect.reason, effect.detail, value]
    return " ".join(part for part in parts if part)


def days(count: int) -> m.Duration:
    return m.Duration(days=count)


def hours(count: int) -> m.Duration:
    return m.Duration(micros=count * HOUR)


# -- short names for what the cases are made of ------------------------------------------------------------------------


def attribute(name: str, type_: m.ValueType = "text") -> m.Attribute:
    return m.Attribute(name=name, type=type_)


def is_(name: str, value: str | float) -> m.Compare:
    type_: m.ValueType = "text" if isinstance(value, str) else "number"
    return m.Compare(operand=attribute(name, type_), operator="eq", value=m.Constant(type=type_, value=value))


def did(event: str, **more: Any) -> m.Occurred:
    return m.Occurred(counted=(m.Counted(event=event),), **more)


def event(instant: str, name: str, seq: int = 0, **properties: Any) -> Event:
    return Event(at(instant), name, properties, seq)


def change(instant: str, name: str, value: Any) -> Change:
    return Change(at(instant), name, value)


def known(**values: Any) -> tuple[Change, ...]:
    return tuple(Change(ALWAYS, name.replace("__", "."), value) for name, value in values.items())


def send(name: str = "hello", **more: Any) -> g.SendNode:
    return g.SendNode(id=name, message=name, channels=more.pop("channels", ("mail",)), **more)


def wait(duration: m.Duration) -> g.WaitNode:
    return g.WaitNode(id="wait", duration=duration)


def until(condition: m.Condition, up_to: m.Duration | None = None) -> g.WaitUntilNode:
    return g.WaitUntilNode(id="until", condition=condition, up_to=up_to)


def moment(**more: Any) -> g.WaitMomentNode:
    return g.WaitMomentNode(id="moment", **more)


def set_(name: str, value: str | float) -> g.SetNode:
    constant = m.Constant(type="text" if isinstance(value, str) else "number", value=value)
    return g.SetNode(id=f"set {name}", attribute=name, value=constant)


END = g.EndNode(id="end")
ON_ORDER = g.EventStart(event="order")
EVERY_TIME = g.Entry(how="every time")
NIGHT = g.QuietHours(from_minute=21 * 60, to_minute=9 * 60)


def journey(start: g.Start, *steps: g.Node, edges: Sequence[str] = (), **settings: Any) -> g.RuleGraph:
    """A journey of steps one after the other; `edges` (`node.port -> node`) say what is otherwise."""
    nodes = (*steps, END)
    written = [edge.replace(" -> ", ".").split(".") for edge in edges]
    known_edges = [g.Edge(source=source, port=port, target=target) for source, port, target in written]
    said = {edge.source for edge in known_edges}
    chained = [
        g.Edge(source=node.id, port="next", target=following.id)
        for node, following in pairwise(nodes)
        if node.id not in said and not isinstance(node, g.EndNode)
    ]
    settings = {"name": "welcome", "entry": EVERY_TIME, **settings}
    return g.RuleGraph(start=start, first=nodes[0].id, nodes=nodes, edges=(*known_edges, *chained), **settings)


@dataclass(frozen=True)
class Case:
    graphs: tuple[g.RuleGraph, ...]
    expect: tuple[str, ...]
    events: tuple[Event, ...] = ()
    changes: tuple[Change, ...] = ()
    policy: Policy = field(default_factory=Policy)
    resume: str = "0d 00:00"
    stops: tuple[str, ...] = ("60d 00:00",)
    closed: frozenset[JourneyKey] = frozenset()
    person: str = "ann"
    steps: bool = False


Walk = Callable[[Sequence[g.RuleGraph], Policy, Person, PersonState, int, int, frozenset[JourneyKey]], Any]


def walk_oracle(
    graphs: Sequence[g.RuleGraph],
    policy: Policy,
    person: Person,
    state: PersonState,
    resume: int,
    stop: int,
    closed: frozenset[JourneyKey] = frozenset(),
) -> tuple[PersonState, list[Effect]]:
    return oracle.advance(graphs, policy, person, state, resume=resume, until=stop, closed=closed)


def walk_machine(
    graphs: Sequence[g.RuleGraph],
    policy: Policy,
    person: Person,
    state: PersonState,
    resume: int,
    stop: int,
    closed: frozenset[JourneyKey] = frozenset(),
) -> tuple[PersonState, list[Effect]]:
    program = compile_program(graphs, policy, closed)
    advanced = advance_machine(program, history_of([person]), [state], resume=resume, until=stop)
    return advanced.states[0], advanced.effects


@pytest.fixture(params=["oracle", "machine"])
def walk(request: pytest.FixtureRequest) -> Walk:
    return walk_oracle if request.param == "oracle" else walk_machine


PRO = g.ConditionStart(condition=is_("plan", "pro"))
VISIT_SILENT = g.ConditionStart(condition=m.Silent(duration=days(30)))
ONE_SENT = ("entered hello", "sent hello mail", "ended end finished")


def sent_at(*instants: str) -> tuple[str, ...]:
    """The effects of a journey that only sends `hello`, begun at each of these instants."""
    return tuple(f"{instant} {effect}" for instant in instants for effect in ONE_SENT)


STARTING = {
    "a condition starts at its change from false to true, not when it is written again": Case(
        (journey(PRO, send()),),
        sent_at("1d 00:00", "4d 00:00"),
        changes=(
            change("1d 00:00", "plan", "pro"),
            change("2d 00:00", "plan", "pro"),
            change("3d 00:00", "plan", "free"),
            change("4d 00:00", "plan", "pro"),
        ),
    ),
    "at resume a journey not watched before takes those for whom its condition holds": Case(
        (journey(PRO, send()),), sent_at("0d 00:00"), changes=known(plan="pro")
    ),
    "enter new only waits for the next change": Case(
        (journey(PRO, send(), entry=g.Entry(how="once", new_only=True)),),
        sent_at("2d 00:00"),
        changes=(*known(plan="pro"), change("1d 00:00", "plan", "free"), change("2d 00:00", "plan", "pro")),
    ),
    "records up to resume only make history": Case(
        (journey(ON_ORDER, send()),),
        sent_at("0d 00:00:00.000001"),
        events=(event("-1d 00:00", "order"), event("0d 00:00", "order"), event("0d 00:00:00.000001", "order")),
    ),
    "the walk ends with until": Case(
        (journey(ON_ORDER, send()),),
        sent_at("1d 00:00"),
        events=(event("1d 00:00", "order"), event("1d 00:00:00.000001", "order")),
        stops=("1d 00:00",),
    ),
    "time alone makes a condition true, at the very microsecond": Case(
        (journey(VISIT_SILENT, send()),),
        sent_at("30d 09:00:00.000007"),
        events=(event("0d 09:00:00.000007", "visit"),),
    ),
    "the first activity begins a silence although time may change the condition anyway": Case(
        (journey(g.ConditionStart(condition=m.All(terms=(m.Tagged(tag="vip"), VISIT_SILENT.condition))), send()),),
        sent_at("35d 00:00"),
        events=(event("5d 00:00", "visit"),),
        changes=known(tag__vip=at("90d 00:00")),
    ),
    "thirty days keep the wall clock in the person's zone": Case(
        (journey(VISIT_SILENT, send()),),
        sent_at("33d 07:00"),
        events=(event("3d 08:00", "visit"),),
        changes=known(zone=BERLIN),
    ),
    "somebody who was never active is not silent; inactive events do not end a silence": Case(
        (journey(VISIT_SILENT, send()),),
        sent_at("31d 00:00"),
        events=(event("1d 00:00", "visit"), event("5d 00:00", "opened")),
        policy=Policy(inactive_events=frozenset({"opened"})),
    ),
    "a tag ends at its instant": Case(
        (journey(g.ConditionStart(condition=m.Not(term=m.Tagged(tag="vip"))), send()),),
        sent_at("2d 03:00:00.000001"),
        changes=known(tag__vip=at("2d 03:00:00.000001")),
    ),
    "an event counts while event + window > now": Case(
        (journey(g.ConditionStart(condition=m.Not(term=did("visit", window=hours(24)))), send()),),
        sent_at("0d 00:00", "2d 06:00"),
        events=(event("1d 06:00", "visit"),),
    ),
    "x before 7d ago turns at one instant": Case(
        (
            journey(
                g.ConditionStart(
                    condition=m.Compare(
                        operand=attribute("since", "moment"), operator="lt", value=m.Relative(duration=days(7))
                    )
                ),
                send(),
            ),
        ),
        sent_at("8d 00:00:00.000001"),
        changes=known(since=at("1d 00:00")),
    ),
    "a date is 7d ago for one day of the person's calendar": Case(
        (
            journey(
                g.ConditionStart(
                    condition=m.Compare(
                        operand=attribute("since", "date"), operator="eq", value=m.Relative(duration=days(7))
                    )
                ),
                until(did("never", since="wait")),
                exit_when=m.Compare(
                    operand=attribute("since", "date"), operator="ne", value=m.Relative(duration=days(7))
                ),
            ),
        ),
        (
            "7d 16:00 entered until",
            "7d 16:00 waiting until never",
            "8d 16:00 ended until exit when",
        ),
        changes=known(since=TODAY + 1, zone=SHANGHAI),
    ),
    "an event starts a journey when where and condition hold just after it": Case(
        (
            journey(
                g.EventStart(
                    event="order",
                    where=m.Compare(
                        operand=m.RecordProperty(name="amount", type="number"),
                        operator="gt",
                        value=m.Constant(type="number", value=10.0),
                    ),
                    condition=did("order", amount=2),
                ),
                send(),
            ),
        ),
        sent_at("3d 00:00"),
        events=(
            event("1d 00:00", "order", amount=50.0),
            event("2d 00:00", "order", amount=10.0),
            event("3d 00:00", "order", amount=11.0),
        ),
    ),
    "a date start comes at its minute in the person's zone, every year when yearly": Case(
        (journey(g.DateStart(attribute="birthday", minute=540, yearly=True), send()),),
        sent_at("-2d 08:00", "363d 08:00"),
        changes=known(birthday=(date(2000, 2, 29) - date(1970, 1, 1)).days, zone=BERLIN),
        resume="-2d 08:00",
        stops=("400d 00:00",),
    ),
    "seven days before a birthday on 3 January is in the year before": Case(
        (journey(g.DateStart(attribute="birthday", minute=600, shift_days=-7, yearly=True), send()),),
        sent_at("300d 10:00"),
        changes=known(birthday=(date(1990, 1, 3) - date(1970, 1, 1)).days),
        stops=("400d 00:00",),
    ),
    "a date that changes moves the start; a start strictly after the change": Case(
        (journey(g.DateStart(attribute="trial", minute=540), send()),),
        sent_at("7d 09:00"),
        changes=(
            *known(trial=TODAY + 3),
            change("3d 09:00", "trial", TODAY + 5),
            change("5d 08:59", "trial", TODAY + 4),
            change("6d 00:00", "trial", TODAY + 7),
        ),
    ),
    "a zone that changes moves the start": Case(
        (journey(g.CalendarStart(days=(1,), minute=540), send()),),
        sent_at("1d 14:00", "8d 13:00"),
        changes=(change("1d 08:00", "zone", NEW_YORK),),
        stops=("14d 00:00",),
    ),
    "a calendar start comes on its weekdays, for a new person also at resume": Case(
        (journey(g.CalendarStart(days=(0, 2), minute=0, zone="UTC"), send()),),
        sent_at("0d 00:00", "2d 00:00", "7d 00:00"),
        changes=known(zone=NEW_YORK),
        stops=("7d 00:00", "8d 00:00"),
    ),
}

LIVE = journey(ON_ORDER, wait(days(2)))
WAITING = ("entered wait", "waiting wait {}", "moved on wait", "ended end finished")

ENTERING = {
    "once": Case(
        (journey(ON_ORDER, send(), entry=g.Entry(how="once")),),
        sent_at("1d 00:00"),
        events=(event("1d 00:00", "order"), event("2d 00:00", "order")),
    ),
    "one live run": Case(
        (LIVE,),
        (
            "1d 00:00 entered wait",
            "1d 00:00 waiting wait 3d 00:00",
            "3d 00:00 moved on wait",
            "3d 00:00 ended end finished",
            "3d 00:00 entered wait",
            "3d 00:00 waiting wait 5d 00:00",
            "5d 00:00 moved on wait",
            "5d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"), event("2d 23:59", "order"), event("3d 00:00", "order")),
    ),
    "once per period counts from the entry": Case(
        (journey(ON_ORDER, send(), entry=g.Entry(how="per period", period=days(7))),),
        sent_at("1d 00:00", "8d 00:00"),
        events=(event("1d 00:00", "order"), event("7d 23:59", "order"), event("8d 00:00", "order")),
    ),
    "once for each value of a key, side by side": Case(
        (journey(ON_ORDER, wait(days(2)), entry=g.Entry(how="once", key="number")),),
        (
            "1d 00:00 entered wait",
            "1d 00:00 waiting wait 3d 00:00",
            "2d 00:00 entered wait",
            "2d 00:00 waiting wait 4d 00:00",
            "3d 00:00 moved on wait",
            "3d 00:00 ended end finished",
            "4d 00:00 moved on wait",
            "4d 00:00 ended end finished",
        ),
        events=(
            event("1d 00:00", "order", number="a1"),
            event("2d 00:00", "order", number="b2"),
            event("5d 00:00", "order", number="a1"),
        ),
    ),
    "only if keeps people out": Case(
        (journey(ON_ORDER, send(), only_if=is_("plan", "pro")),),
        sent_at("2d 00:00"),
        events=(event("1d 00:00", "order"), event("2d 00:00", "order")),
        changes=(change("2d 00:00", "plan", "pro"),),
    ),
    "a refused change is used up": Case(
        (journey(PRO, send(), only_if=is_("points", 1.0)),),
        (),
        changes=(change("1d 00:00", "plan", "pro"), change("2d 00:00", "points", 1.0)),
    ),
    "closed journeys take nobody, and those inside finish": Case(
        (LIVE,),
        (
            "1d 00:00 entered wait",
            "1d 00:00 waiting wait 3d 00:00",
            "3d 00:00 moved on wait",
            "3d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"), event("4d 00:00", "order")),
        stops=("2d 00:00", "9d 00:00"),
        closed=frozenset({JourneyKey("welcome", 1)}),
    ),
    "goal and exit are looked at before the first step": Case(
        (journey(ON_ORDER, send(), goal=g.Goal(condition=is_("plan", "pro")), exit_when=m.GoalReached()),),
        ("1d 00:00 entered hello", "1d 00:00 goal hello", "1d 00:00 ended hello exit when"),
        events=(event("1d 00:00", "order"),),
        changes=known(plan="pro"),
    ),
    "what counts since the entry comes strictly after it": Case(
        (journey(ON_ORDER, wait(days(9)), exit_when=did("order", since="entry")),),
        (
            "1d 00:00 entered wait",
            "1d 00:00 waiting wait 10d 00:00",
            "2d 00:00 ended wait exit when",
            "2d 00:00 entered wait",
            "2d 00:00 waiting wait 11d 00:00",
            "11d 00:00 moved on wait",
            "11d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"), event("1d 00:00", "order"), event("2d 00:00", "order")),
    ),
    "a held-out run leaves no trace but entered, goal and ended": Case(
        (
            journey(
                ON_ORDER,
                send(),
                g.TagNode(id="tag", tag="vip"),
                wait(days(1)),
                g.TaskNode(id="task", name="call", role="sales"),
                holdout=1.0,
                goal=g.Goal(condition=did("paid", since="entry"), within=days(3)),
            ),
        ),
        (
            "1d 00:00 entered hello holdout",
            "2d 00:00 ended end finished",
            "3d 00:00 goal",
        ),
        events=(event("1d 00:00", "order"), event("3d 00:00", "paid")),
    ),
}

DECIDED = journey(
    ON_ORDER,
    wait(days(1)),
    g.BranchNode(id="if", condition=did("paid", since="entry")),
    send("thanks"),
    send("reminder"),
    edges=("if.yes -> thanks", "if.no -> reminder", "thanks.next -> end"),
)

WAITS = {
    "an exit acts inside a wait": Case(
        (journey(ON_ORDER, wait(days(5)), send(), exit_when=is_("plan", "pro")),),
        ("1d 00:00 entered wait", "1d 00:00 waiting wait 6d 00:00", "2d 12:00 ended wait exit when"),
        events=(event("1d 00:00", "order"),),
        changes=(change("2d 12:00", "plan", "pro"),),
    ),
    "an exit by time alone acts inside a wait": Case(
        (journey(ON_ORDER, wait(days(5)), send(), exit_when=m.Silent(duration=days(2))),),
        ("1d 00:00 entered wait", "1d 00:00 waiting wait 6d 00:00", "3d 00:00 ended wait exit when"),
        events=(event("1d 00:00", "order"),),
    ),
    "at the same instant records come before timers": Case(
        (DECIDED,),
        (
            "1d 00:00 entered wait",
            "1d 00:00 waiting wait 2d 00:00",
            "2d 00:00 moved on wait",
            "2d 00:00 sent thanks mail",
            "2d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"), event("2d 00:00", "paid")),
    ),
    "a timer before an event fires before it": Case(
        (DECIDED,),
        (
            "1d 00:00 entered wait",
            "1d 00:00 waiting wait 2d 00:00",
            "2d 00:00 moved on wait",
            "2d 00:00 sent reminder mail",
            "2d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"), event("2d 00:00:00.000001", "paid")),
    ),
    "a day keeps the wall clock across DST, 24 h do not": Case(
        (journey(ON_ORDER, wait(days(1)), g.WaitNode(id="hours", duration=hours(24))),),
        (
            "26d 11:00 entered wait",
            "26d 11:00 waiting wait 27d 10:00",
            "27d 10:00 moved on wait",
            "27d 10:00 waiting hours 28d 10:00",
            "28d 10:00 moved on hours",
            "28d 10:00 ended end finished",
        ),
        events=(event("26d 11:00", "order"),),
        changes=known(zone=BERLIN),
    ),
    "a standing wait is computed again when the zone changes": Case(
        (journey(ON_ORDER, wait(days(30))),),
        (
            "1d 00:00 entered wait",
            "1d 00:00 waiting wait 31d 00:00",
            "30d 23:00 moved on wait",
            "30d 23:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"),),
        changes=(change("2d 00:00", "zone", BERLIN),),
    ),
    "wait until passes at once if its condition holds": Case(
        (journey(ON_ORDER, until(is_("plan", "pro"), days(1)), send()),),
        ("1d 00:00 entered until", "1d 00:00 sent hello mail", "1d 00:00 ended end finished"),
        events=(event("1d 00:00", "order"),),
        changes=known(plan="pro"),
    ),
    "wait until counts from the start of the wait": Case(
        (journey(ON_ORDER, until(did("paid", since="wait"), days(3))),),
        (
            "1d 00:00 entered until",
            "1d 00:00 waiting until 4d 00:00",
            "3d 00:00 moved on until",
            "3d 00:00 ended end finished",
        ),
        events=(
            event("0d 12:00", "paid"),
            event("1d 00:00", "paid"),
            event("1d 00:00", "order"),
            event("3d 00:00", "paid"),
        ),
    ),
    "when the condition and the time come at one moment the condition wins": Case(
        (journey(ON_ORDER, until(m.Silent(duration=days(2)), days(2))),),
        (
            "1d 00:00 entered until",
            "1d 00:00 waiting until 3d 00:00",
            "3d 00:00 moved on until",
            "3d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"),),
    ),
    "timed out": Case(
        (
            journey(
                ON_ORDER,
                until(did("paid", since="wait"), days(2)),
                g.BranchNode(id="if", condition=m.TimedOut()),
                send("reminder"),
                edges=("if.yes -> reminder", "if.no -> end"),
            ),
        ),
        (
            "1d 00:00 entered until",
            "1d 00:00 waiting until 3d 00:00",
            "3d 00:00 timed out until",
            "3d 00:00 sent reminder mail",
            "3d 00:00 ended end finished",
            "9d 00:00 entered until",
            "9d 00:00 waiting until 11d 00:00",
            "10d 00:00 moved on until",
            "10d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"), event("9d 00:00", "order"), event("10d 00:00", "paid")),
    ),
    "a wall time that does not exist is the first instant after": Case(
        (journey(ON_ORDER, moment(minute=150)),),
        (
            "26d 12:00 entered moment",
            "26d 12:00 waiting moment 27d 01:00",
            "27d 01:00 moved on moment",
            "27d 01:00 ended end finished",
        ),
        events=(event("26d 12:00", "order"),),
        changes=known(zone=BERLIN),
    ),
    "wait until monday is over at once on a monday": Case(
        (journey(ON_ORDER, moment(days=(0,)), send()),),
        ("7d 12:00 entered moment", "7d 12:00 sent hello mail", "7d 12:00 ended end finished"),
        events=(event("7d 12:00", "order"),),
    ),
    "wait until monday, and monday at 09:00": Case(
        (journey(ON_ORDER, moment(days=(0,)), g.WaitMomentNode(id="nine", days=(0,), minute=540)),),
        (
            "1d 12:00 entered moment",
            "1d 12:00 waiting moment 7d 00:00",
            "7d 00:00 moved on moment",
            "7d 00:00 waiting nine 7d 09:00",
            "7d 09:00 moved on nine",
            "7d 09:00 ended end finished",
        ),
        events=(event("1d 12:00", "order"),),
    ),
    "three days before a date, at a minute of the person's day": Case(
        (journey(ON_ORDER, moment(operand=attribute("trial", "date"), shift=days(3), minute=540)),),
        (
            "1d 12:00 entered moment",
            "1d 12:00 waiting moment 5d 01:00",
            "5d 01:00 moved on moment",
            "5d 01:00 ended end finished",
        ),
        events=(event("1d 12:00", "order"),),
        changes=known(trial=TODAY + 8, zone=SHANGHAI),
    ),
    "a moment less than 24 h past, or on past run, goes on; a missing one with on past exit ends": Case(
        (
            journey(
                ON_ORDER,
                moment(operand=attribute("trial", "moment"), on_past="exit"),
                g.WaitMomentNode(id="date", date=TODAY - 9, on_past="run"),
                g.WaitMomentNode(id="gone", operand=attribute("nothing", "moment"), on_past="exit"),
            ),
        ),
        ("1d 12:00 entered moment", "1d 12:00 ended gone on past"),
        events=(event("1d 12:00", "order"),),
        changes=known(trial=at("0d 12:00:00.000001")),
    ),
    "24 h past is past": Case(
        (journey(ON_ORDER, moment(operand=attribute("trial", "moment"), on_past="exit")),),
        ("1d 12:00 entered moment", "1d 12:00 ended moment on past"),
        events=(event("1d 12:00", "order"),),
        changes=known(trial=at("0d 12:00")),
    ),
    "a goal counts after the end of the run, strictly before its window is over": Case(
        (journey(ON_ORDER, send(), goal=g.Goal(condition=did("paid", since="entry"), within=days(7))),),
        (*sent_at("1d 00:00"), "7d 23:59 goal", *sent_at("10d 00:00")),
        events=(
            event("1d 00:00", "order"),
            event("7d 23:59", "paid"),
            event("10d 00:00", "order"),
            event("17d 00:00", "paid"),
        ),
    ),
    "without a window a goal counts as long as the run lives": Case(
        (journey(ON_ORDER, wait(days(1)), goal=g.Goal(condition=did("paid", since="entry"))),),
        (
            "1d 00:00 entered wait",
            "1d 00:00 waiting wait 2d 00:00",
            "2d 00:00 moved on wait",
            "2d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"), event("3d 00:00", "paid")),
    ),
}

OPT_IN = ChannelPolicy(address="email", consent="opt-in")
REACHED = known(email="a@example.com", consent__mail=True)
ONE_A_DAY = g.FrequencyCap(messages=1, period=hours(24))
PATIENT = {"on_limit": "wait"}


def promo(name: str, priority: int, **more: Any) -> g.RuleGraph:
    return journey(ON_ORDER, send(name, **more), name=name, priority=priority)


SENDING = {
    "the first channel that can reach the person": Case(
        (journey(ON_ORDER, send(channels=("mail", "sms", "push"))),),
        ("1d 00:00 entered hello", "1d 00:00 sent hello push", "1d 00:00 ended end finished"),
        events=(event("1d 00:00", "order"),),
        changes=known(suppressed__mail=True, consent__sms=False),
    ),
    "nobody can be reached: the reason of the last channel, suppressed before consent before unreachable": Case(
        (journey(ON_ORDER, send(channels=("sms", "mail"))),),
        (
            "1d 00:00 entered hello",
            "1d 00:00 blocked hello suppressed",
            "1d 00:00 ended end finished",
            "2d 00:00 entered hello",
            "2d 00:00 blocked hello consent",
            "2d 00:00 ended end finished",
            "3d 00:00 entered hello",
            "3d 00:00 blocked hello unreachable",
            "3d 00:00 ended end finished",
            *sent_at("4d 00:00"),
        ),
        events=tuple(event(f"{day}d 00:00", "order") for day in (1, 2, 3, 4)),
        changes=(
            *known(consent__sms=False, suppressed__mail=True),
            change("2d 00:00", "suppressed.mail", None),
            change("3d 00:00", "consent.mail", True),
            change("4d 00:00", "email", "a@example.com"),
        ),
        policy=Policy(channels={"mail": OPT_IN}),
    ),
    "a transactional message needs no consent, heeds suppression, ignores quiet hours and caps": Case(
        (journey(ON_ORDER, send(transactional=True), quiet=NIGHT, limits=(ONE_A_DAY,)),),
        (
            *sent_at("1d 22:00", "1d 23:00"),
            "2d 00:00 entered hello",
            "2d 00:00 blocked hello suppressed",
            "2d 00:00 ended end finished",
        ),
        events=(event("1d 22:00", "order"), event("1d 23:00", "order"), event("2d 00:00", "order")),
        changes=(*known(consent__mail=False), change("2d 00:00", "suppressed.mail", True)),
    ),
    "quiet hours hold overnight": Case(
        (journey(ON_ORDER, send(), quiet=NIGHT),),
        (
            "1d 22:00 entered hello",
            "1d 22:00 held hello quiet 2d 09:00",
            "2d 09:00 sent hello mail",
            "2d 09:00 ended end finished",
            *sent_at("3d 09:00"),
        ),
        events=(event("1d 22:00", "order"), event("3d 09:00", "order")),
    ),
    "held until outside the quiet hours of journey, project and channel, in the person's zone": Case(
        (journey(ON_ORDER, send(), quiet=NIGHT),),
        (
            "26d 21:00 entered hello",
            "26d 21:00 held hello quiet 27d 10:00",
            "27d 10:00 sent hello mail",
            "27d 10:00 ended end finished",
        ),
        events=(event("26d 21:00", "order"),),
        changes=known(zone=BERLIN),
        policy=Policy(
            quiet=g.QuietHours(from_minute=540, to_minute=660),
            channels={"mail": ChannelPolicy(quiet=g.QuietHours(from_minute=660, to_minute=720))},
        ),
    ),
    "quiet hours that leave no gap hold for ever": Case(
        (journey(ON_ORDER, send(), quiet=g.QuietHours(from_minute=540, to_minute=1260)),),
        ("1d 22:00 entered hello", "1d 22:00 held hello quiet never"),
        events=(event("1d 22:00", "order"),),
        policy=Policy(quiet=NIGHT),
    ),
    "an exit acts on a held message": Case(
        (journey(ON_ORDER, send(), quiet=NIGHT, exit_when=did("paid", since="entry")),),
        (
            "1d 22:00 entered hello",
            "1d 22:00 held hello quiet 2d 09:00",
            "2d 09:00 ended hello exit when",
        ),
        events=(event("1d 22:00", "order"), event("2d 09:00", "paid")),
    ),
    "after a hold the condition and the consent are looked at again": Case(
        (
            journey(ON_ORDER, send(), quiet=NIGHT, only_if=m.Not(term=is_("plan", "pro"))),
            journey(ON_ORDER, send("other"), quiet=NIGHT, name="other"),
        ),
        (
            "1d 22:00 entered hello",
            "1d 22:00 held hello quiet 2d 09:00",
            "1d 22:00 entered other",
            "1d 22:00 held other quiet 2d 09:00",
            "2d 09:00 blocked hello condition",
            "2d 09:00 ended end finished",
            "2d 09:00 blocked other consent",
            "2d 09:00 ended end finished",
        ),
        events=(event("1d 22:00", "order"),),
        changes=(change("2d 08:00", "plan", "pro"), change("2d 09:00", "consent.mail", False)),
    ),
    "a held message is judged again when the zone changes": Case(
        (journey(ON_ORDER, send(), quiet=NIGHT),),
        (
            "1d 22:00 entered hello",
            "1d 22:00 held hello quiet 2d 09:00",
            "1d 23:00 held hello quiet 2d 08:00",
            "2d 01:00 sent hello mail",
            "2d 01:00 ended end finished",
        ),
        events=(event("1d 22:00", "order"),),
        changes=(change("1d 23:00", "zone", BERLIN), change("2d 01:00", "zone", SHANGHAI)),
    ),
    "a zone that is written again does not judge a held message again": Case(
        (journey(ON_ORDER, send(), send("more", on_limit="wait"), quiet=NIGHT, limits=(ONE_A_DAY,)),),
        (
            "1d 12:00 entered hello",
            "1d 12:00 sent hello mail",
            "1d 12:00 held more limit 2d 12:00",
            "2d 12:00 sent more mail",
            "2d 12:00 ended end finished",
        ),
        events=(event("1d 12:00", "order"),),
        changes=(change("1d 23:00", "zone", None), change("1d 23:30", "zone", "UTC")),
    ),
    "a full cap skips the message; hand-off + period > now": Case(
        (journey(ON_ORDER, send(), limits=(ONE_A_DAY,)),),
        (
            *sent_at("1d 00:00"),
            "1d 23:59 entered hello",
            "1d 23:59 blocked hello limit journey",
            "1d 23:59 ended end finished",
            *sent_at("2d 00:00"),
        ),
        events=(event("1d 00:00", "order"), event("1d 23:59", "order"), event("2d 00:00", "order")),
    ),
    "a full cap ends the run where that is said": Case(
        (journey(ON_ORDER, send(), send("more", on_limit="exit")),),
        (
            "1d 00:00 entered hello",
            "1d 00:00 sent hello mail",
            "1d 00:00 blocked more limit mail",
            "1d 00:00 ended more limit",
        ),
        events=(event("1d 00:00", "order"),),
        policy=Policy(channels={"mail": ChannelPolicy(limits=(ONE_A_DAY,))}),
    ),
    "a message waits until the cap has room": Case(
        (journey(ON_ORDER, send(), send("more", **PATIENT)),),
        (
            "1d 00:00 entered hello",
            "1d 00:00 sent hello mail",
            "1d 00:00 held more limit 2d 00:00",
            "2d 00:00 sent more mail",
            "2d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"),),
        policy=Policy(limits=(ONE_A_DAY,)),
    ),
    "a message waits for a cap no longer than it may": Case(
        (journey(ON_ORDER, send(), send("more", limit_wait=hours(5), **PATIENT)),),
        (
            "1d 00:00 entered hello",
            "1d 00:00 sent hello mail",
            "1d 00:00 held more limit 1d 05:00",
            "1d 05:00 blocked more limit project",
            "1d 05:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"),),
        policy=Policy(limits=(ONE_A_DAY,)),
    ),
    "a calendar cap counts the day of the person's zone, and the week from Monday": Case(
        (journey(ON_ORDER, send(**PATIENT)),),
        (
            *sent_at("3d 15:00"),
            "3d 15:30 entered hello",
            "3d 15:30 held hello limit 3d 16:00",
            "3d 16:00 sent hello mail",
            "3d 16:00 ended end finished",
            "5d 00:00 entered hello",
            "5d 00:00 held hello limit 6d 16:00",
            "6d 16:00 sent hello mail",
            "6d 16:00 ended end finished",
        ),
        events=(event("3d 15:00", "order"), event("3d 15:30", "order"), event("5d 00:00", "order")),
        changes=known(zone=SHANGHAI),
        policy=Policy(
            limits=(
                g.FrequencyCap(messages=1, period=days(1), calendar=True),
                g.FrequencyCap(messages=2, period=days(7), calendar=True),
            )
        ),
    ),
    "of two messages at one instant that of the higher priority goes": Case(
        (promo("small", 50), promo("big", 70)),
        (
            "1d 00:00 entered big",
            "1d 00:00 sent big mail",
            "1d 00:00 ended end finished",
            "1d 00:00 entered small",
            "1d 00:00 blocked small limit project",
            "1d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"),),
        policy=Policy(limits=(ONE_A_DAY,)),
    ),
    "of two held messages that of the higher priority goes": Case(
        (promo("small", 50, **PATIENT), promo("big", 70, **PATIENT)),
        (
            "1d 22:00 entered big",
            "1d 22:00 held big quiet 2d 09:00",
            "1d 22:00 entered small",
            "1d 22:00 held small quiet 2d 09:00",
            "2d 09:00 sent big mail",
            "2d 09:00 ended end finished",
            "2d 09:00 held small limit 3d 09:00",
            "3d 09:00 sent small mail",
            "3d 09:00 ended end finished",
        ),
        events=(event("1d 22:00", "order"),),
        policy=Policy(limits=(ONE_A_DAY,), quiet=NIGHT),
    ),
    "reachable": Case(
        (journey(g.ConditionStart(condition=m.Reachable(channel="mail")), send()),),
        sent_at("2d 00:00"),
        changes=(change("1d 00:00", "email", "a@example.com"), change("2d 00:00", "consent.mail", True)),
        policy=Policy(channels={"mail": OPT_IN}),
    ),
}


def repeated(**more: Any) -> g.RuleGraph:
    repeat = g.RepeatNode(id="repeat", times=2, every=days(2), **more)
    return journey(
        ON_ORDER, repeat, send(), edges=("repeat.again -> hello", "hello.next -> repeat", "repeat.done -> end")
    )


STEPS = {
    "a repeat without until ends with its last round": Case(
        (repeated(),),
        (
            "1d 00:00 entered repeat",
            "1d 00:00 visited repeat",
            "1d 00:00 visited hello",
            "1d 00:00 sent hello mail",
            "1d 00:00 visited repeat",
            "1d 00:00 waiting repeat 3d 00:00",
            "3d 00:00 moved on repeat",
            "3d 00:00 visited hello",
            "3d 00:00 sent hello mail",
            "3d 00:00 visited repeat",
            "3d 00:00 visited end",
            "3d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"),),
        steps=True,
    ),
    "with until the interval follows the last round too": Case(
        (repeated(until=did("paid", since="loop")),),
        (
            "1d 00:00 entered repeat",
            "1d 00:00 sent hello mail",
            "1d 00:00 waiting repeat 3d 00:00",
            "3d 00:00 moved on repeat",
            "3d 00:00 sent hello mail",
            "3d 00:00 waiting repeat 5d 00:00",
            "5d 00:00 moved on repeat",
            "5d 00:00 ended end finished",
        ),
        events=(event("0d 12:00", "paid"), event("1d 00:00", "order")),
    ),
    "until ends a repeat between two rounds": Case(
        (repeated(until=did("paid", since="loop")),),
        (
            "1d 00:00 entered repeat",
            "1d 00:00 sent hello mail",
            "1d 00:00 waiting repeat 3d 00:00",
            "2d 00:00 moved on repeat",
            "2d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"), event("2d 00:00", "paid")),
    ),
    "until ends a repeat on arrival": Case(
        (repeated(until=is_("plan", "pro")),),
        ("1d 00:00 entered repeat", "1d 00:00 ended end finished"),
        events=(event("1d 00:00", "order"),),
        changes=known(plan="pro"),
    ),
    "a branch, an exit": Case(
        (
            journey(
                ON_ORDER,
                g.BranchNode(id="if", condition=is_("plan", "pro")),
                g.EndNode(id="exit", how="exit"),
                send(),
                edges=("if.yes -> exit", "if.no -> hello"),
            ),
        ),
        (
            *(f"1d 00:00 {effect}" for effect in ("entered if", "visited if", "visited hello", "sent hello mail")),
            "1d 00:00 visited end",
            "1d 00:00 ended end finished",
            "2d 00:00 entered if",
            "2d 00:00 visited if",
            "2d 00:00 visited exit",
            "2d 00:00 ended exit exit",
        ),
        events=(event("1d 00:00", "order"), event("2d 00:00", "order")),
        changes=(change("2d 00:00", "plan", "pro"),),
        steps=True,
    ),
    "staff, attributes and tags": Case(
        (
            journey(
                ON_ORDER,
                g.TaskNode(id="task", name="call", role="sales"),
                g.NotifyNode(id="notify", role="sales", text="look"),
                set_("plan", "pro"),
                g.SetNode(
                    id="copy", attribute="spent", value=m.EntryProperty(event="order", name="amount", type="number")
                ),
                g.SetNode(
                    id="nothing", attribute="spent", value=m.EntryProperty(event="order", name="tax", type="number")
                ),
                g.TagNode(id="for ever", tag="buyer"),
                g.TagNode(id="for a day", tag="recent", duration=days(1)),
                g.UntagNode(id="untag", tag="lost"),
            ),
        ),
        (
            "1d 00:00 entered task",
            "1d 00:00 task task",
            "1d 00:00 notice notify",
            "1d 00:00 set set plan plan pro",
            "1d 00:00 set copy spent 7.5",
            "1d 00:00 tagged for ever buyer never",
            "1d 00:00 tagged for a day recent 2d 00:00",
            "1d 00:00 untagged untag lost",
            "1d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order", amount=7.5),),
    ),
    "what a journey sets is looked at as a moment of its own at the same instant": Case(
        (
            journey(PRO, send("pro"), name="upgrade", priority=70),
            journey(ON_ORDER, wait(days(1)), set_("plan", "pro"), name="orders"),
            journey(ON_ORDER, wait(days(9)), name="patient", exit_when=is_("plan", "pro")),
        ),
        (
            "1d 00:00 entered wait",
            "1d 00:00 waiting wait 2d 00:00",
            "1d 00:00 entered wait",
            "1d 00:00 waiting wait 10d 00:00",
            "2d 00:00 moved on wait",
            "2d 00:00 set set plan plan pro",
            "2d 00:00 ended end finished",
            "2d 00:00 entered pro",
            "2d 00:00 sent pro mail",
            "2d 00:00 ended end finished",
            "2d 00:00 ended wait exit when",
        ),
        events=(event("1d 00:00", "order"),),
    ),
}

MEETING = {
    "a goal wakes the wait for it in the same moment, also at the second of two events at one instant": Case(
        (
            journey(
                ON_ORDER,
                until(m.GoalReached(), days(9)),
                goal=g.Goal(condition=did("paid", since="entry", operator="eq", amount=2)),
            ),
        ),
        (
            "1d 00:00 entered until",
            "1d 00:00 waiting until 10d 00:00",
            "2d 00:00 goal until",
            "2d 00:00 moved on until",
            "2d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"), event("2d 00:00", "paid"), event("2d 00:00", "paid")),
    ),
    "a repeat in a repeat counts from its own start": Case(
        (
            journey(
                ON_ORDER,
                g.RepeatNode(id="outer", times=1, every=days(1)),
                g.RepeatNode(id="inner", times=1, every=days(1)),
                until(did("paid", since="loop"), days(1)),
                edges=(
                    "outer.again -> inner",
                    "outer.done -> end",
                    "inner.again -> until",
                    "inner.done -> outer",
                    "until.next -> inner",
                ),
            ),
        ),
        (
            "1d 00:00 entered outer",
            "1d 00:00 waiting until 2d 00:00",
            "1d 12:00 moved on until",
            "1d 12:00 ended end finished",
            "5d 00:00 entered outer",
            "5d 00:00 waiting until 6d 00:00",
            "6d 00:00 timed out until",
            "6d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order"), event("1d 12:00", "paid"), event("5d 00:00", "order")),
    ),
    "36 h before now is a day, for a date": Case(
        (
            journey(
                g.ConditionStart(
                    condition=m.Compare(
                        operand=attribute("since", "date"),
                        operator="le",
                        value=m.Relative(duration=m.Duration(days=1, micros=12 * HOUR)),
                    )
                ),
                send(),
            ),
        ),
        sent_at("4d 12:00"),
        changes=known(since=TODAY + 3),
    ),
    "a silence that only the goal looks at turns once": Case(
        (
            journey(
                ON_ORDER,
                moment(days=(1, 6), minute=150, zone=NEW_YORK),
                goal=g.Goal(condition=m.Silent(duration=days(1))),
            ),
        ),
        (
            "2d 16:00 entered moment",
            "2d 16:00 waiting moment 6d 07:00",
            "3d 16:00 goal moment",
            "6d 07:00 moved on moment",
            "6d 07:00 ended end finished",
        ),
        events=(event("2d 16:00", "order"),),
    ),
}

LATE = {
    "a late event less than 24 h old starts its journey at resume": Case(
        (journey(ON_ORDER, send()),),
        sent_at("1d 00:00", "3d 00:00"),
        events=(event("1d 00:00", "order", seq=1), event("2d 00:00:00.000001", "order", seq=7)),
        stops=("3d 00:00", "9d 00:00"),
    ),
    "an older one only counts as history": Case(
        (
            journey(ON_ORDER, send()),
            journey(g.ConditionStart(condition=did("order", amount=2)), send("second"), name="second"),
        ),
        (
            *sent_at("1d 00:00"),
            "3d 00:00 entered second",
            "3d 00:00 sent second mail",
            "3d 00:00 ended end finished",
        ),
        events=(event("1d 00:00", "order", seq=1), event("2d 00:00", "order", seq=7)),
        stops=("3d 00:00", "9d 00:00"),
    ),
}

CASES = {**STARTING, **ENTERING, **WAITS, **SENDING, **STEPS, **MEETING, **LATE}


def walked(walk: Walk, case: Case) -> tuple[PersonState, list[Effect]]:
    """The walk of a case; `closed` and events numbered from 5 on come with the second stop."""
    state, effects = PersonState(), list[Effect]()
    for piece, stop in enumerate(case.stops):
        person = Person(case.person, tuple(e for e in case.events if piece or e.seq < 5), case.changes)
        closed = case.closed if piece else frozenset[JourneyKey]()
        state, more = walk(case.graphs, case.policy, person, state, at(case.resume), at(stop), closed)
        effects += more
    return state, effects


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_meaning(walk: Walk, case: Case) -> None:
    _, effects = walked(walk, case)
    assert [told(effect) for effect in effects if case.steps or effect.kind != "visited"] == list(case.expect)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_walk_in_pieces_is_the_same_walk(walk: Walk, case: Case) -> None:
    """Stopping anywhere changes nothing (what a journey set has to be told to the next piece)."""
    if len(case.stops) > 1:
        pytest.skip("walked in pieces already")
    state, effects = PersonState(), list[Effect]()
    changes = case.changes
    for stop in sorted({at("1d 00:00"), at("2d 12:00"), at("8d 00:00"), at(case.stops[0])} - {at(case.resume)}):
        if not at(case.resume) < stop <= at(case.stops[0]):
            continue
        person = Person(case.person, case.events, changes)
        state, more = walk(case.graphs, case.policy, person, state, at(case.resume), stop, frozenset())
        changes = (*changes, *changes_made(more))
        effects += more
    assert effects == walked(walk, case)[1]


def test_journeys_that_answer_each_other_for_ever_are_cut_off(walk: Walk) -> None:
    def answer(name: str, number: float, following: float) -> g.RuleGraph:
        return journey(g.ConditionStart(condition=is_("x", number)), set_("x", following), name=name)

    case = Case(
        (answer("c", 3.0, 1.0), answer("b", 2.0, 3.0), answer("a", 1.0, 2.0)),
        (),
        changes=(change("1d 00:00", "x", 1.0),),
        stops=("1d 00:00",),
    )
    _, effects = walked(walk, case)
    entered = [effect.journey.name for effect in effects if effect.kind == "entered"]
    # The change itself, then 64 moments: a, b, then c and a in one moment (c is listed before a), b, ...
    assert {name: entered.count(name) for name in "abc"} == {"a": 33, "b": 32, "c": 32}


def test_a_later_version_takes_newcomers_and_never_reenters_anyone_by_being_published(walk: Walk) -> None:
    first = journey(PRO, send())
    second = first.model_copy(update={"version": 2, "start": g.ConditionStart(condition=m.Always(value=True))})
    pro, free = Person("ann", changes=known(plan="pro")), Person("ben", changes=known(plan="free"))
    entered = []
    for person in (pro, free):
        state, _ = walk([first], Policy(), person, PersonState(), at("0d 00:00"), at("1d 00:00"), frozenset())
        closed = frozenset({JourneyKey("welcome", 1)})
        _, effects = walk([first, second], Policy(), person, state, at("0d 00:00"), at("2d 00:00"), closed)
        entered.append([told(effect) for effect in effects if effect.kind == "entered"])
    assert entered == [[], ["1d 00:00 entered hello"]]


def test_splits_deal_the_arms_by_their_weights_and_holdout_arms_end(walk: Walk) -> None:
    arms = (g.Arm(port="a", percent=20), g.Arm(port="b", percent=50), g.Arm(port="none", percent=30, holdout=True))
    split = journey(
        ON_ORDER,
        g.SplitNode(id="split", name="offer", arms=arms),
        send("first"),
        g.EndNode(id="nobody", how="holdout"),
        send("second"),
        edges=("split.a -> first", "split.b -> second", "split.none -> nobody", "first.next -> end"),
    )
    ends: dict[str, int] = {}
    for number in range(400):
        person = Person(f"person {number}", (event("1d 00:00", "order"),))
        _, effects = walk([split], Policy(), person, PersonState(), at("0d 00:00"), at("2d 00:00"), frozenset())
        label = " ".join(effect.node for effect in effects if effect.kind == "sent") or effects[-1].reason
        ends[label] = ends.get(label, 0) + 1
    assert set(ends) == {"first", "second", "holdout"}
    assert 50 < ends["first"] < 110
    assert 160 < ends["second"] < 240


def test_what_is_remembered(walk: Walk) -> None:
    case = SENDING["a message waits until the cap has room"]
    state, _ = walked(walk, replace(case, stops=("1d 12:00",)))
    (run,) = state.runs
    assert (state.advanced_to, state.seen_seq) == (at("1d 12:00"), 0)
    assert (run.node, run.held, run.held_since, run.wait_until) == ("more", "limit", at("1d 00:00"), at("2d 00:00"))
    assert [(sent.at, sent.channel) for sent in state.handed_off] == [(at("1d 00:00"), "mail")]
    assert state.entries == {"welcome": (1, at("1d 00:00"))}
    state, _ = walked(walk, case)
    (run,) = state.runs
    assert (run.node, run.ended_at, run.exit_reason, run.held) == ("", at("2d 00:00"), "finished", "")
    assert (run.wait_started, run.wait_until, run.held_since) == (NEVER, NEVER, NEVER)


# -- explain -----------------------------------------------------------------------------------------------------------


def test_a_condition_is_explained_part_by_part() -> None:
    person = Person("ann", (event("0d 09:00", "visit"), event("1d 10:00", "order")), known(plan="free"))
    condition = m.All(terms=(m.Silent(duration=days(3)), m.Not(term=is_("plan", "pro")), did("order", window=days(2))))
    why = oracle.explain_condition(condition, profile_at(Policy(), person, at("2d 00:00")), at("2d 00:00"))
    silent, not_pro, ordered = why.parts
    assert (why.holds, why.changes_at) == (False, None)
    assert (silent.holds, silent.changes_at) == (False, at("4d 10:00"))
    assert silent.detail == {"last_activity": at("1d 10:00"), "silent_from": at("4d 10:00")}
    assert (not_pro.holds, not_pro.parts[0].detail) == (True, {"plan": "free"})
    assert (ordered.holds, ordered.changes_at) == (True, at("3d 10:00"))
    assert ordered.detail == {"amount": 1.0, "last_counted": at("1d 10:00")}


def test_a_person_is_explained_journey_by_journey() -> None:
    graphs = [
        journey(ON_ORDER, wait(days(5)), name="live"),
        journey(ON_ORDER, send(), name="done", entry=g.Entry(how="per period", period=days(7))),
        journey(PRO, send(), name="never", only_if=m.Tagged(tag="vip")),
        journey(g.DateStart(attribute="trial", minute=540), send(), name="later"),
    ]
    person = Person("ann", (event("1d 00:00", "order"),), known(trial=TODAY + 6))
    state, _ = oracle.advance(graphs, Policy(), person, PersonState(), resume=at("0d 00:00"), until=at("2d 00:00"))
    live, done, never, later = oracle.explain_person(graphs, Policy(), person, state, at("2d 00:00"))
    assert (live.standing, live.run and live.run.node, live.verdict.refused_by) == ("live", "wait", "live")
    assert (done.standing, done.run and done.run.exit_reason) == ("ended", "finished")
    assert done.verdict == oracle.Verdict("period", at("8d 00:00"))
    assert (never.standing, never.verdict.refused_by) == ("never entered", "only if")
    assert never.start is not None and (never.start.holds, never.start.detail) == (False, {"plan": None})
    assert never.guard is not None and not never.guard.holds
    assert (later.starts_at, later.verdict.refused_by) == (at("6d 09:00"), "")


# -- any journeys and people -------------------------------------------------------------------------------------------


@given(worlds(late=False))
def test_stopping_anywhere_changes_nothing(world: World) -> None:
    """The oracle agrees with itself, however a walk is cut into pieces."""
    for person in world.people:
        _, whole = oracle.advance(
            world.graphs, world.policy, person, PersonState(), resume=world.resume, until=world.stops[-1]
        )
        state, effects = PersonState(), list[Effect]()
        for stop in world.stops:
            known_now = replace(person, changes=(*person.changes, *changes_made(effects)))
            state, more = oracle.advance(world.graphs, world.policy, known_now, state, resume=world.resume, until=stop)
            effects += more
        assert effects == whole
