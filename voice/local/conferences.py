"""Conferences of the local carrier: who is in, who is heard, who starts and ends them, and the callbacks about it."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC
from email.utils import format_datetime
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from voice.local.callbacks import Callbacks
from voice.local.exchange import Call, Conference, Exchange, Participant, now, sid


class Conferences:
    """Keeps the rooms."""

    def __init__(
        self,
        exchange: Exchange,
        callbacks: Callbacks,
        on_hold: Callable[[Call, str, str], Coroutine[None, None, None]],
        waiting: Callable[[Call, str, str], Coroutine[None, None, None]],
    ) -> None:
        """`on_hold` plays what an address answers to a call, over and over, until it is cancelled; so does `waiting`,
        to who is in a conference that has not started."""
        self._exchange = exchange
        self._callbacks = callbacks
        self._on_hold = on_hold
        self._waiting = waiting

    async def stay(self, call: Call, noun: Element, url: str) -> None:
        """Put the call in the conference, and return when it has left it."""
        name = (noun.text or "").strip()
        room = self._exchange.conference(name)
        if room is None:
            room = Conference(sid("CF"), name)
            self._exchange.conferences[room.sid] = room
        if noun.get("statusCallback") and not room.status_url:
            room.status_url = urljoin(url, noun.get("statusCallback", ""))
            room.status_events = frozenset(noun.get("statusCallbackEvent", "").split())
        starts, ends = noun.get("startConferenceOnEnter", "true"), noun.get("endConferenceOnExit", "false")
        one = Participant(
            call.sid,
            noun.get("participantLabel"),
            starts == "true",
            ends == "true",
            muted=noun.get("muted", "false") == "true",
        )
        self._enter(room, one, call)
        if room.status == "init" and noun.get("waitUrl"):
            address = urljoin(url, noun.get("waitUrl", ""))
            one.hears = asyncio.ensure_future(self._waiting(call, address, noun.get("waitMethod", "POST")))
        try:
            await one.left.wait()
        finally:
            self.leave(room, one, call)

    def _enter(self, room: Conference, one: Participant, call: Call) -> None:
        room.participants[call.sid] = one
        call.conference = room.sid
        self._exchange.happened("joined", call=call.sid, phone=call.phone, conference=room.name)
        self._tell(room, "join", "participant-join", one)
        if room.status == "init" and len(room.participants) > 1 and any(p.starts for p in room.participants.values()):
            room.status = "in-progress"
            for waited in room.participants.values():
                self._stop_hold(waited)
            self._tell(room, "start", "conference-start", one)

    def leave(self, room: Conference, one: Participant, call: Call) -> None:
        """Take a call out; the conference may end with it."""
        if room.participants.pop(call.sid, None) is None:
            return
        call.conference = ""
        one.left.set()
        self._stop_hold(one)
        self._exchange.happened("left", call=call.sid, phone=call.phone, conference=room.name)
        self._tell(room, "leave", "participant-leave", one)
        if one.ends:
            self.end(room, "participant-with-end-conference-on-exit-left", call.sid)
        elif not room.participants:
            self.end(room, "last-participant-left", call.sid)

    def end(self, room: Conference, reason: str, by: str | None) -> None:
        """Everybody is sent on to what follows in their own document."""
        if room.status == "completed":
            return
        room.status, room.reason, room.ended_by = "completed", reason, by
        for other in list(room.participants.values()):
            other.left.set()
        self._tell(room, "end", "conference-end", None)

    # -- who is heard --------------------------------------------------------------------------------------------------

    def mute(self, room: Conference, one: Participant, wanted: bool) -> None:
        """Let them be heard, or not."""
        if one.muted is not wanted:
            one.muted = wanted
            self._changed(room, one, "mute", "mute" if wanted else "unmute")

    def hold(self, room: Conference, one: Participant, wanted: bool, url: str, method: str) -> None:
        """Take them out of the conversation to what `url` answers, or back into it."""
        if one.hold is wanted:
            return
        one.hold = wanted
        self._stop_hold(one)
        if wanted and url:
            one.hears = asyncio.ensure_future(self._on_hold(self._exchange.calls[one.call_sid], url, method))
        self._changed(room, one, "hold", "hold" if wanted else "unhold")

    def spoken(self, call: Call, seconds: float) -> list[str]:
        """Somebody in a conference speaks: the phones that hear it. Muted they are not heard, on hold nobody hears."""
        room = self._exchange.conferences[call.conference]
        speaker = room.participants[call.sid]
        others = [self._exchange.calls[one.call_sid] for one in room.participants.values() if one is not speaker]
        hearing = [other for other in others if not room.participants[other.sid].hold]
        heard = [] if speaker.muted or speaker.hold else hearing
        for other in heard:
            other.heard.append({"voice": call.phone, "seconds": seconds})
            self._exchange.happened("voice", call=other.sid, phone=other.phone, speaker=call.phone, seconds=seconds)
        if not heard:
            why = "muted" if speaker.muted else "on hold" if speaker.hold else "nobody else is in the conversation"
            self._exchange.happened("not heard", call=call.sid, phone=call.phone, why=why)
        return [other.phone for other in heard]

    def _changed(self, room: Conference, one: Participant, event: str, what: str) -> None:
        phone = self._exchange.calls[one.call_sid].phone
        self._exchange.happened(what, call=one.call_sid, phone=phone, conference=room.name)
        self._tell(room, event, f"participant-{what}", one)

    def _stop_hold(self, one: Participant) -> None:
        if one.hears is not None:
            one.hears.cancel()
            one.hears = None

    def _tell(self, room: Conference, event: str, what: str, one: Participant | None) -> None:
        if not room.status_url or event not in room.status_events:
            return
        room.sequence += 1
        fields = {
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "AccountSid": self._exchange.account_sid,
            "SequenceNumber": str(room.sequence),
            "Timestamp": format_datetime(now().astimezone(UTC)),
            "StatusCallbackEvent": what,
        }
        if one is not None:
            fields |= {
                "CallSid": one.call_sid,
                "Muted": str(one.muted).lower(),
                "Hold": str(one.hold).lower(),
                "EndConferenceOnExit": str(one.ends).lower(),
                "StartConferenceOnEnter": str(one.starts).lower(),
            }
            if one.label:
                fields["ParticipantLabel"] = one.label
        self._exchange.soon(self._callbacks.tell(room.status_url, fields))
