"""Print and parse are each other's inverse, in both languages; no text breaks the parser."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.diagnostics.render import render
from journeys.language import keywords, nodes
from journeys.language.keywords import Language
from journeys.language.parser import Parsed, parse
from journeys.language.printer import format_text, print_condition, print_file, print_step, settled

from . import trees
from .golden import HERE, outline

ENOUGH = max(1, settings.default.max_examples // 2) if settings.default else 100
WORDS = [w for t in keywords.KEYWORDS for w in keywords.words(t)]
CHARACTERS = st.sampled_from([*sorted({c for w in WORDS for c in w}), *' \n\t"“”「」`#()，、：:.,-0123456789¥$%'])
PIECES = st.lists(st.sampled_from([*WORDS, "\n", "\n    ", "x", "30d", "¥5", '"t"', "(", ")", ","]))


@pytest.mark.parametrize("language", keywords.LANGUAGES)
@settings(max_examples=ENOUGH)
@given(file=trees.FILES)
def test_a_printed_tree_parses_to_itself(language: Language, file: nodes.File) -> None:
    printed = print_file(Parsed(file, (), ()), language)
    parsed = parse(printed, "x")
    assert parsed.diagnostics == (), printed
    assert parsed.file == settled(file), f"{printed}\n{outline(file)}\n{outline(parsed.file)}"
    again, _ = format_text(printed, "x", language)
    assert again == printed


@pytest.mark.parametrize("language", keywords.LANGUAGES)
@settings(max_examples=ENOUGH)
@given(condition=trees.CONDITIONS)
def test_a_printed_condition_can_be_typed(language: Language, condition: nodes.Condition) -> None:
    when = keywords.word("ONLY_IF", language)
    journey = parse(f"journey x\n    {when} {print_condition(condition, language)}", "x").file.declarations[0]
    assert isinstance(journey, nodes.Journey)
    assert journey.settings == (nodes.OnlyIf(condition),)


@settings(max_examples=ENOUGH)
@given(step=trees.STEPS)
def test_a_printed_step_can_be_typed(step: nodes.Step) -> None:
    lines = print_step(step, "en").replace("\n", "\n    ")
    steps = parse(f"steps x\n    {lines}", "x").file.declarations[0]
    assert isinstance(steps, nodes.Steps)
    assert steps.body == (step,)


@settings(max_examples=ENOUGH * 2)
@given(text=st.text() | st.text(CHARACTERS) | PIECES.map(" ".join) | PIECES.map("".join))
def test_any_text_gives_a_tree_and_diagnostics(text: str) -> None:
    parsed = parse(text, "x")
    assert isinstance(parsed.file, nodes.File)
    for diagnostic in parsed.diagnostics:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text) + 1
    for style in ("full", "concise", "json", "github", "sarif"):
        for language in keywords.LANGUAGES:
            render(parsed.diagnostics, {"x": text}, style, language)
    formatted, _ = format_text(text, "x")
    if formatted is not None:
        assert format_text(formatted, "x")[0] == formatted


GOOD = [p.read_text("utf-8") for p in sorted((HERE / "good").glob("*.journey"))]


@settings(max_examples=ENOUGH)
@given(text=st.sampled_from(GOOD), data=st.data())
def test_damaged_files_give_a_tree_and_diagnostics(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.text(CHARACTERS, max_size=4)) + text[at + length :]
    render(parse(text, "x").diagnostics, {"x": text})
    formatted, _ = format_text(text, "x")
    assert formatted is None or format_text(formatted, "x")[0] == formatted
