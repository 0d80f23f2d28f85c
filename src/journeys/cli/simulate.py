"""`journeys simulate`: see what journeys would have done."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from journeys.cli.instants import instant
from journeys.cli.workspace import FILES, Session, verb


@click.command("simulate", short_help="see what journeys would have done")
@FILES
@click.option("--from", "start_text", required=True, metavar="DAY", help="The day the journeys are published.")
@click.option("--to", "end_text", required=True, metavar="DAY", help="The instant up to which they run.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
@click.option("--sends", is_flag=True, help="With --json: every message, one by one.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the JSON to this file, and the table as usual.")
@verb
def command(
    session: Session,
    files: tuple[Path, ...],
    start_text: str,
    end_text: str,
    as_json: bool,
    sends: bool,
    output: Path | None,
) -> None:
    """Replay the store's history from one day to another with the journeys of FILES, or all of the project.

    Says who would have entered, got what and when, been blocked and why, and reached the goal. Writes nothing to the
    store and sends nothing.
    """
    from journeys.engine.policy import policy_of
    from journeys.engine.program import compile_program
    from journeys.simulate.replay import replay
    from journeys.simulate.report import render_replay
    from journeys.store.history import load_history

    zone = session.project.zone
    start, until = instant(start_text, zone, "--from"), instant(end_text, zone, "--to")
    if until < start:
        raise click.BadParameter("it lies before --from", param_hint="--to")
    found = session.sound_journeys(files)
    policy = policy_of(session.project)
    read = compile_program(found.graphs, policy).properties
    store = session.open_store()
    with store.reading() as conn:
        history = load_history(conn, None, until, properties_named=read).history
    if not len(history):
        session.fail("J613", store.name)
    told = replay(
        found.graphs, policy, history, start=start, until=until, progress=_progress(as_json), keep_sends=sends
    )
    text = json.dumps(told.to_json(), ensure_ascii=False)
    if output is not None:
        output.write_text(text + "\n", "utf-8")
    if as_json:
        click.echo(text)
    else:
        width = min(shutil.get_terminal_size((100, 40)).columns, 100)
        click.echo(render_replay(told, found.graphs, session.language, width))


def _progress(as_json: bool) -> Callable[[int, int], None] | None:
    """People done and the time still to go, on a terminal where somebody watches."""
    if as_json or not sys.stderr.isatty():
        return None
    begun = time.monotonic()

    def show(done: int, people: int) -> None:
        spent = time.monotonic() - begun
        left = spent / done * (people - done) if done else 0.0
        click.echo(f"\r{done:,} of {people:,} people, {left:.0f} s to go   ", err=True, nl=done == people)

    return show
