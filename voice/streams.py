"""A vendor's line, listened to while they keep people waiting: sound in, words judged, one event out. Memory only.

The carrier forks the sound of the vendor's leg to a websocket of ours (JSON messages, base64 mu-law, 20 ms). Sentences
are cut out by voice activity, written down by the local model on a thread of their own, judged by `vendor_hold` and
forgotten. As soon as an interpreter speaks, or nobody waits any more, the socket is closed: nothing is heard of the
session itself.
"""

import base64
import binascii
import json
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
from anyio import CapacityLimiter, to_thread
from faster_whisper.vad import VadOptions, get_speech_timestamps
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dispatch import events
from dispatch.errors import DispatchError
from dispatch.intake import Intake
from dispatch.policy import Vendor
from dispatch.settings import Settings
from dispatch.vendor_hold import Heard, Spoke, judge
from voice.audio import SAMPLE_RATE, TELEPHONE_RATE, Samples, at_16k, from_mulaw
from voice.signature import Signature
from voice.speech import Ear

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""Of new sound, after which sentences are looked for."""
_PAUSE_SECONDS = 0.6
"""Of quiet that end a sentence."""
_LONGEST_SECONDS = 6.0
"""A sentence that goes on longer is judged by its first part: somebody who offers help says so at once."""
_KEPT_SECONDS = 12.0
"""Of sound kept at most, while an earlier sentence is being written down."""
_LONGEST_MESSAGE = 4096
"""Characters of one message: 20 ms are 160 bytes, about 220 characters in base64."""
_UNDERSTOOD = -1.0
"""Mean log probability of a token under which words are more guessed than heard."""
_VAD = VadOptions(threshold=0.5, min_speech_duration_ms=300, min_silence_duration_ms=400, speech_pad_ms=150)


class Sentences:
    """Cuts telephone sound into sentences."""

    def __init__(self) -> None:
        self._sound = np.zeros(0, np.float32)
        self._fresh = 0

    def add(self, mulaw: bytes) -> bool:
        """Take in sound; whether there is enough new to look for a sentence."""
        self._sound = np.concatenate((self._sound, from_mulaw(mulaw)))[-int(_KEPT_SECONDS * TELEPHONE_RATE) :]
        self._fresh += len(mulaw)
        return self._fresh >= LOOK_SECONDS * TELEPHONE_RATE

    def next(self) -> tuple[Samples, float] | None:
        """The first whole sentence at SAMPLE_RATE, and how many seconds ago it began; None while there is none.

        What came before its end is forgotten.
        """
        self._fresh = 0
        if len(self._sound) < LOOK_SECONDS * TELEPHONE_RATE:
            return None
        sound = at_16k(self._sound)
        parts = get_speech_timestamps(sound, _VAD)
        if not parts:
            self._keep(len(sound) - SAMPLE_RATE // 2)
            return None
        start, end = parts[0]["start"], parts[0]["end"]
        paused = len(sound) - end > _PAUSE_SECONDS * SAMPLE_RATE or len(parts) > 1
        if not paused and end - start < _LONGEST_SECONDS * SAMPLE_RATE:
            self._keep(start - SAMPLE_RATE // 2)
            return None
        self._keep(end)
        return sound[start:end], (len(sound) - start) / SAMPLE_RATE

    def _keep(self, start: int) -> None:
        """Forget what lies before `start`, counted at SAMPLE_RATE."""
        self._sound = self._sound[max(start, 0) * TELEPHONE_RATE // SAMPLE_RATE :]


class VendorStreams:
    """The websocket's handler."""

    def __init__(self, intake: Intake, settings: Settings, ear: Callable[[], Ear]) -> None:
        """`ear` gives this process's speech model, loading it at its first use."""
        self._intake = intake
        self._ear = ear
        self._account = settings.account_sid
        self._signature = Signature(settings.signing_token, settings.public_url)
        self._spoken = settings.languages[0]
        self._turn = CapacityLimiter(1)

    def routes(self) -> list[BaseRoute]:
        """The address."""
        return [WebSocketRoute("/voice/{request}/{leg}/stream", self.follow)]

    async def follow(self, socket: WebSocket) -> None:
        """Listen until an interpreter speaks, nobody waits for one any more, or the carrier ends it."""
        if not self._signature.genuine_stream(socket.url.path, socket.headers.get("x-twilio-signature", "")):
            log.warning("unsigned or wrongly signed stream at %s refused", socket.url.path)
            await socket.close(1008)
            return
        await socket.accept()
        try:
            await self._listen(socket, socket.path_params["request"])
        except WebSocketDisconnect:
            return
        except DispatchError as error:
            log.error("a vendor's line is not listened to any more: %s", error)
        await socket.close()

    async def _listen(self, socket: WebSocket, request_id: str) -> None:
        sentences = Sentences()
        while True:
            sound = self._sound(await socket.receive_text())
            if sound is None:
                return
            if not sound or not sentences.add(sound):
                continue
            if not await to_thread.run_sync(self._goes_on, request_id, sentences, limiter=self._turn):
                return

    def _sound(self, message: str) -> bytes | None:
        """The sound in a message; b"" for one without; None where the stream is over, or is none of ours."""
        if len(message) > _LONGEST_MESSAGE:
            return None
        try:
            told: dict[str, Any] = json.loads(message)
            match told.get("event"):
                case "media":
                    return base64.b64decode(told["media"]["payload"], validate=True)
                case "start":
                    return b"" if told["start"]["accountSid"] == self._account else None
                case "stop":
                    return None
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            log.warning("a stream sent what is not the carrier's; it is closed")
            return None
        return b""

    def _goes_on(self, request_id: str, sentences: Sentences) -> bool:
        """Judge the sentences there are; False when there is nothing more to listen for."""
        vendor = self._intake.vendor_on_hold(request_id)
        if vendor is None:
            return False
        while (found := sentences.next()) is not None:
            sentence, ago = found
            heard = self._judged(sentence, vendor)
            if heard is Heard.HUMAN:
                self._intake.report(request_id, events.InterpreterSpeaks(Spoke.HEARD.value, round(ago, 2)))
                return False
            if heard is Heard.HOLD:
                self._intake.report(request_id, events.VendorHolds())
        return True

    def _judged(self, sentence: Samples, vendor: Vendor) -> Heard:
        ear = self._ear()
        heard = ear.hear(sentence)
        spoken = self._spoken if self._spoken in ear.writes else "eng"
        said = ear.transcribe(heard, spoken)
        if not said.text or said.avg_logprob < _UNDERSTOOD:
            return Heard.UNCLEAR
        return judge(said.text, vendor)
