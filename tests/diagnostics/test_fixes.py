"""Fixes are applied from the end, whole, and never over each other."""

from __future__ import annotations

from journeys.diagnostics.diagnostic import Diagnostic, Edit, Fix
from journeys.diagnostics.fixes import apply, safe_fixes
from journeys.diagnostics.span import Span


def edit(start: int, end: int, text: str, path: str = "x") -> Edit:
    return Edit(Span(path, start, end), text)


def test_edits_of_several_fixes() -> None:
    assert apply("abcdef", [Fix((edit(1, 2, "BB"), edit(4, 5, ""))), Fix((edit(0, 0, ">"),))]) == ">aBBcdf"


def test_an_overlapping_fix_waits_whole() -> None:
    fixes = [Fix((edit(1, 3, "X"),)), Fix((edit(2, 4, "Y"), edit(5, 6, "Z")))]
    assert apply("abcdef", fixes) == "aXdef"
    assert apply("abc", [Fix((edit(1, 1, "-"),)), Fix((edit(1, 1, "-"),))]) == "a-bc"


def test_neighbours_do_not_overlap() -> None:
    assert apply("abcd", [Fix((edit(0, 2, "1"),)), Fix((edit(2, 4, "2"),))]) == "12"


def test_only_safe_fixes_of_the_file() -> None:
    place = Span("x", 0, 1)
    safe = Fix((edit(0, 1, ""),), safe=True)
    found = [
        Diagnostic("J008", place, fix=safe),
        Diagnostic("J005", place, fix=Fix((edit(0, 1, ""),))),
        Diagnostic("J008", place, fix=Fix((edit(0, 1, "", "y"),), safe=True)),
        Diagnostic("J016", place),
    ]
    assert safe_fixes(found, "x") == (safe,)
