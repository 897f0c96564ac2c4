"""An index by which a search sees who has interpreted for this requester in this language lately."""

from alembic import op

from dispatch import schema

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_NAME = "requests_by_language_of_requester"


def upgrade() -> None:
    """Add it where it is not there; a new store has it from the first version."""
    for index in schema.requests.indexes:
        if index.name == _NAME:
            index.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    """Remove it."""
    op.drop_index(_NAME, "requests")
