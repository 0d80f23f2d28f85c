"""`journeys explain`: why somebody got a message, or did not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from journeys.cli.instants import instant, written
from journeys.cli.workspace import Session, verb

if TYPE_CHECKING:
    from journeys.daemon.explaining import Explained, JourneyExplained, Step
    from journeys.engine.oracle.explain import Why

QUIET_KINDS = frozenset({"visited", "waiting", "moved on"})
"""Decisions that are told only where a condition decided."""


@click.command("explain", short_help="why somebody got a message, or did not")
@click.argument("customer")
@click.option("--journey", "name", help="Only the journey of this name.")
@click.option("--at", "at_text", metavar="INSTANT", help="As it was then; by default where the daemon stands.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@verb
def command(session: Session, customer: str, name: str | None, at_text: str | None, as_json: bool) -> None:
    """Explain what journeys decided about CUSTOMER: each condition with its value and instant.

    Also for somebody who never entered: what is missing, and when time alone would change it.
    """
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
        click.echo(json.dumps(_as_json(explained), ensure_ascii=False))
    else:
        click.echo("\n".join(Teller(session, explained).lines()))


class Teller:
    """Tells an explanation in words."""

    def __init__(self, session: Session, explained: Explained) -> None:
        self.session = session
        self.explained = explained
        self.zh = session.language == "zh"

    def lines(self) -> Iterator[str]:
        """The whole explanation, line by line."""
        one = self.explained
        at = written(one.at, one.zone)
        yield f"客户 {one.customer}，{at}（{one.zone}）" if self.zh else f"customer {one.customer} at {at} ({one.zone})"
        for journey in one.journeys:
            yield ""
            yield from self._journey(journey)

    def _journey(self, journey: JourneyExplained) -> Iterator[str]:
        title = f"{journey.graph.name} v{journey.graph.version}"
        standing = {
            "never entered": ("never entered", "从未进入"),
            "live": ("inside now", "正在其中"),
            "ended": ("has been inside", "曾经进入"),
        }[journey.stands.standing][self.zh]
        yield f"{title}: {standing}" if not self.zh else f"{title}：{standing}"
        for step in journey.steps:
            text = self._step(step)
            if text:
                yield f"  {written(step.decision.at, self.explained.zone)}  {text}"
                yield from self._why(step.why, "      ")
        yield from self._now(journey)

    def _step(self, step: Step) -> str:
        one = step.decision
        if one.kind in QUIET_KINDS and step.why is None:
            return ""
        words = {
            "entered": ("entered", "进入"),
            "sent": (f"sent {one.node.removeprefix('send ')} by {one.detail}", f"{one.node} → {one.detail}"),
            "held": (f"{one.node}: held, {one.detail}", f"{one.node}：暂缓，{one.detail}"),
            "blocked": (f"{one.node}: not sent, {one.reason}", f"{one.node}：未发送，{one.reason}"),
            "visited": (f"{one.node}: {self._yes(step.why)}", f"{one.node}：{self._yes(step.why)}"),
            "moved on": (f"{one.node}: went on", f"{one.node}：继续"),
            "timed out": (f"{one.node}: timed out", f"{one.node}：超时"),
            "goal": ("goal reached", "达成目标"),
            "ended": (f"ended: {one.reason}", f"结束：{one.reason}"),
            "tagged": (f"tagged {one.detail}", f"标记 {one.detail}"),
            "untagged": (f"untagged {one.detail}", f"取消标记 {one.detail}"),
            "set": (f"set {one.detail} to {one.value}", f"设置 {one.detail} 到 {one.value}"),
            "task": (one.node, one.node),
            "notice": (one.node, one.node),
        }
        text = words[one.kind][self.zh]
        if one.kind == "entered" and one.reason == "holdout":
            text += "（对照组：不会收到任何消息）" if self.zh else " (held out: receives nothing)"
        if one.kind == "held":
            until = written(int(one.value), self.explained.zone)
            text += f" 直到 {until}" if self.zh else f" until {until}"
        if one.kind == "blocked" and one.detail:
            text += f" ({one.detail})"
        if step.row is not None and one.kind == "sent":
            text += f" → {step.row.state}" + (f" ({step.row.reason})" if step.row.reason else "")
        return text

    def _yes(self, why: Why | None) -> str:
        holds = why is not None and why.holds
        return ("是" if holds else "否") if self.zh else ("yes" if holds else "no")

    def _why(self, why: Why | None, indent: str) -> Iterator[str]:
        from journeys.graph.sentences import condition_sentence

        if why is None:
            return
        sentence = condition_sentence(why.condition, self.session.language, self.session.project)
        details = ", ".join(f"{name} {self._value(name, value)}" for name, value in why.detail.items())
        changes = ""
        if why.changes_at is not None and not why.parts:
            at = written(why.changes_at, self.explained.zone)
            changes = f"；{at} 会改变" if self.zh else f"; changes at {at}"
        mark = "✓" if why.holds else "✗"
        yield f"{indent}{mark} {sentence}" + (f"  [{details}{changes}]" if details or changes else "")
        for part in why.parts:
            yield from self._why(part, indent + "  ")

    def _value(self, name: str, value: Any) -> str:
        if value is None:
            return "没有" if self.zh else "missing"
        if name in ("last_activity", "silent_from", "last_counted", "ends_at", "goal_at", "last_seen"):
            return written(int(value), self.explained.zone) if abs(int(value)) < 1 << 60 else "-"
        return f"{value:g}" if isinstance(value, float) else str(value)

    def _now(self, journey: JourneyExplained) -> Iterator[str]:
        stands = journey.stands
        if stands.standing == "live":
            node = stands.run.node if stands.run else ""
            yield f"  现在：停在 {node}" if self.zh else f"  now: stands on {node}"
            return
        if stands.start is not None:
            yield "  现在，开始的条件：" if self.zh else "  now, the condition that starts it:"
            yield from self._why(stands.start, "      ")
        if stands.starts_at is not None:
            at = written(stands.starts_at, self.explained.zone)
            yield f"  下一次开始：{at}" if self.zh else f"  starts next at {at}"
        if stands.guard is not None:
            yield "  仅当：" if self.zh else "  only if:"
            yield from self._why(stands.guard, "      ")
        if stands.verdict.refused_by:
            reason = stands.verdict.refused_by
            yield f"  不能再次进入：{reason}" if self.zh else f"  would not be let in now: {reason}"


def _as_json(explained: Explained) -> Mapping[str, Any]:
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
                        "why": _why_json(step.why),
                    }
                    for step in one.steps
                ],
                "start": _why_json(one.stands.start),
                "starts_at": one.stands.starts_at,
                "only_if": _why_json(one.stands.guard),
                "refused_by": one.stands.verdict.refused_by,
            }
            for one in explained.journeys
        ],
    }


def _why_json(why: Why | None) -> Any:
    if why is None:
        return None
    return {
        "condition": why.condition.model_dump(mode="json", exclude_none=True),
        "holds": why.holds,
        "values": dict(why.detail),
        "changes_at": why.changes_at,
        "parts": [_why_json(part) for part in why.parts],
    }
