"""Every page of docs/ whose commands are tried, done from top to bottom in an empty folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.pages import REPOSITORY, Reader, blocks, check, pages

DOCS = REPOSITORY / "docs"
TRIED = [page for page in pages() if DOCS in page.parents and any(b.language == "console" for b in blocks(page.read_text("utf-8")))]


@pytest.mark.parametrize("page", TRIED, ids=lambda page: str(page.relative_to(DOCS)))
def test_what_the_page_shows_is_what_is_printed(page: Path, tmp_path: Path, rewrite: bool) -> None:
    shutil.copytree(REPOSITORY / "journeys" / "examples" / "grocer", tmp_path / "grocer")
    check(page, Reader(tmp_path).follow(page.read_text("utf-8")), rewrite)
