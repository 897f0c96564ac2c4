"""The console alone, on either database: no carrier, no queue, a clock that the test moves."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from benchmarks.serving import serving
from dispatch import api, console, credentials
from dispatch.accounts import Account, AccountRole
from dispatch.api.operations import Parts
from dispatch.appointment import Rules
from dispatch.appointment_book import AppointmentBook
from dispatch.clock import SystemClock
from dispatch.dispatching import Dispatching
from dispatch.policy import Policy
from dispatch.settings import Settings
from dispatch.store import Store
from tests.conftest import KEY
from tests.dispatch.requests import NOON, POLICY
from voice import recordings_page
from voice.prompt_audio import PromptAudio

PASSWORD = "violet harbour lantern"


@cache
def password_hash() -> str:
    """Of PASSWORD, made once: it is slow on purpose."""
    return credentials.hash_password(PASSWORD)


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        """Where it was put."""
        return self.at

    def passes(self, **time: float) -> None:
        """Move it on."""
        self.at += timedelta(**time)


@dataclass
class House:
    """The console's application over one store."""

    store: Store
    clock: Any
    settings: Settings
    policy: Policy = POLICY
    """The policy in force; a test may put another in its place at any time."""
    handed: list[str] = field(default_factory=list)
    """Effects that were handed to the queue."""

    def __post_init__(self) -> None:
        self.intake = Dispatching(self.store, self.clock, lambda: self.policy, self.handed.extend)
        audio = PromptAudio(self.settings.recordings_dir, self.settings.cache_dir / "prompts")
        prompts = partial(recordings_page.routes, prompt_audio=audio)
        routes = console.routes(self.store, self.settings, self.clock, self.intake, lambda: True, [prompts])
        book = AppointmentBook(self.store, self.clock, Rules(), self.handed.extend)
        parts = Parts(self.store, self.settings, self.clock, self.intake, book, lambda: True)
        self.app = Starlette(routes=[*routes, *api.routes(parts)])

    def browser(self) -> "Browser":
        """A browser of its own: cookies are not shared."""
        return Browser(TestClient(self.app, base_url="http://127.0.0.1", follow_redirects=True), self)

    def account(self, name: str, role: AccountRole = AccountRole.DISPATCHER) -> Account:
        """Somebody with an account and a second factor."""
        made = Account(f"id-{name}", name, role, password_hash(), self.clock.now(), pyotp.random_base32(), True)
        with self.store.transaction() as tx:
            tx.add_account(made)
        return made


class Browser:
    """What a person does with the pages."""

    def __init__(self, client: TestClient, house: House) -> None:
        self.client = client
        self.house = house
        self.page: httpx.Response = httpx.Response(0)

    def opens(self, address: str) -> httpx.Response:
        """Go to a page."""
        self.page = self.client.get(address)
        return self.page

    def sends(self, address: str, **fields: str | list[str]) -> httpx.Response:
        """Send a form of the page that is open."""
        found = re.search(r'name="form-token" content="([0-9a-f]+)"', self.page.text)
        token = {"form_token": found.group(1)} if found else {}
        self.page = self.client.post(address, data={**token, **fields})
        return self.page

    def signs_in(self, account: Account) -> httpx.Response:
        """Password and code."""
        self.opens("/console/sign-in")
        self.sends("/console/sign-in", name=account.name, password=PASSWORD)
        self.house.clock.passes(seconds=30)  # no code twice
        return self.sends("/console/second-factor", code=pyotp.TOTP(account.totp_secret).at(self.house.clock.now()))


def settings_for(folder: Path, **changed: Any) -> Settings:
    """Settings of a console on this machine."""
    plain = {"state_dir": folder, "secret_key": KEY, "bind_host": "127.0.0.1", "redis_url": "redis://127.0.0.1:1"}
    plain |= {"recordings_dir": folder / "recordings", "cache_dir": folder / "cache"}
    return Settings(_env_file=None, **{**plain, **changed})  # type: ignore[arg-type]


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    """The console over an empty store of each kind."""
    return House(store, HandClock(), settings_for(tmp_path))


@pytest.fixture
def served(tmp_path: Path, migrated_file: Path) -> Iterator[tuple[House, str]]:
    """The console over SQLite, answering on a port of this machine, with its address."""
    store = Store(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'store.sqlite3')}", KEY)
    made = House(store, SystemClock(), settings_for(tmp_path))
    with serving(made.app) as address:
        yield made, address
    store.close()
