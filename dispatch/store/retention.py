"""Forgetting what is no longer needed, a small batch at a time, so that nobody waits for it."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, delete, exists, or_, select, tuple_, update

from dispatch.accounts import REMEMBERED, SESSION_HOURS
from dispatch.people import PhoneNumber, Role
from dispatch.retention import Keep
from dispatch.schema import (
    alerts,
    answer_history,
    appointments,
    decisions,
    event_log,
    gists,
    inbox,
    kept_apart,
    outbox,
    requesters,
    requests,
)
from dispatch.schema_console import console_sessions, notes, roster_drafts, sign_in_failures
from dispatch.schema_quality import no_asking, tasks
from dispatch.schema_writing import unread_texts
from dispatch.store.unit import Unit

_UNREAD = timedelta(days=1)
"""Nobody waits longer for an interpreter who reads what they wrote."""
_FORGOTTEN: Mapping[str, Any] = {"place": "", "hints": [], "origin": None}
"""What becomes of those parts of a need."""

_NUMBER_NEEDED = (
    (appointments.c.requester_id == requests.c.requester_id, appointments.c.over.is_(False)),
    (tasks.c.requester_id == requests.c.requester_id, tasks.c.closed_at.is_(None)),
    (kept_apart.c.requester_id == requests.c.requester_id,),
    (no_asking.c.person_id == requests.c.requester_id,),
)
"""What a number is still needed for, whatever its age."""


class Retention(Unit):
    """What the agency keeps no longer."""

    def forget_old(self, keep: Keep, now: datetime, limit: int = 200) -> dict[str, int]:
        """Forget what is older than `keep` allows, oldest first, at most `limit` rows of each kind; says how many."""

        def before(days: int) -> datetime:
            return now - timedelta(days=days)

        failures, sessions = now - REMEMBERED, now - timedelta(hours=SESSION_HOURS)
        forgotten = {
            "inbox": self._forget(inbox, inbox.c.at, before(keep.inbox), limit),
            "outbox": self._forget(outbox, outbox.c.done_at, before(keep.outbox), limit),
            "decisions": self._forget_first(decisions, before(keep.decisions), limit),
            "event_log": self._forget_first(event_log, before(keep.event_log), limit),
            "alerts": self._forget(alerts, alerts.c.cleared_at, before(keep.alerts), limit),
            "answer_history": self._forget(answer_history, answer_history.c.as_of, before(keep.answers), limit),
            "appointments": self._forget(appointments, appointments.c.starts, before(keep.appointments), limit),
            "unread_texts": self._forget(unread_texts, unread_texts.c.at, now - _UNREAD, limit),
            "gists": self._forget(gists, gists.c.expires_at, now, limit),
            "sign_in_failures": self._forget_first(sign_in_failures, failures, limit),
            "console_sessions": self._forget(console_sessions, console_sessions.c.created_at, sessions, limit),
            "roster_drafts": self._forget(roster_drafts, roster_drafts.c.expires_at, now, limit),
            "request_details": self._forget_details(before(keep.request_details), now, limit),
            "numbers": self._forget_numbers(before(keep.numbers), now, limit),
            "late_notes": self._forget_late_notes(before(keep.request_details), limit),
        }
        return {kind: count for kind, count in forgotten.items() if count}

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _forget(self, table: Table, at: Column[datetime | None], until: datetime, limit: int) -> int:
        """Rows whose time `at` is not after `until`, found by the index on it; oldest first."""
        keys = list(table.primary_key.columns)
        found = self._db.execute(select(*keys).where(at <= until).order_by(at).limit(limit)).all()
        return self._remove(table, keys, [tuple(row) for row in found])

    def _forget_first(self, table: Table, until: datetime, limit: int) -> int:
        """The same of a table whose rows are numbered as time goes on: the first of them need no index."""
        (number,) = table.primary_key.columns
        found = self._db.execute(select(number, table.c.at).order_by(number).limit(limit)).all()
        return self._remove(table, [number], [(row[0],) for row in found if row.at <= until])

    def _remove(self, table: Table, keys: list[Column[Any]], found: list[tuple[Any, ...]]) -> int:
        if not found:
            return 0
        old = tuple_(*keys).in_(found) if len(keys) > 1 else keys[0].in_([row[0] for row in found])
        return self._db.execute(delete(table).where(old)).rowcount

    def _forget_details(self, before: datetime, now: datetime, limit: int) -> int:
        """Where they were and what was written about them; the request itself stays, for the reports."""
        old = (requests.c.forgotten_at.is_(None), requests.c.ended_at < before)
        found = select(requests.c.id, requests.c.need).where(*old).order_by(requests.c.ended_at).limit(limit)
        rows = self._db.execute(found).all()
        for row in rows:
            need = json.dumps(json.loads(row.need) | _FORGOTTEN, ensure_ascii=False)
            self._db.execute(update(requests).where(requests.c.id == row.id).values(need=need, forgotten_at=now))
        if rows:
            self._db.execute(delete(notes).where(notes.c.request_id.in_([row.id for row in rows])))
        return len(rows)

    def _forget_numbers(self, before: datetime, now: datetime, limit: int) -> int:
        """The numbers of community members whose last request is that old; their requests stay, as of a number that was
        withheld. Returns how many requests were seen to."""
        due = (requests.c.number_seen_to_at.is_(None), requests.c.ended_at <= before)
        free = [~exists().where(*clause) for clause in _NUMBER_NEEDED]
        found = select(requests.c.id, requests.c.requester_id).where(*due, *free)
        rows = self._db.execute(found.order_by(requests.c.ended_at).limit(limit)).all()
        asked = {row.requester_id for row in rows}
        since = or_(requests.c.ended_at.is_(None), requests.c.ended_at > before)
        still = select(requests.c.requester_id).where(requests.c.requester_id.in_(asked), since).distinct()
        for requester_id in asked - set(self._db.execute(still).scalars()):
            self._forget_number(requester_id)
        seen_to = update(requests).where(requests.c.id.in_([row.id for row in rows])).values(number_seen_to_at=now)
        return self._db.execute(seen_to).rowcount if rows else 0

    def _forget_number(self, requester_id: str) -> None:
        nobodys = PhoneNumber.of_nobody(f"forgotten-{requester_id}").e164
        caller = (requesters.c.id == requester_id, requesters.c.role == Role.COMMUNITY.value)
        nothing = {"number_sealed": self._seal.seal(nobodys), "number_index": self._seal.index(nobodys)}
        self._db.execute(update(requesters).where(*caller).values(**nothing, name="", language=None))

    def _forget_late_notes(self, before: datetime, limit: int) -> int:
        """What was written about a request after its details were forgotten is kept as long from then on."""
        late = select(notes.c.id).join(requests, requests.c.id == notes.c.request_id)
        late = late.where(notes.c.at <= before, requests.c.forgotten_at.is_not(None)).order_by(notes.c.id).limit(limit)
        found = self._db.execute(late).scalars().all()
        return self._remove(notes, [notes.c.id], [(one,) for one in found])
