"""Bounds: whatever the text, an answer in reasonable time."""

from __future__ import annotations

import pytest

from journeys.language.nodes import Journey, Rule
from journeys.language.parser import parse
from journeys.language.source import MAX_CHARACTERS, MAX_DEPTH, MAX_ERRORS, MAX_LINES


def codes(text: str) -> list[str]:
    return [d.code for d in parse(text, "x").diagnostics]


def nested(depth: int) -> str:
    return (
        "journey x\n" + "".join("    " * (i + 1) + "if a then\n" for i in range(depth)) + "    " * (depth + 1) + "exit"
    )


def test_blocks_may_nest_so_deep_and_no_deeper() -> None:
    assert codes(nested(MAX_DEPTH - 1)) == []
    assert "J017" in codes(nested(MAX_DEPTH))
    assert set(codes(nested(150))) == {"J017"}


def test_brackets_may_nest_so_deep_and_no_deeper() -> None:
    assert codes(f"if {'(' * MAX_DEPTH}a{')' * MAX_DEPTH} then exit") == []
    assert codes(f"if {'(' * 5000}a{')' * 5000} then exit") == ["J017"]


def test_a_file_may_be_so_long_and_no_longer() -> None:
    assert codes("# " + "x" * (MAX_CHARACTERS - 2)) == []
    assert codes("# " + "x" * MAX_CHARACTERS) == ["J018"]
    assert codes("\n" * MAX_LINES) == ["J018"]


@pytest.mark.parametrize("number", ["1" * 16, "0." + "1" * 16, "9" * 5000])
def test_numbers_have_few_digits(number: str) -> None:
    assert codes(f"if a over {number} then exit") == ["J019"]
    assert codes(f"if a over ¥{number} then wait {number}d")[0] == "J019"


def test_there_are_no_exponents() -> None:
    assert codes("if a over 1e9 then exit") == ["J005"]


def test_at_most_so_many_errors() -> None:
    assert codes("journey x\n" + "    bogus line\n" * 500).count("J054") == MAX_ERRORS
    assert len(codes("if then\n" * 500)) == MAX_ERRORS


def test_nul_is_reported_and_read_as_a_blank() -> None:
    parsed = parse("if silent 30d then\x00send coupon", "x")
    assert [d.code for d in parsed.diagnostics] == ["J042"]
    assert isinstance(parsed.file.declarations[0], Rule)


def test_a_broken_line_leaves_the_lines_around_it_in_the_tree() -> None:
    parsed = parse("journey x\n    send a\n    snd b\n    send c\n\njourney y\n    exit\n", "x")
    assert [d.code for d in parsed.diagnostics] == ["J002"]
    assert [d.name.text for d in parsed.file.declarations if isinstance(d, Journey)] == ["x", "y"]
    assert [len(d.body) for d in parsed.file.declarations if isinstance(d, Journey)] == [2, 1]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(end: str) -> None:
    text = end.join(["journey x", "    # about a", "    send a", "    send b", ""])
    parsed = parse(text, "x")
    assert parsed.diagnostics == ()
    assert parsed.comments[0].text == "# about a"
    assert parsed.text[parsed.comments[0].span.start :].startswith("# about a")


def test_hostile_lines_stay_quick() -> None:
    for line in (
        "「" * 200_000,
        '"' * 200_001,
        "“" * 200_000,
        "if " + "a and " * 30_000 + "b then exit",
        "若" * 100_000,
    ):
        parse(line, "x")
