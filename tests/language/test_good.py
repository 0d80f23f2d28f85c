"""Files that parse: the tree of each is written down beside it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from journeys.diagnostics.span import Span
from journeys.language import keywords, nodes
from journeys.language.parser import Parsed, parse
from journeys.language.printer import settled

from .golden import HERE, check, outline

FILES = sorted((HERE / "good").glob("*.journey"))


def read(path: Path) -> Parsed:
    return parse(path.read_text("utf-8"), path.name)


def every_node(node: Any) -> list[nodes.Node]:
    found = [node] if isinstance(node, nodes.Node) else []
    children = node if isinstance(node, tuple) else [getattr(node, s) for s in getattr(node, "__slots__", ())]
    return found + [n for child in children for n in every_node(child)]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_tree(path: Path, rewrite: bool) -> None:
    parsed = read(path)
    assert parsed.diagnostics == ()
    check(path.with_suffix(".tree"), "\n".join(outline(d) for d in parsed.file.declarations) + "\n", rewrite)


def test_english_and_chinese_are_one_tree() -> None:
    english, chinese = (read(HERE / "good" / f"every_form.{language}.journey") for language in keywords.LANGUAGES)
    assert outline(settled(english.file)) == outline(settled(chinese.file))
    assert settled(english.file) == settled(chinese.file)


def test_the_twins_have_every_form() -> None:
    present = {type(n) for n in every_node(read(HERE / "good" / "every_form.en.journey").file)}
    declared = {c for _, c in inspect.getmembers(nodes, inspect.isclass) if issubclass(c, nodes.Node)}
    assert declared - present == {nodes.Node}


@pytest.mark.parametrize("language", keywords.LANGUAGES)
def test_the_twins_use_every_keyword(language: keywords.Language) -> None:
    text = (HERE / "good" / f"every_form.{language}.journey").read_text("utf-8")
    missing = {t for t in keywords.KEYWORDS if (w := keywords.words(t, language)) and not any(x in text for x in w)}
    unprinted = {"TUESDAY", "WEDNESDAY", "FRIDAY", "SATURDAY", "SUNDAY", "WEEKEND", "CALENDAR_WEEK", "CALENDAR_MONTH"}
    assert missing <= unprinted


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_spans_hold_what_was_written(path: Path) -> None:
    """The span of a bare name covers that name, quotes or not; children lie inside their parents."""
    parsed = read(path)
    for node in every_node(parsed.file):
        written = parsed.text[node.span.start : node.span.end]
        if isinstance(node, nodes.Name):
            assert written.strip('"“”「」`').replace('""', '"') == node.text
        for child in every_node(tuple(getattr(node, s) for s in node.__slots__ if s != "span")):
            assert node.span.start <= child.span.start <= child.span.end <= node.span.end


def test_the_span_of_a_condition_in_brackets_has_the_brackets() -> None:
    text = "if (a or b) and c then exit"
    rule = parse(text, "x").file.declarations[0]
    assert isinstance(rule, nodes.Rule)
    condition = rule.step.branches[0].condition
    assert isinstance(condition, nodes.And)
    assert condition.terms[0].span == Span("x", 3, 11)
