"""When a request's details were forgotten and answers last learned, and indexes by which what is old is found."""

import sqlalchemy as sa
from alembic import op

from dispatch import schema

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COLUMNS = (("requests", "forgotten_at"), ("answer_history", "as_of"))
_INDEXES = (
    ("requests", "requests_with_details"),
    ("inbox", "inbox_by_time"),
    ("outbox", "outbox_done"),
    ("answer_history", "answer_history_by_time"),
)


def upgrade() -> None:
    """Add what is not there; a new store has it from the first version."""
    bind = op.get_bind()
    for table, column in _COLUMNS:
        if column not in {known["name"] for known in sa.inspect(bind).get_columns(table)}:
            op.add_column(table, sa.Column(column, schema.UTCDateTime))
    for table, name in _INDEXES:
        for index in schema.metadata.tables[table].indexes:
            if index.name == name:
                index.create(bind, checkfirst=True)


def downgrade() -> None:
    """Remove them."""
    for table, name in _INDEXES:
        op.drop_index(name, table)
    for table, column in _COLUMNS:
        with op.batch_alter_table(table) as changed:
            changed.drop_column(column)
