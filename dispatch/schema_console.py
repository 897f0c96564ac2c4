"""The console's own tables: accounts, sessions, the audit log, notes on requests, roster files before their import."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from dispatch.schema import UTCDateTime, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("totp_sealed", Text, nullable=False),
    Column("enrolled", Boolean, nullable=False),
    Column("last_step", Integer, nullable=False),
    Column("recovery", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
    Index("console_sessions_of_account", "account_id"),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("subject", String(64), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Index("sign_in_failures_of_subject", "subject", "at"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", UTCDateTime, nullable=False),
    Column("account", String(60), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    sqlite_autoincrement=True,
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("account", String(60), nullable=False),
    Column("words_sealed", Text, nullable=False),
    Index("notes_of_request", "request_id"),
)

roster_drafts = Table(
    "roster_drafts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account", String(60), nullable=False),
    Column("content_sealed", Text, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
)

TABLES = (accounts, console_sessions, sign_in_failures, audit_log, notes, roster_drafts)
