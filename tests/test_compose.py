"""docker-compose.yml parses and runs exactly the processes the supervisor runs."""

from pathlib import Path

import yaml
from typer.main import get_command

from workers.cli import app

COMPOSE = yaml.safe_load((Path(__file__).parent.parent / "docker-compose.yml").read_text())


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
