"""The store: the one module that speaks SQL. SQLite (WAL) or PostgreSQL, by URL.

A `Transaction` is one unit of work: what an event changed, the log line about it and the effects it caused are committed
together or not at all. Two promises are kept by the database itself (schema.py): an interpreter has one active offer, a
request one accepted one; breaking them raises `Conflict`.
"""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Select, create_engine, delete, event, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import QueuePool

from dispatch import rows
from dispatch.effects import Effect
from dispatch.errors import Conflict, StoreUnavailable, UnknownInterpreter
from dispatch.offer import ACTIVE, Offer
from dispatch.people import Availability, Interpreter, PhoneNumber, Requester, Skill
from dispatch.request import Deadline, Request, RequestState
from dispatch.schema import (
    alerts,
    deadlines,
    event_log,
    inbox,
    interpreters,
    metadata,
    offers,
    outbox,
    requesters,
    requests,
    sessions,
    skills,
)
from dispatch.sealing import Seal
from dispatch.serialised import effect_from_json, effect_to_json

_ACTIVE = tuple(state.value for state in ACTIVE)
_WAITING = (RequestState.WAITING.value, RequestState.CALLBACK_SCHEDULED.value)
_BUSY_SECONDS = 10


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


class Store:
    """A database and the key to what is sealed in it. Safe to share between threads."""

    def __init__(self, url: str, secret_key: str) -> None:
        self._seal = Seal(secret_key)
        self._engine = _engine(url)

    def migrate(self) -> None:
        """Bring the schema up to date; safe when several processes do so at once."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self._engine.connect() as connection, _translated():
            if self._engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_lock(7204517)")
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """A unit of work: committed when the block ends, rolled back when it raises.

        Raises Conflict when somebody else was first, StoreUnavailable when the database does not answer.
        """
        with _translated(), self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield Transaction(connection, self._seal)
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator["Transaction"]:
        """A view for reading; takes no write lock and changes nothing."""
        with _translated(), self._engine.connect() as connection:
            yield Transaction(connection, self._seal, lock=False)
            connection.rollback()

    def effect_kinds(self, effect_ids: Sequence[str]) -> dict[str, str]:
        """The kind of each effect, in the order given."""
        with self.reading() as tx:
            return tx.effect_kinds(effect_ids)


class Transaction:
    """What can be done within one unit of work."""

    def __init__(self, connection: Connection, seal: Seal, lock: bool = True) -> None:
        self._db = connection
        self._seal = seal
        self._lock = lock and connection.dialect.name == "postgresql"
        self._upsert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert

    # -- inbox, log, outbox --------------------------------------------------------------------------------------------

    def remember(self, source: str, kind: str, sequence: str, now: datetime) -> bool:
        """Note an incoming event; False when the very same one was noted before."""
        row = {"source": source, "kind": kind, "sequence": sequence, "at": now}
        return bool(self._db.execute(self._upsert(inbox).on_conflict_do_nothing(), row).rowcount)

    def log(self, request_id: str | None, kind: str, detail: Mapping[str, str], now: datetime) -> None:
        """Append a line to the event log."""
        row = {"at": now, "request_id": request_id, "kind": kind, "detail": json.dumps(detail, ensure_ascii=False)}
        self._db.execute(insert(event_log), row)

    def log_of(self, request_id: str) -> list[LogEntry]:
        """A request's history, oldest first."""
        return self._entries(select(event_log).where(event_log.c.request_id == request_id).order_by(event_log.c.seq))

    def log_after(self, seq: int, limit: int = 500) -> list[LogEntry]:
        """What happened since `seq`, oldest first."""
        return self._entries(select(event_log).where(event_log.c.seq > seq).order_by(event_log.c.seq).limit(limit))

    def last_seq(self) -> int:
        """The number of the newest line in the log; 0 when it is empty."""
        return int(self._db.execute(select(func.coalesce(func.max(event_log.c.seq), 0))).scalar_one())

    def put_effects(self, request_id: str | None, effects: Sequence[Effect], now: datetime) -> list[str]:
        """Put effects in the outbox; returns their ids. They leave only if this transaction commits."""
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
            }
            for effect in effects
        ]
        if entries:
            self._db.execute(insert(outbox), entries)
        return [str(entry["id"]) for entry in entries]

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
        stale = select(outbox).where(outbox.c.done_at.is_(None), outbox.c.handed_at < older_than)
        found = self._db.execute(stale.order_by(outbox.c.handed_at).limit(limit)).mappings()
        return [self._stored(row) for row in found]

    def mark_handed(self, effect_ids: Sequence[str], now: datetime) -> None:
        """They are being handed to the queue again now."""
        self._db.execute(update(outbox).where(outbox.c.id.in_(effect_ids)).values(handed_at=now))

    # -- requests ------------------------------------------------------------------------------------------------------

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

    # -- people --------------------------------------------------------------------------------------------------------

    def requester(self, requester_id: str) -> Requester | None:
        """A requester by id."""
        return self.requesters([requester_id]).get(requester_id)

    def requesters(self, requester_ids: Sequence[str]) -> dict[str, Requester]:
        """Requesters by id."""
        found = select(requesters).where(requesters.c.id.in_(requester_ids))
        return {row["id"]: rows.to_requester(row, self._seal) for row in self._db.execute(found).mappings()}

    def requester_by_number(self, number: PhoneNumber) -> Requester | None:
        """The requester with that number."""
        found = select(requesters).where(requesters.c.number_index == self._seal.index(number.e164))
        row = self._db.execute(found).mappings().first()
        return rows.to_requester(row, self._seal) if row is not None else None

    def add_requester(self, requester: Requester) -> None:
        """Store a new requester."""
        self._db.execute(insert(requesters), rows.requester_row(requester, self._seal))

    def change_requester(self, requester: Requester) -> None:
        """Write a requester's fields anew."""
        changed = rows.requester_row(requester, self._seal)
        self._db.execute(update(requesters).where(requesters.c.id == requester.id).values(**changed))

    def interpreter(self, interpreter_id: str) -> Interpreter:
        """An interpreter by id. Raises UnknownInterpreter."""
        found = self._interpreters(select(interpreters).where(interpreters.c.id == interpreter_id))
        if not found:
            raise UnknownInterpreter("This interpreter is not on the roster any more.")
        return found[0]

    def interpreter_by_number(self, number: PhoneNumber) -> Interpreter | None:
        """The interpreter with that number."""
        indexed = interpreters.c.number_index == self._seal.index(number.e164)
        found = self._interpreters(select(interpreters).where(indexed))
        return found[0] if found else None

    def roster(self) -> list[Interpreter]:
        """Every interpreter, by tier and code."""
        return self._interpreters(select(interpreters).order_by(interpreters.c.tier, interpreters.c.code))

    def speakers(self, languages: Sequence[str], now: datetime) -> list[Interpreter]:
        """Interpreters of any of these languages who can be rung now. Goes by index, never through the whole roster."""
        engaged = exists().where(offers.c.interpreter_id == interpreters.c.id, offers.c.state.in_(_ACTIVE))
        spoken = select(skills.c.interpreter_id).where(skills.c.language.in_(languages))
        wrapped_up = or_(interpreters.c.wrap_up_until.is_(None), interpreters.c.wrap_up_until <= now)
        found = select(interpreters).where(
            interpreters.c.id.in_(spoken), interpreters.c.availability != Availability.OFF.value, wrapped_up, ~engaged
        )
        return [one for one in self._interpreters(found) if one.can_be_rung(now)]

    def put_interpreter(self, interpreter: Interpreter) -> None:
        """Add an interpreter, or write one anew; who has the same code is the same person."""
        row = rows.interpreter_row(interpreter, self._seal)
        known = self._db.execute(select(interpreters.c.id).where(interpreters.c.code == interpreter.code)).scalar()
        if known is None:
            self._db.execute(insert(interpreters), row)
        else:
            row["id"] = known
            self._db.execute(update(interpreters).where(interpreters.c.id == known).values(**row))
            self._db.execute(delete(skills).where(skills.c.interpreter_id == known))
        spoken = [
            {"interpreter_id": row["id"], "language": skill.language, "proficiency": skill.proficiency}
            for skill in interpreter.skills
        ]
        if spoken:
            self._db.execute(insert(skills), spoken)

    def set_availability(
        self, interpreter_id: str, availability: Availability, busy_until: datetime | None, now: datetime
    ) -> None:
        """What the interpreter told us."""
        self._change_interpreter(interpreter_id, availability=availability.value, busy_until=busy_until)
        self.log(None, "AvailabilityChanged", {"interpreter_id": interpreter_id, "to": availability.value}, now)

    def start_wrap_up(self, interpreter_id: str, until: datetime) -> None:
        """They are not rung before `until`."""
        self._change_interpreter(interpreter_id, wrap_up_until=until)

    def touch_offered(self, interpreter_id: str, now: datetime) -> None:
        """They have been offered a request now."""
        self._change_interpreter(interpreter_id, last_offered_at=now)

    def active_offer(self, interpreter_id: str) -> tuple[Request, Offer] | None:
        """The request that holds this interpreter, and their offer in it."""
        held = select(offers).where(offers.c.interpreter_id == interpreter_id, offers.c.state.in_(_ACTIVE))
        row = self._db.execute(held).mappings().first()
        request = self.request(row["request_id"]) if row is not None else None
        return (request, rows.to_offer(row)) if row is not None and request is not None else None

    # -- alerts --------------------------------------------------------------------------------------------------------

    def raise_alert(self, request_id: str | None, reason: str, now: datetime) -> None:
        """Show the dispatcher that something needs a person."""
        self._db.execute(insert(alerts), {"request_id": request_id, "reason": reason, "at": now})
        self.log(request_id, "Alert", {"reason": reason}, now)

    def open_alerts(self) -> list[Alert]:
        """Alerts nobody has cleared, newest first."""
        found = select(alerts).where(alerts.c.cleared_at.is_(None)).order_by(alerts.c.id.desc()).limit(50)
        return [Alert(row.id, row.request_id, row.reason, row.at) for row in self._db.execute(found)]

    def clear_alert(self, alert_id: int, now: datetime) -> None:
        """The dispatcher has seen to it."""
        self._db.execute(update(alerts).where(alerts.c.id == alert_id).values(cleared_at=now))
        self.log(None, "AlertCleared", {"alert": str(alert_id)}, now)

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
        for row in sorted(changed_offers, key=lambda row: row["state"] in _ACTIVE):
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

    def _change_interpreter(self, interpreter_id: str, **values: Any) -> None:
        changed = self._db.execute(update(interpreters).where(interpreters.c.id == interpreter_id).values(**values))
        if changed.rowcount != 1:
            raise UnknownInterpreter("This interpreter is not on the roster any more.")

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

    def _interpreters(self, query: Select[Any]) -> list[Interpreter]:
        found = self._db.execute(query).mappings().all()
        ids = [row["id"] for row in found]
        spoken: dict[str, list[Skill]] = defaultdict(list)
        held = select(offers.c.interpreter_id).where(offers.c.state.in_(_ACTIVE))
        skill_rows = select(skills).order_by(skills.c.proficiency.desc(), skills.c.language)
        if len(ids) <= 500:  # a whole roster is read without a list of ids that no database likes
            skill_rows = skill_rows.where(skills.c.interpreter_id.in_(ids))
            held = held.where(offers.c.interpreter_id.in_(ids))
        for row in self._db.execute(skill_rows):
            spoken[row.interpreter_id].append(Skill(row.language, row.proficiency))
        engaged = set(self._db.execute(held).scalars())
        return [rows.to_interpreter(row, spoken[row["id"]], row["id"] in engaged, self._seal) for row in found]

    def _entries(self, query: Select[Any]) -> list[LogEntry]:
        return [
            LogEntry(row.seq, row.at, row.request_id, row.kind, json.loads(row.detail))
            for row in self._db.execute(query)
        ]

    def _stored(self, row: Any) -> StoredEffect:
        effect = effect_from_json(row["kind"], self._seal.open(row["payload"]))
        return StoredEffect(row["id"], row["request_id"], effect, row["done_at"] is not None, row["attempts"])


def _engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=10,
            max_overflow=30,
            connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    return create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN IMMEDIATE ourselves: writers queue instead of failing halfway
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _translated() -> Iterator[None]:
    """The database's errors as ours."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict("Somebody else was first; load again and decide anew.") from error
    except OperationalError as error:
        if isinstance(getattr(error.orig, "sqlstate", None), str) and error.orig.sqlstate in ("40001", "40P01"):  # type: ignore[union-attr]
            raise Conflict("The database untied a deadlock; try again.") from error
        raise StoreUnavailable("The database does not answer or is locked; see that it runs and has space.") from error
    except DBAPIError as error:
        raise StoreUnavailable("The database refused the work; see its log.") from error


__all__ = ["Alert", "LogEntry", "Store", "StoredEffect", "Transaction", "metadata"]
