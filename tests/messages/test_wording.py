"""Every code of these rooms has words in both languages, for exactly the facts it comes with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import journeys
from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span

ROOMS = [Path(journeys.__file__).parent / room for room in ("messages", "channels")]
TEXTS = [path.read_text("utf-8") for room in ROOMS for path in room.glob("*.py")]
USED = sorted({code for text in TEXTS for code in re.findall(r'"(J\d{3})"', text)})
FACTS = {
    "J401": "message", "J402": "construct", "J403": "name known", "J404": "name", "J407": "key",
    "J408": "limit measure", "J409": "file_problem", "J410": "message channel path", "J411": "html_place",
    "J412": "path", "J414": "name", "J415": "name other", "J420": "name", "J421": "by value_wanted value_found",
    "J422": "characters", "J423": "rounds", "J425": "kind", "J450": "kind kinds", "J451": "setting",
    "J452": "setting", "J453": "setting why", "J454": "setting variable",
}  # fmt: skip


def test_the_codes_used_are_the_codes_worded() -> None:
    assert len(USED) > 20
    assert set(USED) <= set(wording.codes("en"))
    assert set(USED) <= set(wording.codes("zh"))


@pytest.mark.parametrize("code", USED)
def test_both_languages_say_the_same(code: str) -> None:
    facts = {name: f"<{name}>" for name in FACTS.get(code, "").split()}
    diagnostic = Diagnostic(code, Span("x", 0, 0), facts)
    english, chinese = wording.templates(code, "en"), wording.templates(code, "zh")
    assert wording.fields(english["headline"]) == wording.fields(chinese["headline"]) <= facts.keys()
    assert wording.headline(diagnostic, "en")[0] not in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert wording.headline(diagnostic, "en") != wording.headline(diagnostic, "zh")
    assert (wording.help(diagnostic, "en") is None) == (wording.help(diagnostic, "zh") is None) == (code == "J453")
    if isinstance(english.get("help"), list):
        close = Diagnostic(code, Span("x", 0, 0), facts | {"close": "<close>"})
        assert "<close>" in (wording.help(close, "en") or "")
        assert "<close>" in (wording.help(close, "zh") or "")
