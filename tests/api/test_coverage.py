"""Coverage by the API: the figures of the console's page, a shift tried out, kept once, and asked for."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from dispatch.conversation import new_request
from dispatch.integrations import Scope
from dispatch.people import Terms
from dispatch.request import Channel, RequestState
from tests.api.conftest import Api
from tests.console.conftest import House
from tests.dispatch.people import interpreter, officer

SHIFT = {"interpreter": "103", "days": ["mon", "tue", "wed"], "begins": "08:00", "ends": "16:00"}


@pytest.fixture
def asked_for(served: Api, cad: TestClient) -> TestClient:
    """Requests in Mam and Q'anjob'al of the last weeks; only Mam has a speaker, who is off."""
    with served.store.transaction() as tx:
        one = interpreter(103, "mam", "spa")
        tx.put_interpreter(replace(one, terms=Terms(), availability=type(one.availability)("off")))
        for number in range(12):
            begun = served.clock.now() - timedelta(days=7 * (number % 4) + 1, minutes=number)
            tx.create_request(
                replace(
                    new_request(officer(), Channel.TEXT, begun),
                    language="kjb" if number % 3 == 0 else "mam",
                    state=RequestState.COMPLETED,
                    ended_at=begun + timedelta(minutes=9),
                )
            )
    return cad


def test_the_chance_that_nobody_answers_is_the_pages_own(asked_for: TestClient, served: Api) -> None:
    told = asked_for.get("/coverage/week").json()
    by_code = {one["language"]["code"]: one for one in told["languages"]}
    assert [one["missed"] for one in told["languages"]] == sorted(
        (one["missed"] for one in told["languages"]), reverse=True
    )
    nobody = by_code["kjb"]
    assert len(nobody["hours"]) == 168
    assert {one["nobody"] for one in nobody["hours"]} == {1.0}
    assert {one["stands"] for one in nobody["hours"]} == {"nobody"}
    assert nobody["missed"] == pytest.approx(nobody["expected"])
    page = House(served.store, served.clock, served.settings).browser().opens("/console/coverage").text
    for code, line in by_code.items():
        panel = page[page.index(f'id="language-{code}"') :]
        assert line["worst"][0] in page
        assert f"{line['missed']:.1f} of {line['expected']:.1f} requests a week missed" in panel
    assert by_code["mam"]["speakers"][0].startswith("103 ")
    only = asked_for.get("/coverage/week", params={"language": "Mam"}).json()["languages"]
    assert [one["language"]["code"] for one in only] == ["mam"]
    reader = served.caller(served.token("reader", frozenset({Scope.REPORTS}))[0])
    assert "Interpreter 103" not in reader.get("/coverage/week").text
    assert not re.search(r"\+1617", asked_for.get("/coverage/week").text)


def test_a_shift_is_tried_kept_once_and_asked_for(asked_for: TestClient, served: Api) -> None:
    tried = asked_for.post("/coverage/what-if", json=SHIFT).json()
    assert (tried["interpreter"], tried["beside_usual"]) == ("103", True)
    assert tried["saved"] > 0
    (mam,) = (one for one in tried["languages"] if one["language"]["code"] == "mam")
    assert {one["day"] for one in mam["hours"]} == {"mon", "tue", "wed"}
    assert all(one["nobody_after"] < one["nobody_before"] for one in mam["hours"])
    new = asked_for.post("/coverage/what-if", json=SHIFT | {"interpreter": "", "language": "Q'anjob'al"}).json()
    assert new["interpreter"] is None
    assert [one["language"]["code"] for one in new["languages"]] == ["kjb"]
    with served.store.reading() as tx:
        assert tx.calendar("i103").shifts == ()
    for _ in range(2):
        kept = asked_for.post("/coverage/shifts", json=SHIFT, headers={"Idempotency-Key": "one"})
    assert (kept.status_code, kept.headers["idempotent-replayed"], len(kept.json()["shifts"])) == (201, "true", 1)
    other = asked_for.post("/coverage/shifts", json=SHIFT | {"ends": "17:00"}, headers={"Idempotency-Key": "one"})
    assert other.status_code == 422
    asked = [asked_for.post("/coverage/invitations", json=SHIFT).json()["invited"] for _ in range(2)]
    assert asked == [True, False]
    with served.store.reading() as tx:
        done = [one.action for one in tx.audit_entries() if one.account == "integration cad"]
    assert done == ["shift kept", "shift kept", "invited to a shift"]


def test_a_shift_that_cannot_be_is_refused_in_words(asked_for: TestClient, served: Api) -> None:
    def refused(path: str = "what-if", **changed: object) -> int:
        return asked_for.post(f"/coverage/{path}", json=SHIFT | changed).status_code

    assert refused(ends="08:00") == 422
    assert refused(begins="8 am") == 422
    assert refused(days=[]) == 422
    assert refused(interpreter="") == 422
    assert refused(interpreter="999") == 404
    assert refused("shifts", interpreter="999") == 404
    assert refused("invitations", interpreter="", language="Mam") == 422
    reader = served.caller(served.token("reader", frozenset({Scope.REPORTS}))[0])
    assert reader.post("/coverage/what-if", json=SHIFT).status_code == 200
    assert reader.post("/coverage/shifts", json=SHIFT).status_code == 403
    assert reader.post("/coverage/invitations", json=SHIFT).status_code == 403
