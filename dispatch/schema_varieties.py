"""Which varieties of a language interpreters speak, so that who speaks a rare one is found by index."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from dispatch.schema import metadata

skill_varieties = Table(
    "skill_varieties",
    metadata,
    Column("interpreter_id", ForeignKey("interpreters.id", ondelete="CASCADE"), primary_key=True),
    Column("variety", String(40), primary_key=True),
    Index("skill_varieties_by_variety", "variety", "interpreter_id"),
)
