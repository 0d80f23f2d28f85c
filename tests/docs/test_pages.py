"""Every page of docs/ whose commands are tried, done from top to bottom.

A page begins in an empty folder, or where a comment in it says so: in a copy of the example, or of the example with its
year imported.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import REPOSITORY, Reader, blocks, check, environment, pages

DOCS = REPOSITORY / "docs"
GROCER = REPOSITORY / "journeys" / "examples" / "grocer"


def is_tried(page: Path) -> bool:
    return DOCS in page.parents and any(block.language == "console" for block in blocks(page.read_text("utf-8")))


@pytest.fixture(scope="module")
def grocer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with its year imported."""
    folder = tmp_path_factory.mktemp("imported") / "grocer"
    shutil.copytree(GROCER, folder)
    for kind in ("customers", "events"):
        subprocess.run(["journeys", "import", kind], cwd=folder, env=environment(), check=True, capture_output=True)
    return folder


TRIED = [page for page in pages() if is_tried(page)]


@pytest.mark.parametrize("page", TRIED, ids=lambda page: str(page.relative_to(DOCS)))
def test_what_the_page_shows_is_what_is_printed(page: Path, grocer: Path, tmp_path: Path, rewrite: bool) -> None:
    text = page.read_text("utf-8")
    folder = tmp_path / "here"
    if "<!-- folder: the example, imported -->" in text:
        shutil.copytree(grocer, folder)
    elif "<!-- folder: the example -->" in text:
        shutil.copytree(GROCER, folder)
    else:
        folder.mkdir()
    check(page, Reader(folder).follow(text), rewrite)
