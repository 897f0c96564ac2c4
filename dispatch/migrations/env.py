"""Alembic's environment: runs on the connection that `Store.migrate` hands over, and only there."""

from alembic import context

from dispatch.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
