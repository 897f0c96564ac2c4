"""Tier and rest beside each language, so that the order of asking is read from an index."""

import sqlalchemy as sa
from alembic import op

from dispatch import schema

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_COLUMNS = ("tier", "rested_since")
_INDEX = "skills_in_order"


def upgrade() -> None:
    """Add what is not there, filled from the interpreters; a new store has it from the first version."""
    bind = op.get_bind()
    known = {column["name"] for column in sa.inspect(bind).get_columns("skills")}
    for name in _COLUMNS:
        if name not in known:
            column = schema.skills.c[name]
            added: sa.Column[object] = sa.Column(
                name, column.type, nullable=False, server_default=column.server_default
            )
            op.add_column("skills", added)
    mine = schema.interpreters.c.id == schema.skills.c.interpreter_id
    tier = sa.select(schema.interpreters.c.tier).where(mine).scalar_subquery()
    offered = sa.select(schema.interpreters.c.last_offered_at).where(mine).scalar_subquery()
    rested = sa.func.coalesce(offered, schema.skills.c.rested_since)
    op.execute(schema.skills.update().values(tier=tier, rested_since=rested))
    for index in schema.skills.indexes:
        if index.name == _INDEX:
            index.create(bind, checkfirst=True)


def downgrade() -> None:
    """Remove them."""
    op.drop_index(_INDEX, "skills")
    with op.batch_alter_table("skills") as changed:
        for name in _COLUMNS:
            changed.drop_column(name)
