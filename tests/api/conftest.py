"""The API over a store, with integrations that hold tokens; no carrier, no queue, a clock that the test moves."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dispatch import api, integrations
from dispatch.api.operations import Parts
from dispatch.appointment import Rules
from dispatch.appointment_book import AppointmentBook
from dispatch.dispatching import Dispatching
from dispatch.integrations import Integration, Scope
from dispatch.settings import Settings
from dispatch.store import Store
from tests.conftest import KEY
from tests.console.conftest import HandClock, settings_for
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import POLICY

ALL = frozenset(Scope)


@dataclass
class Api:
    """The API's application over one store."""

    store: Store
    clock: Any
    settings: Settings
    handed: list[str] = field(default_factory=list)
    """Effects that were handed to the queue."""

    def __post_init__(self) -> None:
        self.intake = Dispatching(self.store, self.clock, POLICY, self.handed.extend)
        appointments = AppointmentBook(self.store, self.clock, Rules(), self.handed.extend)
        parts = Parts(self.store, self.settings, self.clock, self.intake, appointments, lambda: True)
        self.app = Starlette(routes=api.routes(parts))

    def token(
        self, name: str = "cad", scopes: frozenset[Scope] = ALL, expires_at: datetime | None = None
    ) -> tuple[str, Integration]:
        """A new integration's token, and the integration."""
        token, integration_id, secret = integrations.new_token()
        made = Integration(integration_id, name, scopes, secret, self.clock.now(), "a test", expires_at)
        with self.store.transaction() as tx:
            tx.add_integration(made)
        return token, made

    def caller(self, token: str) -> TestClient:
        """Something that calls with that token."""
        headers = {"Authorization": f"Bearer {token}"}
        return TestClient(self.app, base_url="http://127.0.0.1/api/v1", headers=headers)

    def people(self) -> None:
        """An officer, and three interpreters of Spanish; one of them speaks Mam too."""
        with self.store.transaction() as tx:
            tx.add_requester(officer())
            for number in range(101, 104):
                tx.put_interpreter(interpreter(number, "spa", *(["mam"] if number == 103 else [])))


@pytest.fixture
def served(migrated_file: Path, tmp_path: Path) -> Iterator[Api]:
    """The API over an empty SQLite store."""
    shutil.copy(migrated_file, tmp_path / "store.sqlite3")
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite3'}", KEY)
    yield Api(store, HandClock(), settings_for(tmp_path))
    store.close()


@pytest.fixture
def anywhere(store: Store, tmp_path: Path) -> Api:
    """The API over an empty store of each kind."""
    return Api(store, HandClock(), settings_for(tmp_path))


@pytest.fixture
def cad(served: Api) -> TestClient:
    """A CAD system that may do everything, with people to ask."""
    return known(served)


def known(served: Api) -> TestClient:
    """The same over any store."""
    served.people()
    return served.caller(served.token()[0])


def ask(cad: TestClient, **more: Any) -> httpx.Response:
    """Ask for Spanish for the officer."""
    body = {"requester": {"unit": "Unit 12"}, "languages": ["Spanish"], "place": "5th & Main"} | more
    return cad.post("/requests", json=body)


HOUR = timedelta(hours=1)
