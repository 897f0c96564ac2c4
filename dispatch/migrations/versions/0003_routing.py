"""Routing: credentials and terms, seats, escalation, why, answer history, the carrier's pace, policies in force."""

import sqlalchemy as sa
from alembic import op

from dispatch import schema

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS: dict[str, tuple[str, ...]] = {
    "interpreters": ("free_at", "terms"),
    "skills": ("certificate", "expires"),
    "requests": ("reach", "result", "miss"),
    "offers": ("seat", "language", "chance", "accepted_at"),
    "outbox": ("leg_id", "turn"),
}
_INDEXES: dict[str, tuple[str, ...]] = {
    "interpreters": ("interpreters_coming_free",),
    "offers": ("offers_of_interpreter", "one_interpreter_per_seat"),
    "outbox": ("outbox_turns",),
}
_TABLES = ("kept_apart", "decisions", "answer_history", "pace", "policies")


def upgrade() -> None:
    """Add what is not there; a new store has everything from the first version."""
    bind = op.get_bind()
    found = sa.inspect(bind)
    for table, names in _COLUMNS.items():
        known = {column["name"] for column in found.get_columns(table)}
        for name in names:
            if name not in known:
                column = schema.metadata.tables[table].c[name]
                added: sa.Column[object] = sa.Column(
                    name, column.type, nullable=column.nullable, server_default=column.server_default
                )
                op.add_column(table, added)
    if "one_seat_per_request" in {index["name"] for index in found.get_indexes("offers")}:
        op.drop_index("one_seat_per_request", "offers")
    for table, names in _INDEXES.items():
        for index in schema.metadata.tables[table].indexes:
            if index.name in names:
                index.create(bind, checkfirst=True)
    for name in _TABLES:
        schema.metadata.tables[name].create(bind, checkfirst=True)


def downgrade() -> None:
    """Remove it all. A relay that goes on has two seats, which the older index does not allow: end it first."""
    bind = op.get_bind()
    for name in reversed(_TABLES):
        schema.metadata.tables[name].drop(bind, checkfirst=True)
    for table, names in _INDEXES.items():
        for name in names:
            op.drop_index(name, table)
    for table, columns in _COLUMNS.items():
        with op.batch_alter_table(table) as changed:
            for name in columns:
                changed.drop_column(name)
    seated = sa.text("state = 'accepted'")
    op.create_index(
        "one_seat_per_request", "offers", ["request_id"], unique=True, sqlite_where=seated, postgresql_where=seated
    )
