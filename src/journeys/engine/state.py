"""What the engine remembers of a person between two looks: runs, watches, tags, hand-offs.

Plain values, in names rather than codes, so that a store can keep them and a program compiled later can read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

NEVER = 2**62
"""An instant that does not come."""


@dataclass(frozen=True, slots=True)
class JourneyKey:
    """A version of a journey, by name and number."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class Run:
    """One passage of one person through one version of a journey.

    number          counts this person's runs of the journey (all versions) from 1; with the person and the journey it
                    identifies the run
    key             the value of the starting event's property that `enter once for each` names, "" without one
    node            the node the person stands on; "" once the run has ended
    entered_at, ended_at, goal_at       instants; NEVER where it has not happened
    exit_reason     "" while live; "finished", "exit", "exit when", "limit", "on past", "holdout",
                    "stopped"
    holdout         entered but never receives
    wait_started, wait_until            of the wait (or the hold) the person stands in; NEVER where there is none
    goal_until      the goal counts before this instant; NEVER while it counts as long as the run lives
    timed_out       the last `wait until` ended by its time
    rounds          how often repeats went round in this run: with the node it identifies a visit
    loops           per nesting depth of `repeat`: (rounds begun, start of the repeat, start of this round)
    held            the reason a message waits: "", "quiet", "limit"
    held_since      instant from which it waits
    entry           properties of the event that started it, as plain values
    due             the next instant at which the engine must look at this run; NEVER if only an event can move it
    """

    journey: JourneyKey
    number: int
    key: str
    node: str
    entered_at: int
    ended_at: int = NEVER
    exit_reason: str = ""
    goal_at: int = NEVER
    goal_until: int = NEVER
    holdout: bool = False
    wait_started: int = NEVER
    wait_until: int = NEVER
    timed_out: bool = False
    rounds: int = 0
    loops: tuple[tuple[int, int, int], ...] = ()
    held: str = ""
    held_since: int = NEVER
    entry: Mapping[str, float | str] = field(default_factory=dict)
    due: int = NEVER


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of a journey's starting condition for a person: whether it held when last looked at (`holds`), and
    the next instant at which time alone may change it (`due`)."""

    journey: JourneyKey
    holds: bool
    due: int = NEVER


@dataclass(frozen=True, slots=True)
class HandedOff:
    """A marketing message that counts for frequency caps."""

    at: int
    journey: JourneyKey
    channel: str


@dataclass(frozen=True, slots=True)
class PersonState:
    """All of it for one person. `advanced_to`: the instant up to which the engine has walked; -NEVER if never.

    `seen_seq`: the highest event_seq it has walked; a later number with an earlier instant is a late event.
    `entries`: per journey name, how often this person has entered and when last, over all time.
    """

    advanced_to: int = -NEVER
    seen_seq: int = -1
    runs: tuple[Run, ...] = ()
    watches: tuple[Watch, ...] = ()
    handed_off: tuple[HandedOff, ...] = ()
    entries: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)


EffectKind = Literal[
    "entered",
    "visited",
    "sent",
    "held",
    "blocked",
    "waiting",
    "moved on",
    "timed out",
    "goal",
    "ended",
    "tagged",
    "untagged",
    "set",
    "task",
    "notice",
]


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing the engine decided, at its instant.

    entered         reason: "holdout" for held-out people, else ""
    visited         the person came to a node (to a `repeat` again after each round)
    sent            a message is to be handed off now; detail: the channel
    held            detail: "quiet" or "limit"; value: the instant it waits for (told anew if it changes)
    blocked         the message is skipped; reason: "limit" (detail: "journey", "project" or the channel), "consent",
                    "unreachable", "suppressed", "condition"
    waiting         the person stands on a wait, or between two rounds; value: the instant at which that ends (NEVER for
                    a wait without end); a wait that passes at once is not told
    moved on        what was told as waiting ended, by its condition or its instant
    timed out       a `wait until` ended by its time (instead of "moved on")
    goal            the goal was reached
    ended           reason as Run.exit_reason
    tagged          detail: the tag; value: the instant it ends, NEVER for ever
    untagged, set   detail: the tag or attribute; value: the new value
    task, notice    a task or staff notice is to be made
    """

    person: int
    at: int
    kind: EffectKind
    journey: JourneyKey
    run: int
    node: str = ""
    visit: int = 0
    reason: str = ""
    detail: str = ""
    value: float | int | str = 0
