"""Conditions: one method per rule, from what stands under the rule to a node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from lark import Token

from journeys.diagnostics.diagnostic import Diagnostic, Edit, Fix
from journeys.diagnostics.span import Span
from journeys.language import nodes
from journeys.language.placement import Part
from journeys.language.tree_literals import Children, Literals, all_of, has_token, one_of_kind, tokens_of

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
_ENGAGEMENTS: dict[str, Literal["opened", "clicked", "received", "replied"]] = {
    "OPENED": "opened",
    "CLICKED": "clicked",
    "RECEIVED": "received",
    "REPLIED": "replied",
}


class Conditions(Literals):
    """The methods for the rules under `cond`."""

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
        parts = all_of(children, Part)
        window, since_entry = self._window(parts)
        comparison, times = next((p.value for p in parts if p.kind == "times"), (None, None))
        where = next((p.value for p in parts if p.kind == "where"), None)
        never = has_token(children, "NEVER_DID")
        negated = never or has_token(children, "DID_NOT")
        event = one_of_kind(children, nodes.Name)
        assert event is not None
        return nodes.Did(event, negated, never, comparison, times, window, since_entry, where, span=self.span(children))

    def times(self, children: Children) -> Part:
        span, number = self.span(children), tokens_of(children, "NUMBER")[0]
        if children[0] is number:
            self.report("J037", span, text=self.source(span))
        how: nodes.Comparison = "at least" if children[0] is number else self._comparison(children[0])
        return Part("times", (how, self.whole(number)), span)

    def spent(self, children: Children) -> nodes.Spent:
        at = next(i for i, c in enumerate(children) if isinstance(c, Token) and c.type == "SPENT")
        window, since_entry = self._window(all_of(children, Part))
        how, amount = self._comparison(children[at + 1]), children[at + 2]
        return nodes.Spent(how, amount, window, since_entry, span=self.span(children))

    def engaged(self, children: Children) -> nodes.Engaged:
        verb = next(c for c in children if isinstance(c, Token))
        window, since_entry = self._window(all_of(children, Part))
        message = one_of_kind(children, nodes.Name)
        assert message is not None
        if since_entry:
            part = all_of(children, Part)[0]
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
