"""Interpreters' shifts, time off and calendar addresses."""

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, delete, insert, select

from dispatch.errors import UnknownInterpreter
from dispatch.people import Interpreter
from dispatch.schema import calendar_tokens, interpreters, shifts, time_off
from dispatch.shifts import Calendar, Hours, OnCall, Shift, TimeOff
from dispatch.store.people import People

_NONE = Calendar()
_TOKEN_BYTES = 24


class Shifts(People):
    """When interpreters are on call, and where their calendars can be read."""

    def interpreter_by_code(self, code: str) -> Interpreter:
        """The interpreter with that number of their own. Raises UnknownInterpreter."""
        found = self._interpreters(select(interpreters).where(interpreters.c.code == code))
        if not found:
            raise UnknownInterpreter(f"No interpreter has the code {code!r}; `roster export` lists those there are.")
        return found[0]

    def calendar(self, interpreter_id: str) -> Calendar:
        """An interpreter's shifts and time off; empty where there are none."""
        return self.calendars([interpreter_id]).get(interpreter_id, _NONE)

    def calendars(self, interpreter_ids: Sequence[str]) -> dict[str, Calendar]:
        """Shifts and time off of those among these interpreters who have any: two queries, however many they are."""
        on, off = self._hours_of(shifts, interpreter_ids), self._hours_of(time_off, interpreter_ids)
        return {
            one: Calendar(
                tuple(Shift(uid, hours) for uid, hours in on.get(one, ())),
                tuple(TimeOff(uid, hours) for uid, hours in off.get(one, ())),
            )
            for one in on.keys() | off.keys()
        }

    def not_on_call(self, interpreter_ids: Sequence[str], now: datetime) -> dict[str, OnCall]:
        """Those among these interpreters whose shifts or time off keep them from being rung now, with the reason.

        For the choice of whom to ring: who is not in the answer is on call as far as the calendar goes.
        """
        found = self.calendars(interpreter_ids).items()
        return {one: calendar.on_call(now) for one, calendar in found if not calendar.is_on_call(now)}

    def replace_calendar(self, interpreter_id: str, calendar: Calendar, now: datetime) -> None:
        """Write an interpreter's shifts and time off anew, in place of all there were."""
        self._write_hours(shifts, interpreter_id, calendar.shifts)
        self._write_hours(time_off, interpreter_id, calendar.time_off)
        told = {
            "interpreter_id": interpreter_id,
            "shifts": str(len(calendar.shifts)),
            "time_off": str(len(calendar.time_off)),
        }
        self.log(None, "CalendarReplaced", told, now)

    # -- calendar addresses --------------------------------------------------------------------------------------------

    def calendar_token(self, interpreter_id: str, now: datetime, anew: bool = False) -> str:
        """The secret part of the interpreter's calendar address, made at the first asking.

        `anew` makes another one, and the former address is gone. Raises UnknownInterpreter.
        """
        self.interpreter(interpreter_id)
        mine = calendar_tokens.c.interpreter_id == interpreter_id
        known = self._db.execute(select(calendar_tokens.c.token_sealed).where(mine)).scalar()
        if known is not None and not anew:
            return self._seal.open(known)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._db.execute(delete(calendar_tokens).where(mine))
        row = {
            "interpreter_id": interpreter_id,
            "token_sealed": self._seal.seal(token),
            "token_index": self._seal.index(token),
            "made_at": now,
        }
        self._db.execute(insert(calendar_tokens), row)
        self.log(None, "CalendarAddressMade", {"interpreter_id": interpreter_id}, now)
        return token

    def has_calendar_token(self, interpreter_id: str) -> bool:
        """Whether the interpreter's calendar has an address."""
        mine = select(calendar_tokens.c.made_at).where(calendar_tokens.c.interpreter_id == interpreter_id)
        return self._db.execute(mine).first() is not None

    def revoke_calendar_token(self, interpreter_id: str, now: datetime) -> None:
        """The address of the interpreter's calendar is nobody's from now on."""
        self._db.execute(delete(calendar_tokens).where(calendar_tokens.c.interpreter_id == interpreter_id))
        self.log(None, "CalendarAddressRevoked", {"interpreter_id": interpreter_id}, now)

    def interpreter_by_calendar_token(self, token: str) -> Interpreter | None:
        """Whose calendar address this is the secret part of; None for nobody's."""
        sought = calendar_tokens.c.token_index == self._seal.index(token)
        found = self._db.execute(select(calendar_tokens.c.interpreter_id).where(sought)).scalar()
        return self.interpreter(found) if found is not None else None

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _hours_of(self, table: Table, interpreter_ids: Sequence[str]) -> Mapping[str, list[tuple[str, Hours]]]:
        found: dict[str, list[tuple[str, Hours]]] = defaultdict(list)
        query = select(table).order_by(table.c.starts, table.c.uid)
        if len(interpreter_ids) <= 500:  # as in People: no database likes longer lists
            query = query.where(table.c.interpreter_id.in_(interpreter_ids))
        wanted = set(interpreter_ids)
        for row in self._db.execute(query):
            if row.interpreter_id in wanted:
                hours = _hours(row.starts, row.ends, row.zone, row.rule, row.also, row.skipped)
                found[row.interpreter_id].append((row.uid, hours))
        return found

    def _write_hours(self, table: Table, interpreter_id: str, entries: Iterable[Shift | TimeOff]) -> None:
        self._db.execute(delete(table).where(table.c.interpreter_id == interpreter_id))
        rows = {row["id"]: row for row in (_row(interpreter_id, entry) for entry in entries)}
        if rows:
            self._db.execute(insert(table), list(rows.values()))


@lru_cache(maxsize=65_536)
def _hours(starts: str, ends: str, zone: str, rule: str, also: str, skipped: str) -> Hours:
    """Hours from their row. Kept: checking a rule costs more than reading the row."""
    return Hours(
        datetime.fromisoformat(starts), datetime.fromisoformat(ends), zone, rule, _moments(also), _moments(skipped)
    )


def _row(interpreter_id: str, entry: Shift | TimeOff) -> dict[str, Any]:
    """The row of an entry. The same entry always has the same id, so that it cannot stand there twice."""
    hours = entry.hours
    row = {
        "interpreter_id": interpreter_id,
        "uid": entry.uid,
        "starts": hours.starts.isoformat(),
        "ends": hours.ends.isoformat(),
        "zone": hours.zone,
        "rule": hours.rule,
        "also": json.dumps([moment.isoformat() for moment in hours.also]),
        "skipped": json.dumps([moment.isoformat() for moment in hours.skipped]),
    }
    return row | {"id": hashlib.sha256(json.dumps(list(row.values())).encode()).hexdigest()[:32]}


def _moments(text: str) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(one) for one in json.loads(text))
