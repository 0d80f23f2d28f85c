"""The tree of a journey file, as its author wrote it: words are gone, names are not yet resolved.

Every node carries the span of the text it came from; spans take no part in equality, so the trees of an English and a
Chinese file can be compared, and a tree that was printed and parsed again equals the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from journeys.diagnostics.span import NOWHERE, Span

Unit = Literal["min", "h", "d", "w", "mo", "y"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What all nodes have: the piece of text they came from."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


# -- names and literals ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name as written, without its quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A field: one name, or several joined by dots (`cart.value`)."""

    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`3`, `-0.5`."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Money(Node):
    """An amount in major units. `currency` is an ISO code, or a sign (`$`, `¥`) whose meaning the project declares."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Percent(Node):
    """`15%` is `Percent(Decimal(15))`."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """`1d12h` is `((1, "d"), (12, "h"))`. min and h are elapsed time; d, w, mo and y are calendar steps."""

    parts: tuple[tuple[Decimal, Unit], ...]


@dataclass(frozen=True, slots=True)
class Ago(Node):
    """`30d ago`: that long before now."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class Date(Node):
    """`2026-11-11`."""

    value: date


@dataclass(frozen=True, slots=True)
class Clock(Node):
    """A wall clock time, in minutes after midnight; `zone` is "their", "our", an IANA name, or None if not written."""

    minute: int
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Text(Node):
    """What stands between quotes where no name is meant."""

    value: str


Value = Number | Money | Percent | Duration | Ago | Date | Clock | Text | Path
"""What may stand beside a field. A bare word (`gold`, `true`, `北京`) is a Path; the catalog says what it means."""


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """`discount 10%` after `with`."""

    name: Path
    value: Value


# -- conditions --------------------------------------------------------------------------------------------------------

Comparison = Literal["is", "is not", "over", "under", "at least", "at most"]
"""`=`, `!=`, `>`, `<`, `>=`, `<=` parse to these, in that order."""


@dataclass(frozen=True, slots=True)
class And(Node):
    """`a and b and c`."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """`a or b or c`."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not a`."""

    term: Condition


@dataclass(frozen=True, slots=True)
class Fact(Node):
    """A bare name: an event, a segment or a yes/no field."""

    path: Path


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`plan is gold`, `total over ¥500`."""

    path: Path
    comparison: Comparison
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """`country is one of DE, AT`."""

    path: Path
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """Both ends belong to it."""

    path: Path
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class Known(Node):
    """`is known` (`known=True`) or `is missing`."""

    path: Path
    known: bool


@dataclass(frozen=True, slots=True)
class Silent(Node):
    """`silent 30d`: nothing heard from the customer for that long."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class Did(Node):
    """`did E`, `did not E` (`negated`), `never did E` (`negated` and `never`), with how often, since when and which."""

    event: Name
    negated: bool = False
    never: bool = False
    comparison: Comparison | None = None
    times: int | None = None
    window: Duration | None = None
    since_entry: bool = False
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Spent(Node):
    """`spent over ¥500 in 90d`: the sum of what the project declares as purchases."""

    comparison: Comparison
    amount: Value
    window: Duration | None = None
    since_entry: bool = False


@dataclass(frozen=True, slots=True)
class Engaged(Node):
    """`opened coupon in 3d`."""

    verb: Literal["opened", "clicked", "received", "replied"]
    message: Name
    window: Duration | None = None


@dataclass(frozen=True, slots=True)
class EventWhere(Node):
    """`signed_up where source is not partner`: an event with a condition on its own properties."""

    event: Path
    where: Condition


@dataclass(frozen=True, slots=True)
class InSegment(Node):
    """`in segment staff`."""

    segment: Name


@dataclass(frozen=True, slots=True)
class Tagged(Node):
    """`tagged vip`."""

    tag: Name


@dataclass(frozen=True, slots=True)
class Reachable(Node):
    """`reachable by sms`."""

    channel: Name


@dataclass(frozen=True, slots=True)
class TimedOut(Node):
    """The nearest `wait until .. up to ..` above ended by its time."""


@dataclass(frozen=True, slots=True)
class GoalReached(Node):
    """`goal reached`, in `exit when goal reached`."""


@dataclass(frozen=True, slots=True)
class Changes(Node):
    """`tier changes from A to B`, `tier rises`, `price falls by at least 10%`."""

    path: Path
    how: Literal["changes", "rises", "falls"]
    before: Value | None = None
    after: Value | None = None
    by_at_least: Value | None = None


@dataclass(frozen=True, slots=True)
class CountInAccount(Node):
    """`count of (did visit_pricing in 7d) in account at least 3`."""

    term: Condition
    comparison: Comparison
    count: int


Condition = (
    And
    | Or
    | Not
    | Fact
    | Compare
    | OneOf
    | Between
    | Known
    | Silent
    | Did
    | Spent
    | Engaged
    | EventWhere
    | InSegment
    | Tagged
    | Reachable
    | TimedOut
    | GoalReached
    | Changes
    | CountInAccount
)

# -- settings of a journey ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Everyone(Node):
    """`for everyone who did wish_for that product in 180d`: a customerless event, fanned out by a shared property."""

    event: Name
    shared: Name
    window: Duration | None = None


@dataclass(frozen=True, slots=True)
class When(Node):
    """`start when C [for everyone who ..]`."""

    condition: Condition
    everyone: Everyone | None = None


@dataclass(frozen=True, slots=True)
class OnDate(Node):
    """`start on birthday at 09:00`; `start 7d before birthday at 10:00` has an offset."""

    field: Path
    clock: Clock | None = None
    offset: Duration | None = None
    before: bool = True


@dataclass(frozen=True, slots=True)
class Every(Node):
    """`start every monday at 10:00`. `days` are weekdays 0 (Monday) to 6; `every day` has all seven."""

    days: tuple[int, ...]
    clock: Clock | None = None


Moment = When | OnDate | Every


@dataclass(frozen=True, slots=True)
class Start(Node):
    """`start when ..`, `start on ..`, `start every ..`."""

    moment: Moment


@dataclass(frozen=True, slots=True)
class OnlyIf(Node):
    """`only if C`: people for whom it does not hold do not enter."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class ExitWhen(Node):
    """`exit when C`."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Goal(Node):
    """`goal C within 14d`."""

    condition: Condition
    within: Duration | None = None


@dataclass(frozen=True, slots=True)
class Enter(Node):
    """`once`; `once per 90d` (period); `every time`; `once for each order_id` (key); `new only`."""

    how: Literal["once", "every time", "new only"]
    period: Duration | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Quiet(Node):
    """`quiet 21:00 to 09:00 their time`: minutes after midnight; `zone` as in Clock."""

    from_minute: int
    to_minute: int
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Limit(Node):
    """`limit 3 messages per 7d`; with `calendar`, per calendar day, week or month (`per calendar day`)."""

    messages: int
    period: Duration
    calendar: bool = False


@dataclass(frozen=True, slots=True)
class Priority(Node):
    """`priority 70`."""

    value: int


@dataclass(frozen=True, slots=True)
class Budget(Node):
    """`budget ¥20000` or `budget 5000 messages` (a Number)."""

    amount: Money | Number


@dataclass(frozen=True, slots=True)
class Holdout(Node):
    """`holdout 10%`: people who never receive anything."""

    percent: Percent


@dataclass(frozen=True, slots=True)
class Pace(Node):
    """`pace 500 messages per min`."""

    messages: int
    period: Duration


@dataclass(frozen=True, slots=True)
class Note(Node):
    """`note ".."`: told in explanations."""

    text: Text


@dataclass(frozen=True, slots=True)
class Move(Node):
    """`move from 3 to 4 step A to B`: people on step A of version 3 go on at B of version 4."""

    from_version: int
    to_version: int
    from_step: Name
    to_step: Name


Setting = Start | OnlyIf | ExitWhen | Goal | Enter | Quiet | Limit | Priority | Budget | Holdout | Pace | Note | Move

# -- steps -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class On(Node):
    """`on limit wait up to 2d`, `on past skip`, `on empty STEP`, `on failure STEP`, indented under a step."""

    what: Literal["limit", "empty", "failure", "past"]
    action: Literal["skip", "exit", "run", "wait"] | None = None
    up_to: Duration | None = None
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Send(Node):
    """`send offer to ROLE by sms or email with discount 10%`; `channels` in the order they are tried."""

    message: Name
    role: Path | None = None
    channels: tuple[Name, ...] = ()
    arguments: tuple[Argument, ...] = ()
    at_usual_hour: bool = False
    transactional: bool = False
    handlers: tuple[On, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait(Node):
    """`wait 3d`."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class WaitUntil(Node):
    """`wait until C [up to 3d]`."""

    condition: Condition
    up_to: Duration | None = None


@dataclass(frozen=True, slots=True)
class WaitMoment(Node):
    """`wait until 09:00`, `.. until monday at 09:00`, `.. until 2026-11-11 at 09:00`, `.. until 30d before FIELD`.

    Exactly one of `days` (weekdays, 0 Monday), `date`, `field` is given, or none of them for a clock time alone.
    """

    clock: Clock | None = None
    days: tuple[int, ...] = ()
    date: Date | None = None
    field: Path | None = None
    offset: Duration | None = None
    before: bool = True
    handlers: tuple[On, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch(Node):
    """One `if C then ..` or `else if C then ..` of an If."""

    condition: Condition
    body: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """`inline`: written on one line, and printed so again while it fits. `else_span` is where `else` stands."""

    branches: tuple[Branch, ...]
    otherwise: tuple[Step, ...] = ()
    inline: bool = field(default=False, compare=False)
    else_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Arm(Node):
    """`45% short_subject` with a body, or `10% holdout` (`name` None)."""

    percent: Percent
    name: Name | None
    body: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Split(Node):
    """`split "subject line" best by goal after 500 people`, with its arms."""

    name: Name | None
    arms: tuple[Arm, ...]
    best_by_goal_after: int | None = None


@dataclass(frozen=True, slots=True)
class Repeat(Node):
    """`repeat up to 3 times every 4d until C`."""

    times: int
    every: Duration
    body: tuple[Step, ...]
    until: Condition | None = None


@dataclass(frozen=True, slots=True)
class Give(Node):
    """`give spring_codes` (what=coupon), `give 50 points` (points), `give red packet ¥8.88 from pool` (red packet)."""

    what: Literal["coupon", "points", "red packet"]
    pool: Name | None = None
    points: int | None = None
    amount: Money | None = None
    valid: Duration | None = None
    handlers: tuple[On, ...] = ()


@dataclass(frozen=True, slots=True)
class Set(Node):
    """`set tier to gold`."""

    path: Path
    value: Value


@dataclass(frozen=True, slots=True)
class Tag(Node):
    """`tag vip for 90d`."""

    tag: Name
    duration: Duration | None = None


@dataclass(frozen=True, slots=True)
class Untag(Node):
    """`untag vip`."""

    tag: Name


@dataclass(frozen=True, slots=True)
class Task(Node):
    """`task call_back for account_owner due 2d`."""

    name: Name
    role: Path
    due: Duration | None = None
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Notify(Node):
    """`notify sales_lead ".."`."""

    role: Path
    text: Text


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`call crm with status won`."""

    webhook: Name
    arguments: tuple[Argument, ...] = ()
    handlers: tuple[On, ...] = ()


@dataclass(frozen=True, slots=True)
class Do(Node):
    """`do last_try`: the steps of that name."""

    steps: Name


@dataclass(frozen=True, slots=True)
class StartJourney(Node):
    """`start journey onboarding`."""

    journey: Name


@dataclass(frozen=True, slots=True)
class Todo(Node):
    """`todo ".."`: compiles, warns and blocks publishing."""

    text: Text


@dataclass(frozen=True, slots=True)
class Exit(Node):
    """`exit`."""


Step = (
    Send
    | Wait
    | WaitUntil
    | WaitMoment
    | If
    | Split
    | Repeat
    | Give
    | Set
    | Tag
    | Untag
    | Task
    | Notify
    | Call
    | Do
    | StartJourney
    | Todo
    | Exit
)

# -- tests -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given(Node):
    """`given customer with cart.value $80, last_seen 31d`."""

    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Happens(Node):
    """`event purchase with total $80`."""

    event: Path
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Expect(Node):
    """`expect send X`; `how` is "not" for `expect not send X` (not by now), "never" for the whole test.

    For the state of a customer, `expect tagged NAME` has a condition instead of a step.
    """

    how: Literal["", "not", "never"]
    step: Step | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class After(Node):
    """`after 2h ..`: time since the start of the test."""

    duration: Duration
    act: Happens | Expect


TestLine = Given | Happens | Expect | After

# -- a file ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Journey(Node):
    """`journey NAME for account version 4`: settings in the order written, then steps."""

    name: Name
    settings: tuple[Setting, ...]
    body: tuple[Step, ...]
    version: int | None = None
    for_account: bool = False


@dataclass(frozen=True, slots=True)
class Rule(Node):
    """A top-level `if C then ..`: a journey of its own, named after its file (and place, where there are several)."""

    step: If


@dataclass(frozen=True, slots=True)
class Segment(Node):
    """`segment lapsed is silent 60d`."""

    name: Name
    condition: Condition


@dataclass(frozen=True, slots=True)
class Steps(Node):
    """`steps last_try`: a named list of steps."""

    name: Name
    body: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ScoreLine(Node):
    """`add 0.4 when silent 21d`."""

    weight: Decimal
    condition: Condition


@dataclass(frozen=True, slots=True)
class Score(Node):
    """`score churn_risk`: the sum of the weights of the lines that hold."""

    name: Name
    lines: tuple[ScoreLine, ...]


@dataclass(frozen=True, slots=True)
class Use(Node):
    """`use "shared/segments.journey"`."""

    file: Text


@dataclass(frozen=True, slots=True)
class Test(Node):
    """`test ".."`."""

    title: Text
    lines: tuple[TestLine, ...]


Declaration = Journey | Rule | Segment | Steps | Score | Use | Test


@dataclass(frozen=True, slots=True)
class File(Node):
    """All that one file declares, in order."""

    declarations: tuple[Declaration, ...]
