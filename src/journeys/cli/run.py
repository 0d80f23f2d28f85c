"""`journeys run`: the daemon."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from journeys.cli.instants import instant, length, written
from journeys.cli.workspace import Problem, Session, verb
from journeys.diagnostics.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journeys.channels.contract import Channel
    from journeys.daemon.daemon import Tick


@click.command("run", short_help="carry published journeys out")
@click.option("--once", is_flag=True, help="One tick, then end.")
@click.option("--every", default="5s", show_default=True, metavar="TIME", help="How often to look (5s, 1min, 1h).")
@click.option("--as-of", "as_of", metavar="INSTANT", help="A virtual clock that starts here, for demos and tests.")
@click.option("--until", metavar="INSTANT", help="With --as-of: go on in steps of --every up to here, then end.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each tick that did something.")
@verb
def command(session: Session, once: bool, every: str, as_of: str | None, until: str | None, as_json: bool) -> None:
    """Carry published journeys out: look who is due, decide, hand messages off; until it is told to stop.

    A kill at any point loses nothing and sends nothing twice; start it again.
    """
    if until and not as_of:
        raise click.UsageError("--until needs --as-of")
    from journeys.daemon.clock import SystemClock, VirtualClock
    from journeys.daemon.daemon import ClockWentBack, Daemon
    from journeys.daemon.heartbeat import beat
    from journeys.daemon.lock import AnotherDaemon, sole_daemon

    project = session.project
    channels = open_channels(session)
    store = session.open_store()
    daemon = Daemon(store, project, channels)
    step = _seconds(every)
    total: Counter[str] = Counter()
    try:
        with sole_daemon(store):
            if as_of:
                start = instant(as_of, project.zone, "--as-of")
                end = instant(until, project.zone, "--until") if until and not once else start
                clock = VirtualClock(start)
                daemon.take_over(start)
                while clock.now() <= end:
                    _tell(session, daemon.tick(clock.now()), as_json, total)
                    clock.at += step
            else:
                system = SystemClock()
                daemon.take_over(system.now())
                if once:
                    _tell(session, daemon.tick(system.now()), as_json, total)
                else:
                    beat(lambda: _tell(session, daemon.tick(system.now()), as_json, total), step / 1_000_000)
    except AnotherDaemon as other:
        session.fail("J607", other.path)
    except ClockWentBack as back:
        zone = project.zone
        session.fail("J608", store.name, now=written(back.now, zone), highest=written(back.highest, zone))
    if not as_json:
        click.echo(_summary(session, total))


def _seconds(text: str) -> int:
    if text.endswith("s") and text[:-1].isdigit():
        return max(1, int(text[:-1])) * 1_000_000
    return length(text, "--every")


def open_channels(session: Session) -> Mapping[str, Channel]:
    """The project's channels, ready to deliver; paths in their settings are relative to the project."""
    from journeys.catalog.load import FILE
    from journeys.catalog.places import Places
    from journeys.channels.settings import open_channel

    project = session.project
    path = session.folder / FILE
    text = path.read_text("utf-8-sig") if path.is_file() else ""
    places = Places(text, str(path))
    opened: dict[str, Channel] = {}
    mistakes: list[Diagnostic] = []
    for name, channel in project.channels.items():
        settings = dict(channel.settings)
        if isinstance(settings.get("path"), str):
            settings["path"] = str(session.folder / settings["path"])
        found = open_channel(channel.kind, settings, os.environ)
        if isinstance(found, tuple):
            for mistake in found:
                keys = ("channels", name, *mistake.setting.split(".")) if mistake.setting else ("channels", name)
                mistakes.append(Diagnostic(mistake.code, places.span(places.nearest(keys)), mistake.facts))
        else:
            opened[name] = found
    if mistakes:
        raise Problem(mistakes, {str(path): text})
    return opened


def _tell(session: Session, tick: Tick, as_json: bool, total: Counter[str]) -> None:
    done = Counter({**tick.walked.decided, **{f"handed off: {state}": n for state, n in tick.handed_off.items()}})
    total.update(done)
    if as_json and not tick.idle:
        click.echo(json.dumps({"at": tick.at, "customers": tick.walked.customers, **done}))
        sys.stdout.flush()
    elif not as_json and done["sent"]:
        at = written(tick.at, session.project.zone)
        said = {
            "en": f"{at}  {done['entered']:>5} entered  {done['sent']:>5} messages  {done['ended']:>5} ended",
            "zh": f"{at}  进入 {done['entered']:>5}  消息 {done['sent']:>5}  结束 {done['ended']:>5}",
        }
        click.echo(said[session.language])


def _summary(session: Session, total: Counter[str]) -> str:
    accepted = total["handed off: accepted"]
    said = {
        "en": f"entered {total['entered']:,}, messages decided {total['sent']:,}, handed off {accepted:,}",
        "zh": f"进入 {total['entered']:,}，决定发送 {total['sent']:,}，已交付 {accepted:,}",
    }
    return said[session.language]
