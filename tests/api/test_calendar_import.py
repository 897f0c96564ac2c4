"""Calendars as iCalendar by the API: looked at, taken whole or not at all, written, and the address of the feed."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dispatch import calendar_feed
from dispatch.api.calendar_import import _EXAMPLE
from dispatch.integrations import Scope
from tests.api.conftest import Api

HERE = "/roster/101/calendar"
ICS = {"Content-Type": "text/calendar; charset=utf-8"}
LEAVE = """BEGIN:VEVENT
UID:leave
DTSTAMP:20260301T000000Z
SUMMARY:Vacation – été
DTSTART;VALUE=DATE:20260310
DTEND;VALUE=DATE:20260312
END:VEVENT
END:VCALENDAR"""
FILE = _EXAMPLE.replace("END:VCALENDAR", LEAVE)


def sent(cad: TestClient, text: str, **asked: str) -> tuple[int, dict[str, object]]:
    """What the preview of that file answers."""
    answer = cad.post(f"{HERE}/import", content=text.encode(), headers=ICS, params=asked)
    return answer.status_code, answer.json()


def test_a_file_is_looked_at_then_taken_in_place_of_what_there_was(cad: TestClient, served: Api) -> None:
    cad.put(f"{HERE}/shifts", json={"week": "sat 09:00-12:00"})
    status, told = sent(cad, FILE)
    assert (status, told["shifts"], told["time_off"], told["replaces_shifts"]) == (200, 1, 1, 1)
    assert "on call  Mon 2026-03-02 09:00" in str(told["entries"])
    assert len(cad.get(HERE).json()["shifts"]) == 1  # still Saturday's
    other = served.caller(served.token("other")[0])
    assert other.post(f"{HERE}/import/{told['draft']}").status_code == 404
    assert cad.post(f"/roster/102/calendar/import/{told['draft']}").status_code == 404
    taken = cad.post(f"{HERE}/import/{told['draft']}").json()
    assert [one["rule"] for one in taken["shifts"]] == ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"]
    assert [one["starts"] for one in taken["time_off"]] == ["2026-03-10T00:00:00"]
    assert cad.post(f"{HERE}/import/{told['draft']}").status_code == 404
    with served.store.reading() as tx:
        assert "calendar imported" in [one.action for one in tx.audit_entries()]
    written = cad.get(f"{HERE}.ics")
    assert written.headers["content-type"].startswith("text/calendar")
    again = cad.post(f"{HERE}/import", content=written.content, headers=ICS).json()
    assert (again["shifts"], again["time_off"]) == (1, 1)


def test_every_event_that_cannot_be_read_is_named_and_nothing_is_kept(cad: TestClient) -> None:
    wrong = FILE.replace("SUMMARY:On call", "SUMMARY:Dentist").replace("DTEND;VALUE=DATE:20260312\n", "")
    wrong = wrong.replace("DTSTART;VALUE=DATE:20260310", "DTSTART:soon")
    status, told = sent(cad, wrong)
    assert status == 422
    problems = [str(one) for one in told["errors"]]  # type: ignore[attr-defined]
    assert any("event 1" in one and "Dentist" in one for one in problems)
    assert any("event 2" in one and "DTSTART" in one for one in problems)
    assert cad.get(HERE).json()["shifts"] == []


@pytest.mark.parametrize("text", ["", "no calendar", "BEGIN:VCALENDAR\nEND:VCALENDAR", "\x00\xff"])
def test_what_is_no_calendar_is_refused(cad: TestClient, text: str) -> None:
    assert sent(cad, text)[0] == 422
    assert sent(cad, FILE, zone="Mars/Olympus")[0] == 422
    assert cad.post(f"{HERE}/import", json={"a": 1}).status_code == 415
    assert cad.post(f"{HERE}/import/{'0' * 24}").status_code == 404
    drafted = cad.post("/roster/import", json={"csv": "code,name,phone,languages\n"}).json()
    assert cad.post(f"{HERE}/import/{drafted['draft']}").status_code == 404  # a roster's file


def test_the_feeds_address_is_shown_once_and_revoked(cad: TestClient, served: Api) -> None:
    made = [cad.post(f"{HERE}/address", headers={"Idempotency-Key": "a"}).json()["address"] for _ in range(2)]
    assert made[1] is None
    path = made[0].removeprefix(served.settings.public_url.rstrip("/"))
    feed = TestClient(Starlette(routes=calendar_feed.routes(served.store, served.settings, served.clock)))
    assert feed.get(path).status_code == 200
    assert cad.delete(f"{HERE}/address").json() == {"revoked": True}
    assert feed.get(path).status_code == 404
    reader = served.caller(served.token("reader", frozenset({Scope.READ}))[0])
    for method, address in (("POST", "/address"), ("GET", ".ics"), ("DELETE", "/address")):
        assert reader.request(method, f"{HERE}{address}").status_code == 403
