"""Machine's gists of callers' first words."""

from alembic import op

from dispatch.schema import gists

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; a new store has it from the first version."""
    gists.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    """Remove it."""
    gists.drop(op.get_bind(), checkfirst=True)
