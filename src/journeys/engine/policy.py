"""What the project lays down for every journey: zone, channels, consent, quiet hours, frequency caps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from journeys.catalog.builtin import BUILTIN_EVENTS
from journeys.catalog.project import Limit, Project, QuietWindow
from journeys.graph.model import FrequencyCap, QuietHours


@dataclass(frozen=True, slots=True)
class ChannelPolicy:
    """How a person can be reached by a channel.

    `address` is the attribute that must be known (None: everybody has one, such as an in-app box). Consent is
    `consent.CHANNEL`: with "opt-in" it must be true, with "opt-out" it must not be false.
    """

    address: str | None = None
    consent: Literal["opt-in", "opt-out"] = "opt-out"
    quiet: QuietHours | None = None
    limits: tuple[FrequencyCap, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """`zone`: for people whose own zone is missing or unknown. `inactive_events` do not end a silence."""

    zone: str = "UTC"
    channels: Mapping[str, ChannelPolicy] = field(default_factory=dict)
    quiet: QuietHours | None = None
    limits: tuple[FrequencyCap, ...] = ()
    inactive_events: frozenset[str] = frozenset()


def policy_of(project: Project) -> Policy:
    """The policy that a project file lays down. A channel's own quiet hours stand in place of the general ones."""

    def quiet(window: QuietWindow | None) -> QuietHours | None:
        if window is None:
            return None
        zone = project.zone_of(window.zone)
        return QuietHours(from_minute=window.from_minute, to_minute=window.to_minute, zone=zone)

    def cap(limit: Limit) -> FrequencyCap:
        return FrequencyCap(messages=limit.messages, period=limit.per, calendar=limit.calendar)

    return Policy(
        zone=project.zone,
        channels={
            name: ChannelPolicy(
                address=channel.address if channel.address in project.attributes else None,
                consent=channel.consent,
                quiet=quiet(project.quiet_on(name)),
                limits=tuple(cap(limit) for limit in project.limits if limit.channel == name),
            )
            for name, channel in project.channels.items()
        },
        limits=tuple(cap(limit) for limit in project.limits if limit.channel is None),
        inactive_events=frozenset(
            name for name, event in {**BUILTIN_EVENTS, **project.events}.items() if not event.activity
        ),
    )
