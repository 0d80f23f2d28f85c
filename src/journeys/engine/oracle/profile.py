"""What is known of one person at a moment of the walk."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from journeys.engine.history import Change, Event, Person
from journeys.engine.oracle.wall_clock import zone_of_names
from journeys.engine.policy import ChannelPolicy, Policy

Value = bool | int | float | str


@dataclass(slots=True)
class Profile:
    """Attributes by name and the events so far, in the order in which they were applied."""

    policy: Policy
    attributes: dict[str, Value] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def change(self, name: str, value: Value | None) -> bool:
        """Gives an attribute a value (None removes it); whether that was a real change."""
        if self.attributes.get(name) == value:
            return False
        if value is None:
            del self.attributes[name]
        else:
            self.attributes[name] = value
        return True

    def apply(self, record: Event | Change) -> None:
        """Takes note of something that happened."""
        if isinstance(record, Event):
            self.events.append(record)
        else:
            self.change(record.name, record.value)

    def zone(self) -> ZoneInfo:
        """The person's zone; the project's where that is missing or unknown."""
        return zone_of_names(self.attributes.get("zone"), self.policy.zone)

    def last_activity(self) -> int | None:
        """The instant of the last event that ends a silence; None for somebody who was never active."""
        return max((event.at for event in self.events if event.name not in self.policy.inactive_events), default=None)

    def reach(self, channel: str, transactional: bool = False) -> str:
        """Why a channel cannot reach the person: "suppressed", "consent", "unreachable"; "" if it can."""
        rules = self.policy.channels.get(channel, ChannelPolicy())
        if self.attributes.get(f"suppressed.{channel}"):
            return "suppressed"
        consent = self.attributes.get(f"consent.{channel}")
        refused = not consent if rules.consent == "opt-in" else consent is not None and not consent
        if refused and not transactional:
            return "consent"
        if rules.address is not None and rules.address not in self.attributes:
            return "unreachable"
        return ""


def records_of(person: Person) -> list[Event | Change]:
    """Everything that happened, in order: at one instant changes first, then events as they arrived."""
    changes = sorted(person.changes, key=lambda change: change.at)
    events = sorted(person.events, key=lambda event: (event.at, event.seq))
    records: list[Event | Change] = [*changes, *events]
    return sorted(records, key=lambda record: (record.at, isinstance(record, Event)))


def profile_at(policy: Policy, person: Person, now: int) -> Profile:
    """The profile with everything applied that happened up to and including `now`."""
    profile = Profile(policy)
    for record in records_of(person):
        if record.at <= now:
            profile.apply(record)
    return profile
