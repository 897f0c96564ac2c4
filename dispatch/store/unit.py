"""What every part of a transaction works on."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.sealing import Seal


class Unit:
    """One unit of work on one connection."""

    def __init__(self, connection: Connection, seal: Seal, lock: bool = True) -> None:
        """With `lock`, rows that are read to be changed are locked where the database locks rows."""
        self._db = connection
        self._seal = seal
        self._lock = lock and connection.dialect.name == "postgresql"
        self._upsert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
