"""Settings of a journey: one method per rule, from what stands under the rule to a node."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from lark import Token

from journeys.language import nodes
from journeys.language.keywords import DAYS, UNIT_OF
from journeys.language.placement import Part
from journeys.language.tree_conditions import Conditions
from journeys.language.tree_literals import Children, all_of, has_token, one_of_kind, tokens_of

_CALENDAR: dict[str, nodes.Unit] = {"CALENDAR_DAY": "d", "CALENDAR_WEEK": "w", "CALENDAR_MONTH": "mo"}


@dataclass(frozen=True, slots=True)
class _Period:
    duration: nodes.Duration
    calendar: bool


class Settings(Conditions):
    """The methods for the rules under `_setting`, and for the moments that steps share with them."""

    def setting(self, children: Children) -> nodes.Setting:
        self.place.nothing_under(children)
        setting: nodes.Setting = children[0]
        return setting

    def start_when(self, children: Children) -> nodes.Start:
        moment = nodes.When(children[2], one_of_kind(children, nodes.Everyone), span=self.span(children[1:]))
        return nodes.Start(moment, span=self.span(children))

    def everyone(self, children: Children) -> nodes.Everyone:
        event, shared = all_of(children, nodes.Name)
        windows = all_of(children, Part)
        self.place.once(windows)
        window = windows[0].value if windows else None
        if windows and window is None:
            self.report("J058", windows[0].span)
        return nodes.Everyone(event, shared, window, span=self.span(children))

    def start_on(self, children: Children) -> nodes.Start:
        clock, offset, path = (
            one_of_kind(children, nodes.Clock),
            one_of_kind(children, Part),
            one_of_kind(children, nodes.Path),
        )
        span = self.span(children[1:])
        if offset:
            duration, before, path = offset.value
            return nodes.Start(nodes.OnDate(path, clock, duration, before, span=span), span=self.span(children))
        assert path is not None
        return nodes.Start(nodes.OnDate(path, clock, span=span), span=self.span(children))

    def start_every(self, children: Children) -> nodes.Start:
        days = one_of_kind(children, Part)
        every = nodes.Every(
            days.value if days else tuple(range(7)), one_of_kind(children, nodes.Clock), span=self.span(children[1:])
        )
        return nodes.Start(every, span=self.span(children))

    def days(self, children: Children) -> Part:
        numbers = {n for c in children if c.type in DAYS for n in DAYS[c.type]}
        return Part("days", tuple(sorted(numbers)), self.span(children))

    def offset(self, children: Children) -> Part:
        path, duration = one_of_kind(children, nodes.Path), self.duration(tokens_of(children, "DURATION")[0])
        return Part("offset", (duration, has_token(children, "BEFORE"), path), self.span(children))

    def clock(self, children: Children) -> nodes.Clock:
        return nodes.Clock(self.minute(tokens_of(children, "TIME")[0]), self.zone(children), span=self.span(children))

    def zone(self, children: Children) -> str | None:
        last = children[-1]
        if not isinstance(last, Token):
            return None
        zones = {"THEIR_TIME": "their", "OUR_TIME": "our"}
        return self.quoted(last).value if last.type == "STRING" else zones.get(last.type)

    def enter(self, children: Children) -> nodes.Enter:
        span = self.span(children)
        if has_token(children, "EVERY_TIME"):
            return nodes.Enter("every time", span=span)
        if has_token(children, "NEW_ONLY"):
            return nodes.Enter("new only", span=span)
        parts = all_of(children, Part)
        self.place.once([*parts, *self.flags(children, "ONCE")])
        period = next((p.value for p in parts if p.kind == "per"), None)
        if period and period.calendar:
            self.report("J035", span)
        key = next((p.value for p in parts if p.kind == "for each"), None)
        return nodes.Enter("once", period.duration if period else None, key, span=span)

    def per(self, children: Children) -> Part:
        token, span = children[1], self.token_span(children[1])
        if token.type == "DURATION":
            return Part("per", _Period(self.duration(token), False), self.span(children))
        unit = _CALENDAR.get(token.type) or cast("nodes.Unit", UNIT_OF.get(token.lower()))
        one = nodes.Duration(((Decimal(1), unit),), span=span)
        return Part("per", _Period(one, token.type in _CALENDAR), self.span(children))

    def for_each(self, children: Children) -> Part:
        return Part("for each", children[1], self.span(children))

    def only_if(self, children: Children) -> nodes.OnlyIf:
        return nodes.OnlyIf(children[1], span=self.span(children))

    def exit_when(self, children: Children) -> nodes.ExitWhen:
        return nodes.ExitWhen(children[2], span=self.span(children))

    def goal(self, children: Children) -> nodes.Goal:
        return nodes.Goal(children[1], self.duration_of(children), span=self.span(children))

    def quiet(self, children: Children) -> nodes.Quiet:
        first, last = (self.minute(t) for t in tokens_of(children, "TIME"))
        return nodes.Quiet(first, last, self.zone(children), span=self.span(children))

    def limit(self, children: Children) -> nodes.Limit:
        period = all_of(children, Part)[0].value
        number = self.whole(tokens_of(children, "NUMBER")[0])
        return nodes.Limit(number, period.duration, period.calendar, span=self.span(children))

    def priority(self, children: Children) -> nodes.Priority:
        return nodes.Priority(self.whole(children[1], signed=True), span=self.span(children))

    def budget(self, children: Children) -> nodes.Budget:
        amount = self.money(children[1]) if children[1].type == "MONEY" else self.number(children[1])
        return nodes.Budget(amount, span=self.span(children))

    def holdout(self, children: Children) -> nodes.Holdout:
        return nodes.Holdout(self.percent(children[1]), span=self.span(children))

    def pace(self, children: Children) -> nodes.Pace:
        part = all_of(children, Part)[0]
        if part.value.calendar:
            self.report("J035", part.span)
        number = self.whole(tokens_of(children, "NUMBER")[0])
        return nodes.Pace(number, part.value.duration, span=self.span(children))

    def note(self, children: Children) -> nodes.Note:
        return nodes.Note(self.quoted(children[1]), span=self.span(children))

    def move(self, children: Children) -> nodes.Move:
        before, after = (self.whole(t) for t in tokens_of(children, "NUMBER"))
        old, new = all_of(children, nodes.Name)
        return nodes.Move(before, after, old, new, span=self.span(children))
