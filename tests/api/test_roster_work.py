"""Test calls, texts, notes and files of the roster by the API; callers' messages, ratings and settings."""

import io

from openpyxl import load_workbook
from starlette.testclient import TestClient

from dispatch.escalation import MESSAGE_LEFT
from dispatch.gist import Gist
from dispatch.integrations import Scope
from dispatch.phone_check import KeyPressed, PickedUp
from dispatch.spreadsheets import from_csv
from dispatch.store.quality import RATING
from dispatch.voicemail import Voicemail
from tests.api.conftest import Api, ask


def audited(served: Api) -> list[str]:
    """What the audit log says, in order."""
    with served.store.reading() as tx:
        return [one.action for one in tx.audit_entries()]


def test_a_test_call_rings_once_and_its_course_is_told(cad: TestClient, served: Api) -> None:
    assert cad.get("/roster/101/test-call").status_code == 404
    begun = cad.post("/roster/101/test-call", json={})
    assert (begun.status_code, begun.json()["state"], begun.json()["over"]) == (201, "queued", False)
    assert len(served.handed) == 1
    twice = cad.post("/roster/101/test-call", json={})
    assert (twice.status_code, twice.json()["title"]) == (409, "Not possible now")
    with served.store.reading() as tx:
        check = tx.phone_check_of("i101")
    assert check is not None
    for event in (PickedUp(), KeyPressed("1")):
        served.intake.report_check(check.id, event)
    told = cad.get("/roster/101/test-call").json()
    assert (told["state"], told["works"], told["over"], told["by"]) == ("key pressed", True, True, "integration cad")
    assert [one["state"] for one in told["steps"]] == ["answered", "key pressed"]
    assert cad.post("/roster/999/test-call", json={}).status_code == 404


def test_who_does_not_want_to_be_disturbed_is_rung_only_when_that_is_confirmed(cad: TestClient, served: Api) -> None:
    cad.put("/roster/102/availability", json={"availability": "off"})
    refused = cad.post("/roster/102/test-call", json={})
    assert (refused.status_code, refused.json()["title"]) == (409, "Has to be confirmed")
    assert cad.post("/roster/102/test-call", json={"confirmed": True}).status_code == 201
    assert cad.get("/roster/102/test-call").json()["over"] is False


def test_a_test_text_with_a_key_is_sent_once(cad: TestClient, served: Api) -> None:
    sent = [cad.post("/roster/101/test-text", headers={"Idempotency-Key": "hello"}) for _ in range(2)]
    assert [one.status_code for one in sent] == [201, 201]
    assert sent[1].headers["idempotent-replayed"] == "true"
    assert audited(served) == ["test text sent"]
    assert len(served.handed) == 1


def test_notes_are_kept_once_and_who_was_held_back_is_asked_again(cad: TestClient, served: Api) -> None:
    for _ in range(2):
        told = cad.post("/roster/101/notes", json={"words": "Mornings only"}, headers={"Idempotency-Key": "n"}).json()
    assert [(one["by"], one["words"]) for one in told["notes"]] == [("integration cad", "Mornings only")]
    with served.store.transaction() as tx:
        tx.hold_back("i101", "custodial", "not certified", "dana", served.clock.now())
    assert cad.get("/roster/101/quality").json()["held_back"] == [{"encounter": "custodial", "reason": "not certified"}]
    custodial = {"encounter": "custodial"}
    assert cad.post("/roster/101/ask-again", json=custodial).json()["held_back"] == []
    assert cad.post("/roster/101/ask-again", json=custodial).status_code == 409
    assert audited(served) == ["interpreter note written", "interpreter asked again"]


def test_the_roster_is_written_as_files_for_who_may_see_numbers_and_on_record(cad: TestClient, served: Api) -> None:
    text = cad.get("/roster.csv").text
    assert text.startswith("code,name,phone")
    assert "+1617555" in text
    book = load_workbook(io.BytesIO(cad.get("/roster.xlsx").content))
    assert book.active is not None
    assert book.active.cell(2, 1).value == "101"
    assert audited(served) == ["roster exported", "roster exported"]
    for scopes in ({Scope.ROSTER}, {Scope.REVEAL}):
        other = served.caller(served.token("-".join(scopes), frozenset(scopes))[0])
        assert other.get("/roster.csv").status_code == 403
        assert other.get("/roster.xlsx").status_code == 403


def test_a_callers_message_is_read_and_gone_when_handled(cad: TestClient, served: Api) -> None:
    request_id = ask(cad).json()["id"]
    with served.store.transaction() as tx:
        tx.raise_alert(request_id, MESSAGE_LEFT, served.clock.now())
    written = Gist("lo que dijo", "Please call me.", "spa", 0.42)
    served.intake.keep_voicemail(Voicemail("RE1", request_id, served.clock.now(), 4.0, written), 7)
    where = f"/requests/{request_id}/messages"
    (told,) = cad.get(where).json()["messages"]
    assert (told["english"], told["language"]["code"], told["unsure"]) == ("Please call me.", "spa", True)
    reader = served.caller(served.token("reader", frozenset({Scope.READ}))[0])
    assert reader.get(where).status_code == 403
    for _ in range(2):
        assert cad.post(f"{where}/RE1/handled").json()["messages"] == []
    assert audited(served).count("message handled") == 1
    with served.store.reading() as tx:
        assert all(one.reason != MESSAGE_LEFT for one in tx.open_alerts())
    assert cad.get("/requests/nobody/messages").status_code == 404


def test_ratings_are_told_by_language_with_small_counts_together(cad: TestClient, served: Api) -> None:
    request_id = ask(cad).json()["id"]
    with served.store.transaction() as tx:
        for number in range(14):
            language = "spa" if number < 12 else "mam"
            tx.ask_rating(f"r{number}", request_id, RATING, f"p{number}", language, f"e{number}", served.clock.now())
            tx.give_rating(f"r{number}", 5, "", served.clock.now())
    now = served.clock.now()
    assert "is not over" in cad.get("/ratings", params={"month": f"{now:%Y-%m}"}).json()["detail"]
    assert cad.get("/ratings").json()["answered"] == 0
    served.clock.passes(days=31)
    told = cad.get("/ratings").json()
    assert told["month"] == f"{now:%Y-%m}"
    assert (told["asked"], told["answered"]) == (14, 14)
    (row,) = told["languages"]
    assert {one["code"] for one in row["languages"]} == {"spa", "mam"}
    assert (row["answers"], row["average"]) == (14, 5.0)


def test_settings_are_read_and_the_desks_number_is_not_told(cad: TestClient, served: Api) -> None:
    told = cad.get("/settings").json()
    assert told["agency"] == served.settings.agency
    assert told["number"] == served.settings.hotline_number.e164
    assert told["languages"][0]["code"] == served.settings.languages[0]
    assert isinstance(told["duty_desk"], bool)


def test_a_spreadsheet_is_looked_at_and_taken_like_a_file(cad: TestClient) -> None:
    content = from_csv("code,name,phone,languages\n208,Bo Lind,+16175550128,swe:5\n209,Who,12,swe\n", "Interpreters")
    kind = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    looked = cad.post("/roster/import.xlsx", content=content, headers=kind).json()
    assert [(one["row"], one["fate"]) for one in looked["rows"]] == [(2, "new"), (3, "problem")]
    assert cad.post(f"/roster/import/{looked['draft']}").json() == {"written": 1, "left_out": 1}
    assert cad.get("/roster/208").json()["name"] == "Bo Lind"
    assert cad.post("/roster/import.xlsx", content=b"PK no spreadsheet", headers=kind).status_code == 422
    assert cad.post("/roster/import.xlsx", json={}).status_code == 415
