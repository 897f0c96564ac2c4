"""What the board reads often: requests by id, and the roster without anything that is sealed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

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
        known = _LINES.order_by(interpreters.c.tier, interpreters.c.code)
        return self._lines(known) if ids is None else self._lines(known.where(interpreters.c.id.in_(ids)), ids)

    def roster_lines_coded(self, codes: Sequence[str]) -> list[RosterLine]:
        """Those of these codes who have not left."""
        found = select(interpreters.c.id).where(interpreters.c.code.in_(codes))
        return self.roster_lines(list(self._db.execute(found).scalars()))

    def roster_ids(self) -> list[str]:
        """Ids of everybody who has not left."""
        return list(self._db.execute(select(interpreters.c.id).where(interpreters.c.retired_at.is_(None))).scalars())

    def newest_audit(self) -> int:
        """The number of the audit log's newest line; 0 where it is empty."""
        return int(self._db.execute(select(func.coalesce(func.max(audit_log.c.seq), 0))).scalar_one())

    def roster_edited(self, since: int) -> frozenset[str] | None:
        """Codes of those on the roster whom the audit log has a line about after that one; None: it may be anybody."""
        about = audit_log.c.subject.like("interpreter %") | (audit_log.c.subject == "roster")
        told = set(self._db.execute(select(audit_log.c.subject).where(audit_log.c.seq > since, about)).scalars())
        return None if "roster" in told else frozenset(one.removeprefix("interpreter ") for one in told)

    def _lines(self, query: Select[Any], ids: Sequence[str] | None = None) -> list[RosterLine]:
        spoken = select(skills.c.interpreter_id, skills.c.language).order_by(
            skills.c.proficiency.desc(), skills.c.language
        )
        if ids is not None:
            spoken = spoken.where(skills.c.interpreter_id.in_(ids))
        known: dict[str, list[str]] = defaultdict(list)
        for interpreter_id, language in self._db.execute(spoken):
            known[interpreter_id].append(language)
        return [
            RosterLine(one, code, name, tier, tuple(known[one]), Availability(availability), busy, wrap_up)
            for one, code, name, tier, availability, busy, wrap_up in self._db.execute(query)
        ]


_LINES: Select[Any] = select(
    interpreters.c.id, interpreters.c.code, interpreters.c.name, interpreters.c.tier, interpreters.c.availability,
    interpreters.c.busy_until, interpreters.c.wrap_up_until,
).where(interpreters.c.retired_at.is_(None))  # fmt: skip
