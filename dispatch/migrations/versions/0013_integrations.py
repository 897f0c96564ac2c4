"""Integrations, the keys and references they send, and webhooks out."""

from alembic import op

from dispatch.schema_integrations import TABLES

revision = "0013"
down_revision = "0012"
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
