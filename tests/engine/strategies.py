"""Hypothesis strategies: small journeys, policies and people in which everything can meet at one instant.

Hypothesis draws seeds and sizes; a `Dice` throws the rest. So an example costs few draws (a whole world drawn choice by
choice overruns Hypothesis' limit, which then keeps to tiny ones), and shrinking still drops events, changes, journeys
and steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from journeys.catalog import meaning as m
from journeys.engine.history import ALWAYS, Change, Event, Person
from journeys.engine.policy import ChannelPolicy, Policy
from journeys.engine.state import NEVER, Effect, JourneyKey
from journeys.graph import model as g

T = TypeVar("T")

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu")
CHANNELS = ("mail", "push")
TAGS = ("vip", "warned")
BEGINNINGS = (
    1_772_668_800_000_000,  # 2026-03-05 00:00 UTC: clocks go forward in New York, then in Berlin
    1_792_713_600_000_000,  # 2026-10-23 00:00 UTC: clocks go back in Berlin and New York
    1_774_656_000_000_000,  # 2026-03-28 00:00 UTC: the day before Berlin's clocks go forward, a week before Lord Howe
    1_769_817_600_000_000,  # 2026-01-31 00:00 UTC: the end of a month, before a short one
)

# What the attributes and events of these people are called.
NUMBER, TEXT, FLAG, DATE, MOMENT = "points", "plan", "student", "birthday", "trial_ends"
TYPES: dict[str, m.ValueType] = {NUMBER: "number", TEXT: "text", FLAG: "boolean", DATE: "date", MOMENT: "moment"}
TEXTS = ("free", "pro")
ORDER, SIGNUP = "order", "signup"
EVENTS = (ORDER, ORDER, SIGNUP, "visit", "opened")


class Dice(Random):
    """Throws for what does not shrink."""

    def one_in(self, number: int) -> bool:
        return self.randrange(number) == 0

    def one(self, *options: T) -> T:
        return self.choice(options)

    def sometimes(self, make: Callable[[], T], one_in: int = 2) -> T | None:
        """What `make` makes, one time in so many."""
        return make() if self.one_in(one_in) else None


def duration(dice: Dice, *, zero: bool = False) -> m.Duration:
    """Calendar days and months, hours, odd microseconds."""
    choices = [
        m.Duration(days=1),
        m.Duration(days=1),
        m.Duration(days=2),
        m.Duration(days=7),
        m.Duration(months=1),
        m.Duration(micros=HOUR),
        m.Duration(micros=DAY),
        m.Duration(micros=90 * MINUTE),
        m.Duration(micros=1),
        m.Duration(micros=DAY - 1),
        m.Duration(days=1, micros=12 * HOUR),
        m.Duration(months=1, days=2),
    ]
    return dice.choice([*choices, m.Duration(), m.Duration()] if zero else choices)


# -- conditions --------------------------------------------------------------------------------------------------------

ATTRIBUTES = (
    m.Attribute(name=NUMBER, type="number"),
    m.Attribute(name=TEXT, type="text"),
    m.Attribute(name=FLAG, type="boolean"),
    m.Attribute(name=DATE, type="date"),
    m.Attribute(name=MOMENT, type="moment"),
    m.Attribute(name="last_seen", type="moment"),
)
RECORD_PROPERTIES = (
    m.RecordProperty(name="amount", type="number"),
    m.RecordProperty(name="sku", type="text"),
    m.RecordProperty(name="ships_at", type="moment"),
)
ENTRY_PROPERTIES = (
    m.EntryProperty(event=ORDER, name="amount", type="number"),
    m.EntryProperty(event=ORDER, name="sku", type="text"),
    m.EntryProperty(event=ORDER, name="ships_at", type="moment"),
)


def constant(dice: Dice, type_: m.ValueType, beginning: int) -> m.Constant:
    values: dict[str, Sequence[Any]] = {
        "number": (0.0, 1.0, 2.0, 5.5),
        "text": TEXTS,
        "boolean": (True, False),
        "date": [beginning // DAY + ahead for ahead in (-30, -1, 0, 1, 2, 8)],
        "moment": [beginning + ahead for ahead in (-DAY, 0, 6 * HOUR, DAY, 3 * DAY + 1)],
    }
    return m.Constant(type=type_, value=dice.choice(values[type_]))


def bound(dice: Dice, operand: m.Operand, beginning: int) -> m.Constant | m.Relative:
    if operand.type in ("date", "moment") and dice.one_in(2):
        return m.Relative(duration=duration(dice, zero=True))
    return constant(dice, operand.type, beginning)


def comparison(dice: Dice, operands: Sequence[m.Operand], beginning: int) -> m.Condition:
    operand = dice.choice(operands)
    shape = dice.one("compare", "compare", "compare", "one of", "between", "known")
    if shape == "one of" and operand.type in ("text", "number"):
        return m.OneOf(operand=operand, values=tuple(constant(dice, operand.type, beginning) for _ in range(2)))
    if shape == "between" and operand.type != "text":
        return m.Between(operand=operand, low=bound(dice, operand, beginning), high=bound(dice, operand, beginning))
    if shape == "known":
        return m.Known(operand=operand, known=dice.one_in(2))
    operators: Sequence[m.Operator] = ("eq", "ne", "lt", "le", "gt", "ge")
    operator = dice.choice(operators[:2] if operand.type in ("text", "boolean") else operators)
    return m.Compare(operand=operand, operator=operator, value=bound(dice, operand, beginning))


def occurred(dice: Dice, sinces: Sequence[m.Since], beginning: int) -> m.Occurred:
    names = sorted({dice.choice(EVENTS) for _ in range(dice.one(1, 1, 2))})
    measured = dice.one_in(4)
    operators: Sequence[m.Operator] = ("ge", "ge", "ge", "ge", "eq", "lt", "le", "gt", "ne")
    return m.Occurred(
        counted=tuple(
            m.Counted(event=name, measure="amount" if measured and name == ORDER else None) for name in names
        ),
        operator=dice.choice(operators),
        amount=dice.one(1.0, 1.0, 1.0, 2.0, 0.0, 3.0),
        window=dice.sometimes(lambda: duration(dice)),
        since=dice.choice(sinces),
        message=dice.one(None, None, None, "hello"),
        where=dice.sometimes(lambda: comparison(dice, RECORD_PROPERTIES, beginning), 4),
    )


@dataclass(frozen=True)
class Speaks:
    """What a condition may speak of: where counting starts, the starting event, the goal, the wait above it."""

    sinces: tuple[m.Since, ...] = ("ever",)
    entry: bool = False
    goal: bool = False
    timed_out: bool = False


ANYWHERE = Speaks()
AT_ENTRY = Speaks(entry=True)
IN_GOAL = Speaks(("ever", "entry", "entry"), entry=True)
IN_EXIT = replace(IN_GOAL, goal=True)
IN_STEP = replace(IN_EXIT, timed_out=True)


def condition(dice: Dice, beginning: int, speaks: Speaks = ANYWHERE, depth: int = 2) -> m.Condition:
    kinds = ["compare", "compare", "compare", "occurred", "occurred", "occurred", "silent", "tagged", "reachable"]
    if speaks.entry:
        kinds.append("entry")
    if speaks.goal:
        kinds.append("goal reached")
    if speaks.timed_out:
        kinds.append("timed out")
    if depth > 0:
        kinds += ["not", "not", "all", "any"]

    def term() -> m.Condition:
        return condition(dice, beginning, speaks, depth - 1)

    match dice.choice(kinds):
        case "not":
            return m.Not(term=term())
        case "all":
            return m.All(terms=(term(), term()))
        case "any":
            return m.Any(terms=(term(), term()))
        case "compare":
            return comparison(dice, ATTRIBUTES, beginning)
        case "entry":
            return comparison(dice, ENTRY_PROPERTIES, beginning)
        case "silent":
            return m.Silent(duration=duration(dice))
        case "tagged":
            return m.Tagged(tag=dice.choice(TAGS))
        case "reachable":
            return m.Reachable(channel=dice.choice(CHANNELS))
        case "timed out":
            return m.TimedOut()
        case "goal reached":
            return m.GoalReached()
        case _:
            return occurred(dice, speaks.sinces, beginning)


# -- graphs ------------------------------------------------------------------------------------------------------------


def minute(dice: Dice) -> int:
    return dice.one(0, 120, 150, 540, 600, 1260, 1439)


def zone_name(dice: Dice) -> str | None:
    return dice.one(None, None, None, *ZONES)


def weekdays(dice: Dice) -> tuple[int, ...]:
    return tuple(sorted(dice.sample(range(7), dice.one(1, 2, 7))))


def quiet_hours(dice: Dice) -> g.QuietHours:
    start, end = dice.one((1260, 540), (1320, 480), (120, 180), (600, 1080), (1080, 1440), (0, 600), (150, 150))
    return g.QuietHours(from_minute=start, to_minute=end, zone=zone_name(dice))


def cap(dice: Dice) -> g.FrequencyCap:
    if dice.one_in(2):
        period = dice.one(m.Duration(days=1), m.Duration(days=7), m.Duration(months=1))
        return g.FrequencyCap(messages=dice.one(1, 1, 2), period=period, calendar=True)
    return g.FrequencyCap(messages=dice.one(1, 1, 2), period=duration(dice))


def some_caps(dice: Dice) -> tuple[g.FrequencyCap, ...]:
    return tuple(cap(dice) for _ in range(dice.one(0, 0, 1, 2)))


def event_start(dice: Dice, beginning: int) -> g.EventStart:
    name = dice.one(ORDER, ORDER, SIGNUP, "visit")
    return g.EventStart(
        event=name,
        where=dice.sometimes(lambda: comparison(dice, RECORD_PROPERTIES, beginning), 3) if name == ORDER else None,
        condition=dice.sometimes(lambda: condition(dice, beginning, AT_ENTRY, 1), 3),
    )


def start(dice: Dice, beginning: int) -> g.Start:
    match dice.one("event", "event", "event", "any event", "condition", "condition", "condition", "date", "calendar"):
        case "event":
            return event_start(dice, beginning)
        case "any event":
            return g.AnyEventStart(events=(event_start(dice, beginning), event_start(dice, beginning)))
        case "condition":
            return g.ConditionStart(condition=condition(dice, beginning))
        case "date":
            return g.DateStart(
                attribute=DATE,
                shift_months=dice.one(0, 0, 1, -1),
                shift_days=dice.one(0, 0, -7, 1),
                minute=minute(dice),
                zone=zone_name(dice),
                yearly=dice.one_in(2),
            )
        case _:
            return g.CalendarStart(days=weekdays(dice), minute=minute(dice), zone=zone_name(dice))


class _Steps:
    """Throws the steps of one journey, the last step first, as nodes and edges."""

    def __init__(self, dice: Dice, beginning: int, length: int) -> None:
        self.dice, self.beginning, self.length = dice, beginning, length
        self.nodes: list[g.Node] = []
        self.edges: list[g.Edge] = []

    def add(self, node: g.Node, **ports: str) -> str:
        """Adds a node with its edges; its id."""
        self.nodes.append(node)
        self.edges += [g.Edge(source=node.id, port=port, target=target) for port, target in ports.items()]
        return node.id

    def name(self, kind: str) -> str:
        return f"{kind} #{len(self.nodes)}"

    def condition(self, loops: int, *, wait: bool = False) -> m.Condition:
        looped: tuple[m.Since, ...] = ("loop",) if loops else ()
        waited: tuple[m.Since, ...] = ("wait", "wait", "wait") if wait else ()
        more = looped + waited
        return condition(self.dice, self.beginning, replace(IN_STEP, sinces=IN_STEP.sinces + more), 1)

    def chain(self, following: str, loops: int, depth: int) -> str:
        """Some steps that lead to the node `following`; the first of them."""
        for _ in range(self.dice.randint(min(1, self.length), self.length)):
            following = self.step(following, loops, depth)
        return following

    def step(self, following: str, loops: int, depth: int) -> str:
        dice = self.dice
        kinds = ["send", "send", "send", "wait", "wait", "wait until", "wait until", "wait moment", "set", "tag", "act"]
        if depth > 0:
            kinds += ["branch", "branch", "split", "repeat", "repeat"]
        match dice.choice(kinds):
            case "send":
                return self.add(self.send(), next=following)
            case "wait":
                return self.add(g.WaitNode(id=self.name("wait"), duration=duration(dice, zero=True)), next=following)
            case "wait until":
                waited = self.condition(loops, wait=True)
                up_to = dice.one(None, duration(dice), duration(dice))
                return self.add(g.WaitUntilNode(id=self.name("until"), condition=waited, up_to=up_to), next=following)
            case "wait moment":
                return self.add(self.wait_moment(), next=following)
            case "set":
                return self.add(self.setting(), next=following)
            case "tag":
                tag = dice.choice(TAGS)
                if dice.one_in(3):
                    return self.add(g.UntagNode(id=self.name("untag"), tag=tag), next=following)
                ends = dice.sometimes(lambda: duration(dice))
                return self.add(g.TagNode(id=self.name("tag"), tag=tag, duration=ends), next=following)
            case "act":
                if dice.one_in(2):
                    return self.add(g.TaskNode(id=self.name("task"), name="call", role="sales"), next=following)
                return self.add(g.NotifyNode(id=self.name("notify"), role="sales", text="look"), next=following)
            case "branch":
                yes = self.chain(self.turn(following), loops, depth - 1)
                no = self.chain(following, loops, depth - 1)
                return self.add(g.BranchNode(id=self.name("if"), condition=self.condition(loops)), yes=yes, no=no)
            case "split":
                return self.split(following, loops, depth)
            case _:
                return self.repeat(following, loops, depth)

    def turn(self, following: str) -> str:
        """Sometimes an arm leads to an exit instead of the next step."""
        if self.dice.one_in(4):
            return self.add(g.EndNode(id=self.name("end"), how=self.dice.one("exit", "finished")))
        return following

    def split(self, following: str, loops: int, depth: int) -> str:
        holdout = self.dice.one_in(2)
        first = self.chain(following, loops, depth - 1)
        if holdout:
            second = self.add(g.EndNode(id=self.name("end"), how="holdout"))
        else:
            second = self.chain(following, loops, depth - 1)
        arms = (
            g.Arm(port="a", percent=self.dice.one(50.0, 90.0, 10.0)),
            g.Arm(port="b", percent=50.0, holdout=holdout),
        )
        return self.add(g.SplitNode(id=self.name("split"), name="half", arms=arms), a=first, b=second)

    def repeat(self, following: str, loops: int, depth: int) -> str:
        name = self.name(f"repeat {loops}")
        body = self.chain(name, loops + 1, depth - 1)
        until = self.condition(loops + 1) if self.dice.one_in(2) else None
        every = duration(self.dice, zero=True)
        node = g.RepeatNode(id=name, times=self.dice.one(1, 2, 3), every=every, until=until)
        return self.add(node, again=body, done=following)

    def send(self) -> g.SendNode:
        dice = self.dice
        return g.SendNode(
            id=self.name("send"),
            message="hello",
            channels=tuple(dice.sample(CHANNELS, dice.one(1, 2, 2))),
            transactional=dice.one_in(5),
            on_limit=dice.one("skip", "wait", "wait", "exit"),
            limit_wait=dice.sometimes(lambda: duration(dice)),
        )

    def setting(self) -> g.SetNode:
        name, dice = self.name("set"), self.dice
        match dice.one(*TYPES, *TYPES, "copy", "entry"):
            case "copy":
                return g.SetNode(id=name, attribute=MOMENT, value=m.Attribute(name="last_seen", type="moment"))
            case "entry":
                return g.SetNode(id=name, attribute=NUMBER, value=ENTRY_PROPERTIES[0])
            case attribute:
                return g.SetNode(id=name, attribute=attribute, value=constant(dice, TYPES[attribute], self.beginning))

    def wait_moment(self) -> g.WaitMomentNode:
        dice, name = self.dice, self.name("moment")
        zone = zone_name(dice)
        match dice.one("minute", "days", "days", "date", "operand", "operand", "operand"):
            case "minute":
                return g.WaitMomentNode(id=name, minute=minute(dice), zone=zone)
            case "days":
                at = dice.one(None, minute(dice))
                return g.WaitMomentNode(id=name, minute=at, zone=zone, days=weekdays(dice))
            case "date":
                at, day = dice.one(None, minute(dice)), self.beginning // DAY + dice.randint(-2, 9)
                return g.WaitMomentNode(id=name, minute=at, zone=zone, date=day, on_past=dice.one("skip", "exit"))
            case _:
                operands = (ATTRIBUTES[3], ATTRIBUTES[4], ATTRIBUTES[5], ENTRY_PROPERTIES[2])
                return g.WaitMomentNode(
                    id=name,
                    minute=dice.one(None, minute(dice)),
                    zone=zone,
                    operand=dice.choice(operands),
                    shift=duration(dice, zero=True),
                    before=dice.one_in(2),
                    on_past=dice.one("skip", "exit", "run"),
                )


def graph(dice: Dice, beginning: int, name: str, version: int, length: int) -> g.RuleGraph:
    """A journey whose chains of steps have at most `length` steps, nested at most twice."""
    steps = _Steps(dice, beginning, length)
    first = steps.chain(steps.add(g.EndNode(id="end")), 0, 2)
    begin = start(dice, beginning)
    keyed = isinstance(begin, g.EventStart) and begin.event == ORDER and dice.one_in(2)
    how = dice.one("once", "every time") if keyed else dice.one("once", "per period", "every time", "every time")

    def goal() -> g.Goal:
        return g.Goal(condition=condition(dice, beginning, IN_GOAL, 1), within=dice.sometimes(lambda: duration(dice)))

    return g.RuleGraph(
        name=name,
        version=version,
        start=begin,
        entry=g.Entry(
            how=how,
            period=duration(dice) if how == "per period" else None,
            key="sku" if keyed else None,
            new_only=dice.one_in(4),
        ),
        only_if=dice.sometimes(lambda: condition(dice, beginning, AT_ENTRY, 1), 4),
        exit_when=dice.sometimes(lambda: condition(dice, beginning, IN_EXIT, 1), 3),
        goal=dice.sometimes(goal),
        quiet=dice.sometimes(lambda: quiet_hours(dice), 3),
        limits=some_caps(dice),
        priority=dice.one(50, 50, 70, 10),
        holdout=dice.one(0.0, 0.0, 0.0, 0.5),
        first=first,
        nodes=tuple(steps.nodes),
        edges=tuple(steps.edges),
    )


def policy(dice: Dice) -> Policy:
    def channel() -> ChannelPolicy:
        return ChannelPolicy(
            address=dice.one(None, None, "email"),
            consent=dice.one("opt-in", "opt-out", "opt-out", "opt-out"),
            quiet=dice.sometimes(lambda: quiet_hours(dice), 4),
            limits=some_caps(dice),
        )

    return Policy(
        zone=dice.choice(ZONES),
        channels={name: channel() for name in CHANNELS},
        quiet=dice.sometimes(lambda: quiet_hours(dice), 3),
        limits=some_caps(dice),
        inactive_events=dice.one(frozenset[str](), frozenset({"opened"})),
    )


# -- people ------------------------------------------------------------------------------------------------------------


def instant(dice: Dice, beginning: int) -> int:
    """Within some weeks: round days and hours, clustered, so that records and timers coincide; odd microseconds."""
    days = dice.one(dice.randint(-3, 20), dice.randint(0, 8), dice.randint(0, 3))
    at = beginning + days * DAY + dice.one(0, 0, 0, 0, 1, 6, 9, 16, 21) * HOUR
    return at + dice.one(0, 0, 0, 0, 0, 90 * MINUTE, -1, 1, dice.randint(0, DAY))


def event(dice: Dice, beginning: int) -> Event:
    name = dice.choice(EVENTS)
    properties: dict[str, Any] = {}
    if name == ORDER:
        known = {
            "amount": dice.one(1.0, 2.0, 5.5),
            "sku": dice.one("free", "pro", "cap"),
            "ships_at": instant(dice, beginning),
        }
        properties = {key: value for key, value in known.items() if not dice.one_in(4)}
    if name == "opened":
        properties = {"message": dice.one("hello", "other")}
    return Event(instant(dice, beginning), name, properties)


def change(dice: Dice, beginning: int) -> Change:
    name = dice.one(
        *TYPES, *TYPES, "zone", "zone", "zone", "email", "consent.mail", "consent.push", "suppressed.mail", "tag"
    )
    values: dict[str, Any] = {
        NUMBER: dice.one(0.0, 1.0, 2.0, 5.5),
        TEXT: dice.choice(TEXTS),
        FLAG: dice.one_in(2),
        DATE: dice.one(11_016, *(beginning // DAY + ahead for ahead in (-30, 0, 1, 2, 7, 9))),
        MOMENT: instant(dice, beginning),
        "zone": dice.one(*ZONES, "Mars/Olympus"),
        "email": "a@example.com",
        "tag": dice.one(NEVER, instant(dice, beginning)),
    }
    value = None if dice.one_in(6) else values.get(name, not dice.one_in(3))
    at = ALWAYS if dice.one_in(2) else instant(dice, beginning)
    return Change(at, f"tag.{dice.choice(TAGS)}" if name == "tag" else name, value)


# -- whole worlds ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Journeys, a policy and people, walked from `resume` to each of `stops` in turn.

    published   with the how-manieth piece each journey is published, from 0
    closed      journeys that are closed from the second piece on
    late        for each person the numbers of the events that arrive only with the second piece
    """

    graphs: tuple[g.RuleGraph, ...]
    policy: Policy
    people: tuple[Person, ...]
    resume: int
    stops: tuple[int, ...]
    published: tuple[int, ...]
    closed: frozenset[JourneyKey]
    late: tuple[frozenset[int], ...]

    def graphs_at(self, piece: int) -> list[g.RuleGraph]:
        """The journeys that are known when a piece is walked."""
        return [graph for graph, first in zip(self.graphs, self.published) if first <= piece]

    def closed_at(self, piece: int) -> frozenset[JourneyKey]:
        return self.closed if piece > 0 else frozenset()

    def people_at(self, piece: int, told: Sequence[Sequence[Effect]]) -> list[Person]:
        """The people as a store has them for a piece: with what journeys have set and tagged, without late events."""
        return [
            replace(
                person,
                events=tuple(event for event in person.events if piece > 0 or event.seq not in late),
                changes=(*person.changes, *changes_made(effects)),
            )
            for person, late, effects in zip(self.people, self.late, told)
        ]


def changes_made(effects: Sequence[Effect]) -> list[Change]:
    """What a store writes down of effects."""
    names = {"set": "{}", "tagged": "tag.{}", "untagged": "tag.{}"}
    return [
        Change(effect.at, names[effect.kind].format(effect.detail), None if effect.kind == "untagged" else effect.value)
        for effect in effects
        if effect.kind in names
    ]


SEEDS = st.binary(min_size=4, max_size=4)
"""Bytes: Hypothesis throws large integers with so few bits that the same ones come again and again."""


@st.composite
def people(draw: st.DrawFn, beginning: int, number: int = 0) -> Person:
    """A person with up to 25 events, numbered in their order."""
    least, most = draw(st.sampled_from(((0, 2), (2, 6), (6, 12), (12, 25))))
    events = [event(Dice(seed), beginning) for seed in draw(st.lists(SEEDS, min_size=least, max_size=most))]
    changes = [change(Dice(seed), beginning) for seed in draw(st.lists(SEEDS, min_size=least // 2, max_size=8))]
    in_order = sorted(events, key=lambda each: each.at)
    return Person(
        id=f"person {number} {draw(st.integers(0, 30))}",
        events=tuple(replace(each, seq=place) for place, each in enumerate(in_order)),
        changes=tuple(sorted(changes, key=lambda each: each.at)),
    )


@st.composite
def worlds(draw: st.DrawFn, *, pieces: int = 3, late: bool = True) -> World:
    """Up to three journeys (two of them perhaps versions of one), up to two people, up to `pieces` pieces."""
    beginning = draw(st.sampled_from(BEGINNINGS))
    names = draw(
        st.sampled_from(([("welcome", 1)], [("welcome", 1), ("winback", 1)], [("welcome", 1), ("welcome", 2)]))
    )
    journeys = tuple(
        graph(Dice(draw(SEEDS)), beginning, name, version, draw(st.sampled_from((0, 1, 2, 3, 3, 3))))
        for name, version in names
    )
    some = tuple(draw(people(beginning, number)) for number in range(draw(st.integers(1, 2))))
    delayed = [draw(st.sets(st.integers(0, 24), max_size=2)) if late else set[int]() for _ in some]
    resume = instant(Dice(draw(SEEDS)), beginning)
    stops = sorted({instant(Dice(seed), beginning) for seed in draw(st.lists(SEEDS, max_size=pieces - 1))})
    keys = [JourneyKey(name, version) for name, version in names]
    return World(
        graphs=journeys,
        policy=policy(Dice(draw(SEEDS))),
        people=tuple(
            replace(
                person,
                events=tuple(
                    replace(each, seq=each.seq + 100) if each.seq in numbers else each for each in person.events
                ),
            )
            for person, numbers in zip(some, delayed)
        ),
        resume=resume,
        stops=(*(at for at in stops if at > resume), beginning + 50 * DAY),
        published=(0, *(draw(st.integers(0, 1)) for _ in journeys[1:])),
        closed=frozenset({draw(st.sampled_from(keys))}) if draw(st.integers(0, 3)) == 3 else frozenset(),
        late=tuple(frozenset(number + 100 for number in numbers) for numbers in delayed),
    )
