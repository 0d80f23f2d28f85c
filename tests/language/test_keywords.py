"""The keyword table and the grammar made from it."""

from __future__ import annotations

import importlib.util
import logging
import re
from collections import Counter
from pathlib import Path

import pytest
from lark import Lark, logger

from journeys.language import automaton, keywords


def test_each_word_belongs_to_one_terminal() -> None:
    counts = Counter(w for t in keywords.KEYWORDS for w in set(keywords.words(t)))
    assert [w for w, n in counts.items() if n > 1] == []


def test_each_terminal_has_a_word() -> None:
    assert all(keywords.words(t) for t in keywords.KEYWORDS)
    assert all(w == w.lower() == " ".join(w.split()) for t in keywords.KEYWORDS for w in keywords.words(t))


def test_chinese_words_stand_in_the_chinese_column() -> None:
    for terminal, (english, chinese) in keywords.KEYWORDS.items():
        assert not keywords.CJK.search(english), terminal
        assert all(keywords.CJK.match(w) for w in chinese.split("|") if w), terminal


def test_the_grammar_has_no_human_words() -> None:
    text = Path(automaton.__file__).with_name("grammar.lark").read_text("utf-8")
    rules = re.sub(r"//.*|/(?:[^/\\\n]|\\.)+/", "", text)
    assert keywords.CJK.search(rules) is None
    assert set(re.findall(r'"([^"]*)"', rules)) <= {".", ",", ":", "(", ")"}


def test_the_grammar_names_exactly_the_keywords() -> None:
    text = Path(automaton.__file__).with_name("grammar.lark").read_text("utf-8")
    named = set(re.findall(r"\b[A-Z][A-Z_]+\b", re.sub(r"//.*", "", text)))
    assert keywords.KEYWORDS.keys() <= named


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    """Lark settles shift/reduce conflicts silently; its debug log names them."""
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        with caplog.at_level(logging.DEBUG, logger=logger.name):
            logger.addHandler(caplog.handler)
            automaton.build(automaton.grammar_text(), automaton.Lines(), debug=True)
    finally:
        logger.removeHandler(caplog.handler)
        logger.setLevel(level)
    assert [r.getMessage() for r in caplog.records if "conflict" in r.getMessage().lower()] == []


@pytest.mark.skipif(importlib.util.find_spec("interegular") is None, reason="needs the package interegular")
def test_the_grammar_is_strict() -> None:
    assert isinstance(automaton.build(automaton.grammar_text(), automaton.Lines(), strict=True), Lark)
