"""What the choice of an interpreter is made from, and the record of why: facts, blocked pairs, decisions, answers."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, exists, func, insert, select, update

from dispatch.answering import Answers
from dispatch.eligibility import Facts
from dispatch.offer import OfferState
from dispatch.people import Availability, Interpreter
from dispatch.request import Request, RequestState
from dispatch.routing import Considered
from dispatch.schema import (
    answer_history,
    decisions,
    interpreters,
    kept_apart,
    offers,
    policies,
    requests,
    skills,
)
from dispatch.store.people import NEVER_ASKED
from dispatch.store.quality import Quality
from dispatch.store.requests import ACTIVE_OFFERS
from dispatch.store.shifts import Shifts
from dispatch.store.unit import put

PAGE = 40
"""Free speakers looked at in one go; where enough of them may be asked, more would not change who is rung."""
_MOST_AWAY = 40
"""Speakers who cannot be rung, looked at so that the dispatcher can read why."""
_WEEK = timedelta(days=8)
"""Long enough to hold a week from Monday in every time zone."""
_SERVED = timedelta(days=90)
_SEARCHES = 7204518
"""PostgreSQL: the family of advisory locks that searches take, one for each language."""


@dataclass(frozen=True)
class Decision:
    """One search of the roster: who was considered, and why each was or was not rung."""

    at: datetime
    seat: int
    policy: str
    considered: tuple[Considered, ...]


class Routing(Shifts, Quality):
    """Candidates and what is known of them."""

    def candidates(self, languages: Sequence[str], now: datetime, page: int = 0) -> list[Interpreter]:
        """Speakers of any of these languages in the order of asking, PAGE of them: those who are free by tier, rested
        longest first; where a page is not full, some who are not free, so that the dispatcher sees why.

        Read from an index that is in that order: the cost does not grow with the roster.
        """
        free: dict[str, Interpreter] = {}
        for code in dict.fromkeys(languages):
            for one in self._interpreters(self._free(code, now).limit(PAGE).offset(page * PAGE)):
                free.setdefault(one.id, one)
        found = sorted(free.values(), key=lambda one: (one.tier, one.last_offered_at or NEVER_ASKED, one.id))[:PAGE]
        if page == 0 and len(found) < _MOST_AWAY:
            spoken = select(skills.c.interpreter_id).where(skills.c.language.in_(languages))
            away = select(interpreters).where(interpreters.c.id.in_(spoken))
            away = away.where(interpreters.c.id.not_in([one.id for one in found]), interpreters.c.retired_at.is_(None))
            found += self._interpreters(away.limit(_MOST_AWAY))
        return found

    def search_in_turn(self, languages: Sequence[str]) -> None:
        """Let searches for a language follow one another until this transaction ends: two at once would choose the same
        interpreters, and one of them would have to begin anew. SQLite has one writer at a time in any case."""
        if self._lock:
            for code in sorted(set(languages)):
                self._db.execute(select(func.pg_advisory_xact_lock(_SEARCHES, func.hashtext(code))))

    def facts(
        self, request: Request, people: Sequence[Interpreter], now: datetime, agency_zone: str
    ) -> dict[str, Facts]:
        """What is known of these interpreters with this request in mind. Answer chances are added by the caller."""
        ids = [one.id for one in people]
        requester = self.requester(request.requester_id)
        minutes = self._minutes(people, now, agency_zone)
        asked = self._offers_since(ids, now - timedelta(days=7))
        apart = self.apart_from(request.requester_id)
        served = self._served(request, ids, now)
        away = self.not_on_call(ids, now)
        held = self.holds(ids)
        return {
            one.id: Facts(
                minutes_today=minutes[one.id][0],
                minutes_week=minutes[one.id][1],
                offers_week=asked.get(one.id, 0),
                away=away[one.id].reason if one.id in away else "",
                own_request=requester is not None and requester.number == one.number,
                apart=apart.get(one.id, ""),
                held_back=held.get(one.id, {}),
                served_before=one.id in served,
            )
            for one in people
        }

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
        lines = json.dumps([asdict(one) for one in considered], ensure_ascii=False)
        mine = select(decisions.c.considered).where(decisions.c.request_id == request_id, decisions.c.seat == seat)
        if self._db.execute(mine.order_by(decisions.c.seq.desc()).limit(1)).scalar() == lines:
            return  # nothing is new: who waits is looked for every few seconds
        row = {"request_id": request_id, "at": now, "seat": seat, "policy": policy, "considered": lines}
        self._db.execute(insert(decisions), row)

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
        row = {"interpreter_id": interpreter_id, "answers": answers.packed()}
        self._db.execute(put(self._dialect, answer_history, "interpreter_id"), row)

    # -- supply --------------------------------------------------------------------------------------------------------

    def anybody_came_free(self, now: datetime) -> bool:
        """Whether anybody's wrap-up or pause has ended unnoticed."""
        return bool(self._db.execute(select(exists().where(interpreters.c.free_at <= now))).scalar())

    def coming_free(self, now: datetime, limit: int) -> list[str]:
        """Interpreters whose wrap-up or pause has just ended; each is told of once."""
        due = select(interpreters.c.id).where(interpreters.c.free_at <= now).order_by(interpreters.c.free_at)
        ids = list(self._db.execute(due.limit(limit)).scalars())
        if ids:
            self._db.execute(update(interpreters).where(interpreters.c.id.in_(ids)).values(free_at=None))
        return ids

    def anybody_waits(self) -> bool:
        """Whether any request waits for an interpreter."""
        waiting = (RequestState.WAITING.value, RequestState.CALLBACK_SCHEDULED.value)
        return bool(self._db.execute(select(exists().where(requests.c.state.in_(waiting)))).scalar())

    def measured_waits(self, language: str, since: datetime, limit: int = 200) -> list[float]:
        """Seconds from the first word to the interpreter, of past requests in that language that had to wait."""
        found = (
            select(requests.c.created_at, requests.c.connected_at)
            .where(requests.c.language == language, requests.c.failed_rounds > 0)
            .where(requests.c.connected_at.is_not(None), requests.c.created_at > since)
            .order_by(requests.c.created_at.desc())
        )
        return [(row.connected_at - row.created_at).total_seconds() for row in self._db.execute(found.limit(limit))]

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

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _free(self, language: str, now: datetime) -> Select[Any]:
        """Who speaks it and may be rung as far as the roster goes, in the order of asking."""
        engaged = exists().where(offers.c.interpreter_id == interpreters.c.id, offers.c.state.in_(ACTIVE_OFFERS))
        wrapped_up = (interpreters.c.wrap_up_until.is_(None)) | (interpreters.c.wrap_up_until <= now)
        on = (interpreters.c.availability != Availability.OFF.value, interpreters.c.retired_at.is_(None))
        found = select(interpreters).join(skills, skills.c.interpreter_id == interpreters.c.id)
        found = found.where(skills.c.language == language, *on, wrapped_up, ~engaged)
        return found.order_by(skills.c.tier, skills.c.rested_since, skills.c.interpreter_id)

    def _minutes(
        self, people: Sequence[Interpreter], now: datetime, agency_zone: str
    ) -> Mapping[str, tuple[float, float]]:
        """Minutes in sessions today and this week, by each interpreter's own clock; only for those with a limit."""
        limited = {one.id: one for one in people if one.terms.daily_minutes or one.terms.weekly_minutes}
        spent: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        if not limited:
            return spent
        found = select(offers.c.interpreter_id, offers.c.accepted_at, offers.c.answered_at, offers.c.state).where(
            offers.c.interpreter_id.in_(limited), offers.c.offered_at > now - _WEEK, offers.c.accepted_at.is_not(None)
        )
        for row in self._db.execute(found):
            local = limited[row.interpreter_id].local(now, agency_zone)
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            monday = midnight - timedelta(days=local.weekday())
            end = row.answered_at if row.state == OfferState.FINISHED.value else now
            today, week = spent[row.interpreter_id]
            spent[row.interpreter_id] = (
                today + max((end - max(row.accepted_at, midnight)).total_seconds(), 0.0) / 60,
                week + max((end - max(row.accepted_at, monday)).total_seconds(), 0.0) / 60,
            )
        return spent

    def _offers_since(self, ids: Sequence[str], since: datetime) -> dict[str, int]:
        found = (
            select(offers.c.interpreter_id, func.count())
            .where(offers.c.interpreter_id.in_(ids), offers.c.offered_at > since)
            .group_by(offers.c.interpreter_id)
        )
        return {row[0]: row[1] for row in self._db.execute(found)}

    def _served(self, request: Request, ids: Sequence[str], now: datetime) -> set[str]:
        """Those who interpreted for this requester, in this language, within the last three months."""
        found = (
            select(offers.c.interpreter_id)
            .join(requests, requests.c.id == offers.c.request_id)
            .where(
                requests.c.requester_id == request.requester_id,
                requests.c.language == request.language,
                requests.c.created_at > now - _SERVED,
                offers.c.state == OfferState.FINISHED.value,
                offers.c.interpreter_id.in_(ids),
            )
        )
        return set(self._db.execute(found).scalars())


def _decision(row: Row[Any]) -> Decision:
    return Decision(row.at, row.seat, row.policy, tuple(Considered(**one) for one in json.loads(row.considered)))
