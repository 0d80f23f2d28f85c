"""Nodes as the sentences of the language, in English or Chinese: one line each, canonical words, quotes where needed.

Explanations use these too, so that what the engine says about a journey is what its author could have typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from journeys.language import nodes
from journeys.language.keywords import (
    BARE_UNITS,
    CURRENCIES,
    DAYS,
    LANGUAGES,
    NAME,
    UNITS,
    YUAN,
    YUAN_CODE,
    Language,
    word,
    words,
)
from journeys.language.source import ordinary

_NAME = re.compile(NAME)

# Words that a name must not be in some place, because the grammar would take them for a keyword there.
_IN_CONDITION = (
    "NOT SILENT DID DID_NOT NEVER_DID IN FOR SINCE_ENTRY SPENT OPENED CLICKED RECEIVED REPLIED IN_SEGMENT TAGGED "
    "REACHABLE TIMED_OUT GOAL_REACHED COUNT_OF "
)
_AFTER_UNTIL = "AT ON MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY WEEKDAY WEEKEND "
_AFTER_START = "WHEN ON EVERY EVERY_DAY PER JOURNEY"
_AFTER_FOR_EVERYONE = "IN FOR SINCE_ENTRY"
_AFTER_IS = ("not", "known", "missing", "between")
_PLAIN = (nodes.Fact, nodes.Compare, nodes.OneOf, nodes.Between, nodes.Known, nodes.Changes)

_COMPARISONS: dict[nodes.Comparison, str] = {
    "is": "IS",
    "is not": "IS_NOT",
    "over": "OVER",
    "under": "UNDER",
    "at least": "AT_LEAST",
    "at most": "AT_MOST",
}
_ENGAGEMENTS = {"opened": "OPENED", "clicked": "CLICKED", "received": "RECEIVED", "replied": "REPLIED"}
_CALENDAR = {"d": "CALENDAR_DAY", "w": "CALENDAR_WEEK", "mo": "CALENDAR_MONTH"}
_HANDLERS = {"limit": "ON_LIMIT", "empty": "ON_EMPTY", "failure": "ON_FAILURE", "past": "ON_PAST"}
_ACTIONS = {"skip": "SKIP", "exit": "EXIT", "run": "RUN"}


@cache
def _reserved(terminals: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(w) for t in terminals.split() for w in words(t)), re.IGNORECASE)


def quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def number(value: Decimal) -> str:
    return format(value, "f")


class Sentences:
    """The sentences of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.chinese = language == "zh"

    def say(self, *parts: str) -> str:
        """The parts with blanks between them; what is empty is left out."""
        return " ".join(p for p in parts if p)

    def word(self, terminal: str) -> str:
        return word(terminal, self.language)

    def either(self, english: str, chinese: str) -> str:
        """The word of the terminal that this language uses where the two differ."""
        return self.word(chinese if self.chinese else english)

    def counted(self, count: int, terminal: str, one: str | None = None) -> str:
        """`3 messages`, `3条`: Chinese counting words stick to the number."""
        if self.chinese:
            return f"{count}{self.word(terminal)}"
        return f"{count} {one if one and count == 1 else self.word(terminal)}"

    # -- names and literals

    def name(self, name: nodes.Name, reserved: str = "") -> str:
        text = name.text
        bare = _NAME.fullmatch(text) and ordinary(text) == text
        return text if bare and not (reserved and _reserved(reserved).fullmatch(text)) else quote(text)

    def path(self, path: nodes.Path, reserved: str = "", words: tuple[str, ...] = ()) -> str:
        return ".".join(
            self._field(part, "" if i else reserved, () if i else words) for i, part in enumerate(path.parts)
        )

    def _field(self, text: str, reserved: str, words: tuple[str, ...]) -> str:
        bare = _NAME.fullmatch(text) and ordinary(text) == text and text.lower() not in words
        return text if bare and not (reserved and _reserved(reserved).fullmatch(text)) else f"`{text}`"

    def duration(self, duration: nodes.Duration) -> str:
        column = LANGUAGES.index(self.language)
        return "".join(f"{number(n)}{UNITS[unit][column].split('|')[0]}" for n, unit in duration.parts)

    def money(self, money: nodes.Money) -> str:
        amount = number(money.amount)
        if money.currency == YUAN_CODE and self.chinese:
            return f"{amount}{YUAN}"
        if money.currency in CURRENCIES.split("|"):
            return f"{amount} {money.currency}"
        return f"{money.currency}{amount}"

    def percent(self, percent: nodes.Percent) -> str:
        return f"{number(percent.value)}%"

    def minute(self, minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}"

    def zone(self, zone: str | None) -> str:
        if zone is None:
            return ""
        terminal = {"their": "THEIR_TIME", "our": "OUR_TIME"}.get(zone)
        return self.word(terminal) if terminal else quote(zone)

    def clock(self, clock: nodes.Clock | None, at: bool = True) -> str:
        """`at 09:00 our time`; in Chinese the time alone says it."""
        if clock is None:
            return ""
        told = self.say(self.minute(clock.minute), self.zone(clock.zone))
        return f"{self.word('AT')} {told}" if at and not self.chinese else told

    def value(self, value: nodes.Value, words: tuple[str, ...] = ()) -> str:
        match value:
            case nodes.Number():
                return number(value.value)
            case nodes.Money():
                return self.money(value)
            case nodes.Percent():
                return self.percent(value)
            case nodes.Duration():
                return self.duration(value)
            case nodes.Ago():
                return self.say(self.duration(value.duration), self.word("AGO"))
            case nodes.Date():
                return value.value.isoformat()
            case nodes.Clock():
                return self.minute(value.minute)
            case nodes.Text():
                return quote(value.value)
            case nodes.Path():
                return self.path(value, words=words)

    def arguments(self, arguments: Iterable[nodes.Argument]) -> str:
        told = ", ".join(f"{self.path(a.name)} {self.value(a.value)}" for a in arguments)
        return f"{self.word('WITH')} {told}" if told else ""

    def days(self, days: tuple[int, ...]) -> str:
        group = next((t for t in ("WEEKDAY", "WEEKEND") if DAYS[t] == days), None)
        if group:
            return self.word(group)
        return ", ".join(self.word(t) for d in days for t in DAYS if DAYS[t] == (d,))

    def offset(self, duration: nodes.Duration, before: bool, path: nodes.Path, reserved: str) -> str:
        side = self.word("BEFORE" if before else "AFTER")
        if self.chinese:
            return self.say(self.path(path, reserved), side, self.duration(duration))
        return self.say(self.duration(duration), side, self.path(path))

    # -- conditions

    def condition(self, node: nodes.Condition, until: bool = False) -> str:
        """A condition; `until` when it follows `wait until`, where a weekday would be taken for a moment."""
        reserved = _IN_CONDITION + (_AFTER_UNTIL if until else "")
        match node:
            case nodes.And() | nodes.Or():
                joint = self.word("AND" if isinstance(node, nodes.And) else "OR")
                return f" {joint} ".join(self._operand(t, until and i == 0) for i, t in enumerate(node.terms))
            case nodes.Not(term=nodes.OneOf() as one):
                return self._one_of(one, "NOT_ONE_OF", reserved)
            case nodes.Not():
                return self.say(self.word("NOT"), self._operand(node.term, False, nodes.Not))
            case nodes.Fact():
                return self.path(node.path, reserved)
            case nodes.Compare():
                words = _AFTER_IS if node.comparison in ("is", "is not") else ()
                how = self.word(_COMPARISONS[node.comparison])
                return self.say(self.path(node.path, reserved), how, self.value(node.value, words))
            case nodes.OneOf():
                return self._one_of(node, "ONE_OF", reserved)
            case nodes.Between():
                joint = self.either("AND", "TO")
                ends = (self.value(node.low), joint, self.value(node.high))
                return self.say(self.path(node.path, reserved), self.word("BETWEEN"), *ends)
            case nodes.Known():
                return self.say(self.path(node.path, reserved), self.word("KNOWN" if node.known else "MISSING"))
            case nodes.Silent():
                return self.say(self.word("SILENT"), self.duration(node.duration))
            case nodes.Did():
                return self._did(node)
            case nodes.Spent():
                spent = (self.word("SPENT"), self._order(node.comparison), self.value(node.amount))
                return self._windowed(spent, node.window, node.since_entry)
            case nodes.Engaged():
                return self._windowed((self.word(_ENGAGEMENTS[node.verb]), self.name(node.message)), node.window)
            case nodes.EventWhere():
                return self.say(self.path(node.event, reserved), self._where(node.where))
            case nodes.InSegment():
                return self.say(self.word("IN_SEGMENT"), self.name(node.segment))
            case nodes.Tagged():
                return self.say(self.word("TAGGED"), self.name(node.tag))
            case nodes.Reachable():
                return self.say(self.word("REACHABLE"), self.name(node.channel))
            case nodes.TimedOut():
                return self.word("TIMED_OUT")
            case nodes.GoalReached():
                return self.word("GOAL_REACHED")
            case nodes.Changes():
                return self.say(self.path(node.path, reserved), self._change(node))
            case nodes.CountInAccount():
                term = f"({self.condition(node.term)})"
                order = (self._order(node.comparison), str(node.count))
                return self.say(self.word("COUNT_OF"), term, self.word("IN_ACCOUNT"), *order)

    def _operand(self, node: nodes.Condition, until: bool, *more: type) -> str:
        """A term of `and`, `or` or `not`, in brackets where it has operators of its own."""
        told = self.condition(node, until)
        if isinstance(node, nodes.Not) and isinstance(node.term, nodes.OneOf):
            return told
        return f"({self.condition(node)})" if isinstance(node, (nodes.And, nodes.Or, *more)) else told

    def _one_of(self, node: nodes.OneOf, terminal: str, reserved: str) -> str:
        values = ", ".join(self.value(v) for v in node.values)
        return self.say(self.path(node.path, reserved), self.word(terminal), values)

    def _order(self, comparison: nodes.Comparison) -> str:
        """A comparison of counts and sums, which has no `is`."""
        if comparison == "is not":
            return "!="
        return self.word("EXACTLY" if comparison == "is" else _COMPARISONS[comparison])

    def _window(self, window: nodes.Duration | None, since_entry: bool, preposition: str = "IN") -> str:
        if since_entry:
            return self.word("SINCE_ENTRY")
        return self.say(self.word(preposition), self.duration(window)) if window else ""

    def _windowed(self, parts: Iterable[str], window: nodes.Duration | None, since_entry: bool = False) -> str:
        """English says since when at the end, Chinese at the beginning."""
        told = self._window(window, since_entry)
        return self.say(told, *parts) if self.chinese else self.say(*parts, told)

    def _did(self, node: nodes.Did) -> str:
        verb = "NEVER_DID" if node.never else "DID_NOT" if node.negated else "DID"
        parts = [self.word(verb), self.name(node.event, "NOT" if verb == "DID" else "")]
        if node.times is not None:
            parts += [self._order(node.comparison or "at least"), self.counted(node.times, "TIMES", "time")]
        where = self._where(node.where) if node.where else ""
        if self.chinese:
            return self.say(self._window(node.window, node.since_entry), *parts, where)
        preposition = "FOR" if verb == "DID_NOT" else "IN"
        return self.say(*parts, self._window(node.window, node.since_entry, preposition), where)

    def _where(self, node: nodes.Condition) -> str:
        """`where` takes one comparison, or brackets."""
        plain = isinstance(node, _PLAIN) or (isinstance(node, nodes.Not) and isinstance(node.term, _PLAIN))
        told = self.condition(node)
        return self.say(self.word("WHERE"), told if plain else f"({told})")

    def _change(self, node: nodes.Changes) -> str:
        if node.how == "changes":
            before = self.say(self.word("FROM"), self.value(node.before)) if node.before else ""
            after = self.say(self.word("TO"), self.value(node.after)) if node.after else ""
            return self.say(self.word("CHANGES"), before, after)
        least = (
            self.say(self.either("BY_AT_LEAST", "AT_LEAST"), self.value(node.by_at_least)) if node.by_at_least else ""
        )
        return self.say(self.word("RISES" if node.how == "rises" else "FALLS"), least)

    # -- settings

    def setting(self, node: nodes.Setting) -> str:
        match node:
            case nodes.Start():
                return self.say(self.word("START"), self.moment(node.moment))
            case nodes.OnlyIf():
                return self.say(self.word("ONLY_IF"), self.condition(node.condition))
            case nodes.ExitWhen():
                return self.say(self.word("EXIT"), self.word("WHEN"), self.condition(node.condition))
            case nodes.Goal():
                within = self.say(self.word("WITHIN"), self.duration(node.within)) if node.within else ""
                return self.say(self.word("GOAL"), self.condition(node.condition), within)
            case nodes.Enter():
                return self.say(self.word("ENTER"), self._enter(node))
            case nodes.Quiet():
                ends = (self.minute(node.from_minute), self.word("TO"), self.minute(node.to_minute))
                return self.say(self.word("QUIET"), *ends, self.zone(node.zone))
            case nodes.Limit():
                period = self.period(node.period, node.calendar)
                return self._rate("LIMIT", self.counted(node.messages, "MESSAGES", "message"), period)
            case nodes.Priority():
                return self.say(self.word("PRIORITY"), str(node.value))
            case nodes.Budget(amount=nodes.Money() as money):
                return self.say(self.word("BUDGET"), self.money(money))
            case nodes.Budget(amount=nodes.Number() as count):
                blank = "" if self.chinese else " "
                return self.say(self.word("BUDGET"), f"{number(count.value)}{blank}{self.word('MESSAGES')}")
            case nodes.Holdout():
                return self.say(self.word("HOLDOUT"), self.percent(node.percent))
            case nodes.Pace():
                messages = self.counted(node.messages, "MESSAGES", "message")
                return self._rate("PACE", messages, self.period(node.period))
            case nodes.Note():
                return self.say(self.word("NOTE"), quote(node.text.value))
            case nodes.Move():
                versions = (self.word("FROM"), str(node.from_version), self.word("TO"), str(node.to_version))
                steps = (self.word("STEP"), self.name(node.from_step), self.word("TO"), self.name(node.to_step))
                return self.say(self.word("MOVE"), *versions, *steps)
        raise AssertionError(node)

    def moment(self, node: nodes.Moment) -> str:
        match node:
            case nodes.When():
                told = self.say(self.word("WHEN"), self.condition(node.condition))
                return self.say(told, self._everyone(node.everyone)) if node.everyone else told
            case nodes.OnDate(offset=nodes.Duration() as offset):
                told = self.offset(offset, node.before, node.field, _AFTER_START)
                return self.say(told, self.clock(node.clock))
            case nodes.OnDate():
                return self.say(self.word("ON"), self.path(node.field), self.clock(node.clock))
            case nodes.Every():
                if len(node.days) == 7:
                    return self.say(self.word("EVERY_DAY"), self.clock(node.clock))
                return self.say(self.word("EVERY"), self.days(node.days), self.clock(node.clock))

    def _everyone(self, node: nodes.Everyone) -> str:
        who, event = self.word("FOR_EVERYONE"), self.name(node.event, _AFTER_FOR_EVERYONE)
        shared = (self.word("THAT"), self.name(node.shared))
        window = self._window(node.window, False)
        return self.say(who, window, event, *shared) if self.chinese else self.say(who, event, *shared, window)

    def _enter(self, node: nodes.Enter) -> str:
        if node.how != "once":
            return self.word("EVERY_TIME" if node.how == "every time" else "NEW_ONLY")
        period = self.say(self.word("PER"), self.duration(node.period)) if node.period else ""
        key = self.say(self.word("FOR_EACH"), self.path(node.key)) if node.key else ""
        once = self.word("ONCE")
        return self.say(key, period, once) if self.chinese else self.say(once, period, key)

    def _rate(self, terminal: str, messages: str, period: str) -> str:
        per = self.say(self.word("PER"), period)
        return self.say(self.word(terminal), *((per, messages) if self.chinese else (messages, per)))

    def period(self, duration: nodes.Duration, calendar: bool = False) -> str:
        """What follows `per`: `7d`, `min`, `calendar day`."""
        count, unit = duration.parts[0]
        if calendar and unit in _CALENDAR:
            return self.word(_CALENDAR[unit])
        if len(duration.parts) == 1 and count == 1:
            return BARE_UNITS[unit][LANGUAGES.index(self.language)].split("|")[0]
        return self.duration(duration)

    # -- steps of one line, and the heads of those with blocks

    def step(self, node: nodes.Step) -> str:
        match node:
            case nodes.Send():
                return self._send(node)
            case nodes.Wait():
                return self.say(self.word("WAIT"), self.duration(node.duration))
            case nodes.WaitUntil():
                most = self.say(self.word("UP_TO"), self.duration(node.up_to)) if node.up_to else ""
                return self.say(self.word("WAIT"), self.word("UNTIL"), self.condition(node.condition, True), most)
            case nodes.WaitMoment():
                return self.say(self.word("WAIT"), self.word("UNTIL"), self._until_moment(node))
            case nodes.Give():
                valid = self.say(self.word("VALID"), self.duration(node.valid)) if node.valid else ""
                return self.say(self.word("GIVE"), self._gift(node), valid)
            case nodes.Set():
                return self.say(self.word("SET"), self.path(node.path), self.either("TO", "IS"), self.value(node.value))
            case nodes.Tag():
                lasting = self.say(self.word("FOR"), self.duration(node.duration)) if node.duration else ""
                return self.say(self.word("TAG"), self.name(node.tag), lasting)
            case nodes.Untag():
                return self.say(self.word("UNTAG"), self.name(node.tag))
            case nodes.Task():
                who = self.say(self.either("FOR", "TO_PERSON"), self.path(node.role))
                due = self.say(self.word("DUE"), self.duration(node.due)) if node.due else ""
                return self.say(self.word("TASK"), self.name(node.name), who, due, self.arguments(node.arguments))
            case nodes.Notify():
                return self.say(self.word("NOTIFY"), self.path(node.role), quote(node.text.value))
            case nodes.Call():
                return self.say(self.word("CALL"), self.name(node.webhook), self.arguments(node.arguments))
            case nodes.Do():
                return self.say(self.word("DO"), self.name(node.steps))
            case nodes.StartJourney():
                return self.say(self.word("START"), self.word("JOURNEY"), self.name(node.journey))
            case nodes.Todo():
                return self.say(self.word("TODO"), quote(node.text.value))
            case nodes.Exit():
                return self.word("EXIT")
            case nodes.If():
                return self.branch(node.branches[0], "IF")
            case nodes.Split():
                return self._split(node)
            case nodes.Repeat():
                return self._repeat(node)

    def _send(self, node: nodes.Send) -> str:
        role = self.say(self.either("TO", "TO_PERSON"), self.path(node.role)) if node.role else ""
        joint = f" {self.word('OR')} "
        channels = self.say(self.word("BY"), joint.join(self.name(c) for c in node.channels)) if node.channels else ""
        return self.say(
            self.word("SEND"),
            self.name(node.message),
            role,
            channels,
            self.arguments(node.arguments),
            self.word("AT_USUAL_HOUR") if node.at_usual_hour else "",
            self.word("AS_TRANSACTIONAL") if node.transactional else "",
        )

    def _until_moment(self, node: nodes.WaitMoment) -> str:
        if node.days:
            return self.say(self.days(node.days), self.clock(node.clock))
        if node.date:
            return self.say(node.date.value.isoformat(), self.clock(node.clock))
        if node.field and node.offset:
            told = self.offset(node.offset, node.before, node.field, _IN_CONDITION + _AFTER_UNTIL)
            return self.say(told, self.clock(node.clock))
        if node.field:
            return self.say(self.word("ON"), self.path(node.field), self.clock(node.clock))
        return self.clock(node.clock, at=False)

    def _gift(self, node: nodes.Give) -> str:
        if node.what == "points":
            return self.counted(node.points or 0, "POINTS", "point")
        if node.what == "coupon":
            return self.name(node.pool, "RED_PACKET") if node.pool else ""
        pool = self.say(self.word("FROM"), self.name(node.pool)) if node.pool else ""
        return self.say(self.word("RED_PACKET"), self.money(node.amount) if node.amount else "", pool)

    def branch(self, node: nodes.Branch, terminal: str) -> str:
        return self.say(self.word(terminal), self.condition(node.condition), self.word("THEN"))

    def _split(self, node: nodes.Split) -> str:
        told = self.say(self.word("SPLIT"), self.name(node.name, "BEST_BY_GOAL") if node.name else "")
        if node.best_by_goal_after is None:
            return told
        people = self.counted(node.best_by_goal_after, "PEOPLE", "person")
        return self.say(told, self.word("BEST_BY_GOAL"), self.either("AFTER", "REACHING"), people)

    def arm(self, node: nodes.Arm) -> str:
        name = self.name(node.name, "HOLDOUT") if node.name else self.word("HOLDOUT")
        return self.say(self.percent(node.percent), name)

    def _repeat(self, node: nodes.Repeat) -> str:
        most = self.say(self.word("UP_TO"), self.counted(node.times, "TIMES", "time"))
        gap = self.say(self.either("EVERY", "EVERY_GAP"), self.duration(node.every))
        until = self.say(self.word("UNTIL"), self.condition(node.until)) if node.until else ""
        return self.say(self.word("REPEAT"), most, gap, until)

    def handler(self, node: nodes.On) -> str:
        head = self.word(_HANDLERS[node.what])
        if node.step is not None:
            return self.say(head, self.step(node.step))
        if node.action == "wait":
            return self.say(
                head, self.word("WAIT"), self.word("UP_TO"), self.duration(node.up_to) if node.up_to else ""
            )
        return self.say(head, self.word(_ACTIONS[node.action or "skip"]))

    # -- tests

    def test_line(self, node: nodes.TestLine) -> str:
        match node:
            case nodes.Given():
                return self.say(self.word("GIVEN"), self.word("CUSTOMER"), self.arguments(node.arguments))
            case nodes.Happens():
                return self.say(self.word("EVENT"), self.path(node.event), self.arguments(node.arguments))
            case nodes.Expect():
                how = {"": "", "not": self.either("NOT", "DO_NOT"), "never": self.word("NEVER")}[node.how]
                what = self.step(node.step) if node.step else ""
                told = self.condition(node.condition) if node.condition else ""
                return self.say(self.word("EXPECT"), how, what, told)
            case nodes.After():
                return self.say(self.word("AFTER"), self.duration(node.duration), self.test_line(node.act))
