"""What the pages say of the program: commands, forms, tests, files, pictures."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

from journeys.catalog.load import bare_project, load_project
from journeys.catalog.not_yet import NAMES_NOT_YET, NOT_YET
from journeys.catalog.project import Language
from journeys.cli import VERBS
from journeys.diagnostics.diagnostic import Severity
from journeys.graph.from_language import compile_files
from journeys.graph.svg import svg
from journeys.language.parser import parse
from tests.docs.pages import README, REPOSITORY, blocks, headings, pages, prose

DOCS = REPOSITORY / "docs"
GROCER = REPOSITORY / "journeys" / "examples" / "grocer"
WORDING = REPOSITORY / "src" / "journeys" / "diagnostics" / "wording" / "names.en.toml"
WRITTEN = [page for page in pages() if DOCS / "errors" not in page.parents]
"""Pages whose journeys are meant to be right; those of the error pages are wrong on purpose."""
PAGES = pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(REPOSITORY)))


@PAGES
def test_links_lead_somewhere(page: Path) -> None:
    text = prose(page.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("https://"):
            continue
        path, _, anchor = unquote(target).partition("#")
        found = page if not path else page.parent / path
        assert found.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in {slug(line) for line in headings(found.read_text("utf-8"))}, target


def slug(heading: str) -> str:
    """The anchor that a code host gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


@PAGES
def test_named_files_exist(page: Path) -> None:
    """Paths of this repository that stand in backticks; patterns and the reader's own files are none."""
    text = prose(page.read_text("utf-8"))
    for name in re.findall(r"`((?:src|tests|docs|journeys/examples)/[^`*<>]+?)(?:::[^`]*)?`", text):
        assert (REPOSITORY / name).exists(), f"{page.name} names {name}"


@PAGES
def test_pages_name_no_machine_and_no_registry(page: Path) -> None:
    text = page.read_text("utf-8")
    assert not re.search(r"/(?:root|home|work|tmp)/|localhost:|pypi\.org|files\.pythonhosted", text)


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_journeys_on_pages_are_sound(page: Path, tmp_path: Path) -> None:
    """Those that are saved under a name are checked by the commands of their page."""
    used = parse("segment regulars is did purchase at least 4 times in 60d\n", str(tmp_path / "segments.journey"))
    (tmp_path / "segments.journey").write_text(used.text, "utf-8")
    for block in blocks(page.read_text("utf-8")):
        if block.language != "journey" or block.path:
            continue
        parsed = parse(block.body, str(tmp_path / "page.journey"))
        _, mistakes = compile_files(
            [parsed, used] if "segments.journey" in block.body else [parsed], bare_project(tmp_path)
        )
        errors = [one for one in (*parsed.diagnostics, *mistakes) if one.severity == Severity.ERROR]
        assert not errors, f"{errors}\n{block.body}"


def test_every_command_is_documented() -> None:
    operations = (DOCS / "operations.md").read_text("utf-8")
    named = set(re.findall(r"`journeys (\w+)`", operations))
    assert named == set(VERBS)


def test_the_forms_that_do_not_work_yet_are_listed() -> None:
    words = tomllib.loads(WORDING.read_text("utf-8"))["values"]["not_yet"]
    refused = {words[row.form] for row in NOT_YET} | {words[form] for form in NAMES_NOT_YET.values()}
    page = (DOCS / "language.md").read_text("utf-8")
    section = page.partition("## Not carried out yet\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^- (.*)$", section, re.MULTILINE)) == refused


def test_every_promise_names_tests_that_exist_or_says_not_yet() -> None:
    page = (DOCS / "guarantees.md").read_text("utf-8")
    rows = re.findall(r"^\| (G\d+) \| (.*) \| (.*) \|$", page, re.MULTILINE)
    assert [number for number, _, _ in rows] == [f"G{number}" for number in range(1, 23)]
    for number, _, held_by in rows:
        named = re.findall(r"`(tests/[^`:]+)::(\w+)`", held_by)
        assert named or "not yet" in held_by, number
        for path, name in named:
            text = (REPOSITORY / path).read_text("utf-8")
            declared = rf"^def {name}\(|^class {name}\b|^{name} = "
            assert re.search(declared, text, re.MULTILINE), f"{number}: {path}::{name}"


@pytest.mark.parametrize(("language", "name"), [("en", "second-basket.svg"), ("zh", "second-basket.zh.svg")])
def test_the_pictures_are_what_is_drawn_now(language: Language, name: str, rewrite: bool) -> None:
    project, _ = load_project(GROCER)
    assert project is not None
    path = GROCER / "journeys" / "second-basket.journey"
    (graph,), _ = compile_files([parse(path.read_text("utf-8"), str(path))], project)
    drawn = svg(graph, language)
    picture = DOCS / "pictures" / name
    if rewrite:
        picture.write_text(drawn, "utf-8")
    assert picture.read_text("utf-8") == drawn


def test_every_decision_is_in_the_list() -> None:
    listed = (DOCS / "decisions" / "README.md").read_text("utf-8")
    for page in sorted((DOCS / "decisions").glob("0*.md")):
        title = page.read_text("utf-8").splitlines()[0]
        assert title.startswith(f"# {page.name[:4]}. ")
        assert f"]({page.name})" in listed


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, todo = set[Path](), [README]
    while todo:
        page = todo.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)#]+)", prose(page.read_text("utf-8")))
        todo += [(page.parent / link).resolve() for link in links if not link.startswith("https://")]
    assert set(DOCS.rglob("*.md")) <= reached
