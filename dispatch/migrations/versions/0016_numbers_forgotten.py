"""When it was seen to that a community member's number goes, and an index by which what is due is found."""

import sqlalchemy as sa
from alembic import op

from dispatch import schema

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_COLUMN, _INDEX = "number_seen_to_at", "requests_with_number"


def upgrade() -> None:
    """Add what is not there; a new store has it from the first version."""
    bind = op.get_bind()
    if _COLUMN not in {known["name"] for known in sa.inspect(bind).get_columns("requests")}:
        op.add_column("requests", sa.Column(_COLUMN, schema.UTCDateTime))
    for index in schema.requests.indexes:
        if index.name == _INDEX:
            index.create(bind, checkfirst=True)


def downgrade() -> None:
    """Remove them."""
    op.drop_index(_INDEX, "requests")
    with op.batch_alter_table("requests") as changed:
        changed.drop_column(_COLUMN)
