"""Who speaks which variety of a language."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from dispatch.people import Interpreter
from dispatch.schema import interpreters
from dispatch.schema_varieties import skill_varieties
from dispatch.store.people import People


class Varieties(People):
    """Speakers by variety."""

    def put_interpreter(self, interpreter: Interpreter) -> None:
        """Add an interpreter, or write one anew, with what they speak."""
        super().put_interpreter(interpreter)
        known = select(interpreters.c.id).where(interpreters.c.code == interpreter.code).scalar_subquery()
        self._db.execute(delete(skill_varieties).where(skill_varieties.c.interpreter_id == known))
        spoken = sorted({code for skill in interpreter.skills for code in skill.varieties})
        if spoken:
            row_id = self._db.execute(select(known)).scalar_one()
            self._db.execute(insert(skill_varieties), [{"interpreter_id": row_id, "variety": code} for code in spoken])

    def speaking_variety(self, codes: Sequence[str], limit: int) -> list[Interpreter]:
        """Interpreters on the roster who say that they speak any of these varieties; none for no codes."""
        if not codes:
            return []
        theirs = select(skill_varieties.c.interpreter_id).where(skill_varieties.c.variety.in_(codes))
        here = select(interpreters).where(interpreters.c.id.in_(theirs), interpreters.c.retired_at.is_(None))
        return self._interpreters(here.order_by(interpreters.c.tier, interpreters.c.code).limit(limit))
