"""Every lint rule by its cases: what it warns about and where, the repair that silences it, and what it lets pass."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from journeys.catalog.load import read_project
from journeys.catalog.project import Project
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.diagnostics.lines import LineIndex
from journeys.graph import lint
from journeys.graph.from_language import compile_files
from journeys.graph.lint.look_alikes import skeleton
from journeys.language.parser import parse

FOLDER = Path(__file__).parent / "lint"
PROJECT = (Path(__file__).parent / "compiled" / "journeys.toml").read_text("utf-8")
RULES = Path(lint.__file__).parent
CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.toml"))
    for case in tomllib.loads(path.read_text("utf-8"))["case"]
]
HEADINGS = ("What it does", "Why is this bad?", "Example", "Use instead")


def project(more: str, folder: Path) -> Project:
    made, diagnostics = read_project(PROJECT + more, "journeys.toml", folder)
    assert made is not None, diagnostics
    return made


def check(text: str, using: Project) -> tuple[Diagnostic, ...]:
    """Everything that is said about a file of that text, the only one of its project."""
    parsed = parse(text.removeprefix("\n"), str(using.folder / "one.journey"))
    assert parsed.diagnostics == ()
    return compile_files([parsed], using)[1]


@pytest.mark.parametrize(("code", "case"), CASES)
def test_a_rule_by_its_cases(code: str, case: dict[str, Any], tmp_path: Path) -> None:
    using = project(case.get("project", ""), tmp_path)
    if not case.get("whole", True):
        (tmp_path / "another.journey").write_text("if silent 30d then send coupon\n", "utf-8")
    if "pass" in case:
        assert check(case["pass"], using) == ()
        return
    found = check(case["fail"], using)
    lines = LineIndex(case["fail"].removeprefix("\n"))
    assert [(each.code, lines.position(each.span.start).line) for each in found] == [
        (code, line) for line in case["lines"]
    ]
    assert {each.severity for each in found} == {Severity.WARNING}
    assert check(case["fix"], using) == ()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_rule_has_cases_that_fail_and_a_case_that_passes(path: Path) -> None:
    cases = tomllib.loads(path.read_text("utf-8"))["case"]
    assert any("fail" in case for case in cases)
    assert any("pass" in case or "fix" in case for case in cases)


def documented() -> list[tuple[str, dict[str, str]]]:
    """The docstrings of the rules' files, each as its code and the text under each heading."""
    found = []
    for path in sorted(RULES.glob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        if text.startswith("J2"):
            parts = dict.fromkeys(HEADINGS, "")
            heading = ""
            for line in text.splitlines()[1:]:
                if line in parts:
                    heading = line
                elif heading:
                    parts[heading] += line + "\n"
            found.append((text[:4], {heading: dedent(part) for heading, part in parts.items()}))
    return found


def test_every_rule_is_listed_documented_and_has_cases() -> None:
    listed = {rule.__module__.rsplit(".", 1)[1] for rule in (*lint.RULES, *lint.TOGETHER_RULES)}
    codes = [code for code, _ in documented()]
    assert len(codes) == len(set(codes)) == len(listed)
    assert set(codes) == {path.stem for path in FOLDER.glob("*.toml")}
    for path in sorted(RULES.glob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        assert text.startswith("J2") == (path.stem in listed)


@pytest.mark.parametrize(("code", "parts"), documented(), ids=lambda value: value if isinstance(value, str) else "")
def test_the_docstring_of_a_rule_is_true(code: str, parts: dict[str, str], tmp_path: Path) -> None:
    assert all(parts.values())
    using = project('[[limits]]\nmessages = 1\nper = "1d"\nchannel = "sms"\n', tmp_path)
    assert [each.code for each in check(parts["Example"], using)] == [code]
    assert check(parts["Use instead"], using) == ()


def test_rules_about_names_are_silent_while_there_are_errors(tmp_path: Path) -> None:
    found = check("journey j\n    start when order\n    tag exit\n    send coupn\n", project("", tmp_path))
    assert [each.code for each in found] == ["J101"]


def test_a_bare_file_is_never_told_that_a_goal_is_out_of_reach(tmp_path: Path) -> None:
    text = "journey j\n    start when order\n    goal tagged x within 3d\n    send coupon\n"
    found = compile_files([parse(text, "j.journey")], Project(folder=tmp_path, declared=False))[1]
    assert "J207" not in {each.code for each in found}


@pytest.mark.parametrize(
    ("one", "other"), [("vір", "VIP"), ("ΤΙΕR", "tier"), ("g0ld", "gold"), ("ｖｉｐ", "vip"), ("周未", "周末")]
)
def test_names_that_look_alike(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("gold", "bold"), ("tier1", "tier2"), ("周末", "周日"), ("é", "e")])
def test_names_that_do_not(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)
