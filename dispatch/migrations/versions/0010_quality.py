"""Ratings, tasks, notes on interpreters, who is held back, what is due after sessions and before certificates end."""

from alembic import op

from dispatch.schema_quality import TABLES

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is missing; a new store has it from the first version."""
    for table in TABLES:
        table.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    """Remove them."""
    for table in reversed(TABLES):
        table.drop(op.get_bind(), checkfirst=True)
