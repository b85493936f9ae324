"""Alembic's entry: runs the migrations on the connection it is handed."""

from __future__ import annotations

from alembic import context

from evaluand.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The caller's transaction holds all of it: a failed migration leaves nothing behind.
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
