"""Webhooks out: what is announced, in what order, signed, tried again, and where nothing is sent at all."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from benchmarks.serving import serving
from dispatch import announcing, events
from dispatch.announcing import Fate, Kind
from dispatch.integrations import Integration
from dispatch.webhook_outbox import WebhookOutbox, set_endpoint
from tests.api.conftest import Api, ask
from tests.dispatch.people import officer
from tests.dispatch.requests import NOON
from workers.webhook_sending import AddressRefused, WebhookSender, allowed_address

EVERYTHING = [kind.value for kind in Kind]
BOTH = ["request.created", "request.language_known"]


@dataclass
class Receiver:
    """Somebody else's server: takes announcements, or answers what it is told to."""

    address: str = ""
    secret: str = ""
    answers: list[int] = field(default_factory=list)
    """Statuses of the next answers; 204 when there are none left."""
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Ids and bodies, verified, as they came."""
    hosts: list[str] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        """One delivery."""
        body = await request.body()
        told = Webhook(self.secret).verify(body, dict(request.headers))
        self.seen.append((request.headers["webhook-id"], told))
        self.hosts.append(request.headers["host"])
        status = self.answers.pop(0) if self.answers else 204
        return RedirectResponse("/elsewhere") if status == 307 else Response(status_code=status)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """On a port of this machine."""
    made = Receiver()
    routes = [Route("/hooks", made.take, methods=["POST"]), Route("/elsewhere", made.take, methods=["POST"])]
    with serving(Starlette(routes=routes)) as address:
        made.address = address.replace("127.0.0.1", "localhost")
        yield made


class Posting:
    """The outbox and its sender without a queue between them, over the API's store."""

    def __init__(self, api: Api, private: bool = True) -> None:
        self.handed: list[str] = []
        self.outbox = WebhookOutbox(api.store, api.clock, self.handed.extend, disable_days=5)
        settings = api.settings.model_copy(update={"webhook_private_addresses": private})
        self.sender = WebhookSender(self.outbox, settings)

    def rounds(self) -> int:
        """What is due now is sent; returns how many tries that were."""
        tries = 0
        while self.outbox.hand_over():
            for delivery_id in self.handed:
                self.sender.deliver(delivery_id)
                tries += 1
            self.handed.clear()
        return tries


@pytest.fixture
def posting(served: Api) -> Iterator[Posting]:
    """Over the SQLite store."""
    made = Posting(served)
    yield made
    made.sender.close()


def told_at(api: Api, url: str, kinds: list[str] = EVERYTHING, name: str = "cad") -> tuple[Any, Integration, str]:
    """A caller whose integration is told at that address; the integration, and its signing secret."""
    token, made = api.token(name)
    with api.store.transaction() as tx:
        endpoint = set_endpoint(tx, made, url, kinds)
    return api.caller(token), made, endpoint.secret


def goes_well(api: Api, request_id: str) -> None:
    """Somebody is found, accepts, talks, and all hang up."""
    api.intake.find_interpreters(request_id, 1)
    with api.store.reading() as tx:
        request = tx.request(request_id)
    assert request is not None
    leg = request.offers[0].id
    for event in (events.CallPlaced(leg, "CA1"), events.LegAnswered(leg), events.OfferAnswered(leg, True)):
        api.intake.report(request_id, event)
    with api.store.reading() as tx:
        request = tx.request(request_id)
    assert request is not None
    mine = next(one.id for one in request.legs if one.role.value == "requester")
    joined = (events.CallPlaced(mine, "CA2"), events.LegAnswered(mine), events.LegJoined(leg), events.LegJoined(mine))
    for event in (*joined, events.CallEnded(mine, "completed")):
        api.clock.passes(seconds=2)
        api.intake.report(request_id, event)


def test_a_requests_life_is_announced_in_order_and_tells_nobodys_name_or_number(anywhere: Api) -> None:
    anywhere.people()
    caller, made, _ = told_at(anywhere, "https://cad.example.gov/hooks")
    _, other, _ = told_at(anywhere, "https://other.example.gov/hooks", name="other")
    asked = ask(caller, reference="CAD-7").json()
    goes_well(anywhere, asked["id"])
    with anywhere.store.reading() as tx:
        mine = tx.deliveries_of(made.id, None, 50)[::-1]
        theirs = tx.deliveries_of(other.id, None, 50)[::-1]
    assert [one.kind for one in mine] == [
        "request.created",
        "request.language_known",
        "request.offered",
        "request.accepted",
        "request.connected",
        "request.completed",
    ]
    last = json.loads(mine[-1].payload)
    assert last["data"]["request"]["state"] == "completed"
    assert last["data"]["request"]["connected_at"]
    assert {json.loads(one.payload)["data"]["request"]["reference"] for one in mine} == {"CAD-7"}
    assert {json.loads(one.payload)["data"]["request"]["reference"] for one in theirs} == {None}
    everything = " ".join(one.payload for one in (*mine, *theirs))
    for word in (officer().number.e164, officer().name, "Interpreter", "5th", "Unit 12"):
        assert word not in everything


def test_alerts_availability_and_appointments_are_announced_without_words(served: Api) -> None:
    served.people()
    caller, made, _ = told_at(served, "https://cad.example.gov/hooks")
    with served.store.transaction() as tx:
        tx.raise_alert(None, "Call Dana at once.", served.clock.now())
    caller.put("/roster/101/availability", json={"availability": "off"})
    wish = {"requester": "+16175550142", "language": "Mam", "starts": "2026-03-06T10:00:00Z", "interpreter": "103"}
    caller.post("/appointments", json=wish)
    caller.post("/alerts/1/clear")
    with served.store.reading() as tx:
        told = [json.loads(one.payload) for one in tx.deliveries_of(made.id, None, 50)[::-1]]
    assert [one["type"] for one in told] == [
        "alert.raised",
        "availability.changed",
        "appointment.changed",
        "alert.cleared",
    ]
    assert told[0]["data"] == {"alert": {"id": 1}}
    assert told[1]["data"] == {"interpreter": {"code": "101", "availability": "off"}}
    assert told[2]["data"]["appointment"]["state"] == "booked"
    assert told[3]["data"] == {"alert": {"id": 1}}


def test_only_what_was_chosen_is_announced(served: Api) -> None:
    served.people()
    caller, made, _ = told_at(served, "https://cad.example.gov/hooks", ["request.cancelled"])
    asked = ask(caller).json()
    caller.post(f"/requests/{asked['id']}/actions", json={"action": "cancel", "version": asked["version"]})
    with served.store.reading() as tx:
        assert [one.kind for one in tx.deliveries_of(made.id, None, 50)] == ["request.cancelled"]


def test_a_receiver_that_fails_twice_gets_it_at_the_third_try_signed_and_in_order(
    served: Api, posting: Posting, receiver: Receiver
) -> None:
    served.people()
    caller, made, receiver.secret = told_at(served, f"{receiver.address}/hooks", BOTH)
    receiver.answers = [500, 503]
    ask(caller)
    assert posting.rounds() == 1  # the second waits behind the first
    served.clock.passes(seconds=4)
    assert posting.rounds() == 0
    served.clock.passes(seconds=1)
    assert posting.rounds() == 1
    served.clock.passes(seconds=30)
    assert posting.rounds() == 2
    assert [told["type"] for _, told in receiver.seen] == ["request.created"] * 3 + ["request.language_known"]
    assert len({delivery_id for delivery_id, _ in receiver.seen}) == 2
    with served.store.reading() as tx:
        newest, first = tx.deliveries_of(made.id, None, 50)
        endpoint = tx.endpoint(made.id)
    assert (first.fate, first.tries, first.answer, newest.tries) == (Fate.DELIVERED, 3, "answered 204", 1)
    assert endpoint is not None
    assert endpoint.failing_since is None


def test_what_cannot_be_delivered_no_longer_holds_up_what_comes_after(
    served: Api, posting: Posting, receiver: Receiver
) -> None:
    served.people()
    caller, _, receiver.secret = told_at(served, f"{receiver.address}/hooks", BOTH)
    receiver.answers = [500] * announcing.IN_ORDER_TRIES
    ask(caller)
    for pause in (0, 5, 30, 120):
        served.clock.passes(seconds=pause)
        posting.rounds()
    assert [told["type"] for _, told in receiver.seen] == ["request.created"] * 4 + ["request.language_known"]


def test_a_try_that_was_lost_with_its_worker_is_made_again(served: Api, posting: Posting, receiver: Receiver) -> None:
    served.people()
    caller, _, receiver.secret = told_at(served, f"{receiver.address}/hooks", ["request.created"])
    ask(caller)
    assert posting.outbox.hand_over() == 1
    posting.handed.clear()  # the worker is gone
    assert posting.rounds() == 0
    served.clock.passes(minutes=2)
    assert posting.rounds() == 1
    assert len(receiver.seen) == 1


def test_tries_go_on_for_a_day_and_then_the_delivery_is_given_up() -> None:
    assert timedelta(hours=20) < sum(announcing.AGAIN_AFTER, timedelta(0)) < timedelta(hours=26)
    now = NOON
    failed = announcing.Answer(False, "500")
    assert announcing.after_try(1, failed, now) == (Fate.WAITING, now + timedelta(seconds=5))
    assert announcing.after_try(len(announcing.AGAIN_AFTER) + 1, failed, now) == (Fate.GIVEN_UP, None)
    assert announcing.after_try(3, announcing.Answer(True, "204"), now) == (Fate.DELIVERED, None)


def test_a_dead_receiver_is_switched_off_after_days_and_the_dispatcher_told(
    served: Api, posting: Posting, receiver: Receiver
) -> None:
    _, made, receiver.secret = told_at(served, f"{receiver.address}/hooks")
    receiver.answers = [500] * 50
    for _ in range(7):
        with served.store.transaction() as tx:
            tx.raise_alert(None, "Nobody is free for Somali.", served.clock.now())
        posting.rounds()
        served.clock.passes(days=1)
    with served.store.reading() as tx:
        endpoint = tx.endpoint(made.id)
        alerts = [one.reason for one in tx.open_alerts()]
        fates = {one.fate for one in tx.deliveries_of(made.id, None, 50)}
    assert endpoint is not None
    assert endpoint.disabled_at is not None
    assert "Webhooks to cad are switched off: nothing has got through for days. See the Integrations page." in alerts
    assert fates == {Fate.GIVEN_UP}
    assert posting.rounds() == 0


def test_a_receiver_that_wants_no_more_is_switched_off(served: Api, posting: Posting, receiver: Receiver) -> None:
    _, made, receiver.secret = told_at(served, f"{receiver.address}/hooks", ["alert.raised"])
    receiver.answers = [410]
    with served.store.transaction() as tx:
        tx.raise_alert(None, "Nobody is free for Somali.", served.clock.now())
    posting.rounds()
    with served.store.reading() as tx:
        endpoint = tx.endpoint(made.id)
    assert endpoint is not None
    assert endpoint.disabled_at is not None


def test_redirects_are_not_followed(served: Api, posting: Posting, receiver: Receiver) -> None:
    _, made, receiver.secret = told_at(served, f"{receiver.address}/hooks", ["alert.raised"])
    receiver.answers = [307]
    with served.store.transaction() as tx:
        tx.raise_alert(None, "Nobody is free for Somali.", served.clock.now())
    posting.rounds()
    assert len(receiver.seen) == 1
    with served.store.reading() as tx:
        (told,) = tx.deliveries_of(made.id, None, 50)
    assert (told.fate, told.answer[:12]) == (Fate.WAITING, "answered 307")


def test_the_connection_goes_to_the_address_that_was_checked_under_the_name_that_was_given(
    served: Api, posting: Posting, receiver: Receiver
) -> None:
    _, _, receiver.secret = told_at(served, f"{receiver.address}/hooks", ["alert.raised"])
    with served.store.transaction() as tx:
        tx.raise_alert(None, "Nobody is free for Somali.", served.clock.now())
    posting.rounds()
    assert receiver.hosts == [receiver.address.removeprefix("http://")]


def test_nothing_is_sent_into_a_network_unless_that_is_meant(served: Api, receiver: Receiver) -> None:
    posting = Posting(served, private=False)
    _, made, receiver.secret = told_at(served, f"{receiver.address}/hooks", ["alert.raised"])
    with served.store.transaction() as tx:
        tx.raise_alert(None, "Nobody is free for Somali.", served.clock.now())
    posting.rounds()
    posting.sender.close()
    assert receiver.seen == []
    with served.store.reading() as tx:
        (told,) = tx.deliveries_of(made.id, None, 50)
    assert "DISPATCH_WEBHOOK_PRIVATE_ADDRESSES" in told.answer
    with pytest.raises(AddressRefused):
        allowed_address("localhost", 443, private=False)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("169.254.169.254", True),
        ("192.168.0.1", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),
        ("224.0.0.1", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:10.0.0.1", True),
        ("2002:7f00:0001::1", True),
        ("64:ff9b::7f00:1", True),
        ("93.184.215.14", False),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", False),
    ],
)
def test_addresses_inside_a_network_are_known(address: str, inside: bool) -> None:
    assert announcing.is_private(address) is inside


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://cad.example.gov/hooks?a=1", True),
        ("http://127.0.0.1:9000/hooks", True),
        ("http://localhost/hooks", True),
        ("http://cad.example.gov/hooks", False),
        ("ftp://cad.example.gov", False),
        ("https://user:secret@cad.example.gov", False),
        ("https://", False),
        ("https://cad.example.gov:port/", False),
        ("https://cad.example.gov/a b", False),
        ("cad.example.gov/hooks", False),
    ],
)
def test_addresses_that_cannot_be_used_are_refused_in_words(url: str, good: bool) -> None:
    assert (announcing.url_problem(url) == "") is good


def test_what_is_old_and_done_is_forgotten(served: Api, posting: Posting, receiver: Receiver) -> None:
    _, made, receiver.secret = told_at(served, f"{receiver.address}/hooks", ["alert.raised"])
    with served.store.transaction() as tx:
        tx.raise_alert(None, "Nobody is free for Somali.", served.clock.now())
    posting.rounds()
    served.clock.passes(days=15)
    posting.outbox.forget()
    with served.store.reading() as tx:
        assert tx.deliveries_of(made.id, None, 50) == []
