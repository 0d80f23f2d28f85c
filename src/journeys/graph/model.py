"""The rule graph: what a journey does, as nodes and edges, free of human language.

A graph is made from a journey file and the catalog (`from_language`), hashed, published, drawn, retold, compiled for
the engine and never changed. Node ids are readable and stay the same under small edits elsewhere: the step's kind and
name, numbered where they repeat (`send coupon`, `wait 3d`, `send coupon #2`).
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Field

from journeys.catalog.meaning import Condition, Constant, Duration, Model, Operand, ValueType

SCHEMA = 1
"""Raised when the meaning of a stored graph changes; part of the hash."""


class Source(Model):
    """Where in which file a node was written: 1-based line and column."""

    path: str
    line: int
    column: int


# -- how a journey starts ----------------------------------------------------------------------------------------------


class EventStart(Model):
    """At each occurrence of the event whose properties satisfy `where`, if `condition` holds just after it."""

    kind: Literal["event"] = "event"
    event: str
    where: Condition | None = None
    condition: Condition | None = None


class AnyEventStart(Model):
    """At any of several events (`start when signed_up or imported`)."""

    kind: Literal["any event"] = "any event"
    events: tuple[EventStart, ...]


class ConditionStart(Model):
    """When the condition turns from false to true, by an event or because time passes."""

    kind: Literal["condition"] = "condition"
    condition: Condition


class DateStart(Model):
    """On the day an attribute (a date) names, shifted, at a minute of the day; `yearly` repeats it every year."""

    kind: Literal["date"] = "date"
    attribute: str
    shift_months: int = 0
    shift_days: int = 0
    minute: int
    zone: str | None = None
    yearly: bool = False


class CalendarStart(Model):
    """On the given weekdays (0 = Monday) at a minute of the day."""

    kind: Literal["calendar"] = "calendar"
    days: tuple[int, ...]
    minute: int
    zone: str | None = None


Start = Annotated[EventStart | AnyEventStart | ConditionStart | DateStart | CalendarStart, Field(discriminator="kind")]
# In every `zone` below: None is the customer's own zone, otherwise an IANA name ("our time" is resolved to it).


class Entry(Model):
    """`how`: once ever, once per `period` counted from entry, or every time; `key` is a property of the starting event,
    of that type.
    """

    how: Literal["once", "per period", "every time"]
    period: Duration | None = None
    key: str | None = None
    key_type: ValueType = "text"
    new_only: bool = False


class Goal(Model):
    condition: Condition
    within: Duration | None = None


class QuietHours(Model):
    """Minutes after midnight; 1260 to 540 is the night."""

    from_minute: int
    to_minute: int
    zone: str | None = None


class FrequencyCap(Model):
    """At most `messages` in `period`: rolling, or per calendar day, week or month of the customer's zone."""

    messages: int
    period: Duration
    calendar: bool = False


# -- nodes -------------------------------------------------------------------------------------------------------------


class NodeModel(Model):
    id: str
    source: Source | None = None


class Argument(Model):
    """A variable handed to a message, task or webhook."""

    name: str
    value: Constant | Duration | Operand


class SendNode(NodeModel):
    """Ports: next. `channels` in order of preference; the first that can reach the person is taken.

    `on_limit` says what a frequency cap does to it; `limit_wait` bounds waiting.
    """

    kind: Literal["send"] = "send"
    message: str
    channels: tuple[str, ...]
    arguments: tuple[Argument, ...] = ()
    transactional: bool = False
    on_limit: Literal["skip", "wait", "exit"] = "skip"
    limit_wait: Duration | None = None


class WaitNode(NodeModel):
    """Ports: next."""

    kind: Literal["wait"] = "wait"
    duration: Duration


class WaitUntilNode(NodeModel):
    """Ports: next, whether the condition came true or the time ran out (then `timed out` holds)."""

    kind: Literal["wait until"] = "wait until"
    condition: Condition
    up_to: Duration | None = None


class WaitMomentNode(NodeModel):
    """Ports: next. The next wall clock `minute`; with `days`, on such a weekday; with `date`, on that day; with
    `operand` (a date or moment), that instant shifted. `on_past`: what happens when it lies 24 h or more back.
    """

    kind: Literal["wait moment"] = "wait moment"
    minute: int | None = None
    zone: str | None = None
    days: tuple[int, ...] = ()
    date: int | None = None
    operand: Operand | None = None
    shift: Duration = Duration()
    before: bool = True
    on_past: Literal["skip", "exit", "run"] = "skip"


class BranchNode(NodeModel):
    """Ports: yes, no."""

    kind: Literal["branch"] = "branch"
    condition: Condition


class Arm(Model):
    """`port` is the arm's name; a holdout arm leads to an end and never receives."""

    port: str
    percent: float
    holdout: bool = False


class SplitNode(NodeModel):
    """Ports: one per arm. `name` is part of the stable hash that deals the arms."""

    kind: Literal["split"] = "split"
    name: str
    arms: tuple[Arm, ...]


class RepeatNode(NodeModel):
    """Ports: again (the body, which leads back here), done.

    The body runs at most `times` times, `every` apart. `until` ends it at once, also between two rounds; with `until`
    the interval follows the last round too, so that the last message has its chance.
    """

    kind: Literal["repeat"] = "repeat"
    times: int
    every: Duration
    until: Condition | None = None


class SetNode(NodeModel):
    """Ports: next."""

    kind: Literal["set"] = "set"
    attribute: str
    value: Constant | Operand


class TagNode(NodeModel):
    """Ports: next."""

    kind: Literal["tag"] = "tag"
    tag: str
    duration: Duration | None = None


class UntagNode(NodeModel):
    """Ports: next."""

    kind: Literal["untag"] = "untag"
    tag: str


class TaskNode(NodeModel):
    """Ports: next."""

    kind: Literal["task"] = "task"
    name: str
    role: str
    due: Duration | None = None
    arguments: tuple[Argument, ...] = ()


class NotifyNode(NodeModel):
    """Ports: next."""

    kind: Literal["notify"] = "notify"
    role: str
    text: str


class EndNode(NodeModel):
    """No ports. `exit` is a written `exit`; otherwise the last step was done, or this is a holdout arm."""

    kind: Literal["end"] = "end"
    how: Literal["finished", "exit", "holdout"] = "finished"


Node = Annotated[
    SendNode
    | WaitNode
    | WaitUntilNode
    | WaitMomentNode
    | BranchNode
    | SplitNode
    | RepeatNode
    | SetNode
    | TagNode
    | UntagNode
    | TaskNode
    | NotifyNode
    | EndNode,
    Field(discriminator="kind"),
]


class Edge(Model):
    source: str
    port: str
    target: str


class RuleGraph(Model):
    """One version of one journey. `first` is the id of the first node; every port of every node has one edge.

    `exit_when`, `goal` and `only_if` act as LANGUAGE reference says; `holdout` is the share (0 to 1) that enters but
    never receives; `priority` orders journeys that compete for one person at one instant (higher first). `currency` is
    the ISO code of all its amounts of money.
    """

    name: str
    version: int = 1
    subject: Literal["customer", "account"] = "customer"
    currency: str = "USD"
    notes: tuple[str, ...] = ()
    todos: tuple[str, ...] = ()
    source: Source | None = None
    start: Start
    entry: Entry
    only_if: Condition | None = None
    exit_when: Condition | None = None
    goal: Goal | None = None
    quiet: QuietHours | None = None
    limits: tuple[FrequencyCap, ...] = ()
    priority: int = 50
    holdout: float = 0.0
    first: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def node(self, node_id: str) -> Node:
        """The node of that id; KeyError if there is none."""
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise KeyError(node_id)

    def target(self, node_id: str, port: str = "next") -> str:
        """The id of the node that an edge leads to; KeyError if there is none."""
        for edge in self.edges:
            if edge.source == node_id and edge.port == port:
                return edge.target
        raise KeyError((node_id, port))

    def hash(self) -> str:
        """SHA-256 of the meaning alone: not of the name, version, notes, or the places in a file."""
        meaning = self.model_dump(mode="json", exclude={"name", "version", "notes", "source"})
        for node in meaning["nodes"]:
            del node["source"]
        text = json.dumps([SCHEMA, meaning], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


RuleGraph.model_rebuild()
