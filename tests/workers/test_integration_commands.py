"""`interpreter-dispatch integration ...`, from outside."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from workers.cli import app


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """On an installation of its own."""
    monkeypatch.setenv("DISPATCH_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def test_a_token_is_printed_once_listed_without_it_and_revoked(run: CliRunner) -> None:
    made = run.invoke(app, ["integration", "add", "cad", "--scope", "read", "--scope", "request", "--days", "30"])
    assert made.exit_code == 0, made.output
    token = made.stdout.strip()
    assert token.startswith("ida_")
    listed = run.invoke(app, ["integration", "list"]).stdout
    assert "cad" in listed
    assert token not in listed
    assert run.invoke(app, ["integration", "revoke", "cad"]).exit_code == 0
    assert "revoked" in run.invoke(app, ["integration", "list"]).stdout


def test_what_cannot_be_is_refused_in_words(run: CliRunner) -> None:
    assert run.invoke(app, ["integration", "add", "cad", "--scope", "everything"]).exit_code != 0
    assert run.invoke(app, ["integration", "add", "cad", "--scope", "read"]).exit_code == 0
    again = run.invoke(app, ["integration", "add", "cad", "--scope", "read"])
    assert again.exit_code == 1
    assert "There is an integration 'cad' already" in again.stderr
    assert "There is no integration 'x'" in run.invoke(app, ["integration", "revoke", "x"]).stderr
