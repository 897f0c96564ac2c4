"""Requests with their offers, legs and deadlines, written by compare-and-set."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from dispatch import rows
from dispatch.errors import Conflict
from dispatch.offer import ACTIVE
from dispatch.request import Deadline, Request, RequestState, Urgency
from dispatch.schema import deadlines, offers, requests, sessions
from dispatch.store.unit import Unit, put
from dispatch.waiting import Waiting, by_need

ACTIVE_OFFERS = tuple(state.value for state in ACTIVE)
_WAITING = (RequestState.WAITING.value, RequestState.CALLBACK_SCHEDULED.value)


_BY_ID = select(requests).where(requests.c.id == bindparam("request_id"))
_BY_ID_LOCKED = _BY_ID.with_for_update()
_BY_CALL = select(sessions.c.request_id, sessions.c.leg_id).where(sessions.c.call_sid == bindparam("call_sid"))
_PARTS: tuple[tuple[Any, Any, Any], ...] = (
    (offers, offers.c.position, rows.to_offer),
    (sessions, sessions.c.position, rows.to_leg),
    (deadlines, deadlines.c.at, rows.to_deadline),
)
"""What belongs to a request: its table, the order, and how a row is read."""
_PARTS_OF_ONE = tuple(
    (select(table).where(table.c.request_id == bindparam("request_id")).order_by(order), read)
    for table, order, read in _PARTS
)
_CREATE = insert(requests)
_LIFT = delete(deadlines).where(
    deadlines.c.request_id == bindparam("the_request"),
    deadlines.c.kind == bindparam("the_kind"),
    deadlines.c.subject == bindparam("the_subject"),
)
_SET = insert(deadlines)
_NOT_SAVED = ("id", "forgotten_at", "number_seen_to_at")
_SAVE = (
    update(requests)
    .where(requests.c.id == bindparam("the_id"), requests.c.version == bindparam("the_version"))
    .values({column.name: bindparam(column.name) for column in requests.c if column.name not in _NOT_SAVED})
)


class Requests(Unit):
    """Load, create and save requests."""

    def create_request(self, request: Request, announce: bool = True) -> None:
        """Store a new request, whole; other systems hear of it unless that is left to the caller."""
        self._db.execute(_CREATE, rows.request_row(request))
        self._save_parts(Request(**{**request.__dict__, "offers": (), "legs": (), "deadlines": ()}), request)
        if announce:
            self.heard("RequestReceived", request.id, {}, request.created_at)

    def request(self, request_id: str) -> Request | None:
        """A request, whole; locked until the transaction ends where the database locks rows."""
        found = self._db.execute(_BY_ID_LOCKED if self._lock else _BY_ID, {"request_id": request_id}).mappings().first()
        if found is None:
            return None
        parts = (
            [read(row) for row in self._db.execute(query, {"request_id": request_id}).mappings()]
            for query, read in _PARTS_OF_ONE
        )
        return rows.to_request(found, *parts)

    def request_by_call(self, call_sid: str) -> tuple[Request, str] | None:
        """The request and leg that a carrier's call belongs to."""
        row = self._db.execute(_BY_CALL, {"call_sid": call_sid}).first()
        request = self.request(row.request_id) if row is not None else None
        return (request, row.leg_id) if row is not None and request is not None else None

    def open_request_of(self, requester_id: str) -> Request | None:
        """The requester's newest request that is not over."""
        mine = select(requests).where(requests.c.requester_id == requester_id, requests.c.over.is_(False))
        return self._one(mine.order_by(requests.c.created_at.desc()).limit(1))

    def waiting_requests(self, languages: Sequence[str] | None = None) -> list[Request]:
        """Requests that wait for somebody to come free, urgent first, then oldest."""
        waiting = select(requests).where(requests.c.state.in_(_WAITING))
        if languages is not None:
            waiting = waiting.where(requests.c.language.in_(languages))
        rank = {"emergency": 0, "urgent": 1, "routine": 2}
        found = self._whole(waiting.order_by(requests.c.created_at))
        return sorted(found, key=lambda request: (rank[request.need.urgency], request.created_at))

    def most_needing(self, languages: Sequence[str], ahead: Mapping[Urgency, float], limit: int) -> list[str]:
        """Ids of the waiting requests in these languages that need somebody most, first (`waiting.by_need`)."""
        found: list[Waiting] = []
        for urgency in Urgency:
            mine = select(requests.c.id, requests.c.created_at).where(
                requests.c.over.is_(False), requests.c.state.in_(_WAITING), requests.c.urgency == urgency.value
            )
            mine = mine.where(requests.c.language.in_(languages)).order_by(requests.c.created_at).limit(limit)
            found += [Waiting(row.id, urgency, row.created_at) for row in self._db.execute(mine)]
        return [one.request_id for one in by_need(found, ahead)[:limit]]

    def open_ids(self) -> list[str]:
        """Ids of the requests that are not over, oldest first."""
        mine = select(requests.c.id).where(requests.c.over.is_(False)).order_by(requests.c.created_at)
        return list(self._db.execute(mine).scalars())

    def open_requests(self) -> list[Request]:
        """Every request that is not over, oldest first."""
        return self._whole(select(requests).where(requests.c.over.is_(False)).order_by(requests.c.created_at))

    def recent_requests(self, limit: int) -> list[Request]:
        """Requests that are over, newest first."""
        return self._whole(select(requests).where(requests.c.over).order_by(requests.c.ended_at.desc()).limit(limit))

    def language_counts(self, since: datetime) -> dict[str, int]:
        """How often each language (ISO 639-3) was settled in requests since then."""
        settled = (requests.c.created_at >= since, requests.c.language.is_not(None))
        counted = select(requests.c.language, func.count()).where(*settled).group_by(requests.c.language)
        return {code: int(count) for code, count in self._db.execute(counted)}

    def save(self, before: Request, after: Request, now: datetime) -> Request:
        """Write what changed. Raises Conflict when the stored version is not `before`'s."""
        saved = replace(after, version=before.version + 1)
        values = rows.request_row(saved) | {"the_id": before.id, "the_version": before.version}
        values.pop("id")
        written = self._db.execute(_SAVE, values)
        if written.rowcount != 1:
            raise Conflict("The request was changed by somebody else in the meantime.")
        self._save_parts(before, after)
        return saved

    def due(self, now: datetime, limit: int) -> list[tuple[str, Deadline]]:
        """Deadlines that have come, oldest first."""
        found = select(deadlines).where(deadlines.c.at <= now).order_by(deadlines.c.at).limit(limit)
        return [(row["request_id"], rows.to_deadline(row)) for row in self._db.execute(found).mappings()]

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _save_parts(self, before: Request, after: Request) -> None:
        """Write the offers, legs and deadlines that differ."""
        known_offers, known_legs = set(before.offers), set(before.legs)
        changed_offers = [
            rows.offer_row(after.id, position, offer)
            for position, offer in enumerate(after.offers)
            if offer not in known_offers
        ]
        # Offers that let go are written first: the seat they leave may be taken by the next row.
        changed_offers.sort(key=lambda row: row["state"] in ACTIVE_OFFERS)
        if changed_offers:
            self._db.execute(put(self._dialect, offers, "id"), changed_offers)
        changed_legs = [
            rows.leg_row(after.id, position, leg) for position, leg in enumerate(after.legs) if leg not in known_legs
        ]
        if changed_legs:
            self._db.execute(put(self._dialect, sessions, "leg_id"), changed_legs)
        self._save_deadlines(before, after)

    def _save_deadlines(self, before: Request, after: Request) -> None:
        lifted = [
            {"the_request": after.id, "the_kind": gone.kind.value, "the_subject": gone.subject}
            for gone in set(before.deadlines) - set(after.deadlines)
        ]
        if lifted:
            self._db.execute(_LIFT, lifted)
        new = [
            {"request_id": after.id, "kind": due.kind.value, "subject": due.subject, "at": due.at}
            for due in after.deadlines
            if due not in before.deadlines
        ]
        if new:
            self._db.execute(_SET, new)

    def _one(self, query: Select[Any]) -> Request | None:
        found = self._whole(query)
        return found[0] if found else None

    def _whole(self, query: Select[Any]) -> list[Request]:
        """Requests with their parts: four queries, however many there are."""
        found = self._db.execute(query).mappings().all()
        ids = [row["id"] for row in found]
        if not ids:
            return []
        parts: tuple[dict[str, list[Any]], ...] = (defaultdict(list), defaultdict(list), defaultdict(list))
        for part, (table, order, read) in zip(parts, _PARTS, strict=True):
            for row in self._db.execute(select(table).where(table.c.request_id.in_(ids)).order_by(order)).mappings():
                part[row["request_id"]].append(read(row))
        return [rows.to_request(row, *(part[row["id"]] for part in parts)) for row in found]
