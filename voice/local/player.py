"""Executes TwiML for one call: says, plays, gathers, records, dials, and asks the product what comes next."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.etree import ElementTree

from defusedxml import ElementTree as SafeTree

from voice.local import sound
from voice.local.callbacks import Callbacks
from voice.local.conferences import Conferences
from voice.local.exchange import OVER, Call, Exchange, Message, Recording, sid
from voice.local.streams import Streams

if TYPE_CHECKING:
    from voice.local.calling import Calling

Element = ElementTree.Element
_DIALLED_AT_ONCE = 10


class _GoTo(Exception):
    """Control goes to another document."""

    def __init__(self, url: str, method: str, extra: dict[str, str] | None = None) -> None:
        super().__init__(url)
        self.url, self.method, self.extra = url, method, extra or {}


class _HangUp(Exception):
    """The document ends the call."""

    def __init__(self, status: str = "completed") -> None:
        super().__init__(status)
        self.status = status


class Player:
    """Plays documents to calls."""

    def __init__(self, exchange: Exchange, callbacks: Callbacks, calling: "Calling") -> None:
        self._exchange = exchange
        self._callbacks = callbacks
        self._calling = calling
        self.conferences = Conferences(exchange, callbacks, self._on_hold, self._before_it_starts)
        self._streams = Streams(exchange)
        self._verbs: dict[str, Callable[[Call, Element, str], Awaitable[None]]] = {
            "Say": self._say,
            "Play": self._play,
            "Pause": self._pause,
            "Gather": self._gather,
            "Record": self._record,
            "Dial": self._dial,
            "Enqueue": self._enqueue,
            "Redirect": self._redirect,
            "Hangup": self._hangup,
            "Reject": self._reject,
            "Start": self._start,
            "Connect": self._connect,
            "Message": self._message,
        }

    async def run(self, call: Call, url: str, method: str, twiml: str = "") -> None:
        """Execute what `url` answers (or `twiml`), and everything it leads to, until the call is to end."""
        extra: dict[str, str] = {}
        while call.status not in OVER:
            document = await self._document(call, url, method, extra, twiml)
            if document is None:
                self._exchange.happened("application error", call=call.sid, url=url)
                call.heard.append({"said": "An application error has occurred. Goodbye.", "language": "en-US"})
                return
            try:
                await self._all(call, document, url)
            except _GoTo as there:
                url, method, extra, twiml = urljoin(url, there.url), there.method, there.extra, ""
                continue
            except _HangUp as end:
                await self._calling.end(call, end.status)
            return

    async def _document(self, call: Call, url: str, method: str, extra: dict[str, str], twiml: str) -> Element | None:
        if not twiml:
            answer = await self._callbacks.ask(url, self._callbacks.call_fields(call) | extra, method)
            if answer is None:
                return None
            twiml = answer.text
        try:
            document: Element = SafeTree.fromstring(twiml)
        except ElementTree.ParseError as error:
            self._exchange.happened("bad twiml", call=call.sid, url=url, why=str(error))
            return None
        return document if document.tag == "Response" else None

    async def _all(self, call: Call, parent: Element, url: str) -> None:
        for verb in parent:
            handler = self._verbs.get(verb.tag)
            if handler is None:
                self._exchange.happened("unknown verb", call=call.sid, verb=verb.tag)
                continue
            call.doing = verb.tag
            await handler(call, verb, url)

    # -- what is heard -------------------------------------------------------------------------------------------------

    async def _say(self, call: Call, verb: Element, url: str) -> None:
        text = (verb.text or "").strip()
        told = {"said": text, "language": verb.get("language", "en-US")}
        call.heard.append(told)
        self._exchange.happened("said", call=call.sid, phone=call.phone, text=text, language=told["language"])
        await self._exchange.sleep(sound.spoken_seconds(text) * int(verb.get("loop", "1")))

    async def _play(self, call: Call, verb: Element, url: str) -> None:
        address = urljoin(url, (verb.text or "").strip())
        self._exchange.happened("playing", call=call.sid, phone=call.phone, url=address)
        call.heard.append({"played": address})
        data = await self._callbacks.fetch(address)
        if data is not None:
            await self._exchange.sleep(sound.seconds_of(sound.to_pcm(data)) * max(int(verb.get("loop", "1")), 1))

    async def _pause(self, call: Call, verb: Element, url: str) -> None:
        await self._exchange.sleep(float(verb.get("length", "1")))

    # -- what is said and pressed --------------------------------------------------------------------------------------

    async def _gather(self, call: Call, verb: Element, url: str) -> None:
        while not call.digits.empty():
            call.digits.get_nowait()
        self._exchange.happened("gathering", call=call.sid, phone=call.phone, action=verb.get("action", ""))
        self._press_by_itself(call)
        heard = asyncio.ensure_future(self._all(call, verb, url))
        first = asyncio.ensure_future(call.digits.get())
        try:
            await asyncio.wait({heard, first}, return_when=asyncio.FIRST_COMPLETED)
            if not first.done():
                await heard
                timeout = float(verb.get("timeout", "5")) / self._exchange.speed
                await asyncio.wait({first}, timeout=timeout)
            if not first.done():
                return
            digits = await self._rest_of(call, first.result(), verb)
        finally:
            heard.cancel()
            first.cancel()
            await asyncio.gather(heard, first, return_exceptions=True)
        raise _GoTo(verb.get("action", url), verb.get("method", "POST"), {"Digits": digits})

    async def _rest_of(self, call: Call, digits: str, verb: Element) -> str:
        wanted = int(verb.get("numDigits", "0"))
        finish = verb.get("finishOnKey", "#")
        timeout = float(verb.get("timeout", "5")) / self._exchange.speed
        while not digits.endswith(finish) and (not wanted or len(digits) < wanted):
            try:
                digits += await asyncio.wait_for(call.digits.get(), timeout)
            except TimeoutError:
                break
        return digits.removesuffix(finish)

    def _press_by_itself(self, call: Call) -> None:
        behaviour = self._exchange.phone(call.phone).behaviour
        if behaviour.press:
            call.stream_tasks.append(self._exchange.soon(self._press_later(call, behaviour.press[0])))

    async def _press_later(self, call: Call, digit: str) -> None:
        await self._exchange.sleep(self._exchange.phone(call.phone).behaviour.press_after)
        if call.doing:
            self._exchange.happened("pressed", call=call.sid, phone=call.phone, digits=digit)
            call.digits.put_nowait(digit)

    async def _record(self, call: Call, verb: Element, url: str) -> None:
        """Ends after `timeout` of silence, at `maxLength`, or by a key. Nothing said: the next verb follows.

        What was said until the call was moved elsewhere, or ended, is kept all the same.
        """
        timeout, longest = float(verb.get("timeout", "5")), float(verb.get("maxLength", "3600"))
        self._exchange.happened("recording", call=call.sid, phone=call.phone)
        pcm, ended = b"", "timeout"
        try:
            while sound.seconds_of(pcm) < longest:
                piece, key = await self._next_words(call, timeout)
                if piece:
                    room = longest - sound.seconds_of(pcm)
                    piece = piece[: int(room * sound.RATE) * 2]
                    pcm += piece
                    await self._exchange.sleep(sound.seconds_of(piece))
                    self._exchange.happened("spoke", call=call.sid, phone=call.phone, seconds=sound.seconds_of(piece))
                if key or not piece:
                    ended = "#" if key else "timeout"
                    break
        except asyncio.CancelledError:
            while not call.speech.empty():
                pcm += call.speech.get_nowait()
            if pcm:
                self._kept(call, verb, url, pcm)
            raise
        if not pcm:
            return
        told = self._kept(call, verb, url, pcm + sound.silence(timeout if ended == "timeout" else 0.0))
        digits = "hangup" if call.status in OVER else ended.replace("timeout", "")
        raise _GoTo(verb.get("action", url), verb.get("method", "POST"), told | {"Digits": digits})

    def _kept(self, call: Call, verb: Element, url: str, pcm: bytes) -> dict[str, str]:
        """Keep a recording, and say so where that is asked for; returns what is told of it."""
        recording = Recording(sid("RE"), call.sid, sound.to_wav(pcm), sound.seconds_of(pcm))
        self._exchange.recordings[recording.sid] = recording
        self._exchange.happened("recorded", call=call.sid, phone=call.phone, recording=recording.sid)
        told = {
            "RecordingSid": recording.sid,
            "RecordingUrl": self.recording_url(recording.sid),
            "RecordingDuration": str(max(1, round(recording.seconds))),
        }
        if verb.get("recordingStatusCallback"):
            more = {"CallSid": call.sid, "AccountSid": self._exchange.account_sid, "RecordingStatus": "completed"}
            address = urljoin(url, verb.get("recordingStatusCallback", ""))
            self._exchange.soon(self._callbacks.tell(address, told | more))
        return told

    async def _next_words(self, call: Call, timeout: float) -> tuple[bytes, bool]:
        words, key = asyncio.ensure_future(call.speech.get()), asyncio.ensure_future(call.digits.get())
        try:
            await asyncio.wait(
                {words, key}, timeout=timeout / self._exchange.speed, return_when=asyncio.FIRST_COMPLETED
            )
            return (words.result() if words.done() else b""), key.done()
        except asyncio.CancelledError:
            if words.done():
                call.speech.put_nowait(words.result())  # said before the call went elsewhere
            raise
        finally:
            words.cancel()
            key.cancel()

    def recording_url(self, recording_sid: str) -> str:
        """Where the recording is fetched, relative to the API."""
        return f"/2010-04-01/Accounts/{self._exchange.account_sid}/Recordings/{recording_sid}"

    # -- who is reached ------------------------------------------------------------------------------------------------

    async def _dial(self, call: Call, verb: Element, url: str) -> None:
        conference, queue = verb.find("Conference"), verb.find("Queue")
        extra: dict[str, str] = {}
        if conference is not None and verb.get("hangupOnStar") == "true":
            await self._until_star(call, conference, url)
        elif conference is not None:
            await self.conferences.stay(call, conference, url)
        elif queue is not None:
            extra["DialCallStatus"] = await self._take_from_queue(call, (queue.text or "").strip())
        else:
            numbers = [(n.text or "").strip() for n in verb.findall("Number")] or [(verb.text or "").strip()]
            extra["DialCallStatus"] = await self._dial_numbers(call, numbers[:_DIALLED_AT_ONCE], verb)
        if verb.get("action"):
            raise _GoTo(verb.get("action", ""), verb.get("method", "POST"), extra)

    async def _until_star(self, call: Call, conference: Element, url: str) -> None:
        """Stay in the conference until it ends or the star key is pressed; other keys mean nothing there."""
        while not call.digits.empty():
            call.digits.get_nowait()
        stays = asyncio.ensure_future(self.conferences.stay(call, conference, url))
        star = asyncio.ensure_future(self._star(call))
        try:
            await asyncio.wait({stays, star}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stays.cancel()
            star.cancel()
            await asyncio.gather(stays, star, return_exceptions=True)

    async def _star(self, call: Call) -> None:
        while await call.digits.get() != "*":
            pass

    async def _dial_numbers(self, call: Call, numbers: list[str], verb: Element) -> str:
        """Ring them at once; the first to pick up is connected, the others stop. Returns the dial's status."""
        seconds = float(verb.get("timeout", "30"))
        legs = []
        for number in numbers:
            leg = Call(sid("CA"), number, number, call.from_, "outbound-dial", parent=call.sid, ring_seconds=seconds)
            self._exchange.calls[leg.sid] = leg
            leg.task = self._exchange.soon(self._calling.dialled(leg))
            legs.append(leg)
        waits = {asyncio.ensure_future(leg.bridged.wait()): leg for leg in legs}
        overs = asyncio.ensure_future(asyncio.wait([asyncio.ensure_future(leg.over.wait()) for leg in legs]))
        try:
            await asyncio.wait({*waits, overs}, return_when=asyncio.FIRST_COMPLETED)
            answered = next((leg for wait, leg in waits.items() if wait.done()), None)
            for leg in legs:
                if leg is not answered:
                    await self._calling.end(leg, "completed")
            if answered is None:
                return "busy" if any(leg.status == "busy" for leg in legs) else "no-answer"
            self._exchange.happened("bridged", call=call.sid, phone=call.phone, to=answered.phone)
            await answered.over.wait()
            return "completed"
        finally:
            for leg in legs:
                await self._calling.end(leg, "completed")
            for wait in (*waits, overs):
                wait.cancel()

    async def _enqueue(self, call: Call, verb: Element, url: str) -> None:
        name = (verb.text or "").strip()
        waiting = self._exchange.queues.setdefault(name, deque())
        waiting.append(call.sid)
        self._exchange.happened("queued", call=call.sid, phone=call.phone, queue=name)
        music = asyncio.ensure_future(self._wait_in_queue(call, verb, url))
        taken = asyncio.ensure_future(call.bridged.wait())
        try:
            await asyncio.wait({music, taken}, return_when=asyncio.FIRST_COMPLETED)
            result = "bridged" if taken.done() else "leave"
            if taken.done():
                await call.over.wait()
        finally:
            music.cancel()
            taken.cancel()
            with contextlib.suppress(ValueError):
                waiting.remove(call.sid)
        if verb.get("action"):
            raise _GoTo(verb.get("action", ""), verb.get("method", "POST"), {"QueueResult": result})

    async def _wait_in_queue(self, call: Call, verb: Element, url: str) -> None:
        while verb.get("waitUrl"):
            address = urljoin(url, verb.get("waitUrl", ""))
            document = await self._document(call, address, verb.get("waitUrlMethod", "POST"), {}, "")
            if document is None:
                break
            if document.find("Leave") is not None:
                return
            await self._all(call, document, address)
            await self._exchange.sleep(0.5)
        await asyncio.Event().wait()

    async def _on_hold(self, call: Call, url: str, method: str) -> None:
        """Play what the address answers, and what that leads to, over and over."""
        while True:
            document = await self._document(call, url, method, {}, "")
            if document is None:
                return
            try:
                await self._all(call, document, url)
            except _GoTo as there:
                url, method = urljoin(url, there.url), there.method
            finally:
                call.doing = "Dial"
            await self._exchange.sleep(0.5)

    async def _before_it_starts(self, call: Call, url: str, method: str) -> None:
        """Play what a conference's waitUrl answers, over and over: a sound, or a document as on hold."""
        while True:
            answer = await self._callbacks.ask(url, self._callbacks.call_fields(call), method)
            if answer is None:
                return
            if not answer.headers.get("content-type", "").startswith("audio/"):
                await self._on_hold(call, url, method)
                return
            self._exchange.happened("playing", call=call.sid, phone=call.phone, url=url)
            call.heard.append({"played": url})
            # At least a moment: a sound without length must not be asked for without end.
            await self._exchange.sleep(max(sound.seconds_of(sound.to_pcm(answer.content)), 0.5))

    async def _take_from_queue(self, call: Call, name: str) -> str:
        waiting = self._exchange.queues.get(name)
        if not waiting:
            return "no-answer"
        other = self._exchange.calls[waiting[0]]
        other.bridged.set()
        await other.over.wait()
        return "completed"

    # -- the rest ------------------------------------------------------------------------------------------------------

    async def _redirect(self, call: Call, verb: Element, url: str) -> None:
        raise _GoTo((verb.text or "").strip(), verb.get("method", "POST"))

    async def _hangup(self, call: Call, verb: Element, url: str) -> None:
        raise _HangUp

    async def _reject(self, call: Call, verb: Element, url: str) -> None:
        raise _HangUp("busy" if verb.get("reason") == "busy" else "no-answer")

    async def _start(self, call: Call, verb: Element, url: str) -> None:
        for stream in verb.findall("Stream"):
            call.stream_tasks.append(self._exchange.soon(self._streams.run(call, stream, both_ways=False)))

    async def _connect(self, call: Call, verb: Element, url: str) -> None:
        for stream in verb.findall("Stream"):
            await self._streams.run(call, stream, both_ways=True)

    async def _message(self, call: Call, verb: Element, url: str) -> None:
        body = "".join(verb.itertext()).strip()
        message = Message(sid("SM"), call.to, verb.get("to", call.from_), body, "outbound-reply", "delivered")
        self._exchange.messages[message.sid] = message
        self._exchange.phone(message.to).texts.append({"from": message.from_, "body": body, "sid": message.sid})
        self._exchange.happened("text", phone=message.to, sender=message.from_, body=body, sid=message.sid)
