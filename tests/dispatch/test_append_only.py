"""The audit log cannot be changed by anybody who writes to the database, the service itself included."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from dispatch import audit
from dispatch.store import Store
from tests.dispatch.requests import NOON

REPLACED = "SELECT 1, at, 'mallory', action, subject, detail, previous, 'x' FROM audit_log WHERE seq = 1"
STATEMENTS = {
    "sqlite": (f"INSERT OR REPLACE INTO audit_log {REPLACED}",),
    "postgresql": (
        "TRUNCATE audit_log",
        f"INSERT INTO audit_log {REPLACED} ON CONFLICT (seq) DO UPDATE SET account = excluded.account",
    ),
}
BOTH = (
    "UPDATE audit_log SET detail = 'nothing'",
    "UPDATE audit_log SET hash = 'x' WHERE seq = 1",
    "DELETE FROM audit_log WHERE seq = 2",
    "DELETE FROM audit_log",
)


def test_lines_of_the_audit_log_cannot_be_changed_or_taken_out(store: Store, store_url: str) -> None:
    with store.transaction() as tx:
        tx.audit("amina", "account added", "luis", "dispatcher", NOON)
        tx.audit("amina", "account: disable", "luis", "", NOON)
    engine = create_engine(store_url)
    for statement in (*BOTH, *STATEMENTS[engine.dialect.name]):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))
    engine.dispose()
    with store.reading() as tx:
        verdict = audit.verify(tx.audit_entries(), tx.audit_digest)
    assert (verdict.entries, verdict.broken_at) == (2, None)
