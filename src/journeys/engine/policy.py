"""What the project lays down for every journey: zone, channels, consent, quiet hours, frequency caps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

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
