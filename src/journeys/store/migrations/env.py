"""Run by alembic for each command: the migrations on the connection that `create_or_upgrade` (or a developer) gives.

That connection is in a transaction, which is what makes a migration whole: also on SQLite, once it is told to BEGIN.
"""

from __future__ import annotations

from alembic import context

from journeys.store import schema

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=schema.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
