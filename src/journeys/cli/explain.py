"""`journeys explain`: why somebody got a message, or did not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from journeys.cli.instants import instant
from journeys.cli.workspace import Session, verb
from journeys.diagnostics.pages import code_in, page_text
from journeys.diagnostics.wording import codes

if TYPE_CHECKING:
    from journeys.catalog.project import Project
    from journeys.daemon.explaining import Explained
    from journeys.engine.oracle.explain import Why


@click.command("explain", short_help="why somebody got a message, or did not")
@click.argument("customer")
@click.option("--journey", "name", help="Only the journey of this name.")
@click.option("--at", "at_text", metavar="INSTANT", help="As it was then; by default where the daemon stands.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@verb
def command(session: Session, customer: str, name: str | None, at_text: str | None, as_json: bool) -> None:
    """Explain what journeys decided about CUSTOMER: each condition with its value and instant.

    Also for somebody who never entered: what is missing, and when time alone would change it.

    A code such as J104 in place of CUSTOMER prints the page of that mistake.
    """
    code = code_in(customer)
    if code in codes(session.language) and not (name or at_text or as_json):
        from journeys.cli.examples import said

        click.echo(page_text(code, session.language, said))
        return
    from journeys.cli.telling import Teller
    from journeys.daemon.clock import SystemClock
    from journeys.daemon.explaining import explain
    from journeys.store import facts
    from journeys.store import journeys as published

    project = session.project
    store = session.open_store()
    with store.reading() as conn:
        known = sorted({journey.key.name for journey in published.listed(conn)})
        stands = facts.instant(conn, "advanced to")
    if not known:
        session.fail("J612", store.name)
    journey = project.catalog.journey(name) if name else None
    if journey is not None and journey not in known:
        session.fail("J604", store.name, name=name or "", known=", ".join(known))
    at = instant(at_text, project.zone, "--at") if at_text else stands or SystemClock().now()
    explained = explain(store, project, customer, at, journey)
    if explained is None:
        session.fail("J610", store.name, customer=customer)
    if as_json:
        click.echo(json.dumps(_as_json(explained, project), ensure_ascii=False))
    else:
        click.echo("\n".join(Teller(session.language, project, explained).lines()))


def _as_json(explained: Explained, project: Project) -> Mapping[str, Any]:
    return {
        "customer": explained.customer,
        "at": explained.at,
        "zone": explained.zone,
        "journeys": [
            {
                "journey": one.graph.name,
                "version": one.graph.version,
                "standing": one.stands.standing,
                "steps": [
                    {
                        "at": step.decision.at,
                        "kind": step.decision.kind,
                        "run": step.decision.run,
                        "node": step.decision.node,
                        "reason": step.decision.reason,
                        "detail": step.decision.detail,
                        "value": step.decision.value,
                        "handed_off": step.row.state if step.row is not None else None,
                        "why": _why_json(step.why, project),
                    }
                    for step in one.steps
                ],
                "start": _why_json(one.stands.start, project),
                "starts_at": one.stands.starts_at,
                "only_if": _why_json(one.stands.guard, project),
                "refused_by": one.stands.verdict.refused_by,
            }
            for one in explained.journeys
        ],
    }


def _why_json(why: Why | None, project: Project) -> Any:
    from journeys.cli.telling import is_address

    if why is None:
        return None
    return {
        "condition": why.condition.model_dump(mode="json", exclude_none=True),
        "holds": why.holds,
        "values": {name: "known" if is_address(name, value, project) else value for name, value in why.detail.items()},
        "changes_at": why.changes_at,
        "parts": [_why_json(part, project) for part in why.parts],
    }
