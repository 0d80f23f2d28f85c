"""The pages of the documentation: their fenced blocks, links and headings.

Blocks that are tried are marked by their info string: `console` holds commands after `$ ` with what they print (a line
`...` stands for any lines), `console COMMAND` what that command prints, any other `LANGUAGE PATH` a file to be written
below the current folder. `sh` is not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
README = REPOSITORY / "README.md"
README_ZH = REPOSITORY / "README.zh.md"
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
ELLIPSIS = "..."


def pages() -> list[Path]:
    """Every page that people read."""
    return [README, README_ZH, REPOSITORY / "CHANGELOG.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: what stands behind the fence, the text, and where the text starts in the page."""

    info: str
    body: str
    start: int

    @property
    def language(self) -> str:
        return self.info.split(" ")[0]

    @property
    def path(self) -> str:
        """The file that the block is to be written to, empty for none; the command of a `console` block."""
        return self.info.partition(" ")[2].strip()


def blocks(page: str) -> list[Block]:
    return [Block(found["info"].strip(), found["body"], found.start("body")) for found in FENCE.finditer(page)]


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", page)


def headings(page: str) -> list[str]:
    return re.findall(r"^#+ .*$", prose(page), re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a `console` block and the lines that the page shows below it."""

    line: str
    shown: tuple[str, ...]


def commands(body: str) -> Iterator[Command]:
    line, shown = "", list[str]()
    for text in body.splitlines():
        if text.startswith("$ "):
            if line:
                yield Command(line, tuple(shown))
            line, shown = text[2:], []
        else:
            shown.append(text)
    if line:
        yield Command(line, tuple(shown))


def shows(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether the lines are what was printed, where `...` stands for any lines; blanks at line ends do not count."""
    if not shown:
        return not printed
    if shown[0] == ELLIPSIS:
        return any(shows(shown[1:], printed[skipped:]) for skipped in range(len(printed) + 1))
    return bool(printed) and shown[0].rstrip() == printed[0].rstrip() and shows(shown[1:], printed[1:])


def trimmed(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines without the blank ones at the end."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return tuple(lines[:end])


@dataclass(slots=True)
class Reader:
    """Somebody who does what a page says, from top to bottom, in a folder."""

    folder: Path
    instead: Mapping[str, str] = field(default_factory=dict)
    """Commands that are done in another way."""

    def follow(self, page: str) -> str:
        """Do it all; the page with what was really printed wherever the page shows something else."""
        written = []
        last = 0
        for block in blocks(page):
            if block.language == "console":
                typed = self._type(block.body) if not block.path else self._shown(block.path, block.body.splitlines())
                written += [page[last : block.start], typed]
                last = block.start + len(block.body)
            elif block.path:
                path = self.folder / block.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.body, "utf-8")
        return "".join(written) + page[last:]

    def _type(self, body: str) -> str:
        return "".join(f"$ {command.line}\n{self._shown(command.line, command.shown)}" for command in commands(body))

    def _shown(self, line: str, shown: Sequence[str]) -> str:
        printed = trimmed(self._run(line))
        right = trimmed(shown)
        return "".join(f"{text}\n" for text in (right if shows(right, printed) else printed))

    def _run(self, line: str) -> list[str]:
        if line.startswith("cd "):
            self.folder = (self.folder / line[3:]).resolve()
            return [] if self.folder.is_dir() else [f"cd: {line[3:]}: no such folder"]
        done = subprocess.run(
            ["sh", "-c", self.instead.get(line, line)],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback (most recent call last)" not in done.stdout, f"{line}\n{done.stdout}"
        return done.stdout.splitlines()


def check(page: Path, followed: str, rewrite: bool) -> None:
    """That a page, followed to its end, shows what was printed."""
    if rewrite:
        page.write_text(followed, "utf-8")
    assert followed == page.read_text("utf-8"), "write what is printed into the pages: pytest tests/docs --rewrite"


def environment() -> dict[str, str]:
    """What the programs of a page see: `journeys` on the path, a terminal 100 columns wide, nobody's settings."""
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    kept = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
    return {**kept, "PATH": path, "COLUMNS": "100", "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}
