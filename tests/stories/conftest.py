"""One installation for all stories of this folder; every story begins with nothing open."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import chromium
from tests.stories.desks import Desks, one_story, opened
from tests.stories.installation import Installation


@pytest.fixture(scope="session")
def _installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("installation")
    # Stories are played at any hour: nobody keeps quiet hours.
    quiet = {"quiet_from": "00:00", "quiet_to": "00:00"}
    running = Installation(folder, recordings_dir=folder / "recordings", webhook_private_addresses=True, **quiet)
    yield running
    running.stop()


@pytest.fixture
def town(_installation: Installation) -> Iterator[Installation]:
    """The installation, its phones quiet."""
    _installation.quiet_phones()
    yield _installation
    _installation.quiet_phones()
    _installation.clear()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, let go of after this folder: one thread drives one Playwright at a time."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="package")
def _desks(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Desks]:
    with opened(tmp_path_factory.mktemp("desks"), browser) as desks:
        yield desks


@pytest.fixture
def desks(_desks: Desks) -> Iterator[Desks]:
    """Another installation, with accounts: two dispatchers and an administrator, at rest."""
    with one_story(_desks) as resting:
        yield resting


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which no script fails and nothing is missing; what a form refuses (400, 409) is the story's own."""
    made = browser.new_page(viewport={"width": 1360, "height": 860})
    made.set_default_timeout(15_000)
    wrong: list[str] = []
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on(
        "console",
        lambda said: wrong.append(said.text) if said.type == "error" and not _refused(said.text) else None,
    )
    yield made
    made.close()
    assert wrong == []


def _refused(said: str) -> bool:
    return "400 (Bad" in said or "409 (Conflict" in said
