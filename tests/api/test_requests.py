"""Requests by the API: asked for, read, followed, stepped in on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from starlette.testclient import TestClient

from dispatch import audit
from dispatch.integrations import Scope
from dispatch.people import PhoneNumber, Role
from tests.api.conftest import Api, ask, known
from tests.dispatch.people import officer


def test_a_known_officer_is_asked_for_by_unit(cad: TestClient, served: Api) -> None:
    answer = ask(cad, reference="CAD-2026-0001", note="Second floor", urgency="urgent", languages=["es-MX"])
    told = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/requests/{told['id']}"
    assert told["requester"] == {"role": "officer", "name": "Dana Walsh", "unit": "Unit 12", "number": "+1…01"}
    assert told["language"] == {"code": "spa", "tag": "es", "name": "Spanish", "native": "Español"}
    assert told["found"]["how"] == "named by integration cad"
    assert (told["state"], told["words"], told["reference"]) == (
        "matching",
        "looking for interpreters",
        "CAD-2026-0001",
    )
    assert (told["urgency"], told["place"], told["target"]["seconds"]) == ("urgent", "5th & Main", 30)
    assert datetime.fromisoformat(told["created_at"]).tzinfo == UTC
    assert served.handed  # the text and the search are on their way
    seen = cad.get(f"/requests/{told['id']}/timeline").json()
    assert seen["moments"][0]["what"] == "An interpreter was asked for"
    assert seen["moments"][0]["why"] == "integration cad"
    assert [(one["by"], one["words"]) for one in seen["notes"]] == [("integration cad", "Second floor")]


def test_a_number_that_nobody_knows_becomes_an_officer_and_its_phone_listens(cad: TestClient, served: Api) -> None:
    answer = ask(cad, requester={"number": "(617) 555-0142", "name": "Desk 3"}, languages="unknown")
    told = answer.json()
    assert answer.status_code == 201
    assert (told["state"], told["channel"], told["language"]) == ("identifying", "voice", None)
    assert told["legs"][0]["role"] == "requester"
    with served.store.reading() as tx:
        made = tx.requester_by_number(PhoneNumber("+16175550142"))
    assert made is not None
    assert (made.role, made.name) == (Role.OFFICER, "Desk 3")


WRONG: tuple[tuple[dict[str, object], str], ...] = (
    ({"requester": {"unit": "Unit 99"}}, ""),
    ({"requester": {}}, "requester"),
    ({"requester": {"number": "12"}}, "requester"),
    ({"languages": ["Klingonian"]}, "languages"),
    ({"urgency": "at once"}, "urgency"),
    ({"colour": "red"}, "colour"),
    ({"place": "a\u0000b"}, "place"),
    ({"reference": "../../etc"}, "reference"),
)


def test_what_cannot_be_used_is_named_with_what_to_do(cad: TestClient) -> None:
    for change, field in WRONG:
        answer = ask(cad, **change)
        told = answer.json()
        assert (answer.status_code, told["status"]) == (422, 422), change
        assert answer.headers["content-type"] == "application/problem+json"
        assert told["what_to_do"]
        named = {one["field"].split(".")[0] for one in told.get("errors", [])}
        assert named == ({field} if field else set()), told


def test_a_phone_is_in_one_request_at_a_time(cad: TestClient) -> None:
    first = ask(cad).json()
    second = ask(cad)
    assert second.status_code == 409
    assert second.json()["request_id"] == first["id"]


def test_the_same_key_asks_once_and_another_body_is_refused(anywhere: Api) -> None:
    cad = known(anywhere)
    body = {"requester": {"unit": "Unit 12"}, "languages": ["Spanish"]}
    key = {"Idempotency-Key": "incident-4711"}
    first, again = (cad.post("/requests", json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = cad.post("/requests", json=body | {"place": "elsewhere"}, headers=key)
    assert (other.status_code, other.json()["title"]) == (422, "Idempotency-Key used before")


def test_eight_at_once_with_the_same_key_make_one_request(anywhere: Api) -> None:
    cad = known(anywhere)
    body = {"requester": {"unit": "Unit 12"}, "languages": ["Spanish"]}
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(cad.post, "/requests", json=body, headers={"Idempotency-Key": "k"}) for _ in range(8)]
        answers = [one.result() for one in sent]
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["id"] for one in answers}) == 1
    assert sum("idempotent-replayed" in one.headers for one in answers) == 7
    with anywhere.store.reading() as tx:
        assert len(tx.open_requests()) == 1


def test_lists_go_on_by_cursor_and_find_references(anywhere: Api) -> None:
    cad = known(anywhere)
    made = []
    for number in range(5):
        anywhere.clock.passes(seconds=1)
        asked = ask(cad, requester={"number": f"+1617555014{number}"}, reference=f"CAD-{number}")
        made.append(asked.json()["id"])
    seen: list[str] = []
    cursor = ""
    while True:
        page = cad.get("/requests", params={"limit": 2, "cursor": cursor}).json()
        seen += [one["id"] for one in page["requests"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made[::-1]
    (found,) = cad.get("/requests", params={"reference": "CAD-3", "state": "any"}).json()["requests"]
    assert found["id"] == made[3]
    assert cad.get("/requests", params={"cursor": "bm9uc2Vuc2U"}).status_code == 422
    assert cad.get("/requests", params={"state": "over"}).json() == {"requests": [], "next": None}


def test_why_tells_the_ordered_candidates_with_reasons(cad: TestClient, served: Api) -> None:
    asked = ask(cad).json()
    served.intake.find_interpreters(asked["id"], 2)
    told = cad.get(f"/requests/{asked['id']}/why").json()
    (search,) = told["searches"]
    assert [one["interpreter"]["code"] for one in search["candidates"]] == ["101", "102", "103"]
    assert all(one["reason"] for one in search["candidates"])
    offers = cad.get(f"/requests/{asked['id']}").json()["offers"]
    assert {one["interpreter"]["code"] for one in offers} == {"101", "102"}
    assert told["now"]


def test_names_of_interpreters_need_the_scope_roster(cad: TestClient, served: Api) -> None:
    asked = ask(cad).json()
    served.intake.find_interpreters(asked["id"], 1)
    reader = served.caller(served.token("reader", frozenset({Scope.READ}))[0])
    for path in ("", "/why", "/timeline"):
        assert "Interpreter 101" not in reader.get(f"/requests/{asked['id']}{path}").text
        assert "Interpreter 101" in cad.get(f"/requests/{asked['id']}{path}").text


def test_an_action_on_an_old_version_is_refused_with_what_changed(cad: TestClient, served: Api) -> None:
    asked = ask(cad).json()
    where = f"/requests/{asked['id']}/actions"
    done = cad.post(where, json={"action": "ring", "version": asked["version"], "interpreter": "102"})
    assert (done.status_code, done.json()["state"]) == (200, "offering")
    late = cad.post(where, json={"action": "ring", "version": asked["version"], "interpreter": "103"})
    told = late.json()
    assert late.status_code == 409
    assert [one["what"] for one in told["changed"]] == ["102 Interpreter 102 was asked beside the others"]
    assert told["changed"][0]["why"] == "integration cad, by the API"
    again = cad.post(where, json={"action": "ring", "version": told["version"], "interpreter": "103"})
    assert again.status_code == 200
    assert [one["interpreter"]["code"] for one in again.json()["offers"]] == ["102", "103"]


def act(cad: TestClient, request_id: str, action: str, **more: object) -> dict[str, object]:
    """Do something about the request as it is."""
    version = cad.get(f"/requests/{request_id}").json()["version"]
    answer = cad.post(f"/requests/{request_id}/actions", json={"action": action, "version": version, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_everything_a_dispatcher_decides_can_be_decided(anywhere: Api) -> None:
    cad = known(anywhere)
    asked = ask(cad).json()["id"]
    assert act(cad, asked, "change_language", language="Mam")["language"]["code"] == "mam"  # type: ignore[index]
    assert act(cad, asked, "set_encounter", encounter="custodial")["encounter"] == "custodial"
    assert act(cad, asked, "waive_credential", reason="nobody near")["exception"] == "nobody near"
    act(cad, asked, "message", words="They are on their way.")
    act(cad, asked, "keep_out", interpreter="101")
    assert act(cad, asked, "take_over")["taken_by"] == "integration cad"
    ended = act(cad, asked, "cancel")
    assert (ended["state"], ended["over"]) == ("cancelled", True)
    again = cad.post(f"/requests/{asked}/call-back")
    assert again.status_code == 201
    assert again.json()["language"]["code"] == "mam"
    vendor = act(cad, again.json()["id"], "hand_to_vendor", vendor="Line One")
    assert vendor["outcome"] == "handed to Line One by integration cad"
    noted = cad.post(f"/requests/{asked}/notes", json={"words": "Done by phone"})
    assert noted.json()["notes"][-1]["words"] == "Done by phone"
    late = {"action": "cancel", "version": cad.get(f"/requests/{asked}").json()["version"]}
    impossible = cad.post(f"/requests/{asked}/actions", json=late)
    assert (impossible.status_code, impossible.json()["title"]) == (409, "Not possible now")
    with anywhere.store.reading() as tx:
        lines = list(tx.audit_entries())
        assert audit.verify(lines, tx.audit_digest).broken_at is None
    assert {"LanguageSet", "TakenOver", "RequestDropped", "note written", "called back"} <= {
        one.action for one in lines
    }
    assert {one.account for one in lines if one.action != "integration added"} == {"integration cad"}


def test_a_number_is_shown_whole_to_the_scope_reveal_alone_and_the_look_is_audited(
    cad: TestClient, served: Api
) -> None:
    asked = ask(cad).json()["id"]
    reader = served.caller(served.token("reader", frozenset({Scope.READ}))[0])
    assert officer().number.e164 not in cad.get(f"/requests/{asked}").text
    assert reader.get(f"/requests/{asked}?reveal=true").status_code == 403
    assert cad.get(f"/requests/{asked}?reveal=true").json()["requester"]["number"] == officer().number.e164
    with served.store.reading() as tx:
        (line,) = [one for one in tx.audit_entries() if one.action == "number revealed"]
    assert (line.account, line.subject) == ("integration cad", f"request {asked}")


def test_alerts_are_read_and_seen_to(cad: TestClient, served: Api) -> None:
    with served.store.transaction() as tx:
        tx.raise_alert(None, "Nobody is free for Somali.", served.clock.now())
    (alert,) = cad.get("/alerts").json()["alerts"]
    assert alert["reason"] == "Nobody is free for Somali."
    assert cad.post(f"/alerts/{alert['id']}/clear").json() == {"alerts": []}
    assert cad.post(f"/alerts/{alert['id']}/clear").status_code == 404


def test_policy_figures_coverage_languages_and_health(cad: TestClient) -> None:
    act(cad, ask(cad).json()["id"], "cancel")
    preview = cad.get("/policy/preview", params={"language": "español"}).json()
    assert [one["code"] for one in preview["candidates"]] == ["101", "102", "103"]
    figures = cad.get("/reports").json()
    assert (figures["total"]["requests"], figures["total"]["fill_rate"]) == (1, 0.0)
    assert cad.get("/reports", params={"first": "2026-03-05", "last": "2026-03-01"}).status_code == 422
    (line,) = cad.get("/coverage").json()["languages"]
    assert (line["language"]["code"], line["speakers"], line["free_now"]) == ("spa", 3, 3)
    assert line["hours"][12] == {"hour": 12, "asked": 1, "missed": 1}
    assert len(cad.get("/languages").json()["languages"]) > 60
    assert cad.get("/health").json()["store"] is True


def test_languages_are_read_as_people_write_them(cad: TestClient) -> None:
    for written, code in (
        ("es-MX", "spa"),
        ("ESPAÑOL", "spa"),
        ("kreyòl", "hat"),
        ("quc", "quc"),
        ("zh-Hant-HK", "cmn"),
    ):
        told = cad.get("/policy/preview", params={"language": written})
        assert told.status_code == 200, told.text
        assert told.json()["language"]["code"] == code
