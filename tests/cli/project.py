"""A project in a folder, and the program run in it: `Project(folder).file(...).run("check").says(...)`."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from click.testing import CliRunner

from journeys.cli import main

CUSTOMERS = """\
id,first_name,email
ann,Ann,ann@example.com
bob,Bob,bob@example.com
cid,Cid,
"""
PURCHASES = """\
customer_id,purchased_at,total
ann,2026-01-02,12.50
bob,2026-02-20 10:00,3
cid,2026-01-05,7
"""


@dataclass(frozen=True)
class Ran:
    """What a call of the program printed, and its exit code."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str

    def says(self, out: str = "", err: str = "", code: int = 0) -> Ran:
        """Exactly this; texts may be indented."""
        expected = dedent(out).removeprefix("\n"), dedent(err).removeprefix("\n"), code
        assert (self.out, self.err, self.code) == expected, f"journeys {' '.join(self.words)}\n{self.out}{self.err}"
        return self

    def has(self, *parts: str, code: int = 0) -> Ran:
        """These parts of what it printed, anywhere."""
        printed = self.out + self.err
        assert self.code == code, f"journeys {' '.join(self.words)}: exit code {self.code}\n{printed}"
        for part in parts:
            assert part in printed, f"journeys {' '.join(self.words)}: no `{part}` in\n{printed}"
        return self

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Project:
    """A folder in which the program runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, name: str, text: str | bytes) -> Project:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else dedent(text).removeprefix("\n").encode())
        return self

    def change(self, name: str, change: Callable[[str], str]) -> Project:
        path = self.folder / name
        before = path.read_text("utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, "utf-8")
        return self

    def text(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")

    def files(self) -> dict[str, bytes]:
        """Every file of the folder but those that only show that a store is or was open."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.name.endswith((".daemon", "-wal", "-shm"))
        }

    def run(self, *words: str, given: str | bytes = "") -> Ran:
        """Run the program in the folder. A traceback is a failure: it is never for a mistake of the user."""
        here = Path.cwd()
        os.chdir(self.folder)
        try:
            result = CliRunner(env={"JOURNEYS_STORE": None}).invoke(
                main, list(words), input=given, prog_name="journeys"
            )
        finally:
            os.chdir(here)
        error = result.exception
        if error is not None and not isinstance(error, SystemExit):
            raise AssertionError("".join(traceback.format_exception(error))) from error
        return Ran(words, result.exit_code, result.stdout, result.stderr)

    def started(self) -> Project:
        """The project of `journeys init`, with three customers."""
        self.run("init").has("next: journeys check")
        return self.file("data/customers.csv", CUSTOMERS).file("data/purchases.csv", PURCHASES)

    def imported(self) -> Project:
        self.run("import", "customers").has("3 rows")
        self.run("import", "events").has("3 rows")
        return self

    def published(self) -> Project:
        self.run("publish", "--yes", "--as-of", "2026-03-01").has("published 1")
        return self

    def carried_out(self) -> Project:
        self.run("run", "--once", "--as-of", "2026-03-01T12:00").has("handed off 1")
        return self
