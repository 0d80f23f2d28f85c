"""What a replay found: counts of each journey and step, and what each customer would have received."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from typing import Any

from journeys.engine.state import JourneyKey


@dataclass(frozen=True, slots=True)
class Group:
    """Those who entered a journey and received its messages, or those who were held out.

    entries, goals      runs begun, and runs that reached the goal
    people, reached     customers who entered at least once, and those of them who reached the goal at least once
    """

    entries: int = 0
    people: int = 0
    goals: int = 0
    reached: int = 0

    @property
    def rate(self) -> float | None:
        """The share of people who reached the goal; None of nobody."""
        return self.reached / self.people if self.people else None


@dataclass(frozen=True, slots=True)
class Lift:
    """How much more often the goal was reached than in the holdout, in percentage points, with its 95 % interval.

    `few`: a group has fewer than five people who reached the goal, or who did not, so that the interval is too narrow.
    """

    points: float
    low: float
    high: float
    few: bool


Z_95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
FEW = 5


def lift_of(treated: Group, holdout: Group) -> Lift | None:
    """The difference of two independent proportions with the unpooled normal (Wald) interval; None without a group.

    Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of
    eleven methods", Statistics in Medicine 17 (1998) 873-890, method 1: p1 - p2 +- z sqrt(p1 q1 / n1 + p2 q2 / n2).
    The people are counted and not their runs, because it is people who are dealt to the groups.

    >>> lift = lift_of(Group(people=900, reached=180), Group(people=100, reached=10))
    >>> round(lift.points, 2), round(lift.low, 2), round(lift.high, 2), lift.few
    (10.0, 3.57, 16.43, False)
    """
    if treated.rate is None or holdout.rate is None:
        return None
    points = 100 * (treated.rate - holdout.rate)
    variance = sum(group.rate * (1 - group.rate) / group.people for group in (treated, holdout) if group.rate)
    reach = 100 * Z_95 * sqrt(variance)
    few = any(min(group.reached, group.people - group.reached) < FEW for group in (treated, holdout))
    return Lift(points, points - reach, points + reach, few)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What happened at one node.

    visits          how often somebody came here (to a `repeat` again after each round)
    sent            hand-offs, by channel
    held            messages that had to wait: "quiet" for quiet hours, "limit" for room under a frequency cap
    blocked         messages skipped: "limit journey", "limit project", "limit CHANNEL", "consent", "unreachable",
                    "suppressed", "condition"
    timed_out       `wait until`s that ended by their time
    waiting         people who stand here at the end of the replay
    """

    node: str
    visits: int = 0
    sent: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    blocked: Mapping[str, int] = field(default_factory=dict)
    timed_out: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class JourneyResult:
    """What happened in one version of a journey.

    at_start            entries at the very instant of publishing, by those for whom the start condition already held
    steps               one for each node, in the order of the graph; held-out runs are not in them
    edges               how often somebody went along an edge, by source and port
    ended, ended_held_out       runs that ended, by reason (state.Run.exit_reason)
    entries_by_day, sent_by_day         one number for each day of the replay
    """

    journey: JourneyKey
    treated: Group
    holdout: Group
    at_start: int
    steps: tuple[StepResult, ...]
    edges: Mapping[tuple[str, str], int]
    ended: Mapping[str, int]
    ended_held_out: Mapping[str, int]
    entries_by_day: tuple[int, ...]
    sent_by_day: tuple[int, ...]

    @property
    def lift(self) -> Lift | None:
        return lift_of(self.treated, self.holdout)

    @property
    def sent(self) -> int:
        return sum(sum(step.sent.values()) for step in self.steps)

    @property
    def blocked(self) -> int:
        return sum(sum(step.blocked.values()) for step in self.steps)

    @property
    def waiting(self) -> int:
        """Those who receive and are still under way at the end."""
        return sum(step.waiting for step in self.steps)


@dataclass(frozen=True, slots=True)
class Messages:
    """How many messages people would have received from all journeys together.

    people      all customers
    histogram   number of messages -> customers who get so many; 0 among them
    """

    people: int
    histogram: Mapping[int, int]

    @property
    def total(self) -> int:
        return sum(messages * people for messages, people in self.histogram.items())

    @property
    def silent(self) -> int:
        """Customers who hear nothing."""
        return self.histogram.get(0, 0)

    @property
    def reached(self) -> int:
        """Customers who hear something."""
        return self.people - self.silent

    @property
    def mean(self) -> float:
        """Messages per customer who hears something; 0 where nobody does."""
        return self.total / self.reached if self.reached else 0.0

    @property
    def most(self) -> int:
        return max(self.histogram, default=0)

    def at_most(self, share: float) -> int:
        """How many messages that share of those who hear something stay within (nearest rank).

        >>> Messages(200, {0: 100, 1: 98, 2: 1, 9: 1}).at_most(0.99)
        2
        """
        counted = 0
        for messages in sorted(self.histogram):
            counted += self.histogram[messages] if messages else 0
            if messages and counted >= share * self.reached:
                return messages
        return 0


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that would have been handed off."""

    customer: str
    at: int
    journey: str
    version: int
    run: int
    node: str
    channel: str


@dataclass(frozen=True, slots=True)
class Entered:
    """One entry into a journey."""

    customer: str
    at: int
    journey: str
    version: int
    run: int
    held_out: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """What some journeys would have done between two instants (microseconds UTC).

    zone            whose days `days` are: the project's
    fingerprint     sha256 over entries, hand-offs, goals and ends in order (see `hash`)
    sends, entries  in the order of the history's customers, each customer's in order of time; None unless asked for
    """

    start: int
    until: int
    zone: str
    days: tuple[date, ...]
    journeys: tuple[JourneyResult, ...]
    messages: Messages
    fingerprint: str
    sends: tuple[Sent, ...] | None = field(default=None, repr=False)
    entries: tuple[Entered, ...] | None = field(default=None, repr=False)

    def hash(self) -> str:
        """Equal for two runs that decided the same: the same counts, and the same entries, hand-offs, goals and ends of
        the same customers in the same order. Neither the machine (compiled or not) nor the slices matter."""
        return self.fingerprint

    def to_json(self) -> dict[str, Any]:
        """The outcome as plain values, in a shape that stays:

        `{"start", "until", "zone", "people", "hash", "messages": {"total", "reached", "silent", "mean", "p99", "most",
        "histogram": [[messages, people], ..]}, "days": ["2026-01-01", ..], "journeys": [..]}`, and `"sends"` and
        `"entries"` as lists of lists (fields in the order of `Sent` and `Entered`) where they were kept.

        A journey is `{"name", "version", "treated": group, "holdout": group, "lift": {"points", "low", "high", "few"}
        or null, "at_start", "sent", "blocked", "waiting", "ended": {reason: runs}, "ended_held_out", "entries_by_day",
        "sent_by_day", "steps": [{"node", "visits", "sent": {channel: n}, "held", "blocked", "timed_out", "waiting"}],
        "edges": [[source, port, n]]}`; a group is `{"entries", "people", "goals", "reached", "rate"}`.
        """
        messages = self.messages
        told: dict[str, Any] = {
            "start": self.start,
            "until": self.until,
            "zone": self.zone,
            "people": messages.people,
            "hash": self.fingerprint,
            "messages": {
                "total": messages.total,
                "reached": messages.reached,
                "silent": messages.silent,
                "mean": messages.mean,
                "p99": messages.at_most(0.99),
                "most": messages.most,
                "histogram": [[number, messages.histogram[number]] for number in sorted(messages.histogram)],
            },
            "days": [day.isoformat() for day in self.days],
            "journeys": [journey_json(journey) for journey in self.journeys],
        }
        if self.sends is not None:
            told["sends"] = [
                [sent.customer, sent.at, sent.journey, sent.version, sent.run, sent.node, sent.channel]
                for sent in self.sends
            ]
        if self.entries is not None:
            told["entries"] = [
                [entry.customer, entry.at, entry.journey, entry.version, entry.run, entry.held_out]
                for entry in self.entries
            ]
        return told


def journey_json(result: JourneyResult) -> dict[str, Any]:
    """A journey's part of `Replay.to_json`."""
    lift = result.lift
    return {
        "name": result.journey.name,
        "version": result.journey.version,
        "treated": _group_json(result.treated),
        "holdout": _group_json(result.holdout),
        "lift": lift and {"points": lift.points, "low": lift.low, "high": lift.high, "few": lift.few},
        "at_start": result.at_start,
        "sent": result.sent,
        "blocked": result.blocked,
        "waiting": result.waiting,
        "ended": dict(result.ended),
        "ended_held_out": dict(result.ended_held_out),
        "entries_by_day": list(result.entries_by_day),
        "sent_by_day": list(result.sent_by_day),
        "steps": [
            {
                "node": step.node,
                "visits": step.visits,
                "sent": dict(step.sent),
                "held": dict(step.held),
                "blocked": dict(step.blocked),
                "timed_out": step.timed_out,
                "waiting": step.waiting,
            }
            for step in result.steps
        ],
        "edges": [[source, port, count] for (source, port), count in result.edges.items()],
    }


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "entries": group.entries,
        "people": group.people,
        "goals": group.goals,
        "reached": group.reached,
        "rate": group.rate,
    }
