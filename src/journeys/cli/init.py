"""`journeys init`: start a project in a folder."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from journeys.catalog.load import FILE
from journeys.cli.workspace import Session, verb


@click.command("init", short_help="start a project in a folder")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@verb
def command(session: Session, folder: Path | None) -> None:
    """Make a small project that works: journeys.toml, one journey with its test, one message."""
    target = folder or session.folder
    if (target / FILE).exists():
        session.fail("J611", target / FILE)
    for source, relative in _starter(files("journeys.cli") / "starter", Path()):
        path = target / relative
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.read_bytes())
            click.echo(str(path))
    where = f" --project {target}" if target != Path() else ""
    session.say(
        f"next: journeys{where} check; journeys{where} test",
        f"下一步：journeys{where} check；journeys{where} test",
    )


def _starter(folder: Traversable, at: Path) -> list[tuple[Traversable, Path]]:
    """The starter's files and where they belong."""
    found: list[tuple[Traversable, Path]] = []
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            found += _starter(entry, at / entry.name)
        elif not entry.name.startswith("__"):
            found.append((entry, at / entry.name))
    return found
