"""What came in, what happened, what is to go out, and what needs a person."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, func, insert, select, update

from dispatch.effects import Effect, PlaceCall
from dispatch.schema import alerts, event_log, inbox, outbox
from dispatch.serialised import effect_from_json, effect_to_json
from dispatch.store.unit import Unit
from dispatch.store.unit import insert as conflicting_insert


@dataclass(frozen=True)
class StoredEffect:
    """An effect in the outbox."""

    id: str
    request_id: str | None
    effect: Effect
    done: bool
    attempts: int


@dataclass(frozen=True)
class LogEntry:
    """One line of the append-only event log."""

    seq: int
    at: datetime
    request_id: str | None
    kind: str
    detail: Mapping[str, str]


@dataclass(frozen=True)
class Alert:
    """Something that needs the dispatcher."""

    id: int
    request_id: str | None
    reason: str
    at: datetime


_APPEND = insert(event_log)
_PUT_OUT = insert(outbox)


@cache
def _note(dialect: str) -> Any:
    return conflicting_insert(dialect)(inbox).on_conflict_do_nothing().returning(inbox.c.source)


class Journal(Unit):
    """Inbox, event log, outbox and alerts."""

    def remember(self, source: str, kind: str, sequence: str, now: datetime) -> bool:
        """Note an incoming event; False when the very same one was noted before."""
        row = {"source": source, "kind": kind, "sequence": sequence, "at": now}
        return self._db.execute(_note(self._dialect), row).first() is not None

    def log(self, request_id: str | None, kind: str, detail: Mapping[str, str], now: datetime) -> None:
        """Append a line to the event log."""
        row = {"at": now, "request_id": request_id, "kind": kind, "detail": json.dumps(detail, ensure_ascii=False)}
        self._db.execute(_APPEND, row)
        self.heard(kind, request_id, detail, now)

    def log_of(self, request_id: str) -> list[LogEntry]:
        """A request's history, oldest first."""
        return self._entries(select(event_log).where(event_log.c.request_id == request_id).order_by(event_log.c.seq))

    def log_after(self, seq: int, limit: int = 500) -> list[LogEntry]:
        """What happened since `seq`, oldest first."""
        return self._entries(select(event_log).where(event_log.c.seq > seq).order_by(event_log.c.seq).limit(limit))

    def last_seq(self) -> int:
        """The number of the newest line in the log; 0 when it is empty."""
        return int(self._db.execute(select(func.coalesce(func.max(event_log.c.seq), 0))).scalar_one())

    def put_effects(
        self,
        request_id: str | None,
        effects: Sequence[Effect],
        now: datetime,
        turns: Mapping[str, datetime] | None = None,
    ) -> list[str]:
        """Put effects in the outbox; returns the ids of those to perform now, once this transaction has committed.

        `turns` names the legs whose calls wait for the carrier's pace, with the moment that orders them.
        """
        turns = turns or {}
        entries = [
            {
                "id": secrets.token_hex(8),
                "request_id": request_id,
                "kind": type(effect).__name__,
                "payload": self._seal.seal(effect_to_json(effect)),
                "created_at": now,
                "handed_at": now,
                "attempts": 0,
                "last_error": "",
                "leg_id": effect.leg_id if isinstance(effect, PlaceCall) else None,
                "turn": turns.get(effect.leg_id) if isinstance(effect, PlaceCall) else None,
            }
            for effect in effects
        ]
        if entries:
            self._db.execute(_PUT_OUT, entries)
        return [str(entry["id"]) for entry in entries if entry["turn"] is None]

    def effect(self, effect_id: str) -> StoredEffect | None:
        """An effect by id."""
        row = self._db.execute(select(outbox).where(outbox.c.id == effect_id)).mappings().first()
        return self._stored(row) if row is not None and row["payload"] else None

    def effect_kinds(self, effect_ids: Sequence[str]) -> dict[str, str]:
        """The kind of each effect, in the order given."""
        found = select(outbox.c.id, outbox.c.kind).where(outbox.c.id.in_(effect_ids))
        kinds = {row.id: row.kind for row in self._db.execute(found)}
        return {effect_id: kinds[effect_id] for effect_id in effect_ids if effect_id in kinds}

    def finish_effect(self, effect_id: str, now: datetime) -> None:
        """It is done; what it said is forgotten."""
        self._db.execute(update(outbox).where(outbox.c.id == effect_id).values(done_at=now, payload=""))

    def fail_effect(self, effect_id: str, reason: str, now: datetime) -> None:
        """It failed this time; count it."""
        failed = {"attempts": outbox.c.attempts + 1, "last_error": reason, "handed_at": now}
        self._db.execute(update(outbox).where(outbox.c.id == effect_id).values(**failed))

    def stale_effects(self, older_than: datetime, limit: int) -> list[StoredEffect]:
        """Effects handed over before `older_than` and still not done, oldest first."""
        stale = select(outbox).where(
            outbox.c.done_at.is_(None), outbox.c.handed_at < older_than, outbox.c.turn.is_(None)
        )
        found = self._db.execute(stale.order_by(outbox.c.handed_at).limit(limit)).mappings()
        return [self._stored(row) for row in found]

    def mark_handed(self, effect_ids: Sequence[str], now: datetime) -> None:
        """They are being handed to the queue again now."""
        self._db.execute(update(outbox).where(outbox.c.id.in_(effect_ids)).values(handed_at=now))

    def request_of_effect(self, effect_id: str) -> str | None:
        """The request that an effect belongs to; None for one that belongs to none, or is not known."""
        return self._db.execute(select(outbox.c.request_id).where(outbox.c.id == effect_id)).scalar()

    # -- alerts --------------------------------------------------------------------------------------------------------

    def raise_alert(self, request_id: str | None, reason: str, now: datetime) -> None:
        """Show the dispatcher that something needs a person."""
        row = {"request_id": request_id, "reason": reason, "at": now}
        number = self._db.execute(insert(alerts).returning(alerts.c.id), row).scalar_one()
        self.log(request_id, "Alert", {"reason": reason, "alert": str(number)}, now)

    def open_alerts(self) -> list[Alert]:
        """Alerts nobody has cleared, newest first."""
        found = select(alerts).where(alerts.c.cleared_at.is_(None)).order_by(alerts.c.id.desc()).limit(50)
        return [Alert(row.id, row.request_id, row.reason, row.at) for row in self._db.execute(found)]

    def clear_alert(self, alert_id: int, now: datetime) -> None:
        """The dispatcher has seen to it."""
        self._db.execute(update(alerts).where(alerts.c.id == alert_id).values(cleared_at=now))
        self.log(None, "AlertCleared", {"alert": str(alert_id)}, now)

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _entries(self, query: Select[Any]) -> list[LogEntry]:
        return [
            LogEntry(row.seq, row.at, row.request_id, row.kind, json.loads(row.detail))
            for row in self._db.execute(query)
        ]

    def _stored(self, row: Any) -> StoredEffect:
        effect = effect_from_json(row["kind"], self._seal.open(row["payload"]))
        return StoredEffect(row["id"], row["request_id"], effect, row["done_at"] is not None, row["attempts"])
