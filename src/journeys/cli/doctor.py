"""`journeys doctor`: look for what is wrong with an installation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from journeys.cli.workspace import Problem, Session, verb

if TYPE_CHECKING:
    from journeys.daemon.checks import Finding


@click.command("doctor", short_help="look for what is wrong with an installation")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@verb
def command(session: Session, as_json: bool) -> None:
    """Look at this machine, the project, its channels and its store. Exit code 1 when something is broken."""
    findings = []
    for finding in _look(session):
        findings.append(finding)
        if not as_json:
            sign = {"ok": "✓", "warning": "!", "error": "✗"}[finding.state]
            click.echo(f"{sign} {finding.name:<12} {finding.detail}")
            if finding.help:
                click.echo(f"  {'':<12} {finding.help}")
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    if any(finding.state == "error" for finding in findings):
        raise SystemExit(1)


def _look(session: Session) -> Iterator[Finding]:
    from journeys.cli.run import open_channels
    from journeys.daemon.checks import Finding, look_at_machine, look_at_store
    from journeys.daemon.clock import SystemClock
    from journeys.store.problem import StoreProblem

    yield from look_at_machine()
    try:
        project = session.project
        yield Finding("ok", "project", f"{project.name}, {project.zone}, {project.currency}")
        yield Finding("ok", "channels", ", ".join(open_channels(session)))
    except Problem as problem:
        session.tell(problem.diagnostics, problem.sources)
        yield Finding("error", "project", "journeys.toml has mistakes", "mend what is shown above")
        return
    try:
        store = session.open_store()
    except StoreProblem as problem:
        session.tell([problem.diagnostic], {})
        missing = problem.code == "J461"
        yield Finding("warning" if missing else "error", "store", "not there yet" if missing else "cannot be opened")
        return
    yield from look_at_store(store, SystemClock().now())
