"""Who keeps whom out of a state folder, and off a port."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dispatch.settings import Settings
from workers import demo
from workers.running import complete
from workers.supervisor import StartFailed, Supervisor, only_one


def test_a_demo_does_not_end_the_service_that_runs_in_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = []

    @contextmanager
    def held(folder: Path, name: str = "supervisor") -> Iterator[None]:
        with only_one(folder, name):
            locks.append(sorted(one.name for one in folder.iterdir()))
            raise StartFailed("far enough")
        yield

    monkeypatch.setattr(demo, "only_one", held)
    settings = Settings(_env_file=None, state_dir=tmp_path)  # type: ignore[call-arg]
    with only_one(tmp_path), pytest.raises(StartFailed, match="far enough"):
        demo.run_demo(settings, leave=True, as_json=True)
    assert locks == [["demo.lock", "demo.pid", "supervisor.lock", "supervisor.pid"]]


def test_two_services_that_begin_at_once_never_share_a_port(tmp_path: Path) -> None:
    ports: list[str] = []
    supervisors = [Supervisor(tmp_path / name) for name in ("one", "other")]
    try:
        for name, supervisor in zip(("one", "other"), supervisors, strict=True):
            settings = complete(supervisor, Settings(_env_file=None, state_dir=tmp_path / name), local=True)  # type: ignore[call-arg]
            ports += [settings.public_url, settings.carrier_url, settings.redis_url]
    finally:
        for supervisor in supervisors:
            supervisor.stop()
    assert len(set(ports)) == 6, ports
