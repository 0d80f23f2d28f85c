"""Phrases about conditions, values and lengths of time, in English or Chinese, with the names the project gives things.

The text is for reading, not for the parser. Without a project, canonical names are told, and amounts without currency.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from journeys.catalog import meaning
from journeys.catalog.lookup import Kind
from journeys.catalog.meaning import Condition, Constant, Duration, Operand, Operator, Relative
from journeys.catalog.money import major_text
from journeys.catalog.project import Language, Project
from journeys.graph import model

_COMPARED: dict[Operator, tuple[str, str]] = {
    "eq": ("is", "为"),
    "ne": ("is not", "不为"),
    "lt": ("is under", "低于"),
    "le": ("is at most", "至多"),
    "gt": ("is over", "超过"),
    "ge": ("is at least", "至少"),
}
_IN_TIME: dict[Operator, tuple[str, str]] = {
    "eq": ("is", "为"),
    "ne": ("is not", "不为"),
    "lt": ("is before", "早于"),
    "le": ("is no later than", "不晚于"),
    "gt": ("is after", "晚于"),
    "ge": ("is no earlier than", "不早于"),
}
_AGO: dict[Operator, tuple[str, str]] = {
    "eq": ("is exactly", "恰为"),
    "ne": ("is not", "不为"),
    "lt": ("is more than", "早于"),
    "le": ("is at least", "不晚于"),
    "gt": ("is less than", "晚于"),
    "ge": ("is at most", "不早于"),
}
_VERBS = {
    "opened": ("they have opened", "已打开"),
    "clicked": ("they have clicked", "已点击"),
    "received": ("they have received", "已收到"),
    "replied": ("they have replied to", "已回复"),
}
_UNDONE = {
    "opened": ("they have not opened", "未打开"),
    "clicked": ("they have not clicked", "未点击"),
    "received": ("they have not received", "未收到"),
    "replied": ("they have not replied to", "未回复"),
}
_SINCE = {
    "entry": (" since entering", "自进入旅程以来"),
    "wait": (" since the wait began", "自等待开始以来"),
    "loop": (" since the repetition began", "自重复开始以来"),
    "ever": ("", ""),
}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def condition_sentence(condition: Condition, language: Language, project: Project | None = None) -> str:
    """What a condition asks of a customer, as part of a sentence.

    >>> condition_sentence(meaning.Silent(duration=Duration(days=30)), "en")
    'they have been silent for 30 days'
    """
    return spaced(Phrases(language, project).condition(condition))


_HAN = r"\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
_NEEDLESS = re.compile(
    rf"(?<=[{_HAN}]) +(?=[{_HAN}])|(?<=[\u3000-\u303f\uff00-\uffef]) +| +(?=[\u3000-\u303f\uff00-\uffef])"
)
_MISSING = re.compile(r"(?<=[\u3400-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[\u3400-\u9fff])")


def spaced(text: str) -> str:
    """Chinese with blanks where they belong: between Chinese and Latin letters or digits, and nowhere else."""
    return _MISSING.sub(" ", _NEEDLESS.sub("", text))


@dataclass(frozen=True, slots=True)
class Phrases:
    """Called with the English and the Chinese words, it says those of its language."""

    language: Language
    project: Project | None = None

    def __call__(self, english: str, chinese: str) -> str:
        return chinese if self.language == "zh" else english

    def pair(self, words: tuple[str, str]) -> str:
        return self(*words)

    def name(self, kind: Kind, name: str) -> str:
        """What to call a declared thing."""
        return self.project.catalog.label(kind, name, self.language) if self.project is not None else name

    def either(self, parts: Iterable[str]) -> str:
        return self(" or ", "或").join(parts)

    # -- values

    def duration(self, length: Duration) -> str:
        """`1 year 2 months`, `3 days`, `1 hour 30 minutes`."""
        years, months = divmod(length.months, 12)
        minutes, micros = divmod(length.micros, 60_000_000)
        hours, minutes = divmod(minutes, 60)
        parts = [
            self(f"{count} {unit}{'' if count == 1 else 's'}", f"{count} {chinese}")
            for count, unit, chinese in (
                (years, "year", "年"),
                (months, "month", "个月"),
                (length.days, "day", "天"),
                (hours, "hour", "小时"),
                (minutes, "minute", "分钟"),
            )
            if count
        ]
        if micros:
            parts.append(self(f"{micros / 1e6:g} seconds", f"{micros / 1e6:g} 秒"))
        return " ".join(parts)

    def clock(self, minute: int, zone: str | None) -> str:
        """`09:00 their time`, `09:00 (Europe/Berlin)`."""
        text = f"{minute // 60:02d}:{minute % 60:02d}"
        return text + (self(" their time", "（客户时间）") if zone is None else self(f" ({zone})", f"（{zone}）"))

    def weekdays(self, days: tuple[int, ...]) -> str:
        if len(set(days)) == len(_WEEKDAYS):
            return self("day", "天")
        return self.either(self(_WEEKDAYS[day], "周" + "一二三四五六日"[day]) for day in days)

    def money(self, minor: float) -> str:
        return major_text(round(minor), self.project.currency if self.project is not None else "")

    def field(self, operand: Operand, event: str | None = None) -> str:
        """A customer's field, or the property of an event; `event` is the one that a `where` looks at."""
        match operand:
            case meaning.Attribute(name=name):
                return self.name("attribute", name)
            case meaning.EntryProperty(event=entry, name=name):
                return f"{self.name('event', entry)}.{self._property(entry, name)}"
            case meaning.RecordProperty(name=name):
                return self._property(event, name)

    def _property(self, event: str | None, name: str) -> str:
        found = self.project.catalog.property(event, name) if self.project is not None and event is not None else None
        return found.entry.zh if found is not None and found.entry.zh and self.language == "zh" else name

    def value(self, value: Constant | Relative | Duration | Operand, beside: Operand | None = None) -> str:
        """A value as people write it; `beside` the field it is compared with, whose values may have Chinese names."""
        match value:
            case Relative(duration=length):
                return self(f"{self.duration(length)} ago", f"{self.duration(length)}前")
            case Duration():
                return self.duration(value)
            case Constant():
                return self._constant(value, beside)
        return self.field(value)

    def value_of(self, attribute: str, value: Constant | Operand) -> str:
        """A value given to an attribute."""
        return self.value(value, meaning.Attribute(name=attribute, type="text"))

    def day(self, days: int) -> str:
        return (date(1970, 1, 1) + timedelta(days=days)).isoformat()

    def _constant(self, value: Constant, beside: Operand | None) -> str:
        match value:
            case Constant(type="boolean"):
                return self("true", "是") if value.value else self("false", "否")
            case Constant(type="money", value=int(minor)):
                return self.money(minor)
            case Constant(type="date", value=int(days)):
                return self.day(days)
            case Constant(type="moment", value=int(micros)):
                zone = ZoneInfo(self.project.zone) if self.project is not None else ZoneInfo("UTC")
                moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
                return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"
            case Constant(type="number"):
                return f"{value.value:,.10g}"
        text = str(value.value)
        if self.project is not None and isinstance(beside, meaning.Attribute):
            return self.project.catalog.value_label(beside.name, text, self.language)
        return text

    # -- conditions

    def condition(self, condition: Condition, event: str | None = None) -> str:
        """A condition; its mixed parts stand in parentheses. `event` is the one that a `where` looks at."""
        match condition:
            case meaning.All(terms=terms):
                return self(" and ", "且").join(self._part(term, event) for term in terms)
            case meaning.Any(terms=terms):
                return self.either(self._part(term, event) for term in terms)
            case meaning.Not(term=term):
                return self._not(term, event)
            case meaning.Always(value=value):
                return self("always", "总是") if value else self("never", "从不")
            case meaning.Compare():
                return self._compare(condition, event)
            case meaning.OneOf(operand=operand, values=values):
                listed = self.either(self.value(value, operand) for value in values)
                return f"{self.field(operand, event)} {self('is', '为')} {listed}"
            case meaning.Between(operand=operand, low=low, high=high):
                ends = self.value(low, operand), self.value(high, operand)
                return f"{self.field(operand, event)} " + self(
                    f"is between {ends[0]} and {ends[1]}", f"介于 {ends[0]} 与 {ends[1]} 之间"
                )
            case meaning.Known(operand=operand, known=known):
                return f"{self.field(operand, event)} " + (
                    self("is known", "已知") if known else self("is missing", "缺失")
                )
            case meaning.Silent(duration=length):
                return self(f"they have been silent for {self.duration(length)}", f"已静默 {self.duration(length)}")
            case meaning.Occurred():
                return self._occurred(condition)
            case meaning.Tagged(tag=tag):
                return self("they are tagged ", "有标签") + self.name("tag", tag)
            case meaning.Reachable(channel=channel):
                return self(
                    f"they can be reached by {self.name('channel', channel)}",
                    f"可通过{self.name('channel', channel)}触达",
                )
            case meaning.TimedOut():
                return self("the wait ran out of time", "等待超时")
            case meaning.GoalReached():
                return self("the goal has been reached", "目标已达成")

    def _not(self, term: Condition, event: str | None) -> str:
        match term:
            case meaning.Tagged(tag=tag):
                return self("they are not tagged ", "没有标签") + self.name("tag", tag)
            case meaning.Reachable(channel=name):
                channel = self.name("channel", name)
                return self(f"they cannot be reached by {channel}", f"不可通过{channel}触达")
            case meaning.Silent(duration=length):
                return self(f"they have not been silent for {self.duration(length)}", f"未静默 {self.duration(length)}")
            case meaning.TimedOut():
                return self("the wait did not run out of time", "等待未超时")
            case meaning.GoalReached():
                return self("the goal has not been reached", "目标未达成")
        return self(f"not ({self.condition(term, event)})", f"并非（{self.condition(term, event)}）")

    def _part(self, condition: Condition, event: str | None) -> str:
        text = self.condition(condition, event)
        return self(f"({text})", f"（{text}）") if isinstance(condition, meaning.All | meaning.Any) else text

    def _compare(self, compare: meaning.Compare, event: str | None) -> str:
        words = _COMPARED
        if isinstance(compare.value, Relative):
            words = _AGO
        elif compare.operand.type in ("date", "moment"):
            words = _IN_TIME
        value = self.value(compare.value, compare.operand)
        return f"{self.field(compare.operand, event)} {self.pair(words[compare.operator])} {value}"

    def _occurred(self, occurred: meaning.Occurred) -> str:
        first = occurred.counted[0]
        when = self._when(occurred)
        where = ""
        if occurred.where is not None:
            inner = self.condition(occurred.where, first.event)
            where = self(f" where {inner}", f"（其中{inner}）")
        if first.measure is not None:
            amount = f"{self.pair(_COMPARED[occurred.operator]).removeprefix('is ')} {self.money(occurred.amount)}"
            return self(f"they have spent {amount}{when}{where}", f"{when}消费{amount}{where}")
        undone = (occurred.operator, occurred.amount) == ("lt", 1)
        if occurred.message is not None:
            verb = self.pair((_UNDONE if undone else _VERBS)[first.event])
            what = f"{verb} {self.name('message', occurred.message)}"
        else:
            did = self("they have done", "已发生")
            if undone:
                never = occurred.window is None and occurred.since == "ever"
                did = self("they have never done", "从未发生") if never else self("they have not done", "没有发生")
            what = f"{did} {self.either(self.name('event', each.event) for each in occurred.counted)}"
        times = "" if undone else self._times(occurred)
        return self(f"{what}{times}{when}{where}", f"{when}{what}{times}{where}")

    def _times(self, occurred: meaning.Occurred) -> str:
        if (occurred.operator, occurred.amount) == ("ge", 1):
            return ""
        count = f"{occurred.amount:g}"
        compared = self.pair(_COMPARED[occurred.operator]).removeprefix("is ")
        if occurred.operator == "eq":
            compared = self("exactly", "恰好")
        return self(f" {compared} {count} times", f"{compared} {count} 次")

    def _when(self, occurred: meaning.Occurred) -> str:
        since = self.pair(_SINCE[occurred.since])
        if occurred.window is None:
            return since
        length = self.duration(occurred.window)
        return self(f" in the last {length}{since}", f"{since}最近 {length}内")

    # -- settings

    def start(self, start: model.Start) -> str:
        """What makes a person enter."""
        match start:
            case model.EventStart():
                return self(f"Starts when {self._event(start)}.", f"在{self._event(start)}时开始。")
            case model.AnyEventStart(events=events):
                listed = self.either(self._event(event) for event in events)
                return self(f"Starts when {listed}.", f"在{listed}时开始。")
            case model.ConditionStart(condition=condition):
                what = self.condition(condition)
                return self(f"Starts when {what}.", f"当{what}时开始。")
            case model.DateStart():
                shift = Duration(months=abs(start.shift_months), days=abs(start.shift_days))
                before = start.shift_months < 0 or start.shift_days < 0
                day, clock = self.name("attribute", start.attribute), self.clock(start.minute, start.zone)
                if shift == Duration():
                    when = self(f"on {day} at {clock}", f"{day}当天 {clock} ")
                else:
                    side = self("before" if before else "after", "前" if before else "后")
                    length = self.duration(shift)
                    when = self(f"{length} {side} {day} at {clock}", f"{day}{side} {length} {clock} ")
                yearly = self(", every year", "，每年一次") if start.yearly else ""
                return self(f"Starts {when}{yearly}.", f"{when}开始{yearly}。")
            case model.CalendarStart():
                days, clock = self.weekdays(start.days), self.clock(start.minute, start.zone)
                return self(f"Starts every {days} at {clock}.", f"每{days} {clock} 开始。")

    def _event(self, start: model.EventStart) -> str:
        name = self.name("event", start.event)
        where = ""
        if start.where is not None:
            inner = self.condition(start.where, start.event)
            where = self(f" where {inner}", f"（其中{inner}）")
        also = ""
        if start.condition is not None:
            inner = self.condition(start.condition)
            also = self(f" (if {inner})", f"（若{inner}）")
        return self(f"{name} happens", f"发生 {name} ") + where + also
