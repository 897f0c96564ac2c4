"""What goes with the choice of an interpreter: claims, blocked pairs, the record of why, answers, who comes free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Row, bindparam, delete, exists, func, insert, select, update

from dispatch.answering import Answers
from dispatch.request import RequestState
from dispatch.routing import Considered
from dispatch.schema import (
    answer_history,
    decisions,
    interpreters,
    kept_apart,
    offers,
    policies,
    requests,
)
from dispatch.store.requests import ACTIVE_OFFERS
from dispatch.store.speakers import Speakers
from dispatch.store.unit import put

_CLAIM = (
    select(interpreters.c.id)
    .where(interpreters.c.id.in_(bindparam("ids", expanding=True)))
    .with_for_update(skip_locked=True, key_share=True)
)
_HELD = select(offers.c.interpreter_id).where(
    offers.c.interpreter_id.in_(bindparam("ids", expanding=True)), offers.c.state.in_(ACTIVE_OFFERS)
)
_LATEST = (
    select(decisions.c.considered)
    .where(decisions.c.request_id == bindparam("request_id"), decisions.c.seat == bindparam("seat"))
    .order_by(decisions.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_WRITTEN = ("request_id", "at", "seat", "policy", "considered")
_KEEP_DECISION = insert(decisions).from_select(
    _WRITTEN,
    select(*(bindparam(name, type_=decisions.c[name].type) for name in _WRITTEN)).where(
        bindparam("considered", type_=decisions.c.considered.type).is_distinct_from(_LATEST)
    ),
)
"""Written only where it differs from the last one."""


_WAITING = (RequestState.WAITING.value, RequestState.CALLBACK_SCHEDULED.value)
_ANYBODY_WAITS = select(exists().where(requests.c.over.is_(False), requests.c.state.in_(_WAITING)))
_CAME_FREE = select(exists().where(interpreters.c.free_at <= bindparam("now")))
_WAITED = (
    select(requests.c.created_at, requests.c.connected_at)
    .where(requests.c.language == bindparam("language"), requests.c.failed_rounds > 0)
    .where(requests.c.connected_at.is_not(None), requests.c.created_at > bindparam("since"))
    .order_by(requests.c.created_at.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True)
class Decision:
    """One search of the roster: who was considered, and why each was or was not rung."""

    at: datetime
    seat: int
    policy: str
    considered: tuple[Considered, ...]


class Routing(Speakers):
    """Searches and what is remembered of them."""

    def claim(self, interpreter_ids: Sequence[str]) -> set[str]:
        """Those of these interpreters who may be offered a request here and now: nobody else is offering them one.

        Until this transaction ends nobody else's claim gets them. Never waits: who is being claimed elsewhere is left
        out, so that searches run side by side and each takes the next in the order of asking. SQLite has one writer at
        a time in any case, so what was read is still true.
        """
        if not self._lock or not interpreter_ids:
            return set(interpreter_ids)
        mine = self._db.execute(_CLAIM, {"ids": list(interpreter_ids)}).scalars().all()
        # Looked at again after the lock: who held them before us may have committed an offer in the meantime.
        return set(mine) - set(self._db.execute(_HELD, {"ids": mine}).scalars()) if mine else set()

    # -- blocked pairs -------------------------------------------------------------------------------------------------

    def keep_apart(self, interpreter_id: str, requester_id: str, reason: str, now: datetime) -> None:
        """After a complaint, or because they know each other: this interpreter is not asked for that requester."""
        self.reunite(interpreter_id, requester_id)
        row = {"interpreter_id": interpreter_id, "requester_id": requester_id, "reason": reason, "at": now}
        self._db.execute(insert(kept_apart), row)
        self.log(None, "KeptApart", {"interpreter_id": interpreter_id, "reason": reason}, now)

    def reunite(self, interpreter_id: str, requester_id: str) -> None:
        """The two may be brought together again."""
        pair = (kept_apart.c.interpreter_id == interpreter_id, kept_apart.c.requester_id == requester_id)
        self._db.execute(delete(kept_apart).where(*pair))

    def apart_from(self, requester_id: str) -> dict[str, str]:
        """Interpreters who are kept apart from that requester, with the reason."""
        found = select(kept_apart.c.interpreter_id, kept_apart.c.reason).where(
            kept_apart.c.requester_id == requester_id
        )
        return {row.interpreter_id: row.reason for row in self._db.execute(found)}

    # -- why -----------------------------------------------------------------------------------------------------------

    def keep_decision(
        self, request_id: str, seat: int, policy: str, considered: Sequence[Considered], now: datetime
    ) -> None:
        """Keep why each interpreter was or was not rung. Ids and words only; no names and no numbers."""
        lines = to_json([one._asdict() for one in considered]).decode()
        row = {"request_id": request_id, "at": now, "seat": seat, "policy": policy, "considered": lines}
        self._db.execute(_KEEP_DECISION, row)  # who waits is looked for every few seconds: kept only where it is news

    def latest_decisions(self, request_ids: Sequence[str]) -> dict[str, Decision]:
        """The newest search of each of these requests: one query, however many they are."""
        newest = select(func.max(decisions.c.seq)).where(decisions.c.request_id.in_(request_ids))
        found = select(decisions).where(decisions.c.seq.in_(newest.group_by(decisions.c.request_id)))
        return {row.request_id: _decision(row) for row in self._db.execute(found)}

    def decisions_of(self, request_id: str, limit: int = 20) -> list[Decision]:
        """A request's searches, newest first."""
        found = select(decisions).where(decisions.c.request_id == request_id)
        return [_decision(row) for row in self._db.execute(found.order_by(decisions.c.seq.desc()).limit(limit))]

    # -- answers -------------------------------------------------------------------------------------------------------

    def answers(self, interpreter_ids: Sequence[str] | None = None, limit: int | None = None) -> dict[str, Answers]:
        """How these interpreters have answered so far; None for anybody, `limit` of them at most."""
        found = select(answer_history).limit(limit)
        if interpreter_ids is not None:
            found = found.where(answer_history.c.interpreter_id.in_(interpreter_ids))
        return {row.interpreter_id: Answers.unpacked(row.answers) for row in self._db.execute(found)}

    def keep_answers(self, interpreter_id: str, answers: Answers) -> None:
        """Write anew how an interpreter answers."""
        row = {"interpreter_id": interpreter_id, "answers": answers.packed(), "as_of": answers.as_of}
        self._db.execute(put(self._dialect, answer_history, "interpreter_id"), row)

    # -- supply --------------------------------------------------------------------------------------------------------

    def anybody_came_free(self, now: datetime) -> bool:
        """Whether anybody's wrap-up or pause has ended unnoticed."""
        return bool(self._db.execute(_CAME_FREE, {"now": now}).scalar())

    def coming_free(self, now: datetime, limit: int) -> list[str]:
        """Interpreters whose wrap-up or pause has just ended; each is told of once."""
        due = select(interpreters.c.id).where(interpreters.c.free_at <= now).order_by(interpreters.c.free_at)
        ids = list(self._db.execute(due.limit(limit)).scalars())
        if ids:
            self._db.execute(update(interpreters).where(interpreters.c.id.in_(ids)).values(free_at=None))
        return ids

    def anybody_waits(self) -> bool:
        """Whether any request waits for an interpreter."""
        return bool(self._db.execute(_ANYBODY_WAITS).scalar())

    def measured_waits(self, language: str, since: datetime, limit: int = 200) -> list[float]:
        """Seconds from the first word to the interpreter, of past requests in that language that had to wait."""
        asked = {"language": language, "since": since, "most": limit}
        found = self._db.execute(_WAITED, asked)
        return [(row.connected_at - row.created_at).total_seconds() for row in found]

    # -- policies ------------------------------------------------------------------------------------------------------

    def last_policy(self) -> str | None:
        """The text of the policy file that was last in force, or None."""
        found = self._db.execute(select(policies.c.text).order_by(policies.c.seq.desc()).limit(1)).scalar()
        return self._seal.open(found) if found is not None else None

    def keep_policy(self, version: str, text: str, now: datetime) -> None:
        """This policy is in force from now on. Sealed: it may hold a vendor line's access code."""
        if self.last_policy() != text:
            self._db.execute(insert(policies), {"at": now, "version": version, "text": self._seal.seal(text)})
            self.log(None, "PolicyInForce", {"version": version}, now)


def _decision(row: Row[Any]) -> Decision:
    return Decision(row.at, row.seat, row.policy, tuple(Considered(**one) for one in from_json(row.considered)))
