"""Who is in a conference is what the carrier said last by its own count, in whatever order its words arrive."""

import asyncio
from itertools import permutations
from pathlib import Path
from typing import Any, cast
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from dispatch import events
from dispatch.clock import SystemClock
from dispatch.intake import Intake
from dispatch.offer import Offer, OfferState
from dispatch.people import Role
from dispatch.request import Channel, Leg, LegRole, LegState, Need, Request, RequestState
from dispatch.settings import Settings
from dispatch.store import Store
from tests.conftest import KEY
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY
from tests.dispatch.test_sessions import talks
from voice.local.conferences import Conferences
from voice.local.exchange import Call, Exchange
from voice.prompt_audio import PromptAudio
from voice.webhooks import Webhooks

URL = "https://town.test"
Told = dict[str, str]


class Collected:
    """The local carrier's callbacks, kept back instead of sent."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    async def tell(self, url: str, form: Told) -> None:
        """One callback."""
        self.told.append(form)


def what_the_carrier_says(stays: bool) -> list[Told]:
    """An interpreter joins, leaves by the star key, comes back, and stays or leaves; the officer is in all along."""

    async def play() -> list[Told]:
        collected = Collected()
        exchange = Exchange("AC" + "1" * 32, "local-carrier-token", speed=20, calls_per_second=0)
        rooms = Conferences(exchange, cast(Any, collected), cast(Any, None), cast(Any, None))
        in_room: dict[str, asyncio.Task[None]] = {}

        async def joins(leg: str) -> None:
            call = exchange.calls.setdefault(leg, Call("CA" + leg[-1] * 32, leg, "", "", "outbound-api"))
            exchange.calls[call.sid] = call
            noun = Element(
                "Conference", participantLabel=leg, statusCallback="/room", statusCallbackEvent="join leave mute hold"
            )
            noun.text = "r1"
            in_room[leg] = asyncio.ensure_future(rooms.stay(call, noun, URL))
            await asyncio.sleep(0)

        async def leaves(leg: str) -> None:
            call = exchange.calls[leg]
            room = exchange.conferences[call.conference]
            rooms.leave(room, room.participants[call.sid], call)
            await in_room.pop(leg)

        await joins("r1-2")
        for _ in range(2):
            await joins("r1-1")
            await leaves("r1-1")
        if stays:
            await joins("r1-1")
        for task in in_room.values():
            task.cancel()
        await asyncio.sleep(0)
        return [one for one in collected.told if one.get("ParticipantLabel") == "r1-1"]

    return asyncio.run(play())


@pytest.fixture
def told_in(tmp_path: Path) -> Any:
    """Deliver these callbacks, signed, to a fresh installation; returns where the interpreter's phone is then."""
    count = 0

    def deliver(callbacks: list[Told]) -> LegState:
        nonlocal count
        count += 1
        store = Store(f"sqlite:///{tmp_path}/{count}.sqlite3", KEY)
        store.migrate()
        made = Settings(_env_file=None, public_url=URL, auth_token="a token of their own")  # type: ignore[call-arg]
        request = Request(
            "r1",
            "o9001",
            Role.OFFICER,
            Channel.TEXT,
            RequestState.CONNECTING,
            NOON,
            need=Need(("spa",)),
            language="spa",
            offers=(Offer("r1-1", "i1", OfferState.ACCEPTED, NOON, NOON, accepted_at=NOON),),
            legs=(
                Leg("r1-1", LegRole.INTERPRETER, LegState.ON_LINE, "CA1"),
                Leg("r1-2", LegRole.REQUESTER, LegState.IN_CONFERENCE, "CA2"),
            ),
        )
        with store.transaction() as tx:
            tx.add_requester(officer())
            tx.put_interpreter(interpreter(1))
            tx.create_request(request)
        hooks = Webhooks(
            Intake(store, SystemClock(), POLICY, lambda ids: None), made, PromptAudio(tmp_path, tmp_path / "cache")
        )
        validator = RequestValidator(made.auth_token.get_secret_value())
        with TestClient(Starlette(routes=hooks.routes()), base_url=URL) as client:
            for form in callbacks:
                path = "/voice/r1/conference"
                signature = validator.compute_signature(URL + path, form)
                answer = client.post(path, data=form, headers={"x-twilio-signature": signature})
                assert answer.status_code == 204, answer.text
        with store.reading() as tx:
            after = tx.request("r1")
        store.close()
        leg = after.leg("r1-1") if after else None
        assert leg is not None
        return leg.state

    return deliver


def test_a_late_leave_does_not_take_out_who_has_come_back(told_in: Any) -> None:
    joined, left, back = what_the_carrier_says(stays=True)[:3]
    assert [one["StatusCallbackEvent"] for one in (joined, left, back)] == [
        "participant-join",
        "participant-leave",
        "participant-join",
    ]
    assert told_in([joined, back, left]) is LegState.IN_CONFERENCE
    assert told_in([back, left, joined, left]) is LegState.IN_CONFERENCE


def test_a_late_join_does_not_bring_back_who_has_left(told_in: Any) -> None:
    joined, left, *_ = what_the_carrier_says(stays=False)
    assert told_in([left, joined]) is LegState.ON_LINE
    assert told_in([joined, left, joined]) is LegState.ON_LINE


def test_every_order_of_the_carriers_words_ends_where_the_last_of_them_says() -> None:
    for stays in (True, False):
        news = [
            (events.LegJoined if one["StatusCallbackEvent"] == "participant-join" else events.LegLeft)(
                "r1-1", one["ConferenceSid"], int(one["SequenceNumber"])
            )
            for one in what_the_carrier_says(stays)
        ]
        for order in permutations(news):
            leg = talks().then(*order).request.leg("r1-1")
            assert leg is not None
            assert (leg.state is LegState.IN_CONFERENCE) is stays, order


@given(st.data(), st.integers(1, 12))
@settings(deadline=None, max_examples=150)
def test_repeated_and_reordered_news_of_a_conference_ends_in_the_same_place(data: st.DataObject, count: int) -> None:
    kinds = (events.LegJoined, events.LegLeft)
    news = [kinds[number % 2]("r1-1", "CF1", number + 1) for number in range(count)]
    sent = data.draw(st.permutations([*news, *data.draw(st.lists(st.sampled_from(news), max_size=6))]))
    leg = talks().then(*sent).request.leg("r1-1")
    assert leg is not None
    assert (leg.state is LegState.IN_CONFERENCE) is (count % 2 == 1)


def test_a_leave_of_a_conference_that_is_over_does_not_take_out_of_the_next() -> None:
    story = talks().then(events.LegJoined("r1-1", "CF1", 7), events.LegJoined("r1-1", "CF2", 1))
    leg = story.then(events.LegLeft("r1-1", "CF1", 8)).request.leg("r1-1")
    assert leg is not None
    assert leg.state is LegState.IN_CONFERENCE
    leg = story.then(events.LegLeft("r1-1", "CF2", 2)).request.leg("r1-1")
    assert leg is not None
    assert leg.state is LegState.ON_LINE


def test_muting_in_a_conference_that_is_over_says_nothing_of_the_next() -> None:
    story = talks().then(events.LegJoined("r1-1", "CF2", 1))
    leg = story.then(events.ParticipantChanged("r1-1", True, False, 30, "CF1")).request.leg("r1-1")
    assert leg is not None
    assert not leg.muted
