"""The short words that stand in the boxes of a drawing, in English and Chinese.

Mermaid and SVG drawings take every word from here. A label says what a marketer needs to recognise a step at a glance;
telling a journey in full sentences is the business of `sentences`. Nothing is escaped here: that is for the format
drawn in.

    >>> from journeys.catalog.meaning import Duration
    >>> box_label(model.WaitNode(id="wait 3d", duration=Duration(days=3)), "en").text
    'wait 3 days'
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from journeys.catalog import meaning
from journeys.catalog.meaning import Condition, Constant, Duration, Operand
from journeys.catalog.money import major_text
from journeys.graph import model
from journeys.graph.model import Node, RuleGraph, Start

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class BoxLabel:
    """What a box says: a verb, what it acts on, and smaller lines below. Any of them may be empty."""

    verb: str
    name: str
    details: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        return f"{self.verb} {self.name}".strip()

    @property
    def text(self) -> str:
        """Everything in one line, for a tool tip or a screen reader."""
        return ", ".join([self.headline, *self.details])


# -- boxes and edges ---------------------------------------------------------------------------------------------------


def start_label(start: Start, language: Language, currency: str = "") -> BoxLabel:
    """The box above the first step: what makes somebody enter."""
    say = _Words(language, currency)
    verb = say("start", "开始")
    match start:
        case model.EventStart():
            return BoxLabel(say("start when", "当"), say.event_start(start))
        case model.AnyEventStart(events=events):
            return BoxLabel(say("start when", "当"), say.either(say.event_start(event) for event in events))
        case model.ConditionStart(condition=condition):
            return BoxLabel(say("start when", "当"), say.condition(condition))
        case model.DateStart():
            shift = Duration(months=abs(start.shift_months), days=abs(start.shift_days))
            earlier = (start.shift_months, start.shift_days) < (0, 0)
            day = say.shifted(start.attribute, shift, earlier)
            name = say(f"{'' if shift != Duration() else 'on '}{day}", f"{day}")
            details = [say.at(start.minute, start.zone), say("every year", "每年") if start.yearly else ""]
            return BoxLabel(verb, name, tuple(filter(None, details)))
        case model.CalendarStart():
            return BoxLabel(verb, say.weekdays(start.days, every=True), (say.at(start.minute, start.zone),))


def box_label(node: Node, language: Language, currency: str = "") -> BoxLabel:
    """What the box of a node says."""
    say = _Words(language, currency)
    details: list[str] = []
    match node:
        case model.SendNode():
            if node.channels:
                details.append(say("by ", "通过") + say.either(map(say.channel, node.channels)))
            details.extend(say.arguments(node.arguments))
            if node.transactional:
                details.append(say("transactional", "事务消息"))
            if node.on_limit == "wait":
                limit = say(" up to ", "最多 ") + say.duration(node.limit_wait) if node.limit_wait else ""
                details.append(say("at the limit waits", "达上限时等待") + limit)
            elif node.on_limit == "exit":
                details.append(say("at the limit exits", "达上限时退出"))
            label = say("send", "发送"), node.message
        case model.WaitNode():
            label = say("wait", "等待"), say.duration(node.duration)
        case model.WaitUntilNode():
            if node.up_to:
                details.append(say(f"up to {say.duration(node.up_to)}", f"最多 {say.duration(node.up_to)}"))
            label = say("wait until", "等到"), say.condition(node.condition)
        case model.WaitMomentNode():
            label = say("wait until", "等到"), say.moment(node)
        case model.BranchNode():
            label = say("if", "若"), say.condition(node.condition)
        case model.SplitNode():
            label = say("split", "分流"), node.name
        case model.RepeatNode():
            details.append(say(f"every {say.duration(node.every)}", f"每隔 {say.duration(node.every)}"))
            if node.until:
                details.append(say("until ", "直到 ") + say.condition(node.until))
            label = say("repeat", "重复"), say(f"up to {node.times} times", f"最多 {node.times} 次")
        case model.SetNode():
            label = say("set", "设"), say(f"{node.attribute} to ", f"{node.attribute} 为 ") + say.value(node.value)
        case model.TagNode():
            if node.duration:
                details.append(say(f"for {say.duration(node.duration)}", f"保留 {say.duration(node.duration)}"))
            label = say("tag", "打标签"), node.tag
        case model.UntagNode():
            label = say("untag", "去标签"), node.tag
        case model.TaskNode():
            details.append(say(f"for {node.role}", f"交给 {node.role}"))
            if node.due:
                details.append(say(f"due in {say.duration(node.due)}", f"{say.duration(node.due)}内完成"))
            details.extend(say.arguments(node.arguments))
            label = say("task", "任务"), node.name
        case model.NotifyNode():
            details.append(say(f"“{node.text}”", f"“{node.text}”"))
            label = say("notify", "通知"), node.role
        case model.EndNode(how="finished"):
            label = say("end", "结束"), ""
        case model.EndNode(how="exit"):
            label = say("exit", "退出"), ""
        case model.EndNode():
            label = say("holdout", "对照组"), ""
            details.append(say("receives nothing", "不接收消息"))
    return BoxLabel(*label, tuple(details))


def port_label(node: Node, port: str, language: Language) -> str:
    """The words on an edge: yes or no, an arm and its share; nothing where there is one way to go."""
    say = _Words(language)
    if isinstance(node, model.SplitNode):
        for arm in node.arms:
            if arm.port == port:
                return f"{arm.percent:g}% {port}"
    words = {"yes": ("yes", "是"), "no": ("no", "否"), "again": ("each time", "每次"), "done": ("then", "之后")}
    return "" if port == "next" else say(*words.get(port, (port, port)))


def settings(graph: RuleGraph, language: Language) -> tuple[tuple[str, str], ...]:
    """Who may enter, what ends a run and what bounds it: pairs of a heading and its text, in reading order."""
    say = _Words(language, graph.currency)
    rows = [(say("enters", "进入"), say.entry(graph.entry))]
    if graph.only_if:
        rows.append((say("only if", "仅当"), say.condition(graph.only_if)))
    if graph.goal:
        rows.append((say("goal", "目标"), say.goal(graph.goal)))
    if graph.exit_when:
        rows.append((say("exits when", "退出"), say.condition(graph.exit_when)))
    for cap in graph.limits:
        window = say.duration(cap.period)
        calendar = say(" by the calendar", "（按日历）") if cap.calendar else ""
        rows.append(
            (
                say("limit", "上限"),
                say(f"{cap.messages} messages in {window}", f"{window}内 {cap.messages} 条") + calendar,
            )
        )
    if graph.quiet:
        night = f"{say.clock(graph.quiet.from_minute)}–{say.clock(graph.quiet.to_minute)}"
        rows.append((say("quiet hours", "静默时段"), night + say.zone(graph.quiet.zone)))
    if graph.holdout:
        share = f"{graph.holdout * 100:g}%"
        rows.append((say("holdout", "对照组"), say(f"{share} receive nothing", f"{share} 不接收消息")))
    if graph.priority != model.RuleGraph.model_fields["priority"].default:
        rows.append((say("priority", "优先级"), str(graph.priority)))
    rows.extend((say("to do", "待办"), todo) for todo in graph.todos)
    return tuple(rows)


def title(graph: RuleGraph, language: Language) -> str:
    """`win-back, version 3`; a journey of accounts says so."""
    say = _Words(language)
    subject = say(" for accounts", "（按客户公司）") if graph.subject == "account" else ""
    return f"{graph.name}{subject}{say(f', version {graph.version}', f' 第 {graph.version} 版')}"


# -- phrases -----------------------------------------------------------------------------------------------------------

_CHANNELS = {"email": "邮件", "sms": "短信", "wechat": "微信", "wecom": "企业微信", "push": "推送"}
_MESSAGE_EVENTS = {"opened": "打开", "clicked": "点击", "received": "收到", "replied": "回复"}
_OPERATORS = {
    "eq": ("is", "是"),
    "ne": ("is not", "不是"),
    "lt": ("under", "低于"),
    "le": ("at most", "至多"),
    "gt": ("over", "超过"),
    "ge": ("at least", "至少"),
}
_TIME_OPERATORS = {
    "lt": ("before", "早于"),
    "le": ("no later than", "不晚于"),
    "gt": ("after", "晚于"),
    "ge": ("no earlier than", "不早于"),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class _Words:
    """Phrases in one language, amounts in one currency; called with the English and the Chinese words, it says those of
    its language."""

    language: Language
    currency: str = ""

    def __call__(self, english: str, chinese: str) -> str:
        return chinese if self.language == "zh" else english

    def either(self, parts: Iterable[str]) -> str:
        return self(" or ", " 或 ").join(parts)

    def channel(self, name: str) -> str:
        return self(name, _CHANNELS.get(name, name))

    def clock(self, minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    def zone(self, zone: str | None) -> str:
        return f" ({zone})" if zone else ""

    def at(self, minute: int, zone: str | None) -> str:
        return self("at ", "") + self.clock(minute) + self.zone(zone)

    def weekdays(self, days: tuple[int, ...], every: bool) -> str:
        if len(set(days)) == len(_DAYS):
            return self("every day", "每天")
        names = (self(_DAYS[day], "周" + "一二三四五六日"[day]) for day in days)
        return (self("every ", "每") if every else "") + self.either(names)

    def duration(self, duration: Duration) -> str:
        """`1 year 2 months 3 days 30 min`: the units it was written in, as far as they can be told."""
        years, months = divmod(duration.months, 12)
        minutes, micros = divmod(duration.micros, 60_000_000)
        hours, minutes = divmod(minutes, 60)
        units = (
            (years, "year", "年"),
            (months, "month", "个月"),
            (duration.days, "day", "天"),
            (hours, "hour", "小时"),
            (minutes, "minute", "分钟"),
        )
        parts = [
            self(f"{count} {english}{'' if count == 1 else 's'}", f"{count} {chinese}")
            for count, english, chinese in units
            if count
        ]
        if micros:
            parts.append(self(f"{micros / 1e6:g} seconds", f"{micros / 1e6:g} 秒"))
        return " ".join(parts) or self("no time", "0 天")

    def shifted(self, what: str, shift: Duration, earlier: bool) -> str:
        if shift == Duration():
            return what
        span = self.duration(shift)
        if earlier:
            return self(f"{span} before {what}", f"{what} 前 {span}")
        return self(f"{span} after {what}", f"{what} 后 {span}")

    def moment(self, node: model.WaitMomentNode) -> str:
        parts = []
        if node.operand is not None:
            parts.append(self.shifted(self.operand(node.operand), node.shift, node.before))
        if node.date is not None:
            parts.append(_day(node.date))
        if node.days:
            parts.append(self.weekdays(node.days, every=False))
        if node.minute is not None:
            parts.append((self("at ", "") if parts else "") + self.clock(node.minute) + self.zone(node.zone))
        return " ".join(parts)

    def event_start(self, start: model.EventStart) -> str:
        where = f"{start.event} ({self.condition(start.where)})" if start.where else start.event
        return f"{where}{self(' and ', ' 且 ')}{self.condition(start.condition)}" if start.condition else where

    def entry(self, entry: model.Entry) -> str:
        span = self.duration(entry.period) if entry.period else ""
        how = {
            "once": self("once", "一次"),
            "per period": self(f"once per {span}", f"每 {span}一次"),
            "every time": self("every time", "每次"),
        }[entry.how]
        key = self(f" for each {entry.key}", f"（按 {entry.key}）") if entry.key else ""
        return how + key + (self(", new people only", "，仅限新触发者") if entry.new_only else "")

    def goal(self, goal: model.Goal) -> str:
        within = self.duration(goal.within) if goal.within else ""
        condition = goal.condition
        if isinstance(condition, meaning.Occurred) and condition.since == "entry":
            condition = condition.model_copy(update={"since": "ever"})  # goes without saying for a goal
        what = self.condition(condition)
        return self(f"{what} within {within}", f"{within}内 {what}") if within else what

    def arguments(self, arguments: tuple[model.Argument, ...]) -> list[str]:
        given = [
            f"{each.name} {self.duration(each.value) if isinstance(each.value, Duration) else self.value(each.value)}"
            for each in arguments
        ]
        return [self("with ", "附 ") + self(", ", "，").join(given)] if given else []

    def operand(self, operand: Operand) -> str:
        return f"{operand.event}.{operand.name}" if isinstance(operand, meaning.EntryProperty) else operand.name

    def value(self, value: Constant | meaning.Relative | Operand) -> str:
        if isinstance(value, meaning.Relative):
            span = self.duration(value.duration)
            return self(f"{span} ago", f"{span}前")
        if not isinstance(value, Constant):
            return self.operand(value)
        match value:
            case Constant(type="boolean"):
                return self("yes", "是") if value.value else self("no", "否")
            case Constant(type="money", value=int(cents)):
                return major_text(cents, self.currency)
            case Constant(type="date", value=int(days)):
                return _day(days)
            case Constant(type="moment", value=int(micros)):
                return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros):%Y-%m-%d %H:%M UTC}"
            case Constant(value=float(number)):
                return f"{number:,.10g}"
        return str(value.value)

    def condition(self, condition: Condition) -> str:
        """The condition in a few words; the parts of a mixed one stand in parentheses."""
        match condition:
            case meaning.All(terms=terms):
                return self(" and ", " 且 ").join(map(self._part, terms))
            case meaning.Any(terms=terms):
                return self.either(map(self._part, terms))
            case meaning.Not(term=meaning.Occurred() as occurred) if _at_all(occurred):
                return self._occurred(occurred, negated=True)
            case meaning.Not(term=meaning.Compare(operand=operand, operator="eq") as term) if _is_yes(term):
                return self("not ", "非 ") + self.operand(operand)
            case meaning.Not(term=term):
                return self("not ", "非 ") + self._part(term)
            case meaning.Always(value=value):
                return self("always", "总是") if value else self("never", "从不")
            case meaning.Compare() if _is_yes(condition):
                return self.operand(condition.operand)
            case meaning.Compare(operand=operand, operator=operator, value=value):
                timed = operand.type in ("date", "moment") and operator in _TIME_OPERATORS
                word = self(*(_TIME_OPERATORS if timed else _OPERATORS)[operator])
                return f"{self.operand(operand)} {word} {self.value(value)}"
            case meaning.OneOf(operand=operand, values=values):
                listed = self.either(map(self.value, values))
                return f"{self.operand(operand)} {self('is', '是')} {listed}"
            case meaning.Between(operand=operand, low=low, high=high):
                low_text, high_text = self.value(low), self.value(high)
                between = self(f"between {low_text} and {high_text}", f"在 {low_text} 与 {high_text} 之间")
                return f"{self.operand(operand)} {between}"
            case meaning.Known(operand=operand, known=known):
                return f"{self.operand(operand)} {self('is known', '已知') if known else self('is missing', '缺失')}"
            case meaning.Silent(duration=duration):
                return self("silent ", "静默 ") + self.duration(duration)
            case meaning.Occurred():
                return self._occurred(condition, negated=condition.operator == "lt" and condition.amount == 1)
            case meaning.Tagged(tag=tag):
                return self("tagged ", "有标签 ") + tag
            case meaning.Reachable(channel=channel):
                return self(f"reachable by {channel}", f"可通过{self.channel(channel)}触达")
            case meaning.TimedOut():
                return self("timed out", "等待超时")
            case meaning.GoalReached():
                return self("goal reached", "达成目标")

    def _part(self, condition: Condition) -> str:
        text = self.condition(condition)
        return f"({text})" if isinstance(condition, meaning.All | meaning.Any) else text

    def _occurred(self, occurred: meaning.Occurred, negated: bool) -> str:
        """`did order at least 2 times in 30 days`; negated, the event did not occur at all."""
        spell = self.duration(occurred.window) if occurred.window else ""
        since_entry = occurred.since == "entry"
        within = self(f" in {spell}", f"{spell}内") if spell else self(" since entry", "进入后") if since_entry else ""
        where = f" ({self.condition(occurred.where)})" if occurred.where else ""
        amount = f"{occurred.amount:,.10g}"
        if _is_spending(occurred):
            sum_text = major_text(round(occurred.amount), self.currency)
            english, chinese = _OPERATORS[occurred.operator]
            return self(f"spent {english} {sum_text}{where}{within}", f"{within}消费{chinese} {sum_text}{where}")
        if occurred.message:
            verbs = (_MESSAGE_EVENTS.get(each.event, each.event) for each in occurred.counted)
            what = self.either(self(each.event, verb) for each, verb in zip(occurred.counted, verbs))
            what, did = f"{what} {occurred.message}", ""
        else:
            what, did = self.either(each.event for each in occurred.counted), self("did ", "")
        what += where
        if negated and within:
            return self(f"{'did not ' if did else 'not '}{what}{within}", f"{within}没有 {what}")
        if negated:
            return self(f"{'never did ' if did else 'never '}{what}", f"从未 {what}")
        if _at_all(occurred):
            return self(f"{did}{what}{within}", f"{within} {what}".strip())
        count = self(
            f"{_OPERATORS[occurred.operator][0]} {amount} times", f"{_OPERATORS[occurred.operator][1]} {amount} 次"
        )
        count = count.removeprefix("is ") if occurred.operator == "eq" else count
        return self(f"{did}{what} {count}{within}", f"{within} {what} {count}".strip())


def _at_all(occurred: meaning.Occurred) -> bool:
    return not _is_spending(occurred) and (occurred.operator, occurred.amount) in (("ge", 1), ("gt", 0))


def _is_spending(occurred: meaning.Occurred) -> bool:
    """A sum is always one of money, in minor units: only `spent` gives one."""
    return any(each.measure for each in occurred.counted)


def _is_yes(compare: meaning.Compare) -> bool:
    return compare.operator == "eq" and compare.value == Constant(type="boolean", value=True)


def _day(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()
