"""`journeys run`: the daemon."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING

import click

from journeys.cli.instants import instant, interval, written
from journeys.cli.workspace import Problem, Session, file_text, verb
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journeys.channels.contract import Channel
    from journeys.daemon.daemon import ClockWentBack, Daemon, Tick


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
    if until and (once or not as_of):
        raise click.UsageError("--until needs --as-of, and no --once")
    from journeys.daemon.daemon import ClockWentBack, Daemon
    from journeys.daemon.lock import AnotherDaemon, sole_daemon

    zone = session.project.zone
    step = interval(every, "--every")
    start = instant(as_of, zone, "--as-of") if as_of else None
    end = instant(until, zone, "--until") if until else start
    channels = open_channels(session)
    store = session.open_store()
    daemon = Daemon(store, session.project, channels)
    log = Log(session, as_json)
    try:
        with sole_daemon(store):
            if start is not None and end is not None:
                _on_virtual_clock(daemon, start, end, step, log)
            elif once:
                _once(daemon, log)
            else:
                _as_service(session, daemon, step, log)
    except AnotherDaemon as other:
        session.fail("J607", other.path)
    except ClockWentBack as back:
        raise Problem([_clock_went_back(session, back)]) from back
    log.close()


def _on_virtual_clock(daemon: Daemon, start: int, end: int, step: int, log: Log) -> None:
    daemon.take_over(start)
    for now in range(start, end + 1, step):
        log.tell(daemon.tick(now))


def _once(daemon: Daemon, log: Log) -> None:
    from journeys.daemon.clock import SystemClock

    now = SystemClock().now()
    daemon.take_over(now)
    log.tell(daemon.tick(now))


def _as_service(session: Session, daemon: Daemon, step: int, log: Log) -> None:
    from journeys.daemon.clock import SystemClock
    from journeys.daemon.daemon import ClockWentBack
    from journeys.daemon.heartbeat import beat
    from journeys.daemon.service import Hindrance, Service

    def tell(hindrance: Hindrance) -> None:
        if isinstance(hindrance, ClockWentBack):
            session.tell([_clock_went_back(session, hindrance)], {})
        else:
            session.tell([hindrance.diagnostic], {})

    service = Service(daemon, SystemClock(), tell)

    def tick() -> None:
        done = service.tick()
        if done is not None:
            log.tell(done)

    log.begin(step)
    beat(tick, step / 1_000_000)


def _clock_went_back(session: Session, back: ClockWentBack) -> Diagnostic:
    zone = session.project.zone
    told = {"now": written(back.now, zone), "highest": written(back.highest, zone)}
    return Diagnostic("J608", Span(session.store_path, 0, 0), told)


class Log:
    """Tells what ticks did, a line each, and at the end in all; `as_json` for programs."""

    def __init__(self, session: Session, as_json: bool) -> None:
        self.session = session
        self.as_json = as_json
        self.total: Counter[str] = Counter()

    def begin(self, step: int) -> None:
        """What whoever started a service sees."""
        if not self.as_json:
            seconds = f"{step / 1_000_000:g}"
            self.session.say(
                f"looking every {seconds} s who is due; Ctrl-C ends it", f"每 {seconds} 秒检查一次；Ctrl-C 结束"
            )

    def tell(self, tick: Tick) -> None:
        """One tick; nothing where it did nothing."""
        handed_off = {f"handed off: {state}": count for state, count in tick.handed_off.items()}
        done = Counter({**tick.walked.decided, **handed_off})
        self.total.update(done)
        if self.as_json and not tick.idle:
            click.echo(json.dumps({"at": tick.at, "customers": tick.walked.customers, **done}))
        elif not self.as_json and done["entered"] + done["sent"] + done["ended"] + sum(handed_off.values()):
            at = written(tick.at, self.session.project.zone)
            entered, ended = f"{done['entered']:>5,}", f"{done['ended']:>5,}"
            sent, accepted = f"{done['sent']:>5,}", f"{done['handed off: accepted']:>5,}"
            self.session.say(
                f"{at}  {entered} entered  {ended} ended  {sent} messages  {accepted} handed off",
                f"{at}  进入 {entered}  结束 {ended}  消息 {sent}  已交付 {accepted}",
            )

    def close(self) -> None:
        """The sum of it all."""
        if not self.as_json:
            entered, sent = self.total["entered"], self.total["sent"]
            accepted = self.total["handed off: accepted"]
            self.session.say(
                f"entered {entered:,}, messages decided {sent:,}, handed off {accepted:,}",
                f"进入 {entered:,}，决定发送 {sent:,}，已交付 {accepted:,}",
            )


def open_channels(session: Session) -> Mapping[str, Channel]:
    """The project's channels, ready to deliver; paths in their settings are relative to the project."""
    from journeys.catalog.load import FILE
    from journeys.catalog.places import Places
    from journeys.channels.settings import open_channel

    project = session.project
    path = session.folder / FILE
    text = file_text(path)
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
