"""docker-compose.yml parses and runs exactly the processes the supervisor runs."""

import re
from pathlib import Path

import yaml
from typer.main import get_command

from workers.cli import app

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def test_every_container_of_ours_runs_a_command_that_exists() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    ours = {name: service for name, service in COMPOSE["services"].items() if service.get("build")}
    assert set(ours) == {"migrate", "web", "worker", "speech", "webhooks", "ticker"}
    for service in ours.values():
        assert service["command"][0] in commands


def test_state_lives_in_postgresql_and_the_queue_in_valkey() -> None:
    environment = COMPOSE["services"]["web"]["environment"]
    assert environment["DISPATCH_DATABASE_URL"].startswith("postgresql+psycopg://")
    assert environment["DISPATCH_REDIS_URL"].startswith("redis://valkey")


def test_the_database_counts_as_ready_once_it_takes_connections_from_outside() -> None:
    test = COMPOSE["services"]["postgres"]["healthcheck"]["test"]
    assert test[test.index("-h") + 1] == "127.0.0.1"


def test_every_folder_that_a_container_writes_to_belongs_to_its_user() -> None:
    told = dict(re.findall(r"(DISPATCH_\w+_DIR)=(\S+)", DOCKERFILE))
    assert set(told) == {"DISPATCH_STATE_DIR", "DISPATCH_CACHE_DIR", "DISPATCH_RECORDINGS_DIR"}
    made = re.search(r"mkdir -p (.*?) &&", DOCKERFILE)
    owned = re.search(r"chown -R dispatch (.*)", DOCKERFILE)
    assert made is not None
    assert owned is not None
    filled = {f'"${name}"': folder for name, folder in told.items()}
    assert {filled[one] for one in made.group(1).split()} == set(told.values())
    owners = [filled.get(one, one) for one in owned.group(1).split()]
    assert all(any(Path(folder).is_relative_to(owner) for owner in owners) for folder in told.values())
    assert DOCKERFILE.index("chown") < DOCKERFILE.index("USER dispatch")


def test_what_containers_write_lies_in_named_volumes() -> None:
    """A folder of the host that is not there is made by the container engine, and belongs to root."""
    ours = [service for service in COMPOSE["services"].values() if service.get("build")]
    mounted = dict(volume.split(":") for service in ours for volume in service["volumes"])
    assert set(mounted) <= set(COMPOSE["volumes"])
    assert all(f"={folder}" in DOCKERFILE for folder in mounted.values())
