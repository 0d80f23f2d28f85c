"""Builds the tree while Lark parses: one method per rule of grammar.lark, called with what stands under the rule.

The grammar lets any kind of line stand in any block; `Placement` here says which ones have lost their way. A mistake is
noted in `diagnostics` and the node is built as well as it can be, so that later rooms and editors still have a tree.
"""

from __future__ import annotations

from typing import Literal

from lark import Token

from journeys.diagnostics.span import NOWHERE, Span
from journeys.language import nodes
from journeys.language.placement import Block, Part
from journeys.language.tree_literals import Children, all_of, has_token, one_of_kind, tokens_of
from journeys.language.tree_settings import Settings

_HANDLERS: dict[str, Literal["limit", "empty", "failure", "past"]] = {
    "ON_LIMIT": "limit",
    "ON_EMPTY": "empty",
    "ON_FAILURE": "failure",
    "ON_PAST": "past",
}


class Builder(Settings):
    """Turns the children of each rule into a node. `begin` it for each text; it is not shared between threads."""

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
        self.place.once([*all_of(header, Part), *self.flags(header, "FOR_ACCOUNT")])
        version = one_of_kind(header, Part)
        settings, steps = self.place.journey(block, span)
        return nodes.Journey(
            name,
            tuple(settings),
            tuple(steps),
            version.value if version else None,
            has_token(header, "FOR_ACCOUNT"),
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

    # -- steps

    def step(self, children: Children) -> nodes.Step:
        return self.place.with_handlers(children[0], children[1], self.span(children))  # type: ignore[no-any-return]

    def send(self, children: Children) -> nodes.Send:
        parts = all_of(children, Part)
        self.place.once([*parts, *self.flags(children, "AT_USUAL_HOUR", "AS_TRANSACTIONAL")])
        found = {p.kind: p.value for p in parts}
        return nodes.Send(
            children[1],
            found.get("to"),
            found.get("by", ()),
            found.get("with", ()),
            has_token(children, "AT_USUAL_HOUR"),
            has_token(children, "AS_TRANSACTIONAL"),
            span=self.span(children),
        )

    def to(self, children: Children) -> Part:
        return Part("to", children[1], self.span(children))

    def by(self, children: Children) -> Part:
        return Part("by", tuple(all_of(children, nodes.Name)), self.span(children))

    def with_(self, children: Children) -> Part:
        return Part("with", tuple(all_of(children, nodes.Argument)), self.span(children))

    def arg(self, children: Children) -> nodes.Argument:
        return nodes.Argument(children[0], children[1], span=self.span(children))

    def wait(self, children: Children) -> nodes.Wait:
        return nodes.Wait(self.duration(children[1]), span=self.span(children))

    def wait_until(self, children: Children) -> nodes.WaitUntil:
        return nodes.WaitUntil(children[2], self.duration_of(children), span=self.span(children))

    def wait_moment(self, children: Children) -> nodes.WaitMoment:
        clock, span, what = one_of_kind(children, nodes.Clock), self.span(children), children[2]
        if isinstance(what, Part) and what.kind == "days":
            return nodes.WaitMoment(clock, days=what.value, span=span)
        if isinstance(what, Part):
            duration, before, path = what.value
            return nodes.WaitMoment(clock, field=path, offset=duration, before=before, span=span)
        if isinstance(what, Token) and what.type == "DATE":
            return nodes.WaitMoment(clock, date=self.date(what), span=span)
        return nodes.WaitMoment(clock, field=one_of_kind(children, nodes.Path), span=span)

    def give(self, children: Children) -> nodes.Give:
        span, valid, name = self.span(children), self.duration_of(children), one_of_kind(children, nodes.Name)
        if has_token(children, "RED_PACKET"):
            amount = self.money(tokens_of(children, "MONEY")[0])
            return nodes.Give("red packet", name, amount=amount, valid=valid, span=span)
        if has_token(children, "POINTS"):
            return nodes.Give("points", points=self.whole(children[1]), valid=valid, span=span)
        return nodes.Give("coupon", name, valid=valid, span=span)

    def set(self, children: Children) -> nodes.Set:
        return nodes.Set(children[1], children[3], span=self.span(children))

    def tag(self, children: Children) -> nodes.Tag:
        return nodes.Tag(children[1], self.duration_of(children), span=self.span(children))

    def untag(self, children: Children) -> nodes.Untag:
        return nodes.Untag(children[1], span=self.span(children))

    def task(self, children: Children) -> nodes.Task:
        parts = all_of(children, Part)
        self.place.once(parts)
        found = {p.kind: p.value for p in parts}
        return nodes.Task(children[1], children[3], found.get("due"), found.get("with", ()), span=self.span(children))

    def due(self, children: Children) -> Part:
        return Part("due", self.duration(children[1]), self.span(children))

    def notify(self, children: Children) -> nodes.Notify:
        return nodes.Notify(children[1], self.quoted(children[2]), span=self.span(children))

    def call(self, children: Children) -> nodes.Call:
        part = one_of_kind(children, Part)
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
        branches = [self._branch(children[:4]), *all_of(children, nodes.Branch)]
        otherwise = next((c for c in children[4:] if isinstance(c, Part)), None)
        bodies = [children[3], *(c.value for c in all_of(children[4:], Part))]
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
        best = one_of_kind(children, Part)
        arms = self.place.split(children[-1], self.span(children[:-1]))
        return nodes.Split(
            one_of_kind(children, nodes.Name), tuple(arms), best.value if best else None, span=self.span(children)
        )

    def best(self, children: Children) -> Part:
        return Part("best", self.whole(children[2]), self.span(children))

    def arm(self, children: Children) -> nodes.Arm:
        block, name = children[-1], one_of_kind(children, nodes.Name)
        header = self.span(children[:-1])
        if has_token(children, "THEN"):
            body = [self.place.with_handlers(children[-2], block, header)]
        else:
            body = self.place.steps(block, header, may_be_empty=True)
        return nodes.Arm(self.percent(children[0]), name, tuple(body), span=self.span(children))

    def repeat(self, children: Children) -> nodes.Repeat:
        found = {p.kind: p.value for p in all_of(children, Part)}
        header = self.span(children[:-1])
        until = children[-2] if has_token(children, "UNTIL") else None
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

    # -- tests

    def given(self, children: Children) -> nodes.Given:
        self.place.nothing_under(children)
        part = one_of_kind(children, Part)
        return nodes.Given(part.value if part else (), span=self.span(children))

    def act_line(self, children: Children) -> nodes.Happens | nodes.Expect:
        self.place.nothing_under(children)
        act: nodes.Happens | nodes.Expect = children[0]
        return act

    def after(self, children: Children) -> nodes.After:
        self.place.nothing_under(children)
        return nodes.After(self.duration(children[1]), children[2], span=self.span(children))

    def event(self, children: Children) -> nodes.Happens:
        part = one_of_kind(children, Part)
        return nodes.Happens(children[1], part.value if part else (), span=self.span(children))

    def expect(self, children: Children) -> nodes.Expect:
        how: Literal["", "not", "never"] = ""
        if has_token(children, "NOT", "DO_NOT"):
            how = "not"
        elif has_token(children, "NEVER"):
            how = "never"
        what, span = children[-1], self.span(children)
        if isinstance(what, nodes.Tagged):
            return nodes.Expect(how, condition=what, span=span)
        return nodes.Expect(how, what, span=span)
