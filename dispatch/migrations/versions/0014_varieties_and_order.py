"""Varieties of appointments, an index by which past ones are found, the order of news of a conference, unread texts."""

import sqlalchemy as sa
from alembic import op

from dispatch import schema
from dispatch.schema_writing import unread_texts

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_COLUMNS = {"appointments": ("variety", "also_varieties", "asked_variety"), "sessions": ("conference", "placed")}
_INDEX = "appointments_by_time"


def upgrade() -> None:
    """Add what is not there; a new store has it from the first version."""
    bind = op.get_bind()
    unread_texts.create(bind, checkfirst=True)
    for table, names in _COLUMNS.items():
        known = {column["name"] for column in sa.inspect(bind).get_columns(table)}
        for name in names:
            if name not in known:
                column = schema.metadata.tables[table].c[name]
                default = column.server_default
                added: sa.Column[object] = sa.Column(name, column.type, nullable=False, server_default=default)
                op.add_column(table, added)
    for index in schema.appointments.indexes:
        if index.name == _INDEX:
            index.create(bind, checkfirst=True)


def downgrade() -> None:
    """Remove them."""
    unread_texts.drop(op.get_bind(), checkfirst=True)
    op.drop_index(_INDEX, "appointments")
    for table, names in _COLUMNS.items():
        with op.batch_alter_table(table) as changed:
            for name in names:
                changed.drop_column(name)
