"""A replay of a small history, counted by hand, and how it is told."""

from __future__ import annotations

import pytest

from journeys.catalog.load import bare_project
from journeys.catalog.meaning import Duration
from journeys.catalog.project import Language
from journeys.diagnostics.render.ink import width
from journeys.engine.history import ALWAYS, Change, Event, History, Person, history_of
from journeys.engine.policy import ChannelPolicy, Policy
from journeys.graph.from_language import compile_files
from journeys.graph.layout import START
from journeys.graph.model import FrequencyCap, QuietHours, RuleGraph
from journeys.graph.svg import svg
from journeys.language.parser import parse
from journeys.simulate import replay as replaying
from journeys.simulate.drawing import edge_numbers, node_numbers
from journeys.simulate.outcome import Group, Lift, Replay, Sent, lift_of
from journeys.simulate.replay import replay, uses_compiled
from journeys.simulate.report import render_replay
from tests.simulate.test_journey_tests import check_golden

HOUR = 3_600_000_000
DAY = 24 * HOUR
START_AT = 1_767_571_200_000_000  # Monday 2026-01-05 00:00 UTC

WIN_BACK = """journey win_back
    start when silent 30d
    goal purchase within 14d
    holdout 20%
    enter once per 90d
    exit when complained
    send coupon by email or sms
    wait 3d
    if opened coupon then
        send thanks by email
        exit
    wait until purchase up to 2d
    if timed out then
        send reminder by email
            on limit exit
    wait 60d
"""
BIRTHDAY = """journey 生日祝福
    start on birthday at 09:00
    enter every time
    split wishes
        60% cake
            send birthday by sms
        30% flowers
            send birthday by email
        10% holdout
"""
NOBODY = """journey vips
    start when upgraded
    send hello by email
"""


def compiled(*texts: str) -> tuple[RuleGraph, ...]:
    files = [parse(text, f"{number}.journey") for number, text in enumerate(texts)]
    graphs, diagnostics = compile_files(files, bare_project())
    assert len(graphs) == len(texts), diagnostics
    return graphs


def policy() -> Policy:
    return Policy(
        zone="Asia/Shanghai",
        channels={
            "email": ChannelPolicy(address="email", limits=(FrequencyCap(messages=1, period=Duration(days=4)),)),
            "sms": ChannelPolicy(address="phone", consent="opt-in"),
        },
        quiet=QuietHours(from_minute=21 * 60, to_minute=9 * 60),
        limits=(FrequencyCap(messages=2, period=Duration(days=7)),),
    )


def people() -> list[Person]:
    """Sixty customers, last seen 40 to 11 days before the start, each with a fate that its number decides."""
    made = []
    for number in range(60):
        seen = START_AT - (40 - number // 2) * DAY + number * HOUR
        fell_silent = max(START_AT, seen + 30 * DAY)
        events = [Event(seen, "visit", seq=1)]
        if number % 7 == 0:
            events.append(Event(fell_silent + 2 * DAY, "opened", {"message": "coupon"}, seq=2))
        if number % 5 == 0:
            events.append(Event(fell_silent + 4 * DAY, "purchase", seq=3))
        if number == 11:
            events.append(Event(fell_silent + DAY, "complained", seq=4))
        changes = [Change(ALWAYS, "birthday", 20_480 + number)]  # from 2026-01-27 on
        if number % 4:
            changes.append(Change(ALWAYS, "email", f"{number}@example.com"))
        if number % 3 == 0:
            changes += [Change(ALWAYS, "phone", str(number)), Change(ALWAYS, "consent.sms", True)]
        made.append(Person(f"c{number:02}", tuple(events), tuple(changes)))
    return made


def replayed(history: History | None = None, *, keep_sends: bool = False) -> Replay:
    graphs = compiled(WIN_BACK, BIRTHDAY, NOBODY)
    found = history or history_of(people())
    return replay(graphs, policy(), found, start=START_AT, until=START_AT + 60 * DAY, jit=False, keep_sends=keep_sends)


# -- how it is told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report(language: Language, rewrite: bool) -> None:
    told = render_replay(replayed(), compiled(WIN_BACK, BIRTHDAY, NOBODY), language, 100)
    check_golden(f"replay.{language}.txt", told, rewrite)
    assert max(width(line) for line in told.split("\n")) <= 100


def test_the_report_on_a_narrow_terminal_and_in_colour() -> None:
    graphs = compiled(WIN_BACK, BIRTHDAY, NOBODY)
    narrow = render_replay(replayed(), graphs, "en", 72)
    assert max(width(line) for line in narrow.split("\n")) <= 72
    assert "\x1b[" not in narrow
    assert "\x1b[" in render_replay(replayed(), graphs, "en", 100, color=True)


def test_numbers_for_a_drawing() -> None:
    graph = compiled(WIN_BACK)[0]
    result = replayed().journeys[0]
    nodes, edges = node_numbers(result), edge_numbers(result, graph)
    assert nodes.keys() == {START, *(node.id for node in graph.nodes)}
    assert nodes[START] == f"{result.treated.entries}"
    assert {source for source, _ in edges} == {"if opened coupon", "if timed out"}
    drawn = svg(graph, numbers=nodes, edge_numbers=edges)
    assert all(text in drawn for text in nodes.values())


# -- what it counts ----------------------------------------------------------------------------------------------------


def one(text: str, *events: Event, until: int = START_AT + 10 * DAY, keep: bool = False) -> Replay:
    history = history_of([Person("ada", events)])
    return replay(
        compiled(text), Policy(), history, start=START_AT, until=until, jit=False, keep_sends=keep, keep_entries=keep
    )


def test_what_is_known_before_the_start_starts_nothing_but_counts() -> None:
    text = "if did visit at least 2 times then send hello by email"
    early = one(text, Event(START_AT - 2 * DAY, "visit"), Event(START_AT - DAY, "visit"))
    assert (early.journeys[0].treated.entries, early.journeys[0].at_start) == (1, 1)
    later = one(text, Event(START_AT - DAY, "visit"), Event(START_AT + DAY, "visit"))
    assert (later.journeys[0].treated.entries, later.journeys[0].at_start) == (1, 0)
    assert later.journeys[0].entries_by_day == (0, 1, *[0] * 8)


def test_a_new_only_journey_takes_nobody_at_the_start() -> None:
    text = "journey j\n    start when silent 1d\n    enter new only\n    send hello by email\n"
    assert one(text, Event(START_AT - 3 * DAY, "visit")).journeys[0].treated.entries == 0
    assert one(text, Event(START_AT, "visit")).journeys[0].treated.entries == 1


def test_the_end_is_part_of_the_replay() -> None:
    text = "journey j\n    start when visit\n    wait 3d\n    send hello by email\n"
    visit = Event(START_AT + DAY, "visit")
    assert one(text, visit, until=START_AT + 4 * DAY - 1).messages.total == 0
    found = one(text, visit, until=START_AT + 4 * DAY, keep=True)
    assert found.sends == (Sent("ada", START_AT + 4 * DAY, "j", 1, 1, "send hello", "email"),)
    assert found.journeys[0].sent_by_day == (0, 0, 0, 1)


def test_a_goal_reached_during_a_plain_wait_lets_time_go_on() -> None:
    text = "journey j\n    start when visit\n    goal purchase\n    wait 3d\n    send hello by email\n"
    found = one(text, Event(START_AT + DAY, "visit"), Event(START_AT + 2 * DAY, "purchase"))
    assert (found.messages.total, found.journeys[0].treated.goals) == (1, 1)


def test_people_enter_the_highest_version() -> None:
    first = "journey j version 1\n    start when visit\n    send a by email\n"
    second = "journey j version 2\n    start when visit\n    send b by email\n"
    history = history_of([Person("ada", (Event(START_AT + 1, "visit"),))])
    found = replay(compiled(first, second), Policy(), history, start=START_AT, until=START_AT + DAY, jit=False)
    assert [journey.treated.entries for journey in found.journeys] == [0, 1]


def test_two_runs_of_a_person_are_one_person() -> None:
    text = (
        "journey j\n    start when visit\n    enter every time\n    goal purchase\n    send a by email\n    wait 1h\n"
    )
    visits = [Event(START_AT + number * DAY, "visit", seq=number) for number in (1, 2)]
    bought = [Event(START_AT + number * DAY + 1, "purchase", seq=9 + number) for number in (1, 2)]
    found = one(text, *visits, *bought).journeys[0]
    assert found.treated == Group(entries=2, people=1, goals=2, reached=1)


def test_nobody_at_all() -> None:
    graphs = compiled(WIN_BACK)
    found = replay(graphs, Policy(), history_of([]), start=START_AT, until=START_AT + DAY, jit=False)
    assert (found.messages.people, found.messages.total, found.messages.at_most(0.99)) == (0, 0, 0)
    assert "0 messages to 0 customers" in render_replay(found, graphs, "en", 100)


def test_nothing_can_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        replay((), Policy(), history_of([]), start=1, until=0)


# -- what can be compared ----------------------------------------------------------------------------------------------


def test_the_hash_is_that_of_the_decisions() -> None:
    same, again = replayed(), replayed(keep_sends=True)
    assert same.hash() == again.hash()
    changed = people()
    changed[59] = Person("c59", (*changed[59].events, Event(START_AT + DAY, "visit")), changed[59].changes)
    assert replayed(history_of(changed)).hash() != same.hash()
    renamed = people()
    renamed[13] = Person("someone else", renamed[13].events, renamed[13].changes)
    assert replayed(history_of(renamed)).hash() != same.hash()


def test_the_json_is_of_plain_values() -> None:
    found = replayed(keep_sends=True).to_json()
    assert list(found) == [
        "start", "until", "zone", "people", "hash", "messages", "days", "journeys", "sends",
    ]  # fmt: skip
    win_back = found["journeys"][0]
    assert win_back["sent"] == sum(sent[2] == "win_back" for sent in found["sends"])
    assert sum(win_back["sent_by_day"]) == win_back["sent"]
    assert sum(number * count for number, count in found["messages"]["histogram"]) == len(found["sends"])


def test_progress_ends_with_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "SLICE", 25)
    told: list[tuple[int, int]] = []
    history = history_of(people())
    replay(
        compiled(WIN_BACK), policy(), history, start=START_AT, until=START_AT + DAY, jit=False,
        progress=lambda done, of: told.append((done, of)),
    )  # fmt: skip
    assert told == [(25, 60), (50, 60), (60, 60)]


def test_the_environment_decides_on_the_compiled_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "is_compiled", lambda: False)
    monkeypatch.delenv("JOURNEYS_JIT", raising=False)
    assert [uses_compiled(records) for records in (1000, 50_000, 4_000_000)] == [False, False, True]
    monkeypatch.setattr(replaying, "is_compiled", lambda: True)
    assert [uses_compiled(records) for records in (1000, 50_000)] == [False, True]
    monkeypatch.setenv("JOURNEYS_JIT", "0")
    assert not uses_compiled(4_000_000)
    monkeypatch.setenv("JOURNEYS_JIT", "1")
    assert uses_compiled(1)


def test_the_lift_of_newcombe_s_first_example() -> None:
    # 56 of 70 against 48 of 80, method 1 of the paper: 0.2000 with the interval 0.0575 to 0.3425.
    lift = lift_of(Group(people=70, reached=56), Group(people=80, reached=48))
    assert lift is not None
    assert (round(lift.points, 2), round(lift.low, 2), round(lift.high, 2), lift.few) == (20.0, 5.75, 34.25, False)
    assert lift_of(Group(people=10, reached=1), Group()) is None
    assert lift_of(Group(people=10, reached=0), Group(people=3, reached=3)) == Lift(-100.0, -100.0, -100.0, True)
