"""What a condition means once its names are resolved: typed, in canonical names, the same for every human language.

These models are part of the rule graph, are stored with it, and are all the engine reads. Amounts of money are integers
in the currency's minor unit; dates are days since 1970-01-01; instants and elapsed time are integer microseconds.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ValueType = Literal["text", "number", "money", "boolean", "date", "moment"]
"""`date` is a calendar day (days since 1970-01-01), `moment` an instant (microseconds UTC)."""


class Model(BaseModel):
    """Immutable, compared and hashed by value, refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Duration(Model):
    """Calendar months and days, which keep the wall clock in a person's zone, then elapsed microseconds."""

    months: int = 0
    days: int = 0
    micros: int = 0


class Constant(Model):
    """A value written in a journey. text: str; number: float; money, date, moment: int; boolean: bool."""

    type: ValueType
    value: bool | int | float | str


class Relative(Model):
    """`30d ago`: the instant (or, beside a date, the day) that long before now."""

    kind: Literal["ago"] = "ago"
    duration: Duration


class Attribute(Model):
    """A field of the customer, by its canonical name."""

    kind: Literal["attribute"] = "attribute"
    name: str
    type: ValueType


class EntryProperty(Model):
    """A property of the event that started this run: `registered.starts_at`."""

    kind: Literal["entry property"] = "entry property"
    event: str
    name: str
    type: ValueType


class RecordProperty(Model):
    """Inside `where`: a property of the very event that is looked at."""

    kind: Literal["record property"] = "record property"
    name: str
    type: ValueType


Operand = Annotated[Attribute | EntryProperty | RecordProperty, Field(discriminator="kind")]
Operator = Literal["eq", "ne", "lt", "le", "gt", "ge"]


class All(Model):
    kind: Literal["all"] = "all"
    terms: tuple[Condition, ...]


class Any(Model):
    kind: Literal["any"] = "any"
    terms: tuple[Condition, ...]


class Not(Model):
    kind: Literal["not"] = "not"
    term: Condition


class Always(Model):
    """True or false whatever happens."""

    kind: Literal["always"] = "always"
    value: bool


class Compare(Model):
    """False when the operand is missing, whatever the operator. An order of texts is resolved to OneOf beforehand."""

    kind: Literal["compare"] = "compare"
    operand: Operand
    operator: Operator
    value: Constant | Relative


class OneOf(Model):
    kind: Literal["one of"] = "one of"
    operand: Operand
    values: tuple[Constant, ...]


class Between(Model):
    """Both ends belong to it."""

    kind: Literal["between"] = "between"
    operand: Operand
    low: Constant | Relative
    high: Constant | Relative


class Known(Model):
    """`is known`, or `is missing` when `known` is false."""

    kind: Literal["known"] = "known"
    operand: Operand
    known: bool = True


class Silent(Model):
    """The last activity of the customer lies at least this long back. False for somebody who was never active."""

    kind: Literal["silent"] = "silent"
    duration: Duration


class Counted(Model):
    """One kind of event that an Occurred counts; with `measure`, its property of that name is summed instead."""

    event: str
    measure: str | None = None


Since = Literal["ever", "entry", "wait", "loop"]
"""Where counting starts: all history, the run's entry, the start of the wait, the start of the enclosing repeat."""


class Occurred(Model):
    """How often (or how much) something happened, compared with `amount`.

    An event counts while it is less than `window` old (event + window > now) and not before the start that `since`
    names. `message` keeps only the events of that message (opened, clicked, received, replied). `where` sees the
    properties of each event as RecordProperty.
    """

    kind: Literal["occurred"] = "occurred"
    counted: tuple[Counted, ...]
    operator: Operator = "ge"
    amount: float = 1
    window: Duration | None = None
    since: Since = "ever"
    message: str | None = None
    where: Condition | None = None


class Tagged(Model):
    kind: Literal["tagged"] = "tagged"
    tag: str


class Reachable(Model):
    """The channel has an address of the customer, who has not refused it and is not suppressed there."""

    kind: Literal["reachable"] = "reachable"
    channel: str


class TimedOut(Model):
    """The wait this run came from ended by its time and not by its condition."""

    kind: Literal["timed out"] = "timed out"


class GoalReached(Model):
    kind: Literal["goal reached"] = "goal reached"


Condition = Annotated[
    All
    | Any
    | Not
    | Always
    | Compare
    | OneOf
    | Between
    | Known
    | Silent
    | Occurred
    | Tagged
    | Reachable
    | TimedOut
    | GoalReached,
    Field(discriminator="kind"),
]

for _model in (All, Any, Not, Occurred):
    _model.model_rebuild()
