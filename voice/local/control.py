"""Playing the people: make phones call, text, answer, press, speak and hang up, and watch what happens.

GET  /phones/{number}                what the phone shows now
POST /phones/{number}                how it behaves by itself (fields of `Behaviour`)
POST /phones/{number}/call           {"to": "+1..."}           call the hotline
POST /phones/{number}/text           {"to": "+1...", "body"}   text the hotline
POST /phones/{number}/answer | decline | hang-up
POST /phones/{number}/press          {"digits": "1"}
POST /phones/{number}/speak          an audio file as the body, or {"sample": "spanish"}
GET  /events?after=N&wait=SECONDS    what happened since
POST /faults                         {"deliveries": 2, "speed": 20}
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from voice.local import sound
from voice.local.calling import Calling
from voice.local.exchange import OVER, Behaviour, Call, Exchange, Phone
from voice.local.texting import Texting

_PAGE = Path(__file__).parent / "phones.html"
_LONGEST_WAIT = 30.0

Handler = Callable[[Request, Phone], Awaitable[Response]]


class NotNow(Exception):
    """The phone cannot do that at the moment; the message says why."""


class Control:
    """The endpoints over one exchange."""

    def __init__(
        self, exchange: Exchange, calling: Calling, texting: Texting, samples: Path | None, names: dict[str, str]
    ) -> None:
        """`samples`: folder of WAV files that phones can speak; `names`: what the page calls each number."""
        self._exchange = exchange
        self._calling = calling
        self._texting = texting
        self._samples = {path.stem: path for path in sorted(samples.glob("*.wav"))} if samples else {}
        exchange.samples = self._samples
        self._names = names

    def routes(self) -> list[BaseRoute]:
        """The addresses."""
        acts: dict[str, Handler] = {
            "call": self.call,
            "text": self.text,
            "answer": self.answer,
            "decline": self.decline,
            "hang-up": self.hang_up,
            "press": self.press,
            "speak": self.speak,
        }
        found: list[BaseRoute] = [
            Route("/", self.page),
            Route("/directory", self.directory),
            Route("/events", self.events),
            Route("/faults", self.faults, methods=["POST"]),
            Route("/samples/{name}.wav", self.sample),
            Route("/phones/{number}", self._phone(self.show), methods=["GET"]),
            Route("/phones/{number}", self._phone(self.behave), methods=["POST"]),
        ]
        for name, act in acts.items():
            found.append(Route(f"/phones/{{number}}/{name}", self._phone(act), methods=["POST"]))
        return found

    # -- the phones ----------------------------------------------------------------------------------------------------

    async def show(self, request: Request, phone: Phone) -> Response:
        """What the phone shows."""
        return JSONResponse(self._shown(phone))

    async def behave(self, request: Request, phone: Phone) -> Response:
        """Change what it does by itself."""
        told = await request.json()
        known = {field.name for field in fields(Behaviour)}
        if unknown := set(told) - known:
            return JSONResponse({"error": f"unknown: {', '.join(sorted(unknown))}"}, status_code=400)
        phone.behaviour = Behaviour(**(asdict(phone.behaviour) | told))
        return JSONResponse(self._shown(phone))

    async def call(self, request: Request, phone: Phone) -> Response:
        """Call the hotline."""
        if phone.current:
            raise NotNow("This phone is in a call.")
        call = self._calling.call_hotline(phone.number, self._line(await request.json()))
        return JSONResponse({"call": call.sid})

    async def text(self, request: Request, phone: Phone) -> Response:
        """Text the hotline."""
        told = await request.json()
        message = await self._texting.from_phone(phone.number, self._line(told), str(told.get("body", "")))
        return JSONResponse({"message": message.sid})

    async def answer(self, request: Request, phone: Phone) -> Response:
        """Pick up."""
        self._ringing(phone)
        phone.answer.set()
        return JSONResponse(self._shown(phone))

    async def decline(self, request: Request, phone: Phone) -> Response:
        """Press the red button while it rings."""
        self._ringing(phone)
        phone.decline.set()
        return JSONResponse(self._shown(phone))

    async def hang_up(self, request: Request, phone: Phone) -> Response:
        """End the call it is in."""
        await self._calling.end(self._in_call(phone), "completed")
        return JSONResponse(self._shown(phone))

    async def press(self, request: Request, phone: Phone) -> Response:
        """Press keys."""
        call = self._in_call(phone)
        digits = str((await request.json()).get("digits", ""))
        self._exchange.happened("pressed", call=call.sid, phone=phone.number, digits=digits)
        for digit in digits:
            call.digits.put_nowait(digit)
        return JSONResponse(self._shown(phone))

    async def speak(self, request: Request, phone: Phone) -> Response:
        """Say something into the phone."""
        call = self._in_call(phone)
        if request.headers.get("content-type", "").startswith("application/json"):
            name = str((await request.json()).get("sample", ""))
            if name not in self._samples:
                raise NotNow(f"There is no sample {name!r}.")
            data = self._samples[name].read_bytes()
        else:
            data = await request.body()
        pcm = sound.to_pcm(data)
        for queue in call.stream_queues:
            queue.put_nowait(pcm)
        seconds = sound.seconds_of(pcm)
        if call.conference:
            return JSONResponse({"seconds": seconds, "heard": self._calling.player.conferences.spoken(call, seconds)})
        call.speech.put_nowait(pcm)
        return JSONResponse({"seconds": seconds})

    # -- watching ------------------------------------------------------------------------------------------------------

    async def events(self, request: Request) -> Response:
        """What happened after event number `after`; waits up to `wait` seconds for news."""
        after = int(request.query_params.get("after", "0"))
        wait = min(float(request.query_params.get("wait", "0")), _LONGEST_WAIT)
        return JSONResponse(await self._exchange.events_after(after, wait))

    async def faults(self, request: Request) -> Response:
        """Make this carrier misbehave: `deliveries` repeats status callbacks and text webhooks."""
        told = await request.json()
        self._exchange.deliveries = int(told.get("deliveries", self._exchange.deliveries))
        self._exchange.speed = float(told.get("speed", self._exchange.speed))
        return JSONResponse({"deliveries": self._exchange.deliveries, "speed": self._exchange.speed})

    async def directory(self, request: Request) -> Response:
        """The numbers, the phones and the sounds there are."""
        return JSONResponse(
            {"hotlines": list(self._exchange.lines), "phones": self._names, "samples": list(self._samples)}
        )

    async def sample(self, request: Request) -> Response:
        """A sound."""
        path = self._samples.get(request.path_params["name"])
        return FileResponse(path) if path else JSONResponse({"error": "no such sample"}, status_code=404)

    async def page(self, request: Request) -> Response:
        """The phones in a browser."""
        return HTMLResponse(_PAGE.read_text(encoding="utf-8"))

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _phone(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            phone = self._exchange.phone(request.path_params["number"])
            try:
                return await handler(request, phone)
            except NotNow as why:
                return JSONResponse({"error": str(why)}, status_code=409)

        return endpoint

    def _line(self, told: dict[str, str]) -> str:
        to = told.get("to") or next(iter(self._exchange.lines))
        if to not in self._exchange.lines:
            raise NotNow(f"{to} is not one of the hotline's numbers.")
        return to

    def _ringing(self, phone: Phone) -> Call:
        call = self._exchange.calls.get(phone.current)
        if call is None or call.status != "ringing":
            raise NotNow("This phone is not ringing.")
        return call

    def _in_call(self, phone: Phone) -> Call:
        call = self._exchange.calls.get(phone.current)
        if call is None or call.status in OVER:
            raise NotNow("This phone is not in a call.")
        return call

    def _shown(self, phone: Phone) -> dict[str, object]:
        call = self._exchange.calls.get(phone.current)
        room = self._exchange.conferences.get(call.conference) if call else None
        inside = room.participants.get(call.sid) if call and room else None
        return {
            "number": phone.number,
            "texts": phone.texts,
            "behaviour": asdict(phone.behaviour),
            "unsubscribed": phone.unsubscribed,
            "call": None
            if call is None
            else {
                "sid": call.sid,
                "status": call.status,
                "doing": call.doing,
                "heard": call.heard[-8:],
                "conference": room.name if room else None,
                "muted": bool(inside and inside.muted),
                "hold": bool(inside and inside.hold),
                "with": [self._exchange.calls[s].phone for s in room.participants if s != call.sid] if room else [],
            },
        }
