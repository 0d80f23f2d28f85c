"""Handing messages off: claim, check once more, render, note the attempt, deliver, note the verdict.

Whatever happens between two of these steps, a row is in a state that says what is known of it (the store's page draws
the states). What is checked here fails closed: consent, suppression, the address, quiet hours and age are judged at the
instant of the hand-off, on what the store knows then.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection

from journeys.catalog.project import Project
from journeys.channels.contract import Channel, HandOff, Verdict
from journeys.engine import calendar
from journeys.engine.policy import ChannelPolicy, Policy
from journeys.graph.model import QuietHours
from journeys.messages.render import RenderFailure, render
from journeys.messages.templates import TemplateFolder
from journeys.messages.variables import load_variables
from journeys.store import attributes, consents, outbox
from journeys.store.database import Store
from journeys.store.outbox import Attempt, OutboxRow
from journeys.store.texts import to_text

CLAIM = 200
LEASE = 5 * 60_000_000
TOO_OLD = "too old"
ATTEMPTS = 8
FIRST_PAUSE = 60_000_000
"""After a failed attempt a row waits a minute, then two, four ..."""
WINDOWS = 8
"""How many quiet windows in a row are waited for at once; where they leave no gap a message waits until it expires."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a claimed row is not handed off: for now (`until`), or for good in that state."""

    state: Literal["suppressed", "expired", "dead", "cancelled", "held"]
    reason: str
    until: int = 0


@dataclass(slots=True)
class Outgoing:
    """Hands off what is due in one store. `quiet_of` are the journeys' own quiet hours by name and version."""

    store: Store
    project: Project
    policy: Policy
    templates: TemplateFolder
    channels: Mapping[str, Channel]
    worker: str = "daemon"
    quiet_of: Mapping[tuple[str, int], QuietHours] = field(default_factory=dict)

    def take_over(self, now: int) -> tuple[int, int]:
        """At the start: nobody else works on this store, so let go of what a dead worker held.

        What it was handing off is unknown; a channel that knows a message by its key takes it again without harm.
        """
        safe = [name for name, channel in self.channels.items() if channel.knows_keys]
        return self.store.run_in_transaction(lambda conn: outbox.take_over(conn, now, safe))

    def hand_off(self, now: int) -> Counter[str]:
        """Hand off everything that is due; how many rows went which way."""
        told: Counter[str] = Counter()
        self.templates.refresh()
        oldest = self._oldest(now)
        told["expired"] += self.store.run_in_transaction(lambda conn: outbox.expire(conn, oldest, TOO_OLD))
        while True:
            rows = self.store.run_in_transaction(lambda conn: outbox.claim(conn, now, self.worker, LEASE, CLAIM))
            if not rows:
                return +told
            told.update(self._hand_off(rows, now))

    def _oldest(self, now: int) -> int:
        """What was decided before this instant is not handed off any more."""
        expire = self.project.settings.expire_after
        return now - expire.micros - (expire.days + 31 * expire.months) * calendar.DAY

    def _hand_off(self, rows: Sequence[OutboxRow], now: int) -> Counter[str]:
        told: Counter[str] = Counter()
        with self.store.reading() as conn:
            people = _People.load(conn, rows, now)
        ready: list[tuple[OutboxRow, HandOff]] = []
        rejected: list[tuple[OutboxRow, Rejected]] = []
        for row in rows:
            found = self._prepare(row, people, now)
            if isinstance(found, Rejected):
                rejected.append((row, found))
            else:
                ready.append((row, found))
        started = self.store.run_in_transaction(lambda conn: self._start(conn, ready, rejected, now))
        told.update(found.state for _, found in rejected)
        handoffs = {row.id: handoff for row, handoff in ready}
        verdicts = self._deliver([(row, _stored(row, handoffs[row.id])) for row in started], now)
        self.store.run_in_transaction(lambda conn: self._note(conn, verdicts, now))
        told.update(verdict.state for _, verdict in verdicts)
        return told

    # -- before ------------------------------------------------------------------------------------------------------

    def _prepare(self, row: OutboxRow, people: _People, now: int) -> HandOff | Rejected:
        key = idempotency_key(row)
        if row.due_at < self._oldest(now):  # claimed long ago, by a daemon that died
            return Rejected("expired", TOO_OLD)
        if row.kind != "message":
            # Tasks and notices are for colleagues: they are in the outbox for them to see.
            return HandOff(
                key, row.channel, row.message, row.channel, None, row.message, None, row.external_id, "", now
            )
        channel = self.policy.channels.get(row.channel)
        if channel is None or row.channel not in self.channels:
            return Rejected("dead", "the project has no such channel any more")
        refused = people.refusal(row, channel)
        if refused:
            return Rejected("suppressed", refused)
        address = people.value(row.customer_id, channel.address) if channel.address else row.external_id
        if not isinstance(address, str) or not address:
            return Rejected("suppressed", "unreachable")
        opens = now if row.transactional else self._opens(row, channel, people, now)
        if opens > now:
            return Rejected("held", "quiet hours", opens)
        language = people.value(row.customer_id, "language")
        variables = load_variables(to_text(dict(row.variables)))
        text = render(
            self.templates, row.message, row.channel, language if isinstance(language, str) else None, variables
        )
        if isinstance(text, RenderFailure):
            return Rejected("dead", text.reason)
        return HandOff(
            key,
            address,
            row.message,
            row.channel,
            text.subject,
            text.text,
            text.html,
            row.external_id,
            text.language,
            now,
        )

    def _opens(self, row: OutboxRow, channel: ChannelPolicy, people: _People, now: int) -> int:
        """The first instant from now on outside the quiet hours of the journey and the channel."""
        own = self.quiet_of.get((row.journey.name, row.journey.version))
        zone = people.value(row.customer_id, "zone")
        own_zone = zone if isinstance(zone, str) and calendar.is_zone(zone) else self.policy.zone
        opens = now
        for _ in range(WINDOWS):
            before = opens
            for quiet in (own, channel.quiet, self.policy.quiet):
                if quiet is not None:
                    zones = calendar.zone_table([quiet.zone or own_zone]).as_lists()
                    opens = calendar.window_end(zones, 0, opens, quiet.from_minute, quiet.to_minute)
            if opens == before:
                break
        return opens

    def _start(
        self,
        conn: Connection,
        ready: Sequence[tuple[OutboxRow, HandOff]],
        rejected: Sequence[tuple[OutboxRow, Rejected]],
        now: int,
    ) -> Sequence[OutboxRow]:
        for row, found in rejected:
            if found.state == "held":
                outbox.hold(conn, row, found.until, found.reason)
            else:
                outbox.give_up(conn, row, found.state, found.reason)
        attempts = [Attempt(row, _rendered(handoff), handoff.idempotency_key) for row, handoff in ready]
        return outbox.start_handing_off(conn, attempts, now, LEASE)

    # -- the hand-off itself -----------------------------------------------------------------------------------------

    def _deliver(self, started: Sequence[tuple[OutboxRow, HandOff]], now: int) -> list[tuple[OutboxRow, Verdict]]:
        verdicts = [(row, Verdict("accepted")) for row, _ in started if row.kind != "message"]
        by_channel: dict[str, list[tuple[OutboxRow, HandOff]]] = {}
        for row, handoff in started:
            if row.kind == "message":
                by_channel.setdefault(row.channel, []).append((row, handoff))
        for name, going in by_channel.items():
            answers = self.channels[name].deliver_many([handoff for _, handoff in going], now)
            verdicts += [(row, answer) for (row, _), answer in zip(going, answers, strict=True)]
        return verdicts

    def _note(self, conn: Connection, verdicts: Sequence[tuple[OutboxRow, Verdict]], now: int) -> None:
        final: list[outbox.Verdict] = []
        for row, verdict in verdicts:
            if verdict.state != "retry":
                final.append(outbox.Verdict(row, verdict.state, verdict.reason, verdict.provider_id or ""))
            elif row.attempt >= ATTEMPTS:
                final.append(outbox.Verdict(row, "dead", verdict.reason))
            else:
                outbox.hold(conn, row, now + FIRST_PAUSE * 2 ** (row.attempt - 1), verdict.reason)
        outbox.record(conn, final)


def idempotency_key(row: OutboxRow) -> str:
    """The same for every attempt of a step of a run, different for every other."""
    parts = (row.external_id, row.journey.name, str(row.run), row.step, str(row.visit))
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]


def _rendered(handoff: HandOff) -> dict[str, Any]:
    return {
        "address": handoff.address,
        "subject": handoff.subject,
        "text": handoff.text,
        "html": handoff.html,
        "language": handoff.language,
        "rendered_at": handoff.rendered_at,
    }


def _stored(row: OutboxRow, handoff: HandOff) -> HandOff:
    """What is handed off is what was stored: a later attempt has the bytes of the first."""
    stored = row.rendered or {}
    return HandOff(
        idempotency_key=row.idempotency_key or handoff.idempotency_key,
        message=row.message,
        channel=row.channel,
        customer_id=row.external_id,
        **{name: stored[name] for name in _rendered(handoff)},
    )


@dataclass(frozen=True, slots=True)
class _People:
    """What the store knows of the customers of some rows, at the instant of the hand-off."""

    attributes: Mapping[int, Mapping[str, Any]]
    standing: Mapping[tuple[int, str], consents.Standing]

    @classmethod
    def load(cls, conn: Connection, rows: Sequence[OutboxRow], now: int) -> _People:
        ids = sorted({row.customer_id for row in rows})
        return cls(attributes.latest(conn, ids, now), consents.standing(conn, ids, now))

    def value(self, customer: int, name: str | None) -> Any:
        return self.attributes.get(customer, {}).get(name or "")

    def refusal(self, row: OutboxRow, channel: ChannelPolicy) -> str:
        """Why this person must not be written to on the row's channel, empty where nothing speaks against it."""
        stands = self.standing.get((row.customer_id, row.channel), consents.UNKNOWN)
        if stands.suppressed is not None:
            return "suppressed"
        if row.transactional:
            return ""
        given = stands.granted if channel.consent == "opt-in" else stands.granted is not False
        return "" if given else "consent"
