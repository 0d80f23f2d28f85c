"""The users' tests: what passes, what is told of what fails, and what is wrong with a test."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

import journeys
from journeys.catalog.load import bare_project, load_project
from journeys.catalog.project import Language, Project
from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Severity
from journeys.engine.state import JourneyKey
from journeys.graph.from_language import compile_files
from journeys.language.parser import Parsed, parse
from journeys.simulate.journey_tests import (
    TestOutcome,
    outcomes_to_json,
    render_outcomes,
    run_tests,
    untested_edges,
)

SHOP = Path(__file__).parent / "shop"
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def in_the_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are named as somebody in their folder names them."""
    monkeypatch.chdir(SHOP / "journeys")


@cache
def shop() -> Project:
    project, diagnostics = load_project(SHOP)
    assert project is not None and not diagnostics, diagnostics
    return project


def read(*names: str) -> list[Parsed]:
    return [parse((SHOP / "journeys" / f"{name}.journey").read_text("utf-8"), f"{name}.journey") for name in names]


def run(files: list[Parsed], project: Project | None = None) -> list[TestOutcome]:
    project = project or shop()
    graphs, diagnostics = compile_files(files, project)
    errors = [each for parsed in files for each in parsed.diagnostics]
    errors += [each for each in diagnostics if each.severity == Severity.ERROR]
    assert not errors, errors
    return run_tests(files, graphs, project)


def run_text(text: str) -> list[TestOutcome]:
    return run([parse(text, "one.journey")], bare_project())


def check_golden(name: str, text: str, rewrite: bool) -> None:
    path = GOLDEN / name
    if rewrite:
        path.write_text(text + "\n", "utf-8")
    assert text + "\n" == path.read_text("utf-8")


# -- what passes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cart", "loyalty"])
def test_true_expectations_pass(name: str) -> None:
    outcomes = [outcome for outcome in run(read(name)) if not outcome.passed or outcome.title == "held out"]
    wrong = [outcome for outcome in outcomes if not outcome.passed]
    assert [outcome.title for outcome in wrong] == (
        [] if name == "cart" else ["cake, and what was sent counts as received"]
    )


def test_the_end_of_a_journey_is_no_exit() -> None:
    cake = next(outcome for outcome in run(read("loyalty")) if outcome.title.startswith("cake"))
    assert [failure.diagnostic.facts["expected"] for failure in cake.failures] == ["exit"]


# -- what is told ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "files", "language"),
    [
        ("failing.en", ("failing", "cart"), "en"),
        ("failing.zh", ("failing", "cart"), "zh"),
        ("loyalty.zh", ("loyalty.test", "loyalty"), "zh"),
        ("mistakes.en", ("mistakes", "lonely.test"), "en"),
        ("mistakes.zh", ("mistakes", "lonely.test"), "zh"),
    ],
)
def test_what_is_told(name: str, files: tuple[str, ...], language: Language, rewrite: bool) -> None:
    outcomes = [
        outcome for outcome in run(read(*files)) if outcome.path == f"{files[0]}.journey" or "lonely" in files[1]
    ]
    check_golden(f"{name}.txt", render_outcomes(outcomes, language), rewrite)


def test_json_says_the_same() -> None:
    told = json.loads(outcomes_to_json(run(read("failing", "cart"))))
    assert (told["passed"], told["failed"]) == (6, 8)
    first = told["tests"][0]
    assert (first["title"], first["line"], first["passed"]) == ("silver customers get a coupon", 3, False)
    assert first["failures"] == [
        {
            "code": "J501",
            "line": 6,
            "column": 5,
            "message": "expected `send coupon` by +3d, and it did not happen",
        }
    ]
    assert first["timeline"][0] == "+0      10:00  event cart_abandoned"
    assert told["untested"][0]["journey"] == "cart"


def test_no_tests_at_all() -> None:
    assert render_outcomes([], "en") == "there are no tests"
    assert run_text("if silent 30d then send coupon") == []


def test_ways_that_no_test_goes() -> None:
    text = """if signup then
    if vip is yes then send a
    else send b

test "b"
    event signup
    expect send b
"""
    edges = untested_edges(run_text(text))[JourneyKey("one", 1)]
    assert [(edge.source, edge.port) for edge in edges] == [("if vip", "yes"), ("send a", "next")]


# -- what a test takes for granted -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        # `never` looks 30 days beyond the last event, but not beyond an `after .. expect` that comes later.
        ("wait 29d\n    send late", "event signup\n    after 1d event visit\n    expect not send late"),
        ("wait 3d\n    send late", "event signup\n    after 2d expect never send late"),
        # A line without `after` belongs to the instant of the line above.
        ("wait 3d\n    send late", "event signup\n    after 4d event visit\n    expect send late"),
        # `after` counts in days of the calendar, as waits do: the clocks of Berlin change on 29 March.
        (
            "wait 30d\n    send late",
            'given customer with zone "Europe/Berlin"\n    event signup\n    after 30d expect send late',
        ),
        # It begins on a Monday at 10:00, and whoever is dealt no arm on purpose is in no holdout.
        (
            "wait until monday at 10:00\n    split s\n        1% on\n            send late\n        99% holdout",
            "event signup\n    expect send late",
        ),
        # Everything that is not said is missing.
        ("if city is missing then send late", "event signup\n    expect send late"),
        (
            'if city is "New York" then send late',
            'given customer with city "New York"\n    event signup\n    expect send late',
        ),
    ],
)
def test_what_is_taken_for_granted(steps: str, lines: str) -> None:
    text = f'journey one\n    start when signup\n    {steps}\n\ntest "t"\n    {lines}\n'
    (outcome,) = run_text(text)
    assert outcome.passed, render_outcomes([outcome], "en")


def test_never_looks_30_days_on() -> None:
    text = 'if signup then\n    wait 29d\n    send late\n\ntest "t"\n    event signup\n    expect never send late\n'
    (outcome,) = run_text(text)
    assert [failure.diagnostic.code for failure in outcome.failures] == ["J503"]


def test_a_condition_that_already_holds_enters_at_once_unless_new_only() -> None:
    text = """journey old
    start when silent 30d
    send late

journey fresh
    start when silent 30d
    enter new only
    send later

test "t"
    given customer with last_seen 31d
    expect send late
    after 60d expect never send later
"""
    (outcome,) = run_text(text)
    assert outcome.passed, render_outcomes([outcome], "en")


def test_a_goal_reached_during_a_plain_wait_does_not_stop_the_clock() -> None:
    text = """journey one
    start when signup
    goal purchase
    wait 3d
    send late

test "t"
    event signup
    after 1d event purchase
    after 3d expect send late
"""
    (outcome,) = run_text(text)
    assert outcome.passed


def test_the_latest_version_is_the_one_that_people_enter() -> None:
    text = """journey one version 1
    start when signup
    send a

journey one version 2
    start when signup
    send b

test "t"
    event signup
    expect send b
    expect never send a
"""
    (outcome,) = run_text(text)
    assert outcome.passed, render_outcomes([outcome], "en")


# -- wording -----------------------------------------------------------------------------------------------------------


def test_every_mistake_has_words_in_both_languages() -> None:
    room = Path(journeys.__file__).parent / "simulate"
    used = {code for path in room.glob("*.py") for code in re.findall(r'"(J5\d\d)"', path.read_text("utf-8"))}
    for language in ("en", "zh"):
        assert used == {code for code in wording.codes(language) if code.startswith("J5")}
    for code in used:
        english, chinese = wording.templates(code, "en"), wording.templates(code, "zh")
        assert wording.fields(english["headline"]) == wording.fields(chinese["headline"])
        assert english.keys() == chinese.keys()
