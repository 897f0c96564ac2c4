"""Requesters and interpreters, their numbers sealed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, delete, func, insert, literal, select, update

from dispatch import rows
from dispatch.errors import UnknownInterpreter
from dispatch.offer import Offer
from dispatch.people import Availability, Certificate, Interpreter, PhoneNumber, Requester, Skill
from dispatch.request import Request
from dispatch.schema import interpreters, offers, requesters, skills
from dispatch.store.journal import Journal
from dispatch.store.requests import ACTIVE_OFFERS, Requests

NEVER_ASKED = datetime(1970, 1, 1, tzinfo=UTC)
"""Rested longest of all."""
_REQUESTER_BY_NUMBER = select(requesters).where(requesters.c.number_index == bindparam("number_index"))
_OFFERED = (
    update(interpreters).where(interpreters.c.id == bindparam("interpreter")).values(last_offered_at=bindparam("now"))
)
_NOT_RESTED = (
    update(skills).where(skills.c.interpreter_id == bindparam("interpreter")).values(rested_since=bindparam("now"))
)
_BY_ID = select(interpreters).where(interpreters.c.id == bindparam("interpreter"))
_SPEAKS = select(skills).order_by(skills.c.proficiency.desc(), skills.c.language)
_HELD = select(offers.c.interpreter_id).where(offers.c.state.in_(ACTIVE_OFFERS))
_SPEAK_THESE = _SPEAKS.where(skills.c.interpreter_id.in_(bindparam("ids", expanding=True)))
_HELD_OF_THESE = _HELD.where(offers.c.interpreter_id.in_(bindparam("ids", expanding=True)))


class People(Journal, Requests):
    """Who asks, and who interprets."""

    def prove_key(self) -> None:
        """Raises ConfigurationError where the numbers kept here were sealed with another key: nobody would be known."""
        for table in (interpreters, requesters):
            sealed = self._db.execute(select(table.c.number_sealed).limit(1)).scalar()
            if sealed is not None:
                self._seal.open(sealed)

    def requester(self, requester_id: str) -> Requester | None:
        """A requester by id."""
        return self.requesters([requester_id]).get(requester_id)

    def requesters(self, requester_ids: Sequence[str]) -> dict[str, Requester]:
        """Requesters by id."""
        found = select(requesters).where(requesters.c.id.in_(requester_ids))
        return {row["id"]: rows.to_requester(row, self._seal) for row in self._db.execute(found).mappings()}

    def requester_by_number(self, number: PhoneNumber) -> Requester | None:
        """The requester with that number."""
        sought = {"number_index": self._seal.index(number.e164)}
        row = self._db.execute(_REQUESTER_BY_NUMBER, sought).mappings().first()
        return rows.to_requester(row, self._seal) if row is not None else None

    def add_requester(self, requester: Requester) -> None:
        """Store a new requester."""
        self._db.execute(insert(requesters), rows.requester_row(requester, self._seal))

    def change_requester(self, requester: Requester) -> None:
        """Write a requester's fields anew."""
        changed = rows.requester_row(requester, self._seal)
        self._db.execute(update(requesters).where(requesters.c.id == requester.id).values(**changed))

    def interpreter(self, interpreter_id: str) -> Interpreter:
        """An interpreter by id. Raises UnknownInterpreter."""
        found = self._interpreters(_BY_ID, {"interpreter": interpreter_id})
        if not found:
            raise UnknownInterpreter("This interpreter is not on the roster any more.")
        return found[0]

    def interpreter_by_number(self, number: PhoneNumber) -> Interpreter | None:
        """The interpreter with that number, unless they have left."""
        indexed = interpreters.c.number_index == self._seal.index(number.e164)
        found = self._interpreters(select(interpreters).where(indexed, interpreters.c.retired_at.is_(None)))
        return found[0] if found else None

    def roster(self) -> list[Interpreter]:
        """Every interpreter who has not left, by tier and code."""
        here = select(interpreters).where(interpreters.c.retired_at.is_(None))
        return self._interpreters(here.order_by(interpreters.c.tier, interpreters.c.code))

    def roster_size(self) -> int:
        """How many interpreters are on it."""
        counted = select(func.count()).select_from(interpreters).where(interpreters.c.retired_at.is_(None))
        return int(self._db.execute(counted).scalar_one())

    def retired(self) -> list[Interpreter]:
        """Interpreters who have left: kept because past requests name them."""
        gone = select(interpreters).where(interpreters.c.retired_at.is_not(None))
        return self._interpreters(gone.order_by(interpreters.c.code))

    def retire(self, interpreter_id: str, at: datetime | None) -> None:
        """They have left and are neither rung nor heard; `at` None: they are back."""
        self._change_interpreter(interpreter_id, retired_at=at)

    def put_interpreter(self, interpreter: Interpreter) -> None:
        """Add an interpreter, or write one anew; who has the same code is the same person."""
        row = rows.interpreter_row(interpreter, self._seal)
        known = self._db.execute(select(interpreters.c.id).where(interpreters.c.code == interpreter.code)).scalar()
        if known is None:
            self._db.execute(insert(interpreters), row)
        else:
            row["id"] = known
            self._db.execute(update(interpreters).where(interpreters.c.id == known).values(**row))
            self._db.execute(delete(skills).where(skills.c.interpreter_id == known))
        spoken = [
            {
                "interpreter_id": row["id"],
                "language": skill.language,
                "proficiency": skill.proficiency,
                "certificate": skill.certificate.value,
                "expires": skill.expires,
                "varieties": " ".join(skill.varieties),
                "tier": interpreter.tier,
                "rested_since": interpreter.last_offered_at or NEVER_ASKED,
            }
            for skill in interpreter.skills
        ]
        if spoken:
            self._db.execute(insert(skills), spoken)

    def set_availability(
        self, interpreter_id: str, availability: Availability, busy_until: datetime | None, now: datetime
    ) -> None:
        """What the interpreter told us."""
        # Who signs on within their wrap-up comes free when that ends.
        free_at = interpreters.c.wrap_up_until if availability is Availability.ON else busy_until
        self._change_interpreter(
            interpreter_id, availability=availability.value, busy_until=busy_until, free_at=free_at
        )
        told = {"interpreter_id": interpreter_id, "to": availability.value}
        if busy_until is not None:
            told["until"] = busy_until.isoformat()
        self.log(None, "AvailabilityChanged", told, now)

    def start_wrap_up(self, interpreter_id: str, until: datetime) -> None:
        """They are not rung before `until`; a break that lasts longer goes on."""
        longer = (interpreters.c.availability == Availability.BUSY.value) & (interpreters.c.busy_until > until)
        free_at = case((longer, interpreters.c.busy_until), else_=literal(until, interpreters.c.free_at.type))
        self._change_interpreter(interpreter_id, wrap_up_until=until, free_at=free_at)

    def touch_offered(self, interpreter_id: str, now: datetime) -> None:
        """They have been offered a request now."""
        self._db.execute(_OFFERED, {"interpreter": interpreter_id, "now": now})
        self._db.execute(_NOT_RESTED, {"interpreter": interpreter_id, "now": now})

    def active_offer(self, interpreter_id: str) -> tuple[Request, Offer] | None:
        """The request that holds this interpreter, and their offer in it."""
        held = select(offers).where(offers.c.interpreter_id == interpreter_id, offers.c.state.in_(ACTIVE_OFFERS))
        row = self._db.execute(held).mappings().first()
        request = self.request(row["request_id"]) if row is not None else None
        return (request, rows.to_offer(row)) if row is not None and request is not None else None

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _change_interpreter(self, interpreter_id: str, **values: Any) -> None:
        changed = self._db.execute(update(interpreters).where(interpreters.c.id == interpreter_id).values(**values))
        if changed.rowcount != 1:
            raise UnknownInterpreter("This interpreter is not on the roster any more.")

    def _interpreters(self, query: Select[Any], asked: dict[str, Any] | None = None) -> list[Interpreter]:
        found = self._db.execute(query, asked or {}).mappings().all()
        if not found:
            return []
        ids = [row["id"] for row in found]
        spoken: dict[str, list[Skill]] = defaultdict(list)
        # A whole roster is read without a list of ids, which no database likes.
        few = {"ids": ids} if len(ids) <= 500 else None
        for row in self._db.execute(_SPEAK_THESE, few) if few else self._db.execute(_SPEAKS):
            proven = Certificate(row.certificate)
            kinds = tuple(row.varieties.split())
            spoken[row.interpreter_id].append(Skill(row.language, row.proficiency, proven, row.expires, kinds))
        held = self._db.execute(_HELD_OF_THESE, few) if few else self._db.execute(_HELD)
        engaged = set(held.scalars())
        return [rows.to_interpreter(row, spoken[row["id"]], row["id"] in engaged, self._seal) for row in found]
