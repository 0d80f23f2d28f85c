"""Hypothesis strategies for trees: anything that could have been written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from journeys.language import keywords, nodes

WORDS = sorted({w for t in keywords.KEYWORDS for w in keywords.words(t)} | {"最近活跃", "vip", "a-b", "Ünï_1", "ลูกค้า"})
LINE = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
FREE = st.text(LINE, min_size=1, max_size=8).filter(lambda s: bool(s.strip()))
NAMES = st.builds(nodes.Name, st.sampled_from(WORDS) | FREE)
FIELDS = st.sampled_from([w for w in WORDS if "`" not in w]) | FREE.map(lambda s: s.replace("`", "'"))
PATHS = st.builds(nodes.Path, st.lists(FIELDS, min_size=1, max_size=3).map(tuple))
TEXTS = st.builds(nodes.Text, st.text(LINE, max_size=12))
COUNTS = st.integers(0, 10**15 - 1)


def decimals(low: int = 0) -> st.SearchStrategy[Decimal]:
    return st.builds(lambda n, places: Decimal(n).scaleb(-places), st.integers(low, 10**9), st.integers(0, 4))


def _durations(parts: list[tuple[int, nodes.Unit]]) -> nodes.Duration:
    return nodes.Duration(tuple((Decimal(n), unit) for n, unit in parts))


UNITS: st.SearchStrategy[nodes.Unit] = st.sampled_from(["min", "h", "d", "w", "mo", "y"])
DURATIONS = st.builds(_durations, st.lists(st.tuples(st.integers(0, 999), UNITS), min_size=1, max_size=3)) | st.builds(
    lambda n, unit: nodes.Duration(((n, unit),)), decimals(), st.sampled_from(["min", "h"])
)
MONEY = st.builds(nodes.Money, decimals(), st.sampled_from([*keywords.SIGNS, "EUR", "CNY", "USD", "TRY"]))
NUMBERS = st.builds(nodes.Number, decimals(-(10**9)))
PERCENTS = st.builds(nodes.Percent, decimals())
DATES = st.builds(nodes.Date, st.dates(date(1000, 1, 1)))
MINUTES = st.integers(0, 24 * 60 - 1)
ZONES = st.sampled_from([None, "their", "our", "Europe/Berlin"])
CLOCKS = st.builds(nodes.Clock, MINUTES, ZONES)
VALUES: st.SearchStrategy[nodes.Value] = st.one_of(
    NUMBERS,
    MONEY,
    PERCENTS,
    DURATIONS,
    st.builds(nodes.Ago, DURATIONS),
    DATES,
    st.builds(nodes.Clock, MINUTES),
    TEXTS,
    PATHS,
)
ARGUMENTS = st.lists(st.builds(nodes.Argument, PATHS, VALUES), max_size=3).map(tuple)
SOME_ARGUMENTS = ARGUMENTS.filter(bool)
COMPARISONS: st.SearchStrategy[nodes.Comparison] = st.sampled_from(
    ["is", "is not", "over", "under", "at least", "at most"]
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _did(
    event: nodes.Name,
    sort: int,
    times: tuple[nodes.Comparison, int] | None,
    window: nodes.Duration | None,
    since: bool,
    where: nodes.Condition | None,
) -> nodes.Did:
    comparison, count = times or (None, None)
    return nodes.Did(event, sort > 0, sort > 1, comparison, count, None if since else window, since, where)


def _several(kind: type[Any], terms: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, st.lists(terms, min_size=2, max_size=3).map(tuple))


LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.builds(nodes.Fact, PATHS),
    st.builds(nodes.Compare, PATHS, COMPARISONS, VALUES),
    st.builds(nodes.OneOf, PATHS, st.lists(VALUES, min_size=1, max_size=3).map(tuple)),
    st.builds(nodes.Between, PATHS, VALUES, VALUES),
    st.builds(nodes.Known, PATHS, st.booleans()),
    st.builds(nodes.Silent, DURATIONS),
    st.builds(nodes.Engaged, st.sampled_from(["opened", "clicked", "received", "replied"]), NAMES, maybe(DURATIONS)),
    st.builds(
        lambda c, a, w, s: nodes.Spent(c, a, None if s else w, s), COMPARISONS, VALUES, maybe(DURATIONS), st.booleans()
    ),
    st.builds(nodes.InSegment, NAMES),
    st.builds(nodes.Tagged, NAMES),
    st.builds(nodes.Reachable, NAMES),
    st.just(nodes.TimedOut()),
    st.just(nodes.GoalReached()),
    st.builds(nodes.Changes, PATHS, st.just("changes"), maybe(VALUES), maybe(VALUES)),
    st.builds(
        lambda p, h, v: nodes.Changes(p, h, by_at_least=v), PATHS, st.sampled_from(["rises", "falls"]), maybe(VALUES)
    ),
)


def _larger(terms: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    times = maybe(st.tuples(COMPARISONS, COUNTS))
    return st.one_of(
        _several(nodes.And, terms),
        _several(nodes.Or, terms),
        st.builds(nodes.Not, terms),
        st.builds(nodes.EventWhere, PATHS, terms),
        st.builds(nodes.CountInAccount, terms, COMPARISONS, COUNTS),
        st.builds(_did, NAMES, st.integers(0, 2), times, maybe(DURATIONS), st.booleans(), maybe(terms)),
    )


_CONDITIONS: st.SearchStrategy[Any] = st.recursive(LEAVES, _larger, max_leaves=6)


@st.composite
def conditions(draw: st.DrawFn) -> Any:
    """Hypothesis spells out a strategy when it reports; this one has a short name."""
    return draw(_CONDITIONS)


CONDITIONS = conditions()

# -- settings

PERIODS = st.builds(lambda unit: nodes.Duration(((Decimal(1), unit),)), UNITS) | DURATIONS
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
EVERYONE = st.builds(nodes.Everyone, NAMES, NAMES, maybe(DURATIONS))
MOMENTS = st.one_of(
    st.builds(nodes.When, CONDITIONS, maybe(EVERYONE)),
    st.builds(nodes.OnDate, PATHS, maybe(CLOCKS)),
    st.builds(nodes.OnDate, PATHS, maybe(CLOCKS), DURATIONS, st.booleans()),
    st.builds(nodes.Every, DAYS, maybe(CLOCKS)),
)
CALENDAR = st.builds(
    lambda n, unit: nodes.Limit(n, nodes.Duration(((Decimal(1), unit),)), True),
    COUNTS,
    st.sampled_from(["d", "w", "mo"]),
)
SETTINGS: st.SearchStrategy[Any] = st.one_of(
    st.builds(nodes.Start, MOMENTS),
    st.builds(nodes.OnlyIf, CONDITIONS),
    st.builds(nodes.ExitWhen, CONDITIONS),
    st.builds(nodes.Goal, CONDITIONS, maybe(DURATIONS)),
    st.builds(nodes.Enter, st.just("once"), maybe(DURATIONS), maybe(PATHS)),
    st.builds(nodes.Enter, st.sampled_from(["every time", "new only"])),
    st.builds(nodes.Quiet, MINUTES, MINUTES, ZONES),
    st.builds(nodes.Limit, COUNTS, PERIODS),
    CALENDAR,
    st.builds(nodes.Priority, st.integers(-(10**6), 10**6)),
    st.builds(nodes.Budget, MONEY | NUMBERS),
    st.builds(nodes.Holdout, PERCENTS),
    st.builds(nodes.Pace, COUNTS, PERIODS),
    st.builds(nodes.Note, TEXTS),
    st.builds(nodes.Move, COUNTS, COUNTS, NAMES, NAMES),
)

# -- steps

PLAIN: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        nodes.Send,
        NAMES,
        maybe(PATHS),
        st.lists(NAMES, max_size=3).map(tuple),
        ARGUMENTS,
        st.booleans(),
        st.booleans(),
    ),
    st.builds(nodes.Wait, DURATIONS),
    st.builds(nodes.WaitUntil, CONDITIONS, maybe(DURATIONS)),
    st.builds(nodes.WaitMoment, CLOCKS),
    st.builds(nodes.WaitMoment, maybe(CLOCKS), days=DAYS),
    st.builds(nodes.WaitMoment, maybe(CLOCKS), date=DATES),
    st.builds(nodes.WaitMoment, maybe(CLOCKS), field=PATHS, offset=maybe(DURATIONS)),
    st.builds(nodes.WaitMoment, maybe(CLOCKS), field=PATHS, offset=DURATIONS, before=st.booleans()),
    st.builds(nodes.Give, st.just("coupon"), NAMES, valid=maybe(DURATIONS)),
    st.builds(nodes.Give, st.just("points"), points=COUNTS, valid=maybe(DURATIONS)),
    st.builds(nodes.Give, st.just("red packet"), maybe(NAMES), amount=MONEY, valid=maybe(DURATIONS)),
    st.builds(nodes.Set, PATHS, VALUES),
    st.builds(nodes.Tag, NAMES, maybe(DURATIONS)),
    st.builds(nodes.Untag, NAMES),
    st.builds(nodes.Task, NAMES, PATHS, maybe(DURATIONS), ARGUMENTS),
    st.builds(nodes.Notify, PATHS, TEXTS),
    st.builds(nodes.Call, NAMES, ARGUMENTS),
    st.builds(nodes.Do, NAMES),
    st.builds(nodes.StartJourney, NAMES),
    st.builds(nodes.Todo, TEXTS),
    st.just(nodes.Exit()),
)


def _handled(step: Any, data: list[nodes.On]) -> Any:
    allowed = {nodes.Send: "lef", nodes.Give: "lef", nodes.Call: "lef", nodes.WaitMoment: "p"}.get(type(step), "")
    handlers = tuple(h for h in data if h.what[0] in allowed)
    return type(step)(**{s: getattr(step, s) for s in step.__slots__} | {"handlers": handlers}) if handlers else step


HANDLERS = st.one_of(
    st.builds(nodes.On, st.just("limit"), st.sampled_from(["skip", "exit"])),
    st.builds(nodes.On, st.just("limit"), st.just("wait"), DURATIONS),
    st.builds(nodes.On, st.just("past"), st.sampled_from(["skip", "exit", "run"])),
    st.builds(nodes.On, st.sampled_from(["empty", "failure"]), st.just("skip")),
    st.builds(lambda what, step: nodes.On(what, step=step), st.sampled_from(["empty", "failure"]), PLAIN),
)


@st.composite
def simple_steps(draw: st.DrawFn) -> Any:
    return _handled(draw(PLAIN), draw(st.lists(HANDLERS, max_size=2)))


SIMPLE = simple_steps()


def _compound(steps: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    body = st.lists(steps, min_size=1, max_size=2).map(tuple)
    branches = st.lists(st.builds(nodes.Branch, CONDITIONS, body), min_size=1, max_size=2).map(tuple)
    arms = st.lists(st.builds(nodes.Arm, PERCENTS, maybe(NAMES), st.just(()) | body), min_size=1, max_size=2)
    return st.one_of(
        st.builds(nodes.If, branches, st.just(()) | body, st.booleans()),
        st.builds(nodes.Split, maybe(NAMES), arms.map(tuple), maybe(COUNTS)),
        st.builds(nodes.Repeat, COUNTS, DURATIONS, body, maybe(CONDITIONS)),
    )


_STEPS: st.SearchStrategy[Any] = st.recursive(SIMPLE, _compound, max_leaves=4)


@st.composite
def steps(draw: st.DrawFn) -> Any:
    return draw(_STEPS)


STEPS = steps()

# -- files

BODIES = st.lists(STEPS, min_size=1, max_size=3).map(tuple)
EXPECTED = st.sampled_from(["", "not", "never"])
ACTS = st.one_of(
    st.builds(nodes.Happens, PATHS, ARGUMENTS),
    st.builds(nodes.Expect, EXPECTED, PLAIN),
    st.builds(lambda how, tag: nodes.Expect(how, condition=nodes.Tagged(tag)), EXPECTED, NAMES),
)
LINES = ACTS | st.builds(nodes.Given, ARGUMENTS) | st.builds(nodes.After, DURATIONS, ACTS)
DECLARATIONS: st.SearchStrategy[Any] = st.one_of(
    st.builds(nodes.Journey, NAMES, st.lists(SETTINGS, max_size=3).map(tuple), BODIES, maybe(COUNTS), st.booleans()),
    st.builds(nodes.Rule, _compound(SIMPLE).filter(lambda s: isinstance(s, nodes.If))),
    st.builds(nodes.Segment, NAMES, CONDITIONS),
    st.builds(nodes.Steps, NAMES, BODIES),
    st.builds(
        nodes.Score,
        NAMES,
        st.lists(st.builds(nodes.ScoreLine, decimals(-(10**9)), CONDITIONS), min_size=1, max_size=2).map(tuple),
    ),
    st.builds(nodes.Use, TEXTS),
    st.builds(nodes.Test, TEXTS, st.lists(LINES, min_size=1, max_size=3).map(tuple)),
)
FILES = st.builds(nodes.File, st.lists(DECLARATIONS, min_size=1, max_size=2).map(tuple))
