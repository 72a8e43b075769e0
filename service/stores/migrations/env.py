"""What alembic runs to apply the steps: on the connection that it was given, in one transaction."""

from __future__ import annotations

from alembic import context

from service.stores.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
