"""`journeys doctor`: look for what is wrong with an installation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from journeys.cli.workspace import Problem, Session, verb

if TYPE_CHECKING:
    from journeys.daemon.checks import Finding

SIGNS = {"ok": "✓", "warning": "!", "error": "✗"}
CHINESE = {
    "engine": "引擎",
    "project": "项目",
    "channels": "渠道",
    "store": "存储",
    "integrity": "完整性",
    "customers": "客户",
    "journeys": "旅程",
    "runs": "进行中",
    "outbox": "发件箱",
    "clock": "时钟",
}


@click.command("doctor", short_help="look for what is wrong with an installation")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@verb
def command(session: Session, as_json: bool) -> None:
    """Look at this machine, the project, its channels and its store. Exit code 1 when something is broken."""
    findings = []
    for finding in _look(session):
        findings.append(finding)
        if not as_json:
            _tell(session, finding)
    if as_json:
        rows = [
            {
                "name": one.name,
                "state": one.state,
                "detail": session.words(*one.detail),
                "help": session.words(*one.help) if one.help else None,
            }
            for one in findings
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
    if any(finding.state == "error" for finding in findings):
        raise SystemExit(1)


def _tell(session: Session, finding: Finding) -> None:
    name = session.words(finding.name, CHINESE.get(finding.name, finding.name))
    wide = sum(ord(character) > 0xFF for character in name)  # a Chinese character takes two columns
    click.echo(f"{SIGNS[finding.state]} {name:<{12 - wide}} {session.words(*finding.detail)}")
    if finding.help is not None:
        click.echo(f"  {'':<12} {session.words(*finding.help)}")


def _look(session: Session) -> Iterator[Finding]:
    from journeys.cli.run import open_channels
    from journeys.daemon.checks import Finding, Words, look_at_machine, look_at_store, same
    from journeys.daemon.clock import SystemClock
    from journeys.store.problem import MISSING, StoreProblem

    try:
        project = session.project
        channels = Finding("ok", "channels", same(", ".join(open_channels(session))))
    except Problem as problem:
        yield from look_at_machine()
        session.tell(problem.diagnostics, problem.sources)
        wrong = Words("journeys.toml has mistakes", "journeys.toml 有错误")
        yield Finding("error", "project", wrong, Words("mend what is shown above", "请修正上面指出的问题"))
        return
    yield from look_at_machine()
    yield Finding("ok", "project", same(f"{project.name}, {project.zone}, {project.currency}"))
    yield channels
    try:
        store = session.open_store()
    except StoreProblem as problem:
        session.tell([problem.diagnostic], {})
        if problem.code == MISSING:
            yield Finding("warning", "store", Words("not there yet", "尚不存在"))
        else:
            yield Finding("error", "store", Words("cannot be opened", "无法打开"))
        return
    yield from look_at_store(store, SystemClock().now())
