"""Media streams of a vendor's line: genuine ones only, sentences out of sound, an interpreter heard behind the hold."""

import base64
import json
from collections.abc import Iterator

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from twilio.request_validator import RequestValidator

from dispatch import events
from dispatch.policy import Vendor
from dispatch.settings import Settings
from voice.audio import to_mulaw
from voice.local.sound import piece
from voice.streams import Sentences, VendorStreams
from workers.scenarios import SPEECH
from workers.wiring import vendor_ear

SETTINGS = Settings(_env_file=None, public_url="https://town.test", auth_token="a token of their own")
ADDRESS = "/voice/r1/r1-2/stream"
MENU = {"text": "Thank you for calling Acme. For Spanish, press one. For other languages, please hold."}
PERSON = {"text": "Hello, this is interpreter number four five two. How may I help you?"}


class Waiting:
    """Stands in for the intake: somebody waits for Acme's interpreter until one is heard."""

    def __init__(self) -> None:
        self.told: list[events.Event] = []
        self.waits = True

    def vendor_on_hold(self, request_id: str) -> Vendor | None:
        """The line, while somebody waits."""
        return Vendor("Acme", "+18005550100") if self.waits else None

    def report(self, request_id: str, event: events.Event) -> None:
        """Take the news in."""
        self.told.append(event)


@pytest.fixture
def waiting() -> Waiting:
    """Somebody who waits."""
    return Waiting()


@pytest.fixture
def client(waiting: Waiting) -> Iterator[TestClient]:
    """The service's websocket, with the real model."""
    streams = VendorStreams(waiting, SETTINGS, lambda: vendor_ear(Settings(_env_file=None)))  # type: ignore[arg-type]
    with TestClient(Starlette(routes=streams.routes()), base_url="https://town.test") as made:
        yield made


def signed(over: str = "wss://town.test") -> dict[str, str]:
    """What the carrier sends along with the handshake."""
    token = SETTINGS.auth_token.get_secret_value()
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(over + ADDRESS, {})}


def frames(*pieces: dict[str, object]) -> list[str]:
    """The carrier's messages for that sound, frame by frame."""
    samples = {path.stem: path for path in SPEECH.glob("*.wav")}
    pcm = b"".join(piece(one, samples) for one in pieces)
    mulaw = to_mulaw(np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768.0)
    start = {"event": "start", "start": {"accountSid": SETTINGS.account_sid, "tracks": ["inbound"]}}
    media = (
        {"event": "media", "media": {"track": "inbound", "payload": base64.b64encode(mulaw[at : at + 160]).decode()}}
        for at in range(0, len(mulaw), 160)
    )
    return [json.dumps(one) for one in ({"event": "connected"}, start, *media)]


def plays(client: TestClient, *messages: str) -> int:
    """Send these until the other side closes, and say with which code."""
    with client.websocket_connect(ADDRESS, headers=signed()) as socket:
        for message in messages:
            socket.send_text(message)
        try:
            socket.receive_text()
        except WebSocketDisconnect as closed:
            return closed.code
    raise AssertionError("the socket was not closed")


@pytest.mark.parametrize("header", [{}, {"X-Twilio-Signature": "bm9uc2Vuc2U="}])
def test_a_stream_that_is_not_the_carriers_is_refused(client: TestClient, header: dict[str, str]) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(ADDRESS, headers=header):
        pass


@pytest.mark.parametrize("over", ["wss://town.test", "https://town.test"])
def test_the_handshake_may_be_signed_over_either_form_of_the_address(client: TestClient, over: str) -> None:
    with client.websocket_connect(ADDRESS, headers=signed(over)) as socket:
        socket.send_text(json.dumps({"event": "stop"}))
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


@pytest.mark.parametrize(
    "message",
    [
        "not json",
        "[]",
        '{"event": "media"}',
        '{"event": "media", "media": {"payload": "?"}}',
        '{"event": "start", "start": {"accountSid": "AC-somebody-else"}}',
        "x" * 5000,
    ],
)
def test_what_is_not_the_carriers_closes_the_stream_and_tells_nothing(
    client: TestClient, waiting: Waiting, message: str
) -> None:
    assert plays(client, message) == 1000
    assert waiting.told == []


def test_the_interpreter_is_heard_behind_menu_and_music(client: TestClient, waiting: Waiting) -> None:
    plays(client, *frames(MENU, {"music": 5}, {"sample": "english"}, {"silence": 1}, PERSON, {"silence": 1}))
    *held, spoke = waiting.told
    assert held
    assert all(event == events.VendorHolds() for event in held)
    assert isinstance(spoke, events.InterpreterSpeaks)
    assert spoke.how == "heard"
    assert 2.0 < spoke.ago < 8.0


def test_nothing_is_listened_to_once_nobody_waits(client: TestClient, waiting: Waiting) -> None:
    waiting.waits = False
    plays(client, *frames(PERSON, {"silence": 1}))
    assert waiting.told == []


def test_music_and_silence_are_no_sentences_and_are_forgotten() -> None:
    sentences = Sentences()
    for message in frames({"music": 6}, {"silence": 3})[2:]:
        if sentences.add(base64.b64decode(json.loads(message)["media"]["payload"])):
            assert sentences.next() is None
    assert len(sentences._sound) <= 8000
