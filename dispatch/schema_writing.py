"""Words of somebody who writes and whose interpreter is not there yet; sealed, and gone when they are passed on."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from dispatch.schema import UTCDateTime, metadata

unread_texts = Table(
    "unread_texts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("request_id", String(32), ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("words_sealed", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Index("unread_texts_of_request", "request_id", "id"),
    Index("unread_texts_by_time", "at"),
    sqlite_autoincrement=True,
)
