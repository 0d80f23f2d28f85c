"""Offsets to lines and columns and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from journeys.diagnostics.lines import LineIndex
from journeys.diagnostics.span import Span


def test_every_kind_of_line_end() -> None:
    index = LineIndex("a\nbc\r\nd\re")
    assert [index.line(n) for n in (1, 2, 3, 4)] == ["a", "bc", "d", "e"]
    assert [tuple(index.position(at)) for at in (0, 1, 2, 4, 6, 8, 9, 99)] == [
        (1, 1),
        (1, 2),
        (2, 1),
        (2, 3),
        (3, 1),
        (4, 1),
        (4, 2),
        (4, 2),
    ]


@given(st.text(st.sampled_from("ab若\n\r")), st.data())
def test_positions_lead_back(text: str, data: st.DataObject) -> None:
    index = LineIndex(text)
    at = data.draw(st.integers(0, len(text)))
    line, column = index.position(at)
    inside = column <= len(index.line(line)) + 1
    assert index.offset(line, column) == at or not inside


def test_spans_join() -> None:
    assert Span("x", 3, 5).to(Span("x", 9, 12)) == Span("x", 3, 12)
    assert Span("x", 3, 5).to(Span("x", 1, 2)) == Span("x", 3, 5)
