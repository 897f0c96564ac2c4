"""Interpreters' shifts and time off, the addresses of their calendars, and appointments."""

from alembic import op

from dispatch.schema import appointment_deadlines, appointments, calendar_tokens, shifts, time_off

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = (shifts, time_off, calendar_tokens, appointments, appointment_deadlines)


def upgrade() -> None:
    """Create the tables; a new store has them from the first version."""
    for table in _TABLES:
        table.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    """Remove them."""
    for table in reversed(_TABLES):
        table.drop(op.get_bind(), checkfirst=True)
