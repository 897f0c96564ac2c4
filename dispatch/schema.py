"""The store's tables. Times are UTC; numbers are sealed; the two partial unique indexes keep design promise 1."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class UTCDateTime(TypeDecorator[datetime]):
    """Timezone-aware UTC in and out, on databases that keep zones and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database: UTC; naive datetimes are a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone reached the store")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: UTC."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """The same in one go where moments are kept as text: a search of the roster reads a hundred of them."""
        return _moment if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


requesters = Table(
    "requesters",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("number_sealed", Text, nullable=False),
    Column("number_index", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("name", String(200), nullable=False, default=""),
    Column("unit", String(100), nullable=False, default=""),
    Column("language", String(16)),
)

interpreters = Table(
    "interpreters",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("number_sealed", Text, nullable=False),
    Column("number_index", String(64), nullable=False, unique=True),
    Column("tier", Integer, nullable=False),
    Column("gender", String(16)),
    Column("availability", String(8), nullable=False),
    Column("busy_until", UTCDateTime),
    Column("wrap_up_until", UTCDateTime),
    Column("last_offered_at", UTCDateTime),
    Column("free_at", UTCDateTime),
    Column("terms", Text, nullable=False, server_default="{}"),
    Index("interpreters_coming_free", "free_at"),
    Column("retired_at", UTCDateTime),
)

skills = Table(
    "skills",
    metadata,
    Column("interpreter_id", ForeignKey("interpreters.id", ondelete="CASCADE"), primary_key=True),
    Column("language", String(16), primary_key=True),
    Column("proficiency", Integer, nullable=False),
    Column("certificate", String(12), nullable=False, server_default="none"),
    Column("expires", Date),
    Column("varieties", Text, nullable=False, server_default=""),
    # Copies of the interpreter's own, so that the order of asking comes from an index (store/routing.py).
    Column("tier", Integer, nullable=False, server_default="3"),
    Column("rested_since", UTCDateTime, nullable=False, server_default="1970-01-01 00:00:00.000000"),
    Index("skills_by_language", "language", "interpreter_id"),
    Index("skills_in_order", "language", "tier", "rested_since", "interpreter_id"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("requester_id", ForeignKey("requesters.id"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("state", String(24), nullable=False),
    Column("over", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("connected_at", UTCDateTime),
    Column("ended_at", UTCDateTime),
    Column("language", String(16)),
    Column("certainty", Float),
    Column("found_by", String(100), nullable=False),
    Column("urgency", String(12), nullable=False),
    Column("need", Text, nullable=False),
    Column("guesses", Text, nullable=False),
    Column("listens", Integer, nullable=False),
    Column("failed_rounds", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("trouble", Text, nullable=False),
    Column("reach", Text, nullable=False, server_default="{}"),
    Column("result", String(32), nullable=False, server_default=""),
    Column("miss", Text, nullable=False, server_default=""),
    Column("forgotten_at", UTCDateTime),
    Column("number_seen_to_at", UTCDateTime),
    Index("requests_open", "over", "state", "created_at"),
    Index("requests_of_requester", "requester_id", "over"),
    Index("requests_by_language_of_requester", "requester_id", "language", "created_at"),
)

_DETAILED = text("forgotten_at IS NULL AND ended_at IS NOT NULL")
Index("requests_with_details", requests.c.ended_at, sqlite_where=_DETAILED, postgresql_where=_DETAILED)

_NUMBERED = text("number_seen_to_at IS NULL AND ended_at IS NOT NULL")
Index("requests_with_number", requests.c.ended_at, sqlite_where=_NUMBERED, postgresql_where=_NUMBERED)

offers = Table(
    "offers",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("interpreter_id", ForeignKey("interpreters.id"), nullable=False),
    Column("state", String(12), nullable=False),
    Column("offered_at", UTCDateTime, nullable=False),
    Column("answered_at", UTCDateTime),
    Column("reason", Text, nullable=False),
    Column("seat", Integer, nullable=False, server_default="1"),
    Column("language", String(16), nullable=False, server_default=""),
    Column("chance", Float, nullable=False, server_default="0.5"),
    Column("accepted_at", UTCDateTime),
    Index("offers_of_request", "request_id"),
    Index("offers_of_interpreter", "interpreter_id", "offered_at"),
)

HOLDS = text("state IN ('pending', 'ringing', 'accepted')")
"""Of an offer: it holds its interpreter. Written out, so that both databases see that the index below answers it."""
Index(
    "one_active_offer_per_interpreter",
    offers.c.interpreter_id,
    unique=True,
    sqlite_where=HOLDS,
    postgresql_where=HOLDS,
)
_SEATED = text("state = 'accepted'")
Index(
    "one_interpreter_per_seat",
    offers.c.request_id,
    offers.c.seat,
    unique=True,
    sqlite_where=_SEATED,
    postgresql_where=_SEATED,
)

sessions = Table(
    "sessions",
    metadata,
    Column("leg_id", String(40), primary_key=True),
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("call_sid", String(64), unique=True),
    Column("attempt", Integer, nullable=False),
    Column("muted", Boolean, nullable=False, server_default=false()),
    Column("held", Boolean, nullable=False, server_default=false()),
    Column("told", Integer, nullable=False, server_default="0"),
    Column("conference", String(64), nullable=False, server_default=""),
    Column("placed", Integer, nullable=False, server_default="0"),
    Index("sessions_of_request", "request_id"),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("subject", String(40), primary_key=True),
    Column("at", UTCDateTime, nullable=False),
    Index("deadlines_due", "at"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("source", String(80), primary_key=True),
    Column("kind", String(80), primary_key=True),
    Column("sequence", String(80), primary_key=True),
    Column("at", UTCDateTime, nullable=False),
    Index("inbox_by_time", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("request_id", String(32)),
    Column("kind", String(32), nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("handed_at", UTCDateTime, nullable=False),
    Column("done_at", UTCDateTime),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("leg_id", String(40)),
    Column("turn", UTCDateTime),
)
_WAITS = text("turn IS NOT NULL")
Index("outbox_turns", outbox.c.turn, sqlite_where=_WAITS, postgresql_where=_WAITS)
_UNDONE = text("done_at IS NULL")
Index("outbox_undone", outbox.c.handed_at, sqlite_where=_UNDONE, postgresql_where=_UNDONE)
_DONE = text("done_at IS NOT NULL")
Index("outbox_done", outbox.c.done_at, sqlite_where=_DONE, postgresql_where=_DONE)

event_log = Table(
    "event_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", UTCDateTime, nullable=False),
    Column("request_id", String(32)),
    Column("kind", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Index("event_log_of_request", "request_id", "seq"),
    sqlite_autoincrement=True,
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("request_id", String(32)),
    Column("reason", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("cleared_at", UTCDateTime),
)

gists = Table(
    "gists",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    Column("words_sealed", Text, nullable=False),
    Column("english_sealed", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("certainty", Float, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Index("gists_expiring", "expires_at"),
)

kept_apart = Table(
    "kept_apart",
    metadata,
    Column("interpreter_id", ForeignKey("interpreters.id", ondelete="CASCADE"), primary_key=True),
    Column("requester_id", ForeignKey("requesters.id", ondelete="CASCADE"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("seat", Integer, nullable=False),
    Column("policy", String(64), nullable=False),
    Column("considered", Text, nullable=False),
    Index("decisions_of_request", "request_id", "seq"),
    sqlite_autoincrement=True,
)

answer_history = Table(
    "answer_history",
    metadata,
    Column("interpreter_id", ForeignKey("interpreters.id", ondelete="CASCADE"), primary_key=True),
    Column("answers", Text, nullable=False),
    Column("as_of", UTCDateTime),
    Index("answer_history_by_time", "as_of"),
)

pace = Table(
    "pace",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("next_at", UTCDateTime, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", UTCDateTime, nullable=False),
    Column("version", String(64), nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)


def _hours_table(name: str) -> Table:
    """Shifts and time off look alike: wall-clock hours in a zone (dispatch/shifts.py), of one interpreter."""
    return Table(
        name,
        metadata,
        Column("id", String(32), primary_key=True),
        Column("interpreter_id", ForeignKey("interpreters.id", ondelete="CASCADE"), nullable=False),
        Column("uid", Text, nullable=False),
        Column("starts", String(32), nullable=False),
        Column("ends", String(32), nullable=False),
        Column("zone", String(64), nullable=False),
        Column("rule", Text, nullable=False),
        Column("also", Text, nullable=False),
        Column("skipped", Text, nullable=False),
        Index(f"{name}_of_interpreter", "interpreter_id"),
    )


shifts = _hours_table("shifts")
time_off = _hours_table("time_off")

calendar_tokens = Table(
    "calendar_tokens",
    metadata,
    Column("interpreter_id", ForeignKey("interpreters.id", ondelete="CASCADE"), primary_key=True),
    Column("token_sealed", Text, nullable=False),
    Column("token_index", String(64), nullable=False, unique=True),
    Column("made_at", UTCDateTime, nullable=False),
)

appointments = Table(
    "appointments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    Column("requester_id", ForeignKey("requesters.id"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("language", String(16), nullable=False),
    Column("starts", UTCDateTime, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("channel", String(12), nullable=False),
    Column("encounter", String(32), nullable=False),
    Column("place_sealed", Text, nullable=False),
    Column("note_sealed", Text, nullable=False),
    Column("state", String(24), nullable=False),
    Column("over", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("interpreter_id", ForeignKey("interpreters.id")),
    Column("request_id", String(32)),
    Column("asked", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("variety", String(64), nullable=False, server_default=""),
    Column("also_varieties", Text, nullable=False, server_default=""),
    Column("asked_variety", String(64), nullable=False, server_default=""),
    Index("appointments_of_interpreter", "interpreter_id", "starts"),
    Index("appointments_by_time", "starts"),
    Index("appointments_open", "over", "starts"),
)

appointment_deadlines = Table(
    "appointment_deadlines",
    metadata,
    Column("appointment_id", ForeignKey("appointments.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("subject", String(16), primary_key=True),
    Column("at", UTCDateTime, nullable=False),
    Index("appointment_deadlines_due", "at"),
)
