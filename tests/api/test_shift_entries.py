"""Shifts one by one by the API, and the team's week."""

from starlette.testclient import TestClient

from dispatch.integrations import Scope
from tests.api.conftest import Api

HERE = "/roster/101/calendar"
NIGHT = {
    "starts": "2026-03-07T22:00:00-05:00",
    "ends": "2026-03-08T06:00:00-04:00",  # clocks go forward in it
    "zone": "America/New_York",
}


def test_a_shift_is_added_once_left_out_for_a_day_and_removed(cad: TestClient, served: Api) -> None:
    weekly = NIGHT | {"repeats": "weekly"}
    for _ in range(2):
        told = cad.post(f"{HERE}/shifts", json=weekly, headers={"Idempotency-Key": "night"})
    (shift,) = told.json()["shifts"]
    assert (shift["starts"], shift["ends"]) == ("2026-03-07T22:00:00", "2026-03-08T06:00:00")
    assert shift["rule"] == "FREQ=WEEKLY;BYDAY=SA"
    assert len(cad.post(f"{HERE}/shifts", json=NIGHT).json()["shifts"]) == 2
    left = cad.post(f"{HERE}/shifts/{shift['id']}/leave-out", json={"day": "2026-03-14"})
    assert left.status_code == 200
    with served.store.reading() as tx:
        kept = next(one for one in tx.calendar("i101").shifts if one.uid == shift["id"])
    assert [day.isoformat() for day in kept.hours.skipped] == ["2026-03-14T22:00:00"]
    removed = cad.delete(f"{HERE}/shifts/{shift['id']}").json()
    assert [one["rule"] for one in removed["shifts"]] == [""]
    assert cad.delete(f"{HERE}/shifts/{shift['id']}").status_code == 404
    assert cad.post(f"{HERE}/shifts/{shift['id']}/leave-out", json={"day": "2026-03-14"}).status_code == 404
    with served.store.reading() as tx:
        assert [one.action for one in tx.audit_entries()] == ["shifts changed"] * 4


def test_hours_that_cannot_be_are_refused(cad: TestClient) -> None:
    backwards = NIGHT | {"starts": NIGHT["ends"], "ends": NIGHT["starts"]}
    assert cad.post(f"{HERE}/shifts", json=backwards).status_code == 422
    assert cad.post(f"{HERE}/shifts", json=backwards | {"repeats": "weekly"}).status_code == 422
    long = NIGHT | {"ends": "2026-03-10T06:00:00-04:00", "repeats": "weekly"}
    assert cad.post(f"{HERE}/shifts", json=long).status_code == 422
    once = cad.post(f"{HERE}/shifts", json=NIGHT).json()["shifts"][0]
    assert cad.post(f"{HERE}/shifts/{once['id']}/leave-out", json={"day": "2026-03-09"}).status_code == 422


def test_the_teams_week_tells_who_is_on_call_and_where_it_is_thin(cad: TestClient, served: Api) -> None:
    cad.put(f"{HERE}/shifts", json={"week": "mon-fri 09:00-17:00"})
    told = cad.get("/shifts").json()
    mine, other = told["interpreters"][:2]
    assert (mine["code"], mine["fixed"], mine["hours"]) == ("101", True, 40.0)
    assert mine["on_call"][0] == {"starts": "2026-03-02T09:00:00.000Z", "ends": "2026-03-02T17:00:00.000Z"}
    assert other["fixed"] is False
    monday_at_nine = told["hours"][9]
    assert (monday_at_nine["day"], monday_at_nine["on_call"], told["thinnest"][0]["on_call"]) == ("Mon", 1, 0)
    mam = cad.get("/shifts", params={"language": "Mam", "week": "2026-03-12"}).json()
    assert ([one["code"] for one in mam["interpreters"]], mam["monday"]) == (["103"], "2026-03-09")
    reader = served.caller(served.token("reader", frozenset({Scope.READ}))[0])
    assert reader.get("/shifts").status_code == 403
