"""What a desk does about quality tasks and arrivals, by the API, in the integration's name."""

from dataclasses import replace

import httpx
import pytest
from starlette.testclient import TestClient

from dispatch import quality_tasks
from dispatch.conversation import new_request
from dispatch.integrations import Scope
from dispatch.quality_tasks import Source
from dispatch.request import Channel, RequestState
from dispatch.store.quality import RATING
from tests.api.conftest import Api
from tests.dispatch.people import officer

TASK = "/tasks/0123456789ab"


@pytest.fixture
def task(served: Api, cad: TestClient) -> str:
    """A complaint about 101, by the officer; where its deeds are."""
    with served.store.transaction() as tx:
        one = tx.interpreter_by_code("101").id
        asked = officer().id
        made = quality_tasks.make(
            Source.COMPLAINT, TASK[7:], "a", served.clock.now(), requester_id=asked, interpreter_id=one
        )
        tx.add_task(made)
    return TASK


def audited(served: Api) -> list[str]:
    """What the audit log says that the integration did, in order."""
    with served.store.reading() as tx:
        return [one.action for one in tx.audit_entries() if one.account == "integration cad"]


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Its status and title."""
    return answer.status_code, answer.json()["title"]


def test_a_task_is_taken_noted_and_closed_once(cad: TestClient, served: Api, task: str) -> None:
    mine = {"to": "integration cad", "seen": ""}
    assert cad.post(f"{task}/assign", json=mine).json()["assignee"] == "integration cad"
    assert problem(cad.post(f"{task}/assign", json=mine)) == (409, "Changed meanwhile")
    stranger = {"to": "eve", "seen": "integration cad"}
    assert problem(cad.post(f"{task}/assign", json=stranger)) == (409, "Not possible now")
    for _ in range(2):
        told = cad.post(f"{task}/notes", json={"words": "Left a message"}, headers={"Idempotency-Key": "message"})
    noted = told.json()["notes"]
    assert [(one["by"], one["words"]) for one in noted] == [("integration cad", "Left a message")]
    closed = cad.post(f"{task}/close", json={"outcome": "solved", "words": "Spoke with her"}).json()
    assert (closed["outcome"], closed["closed_by"], len(closed["notes"])) == ("solved", "integration cad", 2)
    assert problem(cad.post(f"{task}/close", json={"outcome": "solved"})) == (409, "Not possible now")
    assert cad.post(f"{task}/close", json={"outcome": "forgotten"}).status_code == 422
    assert cad.post("/tasks/nobody/notes", json={"words": "a"}).status_code == 404
    assert audited(served) == ["task assigned", "task note written", "task closed"]
    reader = served.caller(served.token("reader", frozenset({Scope.READ, Scope.ROSTER}))[0])
    assert reader.post(f"{task}/notes", json={"words": "a"}).status_code == 403


def test_the_task_of_a_rating_tells_what_was_written_beside_it(cad: TestClient, served: Api) -> None:
    made = new_request(officer(), Channel.TEXT, served.clock.now())
    with served.store.transaction() as tx:
        tx.create_request(replace(made, state=RequestState.COMPLETED))
        tx.ask_rating("r1", made.id, RATING, officer().id, "eng", "", served.clock.now())
        tx.give_rating("r1", 1, "she was in a hurry", served.clock.now())
        tx.add_task(quality_tasks.make(Source.LOW_RATING, "t1", "b", served.clock.now(), request_id=made.id))
    assert cad.get("/tasks/t1").json()["words"] == "she was in a hurry"


def test_a_pair_is_kept_apart_and_an_interpreter_held_back_until_asked_again(
    cad: TestClient, served: Api, task: str
) -> None:
    before = cad.get(task).json()
    assert (before["kept_apart"], before["held_back"]) == (False, [])
    assert [cad.post(f"{task}/keep-apart").json()["kept_apart"] for _ in range(2)] == [True, True]
    custodial = {"encounter": "custodial"}
    (held,) = cad.post(f"{task}/hold-back", json=custodial).json()["held_back"]
    assert held == {"encounter": "custodial", "reason": "complaint, decided by integration cad"}
    with served.store.reading() as tx:
        assert list(tx.apart_from(officer().id)) == [tx.interpreter_by_code("101").id]
    assert cad.post(f"{task}/ask-again", json=custodial).json()["held_back"] == []
    assert problem(cad.post(f"{task}/ask-again", json=custodial)) == (409, "Not possible now")
    assert audited(served)[2:] == ["interpreter held back", "interpreter asked again"]


BUS = {
    "name": "Bus from the south",
    "starts": "2026-03-06T12:00:00-05:00",
    "people": 40,
    "languages": [{"language": "Mam", "people": 20}, {"language": "Spanish", "people": 20}],
    "liaison": "Dana Walsh",
    "liaison_phone": "+16175550142",
}


@pytest.fixture
def bus(cad: TestClient) -> str:
    """The address of an arrival."""
    return f"/arrivals/{cad.post('/arrivals', json=BUS).json()['id']}"


def test_an_arrival_is_changed_by_version_and_called_off(cad: TestClient, served: Api, bus: str) -> None:
    before = cad.get(bus).json()
    after = cad.patch(bus, json={"version": before["version"], "people": 60, "starts": "2026-03-07T12:00:00Z"}).json()
    assert (after["people"], after["name"], after["ends"]) == (60, BUS["name"], "2026-03-08T12:00:00.000Z")
    stale = cad.patch(bus, json={"version": before["version"], "people": 70})
    assert problem(stale) == (409, "Changed meanwhile")
    assert cad.patch(bus, json={"version": after["version"], "people": 10}).status_code == 422  # fewer than speak Mam
    assert [cad.post(f"{bus}/call-off").json()["state"] for _ in range(2)] == ["called_off", "called_off"]
    late = cad.patch(bus, json={"version": after["version"] + 1, "people": 70})
    assert problem(late) == (409, "Not possible now")
    assert "/expect" in late.json()["detail"]
    assert cad.get(bus).json()["state"] == "called_off"
    assert problem(cad.post(f"{bus}/invitations", json={"interpreters": [{"code": "101"}]}))[0] == 409
    assert cad.post("/arrivals/0123456789ab/call-off").status_code == 404
    assert [cad.post(f"{bus}/expect").json()["state"] for _ in range(2)] == ["expected", "expected"]
    assert cad.post("/arrivals/0123456789ab/expect").status_code == 404
    told = ["arrival entered", "arrival changed", "arrival called off", "arrival expected after all"]
    assert audited(served) == told


def test_interpreters_are_suggested_invited_for_hours_and_taken_back(cad: TestClient, served: Api, bus: str) -> None:
    suggested = {one["interpreter"]["code"]: one for one in cad.get(f"{bus}/suggestions").json()["suggestions"]}
    assert set(suggested) == {"101", "102", "103"}
    mam = suggested["103"]
    assert mam["interpreter"]["name"] == "Interpreter 103"
    assert "Mam" in mam["why"]
    assert mam["hours"]
    night = {"starts": "2026-03-06T20:00:00-05:00", "ends": "2026-03-06T23:00:00-05:00"}
    chosen = {"interpreters": [{"code": "103"}, {"code": "101", "hours": [night]}]}
    for _ in range(2):
        told = cad.post(f"{bus}/invitations", json=chosen).json()["invitations"]
    by_code = {one["interpreter"]["code"]: one for one in told}
    assert by_code["103"]["hours"] == mam["hours"]
    assert by_code["101"]["hours"] == [{"starts": "2026-03-07T01:00:00.000Z", "ends": "2026-03-07T04:00:00.000Z"}]
    assert {one["state"] for one in told} == {"asked"}
    assert len(served.handed) == len(told) == 2  # one text for each
    assert {one["interpreter"]["code"] for one in cad.get(f"{bus}/suggestions").json()["suggestions"]} == {"102"}
    back = cad.post(f"{bus}/invitations/{by_code['101']['id']}/withdraw").json()["invitations"]
    assert {one["interpreter"]["code"]: one["state"] for one in back} == {"101": "withdrawn", "103": "asked"}
    assert cad.get(bus).json()["invitations"] == {"invited": 1, "yes": 0, "no": 0, "silent": 1}
    assert cad.post(f"{bus}/invitations/0123456789ab/withdraw").status_code == 404
    assert audited(served)[1:] == ["interpreters invited", "invitation withdrawn"]


def test_who_cannot_be_invited_is_named_and_nobody_is(cad: TestClient, served: Api, bus: str) -> None:
    stranger = cad.post(f"{bus}/invitations", json={"interpreters": [{"code": "101"}, {"code": "999"}]})
    assert stranger.json()["errors"][0]["field"] == "interpreters.1.code"
    over = {"starts": "2026-03-01T20:00:00-05:00", "ends": "2026-03-01T23:00:00-05:00"}
    backwards = {"starts": "2026-03-06T20:00:00-05:00", "ends": "2026-03-06T19:00:00-05:00"}
    for hours in (over, backwards):
        wrong = cad.post(f"{bus}/invitations", json={"interpreters": [{"code": "101", "hours": [hours]}]})
        assert wrong.status_code == 422
    assert cad.get(f"{bus}/invitations").json() == {"invitations": []}
    reader = served.caller(served.token("reader", frozenset({Scope.REPORTS}))[0])
    assert reader.post(f"{bus}/invitations", json={"interpreters": [{"code": "101"}]}).status_code == 403
    assert "Interpreter 103" not in reader.get(f"{bus}/suggestions").text


def test_the_brief_names_the_liaisons_number_to_the_scope_reveal_alone(cad: TestClient, served: Api, bus: str) -> None:
    reader = served.caller(served.token("reader", frozenset({Scope.REPORTS}))[0])
    told = reader.get(f"{bus}/brief").json()
    assert (told["title"], told["liaison"]) == (BUS["name"], "Dana Walsh")
    assert "0142" not in told["liaison_phone"]
    spanish = next(one for one in told["phrases"] if one["language"]["code"] == "spa")
    assert spanish["phrases"][0]["means"] == "I am getting an interpreter."
    assert reader.get(f"{bus}/brief", params={"reveal": "true"}).status_code == 403
    assert audited(served) == ["arrival entered"]
    assert "555 0142" in cad.get(f"{bus}/brief", params={"reveal": "true"}).json()["liaison_phone"]
    assert audited(served) == ["arrival entered", "liaison number revealed"]


def test_the_brief_tells_the_languages_and_is_sent_as_pdf(cad: TestClient, served: Api, bus: str) -> None:
    told = cad.get(f"{bus}/brief").json()
    assert {(one["language"]["code"], one["people"]) for one in told["languages"]} == {("mam", 20), ("spa", 20)}
    assert (told["languages_more"], told["language_not_known"]) == (0, 0)
    sent = cad.get(f"{bus}/brief.pdf")
    assert (sent.status_code, sent.headers["content-type"]) == (200, "application/pdf")
    assert sent.content.startswith(b"%PDF")
    assert audited(served) == ["arrival entered"]
    cad.get(f"{bus}/brief.pdf", params={"reveal": "true"})
    assert audited(served) == ["arrival entered", "liaison number revealed"]
    reader = served.caller(served.token("reader", frozenset({Scope.REPORTS}))[0])
    assert reader.get(f"{bus}/brief.pdf", params={"reveal": "true"}).status_code == 403
    assert cad.get("/arrivals/0123456789ab/brief.pdf").status_code == 404
