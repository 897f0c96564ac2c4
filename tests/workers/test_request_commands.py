"""`interpreter-dispatch requests`: a dispatcher's decisions about one request."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dispatch.clock import SystemClock
from dispatch.intake import Intake
from dispatch.people import PhoneNumber
from dispatch.policy import Policy
from dispatch.settings import Settings
from dispatch.store import Store
from workers.cli import app
from workers.roster import opened

SAMPLE = Path(__file__).parents[2] / "workers" / "sample"
RUNNER = CliRunner()
OFFICER = PhoneNumber("+16175550101")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An installation with the sample roster, and an officer who has asked for Vietnamese in an interview."""
    monkeypatch.setenv("DISPATCH_STATE_DIR", str(tmp_path))
    for name in ("interpreters.csv", "officers.csv"):
        assert RUNNER.invoke(app, ["roster", "import", str(SAMPLE / name)]).exit_code == 0
    made = opened(Settings())
    intake(made).text("SM1", OFFICER, "vietnamese for an interview")
    return made


def intake(store: Store) -> Intake:
    """The one door."""
    return Intake(store, SystemClock(), Policy(), lambda ids: None)


def only(store: Store) -> str:
    """The id of the one open request."""
    with store.reading() as tx:
        (request,) = tx.open_requests()
    return request.id


def searched(store: Store) -> list[tuple[str, bool, str]]:
    """What the search says of everybody."""
    intake(store).find_interpreters(only(store), 5)
    done = RUNNER.invoke(app, ["requests", "why", only(store)])
    return [(one["name"], one["ok"], one["reason"]) for one in json.loads(done.output)["searches"][0]["candidates"]]


def test_an_exception_needs_a_reason_and_opens_the_gate(store: Store) -> None:
    assert searched(store) == [("107 Nguyen Thi Hoa", False, "not tested in Vietnamese; interview asks for tested")]
    assert RUNNER.invoke(app, ["requests", "waive", only(store), " "]).exit_code == 1
    done = RUNNER.invoke(app, ["requests", "waive", only(store), "nobody tested in the county; Sgt. Hale agreed"])
    assert done.exit_code == 0, done.output
    assert [ok for _, ok, _ in searched(store)] == [True]
    with store.reading() as tx:
        request = tx.request(only(store))
        kept = [entry.detail for entry in tx.log_of(only(store)) if entry.kind == "CredentialWaived"]
    assert request is not None
    assert request.need.exception == kept[0]["reason"] == "nobody tested in the county; Sgt. Hale agreed"


def test_another_kind_of_encounter_asks_for_another_credential(store: Store) -> None:
    assert RUNNER.invoke(app, ["requests", "encounter", only(store), "routine"]).exit_code == 0
    assert [ok for _, ok, _ in searched(store)] == [True]
    wrong = RUNNER.invoke(app, ["requests", "encounter", only(store), "party"])
    assert wrong.exit_code == 1
    assert "is not one of routine, interview" in wrong.stderr


def test_conflicts_are_kept_for_one_request_or_for_good(store: Store) -> None:
    RUNNER.invoke(app, ["requests", "encounter", only(store), "routine"])
    assert RUNNER.invoke(app, ["requests", "keep-out", only(store), "107"]).exit_code == 0
    assert searched(store)[0][2] == "kept out of this request"
    done = RUNNER.invoke(app, ["requests", "keep-apart", "107", OFFICER.e164, "complaint of 2 March"])
    assert done.exit_code == 0, done.output
    intake(store).text("SM2", OFFICER, "drop")
    intake(store).text("SM3", OFFICER, "vietnamese")
    assert searched(store)[0][2] == "kept apart from this requester: complaint of 2 March"
    RUNNER.invoke(app, ["requests", "keep-apart", "107", OFFICER.e164, ""])
    assert searched(store)[0][1]


def test_what_does_not_exist_is_said(store: Store) -> None:
    for words in (["why", "nosuch"], ["another", "nosuch"], ["keep-out", only(store), "999"]):
        done = RUNNER.invoke(app, ["requests", *words])
        assert done.exit_code == 1
        assert done.stderr.strip()


def test_what_is_decided_is_audited_and_what_cannot_be_is_said(store: Store) -> None:
    assert RUNNER.invoke(app, ["requests", "encounter", only(store), "medical"]).exit_code == 0
    done = RUNNER.invoke(app, ["requests", "another", only(store)])
    assert done.exit_code == 1  # nobody interprets yet
    assert "not possible" in done.stderr
    assert "no request 'nosuch'" in RUNNER.invoke(app, ["requests", "encounter", "nosuch", "medical"]).stderr
    with store.reading() as tx:
        told = [(one.account, one.action, one.subject) for one in tx.audit_entries()]
    assert told[-1] == ("command line", "EncounterSet", f"request {only(store)}")
