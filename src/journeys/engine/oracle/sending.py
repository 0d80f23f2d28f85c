"""What stands between a message and its hand-off: who can be reached, quiet hours, frequency caps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from journeys.engine.oracle.profile import Profile
from journeys.engine.oracle.timetable import zone_of
from journeys.engine.oracle.wall_clock import add, add_months, at_minute, local_date, quiet_until
from journeys.engine.policy import ChannelPolicy, Policy
from journeys.engine.state import NEVER, HandedOff
from journeys.graph.model import FrequencyCap, RuleGraph, SendNode


def channel_for(node: SendNode, profile: Profile) -> tuple[str, str]:
    """The first channel that reaches the person and ""; or "" and why the last one tried does not."""
    reason = "unreachable"
    for channel in node.channels:
        reason = profile.reach(channel, node.transactional)
        if not reason:
            return channel, ""
    return "", reason


def end_of_quiet(graph: RuleGraph, channel: str, profile: Profile, now: int) -> int:
    """The first instant, from now on, outside the quiet hours of journey, project and channel."""
    of_channel = profile.policy.channels.get(channel, ChannelPolicy()).quiet
    windows = [
        (zone_of(profile, quiet.zone), quiet)
        for quiet in (graph.quiet, profile.policy.quiet, of_channel)
        if quiet is not None
    ]
    return quiet_until(windows, now)


def full_cap(
    graph: RuleGraph, channel: str, profile: Profile, handed_off: Sequence[HandedOff], now: int
) -> tuple[str, int] | None:
    """Whose cap is full ("journey", "project" or the channel; the first that is) and when all full ones have room.

    None if none is full.
    """
    zone = profile.zone()
    full: list[tuple[str, int]] = []
    for owner, cap, counted in _caps(graph, channel, profile.policy, handed_off):
        ends = [end for sent in counted if (end := _forgotten_at(sent, cap, zone, now)) > now]
        if len(ends) >= cap.messages:
            full.append((owner, sorted(ends)[len(ends) - cap.messages] if cap.messages > 0 else NEVER))
    return (full[0][0], max(room_at for _, room_at in full)) if full else None


def _caps(
    graph: RuleGraph, channel: str, policy: Policy, handed_off: Sequence[HandedOff]
) -> Iterator[tuple[str, FrequencyCap, list[HandedOff]]]:
    for cap in graph.limits:
        yield "journey", cap, [sent for sent in handed_off if sent.journey.name == graph.name]
    for cap in policy.limits:
        yield "project", cap, list(handed_off)
    for cap in policy.channels.get(channel, ChannelPolicy()).limits:
        yield channel, cap, [sent for sent in handed_off if sent.channel == channel]


def _forgotten_at(sent: HandedOff, cap: FrequencyCap, zone: ZoneInfo, now: int) -> int:
    """From when on a hand-off no longer counts; one outside the current calendar period does not count at all."""
    if not cap.calendar:
        return add(zone, sent.at, cap.period)
    first, following = _calendar_period(local_date(zone, now), cap)
    if first <= local_date(zone, sent.at) < following:
        return at_minute(zone, following, 0)
    return -NEVER


def _calendar_period(day: date, cap: FrequencyCap) -> tuple[date, date]:
    """The day, week or month that a day belongs to, and the first day of the next."""
    if cap.period.months:
        first = day.replace(day=1)
        return first, add_months(first, 1)
    if cap.period.days == 7:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=7)
    return day, day + timedelta(days=1)
