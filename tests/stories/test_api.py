"""A dispatch system asks by the API: both phones are brought together, and webhooks tell of it in order."""

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from benchmarks.serving import serving
from dispatch import integration_keeping
from dispatch.announcing import Kind
from dispatch.clock import SystemClock
from dispatch.webhook_outbox import set_endpoint
from tests.api.test_webhooks import Receiver
from tests.stories.installation import MARIE, OFFICER, Installation

WANTED = [kind.value for kind in Kind if kind.value.startswith("request.")]


def test_a_cad_system_brings_both_phones_together_and_is_told_in_order(town: Installation) -> None:
    now = SystemClock().now()
    token, made = integration_keeping.make(town.store, "county cad", ["read", "request"], 1, "a story", now)
    receiver = Receiver(answers=[503])  # the first try fails, and nothing is lost or out of order
    app = Starlette(routes=[Route("/hooks", receiver.take, methods=["POST"])])
    with serving(app) as address, httpx.Client(base_url=f"{town.settings.public_url}/api/v1") as cad:
        with town.store.transaction() as tx:
            receiver.secret = set_endpoint(tx, made, f"{address}/hooks", WANTED).secret
        cad.headers["Authorization"] = f"Bearer {token}"
        town.accepts(MARIE)
        town.answers(OFFICER)
        body = {"requester": {"number": OFFICER}, "languages": ["kreyòl"], "reference": "CAD-4711"}
        asked = [cad.post("/requests", json=body, headers={"Idempotency-Key": "4711"}).json() for _ in range(2)]
        assert asked[0]["id"] == asked[1]["id"]
        town.heard(OFFICER, "Haitian Creole")
        room = town.saw("joined", MARIE)["conference"]
        town.saw("joined", OFFICER, conference=room)
        town.eventually("they talk", lambda b: [r for r in b["open"] if r["state"] == "connected"])
        (told,) = cad.get("/requests", params={"reference": "CAD-4711"}).json()["requests"]
        assert (told["state"], told["words"]) == ("connected", "talking")
        assert "103" in [one["interpreter"]["code"] for one in told["offers"] if one["state"] == "accepted"]
        town.phones.do(OFFICER, "hang-up")
        town.ended("completed")
        town.eventually("the end is told", lambda _: [one for _, one in receiver.seen if "completed" in one["type"]])
        with town.store.transaction() as tx:
            tx.remove_endpoint(made.id)
    kinds = [one["type"] for one in dict(receiver.seen).values()]
    told_of = [kind for kind in kinds if kind != "request.missed_target"]
    assert told_of == [
        "request.created",
        "request.language_known",
        "request.offered",
        "request.accepted",
        "request.connected",
        "request.completed",
    ]
    assert {one["data"]["request"]["reference"] for _, one in receiver.seen} == {"CAD-4711"}
