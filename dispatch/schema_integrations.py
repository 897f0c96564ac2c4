"""Tables of the API: integrations, their keys and references, and the webhooks that go out to them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from dispatch.schema import UTCDateTime, metadata

integrations = Table(
    "integrations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(40), nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("created_by", String(60), nullable=False),
    Column("expires_at", UTCDateTime),
    Column("revoked_at", UTCDateTime),
    Column("last_used_at", UTCDateTime),
)

api_keys_used = Table(
    "api_keys_used",
    metadata,
    Column("integration_id", ForeignKey("integrations.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Index("api_keys_used_at", "at"),
)

request_references = Table(
    "request_references",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    Column("integration_id", String(32), nullable=False),
    Column("reference", String(100), nullable=False),
    Index("request_references_by_reference", "reference"),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("integration_id", ForeignKey("integrations.id", ondelete="CASCADE"), primary_key=True),
    Column("url", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("secret_sealed", Text, nullable=False),
    Column("failing_since", UTCDateTime),
    Column("disabled_at", UTCDateTime),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("integration_id", ForeignKey("integrations.id", ondelete="CASCADE"), nullable=False),
    Column("request_id", String(32)),
    Column("kind", String(40), nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("due_at", UTCDateTime),
    Column("tries", Integer, nullable=False),
    Column("fate", String(12), nullable=False),
    Column("answer", String(300), nullable=False),
    Column("answered_at", UTCDateTime),
    Index("webhook_deliveries_due", "fate", "due_at"),
    Index("webhook_deliveries_of_integration", "integration_id", "seq"),
    Index("webhook_deliveries_of_request", "request_id", "integration_id", "seq"),
    sqlite_autoincrement=True,
)

TABLES = (integrations, api_keys_used, request_references, webhook_endpoints, webhook_deliveries)
