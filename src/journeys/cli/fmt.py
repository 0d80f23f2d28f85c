"""`journeys fmt`: write journey files in the one style."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import Literal

import click

from journeys.cli.workspace import FILES, Problem, Session, verb, write_whole
from journeys.language.decoding import decode
from journeys.language.printer import format_text


@click.command("fmt", short_help="write journey files in the one style")
@FILES
@click.option("--check", "only_check", is_flag=True, help="Change nothing; show the difference, exit code 1 if any.")
@click.option("--language", "to", type=click.Choice(["en", "zh"]), help="Translate the keywords too.")
@verb
def command(session: Session, files: tuple[Path, ...], only_check: bool, to: Literal["en", "zh"] | None) -> None:
    """Format FILES, or all journeys of the project; `-` reads standard input and writes standard output.

    A file that cannot be read without error is left as it is.
    """
    if files == (Path("-"),):
        click.echo(_formatted("-", sys.stdin.buffer.read(), to), nl=False)
        return
    from journeys.catalog.journey_files import journey_files

    changed = 0
    for path in files or journey_files(session.project):
        try:
            data = path.read_bytes()
        except OSError as error:
            session.fail("J603", path, reason=error.strerror or "")
        new = _formatted(str(path), data, to)
        old = data.decode("utf-8-sig")
        if new == old:
            continue
        changed += 1
        if only_check:
            lines = difflib.unified_diff(old.splitlines(True), new.splitlines(True), str(path), str(path))
            click.echo("".join(lines), nl=False)
        else:
            write_whole(path, new)
            click.echo(str(path))
    if only_check and changed:
        raise SystemExit(1)


def _formatted(path: str, data: bytes, to: Literal["en", "zh"] | None) -> str:
    text, mistakes = decode(data, path)
    if mistakes:
        raise Problem(mistakes)
    new, mistakes = format_text(text, path, to)
    if new is None:
        raise Problem(mistakes, {path: text})
    return new
