"""Requests with their offers, legs and deadlines, written by compare-and-set."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update

from dispatch import rows
from dispatch.errors import Conflict
from dispatch.offer import ACTIVE
from dispatch.request import Deadline, Request, RequestState
from dispatch.schema import deadlines, offers, requests, sessions
from dispatch.store.unit import Unit

ACTIVE_OFFERS = tuple(state.value for state in ACTIVE)
_WAITING = (RequestState.WAITING.value, RequestState.CALLBACK_SCHEDULED.value)


class Requests(Unit):
    """Load, create and save requests."""

    def create_request(self, request: Request) -> None:
        """Store a new request, whole."""
        self._db.execute(insert(requests), rows.request_row(request))
        self._save_parts(Request(**{**request.__dict__, "offers": (), "legs": (), "deadlines": ()}), request)

    def request(self, request_id: str) -> Request | None:
        """A request, whole; locked until the transaction ends where the database locks rows."""
        found = select(requests).where(requests.c.id == request_id)
        return self._one(found.with_for_update() if self._lock else found)

    def request_by_call(self, call_sid: str) -> tuple[Request, str] | None:
        """The request and leg that a carrier's call belongs to."""
        row = self._db.execute(
            select(sessions.c.request_id, sessions.c.leg_id).where(sessions.c.call_sid == call_sid)
        ).first()
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

    def open_requests(self) -> list[Request]:
        """Every request that is not over, oldest first."""
        return self._whole(select(requests).where(requests.c.over.is_(False)).order_by(requests.c.created_at))

    def recent_requests(self, limit: int) -> list[Request]:
        """Requests that are over, newest first."""
        return self._whole(select(requests).where(requests.c.over).order_by(requests.c.ended_at.desc()).limit(limit))

    def save(self, before: Request, after: Request, now: datetime) -> Request:
        """Write what changed. Raises Conflict when the stored version is not `before`'s."""
        saved = replace(after, version=before.version + 1)
        written = self._db.execute(
            update(requests)
            .where(requests.c.id == before.id, requests.c.version == before.version)
            .values(**rows.request_row(saved))
        )
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
        for row in sorted(changed_offers, key=lambda row: row["state"] in ACTIVE_OFFERS):
            self._put(offers, row, ["id"])
        for position, leg in enumerate(after.legs):
            if leg not in known_legs:
                self._put(sessions, rows.leg_row(after.id, position, leg), ["leg_id"])
        self._save_deadlines(before, after)

    def _save_deadlines(self, before: Request, after: Request) -> None:
        for gone in set(before.deadlines) - set(after.deadlines):
            self._db.execute(
                delete(deadlines).where(
                    deadlines.c.request_id == after.id,
                    deadlines.c.kind == gone.kind.value,
                    deadlines.c.subject == gone.subject,
                )
            )
        new = [
            {"request_id": after.id, "kind": due.kind.value, "subject": due.subject, "at": due.at}
            for due in after.deadlines
            if due not in before.deadlines
        ]
        if new:
            self._db.execute(insert(deadlines), new)

    def _put(self, table: Any, row: rows.Row, key: list[str]) -> None:
        changed = {name: value for name, value in row.items() if name not in key}
        self._db.execute(self._upsert(table).values(**row).on_conflict_do_update(index_elements=key, set_=changed))

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
        reads: tuple[tuple[Any, Any, Any], ...] = (
            (offers, offers.c.position, rows.to_offer),
            (sessions, sessions.c.position, rows.to_leg),
            (deadlines, deadlines.c.at, rows.to_deadline),
        )
        for part, (table, order, read) in zip(parts, reads, strict=True):
            for row in self._db.execute(select(table).where(table.c.request_id.in_(ids)).order_by(order)).mappings():
                part[row["request_id"]].append(read(row))
        return [rows.to_request(row, *(part[row["id"]] for part in parts)) for row in found]
