"""What many tests share: a store on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.store import Store
from tests.postgres_server import PostgresServer

KEY = "a key for tests only, thirty-two!"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the whole run."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    return str(request.getfixturevalue("postgres").new_database())


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A migrated, empty store of each kind."""
    made = Store(store_url, KEY)
    made.migrate()
    yield made
    made.close()
