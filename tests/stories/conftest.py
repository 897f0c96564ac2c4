"""One installation for all stories of this folder; every story begins with nothing open."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.installation import Installation


@pytest.fixture(scope="session")
def _installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("installation")
    running = Installation(folder)
    yield running
    running.stop()


@pytest.fixture
def town(_installation: Installation) -> Iterator[Installation]:
    """The installation, its phones quiet."""
    _installation.quiet_phones()
    yield _installation
    _installation.quiet_phones()
    _installation.clear()
