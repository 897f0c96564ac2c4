"""Tables of expected arrivals and of invitations to be on call."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from dispatch.schema import UTCDateTime, metadata

arrivals = Table(
    "arrivals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("starts", UTCDateTime, nullable=False),
    Column("ends", UTCDateTime, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("people", Integer, nullable=False),
    Column("languages", Text, nullable=False),
    Column("area", String(120), nullable=False),
    Column("contacts_per_day", Float, nullable=False),
    Column("shape", String(16), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("forgotten", Boolean, nullable=False),
    Index("arrivals_by_end", "ends"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    Column("interpreter_id", ForeignKey("interpreters.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("hours", Text, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("languages", Text, nullable=False),
    Column("area", String(120), nullable=False),
    Column("quiet", String(16), nullable=False),
    Column("extra", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("dues", Text, nullable=False),
    Column("next_due", UTCDateTime),
    Column("asked_at", UTCDateTime),
    Column("answered_at", UTCDateTime),
    Column("signed_on", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("purpose", "interpreter_id", name="invitations_once"),
    Index("invitations_due", "next_due"),
    Index("invitations_of_interpreter", "interpreter_id"),
)

TABLES = (arrivals, invitations)
