"""`journeys import`: bring customers and events into the store."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from journeys.cli.workspace import Problem, Session, file_text, verb
from journeys.diagnostics.render import render

if TYPE_CHECKING:
    from journeys.catalog.project import DataTable
    from journeys.ingest.importing import Imported, Progress

SKIP_BAD = click.option("--skip-bad", is_flag=True, help="Import the good rows of a file with broken ones.")
JSON = click.option("--json", "as_json", is_flag=True, help="Say what was imported as JSON.")
FILE = click.argument("file", required=False, type=click.Path(path_type=Path))


@click.group("import", short_help="bring customers and events into the store")
def command() -> None:
    """Bring customers and events into the store.

    The file journeys.toml says under [data] which column means what; without FILE all files named there are imported.
    A file with a broken row changes nothing; the same file twice changes nothing.
    """


@command.command("customers")
@FILE
@click.option("--id", "id_column", help="The column of the customer's id, for a FILE that journeys.toml does not name.")
@SKIP_BAD
@JSON
@verb
def customers(session: Session, file: Path | None, id_column: str | None, skip_bad: bool, as_json: bool) -> None:
    """Import a CSV file with a row per customer."""
    from journeys.daemon.clock import SystemClock
    from journeys.ingest.importing import import_customers
    from journeys.ingest.mapping import customer_mapping, file_of

    coming = []
    for table in _tables(session, session.project.data.customers, file, {"id": id_column}):
        mapping, mistakes = customer_mapping(table, session.project)
        if mapping is None:
            raise Problem(mistakes, _project_text(session))
        coming.append((_existing(session, file or file_of(table, session.project)), mapping))
    store = session.open_store(create=True)
    for path, mapping in coming:
        progress = _progress(path, as_json)
        done = import_customers(store, path, mapping, SystemClock().now(), skip_bad, progress, session.language)
        _report(session, done, as_json, values=(" values", "值"))


@command.command("events")
@FILE
@click.option("--event", "name", help="Only events of this name.")
@click.option("--id", "id_column", help="The column of the customer's id, for a FILE that journeys.toml does not name.")
@click.option("--at", "at_column", help="The column of the instant, for a FILE that journeys.toml does not name.")
@SKIP_BAD
@JSON
@verb
def events(
    session: Session,
    file: Path | None,
    name: str | None,
    id_column: str | None,
    at_column: str | None,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Import a CSV file with a row per event."""
    from journeys.daemon.clock import SystemClock
    from journeys.ingest.importing import import_events
    from journeys.ingest.mapping import event_mapping, file_of

    named = session.project.data.events
    chosen = [name] if name else list(named)
    found: list[tuple[str, DataTable]] = []
    for event in chosen:
        declared = [table for table in named.get(event, ()) if file is None or _is(session, table, file)]
        found += [(event, table) for table in declared]
    if not found:
        if name is None:
            session.fail("J609", file or session.folder)
        extra = {"id": id_column, "at": at_column}
        found = [(name, table) for table in _tables(session, (), file, extra)]
    coming = []
    for event, table in found:
        mapping, mistakes = event_mapping(event, table, session.project)
        if mapping is None:
            raise Problem(mistakes, _project_text(session))
        coming.append((_existing(session, file or file_of(table, session.project)), mapping))
    store = session.open_store(create=True)
    for path, mapping in coming:
        progress = _progress(path, as_json)
        done = import_events(store, path, mapping, SystemClock().now(), skip_bad, progress, session.language)
        _report(session, done, as_json)


def _is(session: Session, table: DataTable, file: Path) -> bool:
    return (session.project.folder / table.path).resolve() == file.resolve()


def _tables(
    session: Session, declared: Sequence[DataTable], file: Path | None, extra: dict[str, str | None]
) -> Sequence[DataTable]:
    """The declared tables, the one of the file, or one made of the options."""
    from journeys.catalog.project import DataTable

    if file is None:
        if not declared:
            session.fail("J609", session.folder)
        return declared
    found = [table for table in declared if _is(session, table, file)]
    if found:
        return found
    if not extra["id"]:
        if len(declared) == 1:
            return declared  # the same kind of file from elsewhere
        session.fail("J609", file)
    return [DataTable(path=str(file), **{key: value for key, value in extra.items() if value})]


def _existing(session: Session, path: Path) -> Path:
    """Said before a store is made for it."""
    if not path.is_file():
        session.fail("J470", path, reason=os.strerror(errno.EISDIR if path.is_dir() else errno.ENOENT))
    return path


def _project_text(session: Session) -> dict[str, str]:
    from journeys.catalog.load import FILE as PROJECT_FILE

    path = session.folder / PROJECT_FILE
    return {str(path): file_text(path)}


def _progress(path: Path, as_json: bool) -> Progress | None:
    """Progress on a terminal, where somebody watches."""
    if as_json or not sys.stderr.isatty():
        return None

    def show(rows: int, done: int, total: int) -> None:
        share = done / total if total else 1.0
        click.echo(f"\r{path.name}  {share:4.0%}  {rows:,} rows", err=True, nl=share >= 1.0)

    return show


def _report(session: Session, done: Imported, as_json: bool, values: tuple[str, str] = ("", "")) -> None:
    if done.diagnostics:
        click.echo(render(done.diagnostics, done.sources, "full", session.language), err=True)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "file": str(done.path),
                    "imported": done.imported,
                    "rows": done.rows,
                    "new": done.applied,
                    "known": done.duplicate,
                    "broken": done.broken,
                    "rejected": str(done.rejected) if done.rejected else None,
                },
                ensure_ascii=False,
            )
        )
    elif done.imported:
        name, rows, new = done.path.name, f"{done.rows:,}", f"{done.applied:,}"
        known, broken = f"{done.duplicate:,}", f"{done.broken:,}"
        session.say(
            f"{name}: {rows} rows, {new} new{values[0]}, {known} known, {broken} broken",
            f"{name}：{rows} 行，新{values[1]} {new}，已有 {known}，坏行 {broken}",
        )
    if not done.imported:
        raise SystemExit(1)
