"""A session that goes on, varieties, arrivals and quality tasks by the API."""

from typing import Any

from starlette.testclient import TestClient

from dispatch import events
from dispatch.api.action_shapes import Action
from dispatch.integrations import Scope
from tests.api.conftest import Api, ask, known


def talking(api: Api, cad: TestClient) -> tuple[str, dict[str, str]]:
    """A request whose two sides talk; the ids of their phones by role."""
    asked = ask(cad).json()["id"]
    api.intake.find_interpreters(asked, 1)
    leg = cad.get(f"/requests/{asked}").json()["legs"][0]["id"]
    for event in (events.CallPlaced(leg, "CA1"), events.LegAnswered(leg), events.OfferAnswered(leg, True)):
        api.intake.report(asked, event)
    mine = next(one["id"] for one in cad.get(f"/requests/{asked}").json()["legs"] if one["role"] == "requester")
    joined = (events.CallPlaced(mine, "CA2"), events.LegAnswered(mine), events.LegJoined(leg), events.LegJoined(mine))
    for event in joined:
        api.intake.report(asked, event)
    return asked, {"interpreter": leg, "requester": mine}


def act(cad: TestClient, request_id: str, action: str, **more: object) -> Any:
    """Do something about the request as it is."""
    version = cad.get(f"/requests/{request_id}").json()["version"]
    return cad.post(f"/requests/{request_id}/actions", json={"action": action, "version": version, **more})


def test_phones_are_muted_held_and_taken_out(anywhere: Api) -> None:
    cad = known(anywhere)
    asked, legs = talking(anywhere, cad)
    mine = legs["requester"]
    for number, (action, name, on) in enumerate(
        (a, n, on) for a, n in (("mute", "muted"), ("hold", "held")) for on in (1, 0)
    ):
        anywhere.handed.clear()
        assert act(cad, asked, action, leg=mine, on=bool(on)).status_code == 200
        assert anywhere.handed  # the carrier is told; what it then says is what is shown
        said = {"muted": False, "held": False} | {name: bool(on)}
        anywhere.intake.report(asked, events.ParticipantChanged(mine, sequence=number + 1, **said))
        told = next(one for one in cad.get(f"/requests/{asked}").json()["legs"] if one["id"] == mine)
        assert (told["muted"], told["held"]) == (said["muted"], said["held"])
    anywhere.handed.clear()
    assert act(cad, asked, "remove_leg", leg=legs["interpreter"]).status_code == 200
    assert anywhere.handed  # the phone is hung up
    assert act(cad, asked, "mute", leg="nobody").status_code == 409


def test_another_and_a_full_interpreter_are_asked_for(cad: TestClient, served: Api) -> None:
    asked, legs = talking(served, cad)
    wrong = act(cad, asked, "another_interpreter", why="language", leg=legs["interpreter"], language="Mam")
    assert (wrong.status_code, wrong.json()["language"]["code"]) == (200, "mam")
    act(cad, asked, "cancel")
    again = ask(cad).json()["id"]
    assert act(cad, again, "full_interpreter").status_code == 200
    told = cad.get(f"/requests/{again}/timeline").json()["moments"]
    assert "full interpreter" in " ".join(one["what"] for one in told)


def test_the_desk_notices_that_the_vendors_interpreter_speaks(cad: TestClient, served: Api) -> None:
    asked, _ = talking(served, cad)
    assert act(cad, asked, "interpreter_speaks").status_code == 409  # no vendor is on the line
    sent = Action.model_validate({"action": "interpreter_speaks", "version": "3-118"}).root
    with served.store.reading() as tx:
        request = tx.request(asked)
        assert request is not None
        assert sent.event(tx, request, "integration cad") == events.InterpreterSpeaks("desk")


def test_a_vendor_line_that_the_policy_does_not_name_is_not_dialled(cad: TestClient) -> None:
    refused = act(cad, ask(cad).json()["id"], "dial_vendor", vendor="Nobody's line")
    assert (refused.status_code, refused.json()["title"]) == (409, "Not possible now")


def test_varieties_are_set_and_refused_by_name(cad: TestClient) -> None:
    asked = ask(cad, languages=["Mam"]).json()
    assert asked["variety"] is None
    done = act(cad, asked["id"], "set_variety", variety="todos santos")
    assert done.json()["variety"] == {"code": "mam-todossantos", "name": "Todos Santos"}
    refused = act(cad, asked["id"], "set_variety", variety="Martian")
    assert (refused.status_code, "Known are" in refused.json()["detail"]) == (422, True)
    assert act(cad, asked["id"], "set_variety", variety="").json()["variety"] is None
    assert act(cad, asked["id"], "also_speaks", language="Spanish").status_code == 200
    kept = cad.get(f"/requests/{asked['id']}/timeline").json()["moments"]
    assert ("They also speak Spanish", "integration cad") in [(one["what"], one["why"]) for one in kept]


def test_what_is_decided_names_the_integration(cad: TestClient) -> None:
    asked = ask(cad).json()["id"]
    for action, more in (("keep_out", {"interpreter": "101"}), ("set_encounter", {"encounter": "custodial"})):
        assert act(cad, asked, action, **more).status_code == 200
    whys = [one["why"] for one in cad.get(f"/requests/{asked}/timeline").json()["moments"][-2:]]
    assert all("integration cad" in why for why in whys), whys


def test_skills_have_varieties_and_the_roster_is_found_by_certification(cad: TestClient) -> None:
    skill = {"language": "Mam", "proficiency": 5, "certificate": "tested", "varieties": ["todos santos"]}
    juana = {"code": "210", "name": "Juana Ortiz", "number": "+16175550129", "languages": [skill]}
    made = cad.post("/roster", json=juana)
    assert made.status_code == 201, made.text
    assert made.json()["languages"][0]["varieties"] == [{"code": "mam-todossantos", "name": "Todos Santos"}]
    found = {
        proof: [one["code"] for one in cad.get("/roster", params={"certification": proof}).json()["interpreters"]]
        for proof in ("tested", "none", "expired")
    }
    assert found == {"tested": ["210"], "none": ["101", "102", "103"], "expired": []}
    wrong = cad.post("/roster", json=juana | {"code": "211", "languages": [skill | {"varieties": ["Martian"]}]})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "languages.0")


def test_an_arrival_is_entered_once_listed_and_read_with_its_plan(anywhere: Api) -> None:
    cad = known(anywhere)
    bus = {
        "name": "Bus from the south",
        "starts": "2026-03-06T12:00:00-05:00",
        "people": 40,
        "languages": [{"language": "Spanish", "people": 30}, {"language": "Somali", "people": 10}],
    }
    first, again = (cad.post("/arrivals", json=bus, headers={"Idempotency-Key": "bus"}) for _ in range(2))
    assert first.status_code == 201, first.text
    assert first.json()["id"] == again.json()["id"]
    told = cad.get(f"/arrivals/{first.json()['id']}").json()
    assert [one["name"] for one in cad.get("/arrivals").json()["arrivals"]] == ["Bus from the south"]
    assert told["starts"] == "2026-03-06T17:00:00.000Z"
    by_code = {one["language"]["code"]: one for one in told["plan"]}
    assert by_code["som"]["missed"] == by_code["som"]["contacts"] > 0  # nobody speaks it
    assert by_code["spa"]["missed"] < by_code["spa"]["contacts"]
    assert told["invitations"] == {"invited": 0, "yes": 0, "no": 0, "silent": 0}
    late = cad.post("/arrivals", json=bus | {"starts": "2026-01-01T12:00:00Z"})
    assert (late.status_code, "time to come" in late.json()["detail"]) == (422, True)
    reader = anywhere.caller(anywhere.token("reader", frozenset({Scope.REPORTS}))[0])
    assert reader.post("/arrivals", json=bus).status_code == 403


def test_a_complaint_becomes_one_task_and_danger_an_alert(anywhere: Api) -> None:
    cad = known(anywhere)
    asked, _ = talking(anywhere, cad)
    where, key = f"/requests/{asked}/complaints", {"Idempotency-Key": "complaint-1"}
    body = {"words": "The interpreter left early"}
    first, again = (cad.post(where, json=body, headers=key) for _ in range(2))
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    (task,) = cad.get("/tasks").json()["tasks"]
    assert (task["what"], task["source"], task["interpreter"]["code"]) == (
        "Reported by another system",
        "integration",
        "101",
    )
    assert "words" not in task
    assert cad.get(f"/tasks/{task['id']}").json()["words"] == "The interpreter left early"
    assert cad.get("/tasks/nobody").status_code == 404
    assert cad.get("/alerts").json()["alerts"] == []
    assert cad.post(where, json={"words": "He has a gun"}).status_code == 201
    assert "danger" in cad.get("/alerts").json()["alerts"][0]["reason"]
