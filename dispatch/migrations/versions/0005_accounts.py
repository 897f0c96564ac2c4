"""Accounts, console sessions, audit log, notes, roster drafts; interpreters who have left."""

import sqlalchemy as sa
from alembic import op

from dispatch.schema import UTCDateTime
from dispatch.schema_console import TABLES

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is missing; a new store has it from the first version."""
    bind = op.get_bind()
    for table in TABLES:
        table.create(bind, checkfirst=True)
    if not _has_column(bind, "interpreters", "retired_at"):
        op.add_column("interpreters", sa.Column("retired_at", UTCDateTime))


def downgrade() -> None:
    """Remove them."""
    bind = op.get_bind()
    for table in reversed(TABLES):
        table.drop(bind, checkfirst=True)
    with op.batch_alter_table("interpreters") as batch:
        batch.drop_column("retired_at")


def _has_column(bind: sa.Connection, table: str, column: str) -> bool:
    return any(found["name"] == column for found in sa.inspect(bind).get_columns(table))
