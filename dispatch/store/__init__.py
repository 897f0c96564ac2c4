"""The store: the one package that speaks SQL. SQLite (WAL) or PostgreSQL, by URL.

A `Transaction` is one unit of work: what an event changed, the log line about it and the effects it caused are
committed together or not at all. Two promises are kept by the database itself (schema.py): an
interpreter has one active offer, a request one accepted one; breaking them raises `Conflict`.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import stamina
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import QueuePool

from dispatch.errors import ConfigurationError, Conflict, StoreUnavailable
from dispatch.sealing import Seal
from dispatch.store.accounts import Accounts
from dispatch.store.agency import AgencyProfile
from dispatch.store.appointments import Appointments
from dispatch.store.arrivals import Arrivals
from dispatch.store.board import Boards, RosterLine
from dispatch.store.gists import Gists
from dispatch.store.integrations import Integrations
from dispatch.store.journal import Alert, LogEntry, StoredEffect
from dispatch.store.notes import Note, Notes
from dispatch.store.pacing import Pacing
from dispatch.store.phone_checks import PhoneChecks
from dispatch.store.reports import Reports
from dispatch.store.retention import Retention
from dispatch.store.routing import Decision, Routing
from dispatch.store.tasks import Tasks
from dispatch.store.varieties import Varieties
from dispatch.store.voicemails import Voicemails
from dispatch.store.webhooks import Webhooks
from dispatch.store.writing import Writing

__all__ = ["Alert", "Decision", "LogEntry", "Note", "RosterLine", "Store", "StoredEffect", "Transaction"]

_BUSY_SECONDS = 3
"""Longer, and the carrier would give up on us (5 s) before the caller hears why."""
_MIGRATING_SECONDS = 60
"""How long a process that starts waits for another one that makes the tables just then."""


class Transaction(
    Varieties,
    Appointments,
    Arrivals,
    Routing,
    Tasks,
    Gists,
    Pacing,
    Accounts,
    Notes,
    Reports,
    Boards,
    Voicemails,
    AgencyProfile,
    PhoneChecks,
    Retention,
    Integrations,
    Webhooks,
    Writing,
):
    """What can be done within one unit of work."""


class Store:
    """A database and the key to what is sealed in it. Safe to share between threads."""

    def __init__(self, url: str, secret_key: str) -> None:
        self._seal = Seal(secret_key)
        self._engine = _engine(url)
        self._snapshots = self._engine
        if self._engine.dialect.name == "postgresql":
            self._snapshots = self._engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        # SQLite has one writer at a time and does not queue them fairly: our own threads take turns here.
        self._turn: AbstractContextManager[Any] = threading.Lock() if url.startswith("sqlite") else nullcontext()

    def migrate(self) -> None:
        """Bring the schema up to date; safe when several processes do so at once."""
        # Alembic takes as long to import as everything else here, and most processes never migrate.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
        with _translated(), self._engine.connect() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7204517)")
            else:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_MIGRATING_SECONDS * 1000}")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            connection.invalidate()  # the next one waits no longer than all others do

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A unit of work: committed when the block ends, rolled back when it raises.

        Raises Conflict when somebody else was first, StoreUnavailable when the database does not answer.
        """
        with self._turn, _translated(), self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield Transaction(connection, self._seal)
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One moment of the store, whatever is committed meanwhile; takes no write lock and changes nothing."""
        with _translated(), self._snapshots.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield Transaction(connection, self._seal, lock=False)
            connection.rollback()

    def effect_kinds(self, effect_ids: Sequence[str]) -> dict[str, str]:
        """The kind of each effect, in the order given."""
        with self.reading() as tx:
            return tx.effect_kinds(effect_ids)


def _engine(url: str) -> Engine:
    """Raises ConfigurationError for an address that no driver here takes; it holds a password and is not repeated."""
    try:
        return _made(url)
    except (ArgumentError, ImportError) as error:
        raise ConfigurationError(
            "DISPATCH_DATABASE_URL cannot be used; write it like postgresql+psycopg://user:password@host/name."
        ) from error


def _made(url: str) -> Engine:
    # An error that is logged must not say what was to be written: places, notes, people's names.
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            hide_parameters=True,
            poolclass=QueuePool,
            pool_size=10,
            max_overflow=30,
            connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    return create_engine(url, hide_parameters=True, pool_size=10, max_overflow=30, pool_pre_ping=True)


_SQLITE = (
    f"busy_timeout={_BUSY_SECONDS * 1000}",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    f"mmap_size={256 * 2**20}",  # pages are read where the system keeps them, once for all processes
)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN IMMEDIATE ourselves: writers queue instead of failing halfway
    for pragma in _SQLITE:
        connection.execute(f"PRAGMA {pragma}")
    _keep_a_log_of_writes(connection)


def _busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY


@stamina.retry(on=_busy, attempts=None, timeout=_BUSY_SECONDS, wait_initial=0.01, wait_max=0.1)
def _keep_a_log_of_writes(connection: sqlite3.Connection) -> None:
    """WAL. SQLite does not wait here, whatever its busy_timeout, while another process writes to a new database."""
    connection.execute("PRAGMA journal_mode=WAL")


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
