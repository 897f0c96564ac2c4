"""Webhooks out: who is told of what, and every announcement with what became of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, select, update

from dispatch.announcing import (
    IN_ORDER_TRIES,
    KEPT,
    LEASE,
    Answer,
    Delivery,
    Endpoint,
    Fate,
    Kind,
    announced,
    new_delivery_id,
)
from dispatch.schema import appointments, interpreters, requests
from dispatch.schema_integrations import integrations, request_references, webhook_deliveries, webhook_endpoints
from dispatch.store.unit import Unit

_ENDPOINTS = select(webhook_endpoints, integrations.c.name.label("name")).join(integrations)
_TOLD = _ENDPOINTS.where(webhook_endpoints.c.disabled_at.is_(None), integrations.c.revoked_at.is_(None))
_APPEND = insert(webhook_deliveries)
_ANSWER_LENGTH = 300


class Webhooks(Unit):
    """Endpoints and deliveries."""

    def heard(self, line: str, request_id: str | None, detail: Mapping[str, str], now: datetime) -> None:
        """Put an announcement in everybody's outbox who wants to be told of that line of the event log."""
        kinds = announced(line, detail)
        if not kinds:
            return
        told = [self._to_endpoint(row) for row in self._db.execute(_TOLD)]
        wanted = [(kind, one) for kind in kinds for one in told if kind in one.kinds]
        if not wanted:
            return
        data = self._data(request_id, detail)
        owner, reference = self._reference(request_id)
        rows = []
        for kind, one in wanted:
            mine = {"reference": reference if owner == one.integration_id else None}
            shown = {**data, "request": {**data["request"], **mine}} if "request" in data else data
            payload = {"type": kind.value, "timestamp": now.isoformat(), "data": shown}
            rows.append(_row(one, request_id, kind, json.dumps(payload, ensure_ascii=False), now))
        self._db.execute(_APPEND, rows)

    def endpoints(self) -> dict[str, Endpoint]:
        """Every endpoint, by its integration's id."""
        return {row.integration_id: self._to_endpoint(row) for row in self._db.execute(_ENDPOINTS)}

    def endpoint(self, integration_id: str) -> Endpoint | None:
        """The endpoint of an integration, where it has one."""
        row = self._db.execute(_ENDPOINTS.where(webhook_endpoints.c.integration_id == integration_id)).first()
        return self._to_endpoint(row) if row is not None else None

    def put_endpoint(self, endpoint: Endpoint) -> None:
        """Write an integration's endpoint, new or anew."""
        mine = webhook_endpoints.c.integration_id == endpoint.integration_id
        self._db.execute(delete(webhook_endpoints).where(mine))
        row = {
            "integration_id": endpoint.integration_id,
            "url": endpoint.url,
            "kinds": json.dumps(sorted(endpoint.kinds)),
            "secret_sealed": self._seal.seal(endpoint.secret),
            "failing_since": endpoint.failing_since,
            "disabled_at": endpoint.disabled_at,
        }
        self._db.execute(insert(webhook_endpoints), row)

    def remove_endpoint(self, integration_id: str) -> None:
        """It is told nothing any more; what waits for it is given up."""
        self._db.execute(delete(webhook_endpoints).where(webhook_endpoints.c.integration_id == integration_id))
        self._give_up(integration_id, "There is no address to send to any more.")

    # -- deliveries ----------------------------------------------------------------------------------------------------

    def announce_to(self, endpoint: Endpoint, kind: str, payload: str, now: datetime, delivery_id: str = "") -> str:
        """Put one announcement in one integration's outbox, as a test does; returns its id."""
        row = _row(endpoint, None, kind, payload, now, delivery_id)
        self._db.execute(_APPEND, row)
        return str(row["id"])

    def delivery(self, delivery_id: str) -> Delivery | None:
        """A delivery by id."""
        row = self._db.execute(select(webhook_deliveries).where(webhook_deliveries.c.id == delivery_id)).first()
        return _to_delivery(row) if row is not None else None

    def deliveries_of(self, integration_id: str, before: int | None, limit: int) -> list[Delivery]:
        """An integration's deliveries, newest first, of those before number `before`."""
        mine = select(webhook_deliveries).where(webhook_deliveries.c.integration_id == integration_id)
        if before is not None:
            mine = mine.where(webhook_deliveries.c.seq < before)
        found = self._db.execute(mine.order_by(webhook_deliveries.c.seq.desc()).limit(limit))
        return [_to_delivery(row) for row in found]

    def any_delivery_due(self, now: datetime) -> bool:
        """Whether any try is due."""
        due = (webhook_deliveries.c.fate == Fate.WAITING.value, webhook_deliveries.c.due_at <= now)
        return bool(self._db.execute(select(exists().where(*due))).scalar())

    def take_due_deliveries(self, now: datetime, limit: int) -> list[str]:
        """Ids of what is to be tried now, oldest first; each is due again after a while, should its worker be lost.

        News of a request waits while older news of it is still being tried.
        """
        one, older = webhook_deliveries, webhook_deliveries.alias()
        first = exists().where(
            older.c.request_id == one.c.request_id,
            older.c.integration_id == one.c.integration_id,
            older.c.seq < one.c.seq,
            older.c.fate == Fate.WAITING.value,
            older.c.tries < IN_ORDER_TRIES,
        )
        due = select(one.c.id).where(one.c.fate == Fate.WAITING.value, one.c.due_at <= now, ~first)
        due = due.order_by(one.c.seq).limit(limit)
        if self._lock:
            due = due.with_for_update(skip_locked=True)
        ids = [str(found) for found in self._db.execute(due).scalars()]
        self.lease_deliveries(ids, now)
        return ids

    def lease_deliveries(self, delivery_ids: Sequence[str], now: datetime) -> None:
        """They are being tried from now on."""
        mine = update(webhook_deliveries).where(webhook_deliveries.c.id.in_(delivery_ids))
        self._db.execute(mine.values(due_at=now + LEASE))

    def send_again(self, delivery_id: str, now: datetime) -> None:
        """Try it now, however it stood, as if for the first time."""
        again = {"fate": Fate.WAITING.value, "due_at": now, "tries": 0}
        self._db.execute(update(webhook_deliveries).where(webhook_deliveries.c.id == delivery_id).values(**again))

    def tried(self, delivery: Delivery, answer: Answer, fate: Fate, due_at: datetime | None, now: datetime) -> None:
        """Write down what came of a try, and whether anything at all gets through to that integration."""
        told = {"fate": fate.value, "due_at": due_at, "tries": webhook_deliveries.c.tries + 1, "answered_at": now}
        mine = update(webhook_deliveries).where(webhook_deliveries.c.id == delivery.id)
        self._db.execute(mine.values(**told, answer=answer.words[:_ANSWER_LENGTH]))
        here = webhook_endpoints.c.integration_id == delivery.integration_id
        since = None if answer.delivered else func.coalesce(webhook_endpoints.c.failing_since, now)
        self._db.execute(update(webhook_endpoints).where(here).values(failing_since=since))

    def disable_endpoint(self, integration_id: str, now: datetime) -> None:
        """It is told nothing until somebody enables it; what waits for it is given up, and can be sent by hand."""
        here = webhook_endpoints.c.integration_id == integration_id
        self._db.execute(update(webhook_endpoints).where(here).values(disabled_at=now))
        self._give_up(integration_id, "The webhook was switched off.")

    def forget_deliveries(self, now: datetime) -> None:
        """Remove what is finished and old."""
        old = (webhook_deliveries.c.created_at < now - KEPT, webhook_deliveries.c.fate != Fate.WAITING.value)
        self._db.execute(delete(webhook_deliveries).where(*old))

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _give_up(self, integration_id: str, words: str) -> None:
        waiting = (
            webhook_deliveries.c.integration_id == integration_id,
            webhook_deliveries.c.fate == Fate.WAITING.value,
        )
        given_up = {"fate": Fate.GIVEN_UP.value, "due_at": None, "answer": words}
        self._db.execute(update(webhook_deliveries).where(*waiting).values(**given_up))

    def _data(self, request_id: str | None, detail: Mapping[str, str]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        row = self._db.execute(select(requests).where(requests.c.id == request_id)).first() if request_id else None
        if row is not None:
            times = {name: getattr(row, name) for name in ("created_at", "connected_at", "ended_at")}
            data["request"] = {
                "id": row.id,
                "state": row.state,
                "language": row.language,
                "urgency": row.urgency,
                **{name: at.isoformat() if at else None for name, at in times.items()},
            }
        if "alert" in detail:
            data["alert"] = {"id": int(detail["alert"])}
        if "interpreter_id" in detail:
            code = select(interpreters.c.code).where(interpreters.c.id == detail["interpreter_id"])
            data["interpreter"] = {
                "code": self._db.execute(code).scalar(),
                "availability": detail.get("to", ""),
            }
        if "appointment" in detail:
            found = select(appointments.c.code, appointments.c.language, appointments.c.starts, appointments.c.state)
            booked = self._db.execute(found.where(appointments.c.id == detail["appointment"])).first()
            if booked is not None:
                data["appointment"] = {**booked._mapping, "starts": booked.starts.isoformat()}
        return data

    def _reference(self, request_id: str | None) -> tuple[str, str]:
        mine = select(request_references).where(request_references.c.request_id == request_id)
        row = self._db.execute(mine).first() if request_id else None
        return (row.integration_id, row.reference) if row is not None else ("", "")

    def _to_endpoint(self, row: Row[Any]) -> Endpoint:
        return Endpoint(
            row.integration_id,
            row.name,
            row.url,
            frozenset(Kind(one) for one in json.loads(row.kinds)),
            self._seal.open(row.secret_sealed),
            row.failing_since,
            row.disabled_at,
        )


def _row(
    endpoint: Endpoint, request_id: str | None, kind: str, payload: str, now: datetime, delivery_id: str = ""
) -> dict[str, Any]:
    made = Delivery(
        0,
        delivery_id or new_delivery_id(),
        endpoint.integration_id,
        request_id,
        kind,
        payload,
        now,
        now,
        0,
        Fate.WAITING,
        "",
        None,
    )
    return {name: value for name, value in asdict(made).items() if name != "seq"}


def _to_delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{**row._mapping, "fate": Fate(row.fate)})
