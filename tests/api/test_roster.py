"""Roster, shifts and appointments by the API."""

from starlette.testclient import TestClient

from tests.api.conftest import Api, known

AMINA = {
    "code": "207",
    "name": "Amina Warsame",
    "number": "+16175550127",
    "languages": [{"language": "Somali", "proficiency": 5, "certificate": "tested", "expires": "2027-06-30"}],
    "tier": 2,
    "terms": {"timezone": "America/New_York", "quiet": "22:00-07:00"},
}


def test_somebody_is_added_found_changed_and_retired(cad: TestClient) -> None:
    made = cad.post("/roster", json=AMINA)
    told = made.json()
    assert made.status_code == 201
    assert (told["number"], told["status"]) == ("+1…27", "on")
    assert told["languages"][0]["certificate"] == "tested"
    assert (told["terms"]["timezone"], told["terms"]["quiet"]) == ("America/New_York", "22:00-07:00")
    assert cad.post("/roster", json=AMINA).json()["errors"][0]["field"] == "code"
    assert cad.post("/roster", json=AMINA | {"code": "208"}).status_code == 409
    assert cad.get("/roster", params={"language": "som"}).json()["total"] == 1
    assert [one["code"] for one in cad.get("/roster", params={"find": "amina"}).json()["interpreters"]] == ["207"]
    changed = cad.patch("/roster/207", json={"version": told["version"], "tier": 3})
    assert (changed.json()["tier"], changed.json()["name"]) == (3, "Amina Warsame")
    stale = cad.patch("/roster/207", json={"version": told["version"], "tier": 4})
    assert (stale.status_code, stale.json()["title"]) == (409, "Changed meanwhile")
    assert cad.get("/roster/207", params={"reveal": "true"}).json()["number"] == "+16175550127"
    assert cad.post("/roster/207/retire").json()["status"] == "left"
    assert cad.get("/roster", params={"status": "left"}).json()["interpreters"][0]["code"] == "207"
    assert cad.post("/roster/207/bring-back").json()["status"] == "on"
    assert cad.get("/roster/999").status_code == 404


def test_the_list_goes_on_by_cursor(cad: TestClient) -> None:
    first = cad.get("/roster", params={"limit": 2}).json()
    second = cad.get("/roster", params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["code"] for page in (first, second) for one in page["interpreters"]] == ["101", "102", "103"]
    assert second["next"] is None


def test_signing_on_and_off(cad: TestClient, served: Api) -> None:
    assert cad.put("/roster/101/availability", json={"availability": "off"}).json()["status"] == "off"
    busy = {"availability": "busy", "busy_until": "2026-03-04T09:00:00-05:00"}
    assert cad.put("/roster/101/availability", json=busy).json()["busy_until"] == "2026-03-04T14:00:00.000Z"
    assert cad.put("/roster/101/availability", json=busy | {"availability": "on"}).status_code == 422
    assert cad.put("/roster/101/availability", json={"availability": "on"}).json()["status"] == "on"
    with served.store.reading() as tx:
        lines = [one.detail for one in tx.audit_entries() if one.action == "availability changed"]
    assert lines == ["off", "busy", "on"]


def test_a_file_is_looked_at_then_imported(cad: TestClient) -> None:
    rows = "code,name,phone,languages\n101,Rosa,,spa:5\n900,محمد علي,+16175550900,Arabic:5\n901,Bad,12,spa\n"
    looked = cad.post("/roster/import", json={"csv": rows}).json()
    assert [one["fate"] for one in looked["rows"]] == ["problem", "new", "problem"]
    assert cad.post(f"/roster/import/{looked['draft']}").json() == {"written": 1, "left_out": 2}
    assert cad.post(f"/roster/import/{looked['draft']}").status_code == 404
    assert cad.get("/roster/900").json()["name"] == "محمد علي"


def test_shifts_and_time_off(cad: TestClient) -> None:
    week = {"week": "mon-fri 09:00-17:00", "zone": "America/New_York"}
    told = cad.put("/roster/101/calendar/shifts", json=week).json()
    assert told["on_call"] is False  # noon in UTC is seven in New York
    assert told["next"] == "2026-03-04T14:00:00.000Z"
    assert told["shifts"][0]["rule"] == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    off = {"starts": "2026-03-04T00:00:00-05:00", "ends": "2026-03-05T00:00:00-05:00", "zone": "America/New_York"}
    key = {"Idempotency-Key": "a"}
    added = [cad.post("/roster/101/calendar/time-off", json=off, headers=key) for _ in range(2)]
    assert [len(one.json()["time_off"]) for one in added] == [1, 1]
    assert added[0].json()["next"] == "2026-03-05T14:00:00.000Z"
    entry = added[0].json()["time_off"][0]["id"]
    assert cad.delete(f"/roster/101/calendar/time-off/{entry}").json()["time_off"] == []
    assert cad.delete(f"/roster/101/calendar/time-off/{entry}").status_code == 404
    assert cad.delete("/roster/101/calendar/shifts").json()["on_call"] is True
    wrong = cad.put("/roster/101/calendar/shifts", json={"week": "mon 09:00-09:00"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "ends")


def test_appointments_are_booked_once_listed_and_called_off(anywhere: Api) -> None:
    cad = known(anywhere)
    wish = {"requester": "+16175550142", "language": "Mam", "starts": "2026-03-06T10:00:00-05:00", "interpreter": "103"}
    key = {"Idempotency-Key": "court-7"}
    first, again = (cad.post("/appointments", json=wish, headers=key).json() for _ in range(2))
    assert first["code"] == again["code"]
    assert (first["interpreter"], first["starts"]) == ("103", "2026-03-06T15:00:00.000Z")
    assert [one["code"] for one in cad.get("/appointments").json()["appointments"]] == [first["code"]]
    taken = cad.post("/appointments", json=wish)
    assert (taken.status_code, "another appointment" in taken.json()["detail"]) == (422, True)
    assert cad.post(f"/appointments/{first['code']}/cancel").json()["state"] == "cancelled"
    assert cad.post("/appointments/XXXX/cancel").status_code == 404
    with anywhere.store.reading() as tx:
        actions = [one.action for one in tx.audit_entries() if one.account == "integration cad"]
    assert actions == ["appointment booked", "appointment called off"]


def test_an_impossible_person_is_refused_by_field(cad: TestClient) -> None:
    wrong = ({"number": "1"}, "number"), ({"number": "123"}, "phone"), ({"terms": {"timezone": "Mars"}}, "timezone")
    for change, field in wrong:
        answer = cad.post("/roster", json={**AMINA, **change})
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == [field]
