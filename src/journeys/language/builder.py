"""Builds the tree while Lark parses: one method per rule of grammar.lark, called with what stands under the rule.

The grammar lets any kind of line stand in any block; `Placement` here says which ones have lost their way. A mistake is
noted in `diagnostics` and the node is built as well as it can be, so that later rooms and editors still have a tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVar

from lark import Token, Transformer

from journeys.diagnostics.diagnostic import Diagnostic, Edit, Fix
from journeys.diagnostics.span import NOWHERE, Span
from journeys.language import literals, nodes
from journeys.language.keywords import DAYS, UNIT_OF
from journeys.language.placement import Block, Part, Placement

N = TypeVar("N")
Children = Sequence[Any]

_COMPARISONS: dict[str, nodes.Comparison] = {
    "IS": "is",
    "EXACTLY": "is",
    "IS_NOT": "is not",
    "OVER": "over",
    "UNDER": "under",
    "AT_LEAST": "at least",
    "AT_MOST": "at most",
}
_SIGNS: dict[str, nodes.Comparison] = {
    "=": "is",
    "==": "is",
    "!=": "is not",
    "≠": "is not",
    ">": "over",
    "<": "under",
    ">=": "at least",
    "≥": "at least",
    "<=": "at most",
    "≤": "at most",
}
_CALENDAR: dict[str, nodes.Unit] = {"CALENDAR_DAY": "d", "CALENDAR_WEEK": "w", "CALENDAR_MONTH": "mo"}
_ENGAGEMENTS: dict[str, Literal["opened", "clicked", "received", "replied"]] = {
    "OPENED": "opened",
    "CLICKED": "clicked",
    "RECEIVED": "received",
    "REPLIED": "replied",
}
_HANDLERS: dict[str, Literal["limit", "empty", "failure", "past"]] = {
    "ON_LIMIT": "limit",
    "ON_EMPTY": "empty",
    "ON_FAILURE": "failure",
    "ON_PAST": "past",
}


@dataclass(frozen=True, slots=True)
class _Period:
    duration: nodes.Duration
    calendar: bool


def _all(children: Children, kind: type[N]) -> list[N]:
    return [c for c in children if isinstance(c, kind)]


def _one(children: Children, kind: type[N]) -> N | None:
    return next((c for c in children if isinstance(c, kind)), None)


def _has(children: Children, *terminals: str) -> bool:
    return any(isinstance(c, Token) and c.type in terminals for c in children)


def _tokens(children: Children, terminal: str) -> list[Token]:
    return [c for c in children if isinstance(c, Token) and c.type == terminal]


class Builder(Transformer[Token, Any]):
    """Turns the children of each rule into a node. `begin` it for each text; it is not shared between threads."""

    def __init__(self) -> None:
        super().__init__()
        self.begin("", "", 0)

    def begin(self, path: str, written: str, base: int) -> None:
        """Start on a text: a part of the file `path` that begins `base` characters into it."""
        self._path, self._written, self._base = path, written, base
        self.diagnostics: list[Diagnostic] = []
        self.place = Placement(self.diagnostics, self.source)

    # -- places

    def token_span(self, token: Token) -> Span:
        return Span(self._path, self._base + (token.start_pos or 0), self._base + (token.end_pos or 0))

    def _place(self, child: Any) -> Span:
        if isinstance(child, Token):
            return self.token_span(child)
        span: Span = child.span
        return span

    def span(self, children: Children) -> Span:
        """From the first child to the last that stands anywhere; an empty block stands nowhere."""
        places = [s for c in (children[0], *children[-2:]) if (s := self._place(c)) is not NOWHERE]
        return Span(self._path, places[0].start, max(s.end for s in places))

    def report(self, code: str, span: Span, fix: Fix | None = None, **facts: str) -> None:
        self.diagnostics.append(Diagnostic(code, span, facts, fix=fix))

    def source(self, span: Span) -> str:
        return self._written[span.start : span.end]

    # -- the file and its blocks

    def start(self, children: Children) -> nodes.File:
        return nodes.File(tuple(self.place.declarations(children)))

    def block(self, children: Children) -> Block:
        items = tuple(c for c in children if c is not None)
        return Block(items, self.span(items) if items else NOWHERE, broken=len(items) < len(children))

    def bad(self, _: Children) -> None:
        return None

    def version(self, children: Children) -> Part:
        return Part("version", self.whole(children[1]), self.span(children))

    def journey(self, children: Children) -> nodes.Journey:
        header, block = children[:-1], children[-1]
        name, span = children[1], self.span(header)
        self.place.once([*_all(header, Part), *self._flags(header, "FOR_ACCOUNT")])
        version = _one(header, Part)
        settings, steps = self.place.journey(block, span)
        return nodes.Journey(
            name,
            tuple(settings),
            tuple(steps),
            version.value if version else None,
            _has(header, "FOR_ACCOUNT"),
            span=self.span(children),
        )

    def segment(self, children: Children) -> nodes.Segment:
        self.place.nothing_under(children)
        return nodes.Segment(children[1], children[3], span=self.span(children))

    def steps(self, children: Children) -> nodes.Steps:
        body = self.place.steps(children[-1], self.span(children[:-1]))
        return nodes.Steps(children[1], tuple(body), span=self.span(children))

    def score(self, children: Children) -> nodes.Score:
        lines = self.place.score(children[-1], self.span(children[:-1]))
        return nodes.Score(children[1], tuple(lines), span=self.span(children))

    def add(self, children: Children) -> nodes.ScoreLine:
        self.place.nothing_under(children)
        return nodes.ScoreLine(self.decimal(children[1]), children[3], span=self.span(children))

    def use(self, children: Children) -> nodes.Use:
        self.place.nothing_under(children)
        return nodes.Use(self.quoted(children[1]), span=self.span(children))

    def test(self, children: Children) -> nodes.Test:
        lines = self.place.test(children[-1], self.span(children[:-1]))
        return nodes.Test(self.quoted(children[1]), tuple(lines), span=self.span(children))

    # -- settings

    def setting(self, children: Children) -> nodes.Setting:
        self.place.nothing_under(children)
        setting: nodes.Setting = children[0]
        return setting

    def start_when(self, children: Children) -> nodes.Start:
        moment = nodes.When(children[2], _one(children, nodes.Everyone), span=self.span(children[1:]))
        return nodes.Start(moment, span=self.span(children))

    def everyone(self, children: Children) -> nodes.Everyone:
        event, shared = _all(children, nodes.Name)
        windows = _all(children, Part)
        self.place.once(windows)
        window = windows[0].value if windows else None
        if windows and window is None:
            self.report("J058", windows[0].span)
        return nodes.Everyone(event, shared, window, span=self.span(children))

    def start_on(self, children: Children) -> nodes.Start:
        clock, offset, path = _one(children, nodes.Clock), _one(children, Part), _one(children, nodes.Path)
        span = self.span(children[1:])
        if offset:
            duration, before, path = offset.value
            return nodes.Start(nodes.OnDate(path, clock, duration, before, span=span), span=self.span(children))
        assert path is not None
        return nodes.Start(nodes.OnDate(path, clock, span=span), span=self.span(children))

    def start_every(self, children: Children) -> nodes.Start:
        days = _one(children, Part)
        every = nodes.Every(
            days.value if days else tuple(range(7)), _one(children, nodes.Clock), span=self.span(children[1:])
        )
        return nodes.Start(every, span=self.span(children))

    def days(self, children: Children) -> Part:
        numbers = {n for c in children if c.type in DAYS for n in DAYS[c.type]}
        return Part("days", tuple(sorted(numbers)), self.span(children))

    def offset(self, children: Children) -> Part:
        path, duration = _one(children, nodes.Path), self.duration(_tokens(children, "DURATION")[0])
        return Part("offset", (duration, _has(children, "BEFORE"), path), self.span(children))

    def clock(self, children: Children) -> nodes.Clock:
        return nodes.Clock(self.minute(_tokens(children, "TIME")[0]), self.zone(children), span=self.span(children))

    def zone(self, children: Children) -> str | None:
        last = children[-1]
        if not isinstance(last, Token):
            return None
        zones = {"THEIR_TIME": "their", "OUR_TIME": "our"}
        return self.quoted(last).value if last.type == "STRING" else zones.get(last.type)

    def enter(self, children: Children) -> nodes.Enter:
        span = self.span(children)
        if _has(children, "EVERY_TIME"):
            return nodes.Enter("every time", span=span)
        if _has(children, "NEW_ONLY"):
            return nodes.Enter("new only", span=span)
        parts = _all(children, Part)
        self.place.once([*parts, *self._flags(children, "ONCE")])
        period = next((p.value for p in parts if p.kind == "per"), None)
        if period and period.calendar:
            self.report("J035", span)
        key = next((p.value for p in parts if p.kind == "for each"), None)
        return nodes.Enter("once", period.duration if period else None, key, span=span)

    def per(self, children: Children) -> Part:
        token, span = children[1], self.token_span(children[1])
        if token.type == "DURATION":
            period = _Period(self.duration(token), False)
        elif token.type == "UNIT":
            period = _Period(nodes.Duration(((Decimal(1), UNIT_OF[token.lower()]),), span=span), False)  # type: ignore[arg-type]
        else:
            period = _Period(nodes.Duration(((Decimal(1), _CALENDAR[token.type]),), span=span), True)
        return Part("per", period, self.span(children))

    def for_each(self, children: Children) -> Part:
        return Part("for each", children[1], self.span(children))

    def only_if(self, children: Children) -> nodes.OnlyIf:
        return nodes.OnlyIf(children[1], span=self.span(children))

    def exit_when(self, children: Children) -> nodes.ExitWhen:
        return nodes.ExitWhen(children[2], span=self.span(children))

    def goal(self, children: Children) -> nodes.Goal:
        return nodes.Goal(children[1], self.duration_of(children), span=self.span(children))

    def quiet(self, children: Children) -> nodes.Quiet:
        first, last = (self.minute(t) for t in _tokens(children, "TIME"))
        return nodes.Quiet(first, last, self.zone(children), span=self.span(children))

    def limit(self, children: Children) -> nodes.Limit:
        period = _all(children, Part)[0].value
        number = self.whole(_tokens(children, "NUMBER")[0])
        return nodes.Limit(number, period.duration, period.calendar, span=self.span(children))

    def priority(self, children: Children) -> nodes.Priority:
        return nodes.Priority(self.whole(children[1], signed=True), span=self.span(children))

    def budget(self, children: Children) -> nodes.Budget:
        amount = self.money(children[1]) if children[1].type == "MONEY" else self.number(children[1])
        return nodes.Budget(amount, span=self.span(children))

    def holdout(self, children: Children) -> nodes.Holdout:
        return nodes.Holdout(self.percent(children[1]), span=self.span(children))

    def pace(self, children: Children) -> nodes.Pace:
        part = _all(children, Part)[0]
        if part.value.calendar:
            self.report("J035", part.span)
        number = self.whole(_tokens(children, "NUMBER")[0])
        return nodes.Pace(number, part.value.duration, span=self.span(children))

    def note(self, children: Children) -> nodes.Note:
        return nodes.Note(self.quoted(children[1]), span=self.span(children))

    def move(self, children: Children) -> nodes.Move:
        before, after = (self.whole(t) for t in _tokens(children, "NUMBER"))
        old, new = _all(children, nodes.Name)
        return nodes.Move(before, after, old, new, span=self.span(children))

    # -- steps

    def step(self, children: Children) -> nodes.Step:
        return self.place.with_handlers(children[0], children[1], self.span(children))  # type: ignore[no-any-return]

    def send(self, children: Children) -> nodes.Send:
        parts = _all(children, Part)
        self.place.once([*parts, *self._flags(children, "AT_USUAL_HOUR", "AS_TRANSACTIONAL")])
        found = {p.kind: p.value for p in parts}
        return nodes.Send(
            children[1],
            found.get("to"),
            found.get("by", ()),
            found.get("with", ()),
            _has(children, "AT_USUAL_HOUR"),
            _has(children, "AS_TRANSACTIONAL"),
            span=self.span(children),
        )

    def to(self, children: Children) -> Part:
        return Part("to", children[1], self.span(children))

    def by(self, children: Children) -> Part:
        return Part("by", tuple(_all(children, nodes.Name)), self.span(children))

    def with_(self, children: Children) -> Part:
        return Part("with", tuple(_all(children, nodes.Argument)), self.span(children))

    def arg(self, children: Children) -> nodes.Argument:
        return nodes.Argument(children[0], children[1], span=self.span(children))

    def wait(self, children: Children) -> nodes.Wait:
        return nodes.Wait(self.duration(children[1]), span=self.span(children))

    def wait_until(self, children: Children) -> nodes.WaitUntil:
        return nodes.WaitUntil(children[2], self.duration_of(children), span=self.span(children))

    def wait_moment(self, children: Children) -> nodes.WaitMoment:
        clock, span, what = _one(children, nodes.Clock), self.span(children), children[2]
        if isinstance(what, Part) and what.kind == "days":
            return nodes.WaitMoment(clock, days=what.value, span=span)
        if isinstance(what, Part):
            duration, before, path = what.value
            return nodes.WaitMoment(clock, field=path, offset=duration, before=before, span=span)
        if isinstance(what, Token) and what.type == "DATE":
            return nodes.WaitMoment(clock, date=self.date(what), span=span)
        return nodes.WaitMoment(clock, field=_one(children, nodes.Path), span=span)

    def give(self, children: Children) -> nodes.Give:
        span, valid, name = self.span(children), self.duration_of(children), _one(children, nodes.Name)
        if _has(children, "RED_PACKET"):
            amount = self.money(_tokens(children, "MONEY")[0])
            return nodes.Give("red packet", name, amount=amount, valid=valid, span=span)
        if _has(children, "POINTS"):
            return nodes.Give("points", points=self.whole(children[1]), valid=valid, span=span)
        return nodes.Give("coupon", name, valid=valid, span=span)

    def set(self, children: Children) -> nodes.Set:
        return nodes.Set(children[1], children[3], span=self.span(children))

    def tag(self, children: Children) -> nodes.Tag:
        return nodes.Tag(children[1], self.duration_of(children), span=self.span(children))

    def untag(self, children: Children) -> nodes.Untag:
        return nodes.Untag(children[1], span=self.span(children))

    def task(self, children: Children) -> nodes.Task:
        parts = _all(children, Part)
        self.place.once(parts)
        found = {p.kind: p.value for p in parts}
        return nodes.Task(children[1], children[3], found.get("due"), found.get("with", ()), span=self.span(children))

    def due(self, children: Children) -> Part:
        return Part("due", self.duration(children[1]), self.span(children))

    def notify(self, children: Children) -> nodes.Notify:
        return nodes.Notify(children[1], self.quoted(children[2]), span=self.span(children))

    def call(self, children: Children) -> nodes.Call:
        part = _one(children, Part)
        return nodes.Call(children[1], part.value if part else (), span=self.span(children))

    def do(self, children: Children) -> nodes.Do:
        return nodes.Do(children[1], span=self.span(children))

    def start_journey(self, children: Children) -> nodes.StartJourney:
        return nodes.StartJourney(children[2], span=self.span(children))

    def todo(self, children: Children) -> nodes.Todo:
        return nodes.Todo(self.quoted(children[1]), span=self.span(children))

    def exit(self, children: Children) -> nodes.Exit:
        return nodes.Exit(span=self.span(children))

    def if_line(self, children: Children) -> nodes.If:
        _, condition, _, yes, _, no, block = children
        branch = nodes.Branch(condition, (yes,), span=self.span(children[:4]))
        no = self.place.with_handlers(no, block, self.span(children))
        place = self.token_span(children[4])
        return nodes.If((branch,), (no,), inline=True, else_span=place, span=self.span(children))

    def if_(self, children: Children) -> nodes.If:
        branches = [self._branch(children[:4]), *_all(children, nodes.Branch)]
        otherwise = next((c for c in children[4:] if isinstance(c, Part)), None)
        bodies = [children[3], *(c.value for c in _all(children[4:], Part))]
        inline = len(branches) == 1 and all(body.inline for body in bodies)
        if otherwise is None:
            return nodes.If(tuple(branches), (), inline, span=self.span(children))
        place = Span(self._path, otherwise.span.start, otherwise.span.start + len("else"))
        return nodes.If(tuple(branches), otherwise.value.items, inline, place, span=self.span(children))

    def _branch(self, children: Children) -> nodes.Branch:
        body = self._body(children[3], self.span(children[:3]))
        return nodes.Branch(children[1], body.items, span=self.span(children))

    def _body(self, body: Block, header: Span) -> Block:
        return body if body.inline else Block(tuple(self.place.steps(body, header)), body.span)

    def body_line(self, children: Children) -> Block:
        step = self.place.with_handlers(children[0], children[1], self.span(children))
        return Block((step,), self.span(children), inline=True)

    def body_block(self, children: Children) -> Block:
        block: Block = children[0]
        return block

    def elif_(self, children: Children) -> nodes.Branch:
        return self._branch(children)

    def else_(self, children: Children) -> Part:
        body = self._body(children[1], self.token_span(children[0]))
        return Part("else", body, self.span(children))

    def split(self, children: Children) -> nodes.Split:
        best = _one(children, Part)
        arms = self.place.split(children[-1], self.span(children[:-1]))
        return nodes.Split(
            _one(children, nodes.Name), tuple(arms), best.value if best else None, span=self.span(children)
        )

    def best(self, children: Children) -> Part:
        return Part("best", self.whole(children[2]), self.span(children))

    def arm(self, children: Children) -> nodes.Arm:
        block, name = children[-1], _one(children, nodes.Name)
        header = self.span(children[:-1])
        if _has(children, "THEN"):
            body = [self.place.with_handlers(children[-2], block, header)]
        else:
            body = self.place.steps(block, header, may_be_empty=True)
        return nodes.Arm(self.percent(children[0]), name, tuple(body), span=self.span(children))

    def repeat(self, children: Children) -> nodes.Repeat:
        found = {p.kind: p.value for p in _all(children, Part)}
        header = self.span(children[:-1])
        until = children[-2] if _has(children, "UNTIL") else None
        body = self.place.steps(children[-1], header)
        return nodes.Repeat(found["most"], found["gap"], tuple(body), until, span=self.span(children))

    def most(self, children: Children) -> Part:
        return Part("most", self.whole(children[1]), self.span(children))

    def gap(self, children: Children) -> Part:
        return Part("gap", self.duration(children[1]), self.span(children))

    def on(self, children: Children) -> nodes.On:
        what, action, block = children
        place = _HANDLERS[what.type]
        span = self.span(children)
        if isinstance(action, Part):
            return self.place.handler(nodes.On(place, "wait", action.value, span=span), block)
        if isinstance(action, Token):
            how: Literal["skip", "run"] = "skip" if action.type == "SKIP" else "run"
            return self.place.handler(nodes.On(place, how, span=span), block)
        if isinstance(action, nodes.Exit) and place in ("limit", "past"):
            return self.place.handler(nodes.On(place, "exit", span=span), block)
        step = self.place.with_handlers(action, block, span)
        return self.place.handler(nodes.On(place, step=step, span=span), None)

    def hold(self, children: Children) -> Part:
        return Part("hold", self.duration(children[2]), self.span(children))

    # -- conditions

    def cond(self, children: Children) -> nodes.Condition:
        if len(children) == 1:
            condition: nodes.Condition = children[0]
            return condition
        terms, operators = children[::2], children[1::2]
        span = self.span(children)
        kinds = {o.type for o in operators}
        if len(kinds) == 1:
            return (nodes.And if kinds == {"AND"} else nodes.Or)(tuple(terms), span=span)
        return self._mixed(terms, operators, span)

    def _mixed(self, terms: Children, operators: Children, span: Span) -> nodes.Condition:
        """`a and b or c`: an error, with `and` taken to bind more tightly so that there is a tree."""
        groups: list[list[Any]] = [[terms[0]]]
        for operator, term in zip(operators, terms[1:], strict=True):
            if operator.type == "AND":
                groups[-1].append(term)
            else:
                groups.append([term])
        joined = []
        edits: list[Edit] = []
        for group in groups:
            place = self.span(group)
            joined.append(group[0] if len(group) == 1 else nodes.And(tuple(group), span=place))
            if len(group) > 1:
                edits += [
                    Edit(Span(self._path, place.start, place.start), "("),
                    Edit(Span(self._path, place.end, place.end), ")"),
                ]
        text = self.source(span)
        for edit in reversed(edits):
            at = edit.span.start - span.start
            text = text[:at] + edit.text + text[at:]
        first = operators[0]
        other = next(o for o in operators if o.type != first.type)
        self.diagnostics.append(
            Diagnostic(
                "J012",
                self.token_span(first),
                {"first": str(first), "other": str(other), "text": " ".join(text.split())},
                related=((self.token_span(other), "other"),),
                fix=Fix(tuple(edits), safe=False),
            )
        )
        return nodes.Or(tuple(joined), span=span)

    def paren(self, children: Children) -> nodes.Condition:
        condition: nodes.Condition = replace(children[1], span=self.span(children))
        return condition

    def not_(self, children: Children) -> nodes.Condition:
        return nodes.Not(children[1], span=self.span(children))

    def fact(self, children: Children) -> nodes.Fact:
        return nodes.Fact(children[0], span=self.span(children))

    def _comparison(self, token: Token) -> nodes.Comparison:
        return _SIGNS[str(token)] if token.type == "SIGN" else _COMPARISONS[token.type]

    def compare(self, children: Children) -> nodes.Compare:
        path, how, value = children
        return nodes.Compare(path, self._comparison(how), value, span=self.span(children))

    def one_of(self, children: Children) -> nodes.Condition:
        span = self.span(children)
        one = nodes.OneOf(children[0], tuple(children[2:]), span=span)
        return nodes.Not(one, span=span) if children[1].type == "NOT_ONE_OF" else one

    def between(self, children: Children) -> nodes.Between:
        return nodes.Between(children[0], children[2], children[4], span=self.span(children))

    def known(self, children: Children) -> nodes.Known:
        return nodes.Known(children[0], children[1].type == "KNOWN", span=self.span(children))

    def changes(self, children: Children) -> nodes.Changes:
        path, how, span = children[0], children[1].type, self.span(children)
        if how != "CHANGES":
            least = children[3] if len(children) > 2 else None
            return nodes.Changes(path, "rises" if how == "RISES" else "falls", by_at_least=least, span=span)
        found = {k.type: v for k, v in zip(children[2::2], children[3::2], strict=True)}
        return nodes.Changes(path, "changes", found.get("FROM"), found.get("TO"), span=span)

    def event_where(self, children: Children) -> nodes.EventWhere:
        return nodes.EventWhere(children[0], children[1].value, span=self.span(children))

    def where(self, children: Children) -> Part:
        return Part("where", children[1], self.span(children))

    def silent(self, children: Children) -> nodes.Silent:
        return nodes.Silent(self.duration(children[-1]), span=self.span(children))

    def window(self, children: Children) -> Part:
        since = children[0].type == "SINCE_ENTRY"
        return Part("window", None if since else self.duration(children[1]), self.span(children))

    def _window(self, parts: Sequence[Part]) -> tuple[nodes.Duration | None, bool]:
        """The look-back window of a condition, and whether it begins with the entry."""
        self.place.once(parts)
        window = next((p for p in parts if p.kind == "window"), None)
        return (window.value, window.value is None) if window else (None, False)

    def did(self, children: Children) -> nodes.Did:
        parts = _all(children, Part)
        window, since_entry = self._window(parts)
        comparison, times = next((p.value for p in parts if p.kind == "times"), (None, None))
        where = next((p.value for p in parts if p.kind == "where"), None)
        never = _has(children, "NEVER_DID")
        negated = never or _has(children, "DID_NOT")
        event = _one(children, nodes.Name)
        assert event is not None
        return nodes.Did(event, negated, never, comparison, times, window, since_entry, where, span=self.span(children))

    def times(self, children: Children) -> Part:
        span, number = self.span(children), _tokens(children, "NUMBER")[0]
        if children[0] is number:
            self.report("J037", span, text=self.source(span))
        how: nodes.Comparison = "at least" if children[0] is number else self._comparison(children[0])
        return Part("times", (how, self.whole(number)), span)

    def spent(self, children: Children) -> nodes.Spent:
        at = next(i for i, c in enumerate(children) if isinstance(c, Token) and c.type == "SPENT")
        window, since_entry = self._window(_all(children, Part))
        how, amount = self._comparison(children[at + 1]), children[at + 2]
        return nodes.Spent(how, amount, window, since_entry, span=self.span(children))

    def engaged(self, children: Children) -> nodes.Engaged:
        verb = next(c for c in children if isinstance(c, Token))
        window, since_entry = self._window(_all(children, Part))
        message = _one(children, nodes.Name)
        assert message is not None
        if since_entry:
            part = _all(children, Part)[0]
            self.report("J058", part.span)
        return nodes.Engaged(_ENGAGEMENTS[verb.type], message, window, span=self.span(children))

    def in_segment(self, children: Children) -> nodes.InSegment:
        return nodes.InSegment(children[1], span=self.span(children))

    def tagged(self, children: Children) -> nodes.Tagged:
        return nodes.Tagged(children[1], span=self.span(children))

    def reachable(self, children: Children) -> nodes.Reachable:
        return nodes.Reachable(children[1], span=self.span(children))

    def timed_out(self, children: Children) -> nodes.TimedOut:
        return nodes.TimedOut(span=self.span(children))

    def goal_reached(self, children: Children) -> nodes.GoalReached:
        return nodes.GoalReached(span=self.span(children))

    def count(self, children: Children) -> nodes.CountInAccount:
        how, number = children[-2:]
        return nodes.CountInAccount(children[2], self._comparison(how), self.whole(number), span=self.span(children))

    # -- tests

    def given(self, children: Children) -> nodes.Given:
        self.place.nothing_under(children)
        part = _one(children, Part)
        return nodes.Given(part.value if part else (), span=self.span(children))

    def act_line(self, children: Children) -> nodes.Happens | nodes.Expect:
        self.place.nothing_under(children)
        act: nodes.Happens | nodes.Expect = children[0]
        return act

    def after(self, children: Children) -> nodes.After:
        self.place.nothing_under(children)
        return nodes.After(self.duration(children[1]), children[2], span=self.span(children))

    def event(self, children: Children) -> nodes.Happens:
        part = _one(children, Part)
        return nodes.Happens(children[1], part.value if part else (), span=self.span(children))

    def expect(self, children: Children) -> nodes.Expect:
        how: Literal["", "not", "never"] = ""
        if _has(children, "NOT", "DO_NOT"):
            how = "not"
        elif _has(children, "NEVER"):
            how = "never"
        what, span = children[-1], self.span(children)
        if isinstance(what, nodes.Tagged):
            return nodes.Expect(how, condition=what, span=span)
        return nodes.Expect(how, what, span=span)

    # -- names and literals

    def name(self, children: Children) -> nodes.Name:
        token: Token = children[0]
        span = self.token_span(token)
        text = str(token) if token.type == "NAME" else literals.unquote(self.source(span))
        if not text.strip():
            self.report("J046", span)
        return nodes.Name(text, span=span)

    def path(self, children: Children) -> nodes.Path:
        parts = (str(t) if t.type == "NAME" else literals.unquote(self.source(self.token_span(t))) for t in children)
        return nodes.Path(tuple(parts), span=self.span(children))

    def quoted(self, token: Token) -> nodes.Text:
        span = self.token_span(token)
        return nodes.Text(literals.unquote(self.source(span)), span=span)

    def value(self, children: Children) -> nodes.Value:
        token = children[0]
        if isinstance(token, nodes.Path):
            return token
        if token.type == "DURATION":
            duration = self.duration(token)
            return nodes.Ago(duration, span=self.span(children)) if len(children) > 1 else duration
        if token.type == "TIME":
            return nodes.Clock(self.minute(token), span=self.token_span(token))
        readers = {
            "NUMBER": self.number,
            "MONEY": self.money,
            "PERCENT": self.percent,
            "DATE": self.date,
            "STRING": self.quoted,
        }
        return readers[token.type](token)

    def decimal(self, token: Token, text: str | None = None) -> Decimal:
        """The number in a token; one with too many digits is reported and stands for zero."""
        text = str(token) if text is None else text
        if literals.digits(text) > literals.MAX_DIGITS:
            self.report("J019", self.token_span(token), digits=str(literals.MAX_DIGITS))
            return Decimal(0)
        return Decimal(text)

    def whole(self, token: Token, signed: bool = False) -> int:
        value = self.decimal(token)
        if value != int(value) or (value < 0 and not signed):
            self.report("J036", self.token_span(token), number=str(token))
            return 0
        return int(value)

    def number(self, token: Token) -> nodes.Number:
        return nodes.Number(self.decimal(token), span=self.token_span(token))

    def money(self, token: Token) -> nodes.Money:
        amount, currency = literals.read_money(str(token))
        return nodes.Money(self.decimal(token, amount), currency, span=self.token_span(token))

    def percent(self, token: Token) -> nodes.Percent:
        return nodes.Percent(self.decimal(token, str(token)[:-1].strip()), span=self.token_span(token))

    def duration(self, token: Token) -> nodes.Duration:
        span = self.token_span(token)
        parts = tuple((self.decimal(token, number), unit) for number, unit in literals.read_duration(str(token)))
        for number, unit in parts:
            if number != int(number) and unit not in ("min", "h"):
                self.report("J033", span, text=str(token))
                break
        return nodes.Duration(parts, span=span)

    def duration_of(self, children: Children) -> nodes.Duration | None:
        tokens = _tokens(children, "DURATION")
        return self.duration(tokens[0]) if tokens else None

    def date(self, token: Token) -> nodes.Date:
        try:
            value = date.fromisoformat(str(token))
        except ValueError:
            self.report("J020", self.token_span(token), date=str(token))
            value = date(2000, 1, 1)
        return nodes.Date(value, span=self.token_span(token))

    def minute(self, token: Token) -> int:
        minute = literals.read_clock(str(token))
        if minute is None:
            self.report("J021", self.token_span(token), time=str(token))
            return 0
        return minute

    def _flags(self, children: Children, *terminals: str) -> list[Part]:
        return [Part(t, None, self.token_span(c)) for t in terminals for c in _tokens(children, t)]
