"""Run by alembic for each command: the migrations on the connection that `create_or_upgrade` (or a developer) gives."""

from __future__ import annotations

from alembic import context

from journeys.store import schema

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=schema.metadata,
    transactional_ddl=True,  # SQLite's tables can be rolled back, once it is told to BEGIN
    transaction_per_migration=False,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
