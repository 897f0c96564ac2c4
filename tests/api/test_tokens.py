"""Who gets in, how often, and what the door says to everybody else."""

import json
import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.testclient import TestClient

from dispatch.api import OPERATIONS
from dispatch.api.operations import PATH_PARTS
from dispatch.calendar_files import read_calendar
from dispatch.errors import StoreUnavailable
from dispatch.integrations import Scope
from tests.api.conftest import HOUR, Api, ask
from tests.console.conftest import settings_for


def test_without_a_good_token_nothing_is_told(served: Api) -> None:
    token, _ = served.token()
    wrong = ("Basic eDp5", "Bearer", f"Bearer {token[:-2]}zz", f"Bearer ida_000000000000_{token[17:]}")
    sent: list[dict[str, str]] = [{}, {"Cookie": f"dispatch={token}"}, *({"Authorization": one} for one in wrong)]
    for headers in sent:
        answer = TestClient(served.app, base_url="http://127.0.0.1/api/v1").get("/requests", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
    assert served.caller(token).get("/requests").status_code == 200


def test_the_store_keeps_no_token(served: Api) -> None:
    token, made = served.token()
    with served.store.reading() as tx:
        kept = tx.integration(made.id)
    assert token.rsplit("_", 1)[1] not in repr(kept)


def test_revoked_and_expired_tokens_are_refused_in_words(served: Api) -> None:
    token, made = served.token(expires_at=served.clock.now() + HOUR)
    caller = served.caller(token)
    assert caller.get("/health").status_code == 200
    served.clock.passes(hours=1)
    assert "expired" in caller.get("/health").json()["detail"]
    other, second = served.token("other")
    with served.store.transaction() as tx:
        tx.revoke_integration(second.id, served.clock.now())
        assert tx.integration(made.id).last_used_at is not None  # type: ignore[union-attr]
    assert "revoked" in served.caller(other).get("/health").json()["detail"]


def test_a_token_is_good_for_its_scopes_and_nothing_else(served: Api) -> None:
    for scope in Scope:
        caller = served.caller(served.token(f"no {scope}", frozenset(Scope) - {scope})[0])
        for one in (one for one in OPERATIONS if one.scope is scope):
            path = re.sub(r"\{(\w+)\}", lambda found: PATH_PARTS[found[1]].example, one.path)
            kind = {"Content-Type": one.takes} if one.has_body else {}
            answer = caller.request(one.method, path, content=b"{}" if one.has_body else None, headers=kind)
            assert (answer.status_code, scope.value in answer.text) == (403, True), one.id


def test_a_token_that_is_used_too_often_is_told_when_to_come_back(served: Api) -> None:
    served.settings = settings_for(served.settings.state_dir, api_per_minute=60, api_burst=3)
    served.__post_init__()
    caller = served.caller(served.token()[0])
    assert [caller.get("/health").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = caller.get("/health")
    assert refused.headers["retry-after"] == "2"
    assert served.caller(served.token("other")[0]).get("/health").status_code == 200
    served.clock.passes(seconds=2)
    assert caller.get("/health").status_code == 200


def test_guessing_tokens_is_slowed_and_good_tokens_still_work(served: Api) -> None:
    token, _ = served.token()
    guesser = served.caller(token[:-2] + "zz")
    answers = [guesser.get("/health").status_code for _ in range(22)]
    assert answers == [401] * 20 + [429] * 2
    assert int(guesser.get("/health").headers["retry-after"]) > 10
    assert served.caller(token).get("/health").status_code == 200


def test_nothing_is_read_of_somebody_who_may_not_ask(served: Api) -> None:
    assert served.caller("wrong").post("/requests", data={"a": "b"}).status_code == 401
    token, _ = served.token(scopes=frozenset({Scope.READ}))
    large = {"content": b" " * 70_000, "headers": {"Content-Type": "application/json"}}
    assert served.caller(token).post("/requests", **large).status_code == 403
    assert served.caller(token).get("/health").status_code == 200


def test_what_is_no_json_too_large_or_of_another_kind_is_said(cad: TestClient) -> None:
    json_type = {"Content-Type": "application/json"}
    assert cad.post("/requests", content=b"{", headers=json_type).status_code == 400
    assert cad.post("/requests", content=b"\xff\xfe", headers=json_type).status_code == 400
    assert cad.post("/requests", data={"a": "b"}).status_code == 415
    assert cad.post("/requests", content=b" " * 70_000, headers=json_type).status_code == 413
    assert cad.get("/nowhere").json()["title"] == "Not found"
    wrong = cad.put("/requests", json={})
    assert (wrong.status_code, {*wrong.headers["allow"].split(", ")}) == (405, {"GET", "HEAD", "POST"})
    assert cad.get("/requests/..%2f..%2fetc").status_code == 404


def test_no_page_of_another_address_may_call_unless_it_is_named(served: Api, tmp_path: object) -> None:
    token, _ = served.token()
    origin = {"Origin": "https://cad.example.gov"}
    assert "access-control-allow-origin" not in served.caller(token).get("/health", headers=origin).headers
    served.settings = settings_for(served.settings.state_dir, api_origins=("https://cad.example.gov",))
    served.__post_init__()
    allowed = served.caller(token).get("/health", headers=origin)
    assert allowed.headers["access-control-allow-origin"] == "https://cad.example.gov"
    assert "access-control-allow-credentials" not in allowed.headers


def test_the_document_is_sound_and_every_operation_is_explained(served: Api) -> None:
    told = TestClient(served.app, base_url="http://127.0.0.1").get("/api/v1/openapi.json").json()
    OpenAPIV31SpecValidator(told).validate()
    assert {one.id for one in OPERATIONS} == {
        way["operationId"] for path in told["paths"].values() for way in path.values()
    }
    for one in OPERATIONS:
        assert one.summary
        assert not one.summary.endswith(".")
        assert one.body is None or one.examples, f"{one.id} has no example"
    for one in OPERATIONS:
        for name, example in one.examples.items():
            if one.body is None:
                assert list(read_calendar(example.encode(), name, "UTC").entries), name
            else:
                one.body.model_validate_json(json.dumps(example)), name


def test_the_page_tells_every_operation_and_runs_nothing(served: Api) -> None:
    page = TestClient(served.app, base_url="http://127.0.0.1").get("/api/docs")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for one in OPERATIONS:
        assert f'id="{one.id}"' in page.text


def test_a_store_that_is_away_is_to_be_tried_again(
    cad: TestClient, served: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("The database does not answer or is locked; see that it runs and has space.")

    monkeypatch.setattr(type(served.store), "reading", away)
    answer = ask(cad)
    assert (answer.status_code, answer.json()["title"]) == (503, "The store does not answer")
