"""What every part of a transaction works on."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.sealing import Seal


class Unit:
    """One unit of work on one connection."""

    def __init__(self, connection: Connection, seal: Seal, lock: bool = True) -> None:
        """With `lock`, rows that are read to be changed are locked where the database locks rows."""
        self._db = connection
        self._seal = seal
        self._lock = lock and connection.dialect.name == "postgresql"
        self._dialect = connection.dialect.name

    def heard(self, line: str, request_id: str | None, detail: Mapping[str, str], now: datetime) -> None:
        """A line of the event log, for whoever else is to be told of it (store/webhooks.py)."""


@cache
def put(dialect: str, table: Table, key: str) -> Any:
    """The statement that writes a row of `table`, new or known by `key`. Made once: building it costs more than it."""
    statement = insert(dialect)(table)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if column.name != key}
    return statement.on_conflict_do_update(index_elements=[key], set_=changed)


def insert(dialect: str) -> Any:
    """The database's own `insert`, which knows about conflicts."""
    return postgresql.insert if dialect == "postgresql" else sqlite.insert
