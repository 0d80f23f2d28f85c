"""Both READMEs, done from top to bottom: the demo, then the tour in the folder that the demo leaves behind.

This is the one long test of the documentation, because it is the first thing that anybody does.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.docs.pages import README, README_ZH, REPOSITORY, Reader, blocks, check, environment, headings, prose

DEMO = REPOSITORY / "journeys" / "examples" / "demo.sh"


def test_everything_the_readmes_show_is_what_is_printed(tmp_path: Path, rewrite: bool) -> None:
    done = subprocess.run(
        ["sh", str(DEMO), "demo"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    for page in (README, README_ZH):
        folder = tmp_path / page.stem
        shutil.copytree(tmp_path / "demo", folder / "demo")
        (folder / "demo.txt").write_text(done.stdout, "utf-8")
        reader = Reader(folder, instead={"make demo": "cat demo.txt"})
        check(page, reader.follow(page.read_text("utf-8")), rewrite)


def test_make_demo_runs_the_demo() -> None:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    target = makefile.partition("\ndemo: $(READY)")[2].splitlines()[1]
    assert target == "\t@JOURNEYS=$(BIN)/journeys sh journeys/examples/demo.sh demo"


def test_both_readmes_have_the_same_parts() -> None:
    english, chinese = README.read_text("utf-8"), README_ZH.read_text("utf-8")
    assert [line.split(" ")[0] for line in headings(english)] == [line.split(" ")[0] for line in headings(chinese)]
    assert [one.info for one in blocks(english)] == [one.info for one in blocks(chinese)]
    assert prose(english).count("](") == prose(chinese).count("](")
