"""The agency's own settings, test calls, and an audit log that the database itself refuses to change."""

from alembic import op

from dispatch.schema_agency import TABLES

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WORDS = "the audit log is append-only: lines are added, never changed or taken out"
_SQLITE = {
    "audit_log_no_update": f"BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END",
    "audit_log_no_delete": f"BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END",
    # INSERT OR REPLACE takes a line out without asking the trigger on DELETE.
    "audit_log_no_replace": (
        "BEFORE INSERT ON audit_log "
        "WHEN EXISTS (SELECT 1 FROM audit_log WHERE seq = NEW.seq OR hash = NEW.hash) "
        f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
    ),
}
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'restrict_violation'; END $$
"""
_POSTGRES = "audit_log_no_change"


def upgrade() -> None:
    """Create what is missing; a new store has the tables from the first version, the triggers from here."""
    bind = op.get_bind()
    for table in TABLES:
        table.create(bind, checkfirst=True)
    if bind.dialect.name == "postgresql":
        op.execute(_FUNCTION)
        op.execute(f"DROP TRIGGER IF EXISTS {_POSTGRES} ON audit_log")
        op.execute(
            f"CREATE TRIGGER {_POSTGRES} BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()"
        )
    else:
        for name, body in _SQLITE.items():
            op.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {body}")


def downgrade() -> None:
    """Remove it all."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {_POSTGRES} ON audit_log")
        op.execute("DROP FUNCTION audit_log_append_only()")
    else:
        for name in _SQLITE:
            op.execute(f"DROP TRIGGER {name}")
    for table in reversed(TABLES):
        table.drop(bind, checkfirst=True)
