"""The carrier's REST API, version 2010-04-01: calls, texts, conferences, participants, recordings, numbers."""

import base64
import re
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

import phonenumbers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from voice.local import resources
from voice.local.calling import Calling
from voice.local.exchange import OVER, Call, Conference, Exchange, Participant, sid
from voice.local.texting import Texting

_ACCOUNT = "/2010-04-01/Accounts/{account}"
_MORE = "https://www.twilio.com/docs/errors/"
_SID = re.compile("CF[0-9a-fA-F]{32}")


class Refused(Exception):
    """The carrier says no: HTTP status, its own error code, words."""

    def __init__(self, status: int, code: int, words: str) -> None:
        super().__init__(words)
        self.status, self.code, self.words = status, code, words


class Form(dict[str, list[str]]):
    """A form's fields, each with all its values."""

    def one(self, name: str, default: str = "") -> str:
        """The field's first value."""
        return self.get(name, [default])[0]

    def needed(self, name: str, code: int) -> str:
        """The field's value. Raises Refused with `code` when it is missing."""
        if not self.one(name):
            raise Refused(400, code, f"No '{name}' specified")
        return self.one(name)


Handler = Callable[[Request, Form], Awaitable[Response]]


class Rest:
    """The endpoints over one exchange."""

    def __init__(self, exchange: Exchange, calling: Calling, texting: Texting) -> None:
        self._exchange = exchange
        self._calling = calling
        self._texting = texting

    def routes(self) -> list[BaseRoute]:
        """The addresses."""
        room = "/Conferences/{sid}"
        ways: list[tuple[str, str, Handler]] = [
            ("POST", "/Calls.json", self.make_call),
            ("GET", "/Calls.json", self.calls),
            ("GET", "/Calls/{sid}.json", self.call),
            ("POST", "/Calls/{sid}.json", self.update_call),
            ("POST", "/Messages.json", self.send_message),
            ("GET", "/Messages.json", self.messages),
            ("GET", "/Messages/{sid}.json", self.message),
            ("GET", "/Conferences.json", self.conferences),
            ("GET", f"{room}.json", self.conference),
            ("POST", f"{room}.json", self.update_conference),
            ("GET", f"{room}/Participants.json", self.participants),
            ("POST", f"{room}/Participants.json", self.add_participant),
            ("GET", f"{room}/Participants/{{call}}.json", self.participant),
            ("POST", f"{room}/Participants/{{call}}.json", self.update_participant),
            ("DELETE", f"{room}/Participants/{{call}}.json", self.remove_participant),
            ("GET", "/Recordings.json", self.recordings),
            ("GET", "/Recordings/{sid}.json", self.recording),
            ("DELETE", "/Recordings/{sid}.json", self.delete_recording),
            ("GET", "/Recordings/{sid}.wav", self.sound),
            ("GET", "/Recordings/{sid}", self.sound),
            ("GET", "/IncomingPhoneNumbers.json", self.numbers),
            ("POST", "/IncomingPhoneNumbers/{sid}.json", self.update_number),
        ]
        return [Route(_ACCOUNT + path, self._checked(handler), methods=[method]) for method, path, handler in ways]

    # -- calls ---------------------------------------------------------------------------------------------------------

    async def make_call(self, request: Request, form: Form) -> Response:
        """Ring a phone."""
        to, from_ = _number(form.needed("To", 21201), 21211), form.needed("From", 21213)
        self._own(from_)
        url = form.one("Url")
        if not url:
            raise Refused(400, 21205, "Url parameter is required")
        call = Call(sid("CA"), to, to, from_, "outbound-api", url, form.one("Method", "POST"))
        call.ring_seconds = float(form.one("Timeout", "60"))
        call.status_url = form.one("StatusCallback")
        call.status_events = tuple(form.get("StatusCallbackEvent", ["completed"]))
        call.send_digits = form.one("SendDigits")
        if re.search(r"[^0-9*#wW]", call.send_digits):
            raise Refused(400, 21224, "Invalid SendDigits")
        if form.one("MachineDetection") and form.one("AsyncAmd") == "true":
            call.machine_url = form.one("AsyncAmdStatusCallback")
        self._calling.ring_out(call)
        return JSONResponse(resources.call(call, self._exchange.account_sid), status_code=201)

    async def calls(self, request: Request, form: Form) -> Response:
        """All calls, or those to a number or in a state."""
        wanted = [
            resources.call(call, self._exchange.account_sid)
            for call in self._exchange.calls.values()
            if request.query_params.get("Status", call.status) == call.status
            and request.query_params.get("To", call.to) == call.to
        ]
        return self._page("calls", wanted, request)

    async def call(self, request: Request, form: Form) -> Response:
        """One call."""
        return JSONResponse(resources.call(self._call(request), self._exchange.account_sid))

    async def update_call(self, request: Request, form: Form) -> Response:
        """Move a call to another document, or end it."""
        call = self._call(request)
        if call.status in OVER:
            raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
        if form.one("Status") == "completed":
            await self._calling.end(call, "completed")
        elif form.one("Status") == "canceled":
            if call.status in ("queued", "ringing"):
                await self._calling.end(call, "canceled")
        elif form.one("Url") or form.one("Twiml"):
            await self._calling.move(call, form.one("Url"), form.one("Twiml"), form.one("Method", "POST"))
        else:
            raise Refused(400, 21218, "Neither a Url nor a Status was given")
        return JSONResponse(resources.call(call, self._exchange.account_sid))

    # -- texts ---------------------------------------------------------------------------------------------------------

    async def send_message(self, request: Request, form: Form) -> Response:
        """Text a phone."""
        to, from_ = _number(form.needed("To", 21604), 21211), form.needed("From", 21603)
        self._own(from_)
        body = form.needed("Body", 21602)
        if self._exchange.phone(to).unsubscribed:
            raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")
        if len(body) > 1600:
            raise Refused(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        message = self._texting.send(to, from_, body, form.one("StatusCallback"))
        return JSONResponse(resources.message(message, self._exchange.account_sid), status_code=201)

    async def messages(self, request: Request, form: Form) -> Response:
        """All texts."""
        found = [resources.message(one, self._exchange.account_sid) for one in self._exchange.messages.values()]
        return self._page("messages", found, request)

    async def message(self, request: Request, form: Form) -> Response:
        """One text."""
        found = self._exchange.messages.get(request.path_params["sid"])
        if found is None:
            raise _unknown(request)
        return JSONResponse(resources.message(found, self._exchange.account_sid))

    # -- conferences ---------------------------------------------------------------------------------------------------

    async def conferences(self, request: Request, form: Form) -> Response:
        """All conferences, or those of a name or in a state."""
        asked = request.query_params
        found = [
            resources.conference(room, self._exchange.account_sid)
            for room in self._exchange.conferences.values()
            if asked.get("FriendlyName", room.name) == room.name and asked.get("Status", room.status) == room.status
        ]
        return self._page("conferences", found, request)

    async def conference(self, request: Request, form: Form) -> Response:
        """One conference."""
        return JSONResponse(resources.conference(self._room(request), self._exchange.account_sid))

    async def update_conference(self, request: Request, form: Form) -> Response:
        """End a conference."""
        room = self._room(request)
        if form.one("Status") == "completed":
            self._calling.player.conferences.end(room, "conference-ended-via-api", None)
        return JSONResponse(resources.conference(room, self._exchange.account_sid))

    async def participants(self, request: Request, form: Form) -> Response:
        """Who is in."""
        room = self._room(request)
        inside = [resources.participant(p, room, self._exchange.account_sid) for p in room.participants.values()]
        return self._page("participants", inside, request)

    async def add_participant(self, request: Request, form: Form) -> Response:
        """Ring a phone that enters the conference when it is answered."""
        to, from_ = _number(form.needed("To", 21201), 21211), form.needed("From", 21213)
        self._own(from_)
        name = request.path_params["sid"]
        room = self._exchange.conference(name)
        if room is None:
            if _SID.fullmatch(name):
                raise _unknown(request)
            room = Conference(sid("CF"), name)
        self._exchange.conferences.setdefault(room.sid, room)
        call = Call(sid("CA"), to, to, from_, "outbound-api", ring_seconds=float(form.one("Timeout", "60")))
        call.status_url = form.one("StatusCallback")
        call.status_events = tuple(form.get("StatusCallbackEvent", ["completed"]))
        starts, ends = form.one("StartConferenceOnEnter", "true"), form.one("EndConferenceOnExit", "false")
        label = form.one("Label") or None
        call.twiml = resources_twiml(room.name, label, starts, ends)
        self._calling.ring_out(call)
        coming = Participant(call.sid, label, starts == "true", ends == "true")
        told = resources.participant(coming, room, self._exchange.account_sid) | {"status": "queued"}
        return JSONResponse(told, status_code=201)

    async def participant(self, request: Request, form: Form) -> Response:
        """One call in a conference."""
        room, one = self._participant(request)
        return JSONResponse(resources.participant(one, room, self._exchange.account_sid))

    async def update_participant(self, request: Request, form: Form) -> Response:
        """Mute, unmute, hold or unhold."""
        room, one = self._participant(request)
        rooms = self._calling.player.conferences
        if "Muted" in form:
            rooms.mute(room, one, form.one("Muted") == "true")
        if "Hold" in form:
            rooms.hold(room, one, form.one("Hold") == "true", form.one("HoldUrl"), form.one("HoldMethod", "POST"))
        return JSONResponse(resources.participant(one, room, self._exchange.account_sid))

    async def remove_participant(self, request: Request, form: Form) -> Response:
        """Put a call out of the conference; it goes on with what follows in its own document."""
        _, one = self._participant(request)
        one.left.set()
        return Response(status_code=204)

    # -- recordings and numbers ----------------------------------------------------------------------------------------

    async def recordings(self, request: Request, form: Form) -> Response:
        """All recordings."""
        found = [
            resources.recording(one, self._exchange.account_sid, str(request.base_url))
            for one in self._exchange.recordings.values()
        ]
        return self._page("recordings", found, request)

    async def recording(self, request: Request, form: Form) -> Response:
        """One recording."""
        found = self._exchange.recordings.get(request.path_params["sid"])
        if found is None:
            raise _unknown(request)
        return JSONResponse(resources.recording(found, self._exchange.account_sid, str(request.base_url)))

    async def delete_recording(self, request: Request, form: Form) -> Response:
        """Delete a recording."""
        if self._exchange.recordings.pop(request.path_params["sid"], None) is None:
            raise _unknown(request)
        self._exchange.happened("recording deleted", recording=request.path_params["sid"])
        return Response(status_code=204)

    async def sound(self, request: Request, form: Form) -> Response:
        """A recording's sound."""
        found = self._exchange.recordings.get(request.path_params["sid"])
        if found is None:
            raise _unknown(request)
        return Response(found.wav, media_type="audio/x-wav")

    async def numbers(self, request: Request, form: Form) -> Response:
        """The account's own numbers."""
        wanted = request.query_params.get("PhoneNumber", "")
        found = [
            resources.line(one, self._exchange.account_sid)
            for one in self._exchange.lines.values()
            if wanted in ("", one.number)
        ]
        return self._page("incoming_phone_numbers", found, request)

    async def update_number(self, request: Request, form: Form) -> Response:
        """Where a number's webhooks go."""
        one = next((line for line in self._exchange.lines.values() if line.sid == request.path_params["sid"]), None)
        if one is None:
            raise _unknown(request)
        one.voice_url = form.one("VoiceUrl", one.voice_url)
        one.text_url = form.one("SmsUrl", one.text_url)
        one.status_url = form.one("StatusCallback", one.status_url)
        return JSONResponse(resources.line(one, self._exchange.account_sid))

    # -- what they share -----------------------------------------------------------------------------------------------

    def _checked(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                self._authenticate(request)
                text = (await request.body()).decode("utf-8", "replace")
                return await handler(request, Form(parse_qs(text, keep_blank_values=True)))
            except Refused as no:
                told = {
                    "code": no.code,
                    "message": no.words,
                    "more_info": f"{_MORE}{no.code}",
                    "status": no.status,
                }
                return JSONResponse(told, status_code=no.status)

        return endpoint

    def _authenticate(self, request: Request) -> None:
        scheme, _, told = request.headers.get("authorization", "").partition(" ")
        wanted = base64.b64encode(f"{self._exchange.account_sid}:{self._exchange.auth_token}".encode()).decode()
        if scheme.lower() != "basic" or not secrets.compare_digest(told.encode(), wanted.encode()):
            raise Refused(401, 20003, "Authenticate")
        if request.path_params["account"] != self._exchange.account_sid:
            raise _unknown(request)

    def _own(self, number: str) -> None:
        if number not in self._exchange.lines:
            raise Refused(400, 21210, f"The source phone number provided, {number}, is not yours")

    def _call(self, request: Request) -> Call:
        found = self._exchange.calls.get(request.path_params["sid"])
        if found is None:
            raise _unknown(request)
        return found

    def _room(self, request: Request) -> Conference:
        found = self._exchange.conference(request.path_params["sid"])
        if found is None:
            raise _unknown(request)
        return found

    def _participant(self, request: Request) -> tuple[Conference, Participant]:
        room = self._room(request)
        wanted = request.path_params["call"]
        for one in room.participants.values():
            if wanted in (one.call_sid, one.label):
                return room, one
        raise _unknown(request)

    def _page(self, name: str, items: list[resources.JSON], request: Request) -> Response:
        return JSONResponse(resources.page(name, items, request.url.path))


def resources_twiml(name: str, label: str | None, starts: str, ends: str) -> str:
    """The document of a participant added by REST."""
    from twilio.twiml.voice_response import Dial, VoiceResponse

    answer, dial = VoiceResponse(), Dial()
    told = {"participant_label": label} if label else {}
    dial.conference(name, start_conference_on_enter=starts, end_conference_on_exit=ends, **told)
    answer.append(dial)
    return str(answer)


def _number(text: str, code: int) -> str:
    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise Refused(400, code, f"The 'To' number {text} is not a valid phone number.") from None
    if not phonenumbers.is_possible_number(parsed):
        raise Refused(400, code, f"The 'To' number {text} is not a valid phone number.")
    return text


def _unknown(request: Request) -> Refused:
    return Refused(404, 20404, f"The requested resource {request.url.path} was not found")
