"""A small shop to run a daemon for: a project in a folder, its store, and channels that remember what they got."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from journeys.catalog.load import load_project
from journeys.channels.contract import Channel, HandOff, Verdict
from journeys.daemon.clock import VirtualClock
from journeys.daemon.daemon import Daemon, Tick
from journeys.daemon.publishing import publish
from journeys.engine.state import JourneyKey, PersonState
from journeys.graph.from_language import compile_files
from journeys.graph.model import RuleGraph
from journeys.language.parser import parse
from journeys.store import attributes, consents, customers, decisions, events, outbox, runs, schema
from journeys.store.attributes import AttributeChange
from journeys.store.consents import Consent, Suppression
from journeys.store.database import Store, open_store
from journeys.store.decisions import Decision
from journeys.store.events import NewEvent
from journeys.store.outbox import OutboxRow

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LONG_AGO = -(2**60)

PROJECT = """
[project]
name = "shop"
zone = "UTC"
currency = "EUR"

[attributes]
email = "text"
phone = "text"
tier = { type = "text", values = ["basic", "gold"] }
points = "number"

[events.purchase]
purchase = "total"
properties = { total = "money" }

[events.sign_up]

[tags.vip]

[roles.florist]

[messages.coupon]
channels = ["email"]

[messages.hello]
channels = ["email", "sms"]

[messages.receipt]
purpose = "transactional"
channels = ["email"]

[channels.email]
kind = "console"

[channels.sms]
kind = "console"
address = "phone"
"""

TEXTS = {
    "coupon/email.en.j2": "subject: A coupon\n\nHello {{ customer.tier|default('you') }}, {{ customer.email }}.\n",
    "hello/email.en.j2": "subject: Hello\n\nHello.\n",
    "hello/sms.en.j2": "Hello.\n",
    "receipt/email.en.j2": "subject: Your receipt\n\nThank you.\n",
}


def at(text: str) -> int:
    """An instant: `2026-03-01`, `2026-03-01 09:30`, in UTC."""
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def written(instant: int) -> str:
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant):%Y-%m-%d %H:%M}"


@dataclass
class Remembering(Channel):
    """Remembers what it is given; `answers` are its verdicts in turn, after them everything is accepted."""

    answers: list[Verdict] = field(default_factory=list)
    taken: list[tuple[HandOff, int]] = field(default_factory=list)
    knows_keys: bool = False

    def deliver(self, handoff: HandOff, now: int) -> Verdict:
        self.taken.append((handoff, now))
        return self.answers.pop(0) if self.answers else Verdict("accepted", "taken")

    @property
    def told(self) -> list[str]:
        """Who was given what and when: `ann coupon 2026-03-01 12:00`."""
        return [f"{one.customer_id} {one.message} {written(now)}" for one, now in self.taken]


class Dies(Exception):
    """The process ends here."""


class Shop:
    """One project, its store and a daemon on a virtual clock."""

    def __init__(self, folder: Path, empty_store: Path, project: str = PROJECT) -> None:
        self.folder = folder
        (folder / "journeys.toml").write_text(project, "utf-8")
        for name, text in TEXTS.items():
            path = folder / "messages" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        shutil.copy(empty_store, folder / "journeys.db")
        found, mistakes = load_project(folder)
        assert found is not None, mistakes
        self.project = found
        self.store: Store = open_store(folder / "journeys.db")
        self.channels = {name: Remembering() for name in found.channels}
        self.daemon = self.new_daemon()

    def new_daemon(self) -> Daemon:
        """Another process' daemon on the same store."""
        return Daemon(self.store, self.project, self.channels)

    # -- what comes in

    def person(self, name: str, since: str | None = None, **values: Any) -> int:
        """A customer with an address (from long ago, or since then) and further attributes."""
        known = {"email": f"{name}@example.com", **values}
        start = at(since) if since else LONG_AGO
        with self.store.writing() as conn:
            customer = customers.ensure(conn, [name], start if since else 0)[name]
            changes = [AttributeChange(customer, start, key, value, "test") for key, value in known.items()]
            attributes.record(conn, [change for change in changes if change.value is not None])
        return customer

    def id(self, name: str) -> int:
        with self.store.reading() as conn:
            return customers.find(conn, [name])[name]

    def changes(self, name: str, when: str, **values: Any) -> None:
        with self.store.writing() as conn:
            customer = customers.find(conn, [name])[name]
            attributes.record(
                conn, [AttributeChange(customer, at(when), key, value, "test") for key, value in values.items()]
            )

    def does(self, name: str, event: str, when: str, **properties: Any) -> None:
        with self.store.writing() as conn:
            customer = customers.find(conn, [name])[name]
            events.append(conn, [NewEvent(customer, at(when), event, properties, "test")], at(when))

    def says(self, name: str, when: str, granted: bool, channel: str = "email") -> None:
        with self.store.writing() as conn:
            customer = customers.find(conn, [name])[name]
            consents.record(conn, [Consent(customer, channel, at(when), granted, "test")])

    def suppresses(self, name: str, when: str, channel: str = "email") -> None:
        with self.store.writing() as conn:
            customer = customers.find(conn, [name])[name]
            consents.suppress(conn, [Suppression(customer, channel, at(when), "bounced")])

    # -- journeys

    def graphs(self, *texts: str) -> tuple[RuleGraph, ...]:
        """Journeys from their texts; the files are called a, b, c."""
        files = [parse(text, f"{name}.journey") for name, text in zip("abcdefgh", texts, strict=False)]
        graphs, mistakes = compile_files(files, self.project, None)
        wrong = [one for file in files for one in file.diagnostics]
        wrong += [one for one in mistakes if one.severity == "error"]
        assert not wrong, wrong
        return graphs

    def publish(self, when: str, *texts: str) -> tuple[JourneyKey, ...]:
        return publish(self.store, self.graphs(*texts), VirtualClock(at(when))).new

    def tick(self, when: str) -> Tick:
        return self.daemon.tick(at(when))

    def tick_daily(self, first: str, days: int) -> None:
        for day in range(days):
            self.daemon.tick(at(first) + day * DAY)

    # -- what came out

    @property
    def told(self) -> list[str]:
        """What the e-mail channel was given."""
        return self.channels["email"].told

    def trace(self, name: str, *kinds: str) -> list[str]:
        """What was decided about somebody: `2026-03-01 12:00 a v1 #1 sent send coupon email`."""
        with self.store.reading() as conn:
            found = list(decisions.trace(conn, customers.find(conn, [name])[name]))
        return [_decision(one) for one in found if not kinds or one.kind in kinds]

    def outbox(self, name: str) -> Sequence[OutboxRow]:
        with self.store.reading() as conn:
            return outbox.of_customer(conn, customers.find(conn, [name])[name])

    def states(self, name: str) -> list[str]:
        """The person's outbox: `coupon accepted`, with the reason where there is one."""
        return [f"{row.message} {row.state} {row.reason}".strip() for row in self.outbox(name)]

    def state(self, name: str) -> PersonState:
        with self.store.reading() as conn:
            customer = customers.find(conn, [name])[name]
            return runs.load_states(conn, [customer], LONG_AGO)[customer]

    def swept(self) -> dict[str, int | None]:
        """How far the first look at everybody has come, by version."""
        with self.store.reading() as conn:
            row = schema.journeys.c
            found = conn.execute(select(row.name, row.version, row.swept_to))
            return {f"{name} v{version}": swept_to for name, version, swept_to in found}

    def contents(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.store.reading() as conn:
            return {
                table.name: [tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key))]
                for table in schema.metadata.sorted_tables
            }


def _decision(one: Decision) -> str:
    words = (written(one.at), f"{one.journey.name} v{one.journey.version}", f"#{one.run}", one.kind)
    node = "" if one.kind in ("entered", "ended") else one.node
    return " ".join(word for word in (*words, node, one.detail, one.reason) if word)
