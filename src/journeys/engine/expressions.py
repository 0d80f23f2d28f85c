"""Conditions of rule graphs as postfix code, with what each may depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from journeys.catalog import meaning as M
from journeys.engine import layout as L
from journeys.engine.assembly import Assembly, Cell, Ref

OPERATORS: Mapping[M.Operator, int] = {"eq": L.EQ, "ne": L.NE, "lt": L.LT, "le": L.LE, "gt": L.GT, "ge": L.GE}
LAST_SEEN = "last_seen"
"""The attribute that is computed: the instant of the person's last activity."""
ZONE = "\x00zone"
"""The slot of the person's zone as an index; the attribute `zone` itself is a text like any other."""

SINCE: Mapping[M.Since, int] = {
    "ever": L.SINCE_EVER,
    "entry": L.SINCE_ENTRY,
    "wait": L.SINCE_WAIT,
    "loop": L.SINCE_LOOP,
}


class Names:
    """Things and their numbers, in the order in which they were first asked for."""

    def __init__(self, first: tuple[str, ...] = ()) -> None:
        self.numbers = {name: number for number, name in enumerate(first)}

    def __call__(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a condition stands: which journey's variables it sees, and how deep in repeats."""

    journey: int = -1
    depth: int = 0
    variable: Callable[[M.EntryProperty], int] | None = field(default=None, compare=False)


@dataclass(slots=True)
class Expressions:
    """Puts code into an assembly, and collects the names that codes stand for.

    `events`, `slots`, `properties` number what conditions mention; `depends[k]` maps a record to the TURNS_* bits it
    may turn in condition k, where a record is ("event", name), ("slot", name), or ("activity", "").
    """

    assembly: Assembly
    events: Names = field(default_factory=Names)
    slots: Names = field(default_factory=lambda: Names((ZONE,)))
    properties: Names = field(default_factory=Names)
    channels: Names = field(default_factory=Names)
    conditions: list[tuple[Ref, Ref]] = field(default_factory=list)
    depends: list[dict[tuple[str, str], int]] = field(default_factory=list)
    constants: list[float] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    watches_activity: bool = False
    _rows: dict[object, Cell] = field(default_factory=dict)
    _places: dict[float | str, int] = field(default_factory=dict)

    # -- small tables --------------------------------------------------------------------------------------------------

    def duration(self, duration: M.Duration | None) -> Cell:
        """A duration, -1 for none."""
        if duration is None:
            return -1
        if duration not in self._rows:
            self._rows[duration] = self.assembly.add("duration", (duration.months, duration.days, duration.micros))
        return self._rows[duration]

    def number(self, value: float) -> int:
        """The place of a number among the constants."""
        if value not in self._places:
            self._places[value] = len(self.constants)
            self.constants.append(value)
        return self._places[value]

    def constant(self, constant: M.Constant) -> int:
        """The place of a constant; a text gets its code when a history is bound."""
        if not isinstance(constant.value, str):
            return self.number(float(constant.value))
        if constant.value not in self._places:
            self._places[constant.value] = self._append_constant(constant)
        return self._places[constant.value]

    def property(self, name: str) -> int:
        """The place of an event's property among a record's values; the first place is a change's value."""
        return 1 + self.properties(name)

    def _append_constant(self, constant: M.Constant) -> int:
        place = len(self.constants)
        if isinstance(constant.value, str):
            self.texts[place] = constant.value
            self.constants.append(-1.0)
        else:
            self.constants.append(float(constant.value))
        return place

    def _listed(self, constants: tuple[M.Constant, ...]) -> int:
        places = [self._append_constant(constant) for constant in constants]
        return places[0] if places else 0

    # -- conditions ----------------------------------------------------------------------------------------------------

    def condition(self, condition: M.Condition | None, scope: Scope) -> Cell:
        """A condition, -1 for none; equal conditions in one scope share a row."""
        if condition is None:
            return -1
        key = (condition, scope)
        if key not in self._rows:
            depends: dict[tuple[str, str], int] = {}
            code: list[Cell] = []
            self._emit(condition, scope, code, depends, L.TURNS_TRUE, L.TURNS_FALSE)
            first = self.assembly.add("code", code)
            self._rows[key] = Ref("condition", len(self.conditions))
            self.conditions.append((first, self.assembly.next("code")))
            self.depends.append(depends)
        return self._rows[key]

    def _emit(
        self,
        condition: M.Condition,
        scope: Scope,
        code: list[Cell],
        depends: dict[tuple[str, str], int],
        rises: int,
        falls: int,
    ) -> None:
        """Append the code of a condition. `rises` is the bit for what can make this part true, `falls` for false."""

        def on(kind: str, name: str, bits: int) -> None:
            depends[kind, name] = depends.get((kind, name), 0) | bits

        def time_passes() -> None:
            on("slot", ZONE, rises | falls)

        match condition:
            case M.Always(value=value):
                code += [L.TRUTH, int(value), 0, 0]
            case M.Not(term=term):
                self._emit(term, scope, code, depends, falls, rises)
                code += [L.NOT, 0, 0, 0]
            case M.All(terms=terms) | M.Any(terms=terms):
                joins = L.AND if isinstance(condition, M.All) else L.OR
                # What leaves most truths waiting comes first: then 64 bits are enough for any condition.
                for place, term in enumerate(sorted(terms, key=_waiting, reverse=True)):
                    self._emit(term, scope, code, depends, rises, falls)
                    if place:
                        code += [joins, 0, 0, 0]
                if not terms:
                    code += [L.TRUTH, int(joins == L.AND), 0, 0]
            case M.Compare(operand=operand, operator=operator, value=value):
                base, slot = self.operand(operand, scope, on, rises | falls)
                if isinstance(value, M.Relative):
                    time_passes()
                    ago = 3 if operand.type == "moment" else 4
                    if base == L.LAST_SEEN:
                        ago = 2
                    code += [base + ago, slot, OPERATORS[operator], self.duration(value.duration)]
                else:
                    code += [base, slot, OPERATORS[operator], self.constant(value)]
            case M.OneOf(operand=operand, values=values):
                base, slot = self.operand(operand, scope, on, rises | falls)
                if base == L.LAST_SEEN:
                    raise ValueError("last_seen is not one of a list")
                code += [base + 1, slot, self._listed(values), len(values)]
            case M.Between(operand=operand, low=low, high=high):
                both = M.All(
                    terms=(
                        M.Compare(operand=operand, operator="ge", value=low),
                        M.Compare(operand=operand, operator="le", value=high),
                    )
                )
                self._emit(both, scope, code, depends, rises, falls)
            case M.Known(operand=operand, known=known):
                base, slot = self.operand(operand, scope, on, rises | falls)
                code += [base + (1 if base == L.LAST_SEEN else 2), slot, int(known), 0]
            case M.Silent(duration=duration):
                self.watches_activity = True
                on("activity", "", falls)
                time_passes()
                code += [L.SILENT, self.duration(duration), 0, 0]
            case M.Occurred():
                bits = {"ge": rises, "gt": rises, "lt": falls, "le": falls}.get(condition.operator, rises | falls)
                for counted in condition.counted:
                    on("event", counted.event, rises | falls if counted.measure else bits)
                if condition.window is not None:
                    time_passes()
                code += [L.OCCURRED, self._occurrence(condition, scope), 0, 0]
            case M.Tagged(tag=tag):
                on("slot", f"tag.{tag}", rises | falls)
                code += [L.TAGGED, self.slots(f"tag.{tag}"), 0, 0]
            case M.Reachable(channel=channel):
                on("channel", channel, rises | falls)
                code += [L.REACHABLE, Ref("channel", self.channels(channel)), 0, 0]
            case M.TimedOut():
                code += [L.TIMED_OUT, 0, 0, 0]
            case M.GoalReached():
                code += [L.GOAL_REACHED, 0, 0, 0]

    def operand(
        self, operand: M.Operand, scope: Scope, on: Callable[[str, str, int], None] | None = None, bits: int = 0
    ) -> tuple[int, int]:
        """The first of the operations on such an operand, and its slot, variable or property; `on` hears of both."""
        if isinstance(operand, M.Attribute):
            if operand.name == LAST_SEEN:
                self.watches_activity = True
                if on:
                    on("activity", "", bits)
                return L.LAST_SEEN, 0
            if on:
                on("slot", operand.name, bits)
            return L.ATTRIBUTE, self.slots(operand.name)
        if isinstance(operand, M.EntryProperty):
            if scope.variable is None:
                raise ValueError(f"no event starts a run here: {operand.event}.{operand.name}")
            return L.VARIABLE, scope.variable(operand)
        return L.PROPERTY, self.property(operand.name)

    def _occurrence(self, condition: M.Occurred, scope: Scope) -> Ref:
        where = condition.where
        if condition.message is not None:
            is_message: M.Condition = M.Compare(
                operand=M.RecordProperty(name="message", type="text"),
                operator="eq",
                value=M.Constant(type="text", value=condition.message),
            )
            where = is_message if where is None else M.All(terms=(is_message, where))
        first = self.assembly.next("counted")
        for counted in condition.counted:
            measure = -1 if counted.measure is None else self.property(counted.measure)
            self.assembly.add("counted", (self.events(counted.event), measure))
        row: list[Cell] = [0] * L.OCCURRENCE
        row[L.O_FIRST], row[L.O_COUNT] = first, len(condition.counted)
        row[L.O_OPERATOR], row[L.O_AMOUNT] = OPERATORS[condition.operator], self.number(condition.amount)
        row[L.O_WINDOW] = self.duration(condition.window)
        row[L.O_SINCE] = SINCE[condition.since]
        if condition.since == "loop":
            row[L.O_SINCE] = L.SINCE_LOOP + scope.depth if scope.depth >= 0 else L.SINCE_ENTRY
        row[L.O_WHERE] = self.condition(where, Scope())
        counts_only = all(counted.measure is None for counted in condition.counted)
        row[L.O_EARLY] = int(counts_only and condition.operator in ("ge", "lt"))
        return self.assembly.add("occurrence", row)


def _waiting(condition: M.Condition) -> int:
    """How many truths wait to be joined while a condition is evaluated: at most the logarithm of its terms."""
    match condition:
        case M.Not(term=term):
            return _waiting(term)
        case M.All(terms=terms) | M.Any(terms=terms):
            first, *others = sorted(map(_waiting, terms), reverse=True) or [1]
            return max(first, 1 + others[0]) if others else first
        case M.Between():
            return 2
    return 1
