"""What the console keeps of the agency itself, and the last test call of each interpreter."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from dispatch.schema import UTCDateTime, metadata

agency_profile = Table(
    "agency_profile",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("name", Text),
    Column("languages", Text),
    Column("greeting_languages", Integer),
    Column("desk_sealed", Text),
    Column("changed_at", UTCDateTime, nullable=False),
)
"""One row. A column without a value leaves that to the environment."""

phone_checks = Table(
    "phone_checks",
    metadata,
    Column("interpreter_id", ForeignKey("interpreters.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("account", String(60), nullable=False),
    Column("language", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("steps", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("call_sid", String(64)),
    Column("started_at", UTCDateTime, nullable=False),
)

TABLES = (agency_profile, phone_checks)
