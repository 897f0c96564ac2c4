"""What the board reads often: requests by id, and the roster without anything that is sealed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select

from dispatch.people import Availability, Interpreter
from dispatch.request import Request, RequestState
from dispatch.schema import interpreters, requests, skills
from dispatch.schema_console import audit_log
from dispatch.store.requests import Requests


@dataclass(frozen=True)
class RosterLine:
    """An interpreter as the board shows them."""

    id: str
    code: str
    name: str
    tier: int
    languages: tuple[str, ...]
    """ISO 639-3, best first."""
    availability: Availability
    busy_until: datetime | None
    wrap_up_until: datetime | None

    @classmethod
    def of(cls, one: Interpreter) -> "RosterLine":
        """The line of an interpreter who was read whole."""
        spoken = tuple(skill.language for skill in one.skills)
        return cls(one.id, one.code, one.name, one.tier, spoken, one.availability, one.busy_until, one.wrap_up_until)


class Boards(Requests):
    """Reads for the board."""

    def requests_of(self, ids: Sequence[str]) -> list[Request]:
        """These requests, those that there are."""
        return self._whole(select(requests).where(requests.c.id.in_(ids))) if ids else []

    def version_of(self, request_id: str) -> tuple[int, RequestState] | None:
        """A request's version and state, without reading the rest of it."""
        found = select(requests.c.version, requests.c.state).where(requests.c.id == request_id)
        row = self._db.execute(found).first()
        return (int(row.version), RequestState(row.state)) if row is not None else None

    def roster_lines(self, ids: Sequence[str] | None = None) -> list[RosterLine]:
        """Every interpreter who has not left, by tier and code; or those of these ids."""
        columns = interpreters.c
        query: Select[Any] = select(
            columns.id, columns.code, columns.name, columns.tier, columns.availability,
            columns.busy_until, columns.wrap_up_until,
        ).where(columns.retired_at.is_(None))  # fmt: skip
        spoken = select(skills.c.interpreter_id, skills.c.language).order_by(
            skills.c.proficiency.desc(), skills.c.language
        )
        if ids is not None:
            query, spoken = query.where(columns.id.in_(ids)), spoken.where(skills.c.interpreter_id.in_(ids))
        known: dict[str, list[str]] = defaultdict(list)
        for interpreter_id, language in self._db.execute(spoken):
            known[interpreter_id].append(language)
        return [
            RosterLine(one, code, name, tier, tuple(known[one]), Availability(availability), busy, wrap_up)
            for one, code, name, tier, availability, busy, wrap_up in self._db.execute(
                query.order_by(columns.tier, columns.code)
            )
        ]

    def newest_audit(self) -> int:
        """The number of the audit log's newest line; 0 where it is empty."""
        return int(self._db.execute(select(func.coalesce(func.max(audit_log.c.seq), 0))).scalar_one())

    def roster_edited(self, since: int) -> bool:
        """Whether the audit log has a line after that one about somebody on the roster: a sign to read it anew."""
        about = audit_log.c.subject.like("interpreter %") | (audit_log.c.subject == "roster")
        return bool(self._db.execute(select(exists().where(audit_log.c.seq > since, about))).scalar_one())
