"""Journeys retold: the golden texts are the review."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.catalog.load import bare_project, load_project
from journeys.catalog.meaning import Attribute, Compare, Constant, Counted, Duration, EntryProperty, Occurred, Relative
from journeys.graph.from_language import compile_files
from journeys.graph.sentences import condition_sentence, describe
from journeys.language.parser import parse

FOLDER = Path(__file__).parent / "compiled"
GOOD = sorted(FOLDER.glob("good/*.journey"))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_retelling_is_the_golden_one(path: Path, rewrite: bool) -> None:
    project, _ = load_project(FOLDER)
    assert project is not None
    graphs, _ = compile_files([parse(path.read_text("utf-8"), path.name)], project)
    told = "\n\n".join("\n".join(describe(graph, language, project)) for graph in graphs for language in ("en", "zh"))
    golden = path.with_suffix(".txt")
    if rewrite:
        golden.write_text(told + "\n", "utf-8")
    assert golden.read_text("utf-8") == told + "\n"


def test_without_a_project_canonical_names_are_told() -> None:
    (graph,), _ = compile_files([parse("若 下单 且 x 超过 ¥5 则 发送 优惠券", "a.journey")], bare_project())
    assert describe(graph, "en") == [
        "Starts when 下单 happens (if x is over 5).",
        "Each customer enters every time.",
        "1. Send 优惠券 by email. Then the journey ends.",
    ]


@pytest.mark.parametrize(
    ("operator", "english", "chinese"),
    [
        ("lt", "last_seen is more than 30 days ago", "last_seen 早于 30 天前"),
        ("ge", "last_seen is at most 30 days ago", "last_seen 不早于 30 天前"),
    ],
)
def test_a_time_ago_is_told_the_way_it_is_written(operator: str, english: str, chinese: str) -> None:
    seen = Attribute(name="last_seen", type="moment")
    condition = Compare.model_validate(
        {"operand": seen, "operator": operator, "value": Relative(duration=Duration(days=30))}
    )
    assert condition_sentence(condition, "en") == english
    assert condition_sentence(condition, "zh") == chinese


def test_properties_and_numbers() -> None:
    total = EntryProperty(event="order", name="total", type="number")
    condition = Compare(operand=total, operator="ge", value=Constant(type="number", value=12345.5))
    assert condition_sentence(condition, "en") == "order.total is at least 12,345.5"
    counted = Occurred(counted=(Counted(event="order"),), operator="eq", amount=2, since="loop")
    assert condition_sentence(counted, "en") == "they have done order exactly 2 times since the repetition began"
    assert condition_sentence(counted, "zh") == "自重复开始以来已发生 order 恰好 2 次"
