"""`journeys publish`: make journeys versions that run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from journeys.cli.instants import instant
from journeys.cli.workspace import FILES, Session, verb

if TYPE_CHECKING:
    from journeys.daemon.publishing import Planned


@click.command("publish", short_help="make journeys versions that run")
@FILES
@click.option("--as-of", "as_of", metavar="INSTANT", help="Publish at this instant instead of now.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Say what was published as JSON.")
@verb
def command(session: Session, files: tuple[Path, ...], as_of: str | None, yes: bool, as_json: bool) -> None:
    """Publish the journeys of FILES, or all of the project, for the daemon to carry out.

    Says first how many people would enter each at once, because its start already holds for them.
    """
    from journeys.daemon.clock import SystemClock, VirtualClock
    from journeys.daemon.publishing import plan, publish
    from journeys.engine.policy import policy_of

    found = session.sound_journeys(files)
    todo = [graph for graph in found.graphs if graph.todos]
    if todo:
        session.fail("J605", todo[0].source.path if todo[0].source else session.folder, todo=todo[0].todos[0])
    clock = VirtualClock(instant(as_of, session.project.zone, "--as-of")) if as_of else SystemClock()
    store = session.open_store()
    planned = plan(store, found.graphs, policy_of(session.project), clock.now())
    if planned.new and not as_json:
        _tell(session, planned)
    if planned.new and not yes:
        if not sys.stdin.isatty():
            session.fail("J606", session.folder)
        click.confirm(session.words("Publish?", "发布吗？"), abort=True)
    done = publish(store, found.graphs, clock)
    if as_json:
        rows = [{"journey": key.name, "version": key.version, "entering": planned.entering[key]} for key in done.new]
        click.echo(json.dumps({"published": rows, "at": done.at}, ensure_ascii=False))
    else:
        new, unchanged = len(done.new), len(planned.unchanged)
        session.say(f"published {new}, unchanged {unchanged}", f"已发布 {new} 个，未变 {unchanged} 个")


def _tell(session: Session, planned: Planned) -> None:
    for key in planned.new:
        count, people = planned.entering[key], planned.people
        session.say(
            f"{key.name} version {key.version}: {count:,} of {people:,} people enter at once",
            f"{key.name} 版本 {key.version}：{people:,} 人中有 {count:,} 人立即进入",
        )
