"""Nodes as the sentences of the language, in English or Chinese: one line each, canonical words, quotes where needed.

Explanations use these too, so that what the engine says about a journey is what its author could have typed.
"""

from __future__ import annotations

from journeys.language import nodes
from journeys.language.keywords import BARE_UNITS, LANGUAGES
from journeys.language.say_conditions import AFTER_UNTIL, IN_CONDITION, Conditions
from journeys.language.say_literals import number, quote

_AFTER_START = "WHEN ON EVERY EVERY_DAY PER JOURNEY"
_AFTER_FOR_EVERYONE = "IN FOR SINCE_ENTRY"

_CALENDAR = {"d": "CALENDAR_DAY", "w": "CALENDAR_WEEK", "mo": "CALENDAR_MONTH"}
_HANDLERS = {"limit": "ON_LIMIT", "empty": "ON_EMPTY", "failure": "ON_FAILURE", "past": "ON_PAST"}
_ACTIONS = {"skip": "SKIP", "exit": "EXIT", "run": "RUN"}


class Sentences(Conditions):
    """The sentences of one language."""

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
            told = self.offset(node.offset, node.before, node.field, IN_CONDITION + AFTER_UNTIL)
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
