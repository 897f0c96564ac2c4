"""The last test call of each interpreter, and whom an interpreter is kept apart from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, exists, insert, select, update

from dispatch.phone_check import CheckState, PhoneCheck
from dispatch.schema import kept_apart
from dispatch.schema_agency import phone_checks
from dispatch.store.unit import Unit


@dataclass(frozen=True)
class KeptApart:
    """A requester whom an interpreter is not asked for."""

    requester_id: str
    reason: str
    at: datetime


class PhoneChecks(Unit):
    """Test calls; the one before is forgotten when another begins."""

    def begin_phone_check(self, check: PhoneCheck) -> None:
        """Keep a new test call in place of the one before."""
        self._db.execute(delete(phone_checks).where(phone_checks.c.interpreter_id == check.interpreter_id))
        self._db.execute(insert(phone_checks), _row(check))

    def save_phone_check(self, check: PhoneCheck) -> None:
        """Write it anew; one that was forgotten stays so."""
        self._db.execute(update(phone_checks).where(phone_checks.c.id == check.id).values(**_row(check)))

    def phone_check(self, check_id: str) -> PhoneCheck | None:
        """A test call, locked until the transaction ends where the database locks rows."""
        query = select(phone_checks).where(phone_checks.c.id == check_id)
        row = self._db.execute(query.with_for_update() if self._lock else query).mappings().first()
        return _to_check(row) if row is not None else None

    def phone_check_of(self, interpreter_id: str) -> PhoneCheck | None:
        """An interpreter's last test call."""
        return self.phone_checks_of([interpreter_id]).get(interpreter_id)

    def phone_checks_of(self, interpreter_ids: Sequence[str]) -> Mapping[str, PhoneCheck]:
        """The last test call of those among these interpreters who had one."""
        mine = select(phone_checks).where(phone_checks.c.interpreter_id.in_(interpreter_ids))
        return {row["interpreter_id"]: _to_check(row) for row in self._db.execute(mine).mappings()}

    def any_phone_works(self) -> bool:
        """Whether a test call has ever ended with the key that says so."""
        pressed = select(phone_checks.c.id).where(phone_checks.c.state == CheckState.PRESSED.value)
        return bool(self._db.execute(select(exists(pressed))).scalar())

    def apart_of(self, interpreter_id: str) -> list[KeptApart]:
        """Requesters whom this interpreter is kept apart from, newest first."""
        mine = select(kept_apart).where(kept_apart.c.interpreter_id == interpreter_id)
        found = self._db.execute(mine.order_by(kept_apart.c.at.desc(), kept_apart.c.requester_id))
        return [KeptApart(row.requester_id, row.reason, row.at) for row in found]


def _row(check: PhoneCheck) -> dict[str, Any]:
    return {
        "id": check.id,
        "interpreter_id": check.interpreter_id,
        "account": check.account,
        "language": check.language,
        "state": check.state.value,
        "steps": json.dumps([[state.value, at.isoformat()] for state, at in check.steps]),
        "words": check.words,
        "call_sid": check.call_sid,
        "started_at": check.started_at,
    }


def _to_check(row: RowMapping) -> PhoneCheck:
    steps = tuple((CheckState(state), datetime.fromisoformat(at)) for state, at in json.loads(row["steps"]))
    return PhoneCheck(
        id=row["id"],
        interpreter_id=row["interpreter_id"],
        account=row["account"],
        language=row["language"],
        started_at=row["started_at"],
        state=CheckState(row["state"]),
        words=row["words"],
        call_sid=row["call_sid"],
        steps=steps,
    )
