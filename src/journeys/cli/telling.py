"""An explanation in words: what was decided about a customer, from which values, and what became of each message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from journeys.catalog.meaning import Constant, Operand
from journeys.catalog.project import Language, Project
from journeys.cli.instants import day, written
from journeys.engine.state import NEVER
from journeys.graph.labels import box_label
from journeys.graph.phrases import Phrases, spaced
from journeys.graph.sentences import condition_sentence

if TYPE_CHECKING:
    from journeys.daemon.explaining import Explained, JourneyExplained, Step
    from journeys.engine.oracle.explain import Why
    from journeys.engine.state import EffectKind
    from journeys.graph.model import Node, RuleGraph
    from journeys.store.outbox import OutboxRow, OutboxState

UNTOLD: frozenset[EffectKind] = frozenset({"visited", "waiting", "moved on"})
"""Decisions that are told only where a condition decided."""

_BLOCKED = {
    "limit": ("a message limit", "达到消息上限"),
    "consent": ("no consent on this channel", "该渠道没有同意"),
    "suppressed": ("suppressed on this channel", "该渠道已禁止发送"),
    "unreachable": ("no address", "没有地址"),
    "condition": ("`only if` does not hold any more", "不再满足 `仅当`"),
}
_LIMITS = {"journey": ("of the journey", "旅程"), "project": ("of the project", "项目")}
_ENDED = {
    "finished": ("left at the end", "走完旅程"),
    "exit": ("left at a step `exit`", "在步骤“退出”离开"),
    "exit when": ("left: `exit when` came true", "离开：满足退出条件"),
    "limit": ("left: a message limit", "离开：达到消息上限"),
    "on past": ("left: the moment to wait for had passed", "离开：要等的时刻已过"),
    "holdout": ("left: held out, for comparison", "离开：对照组"),
    "stopped": ("left: the journey was stopped", "离开：旅程已停止"),
}
_REFUSED = {
    "closed": ("closed: a later version takes people", "已关闭：由更新的版本接收客户"),
    "live": ("inside already", "已在其中"),
    "once": ("re-entry: only once", "再次进入：只限一次"),
    "period": ("re-entry: not before {until}", "再次进入：最早 {until}"),
    "only if": ("`only if` does not hold", "不满足 `仅当`"),
    "no key": ("the event lacks its key", "事件缺少区分的属性"),
}
_FATES: dict[OutboxState, tuple[str, str]] = {
    "pending": ("waits to be handed off", "等待交付"),
    "claimed": ("is being handed off", "正在交付"),
    "handing_off": ("is being handed off", "正在交付"),
    "accepted": ("accepted by the channel at {at}", "渠道已接收，{at}"),
    "refused": ("refused by the channel", "被渠道拒绝"),
    "unknown": ("nobody knows whether it arrived", "不知道是否送达"),
    "suppressed": ("not handed off", "未交付"),
    "expired": ("not handed off", "未交付"),
    "dead": ("given up", "已放弃"),
    "cancelled": ("taken back", "已撤回"),
}
_REASONS = {
    "consent": ("consent was withdrawn", "同意已撤回"),
    "suppressed": ("suppressed on this channel", "该渠道已禁止发送"),
    "unreachable": ("no address", "没有地址"),
    "too old": ("too old", "太旧"),
    "exit when": ("`exit when` came true", "满足退出条件"),
    "quiet hours": ("quiet hours", "免打扰时段"),
    "the worker fell silent": ("the daemon died meanwhile", "后台程序中途停止"),
}
_REACHES = {
    "consent": ("no consent", "没有同意"),
    "suppressed": ("suppressed", "已禁止发送"),
    "unreachable": ("no address", "没有地址"),
}


def is_address(name: str, value: object, project: Project) -> bool:
    """Whether a value is one that a channel writes to; these are not told."""
    return any(channel.address == name for channel in project.channels.values()) or "@" in str(value)


class Teller:
    """Tells an explanation, line by line, in English or Chinese."""

    def __init__(self, language: Language, project: Project, explained: Explained) -> None:
        self.language = language
        self.project = project
        self.explained = explained
        self.say = Phrases(language, project)

    def lines(self) -> Iterator[str]:
        """The whole explanation."""
        one = self.explained
        at = self._at(one.at)
        yield self.say(f"customer {one.customer} at {at} ({one.zone})", f"客户 {one.customer}，{at}（{one.zone}）")
        for journey in one.journeys:
            yield ""
            yield from self._journey(journey)

    def _at(self, instant: int) -> str:
        return written(instant, self.explained.zone)

    def _journey(self, journey: JourneyExplained) -> Iterator[str]:
        name = f"{self.say.name('journey', journey.graph.name)} v{journey.graph.version}"
        standing = {
            "never entered": ("never entered", "从未进入"),
            "live": ("inside now", "正在其中"),
            "ended": ("has been inside", "曾经进入"),
        }[journey.stands.standing]
        yield self.say(f"{name}: {standing[0]}", f"{name}：{standing[1]}")
        for step in journey.steps:
            text = self._step(journey.graph, step)
            if text:
                yield f"  {self._at(step.decision.at)}  {spaced(text) if self.language == 'zh' else text}"
                yield from self._why(step.why, "      ")
        yield from self._now(journey)

    # -- what was decided

    def _step(self, graph: RuleGraph, step: Step) -> str:
        one, say = step.decision, self.say
        if one.kind in UNTOLD and step.why is None:
            return ""
        what = self._node(graph, one.node) if one.node else ""
        tag = say.name("tag", one.detail)
        match one.kind:
            case "entered" if one.reason == "holdout":
                return say("entered, but is held out: receives nothing", "进入，但属于对照组：不会收到任何消息")
            case "entered":
                return say("entered", "进入")
            case "sent":
                channel = say.name("channel", one.detail)
                message = say.name("message", step.row.message) if step.row is not None else one.node
                fate = self._fate(step.row) if step.row is not None else ""
                return say(f"sent {message} by {channel}{fate}", f"通过{channel}发送 {message}{fate}")
            case "held":
                why = say.pair(("quiet hours", "免打扰时段") if one.detail == "quiet" else _BLOCKED["limit"])
                until = self._at(int(one.value))
                return say(f"{what}: held until {until}, {why}", f"{what}：推迟到 {until}，{why}")
            case "blocked":
                whose = say.pair(_LIMITS[one.detail]) if one.detail in _LIMITS else say.name("channel", one.detail)
                whose = say(f" ({whose})", f"（{whose}）") if one.detail else ""
                return say(f"{what}: not sent, ", f"{what}：未发送，") + say.pair(_BLOCKED[one.reason]) + whose
            case "visited":
                return self._answer(step.why)
            case "moved on":
                return say(f"{what}: went on", f"{what}：继续")
            case "timed out":
                return say(f"{what}: timed out", f"{what}：超时")
            case "goal":
                return say("reached the goal", "达成目标")
            case "ended":
                return say.pair(_ENDED[one.reason])
            case "tagged":
                return say(f"tagged {tag}", f"打上标签 {tag}") + self._end_of_tag(one.value)
            case "untagged":
                return say(f"untagged {tag}", f"取消标签 {tag}")
            case "set":
                value = self._attribute(one.detail, one.value)
                field = say.name("attribute", one.detail)
                return say(f"{field} set to {value}", f"{field}设为 {value}")
            case _:
                return what

    def _node(self, graph: RuleGraph, node_id: str) -> str:
        """A step in a few words."""
        node: Node = graph.node(node_id)
        say = self.say
        match node.kind:
            case "send":
                return say("send ", "发送 ") + say.name("message", node.message)
            case "task":
                return say(f"task {node.name} for ", f"任务 {node.name}，交给 ") + say.name("role", node.role)
            case "notify":
                return say("notice for ", "通知 ") + say.name("role", node.role)
            case "wait until":
                return say("wait until ", "等到") + say.condition(node.condition)
            case _:
                return box_label(node, self.language, self.project.currency).headline

    def _answer(self, why: Why | None) -> str:
        holds = why is not None and why.holds
        return self.say(f"asked: {'yes' if holds else 'no'}", f"判断：{'是' if holds else '否'}")

    def _end_of_tag(self, value: Any) -> str:
        if int(value) == NEVER:
            return ""
        return self.say(f" until {self._at(int(value))}", f"，直到 {self._at(int(value))}")

    def _fate(self, row: OutboxRow) -> str:
        """What became of a message that was decided."""
        at = self._at(row.handed_off_at) if row.handed_off_at is not None else ""
        fate = self.say.pair(_FATES[row.state]).format(at=at)
        reason = self.say.pair(_REASONS[row.reason]) if row.reason in _REASONS else row.reason
        told = "" if row.state == "accepted" or not reason else self.say(": ", "：") + reason
        if row.state == "pending" and row.not_before > self.explained.at:
            told += self.say(f" until {self._at(row.not_before)}", f"，直到 {self._at(row.not_before)}")
        return f" → {fate}{told}"

    # -- conditions

    def _why(self, why: Why | None, indent: str) -> Iterator[str]:
        if why is None:
            return
        sentence = condition_sentence(why.condition, self.language, self.project)
        details = list(self._details(why))
        if why.changes_at is not None and not why.parts and why.changes_at not in why.detail.values():
            at = self._at(why.changes_at)
            details.append(self.say(f"changes at {at}", f"将于 {at} 改变"))
        comma = self.say(", ", "，")
        yield f"{indent}{'✓' if why.holds else '✗'} {sentence}" + (f"  [{comma.join(details)}]" if details else "")
        for part in why.parts:
            yield from self._why(part, indent + "  ")

    def _details(self, why: Why) -> Iterator[str]:
        """What a condition was decided from."""
        say = self.say
        operand: Operand | None = getattr(why.condition, "operand", None)
        for name, value in why.detail.items():
            if operand is not None:
                told = say("known", "已知") if is_address(name, value, self.project) else self._value(operand, value)
                yield f"{say.field(operand)} {told if value is not None else say('is missing', '缺失')}"
            elif name == "last_activity":
                yield say("last activity ", "最近活跃 ") + self._instant(value)
            elif name == "silent_from" and value is not None:
                silent = int(value) <= self.explained.at
                yield say("silent enough since " if silent else "silent enough from ", "静默满期 ") + self._instant(
                    value
                )
            elif name == "amount":
                yield say(f"so far {self._amount(why, value)}", f"目前 {self._amount(why, value)}")
            elif name in ("last_counted", "goal_at") and value is not None:
                yield say("last at ", "最近一次 ") + self._instant(value)
            elif name == "ends_at" and value is not None and value != NEVER:
                yield say("the tag ends at ", "标签到期 ") + self._instant(value)
            elif name == "reason" and value:
                yield say.pair(_REACHES[str(value)])

    def _instant(self, value: Any) -> str:
        return self.say("never", "从未") if value is None else self._at(int(value))

    def _amount(self, why: Why, value: Any) -> str:
        spent = any(counted.measure is not None for counted in getattr(why.condition, "counted", ()))
        return self.say.money(value) if spent else f"{value:g}"

    def _attribute(self, name: str, value: Any) -> str:
        found = self.project.catalog.attribute(name)
        from journeys.catalog.meaning import Attribute

        return self._value(Attribute(name=name, type=found.entry.type if found is not None else "text"), value)

    def _value(self, operand: Operand, value: Any) -> str:
        """A value of a field, as people write it; moments in the customer's zone."""
        if value is None:
            return ""
        if operand.type == "moment":
            return self._at(int(value))
        if operand.type == "date":
            return day(int(value))
        if operand.type == "money":
            return self.say.money(value)
        plain = bool(value) if operand.type == "boolean" else value
        return self.say.value(Constant(type=operand.type, value=plain), operand)

    # -- how things stand

    def _now(self, journey: JourneyExplained) -> Iterator[str]:
        stands, say = journey.stands, self.say
        if stands.standing == "live" and stands.run is not None:
            where = self._node(journey.graph, stands.run.node)
            until = say(f", until {self._at(stands.run.due)}", f"，直到 {self._at(stands.run.due)}")
            yield say(f"  now: {where}", f"  现在：{where}") + (until if stands.run.due != NEVER else "")
            return
        if stands.start is not None:
            yield say("  now, what starts it:", "  现在，开始的条件：")
            yield from self._why(stands.start, "      ")
        if stands.starts_at is not None:
            at = self._at(stands.starts_at)
            yield say(f"  starts next at {at}", f"  下一次开始：{at}")
        if stands.guard is not None:
            yield say("  only if:", "  仅当：")
            yield from self._why(stands.guard, "      ")
        if stands.verdict.refused_by:
            until = self._at(stands.verdict.until) if stands.verdict.until != NEVER else ""
            reason = say.pair(_REFUSED[stands.verdict.refused_by]).format(until=until)
            yield say(f"  would not be let in now: {reason}", f"  现在不能进入：{reason}")
