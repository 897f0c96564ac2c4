"""Media streams: the caller's audio over a websocket, as the carrier sends it (JSON, base64 mu-law, 20 ms)."""

import asyncio
import base64
import json
from xml.etree.ElementTree import Element

import numpy as np
import websockets
from twilio.request_validator import RequestValidator

from voice.audio import to_mulaw
from voice.local import sound
from voice.local.exchange import Call, Exchange, sid

_FRAME_SECONDS = 0.02
_FRAME_SAMPLES = 160


class Streams:
    """Opens streams and keeps them fed."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._validator = RequestValidator(exchange.auth_token)

    async def run(self, call: Call, noun: Element, both_ways: bool) -> None:
        """Stream until the call, or for both ways the other side, ends it."""
        stream = sid("MZ")
        try:
            address = noun.get("url", "")
            signed = {"X-Twilio-Signature": self._validator.compute_signature(address, {})}
            async with websockets.connect(address, additional_headers=signed) as socket:
                await self._open(socket, call, noun, stream)
                sending = asyncio.ensure_future(self._send(socket, call, stream))
                reading = asyncio.ensure_future(self._read(socket, call))
                over = asyncio.ensure_future(call.over.wait())
                try:
                    ends = {over, reading} if both_ways else {over, sending}
                    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for task in (sending, reading, over):
                        task.cancel()
                await socket.send(json.dumps({"event": "stop", "streamSid": stream, "stop": {"callSid": call.sid}}))
        except (OSError, websockets.WebSocketException) as error:
            self._exchange.happened("stream failed", call=call.sid, why=type(error).__name__)

    async def _open(self, socket: websockets.ClientConnection, call: Call, noun: Element, stream: str) -> None:
        await socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        start = {
            "accountSid": self._exchange.account_sid,
            "streamSid": stream,
            "callSid": call.sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {p.get("name", ""): p.get("value", "") for p in noun.findall("Parameter")},
        }
        await socket.send(json.dumps({"event": "start", "sequenceNumber": "1", "streamSid": stream, "start": start}))
        self._exchange.happened("streaming", call=call.sid, phone=call.phone)

    async def _send(self, socket: websockets.ClientConnection, call: Call, stream: str) -> None:
        """Frames at their own pace: speech when there is some, otherwise silence."""
        pcm, count = b"", 1
        while True:
            if not pcm and not call.speech.empty():
                pcm = call.speech.get_nowait()
            frame = pcm[: _FRAME_SAMPLES * 2].ljust(_FRAME_SAMPLES * 2, b"\0")
            pcm = pcm[_FRAME_SAMPLES * 2 :]
            coded = to_mulaw(np.frombuffer(frame, dtype="<i2").astype(np.float32) / 32768.0)
            count += 1
            media = {
                "track": "inbound",
                "chunk": str(count - 1),
                "timestamp": str(int((count - 2) * _FRAME_SECONDS * 1000)),
                "payload": base64.b64encode(coded).decode(),
            }
            told = {"event": "media", "sequenceNumber": str(count), "streamSid": stream, "media": media}
            await socket.send(json.dumps(told))
            await self._exchange.sleep(_FRAME_SECONDS)

    async def _read(self, socket: websockets.ClientConnection, call: Call) -> None:
        """What the other side plays into the call: its length is what matters here. Marks are answered."""
        async for raw in socket:
            told = json.loads(raw)
            if told.get("event") == "media":
                payload = base64.b64decode(told["media"]["payload"])
                call.heard.append({"streamed": len(payload) / sound.RATE})
            elif told.get("event") == "mark":
                await socket.send(json.dumps(told))
