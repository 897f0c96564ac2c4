"""A computer-aided dispatch system asks by the API, and is told by webhook, over the whole installation."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.serving import serving
from dispatch import integration_keeping
from dispatch.announcing import Kind
from dispatch.clock import SystemClock
from dispatch.integrations import Scope
from dispatch.webhook_outbox import set_endpoint
from tests.stories.installation import JEAN, OFFICER, Installation

PATIENCE = 25.0


@dataclass
class Cad:
    """The other system: its token, and its receiver of webhooks on this machine."""

    calls: httpx.Client
    secret: str = ""
    told: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)
    """What was signed as it should be, as it came."""

    async def take(self, request: Request) -> Response:
        """One delivery; one that is not signed rightly is a fault here, and would be sent again."""
        self.told.put(Webhook(self.secret).verify(await request.body(), dict(request.headers)))
        return Response(status_code=204)

    def hears_until(self, last: str) -> list[dict[str, Any]]:
        """Everything up to a kind of news, in the order it came."""
        heard: list[dict[str, Any]] = []
        while not heard or heard[-1]["type"] != last:
            heard.append(self.told.get(timeout=PATIENCE))
        return heard


@pytest.fixture
def cad(town: Installation) -> Iterator[Cad]:
    """With a token that may ask and read, told of requests."""
    now = SystemClock().now()
    scopes = (Scope.REQUEST, Scope.READ)
    token, made = integration_keeping.make(town.store, "cad", scopes, 1, "the story", now)
    address = f"{town.addresses.console.removesuffix('/console/')}/api/v1"
    calls = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=10.0)
    system = Cad(calls)
    with serving(Starlette(routes=[Route("/hooks", system.take, methods=["POST"])])) as receiver:
        requests = [kind.value for kind in Kind if kind.value.startswith("request.")]
        with town.store.transaction() as tx:
            system.secret = set_endpoint(tx, made, f"{receiver}/hooks", requests).secret
        yield system
        integration_keeping.revoke(town.store, "cad", "the story", SystemClock().now())
    calls.close()


def test_a_cad_system_asks_and_is_told_until_the_talk_is_over(town: Installation, cad: Cad) -> None:
    town.accepts(JEAN)
    town.answers(OFFICER)
    wish = {"requester": {"number": OFFICER}, "languages": ["Haitian Creole"], "reference": "CAD-2026-004711"}
    asked = cad.calls.post("/requests", json=wish, headers={"Idempotency-Key": "CAD-2026-004711"})
    assert asked.status_code == 201, asked.text
    request = asked.json()
    assert request["requester"]["name"] == "Officer Dana Walsh"
    room = town.saw("joined", JEAN)["conference"]
    town.saw("joined", OFFICER, conference=room)
    town.eventually("they talk", lambda board: [one for one in board["open"] if one["state"] == "connected"])
    read = cad.calls.get(f"/requests/{request['id']}").json()
    assert (read["state"], read["reference"]) == ("connected", "CAD-2026-004711")
    assert {leg["words"] for leg in read["legs"] if leg["state"] != "ended"} == {"in the conference"}
    town.ends_the_talk(OFFICER)
    town.ended("completed")
    heard = cad.hears_until("request.completed")
    assert [one["type"] for one in heard] == [
        "request.created",
        "request.language_known",
        "request.offered",
        "request.accepted",
        "request.connected",
        "request.completed",
    ]
    assert {one["data"]["request"]["id"] for one in heard} == {request["id"]}
    assert {one["data"]["request"]["reference"] for one in heard} == {"CAD-2026-004711"}
