"""Tables of what happens after a session: ratings, tasks, notes on interpreters, who is held back, and what is due."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from dispatch.schema import UTCDateTime, metadata

ratings = Table(
    "ratings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("person_id", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("asked_at", UTCDateTime, nullable=False),
    Column("effect_id", String(32), nullable=False, server_default=""),
    Column("answered_at", UTCDateTime),
    Column("value", Integer),
    Column("words_sealed", Text, nullable=False, server_default=""),
    Index("ratings_of_person", "person_id", "asked_at"),
    Index("ratings_once", "request_id", "kind", "person_id", unique=True),
    Index("ratings_answered", "answered_at"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("occasion", String(120), nullable=False, unique=True),
    Column("source", String(16), nullable=False),
    Column("what", String(200), nullable=False),
    Column("words_sealed", Text, nullable=False),
    Column("made_at", UTCDateTime, nullable=False),
    Column("made_by", String(60), nullable=False),
    Column("due_at", UTCDateTime, nullable=False),
    Column("next_step", String(200), nullable=False),
    Column("assignee", String(60), nullable=False),
    Column("request_id", String(32)),
    Column("requester_id", String(32)),
    Column("interpreter_id", String(32)),
    Column("for_roster", Boolean, nullable=False),
    Column("closed_at", UTCDateTime),
    Column("closed_by", String(60), nullable=False, server_default=""),
    Column("outcome", String(24), nullable=False, server_default=""),
    Index("tasks_of_request", "request_id"),
    Index("tasks_of_requester", "requester_id", "made_at"),
    Index("tasks_of_interpreter", "interpreter_id"),
)
_OPEN = text("closed_at IS NULL")
Index("tasks_open", tasks.c.due_at, sqlite_where=_OPEN, postgresql_where=_OPEN)

task_notes = Table(
    "task_notes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("task_id", ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("account", String(60), nullable=False),
    Column("words_sealed", Text, nullable=False),
    Index("task_notes_of_task", "task_id"),
)

interpreter_notes = Table(
    "interpreter_notes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("interpreter_id", ForeignKey("interpreters.id", ondelete="CASCADE"), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("account", String(60), nullable=False),
    Column("words_sealed", Text, nullable=False),
    Index("interpreter_notes_of", "interpreter_id"),
)

held_back = Table(
    "held_back",
    metadata,
    Column("interpreter_id", ForeignKey("interpreters.id", ondelete="CASCADE"), primary_key=True),
    Column("encounter", String(32), primary_key=True),
    Column("reason", String(200), nullable=False),
    Column("account", String(60), nullable=False),
    Column("at", UTCDateTime, nullable=False),
)

no_asking = Table(
    "no_asking",
    metadata,
    Column("person_id", String(32), primary_key=True),
    Column("reason", String(16), primary_key=True),
    Column("at", UTCDateTime, nullable=False),
)

quality_dues = Table(
    "quality_dues",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("subject", String(120), primary_key=True),
    Column("at", UTCDateTime, nullable=False),
    Column("done_at", UTCDateTime),
)
_UNDONE = text("done_at IS NULL")
Index("quality_dues_open", quality_dues.c.at, sqlite_where=_UNDONE, postgresql_where=_UNDONE)

TABLES = (ratings, tasks, task_notes, interpreter_notes, held_back, no_asking, quality_dues)
