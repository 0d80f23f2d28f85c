"""The renderings, drawn by hand here."""

from __future__ import annotations

import json

from journeys.diagnostics.diagnostic import Diagnostic, Edit, Fix, Severity
from journeys.diagnostics.render import render
from journeys.diagnostics.span import NOWHERE, Span

TEXT = "if slient 30d then send coupon\n若 甲 或 乙 且 丙 则 发送 优惠券\n\tsend\tx\n"
SOURCES = {"a.journey": TEXT}


def typo(start: int = 3, end: int = 9) -> Diagnostic:
    span = Span("a.journey", start, end)
    return Diagnostic("J002", span, {"word": "slient", "suggestion": "silent"}, fix=Fix((Edit(span, "silent"),)))


def mixed() -> Diagnostic:
    start = TEXT.index("或")
    other = TEXT.index("且")
    facts = {"first": "或", "other": "且", "text": "甲 或 (乙 且 丙)"}
    return Diagnostic(
        "J012",
        Span("a.journey", start, start + 1),
        facts,
        related=((Span("a.journey", other, other + 1), "other"),),
    )


def test_full() -> None:
    assert render([typo()], SOURCES) == (
        "error[J002]: unknown word `slient`\n"
        " --> a.journey:1:4\n"
        "  |\n"
        "1 | if slient 30d then send coupon\n"
        "  |    ^^^^^^\n"
        "  = help: did you mean `silent`?"
    )


def test_wide_characters_take_two_columns_and_related_places_share_a_row() -> None:
    assert render([mixed()], SOURCES, "full", "zh") == (
        "错误[J012]: `或` 与 `且` 混用时需要括号\n"
        " --> a.journey:2:5\n"
        "  |\n"
        "2 | 若 甲 或 乙 且 丙 则 发送 优惠券\n"
        "  |       ^^    --\n"
        "  = 建议: 写 `甲 或 (乙 且 丙)`，或把括号放到合适的位置"
    )


def test_labels_and_places_on_other_lines_and_in_other_files() -> None:
    twice = Diagnostic(
        "J034",
        Span("a.journey", 0, 2),
        related=((Span("a.journey", 3, 9), "first"), (Span("b.journey", 4, 5), "first"), (Span("c", 0, 1), "first")),
    )
    assert render([twice], {**SOURCES, "b.journey": "wait\n3d"}) == (
        "error[J034]: this is said twice on one line\n"
        " --> a.journey:1:1\n"
        "  |\n"
        "1 | if slient 30d then send coupon\n"
        "  | ^^ ------ first here\n"
        " ::: b.journey:1:5\n"
        "  |\n"
        "1 | wait\n"
        "  |     - first here\n"
        " ::: c\n"
        "  = help: keep one of the two"
    )


def test_lines_left_out_are_dots() -> None:
    text = "a\nb\nc\n"
    found = Diagnostic("J034", Span("x", 4, 5), related=((Span("x", 0, 1), "first"),))
    assert render([found], {"x": text}).split("\n")[2:-1] == [
        "  |",
        "1 | a",
        "  | - first here",
        "...",
        "3 | c",
        "  | ^",
    ]


def test_tabs_are_four_columns_and_controls_are_visible() -> None:
    start = TEXT.index("x\n")
    lines = render([Diagnostic("J016", Span("a.journey", start, start + 1))], SOURCES).split("\n")
    assert lines[3:5] == ["3 |     send    x", "  |             ^"]
    lines = render([Diagnostic("J042", Span("a", 1, 2))], {"a": "a\x00b"}).split("\n")
    assert lines[3:5] == ["1 | a␀b", "  |  ^"]


def test_a_span_over_several_lines_is_marked_on_its_first() -> None:
    lines = render([Diagnostic("J016", Span("a.journey", 0, 40))], SOURCES).split("\n")
    assert lines[3:5] == ["1 | if slient 30d then send coupon", "  | " + "^" * 30]


def test_very_long_lines_are_shown_in_part() -> None:
    text = "x " * 5000 + "here " + "y " * 5000
    at = text.index("here")
    lines = render([Diagnostic("J016", Span("a", at, at + 4))], {"a": text}).split("\n")
    assert len(lines[3]) <= 170
    assert lines[4].index("^") == lines[3].index("here")


def test_the_end_of_the_file_is_a_place() -> None:
    lines = render([Diagnostic("J003", Span("a", 4, 5))], {"a": "goal"}).split("\n")
    assert lines[1:5] == [" --> a:1:5", "  |", "1 | goal", "  |     ^"]


def test_without_the_text_or_a_place() -> None:
    assert render([typo()], {}).split("\n") == [
        "error[J002]: unknown word `slient`",
        " --> a.journey",
        "  = help: did you mean `silent`?",
    ]
    assert render([Diagnostic("J016", NOWHERE)], {}).startswith(
        "error[J016]: nothing is indented under this line\n  = "
    )


def test_concise() -> None:
    warning = Diagnostic("J016", Span("a.journey", 31, 32), severity=Severity.WARNING)
    assert render([typo(), warning], SOURCES, "concise").split("\n") == [
        "a.journey:1:4: error[J002]: unknown word `slient`",
        "a.journey:2:1: warning[J016]: nothing is indented under this line",
    ]


def test_colour_only_when_asked() -> None:
    assert "\x1b" not in render([typo()], SOURCES)
    coloured = render([typo()], SOURCES, color=True)
    assert "\x1b[1;31merror[J002]\x1b[0m" in coloured
    plain = coloured
    for code in ("1;31", "1;33", "1;34", "1;36", "1", "0"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == render([typo()], SOURCES)


def test_json() -> None:
    (found,) = json.loads(render([typo()], SOURCES, "json"))
    assert found == {
        "code": "J002",
        "severity": "error",
        "headline": "unknown word `slient`",
        "help": "did you mean `silent`?",
        "path": "a.journey",
        "start": {"line": 1, "column": 4, "offset": 3},
        "end": {"line": 1, "column": 10, "offset": 9},
        "related": [],
        "fix": {
            "safe": False,
            "edits": [
                {
                    "path": "a.journey",
                    "start": {"line": 1, "column": 4, "offset": 3},
                    "end": {"line": 1, "column": 10, "offset": 9},
                    "text": "silent",
                }
            ],
        },
    }
    assert json.loads(render([], {}, "json")) == []


def test_github() -> None:
    odd = Diagnostic("J002", Span("a,b.journey", 0, 1), {"word": "100%", "suggestion": "x\ny"})
    assert render([typo(), odd], SOURCES, "github").split("\n") == [
        "::error file=a.journey,line=1,col=4,endLine=1,endColumn=10,title=J002::"
        "unknown word `slient`%0Ahelp: did you mean `silent`?",
        "::error file=a%2Cb.journey,title=J002::unknown word `100%25`%0Ahelp: did you mean `x%0Ay`?",
    ]


def test_sarif() -> None:
    report = json.loads(render([typo(), mixed()], SOURCES, "sarif"))
    run = report["runs"][0]
    assert report["version"] == "2.1.0"
    assert [r["id"] for r in run["tool"]["driver"]["rules"]] == ["J002", "J012"]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a.journey"},
        "region": {"startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 10},
    }
    assert len(run["results"][1]["relatedLocations"]) == 1
