"""Conditions as text, in one language."""

from __future__ import annotations

from collections.abc import Iterable

from journeys.language import nodes
from journeys.language.say_literals import Literals

# Words that a name must not be in some place, because the grammar would take them for a keyword there.
IN_CONDITION = (
    "NOT SILENT DID DID_NOT NEVER_DID IN FOR SINCE_ENTRY SPENT OPENED CLICKED RECEIVED REPLIED IN_SEGMENT TAGGED "
    "REACHABLE TIMED_OUT GOAL_REACHED COUNT_OF "
)
AFTER_UNTIL = "AT ON MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY WEEKDAY WEEKEND "
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


class Conditions(Literals):
    """The conditions of one language."""

    def condition(self, node: nodes.Condition, until: bool = False) -> str:
        """A condition; `until` when it follows `wait until`, where a weekday would be taken for a moment."""
        reserved = IN_CONDITION + (AFTER_UNTIL if until else "")
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
