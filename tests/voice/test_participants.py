"""Muted phones are not heard, phones on hold hear an announcement: the local carrier, over its real REST API."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.serving import serving
from voice.carrier import Participant
from voice.local import sound
from voice.local.__main__ import create_app
from voice.local.exchange import Exchange, Line, sid
from voice.twilio import TwilioCarrier
from workers.scenarios import Happening, Phones

SID, TOKEN, HOTLINE = "AC" + "1" * 32, "local-carrier-token", "+16175550100"
AMINA, ROSA, JEAN = "+16175550111", "+16175550112", "+16175550113"
WORDS = sound.to_wav(b"\x01\x00" * sound.RATE)


@dataclass
class Room:
    """Three phones in one conference, and what the product was told about it."""

    carrier: TwilioCarrier
    phones: Phones
    address: str
    webhooks: str
    calls: dict[str, str] = field(default_factory=dict)
    told: list[dict[str, str]] = field(default_factory=list)

    def saw(self, kind: str, phone: str) -> Happening:
        """Wait for an event at a phone."""
        return self.phones.wait(f"{kind} at {phone}", lambda e: e["kind"] == kind and e.get("phone") == phone)

    def speaks(self, phone: str) -> set[str]:
        """A person says something into a phone; which others hear it."""
        headers = {"content-type": "audio/wav"}
        sent = httpx.post(f"{self.address}/phones/%2B{phone[1:]}/speak", content=WORDS, headers=headers)
        return set(sent.raise_for_status().json()["heard"])

    def news(self, field: str, value: str, times: int = 1) -> dict[str, str]:
        """Wait until the product is told that, so often; returns the first time."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            found = [one for one in self.told if one.get(field) == value]
            if len(found) >= times:
                return found[0]
            time.sleep(0.02)
        raise AssertionError(f"the product was not told: {value}; it was told {self.told}")

    def goodbye(self) -> None:
        """Everybody hangs up, and the carrier has told us so."""
        for call in self.calls.values():
            self.carrier.end_call(call)
        self.news("path", "/status", len(self.calls))
        self.news("StatusCallbackEvent", "participant-leave", len(self.calls))
        self.carrier.close()
        self.phones.close()


@pytest.fixture
def room() -> Iterator[Room]:
    """Everybody is in."""
    exchange = Exchange(SID, TOKEN, speed=40, calls_per_second=0)
    told: list[dict[str, str]] = []

    async def answer(request: Request) -> Response:
        fields = {name: str(value) for name, value in (await request.form()).items()}
        told.append({"path": request.url.path, **fields})
        documents = {
            "/join": '<Dial><Conference participantLabel="{}" statusCallback="/room"'
            ' statusCallbackEvent="join leave mute hold">r1</Conference></Dial>',
            "/held": "<Say>You are on hold.</Say><Redirect>/held</Redirect>",
            "/alone": '<Dial><Conference waitUrl="/music.wav" waitMethod="GET">r2</Conference></Dial>',
            "/told": '<Dial><Conference waitUrl="/wait">r3</Conference></Dial>',
            "/wait": "<Say>Somebody comes.</Say><Redirect>/wait</Redirect>",
        }
        if request.url.path == "/music.wav":
            return Response(WORDS, media_type="audio/wav")
        body = documents.get(request.url.path, "").format(request.query_params.get("who", ""))
        return Response(f"<Response>{body}</Response>", media_type="text/xml")

    product = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    with (
        serving(product, goodbye_seconds=5) as webhooks,
        serving(create_app(exchange), goodbye_seconds=5) as address,
    ):
        exchange.lines[HOTLINE] = Line(sid("PN"), HOTLINE, webhooks + "/none", webhooks + "/none")
        made = Room(TwilioCarrier(address, SID, TOKEN, HOTLINE), Phones(address, 10.0), address, webhooks, told=told)
        for phone in (AMINA, ROSA, JEAN):
            made.phones.behave(phone, answers="yes", after=0.5)
            url = f"{webhooks}/join?who={phone[-3:]}"
            made.calls[phone] = made.carrier.place_call(phone, url, webhooks + "/status", 30)
            made.saw("joined", phone)
        yield made
        made.goodbye()


def test_a_muted_phone_is_not_heard_and_the_product_is_told(room: Room) -> None:
    assert room.speaks(AMINA) == {ROSA, JEAN}
    assert room.carrier.mute("r1", room.calls[AMINA], True) == Participant(muted=True, held=False)
    assert room.speaks(AMINA) == set()
    assert room.saw("not heard", AMINA)["why"] == "muted"
    assert room.speaks(ROSA) == {AMINA, JEAN}
    news = room.news("StatusCallbackEvent", "participant-mute")
    assert (news["ParticipantLabel"], news["Muted"], news["Hold"]) == ("111", "true", "false")
    assert room.carrier.mute("r1", room.calls[AMINA], False) == Participant(muted=False, held=False)
    assert room.speaks(AMINA) == {ROSA, JEAN}
    assert int(room.news("StatusCallbackEvent", "participant-unmute")["SequenceNumber"]) > int(news["SequenceNumber"])


def test_a_phone_on_hold_hears_our_announcement_over_and_over_and_nobody_else(room: Room) -> None:
    url = f"{room.webhooks}/held"
    assert room.carrier.hold("r1", room.calls[ROSA], True, url) == Participant(muted=False, held=True)
    assert room.saw("said", ROSA)["text"] == "You are on hold."
    again = [one for one in room.told if one["path"] == "/held"]
    room.phones.mark()
    room.saw("said", ROSA)
    assert len([one for one in room.told if one["path"] == "/held"]) > len(again)
    assert room.speaks(AMINA) == {JEAN}
    assert room.speaks(ROSA) == set()
    assert room.news("StatusCallbackEvent", "participant-hold")["Hold"] == "true"
    assert room.carrier.hold("r1", room.calls[ROSA], False, "") == Participant(muted=False, held=False)
    room.saw("unhold", ROSA)
    assert room.speaks(AMINA) == {ROSA, JEAN}


def test_who_has_left_can_be_neither_muted_nor_held(room: Room) -> None:
    room.carrier.end_call(room.calls[JEAN])
    room.saw("left", JEAN)
    assert room.carrier.mute("r1", room.calls[JEAN], True) is None
    assert room.carrier.hold("another conference", room.calls[ROSA], True, "http://town.test/held") is None


@pytest.mark.parametrize("document", ["alone", "told"])
def test_who_is_alone_hears_what_wait_url_says_until_somebody_comes(room: Room, document: str) -> None:
    alone, other = "+16175550121", "+16175550122"
    for phone in (alone, other):
        room.phones.behave(phone, answers="yes", after=0.5)
    url = f"{room.webhooks}/{document}"
    room.calls[alone] = room.carrier.place_call(alone, url, room.webhooks + "/status", 30)
    kind = "playing" if document == "alone" else "said"
    heard = room.saw(kind, alone)
    assert heard["url"].endswith("/music.wav") if document == "alone" else heard["text"] == "Somebody comes."
    room.phones.mark()
    room.saw(kind, alone)  # over and over
    room.calls[other] = room.carrier.place_call(other, url, room.webhooks + "/status", 30)
    joined = room.saw("joined", other)["n"]
    assert room.speaks(other) == {alone}
    late = [one for one in room.phones.so_far() if one["kind"] == kind and one["n"] > joined]
    assert not [one for one in late if one.get("phone") == other]
    assert len(late) <= 1
    for phone in (alone, other):
        room.carrier.end_call(room.calls.pop(phone))
        room.saw("ended", phone)
