"""An integration keeps its own webhook by the API: set, changed, paused, tried, sent again, and no other's."""

import pytest
from starlette.testclient import TestClient

from dispatch.announcing import Fate
from dispatch.integrations import Scope
from tests.api.conftest import Api, ask
from tests.api.test_webhooks import Posting, Receiver, posting, receiver

__all__ = ["posting", "receiver"]
HOOKS = {"url": "https://cad.example.gov/hooks", "kinds": ["request.created", "alert.raised"]}


def audited(served: Api) -> list[str]:
    """What the audit log says of webhooks, in order."""
    with served.store.reading() as tx:
        return [one.action for one in tx.audit_entries() if one.action.startswith("webhook")]


def test_a_webhook_is_set_once_changed_paused_resumed_and_deleted(cad: TestClient, served: Api) -> None:
    assert cad.get("/webhook").status_code == 404
    made = [cad.post("/webhook", json=HOOKS, headers={"Idempotency-Key": "first"}) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    first, again = (one.json() for one in made)
    assert (first["state"], first["kinds"]) == ("on", ["alert.raised", "request.created"])
    assert first["secret"].startswith("whsec_")
    assert again["secret"] is None
    assert "secret" not in cad.get("/webhook").json()
    assert cad.post("/webhook", json=HOOKS).status_code == 409
    assert cad.post("/webhook/pause").json()["state"] == "off"
    changed = cad.patch("/webhook", json={"kinds": ["request.connected"]}).json()
    assert (changed["url"], changed["kinds"], changed["state"]) == (HOOKS["url"], ["request.connected"], "off")
    assert ask(cad).status_code == 201
    assert cad.post("/webhook/test").status_code == 409
    assert [cad.post("/webhook/resume").json()["state"] for _ in range(2)] == ["on", "on"]
    assert cad.get("/webhook/deliveries").json() == {"deliveries": [], "next": None}
    assert cad.delete("/webhook").json() == {"removed": True}
    assert cad.delete("/webhook").status_code == 404
    told = [f"webhook: {one}" for one in ("set", "pause", "set", "enable", "enable", "remove")]
    assert audited(served) == told


def test_another_secret_signs_from_now_on(served: Api, cad: TestClient, posting: Posting, receiver: Receiver) -> None:
    served.settings = served.settings.model_copy(update={"webhook_private_addresses": True})
    meant = Api(served.store, served.clock, served.settings)
    caller = meant.caller(meant.token("records")[0])
    hooks = {"url": f"{receiver.address}/hooks", "kinds": ["alert.raised"]}
    old = caller.post("/webhook", json=hooks).json()["secret"]
    receiver.secret = caller.post("/webhook/secret").json()["secret"]
    assert receiver.secret != old
    delivery = caller.post("/webhook/test", headers={"Idempotency-Key": "t"}).json()
    same = caller.post("/webhook/test", headers={"Idempotency-Key": "t"}).json()
    assert (delivery["kind"], delivery["state"], same["id"]) == ("test", "waiting", delivery["id"])
    assert posting.rounds() == 1
    assert receiver.seen == [(delivery["id"], delivery["payload"])]
    where = f"/webhook/deliveries/{delivery['id']}"
    after = caller.get(where).json()
    assert (after["state"], after["tries"], after["answer"]) == ("delivered", 1, "answered 204")
    assert caller.post(f"{where}/resend").json()["state"] == "waiting"
    assert posting.rounds() == 1
    assert [one[0] for one in receiver.seen] == [delivery["id"]] * 2
    assert cad.get(where).status_code == 404  # another integration's
    assert cad.post(f"{where}/resend").status_code == 404


def test_deliveries_are_listed_newest_first_by_pages(cad: TestClient, served: Api) -> None:
    cad.post("/webhook", json=HOOKS)
    made = [cad.post("/webhook/test").json()["id"] for _ in range(3)]
    page = cad.get("/webhook/deliveries", params={"limit": "2"}).json()
    rest = cad.get("/webhook/deliveries", params={"limit": "2", "cursor": page["next"]}).json()
    assert [one["id"] for one in (*page["deliveries"], *rest["deliveries"])] == made[::-1]
    assert rest["next"] is None
    assert cad.get("/webhook/deliveries", params={"cursor": "x"}).status_code == 422
    with served.store.reading() as tx:
        assert {one.fate for one in tx.deliveries_of(tx.integrations()[0].id, None, 9)} == {Fate.WAITING}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://cad.example.gov/hooks", "Use https"),
        ("https://10.0.0.1/hooks", "inside a network"),
        ("https://[::1]/hooks", "inside a network"),
        ("https://169.254.169.254/latest", "inside a network"),
        ("http://localhost:6379/", "inside a network"),
        ("https://u:p@cad.example.gov/", "Leave names"),
        ("ftp://cad.example.gov/", "whole address"),
    ],
)
def test_addresses_that_are_refused_on_the_page_are_refused_here(cad: TestClient, url: str, words: str) -> None:
    answer = cad.post("/webhook", json=HOOKS | {"url": url})
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert cad.get("/webhook").status_code == 404


def test_a_token_is_told_of_what_it_may_see_and_needs_the_scope(cad: TestClient, served: Api) -> None:
    reader = served.caller(served.token("reader", frozenset({Scope.READ}))[0])
    assert reader.post("/webhook", json=HOOKS).status_code == 403
    blind = served.caller(served.token("blind", frozenset({Scope.WEBHOOKS}))[0])
    assert "scope 'read'" in blind.post("/webhook", json=HOOKS).json()["detail"]
    sees = served.caller(served.token("sees", frozenset({Scope.WEBHOOKS, Scope.READ}))[0])
    assert sees.post("/webhook", json=HOOKS).status_code == 201
    refused = sees.patch("/webhook", json={"kinds": [*HOOKS["kinds"], "availability.changed"]})
    assert (refused.status_code, "scope 'roster'" in refused.json()["detail"]) == (403, True)
