"""`interpreter-dispatch policy`: check, show, preview."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workers.cli import app

SAMPLE = Path(__file__).parents[2] / "workers" / "sample"
RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation of its own, with the sample roster."""
    monkeypatch.setenv("DISPATCH_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("DISPATCH_POLICY_FILE", raising=False)
    done = RUNNER.invoke(app, ["roster", "import", str(SAMPLE / "interpreters.csv")])
    assert done.exit_code == 0, done.output


def test_a_good_file_is_called_by_its_version() -> None:
    done = RUNNER.invoke(app, ["policy", "check", str(SAMPLE / "policy.toml")])
    assert done.exit_code == 0
    assert "version 'defaults' can be used" in done.output


def test_a_bad_file_names_each_problem_and_its_field(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('version = "x"\n[ring]\nofer_seconds = 1\n[urgency.urgent]\nchance = 2.0\n')
    done = RUNNER.invoke(app, ["policy", "check", str(bad)])
    assert done.exit_code == 1
    assert "bad.toml: ring.ofer_seconds: there is no such field; did you mean offer_seconds?" in done.stderr
    assert "bad.toml: urgency.urgent.chance: 2.0 will not do" in done.stderr


def test_what_is_shown_can_be_used_as_a_file(tmp_path: Path) -> None:
    shown = RUNNER.invoke(app, ["policy", "show"])
    assert shown.exit_code == 0
    copy = tmp_path / "copy.toml"
    copy.write_text(shown.output)
    assert RUNNER.invoke(app, ["policy", "check", str(copy)]).exit_code == 0


def test_a_preview_orders_the_candidates_with_scores_and_words() -> None:
    done = RUNNER.invoke(app, ["policy", "preview", str(SAMPLE / "policy.toml"), "--language", "Spanish", "--json"])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.output.splitlines()]
    assert [(line["place"], line["code"]) for line in lines] == [(1, "101"), (2, "104"), (None, "113")]
    assert lines[0]["score"] > lines[1]["score"]
    assert "tier 1, proficiency 5 of 5" in lines[0]["words"]
    gate = RUNNER.invoke(app, ["policy", "preview", "--language", "spa", "--encounter", "custodial", "--json"])
    luis = [json.loads(line) for line in gate.output.splitlines()][1]
    assert (luis["place"], luis["words"]) == (None, "only tested in Spanish; custodial asks for certified")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--language", "spanich"], "'spanich' is not a language"),
        (["--urgency", "soon"], "is not one of routine"),
        (["--encounter", "custody"], "is not one of routine"),
    ],
)
def test_a_preview_that_cannot_be_says_why(asked: list[str], told: str) -> None:
    done = RUNNER.invoke(app, ["policy", "preview", *asked])
    assert done.exit_code == 1
    assert told in done.stderr
