"""What many tests share: a store on either database."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from xdist.scheduler import LoadScopeScheduling

from dispatch import printing
from dispatch.store import Store
from tests.postgres_server import PostgresServer

KEY = "a key for tests only, thirty-two!"
_STORIES = "tests/stories/"
_LONGEST = (
    _STORIES,
    "tests/dispatch/test_steps_machine.py",
    "tests/api/test_schemathesis.py",
    "tests/dispatch/test_concurrency.py",
    "tests/console/test_in_a_browser.py",
    "tests/console/test_signing_in.py",
)
"""Begun first, so that no core waits for one of them at the end (`--no-loadscope-reorder` keeps this order)."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Whether what is said of pages is tried on both databases."""
    parser.addoption("--pages-on-both", action="store_true", help="try every page on SQLite and on PostgreSQL")


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Each file's tests go to one worker, and all stories together to one: they are told one after the other, as each
    wants a core for its service and its browser."""

    def _split_scope(self, nodeid: str) -> str:
        return _STORIES if nodeid.startswith(_STORIES) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Who runs what."""
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, the others as they stand. Pages are tried on one database each (`_spared`)."""
    spared = [] if config.getoption("--pages-on-both") else _spared(items)
    config.hook.pytest_deselected(items=spared)
    left = set(items) - set(spared)
    items[:] = [item for item in items if item in left]
    items.sort(key=lambda item: next((n for n, path in enumerate(_LONGEST) if item.nodeid.startswith(path)), 99))


def _spared(items: list[pytest.Item]) -> list[pytest.Item]:
    """Of the console's tests that are there for both databases, those for the one that their name does not point at:
    what the databases do differently is the store's affair, whose tests run on both."""
    pages = [item for item in items if item.nodeid.startswith("tests/console/")]
    names = {item.nodeid for item in pages}
    there = [item for item in pages if {_on(item, "sqlite"), _on(item, "postgresql")} <= names]
    return [item for item in there if item.nodeid != _on(item, _DATABASES[crc32(_on(item, "").encode()) % 2])]


_DATABASES = ("sqlite", "postgresql")


def _on(item: pytest.Item, database: str) -> str:
    """The id of the same test on that database."""
    return re.sub("sqlite|postgresql", database, item.nodeid)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the whole run."""
    server = PostgresServer()
    yield server
    server.stop()


def migrate(url: str) -> None:
    """Make all tables."""
    made = Store(url, KEY)
    made.migrate()
    made.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with all tables and nothing in them: copied, that a hundred tests need not each make them."""
    path = tmp_path_factory.mktemp("migrated") / "store.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind: empty, and migrated for those who ask for the store in it too."""
    ready = "store" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite3"
        if ready:
            shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.migrated_database(migrate) if ready else server.new_database()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A migrated, empty store of each kind."""
    made = Store(store_url, KEY)
    yield made
    made.close()


@pytest.fixture
def without_pango(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that cannot set type."""
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.syspath_prepend(str(tmp_path))
    printing.PRESS.stop()
    yield
    printing.PRESS.stop()
