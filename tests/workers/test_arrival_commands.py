"""`interpreter-dispatch arrivals`: entered, listed, planned."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dispatch.store import Store
from tests.conftest import KEY
from tests.dispatch.people import interpreter
from workers.cli import app


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line over a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISPATCH_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("DISPATCH_SECRET_KEY", KEY)
    store = Store(f"sqlite:///{tmp_path / 'dispatch.sqlite3'}", KEY)
    store.migrate()
    with store.transaction() as tx:
        tx.put_interpreter(interpreter(101, "mam"))
    store.close()
    return CliRunner()


def test_an_arrival_is_entered_listed_and_planned(run: CliRunner) -> None:
    at = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d} 12:00"
    asked = ["arrivals", "add", "bus", "--at", at, "--people", "40", "--languages", "Mam 30, Spanish", "--hours", "12"]
    made = run.invoke(app, asked)
    assert made.exit_code == 0, made.output
    (listed,) = [json.loads(line) for line in run.invoke(app, ["arrivals", "list", "--json"]).output.splitlines()]
    assert (listed["people"], listed["languages"]) == (40, "Mam 30, Spanish 10")
    plan = run.invoke(app, ["arrivals", "plan", listed["id"]])
    assert "101  speaks Mam; own staff: " in plan.output
    told = [
        json.loads(line) for line in run.invoke(app, ["arrivals", "plan", listed["id"], "--json"]).output.splitlines()
    ]
    assert sum(one["contacts"] for one in told) == pytest.approx(20, abs=0.1)
    assert {hour["miss"] for one in told if one["language"] == "spa" for hour in one["hours"]} == {1.0}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (["--at", "soon"], "write --at like"),
        (["--at", "2026-12-01T14:00Z"], "its zone with --zone"),
        (["--hours", "1e12"], "write --at like"),
        (["--area", "x" * 121], "120 characters at most"),
        (["--languages", "Klingonish"], "not a language"),
        (["--people", "0"], "How many people"),
    ],
)
def test_what_cannot_be_is_told_on_standard_error(run: CliRunner, changed: list[str], said: str) -> None:
    at = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d} 12:00"
    found = run.invoke(app, ["arrivals", "add", "bus", "--at", at, "--people", "4", "--languages", "Mam", *changed])
    assert found.exit_code == 1
    assert said in found.stderr
    assert run.invoke(app, ["arrivals", "plan", "none"]).exit_code == 1
