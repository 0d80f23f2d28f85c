"""Colours for editors and documents: made from the keyword table, and kept in step with it."""

from __future__ import annotations

import json
import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from pygments.token import Error, Token

from journeys.editor.coloring import color_of, keyword_patterns
from journeys.editor.pygments_lexer import TOKENS, JourneyLexer
from journeys.editor.textmate import grammar, text
from journeys.language.keywords import KEYWORDS, words

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"
FILES = sorted([*(ROOT / "journeys").rglob("*.journey"), *(ROOT / "tests" / "language" / "good").glob("*.journey")])


def test_the_grammar_in_the_extension_is_in_step(rewrite: bool) -> None:
    file = EXTENSION / "syntaxes" / "journey.tmLanguage.json"
    if rewrite:
        file.write_text(text(), "utf-8")
    assert file.read_text("utf-8") == text(), "pytest tests/editor --rewrite"


def test_the_patterns_of_the_grammar_are_regular_expressions() -> None:
    patterns = [each["match"] for each in grammar()["patterns"]]
    assert len(patterns) > 10
    for pattern in patterns:
        re.compile(pattern)


@pytest.mark.parametrize("terminal", KEYWORDS)
def test_every_keyword_has_its_colour(terminal: str) -> None:
    for word in words(terminal):
        first = next(
            (found[0], color) for pattern, color in keyword_patterns() if (found := re.match(f"(?i){pattern}", word))
        )
        assert first == (word, color_of(terminal))


def test_a_keyword_inside_a_name_or_a_field_has_no_colour() -> None:
    for plain in ("send_off", "resend", "win-send", "cart.send", "send.off"):
        assert not any(re.search(f"(?i){pattern}", plain) for pattern, _ in keyword_patterns())


def test_the_extension_names_files_that_exist() -> None:
    package = json.loads((EXTENSION / "package.json").read_text("utf-8"))
    (language,), (coloring,) = package["contributes"]["languages"], package["contributes"]["grammars"]
    for file in (package["main"], language["configuration"], coloring["path"]):
        assert (EXTENSION / file).is_file()
    assert coloring["scopeName"] == grammar()["scopeName"]
    configuration = json.loads((EXTENSION / "language-configuration.json").read_text("utf-8"))
    indent = re.compile(configuration["indentationRules"]["increaseIndentPattern"])
    for opens in ("journey a", "旅程 甲：", "    if a then", "若 静默 3天 则", "    45% short", "test “x”"):
        assert indent.match(opens), opens
    for stays in ("send coupon", "if a then exit", "若 静默 3天 则 退出", "limit 3 messages per 7d"):
        assert not indent.match(stays), stays


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_documents_colour_every_example(path: Path) -> None:
    tokens = list(JourneyLexer().get_tokens(path.read_text("utf-8")))
    assert [value for token, value in tokens if token in Error] == []
    assert sum(token in set(TOKENS.values()) for token, _ in tokens) >= 2


def test_both_languages_have_the_same_colours() -> None:
    english = "if silent 30d then send coupon by email"
    chinese = "若 静默 30天 则 发送 优惠券 用 邮件"
    colours = [
        [token for token, _ in JourneyLexer().get_tokens(each) if token not in Token.Text]
        for each in (english, chinese)
    ]
    assert colours[0] == colours[1]


def test_pygments_finds_the_lexer() -> None:
    declared = {each.name: each.value for each in entry_points(group="pygments.lexers")}
    assert declared["journey"] == "journeys.editor.pygments_lexer:JourneyLexer"
