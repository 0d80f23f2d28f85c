"""Positions as editors count them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.editor.positions import Encoding, Position, Positions

TEXT = "发送 🎁 x\r\nsend é\n"


@pytest.mark.parametrize(("encoding", "character"), [("utf-16", 5), ("utf-8", 11), ("utf-32", 4)])
def test_what_stands_before_is_counted_in_units(encoding: Encoding, character: int) -> None:
    positions = Positions(TEXT, encoding)
    behind_gift = TEXT.index("🎁") + 1
    assert positions.position(behind_gift) == Position(0, character)
    assert positions.offset(0, character) == behind_gift


def test_a_position_inside_a_character_is_before_it_and_one_past_the_end_at_the_end() -> None:
    positions = Positions(TEXT)
    assert positions.offset(0, 4) == TEXT.index("🎁")
    assert positions.offset(0, 99) == TEXT.index("\r\n")
    assert positions.offset(99, 0) == len(TEXT)
    assert positions.position(10_000) == Position(2, 0)


def test_only_the_ends_that_editors_know_end_a_line() -> None:
    assert Positions("a\u2028b\x0bc\nd").position(6) == Position(1, 0)


@given(st.text(st.sampled_from("\r\na é🎁发\u2028")), st.integers(0, 100), st.sampled_from(["utf-8", "utf-16"]))
def test_there_and_back(text: str, offset: int, encoding: Encoding) -> None:
    positions = Positions(text, encoding)
    offset = min(offset, len(text))
    if text[max(0, offset - 1) : offset + 1] != "\r\n":
        assert positions.offset(*positions.position(offset)) == offset
