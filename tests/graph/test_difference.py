"""The difference of two versions of a journey: golden sentences, and what holds for any two."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.catalog.load import bare_project, load_project
from journeys.graph.difference import Change, difference
from journeys.graph.difference_sentences import difference_sentences
from journeys.graph.from_language import compile_files
from journeys.graph.model import RuleGraph
from journeys.language.parser import parse

FOLDER = Path(__file__).parent
CASES = sorted((FOLDER / "differences").glob("*.journeys"))


def graph_of(text: str) -> RuleGraph:
    """The one journey of a text, in the shop of these tests."""
    project, _ = load_project(FOLDER / "compiled")
    assert project is not None
    graphs, _ = compile_files([parse(text, "one.journey")], project)
    return graphs[0]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_sentences_of_a_difference_are_the_golden_ones(path: Path, rewrite: bool) -> None:
    """A case file holds the old and the new version, a line `====` between them; more such lines, more steps."""
    project, _ = load_project(FOLDER / "compiled")
    versions = [graph_of(text) for text in path.read_text("utf-8").split("====\n")]
    told = []
    for old, new in pairwise(versions):
        changes = difference(old, new)
        for language in ("en", "zh"):
            told += [*difference_sentences(old, new, changes, language, project), ""]
    golden = path.with_suffix(".txt")
    text = "\n".join(told)
    if rewrite:
        golden.write_text(text, "utf-8")
    assert golden.read_text("utf-8") == text


def test_text_and_names_make_no_difference() -> None:
    old = graph_of('# old\njourney a version 1\n    start when order\n    note "x"\n    wait 1w\n    send coupon\n')
    new = graph_of("旅程 b 版本 2\n    开始 当 下单\n\n    等待 7天\n    发送 优惠券\n")
    assert difference(old, new) == ()


def test_a_step_in_front_leaves_the_others_alone() -> None:
    old = graph_of("journey a\n    start when order\n    send coupon\n    wait 3d\n    send coupon\n")
    new = graph_of("journey a\n    start when order\n    send coupon\n    wait 1d\n    send coupon\n    wait 3d\n"
                   "    send coupon\n")  # fmt: skip
    assert [(each.how, each.name) for each in difference(old, new)] == [
        ("added", "wait 1d"),
        ("added", "send coupon #2"),
    ]


def test_a_step_that_changes_branches_is_a_change_of_ways() -> None:
    old = graph_of("journey a\n    start when order\n    if vip then send coupon else wait 3d\n    send welcome\n")
    new = graph_of(
        "journey a\n    start when order\n    if vip then\n        send coupon\n        wait 3d\n    send welcome\n"
    )
    assert difference(old, new) == (
        Change("way", "changed", "if vip", "if vip", "no", "wait 3d", "send welcome"),
        Change("way", "changed", "send coupon", "send coupon", "next", "send welcome", "wait 3d"),
    )


STEPS = (
    "send coupon",
    "send welcome",
    "wait 1d",
    "wait 3d",
    "tag a",
    "exit",
    "if vip then exit",
    "if vip then send coupon else wait 1d",
    "if tagged a then\n        send welcome\n        wait 3d",
    "split\n        50% a\n            send coupon\n        50% b\n            wait 1d",
    "repeat up to 2 times every 1d\n        send coupon",
    "wait until did order up to 3d",
)
STEP_LISTS = st.lists(st.sampled_from(STEPS), min_size=1, max_size=7)


def journey_of(steps: list[str]) -> RuleGraph:
    return graph_of("\n    ".join(["journey j", "start when order", *steps]))


@given(old=STEP_LISTS, new=STEP_LISTS)
def test_there_is_a_difference_exactly_where_the_hash_differs(old: list[str], new: list[str]) -> None:
    one, other = journey_of(old), journey_of(new)
    changes = difference(one, other)
    assert (changes == ()) == (one.hash() == other.hash())
    assert len(difference_sentences(one, other, changes, "en", bare_project())) == len(changes)


@given(steps=STEP_LISTS, place=st.integers(0, 7))
def test_one_more_step_is_one_added_step(steps: list[str], place: int) -> None:
    steps = [step for step in steps if step != "exit"]
    more = [*steps[:place], "tag b", *steps[place:]]
    changes = difference(journey_of([*steps, "tag end"]), journey_of([*more, "tag end"]))
    assert changes == (Change("step", "added", "tag b"),)
