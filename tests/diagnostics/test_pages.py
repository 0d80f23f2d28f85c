"""The pages of the codes: every code has one, its examples are true, and docs/errors is what they make."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from journeys.cli import main
from journeys.cli.examples import examine, said
from journeys.diagnostics.diagnostic import Severity
from journeys.diagnostics.pages import CLASSES, code_in, documents, page_text, pages, whole
from journeys.diagnostics.wording import codes

DOCUMENTS = Path(__file__).parents[2] / "docs" / "errors"
WITHOUT_PAGE: tuple[str, ...] = ()
"""Codes whose page is still to be written; it must shrink."""
WITHOUT_EXAMPLE = (
    *("J017", "J018"),  # too deep, too large: too long to show
    *("J040", "J041", "J042", "J052", "J164", "J409"),  # files that are not text
    *("J049", "J050", "J190"),  # what is not carried out yet
    *("J404", "J408", "J410", "J415", "J420", "J421", "J422", "J423", "J425"),  # seen when a message is rendered
)
"""Codes of J0xx to J2xx and of templates that no example file shows; settings of channels, store, import, tests and the
command line (J45x and above, J3xx, J5xx, J6xx) have none either."""
EXAMPLES = [pytest.param(code, id=code) for code, page in pages().items() if page.bad]


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(codes("en")) - pages().keys() == set(WITHOUT_PAGE), "write a table in diagnostics/pages/"
    assert pages().keys() - set(codes("en")) == set()


def test_every_code_that_a_file_can_show_has_an_example() -> None:
    shown = [code for code in pages() if code < "J300" or "J400" < code < "J450"]
    assert {code for code in shown if not pages()[code].bad} == set(WITHOUT_EXAMPLE)
    assert all(bool(page.bad) == bool(page.good) for page in pages().values())


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_bad_example_gives_this_code_and_the_good_one_nothing(code: str) -> None:
    found = examine(whole(pages()[code].bad))
    assert {each.code for each in found} == {code}
    if code.startswith("J2"):
        assert {each.severity for each in found} == {Severity.WARNING}
    assert examine(whole(pages()[code].good)) == ()


@pytest.mark.parametrize("code", pages())
def test_the_words_of_a_page_are_sentences(code: str) -> None:
    page = pages()[code]
    for words in (page.means, page.matters):
        assert words["en"].endswith((".", "?"))
        assert words["zh"].endswith(("。", "？"))
    assert any(code.startswith(prefix) for prefix, _, _ in CLASSES)


def test_the_documents_are_what_the_pages_make(rewrite: bool) -> None:
    made = documents(said)
    if rewrite:
        for name, text in made.items():
            (DOCUMENTS / name).parent.mkdir(parents=True, exist_ok=True)
            (DOCUMENTS / name).write_text(text, "utf-8")
    there = {path.relative_to(DOCUMENTS).as_posix(): path.read_text("utf-8") for path in DOCUMENTS.rglob("*.md")}
    assert there.keys() == made.keys()
    for name, text in made.items():
        assert there[name] == text, f"{name}: pytest tests/diagnostics/test_pages.py --rewrite"


def test_explain_prints_the_page_of_a_code_in_the_language_spoken(tmp_path: Path) -> None:
    english = CliRunner().invoke(main, ["--project", str(tmp_path), "explain", "j104"])
    assert (english.exit_code, english.stdout) == (0, page_text("J104", "en", said) + "\n")
    assert "no channel is called `emial`" in english.stdout
    chinese = CliRunner().invoke(main, ["--project", str(tmp_path), "--language", "zh", "explain", "J104"])
    assert chinese.stdout == page_text("J104", "zh", said) + "\n"
    assert "应写作：" in chinese.stdout


def test_a_code_that_does_not_exist_is_no_customer(tmp_path: Path) -> None:
    unknown = CliRunner().invoke(main, ["--project", str(tmp_path), "explain", "J999"])
    assert unknown.exit_code == 1
    assert "there is no store here" in unknown.stderr


@pytest.mark.parametrize(
    ("text", "code"), [("J104", "J104"), ("j104", "J104"), ("J1044", None), ("104", None), ("J104 ", None)]
)
def test_what_looks_like_a_code(text: str, code: str | None) -> None:
    assert code_in(text) == code
