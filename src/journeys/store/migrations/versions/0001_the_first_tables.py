"""the first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("advanced_to", sa.BigInteger(), nullable=True),
        sa.Column("seen_seq", sa.BigInteger(), server_default="-1", nullable=False),
        sa.Column("turn", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.UniqueConstraint("external_id", name="uq_customers_external_id"),
    )
    op.create_table(
        "event_ids",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", "event_id", name="pk_event_ids"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "journeys",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("graph", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("resumes_as", sa.Text(), nullable=True),
        sa.Column("swept_to", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_journeys"),
        sa.UniqueConstraint("name", "version", name="uq_journeys_name_version"),
    )
    op.create_table(
        "arrivals",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_arrivals_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", name="pk_arrivals"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_arrivals_due_at_customer_id", "arrivals", ["due_at", "customer_id"])

    op.create_table(
        "attributes",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_attributes_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "at", "seq", name="pk_attributes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "consents",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_consents_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "at", "seq", name="pk_consents"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decisions",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("journey_id", sa.BigInteger(), nullable=False),
        sa.Column("run_number", sa.Integer(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_decisions_customer_id"),
        sa.ForeignKeyConstraint(["journey_id"], ["journeys.id"], name="fk_decisions_journey_id"),
        sa.PrimaryKeyConstraint("customer_id", "at", "seq", name="pk_decisions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_events_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "occurred_at", "seq", name="pk_events"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("journey_id", sa.BigInteger(), nullable=False),
        sa.Column("journey_name", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("exit_reason", sa.Text(), nullable=False),
        sa.Column("goal_at", sa.BigInteger(), nullable=True),
        sa.Column("goal_until", sa.BigInteger(), nullable=True),
        sa.Column("holdout", sa.Boolean(), nullable=False),
        sa.Column("wait_started", sa.BigInteger(), nullable=True),
        sa.Column("wait_until", sa.BigInteger(), nullable=True),
        sa.Column("timed_out", sa.Boolean(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("loops", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("held_since", sa.BigInteger(), nullable=True),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("customer_id", "journey_name", "number", name="uq_runs_customer_id_journey_name_number"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_runs_customer_id"),
        sa.ForeignKeyConstraint(["journey_id"], ["journeys.id"], name="fk_runs_journey_id"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index(
        "ix_runs_due_at_customer_id",
        "runs",
        ["due_at", "customer_id"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )

    op.create_table(
        "suppressions",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_suppressions_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "at", "seq", name="pk_suppressions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tags",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_tags_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "at", "seq", name="pk_tags"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "watches",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("journey_id", sa.BigInteger(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_watches_customer_id"),
        sa.ForeignKeyConstraint(["journey_id"], ["journeys.id"], name="fk_watches_journey_id"),
        sa.PrimaryKeyConstraint("customer_id", "journey_id", name="pk_watches"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_watches_due_at_customer_id",
        "watches",
        ["due_at", "customer_id"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("journey_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("rendered", sa.Text(), nullable=True),
        sa.Column("handed_off_at", sa.BigInteger(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("transactional", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("run_id", "step", "visit", name="uq_outbox_run_id_step_visit"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_outbox_customer_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_outbox_run_id"),
        sa.ForeignKeyConstraint(["journey_id"], ["journeys.id"], name="fk_outbox_journey_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_customer_id_due_at", "outbox", ["customer_id", "due_at"])
    op.create_index(
        "ix_outbox_leased",
        "outbox",
        ["lease_until", "id"],
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["not_before", "id"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_outbox_unfinished",
        "outbox",
        ["customer_id", "channel", "id"],
        sqlite_where=sa.text("state IN ('pending', 'claimed', 'handing_off')"),
        postgresql_where=sa.text("state IN ('pending', 'claimed', 'handing_off')"),
    )
