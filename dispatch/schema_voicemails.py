"""Messages of callers, written down by the machine and sealed, until a dispatcher has handled them."""

from sqlalchemy import Column, Float, ForeignKey, Index, String, Table, Text

from dispatch.schema import UTCDateTime, metadata

voicemails = Table(
    "voicemails",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("words_sealed", Text, nullable=False),
    Column("english_sealed", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("certainty", Float, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Index("voicemails_of_request", "request_id"),
    Index("voicemails_expiring", "expires_at"),
)
