"""Integrations, the keys they send so that nothing is done twice, and what they call their requests."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from dispatch.integrations import KEYS_KEPT, TOUCHED_EVERY, Integration, KeyReused, Once, Scope
from dispatch.people import Interpreter, Requester, Role
from dispatch.request import Request
from dispatch.rows import to_requester
from dispatch.schema import alerts, event_log, interpreters, requesters, requests
from dispatch.schema_integrations import api_keys_used, integrations, request_references
from dispatch.store.journal import Alert
from dispatch.store.people import People
from dispatch.store.unit import insert as conflicting_insert


class Integrations(People):
    """Who uses the API, and what the API alone asks of the store."""

    def add_integration(self, integration: Integration) -> None:
        """Store a new one. Raises Conflict when the name is taken."""
        row = {**integration.__dict__, "scopes": json.dumps(sorted(integration.scopes))}
        self._db.execute(insert(integrations), row)

    def integration(self, integration_id: str) -> Integration | None:
        """An integration by id."""
        return self._integration(integrations.c.id == integration_id)

    def integration_named(self, name: str) -> Integration | None:
        """An integration by name."""
        return self._integration(integrations.c.name == name)

    def integrations(self) -> list[Integration]:
        """Every integration, by name."""
        found = self._db.execute(select(integrations).order_by(integrations.c.name)).mappings()
        return [_to_integration(row) for row in found]

    def revoke_integration(self, integration_id: str, now: datetime) -> None:
        """Its token is worth nothing from now on."""
        mine = update(integrations).where(integrations.c.id == integration_id, integrations.c.revoked_at.is_(None))
        self._db.execute(mine.values(revoked_at=now))

    def touch_integration(self, integration: Integration, now: datetime) -> None:
        """It has just been used."""
        self._db.execute(update(integrations).where(integrations.c.id == integration.id).values(last_used_at=now))

    # -- once ----------------------------------------------------------------------------------------------------------

    def claim_key(self, once: Once, subject: str, now: datetime) -> str | None:
        """Note that `subject` is made for that key; returns what was made for it before, or None.

        Two at once: the second waits for the first and finds what it made. Raises KeyReused.
        """
        self._db.execute(delete(api_keys_used).where(api_keys_used.c.at < now - KEYS_KEPT))
        row = {**once.__dict__, "subject": subject, "at": now}
        put = conflicting_insert(self._dialect)(api_keys_used).on_conflict_do_nothing()
        if self._db.execute(put.returning(api_keys_used.c.key), row).first() is not None:
            return None
        mine = (api_keys_used.c.integration_id == once.integration_id, api_keys_used.c.key == once.key)
        known = self._db.execute(select(api_keys_used).where(*mine)).one()
        if known.fingerprint != once.fingerprint:
            raise KeyReused("This Idempotency-Key was used for another request; send a new key with a new request.")
        return str(known.subject)

    # -- references ----------------------------------------------------------------------------------------------------

    def put_reference(self, request_id: str, integration_id: str, reference: str) -> None:
        """What an integration calls that request."""
        row = {"request_id": request_id, "integration_id": integration_id, "reference": reference}
        self._db.execute(insert(request_references), row)

    def references(self, request_ids: Sequence[str]) -> dict[str, str]:
        """What other systems call these requests, where they call them anything."""
        found = select(request_references).where(request_references.c.request_id.in_(request_ids))
        return {row.request_id: row.reference for row in self._db.execute(found)}

    # -- reading -------------------------------------------------------------------------------------------------------

    def requests_page(
        self, over: bool | None, reference: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[Request]:
        """Requests, newest first, of those older than `before`; `over` None: open ones and others."""
        found = select(requests).order_by(requests.c.created_at.desc(), requests.c.id.desc()).limit(limit)
        if over is not None:
            found = found.where(requests.c.over.is_(over))
        if reference:
            named = select(request_references.c.request_id).where(request_references.c.reference == reference)
            found = found.where(requests.c.id.in_(named))
        if before is not None:
            at, request_id = before
            same = and_(requests.c.created_at == at, requests.c.id < request_id)
            found = found.where(or_(requests.c.created_at < at, same))
        return self._whole(found)

    def last_seqs(self, request_ids: Sequence[str]) -> dict[str, int]:
        """The number of each request's newest line in the event log."""
        newest = select(event_log.c.request_id, func.max(event_log.c.seq)).where(
            event_log.c.request_id.in_(request_ids)
        )
        return {row[0]: int(row[1]) for row in self._db.execute(newest.group_by(event_log.c.request_id))}

    def interpreters_by_id(self, interpreter_ids: Sequence[str]) -> dict[str, Interpreter]:
        """These interpreters, those who have left too."""
        if not interpreter_ids:
            return {}
        found = self._interpreters(select(interpreters).where(interpreters.c.id.in_(interpreter_ids)))
        return {one.id: one for one in found}

    def officers_of_unit(self, unit: str) -> list[Requester]:
        """Officers of that unit or badge, as it is written on the roster of officers."""
        mine = (requesters.c.role == Role.OFFICER.value, requesters.c.unit == unit)
        return [to_requester(row, self._seal) for row in self._db.execute(select(requesters).where(*mine)).mappings()]

    def open_alert(self, alert_id: int) -> Alert | None:
        """An alert that nobody has seen to."""
        row = self._db.execute(select(alerts).where(alerts.c.id == alert_id, alerts.c.cleared_at.is_(None))).first()
        return Alert(row.id, row.request_id, row.reason, row.at) if row else None

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _integration(self, which: Any) -> Integration | None:
        row = self._db.execute(select(integrations).where(which)).mappings().first()
        return _to_integration(row) if row is not None else None


def needs_touch(integration: Integration, now: datetime) -> bool:
    """Whether it is time to note again that it is used."""
    return integration.last_used_at is None or now - integration.last_used_at >= TOUCHED_EVERY


def _to_integration(row: Any) -> Integration:
    scopes = frozenset(Scope(one) for one in json.loads(row["scopes"]))
    return Integration(**{**row, "scopes": scopes})
