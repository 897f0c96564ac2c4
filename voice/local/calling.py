"""Calls from start to end: pacing, ringing, being answered or not, status callbacks, the phone's own behaviour."""

import asyncio

from voice.local import sound
from voice.local.callbacks import Callbacks
from voice.local.exchange import OVER, Call, Exchange, now, sid
from voice.local.player import Player

_DETECTION_SECONDS = 3.0
_VOICEMAIL_AFTER_SECONDS = 20.0


class Calling:
    """Starts, rings and ends calls."""

    def __init__(self, exchange: Exchange, callbacks: Callbacks) -> None:
        self._exchange = exchange
        self._callbacks = callbacks
        self.player = Player(exchange, callbacks, self)

    async def close(self) -> None:
        """End every call."""
        await asyncio.gather(*(self.end(call, "completed") for call in list(self._exchange.calls.values())))

    # -- starting ------------------------------------------------------------------------------------------------------

    def ring_out(self, call: Call) -> Call:
        """Start an outbound call; it is queued until its turn comes."""
        self._exchange.calls[call.sid] = call
        call.task = self._exchange.soon(self._outbound(call))
        return call

    def call_hotline(self, phone: str, hotline: str) -> Call:
        """A simulated phone calls one of the account's numbers."""
        line = self._exchange.lines[hotline]
        call = Call(sid("CA"), phone, hotline, phone, "inbound", line.voice_url, status="ringing")
        call.status_url = line.status_url
        self._exchange.calls[call.sid] = call
        self._exchange.phone(phone).current = call.sid
        self._exchange.happened("call", call=call.sid, phone=phone, to=hotline, direction="inbound")
        self._answered(call)
        call.task = self._exchange.soon(self._talk(call))
        return call

    async def _outbound(self, call: Call) -> None:
        await self._exchange.turn_to_start()
        if call.status in OVER:
            return
        phone = self._exchange.phone(call.phone)
        if phone.current:
            await self.end(call, "busy")
            return
        phone.current = call.sid
        phone.answer.clear()
        phone.decline.clear()
        call.status = "ringing"
        self._exchange.happened("ringing", call=call.sid, phone=call.phone)
        await self._progress(call, "initiated")
        await self._progress(call, "ringing")
        how = await self._ringing(call)
        if how != "in-progress":
            await self.end(call, how)
            return
        self._answered(call)
        await self._progress(call, "answered")
        if call.send_digits:
            waits = sum(key in "wW" for key in call.send_digits) * 0.5
            await self._exchange.sleep(waits)
            keys = call.send_digits.replace("w", "").replace("W", "")
            self._exchange.happened("keys sent", call=call.sid, phone=call.phone, digits=keys)
        if call.machine_url:
            self._exchange.soon(self._detect(call))
        await self._talk(call)

    async def dialled(self, leg: Call) -> None:
        """Ring a phone for another call's `<Dial>`; `bridged` is set when it is picked up."""
        phone = self._exchange.phone(leg.phone)
        if phone.current:
            await self.end(leg, "busy")
            return
        phone.current = leg.sid
        phone.answer.clear()
        phone.decline.clear()
        leg.status = "ringing"
        self._exchange.happened("ringing", call=leg.sid, phone=leg.phone)
        how = await self._ringing(leg)
        if how != "in-progress":
            await self.end(leg, how)
            return
        self._answered(leg)
        leg.bridged.set()
        await leg.over.wait()

    async def _ringing(self, call: Call) -> str:
        """Ring until the phone does something; returns the call's next status."""
        behaviour = self._exchange.phone(call.phone).behaviour
        phone = self._exchange.phone(call.phone)
        if behaviour.answers == "busy":
            return "busy"
        if behaviour.answers in ("yes", "voicemail"):
            after = behaviour.after if behaviour.answers == "yes" else _VOICEMAIL_AFTER_SECONDS
            if after < call.ring_seconds:
                self._exchange.soon(self._later(after, phone.answer))
        picks, refuses = asyncio.ensure_future(phone.answer.wait()), asyncio.ensure_future(phone.decline.wait())
        try:
            await asyncio.wait(
                {picks, refuses},
                timeout=call.ring_seconds / self._exchange.speed,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if picks.done():
                return "in-progress"
            return "busy" if refuses.done() else "no-answer"
        finally:
            picks.cancel()
            refuses.cancel()

    async def _later(self, seconds: float, event: asyncio.Event) -> None:
        await self._exchange.sleep(seconds)
        event.set()

    def _answered(self, call: Call) -> None:
        call.status = "in-progress"
        call.started = now()
        voicemail = self._exchange.phone(call.phone).behaviour.answers == "voicemail"
        call.answered_by = ("machine_start" if voicemail else "human") if call.machine_url else None
        self._exchange.happened("answered", call=call.sid, phone=call.phone)
        if self._exchange.phone(call.phone).behaviour.says:
            self._exchange.soon(self._says(call))
        hang_up = self._exchange.phone(call.phone).behaviour.hang_up_after
        if hang_up:
            self._exchange.soon(self._hang_up_later(call, hang_up))

    async def _says(self, call: Call) -> None:
        """Put what this phone plays by itself into its mouth, piece after piece."""
        for piece in self._exchange.phone(call.phone).behaviour.says:
            pcm = await asyncio.to_thread(sound.piece, piece, self._exchange.samples)
            for queue in call.stream_queues:
                queue.put_nowait(pcm)
            call.speech.put_nowait(pcm)

    async def _hang_up_later(self, call: Call, seconds: float) -> None:
        await self._exchange.sleep(seconds)
        await self.end(call, "completed")

    async def _detect(self, call: Call) -> None:
        await self._exchange.sleep(_DETECTION_SECONDS)
        if call.status not in OVER:
            fields = self._callbacks.call_fields(call) | {"AnsweredBy": call.answered_by or "unknown"}
            await self._callbacks.tell(call.machine_url, fields)

    async def _talk(self, call: Call) -> None:
        await self.player.run(call, call.url, call.method, twiml=call.twiml)
        await self.end(call, "completed")

    # -- changing and ending -------------------------------------------------------------------------------------------

    async def move(self, call: Call, url: str = "", twiml: str = "", method: str = "POST") -> None:
        """Interrupt what the call hears and go on there."""
        if call.status in ("queued", "ringing"):
            call.url, call.twiml, call.method = url, twiml, method
            return
        await self._interrupt(call)
        self._exchange.happened("moved", call=call.sid, phone=call.phone)
        call.task = self._exchange.soon(self._moved(call, url, twiml, method))

    async def _moved(self, call: Call, url: str, twiml: str, method: str) -> None:
        await self.player.run(call, url, method, twiml=twiml)
        await self.end(call, "completed")

    async def end(self, call: Call, status: str) -> None:
        """End a call once; later calls of this change nothing."""
        if call.status in OVER:
            return
        unanswered = call.status in ("queued", "ringing") and call.direction != "inbound"
        call.status = "canceled" if unanswered and status == "completed" else status
        call.ended = now()
        if call.started:
            call.seconds = int((call.ended - call.started).total_seconds() * self._exchange.speed)
        call.over.set()
        phone = self._exchange.phone(call.phone)
        if phone.current == call.sid:
            phone.current = ""
        await self._interrupt(call)
        for task in call.stream_tasks:
            task.cancel()
        self._exchange.happened("ended", call=call.sid, phone=call.phone, status=call.status)
        await self._progress(call, "completed")

    async def _interrupt(self, call: Call) -> None:
        task = call.task
        if task is not None and task is not asyncio.current_task() and not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        call.doing = ""

    async def _progress(self, call: Call, event: str) -> None:
        if call.status_url and event in call.status_events:
            fields = self._callbacks.call_fields(call)
            fields["CallbackSource"] = "call-progress-events"
            if call.seconds is not None:
                fields["CallDuration"] = str(call.seconds)
            self._exchange.soon(self._callbacks.tell(call.status_url, fields))
