"""Files that do not parse: what is said about each is written down beside it, in the language of the file's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.diagnostics import wording
from journeys.diagnostics.fixes import apply, safe_fixes
from journeys.diagnostics.render import render
from journeys.language.parser import parse

from .golden import HERE, check

FILES = sorted((HERE / "bad").glob("*.journey"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_message(path: Path, rewrite: bool) -> None:
    text = path.read_text("utf-8")
    found = parse(text, path.name).diagnostics
    assert found
    language: wording.Language = "zh" if path.name.endswith(".zh.journey") else "en"
    check(path.with_suffix(".txt"), render(found, {path.name: text}, "full", language) + "\n", rewrite)


def test_every_code_of_this_room_has_a_bad_file() -> None:
    shown = {d.code for path in FILES for d in parse(path.read_text("utf-8"), path.name).diagnostics}
    of_bytes_and_sizes = {"J018", "J040", "J041", "J042", "J052"}  # tested in test_limits.py and test_decoding.py
    assert {c for c in wording.codes("en") if c.startswith("J0")} - shown == of_bytes_and_sizes


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_safe_fixes_repair(path: Path) -> None:
    """A safe fix removes its diagnostic."""
    text = path.read_text("utf-8")
    for diagnostic in parse(text, path.name).diagnostics:
        if diagnostic.fix and diagnostic.fix.safe:
            again = parse(apply(text, [diagnostic.fix]), path.name).diagnostics
            assert (diagnostic.code, diagnostic.span) not in [(d.code, d.span) for d in again]


def test_all_safe_fixes_together_leave_a_good_file() -> None:
    text = (HERE / "bad" / "glued_journey.zh.journey").read_text("utf-8")
    found = parse(text, "x").diagnostics
    assert len(safe_fixes(found, "x")) == len(found)
    assert parse(apply(text, safe_fixes(found, "x")), "x").diagnostics == ()
