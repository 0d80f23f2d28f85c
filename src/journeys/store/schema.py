"""The tables, declared once. `migrations/` makes them; a test holds the two equal.

Instants are integer microseconds UTC. A column that may hold "never" is null then. JSON is compact text that this
package writes and reads itself, so that rows come out of the driver untouched. Everything about a customer is clustered
by the customer and then by time: one person's story is one range of a table, and the store can be split by customer.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

REVISIONS = ("0001",)
"""The migrations, oldest first; a store with the last one has exactly these tables."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_ID = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself in SQLite


def _customer(*, primary_key: bool = False) -> Column[int]:
    return Column("customer_id", BigInteger, ForeignKey("customers.id"), primary_key=primary_key, nullable=False)


facts = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Counters of the store (the number of the last arrival, of the last decision) and instants of the daemon."""

customers = Table(
    "customers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("external_id", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("advanced_to", BigInteger),
    Column("seen_seq", BigInteger, nullable=False, server_default="-1"),
    Column("turn", BigInteger, nullable=False, server_default="0"),
)
"""`advanced_to`, `seen_seq`: how far the engine has walked. `turn` counts its saves: what was computed from an older
turn is refused."""

attributes = Table(
    "attributes",
    metadata,
    _customer(primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    sqlite_with_rowid=False,
)
"""Every value an attribute ever had, from when (JSON; null: removed)."""

events = Table(
    "events",
    metadata,
    _customer(primary_key=True),
    Column("occurred_at", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("properties", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text),
    Column("received_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

event_ids = Table(
    "event_ids",
    metadata,
    Column("source", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Which events are known, and a digest of what they said."""

arrivals = Table(
    "arrivals",
    metadata,
    _customer(primary_key=True),
    Column("due_at", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Customers with something the engine has not walked yet: its earliest instant, and the number of the last arrival."""
Index(None, arrivals.c.due_at, arrivals.c.customer_id)

consents = Table(
    "consents",
    metadata,
    _customer(primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("channel", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    sqlite_with_rowid=False,
)

suppressions = Table(
    "suppressions",
    metadata,
    _customer(primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("channel", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", BigInteger),
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    _customer(primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("tag", Text, nullable=False),
    Column("until", BigInteger),
    Column("removed", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    sqlite_with_rowid=False,
)

journeys = Table(
    "journeys",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("graph", Text, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("resumes_as", Text),
    Column("swept_to", BigInteger),
    UniqueConstraint("name", "version"),
)
"""Published versions. `resumes_as`: the state a paused version goes back to. `swept_to`: the last customer of the first
look at everybody, null when that is done."""

runs = Table(
    "runs",
    metadata,
    Column("id", _ID, primary_key=True),
    _customer(),
    Column("journey_id", BigInteger, ForeignKey("journeys.id"), nullable=False),
    Column("journey_name", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("entered_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("exit_reason", Text, nullable=False),
    Column("goal_at", BigInteger),
    Column("goal_until", BigInteger),
    Column("holdout", Boolean, nullable=False),
    Column("wait_started", BigInteger),
    Column("wait_until", BigInteger),
    Column("timed_out", Boolean, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("loops", Text, nullable=False),
    Column("held", Text, nullable=False),
    Column("held_since", BigInteger),
    Column("entry", Text, nullable=False),
    Column("due_at", BigInteger),
    UniqueConstraint("customer_id", "journey_name", "number"),
)
Index(
    None,
    runs.c.due_at,
    runs.c.customer_id,
    sqlite_where=runs.c.due_at.is_not(None),
    postgresql_where=runs.c.due_at.is_not(None),
)

watches = Table(
    "watches",
    metadata,
    _customer(primary_key=True),
    Column("journey_id", BigInteger, ForeignKey("journeys.id"), primary_key=True, nullable=False),
    Column("holds", Boolean, nullable=False),
    Column("due_at", BigInteger),
    sqlite_with_rowid=False,
)
Index(
    None,
    watches.c.due_at,
    watches.c.customer_id,
    sqlite_where=watches.c.due_at.is_not(None),
    postgresql_where=watches.c.due_at.is_not(None),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", Text, nullable=False),
    _customer(),
    Column("run_id", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("journey_id", BigInteger, ForeignKey("journeys.id"), nullable=False),
    Column("step", Text, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("lease_until", BigInteger),
    Column("fence", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("idempotency_key", Text),
    Column("variables", Text, nullable=False),
    Column("rendered", Text),
    Column("handed_off_at", BigInteger),
    Column("provider_id", Text, nullable=False),
    Column("transactional", Boolean, nullable=False),
    UniqueConstraint("run_id", "step", "visit"),
)
"""Intents: what is to be handed off to a channel, a task list or a colleague. `due_at` is the instant the journey
decided it, `not_before` the earliest instant of the next attempt."""
Index("ix_outbox_customer_id_due_at", outbox.c.customer_id, outbox.c.due_at)
_PENDING = outbox.c.state == "pending"
Index(
    "ix_outbox_pending",
    outbox.c.not_before,
    outbox.c.id,
    sqlite_where=_PENDING,
    postgresql_where=_PENDING,
)
_LEASED = outbox.c.lease_until.is_not(None)
Index("ix_outbox_leased", outbox.c.lease_until, outbox.c.id, sqlite_where=_LEASED, postgresql_where=_LEASED)
_UNFINISHED = outbox.c.state.in_(["pending", "claimed", "handing_off"])
Index(
    "ix_outbox_unfinished",
    outbox.c.customer_id,
    outbox.c.channel,
    outbox.c.id,
    sqlite_where=_UNFINISHED,
    postgresql_where=_UNFINISHED,
)

decisions = Table(
    "decisions",
    metadata,
    _customer(primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("journey_id", BigInteger, ForeignKey("journeys.id"), nullable=False),
    Column("run_number", Integer, nullable=False),
    Column("node", Text, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What the engine decided, as it decided it (engine/state.py, `Effect`)."""
