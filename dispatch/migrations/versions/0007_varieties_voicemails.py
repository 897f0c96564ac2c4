"""Varieties that interpreters speak; callers' messages, written down."""

import sqlalchemy as sa
from alembic import op

from dispatch.schema_varieties import skill_varieties
from dispatch.schema_voicemails import voicemails

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is missing; a new store has it from the first version."""
    bind = op.get_bind()
    skill_varieties.create(bind, checkfirst=True)
    voicemails.create(bind, checkfirst=True)
    if not _has_column(bind, "skills", "varieties"):
        op.add_column("skills", sa.Column("varieties", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Remove them."""
    bind = op.get_bind()
    voicemails.drop(bind, checkfirst=True)
    skill_varieties.drop(bind, checkfirst=True)
    with op.batch_alter_table("skills") as batch:
        batch.drop_column("varieties")


def _has_column(bind: sa.Connection, table: str, column: str) -> bool:
    return any(found["name"] == column for found in sa.inspect(bind).get_columns(table))
