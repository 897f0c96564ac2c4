"""Who is muted or on hold in a conference, as the carrier last said."""

import sqlalchemy as sa
from alembic import op

from dispatch import schema

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COLUMNS = ("muted", "held", "told")


def upgrade() -> None:
    """Add what is not there; a new store has it from the first version."""
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("sessions")}
    for name in _COLUMNS:
        if name not in known:
            column = schema.sessions.c[name]
            added: sa.Column[object] = sa.Column(
                name, column.type, nullable=False, server_default=column.server_default
            )
            op.add_column("sessions", added)


def downgrade() -> None:
    """Remove them."""
    with op.batch_alter_table("sessions") as changed:
        for name in _COLUMNS:
            changed.drop_column(name)
