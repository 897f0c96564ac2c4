"""The local carrier's REST API answers as Twilio's published OpenAPI file says, and our client works with it."""

import io
import itertools
import json
import math
import re
import struct
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from jsonschema import FormatChecker, ValidationError
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.serving import serving
from voice.carrier import CarrierError
from voice.local.__main__ import create_app
from voice.local.exchange import Exchange, Line, sid
from voice.twilio import TwilioCarrier

PUBLISHED = Path(__file__).parents[3] / "shared" / "twilio" / "twilio_api_v2010.json"
SID, TOKEN = "AC" + "0" * 32, "local-carrier-token"
BASE = f"/2010-04-01/Accounts/{SID}"
HOTLINE, RECORDER, SPARE, FOREIGN = "+16175550100", "+16175550190", "+16175550191", "+16175550999"
RESOURCES = ("Calls", "Messages", "Conferences", "Recordings", "IncomingPhoneNumbers")
PATIENCE_SECONDS = 20.0
DOCUMENTS = {
    "/menu": '<Gather numDigits="1" timeout="200" action="/room/lobby"><Pause length="1"/></Gather>',
    "/record": '<Record timeout="30" maxLength="40" action="/wait" recordingStatusCallback="/told/recording"/>',
    "/wait": '<Pause length="600"/>',
    "/text": "<Message>Thank you.</Message>",
}


# -- Twilio's file -----------------------------------------------------------------------------------------------------


def _formats() -> FormatChecker:
    """The formats the file names; its own examples have relative addresses where it says `uri`."""
    checker = FormatChecker(formats=())
    checks: dict[str, Callable[[str], object]] = {
        "date-time-rfc-2822": lambda text: parsedate_to_datetime(text).utcoffset() is not None,
        "currency": lambda text: re.fullmatch("[A-Z]{3}", text),
        "phone-number": lambda text: re.fullmatch(r"\+\d{7,15}", text),
        "uri": lambda text: urlsplit(text).path and not re.search(r"\s", text),
    }
    for name, check in checks.items():
        checker.checks(name, raises=ValueError)(lambda value, check=check: not isinstance(value, str) or check(value))
    return checker


def shape(path: str) -> str:
    """A path template without the names of its parameters."""
    return re.sub(r"\{\w+\}", "{}", path)


class Published:
    """Twilio's description of its own API."""

    def __init__(self, file: Path) -> None:
        self.file = json.loads(file.read_text(encoding="utf-8"))
        self._registry = Registry().with_resource("published", DRAFT4.create_resource(self.file))
        self._formats = _formats()
        self._templates = [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/.]+", re.escape(p))), p) for p in self.file["paths"]]

    def template(self, path: str) -> str:
        """The one published path that an actual one is an instance of."""
        (found,) = (template for pattern, template in self._templates if pattern.fullmatch(path))
        return str(found)

    def check(self, method: str, path: str, status: int, body: object) -> None:
        """Raise ValidationError or AssertionError when that is no answer to that request. `body`: None for none."""
        steps = ["paths", self.template(path), method.lower(), "responses", str(status)]
        answers = self._at(steps)
        if "content" not in answers:
            assert body is None, f"{method} {path} is to answer nothing"
            return
        steps += ["content", "application/json", "schema"]
        pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
        schema = {"$ref": f"published#{quote(pointer)}"}
        OAS30Validator(schema, registry=self._registry, format_checker=self._formats).validate(body)
        self._check_fields(self._at(steps), body, f"{method} {path}")

    def _check_fields(self, schema: dict[str, Any], body: object, where: str) -> None:
        """The file requires nothing; Twilio sends everything it names, null or not, and nothing else."""
        if "$ref" in schema:
            schema = self._at(schema["$ref"].removeprefix("#/").split("/"))
        if isinstance(body, list):
            for item in body:
                self._check_fields(schema["items"], item, where)
        if isinstance(body, dict) and "properties" in schema:
            named = schema["properties"]
            optional = {"type"} | ({"reason_conference_ended"} if body.get("status") != "completed" else set())
            assert set(named) - optional <= set(body) <= set(named), where
            for name, value in body.items():
                self._check_fields(named[name], value, f"{where} {name}")

    def _at(self, steps: list[str]) -> dict[str, Any]:
        found = self.file
        for step in steps:
            found = found[step]
        return dict(found)


# -- what runs ---------------------------------------------------------------------------------------------------------


@dataclass
class Webhooks:
    """The product's side: answers documents and keeps what it is told."""

    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    address: str = ""

    def app(self) -> Starlette:
        """The application."""
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST"])])

    def told_of(self, path: str, call: str) -> list[dict[str, str]]:
        """What it is told of a call at that address, once it is told something."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = [form for at, form in self.told if at == path and form.get("CallSid") == call]
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"nothing was told at {path} of {call}")

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        self.told.append((path, {name: str(value) for name, value in (await request.form()).items()}))
        kind, _, last = path.removeprefix("/").partition("/")
        document = DOCUMENTS.get(path, "")
        if kind == "room":
            document = f'<Dial><Conference endConferenceOnExit="true">{last}</Conference></Dial>'
        if kind == "dial":
            document = f"<Dial><Number>{last}</Number></Dial>"
        return Response(f"<Response>{document}</Response>", media_type="text/xml")


class Phones:
    """The simulated phones, by the control API."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._numbers = itertools.count(16175551000)

    def new(self, **behaviour: object) -> str:
        """A phone that nothing happened to yet."""
        number = f"+{next(self._numbers)}"
        self._post(f"/phones/{quote(number)}", json=behaviour)
        return number

    def do(self, number: str, act: str, **told: object) -> dict[str, Any]:
        """Make a phone do something."""
        return self._post(f"/phones/{quote(number)}/{act}", json=told)

    def speak(self, number: str, wav: bytes) -> None:
        """Say a recording into a phone."""
        self._post(f"/phones/{quote(number)}/speak", content=wav, headers={"content-type": "audio/wav"})

    def saw(self, kind: str, **fields: object) -> dict[str, Any]:
        """Wait for an event with these fields."""
        seen, deadline = 0, time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for event in self._http.get("/events", params={"after": seen, "wait": 2}).raise_for_status().json():
                seen = event["n"]
                if event["kind"] == kind and fields.items() <= event.items():
                    return dict(event)
        raise AssertionError(f"this did not happen: {kind} {fields}")

    def _post(self, path: str, **content: Any) -> dict[str, Any]:
        return dict(self._http.post(path, **content).raise_for_status().json())


class Account:
    """The REST API with the right credentials; what it answers must be as published."""

    def __init__(self, http: httpx.Client, published: Published) -> None:
        self._http, self._published = http, published
        self.asked: set[tuple[str, str]] = set()

    def ask(self, method: str, path: str, status: int = 200, **told: Any) -> dict[str, Any]:
        """One request, its answer checked; `told`: httpx's `data` or `params`."""
        answer = self._http.request(method, BASE + path, **told)
        assert answer.status_code == status, answer.text
        body = answer.json() if answer.content else None
        self._published.check(method, BASE + path, status, body)
        self.asked.add((method, shape(self._published.template(BASE + path))))
        return body or {}


@dataclass
class Town:
    """Everything that runs."""

    app: Starlette
    address: str
    http: httpx.Client
    phones: Phones
    webhooks: Webhooks

    def url(self, path: str) -> str:
        """An address of the product's."""
        return self.webhooks.address + path

    def place(self, phone: str, path: str = "/wait", **form: str) -> dict[str, str]:
        """The form of a call."""
        return {"To": phone, "From": HOTLINE, "Url": self.url(path), "Timeout": "100", **form}

    def asks(self, resource: str = "") -> set[tuple[str, str]]:
        """The carrier's JSON addresses, all or those of one resource."""
        return {
            (method, shape(route.path))
            for route in self.app.routes
            if isinstance(route, Route) and re.match(rf"/2010-04-01/.*/{resource}.*\.json", route.path)
            for method in (route.methods or set()) - {"HEAD"}
        }


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """The carrier and the product's webhooks, both on real ports."""
    exchange, webhooks = Exchange(SID, TOKEN, speed=20, calls_per_second=0), Webhooks()
    app = create_app(exchange)
    with serving(webhooks.app(), goodbye_seconds=5) as webhooks.address:
        for number, path in ((HOTLINE, "/menu"), (RECORDER, "/record"), (SPARE, "/wait")):
            urls = (webhooks.address + path, webhooks.address + "/text", webhooks.address + "/told/line")
            exchange.lines[number] = Line(sid("PN"), number, *urls)
        with (
            serving(app, goodbye_seconds=5) as address,
            httpx.Client(base_url=address, auth=(SID, TOKEN), timeout=20.0) as http,
        ):
            yield Town(app, address, http, Phones(http), webhooks)


@pytest.fixture
def phones(town: Town) -> Phones:
    """The phones."""
    return town.phones


@pytest.fixture(scope="module")
def published() -> Published:
    """Twilio's file."""
    if not PUBLISHED.exists():
        pytest.skip(f"Twilio's OpenAPI file is not at {PUBLISHED}")
    return Published(PUBLISHED)


@pytest.fixture
def account(town: Town, published: Published) -> Account:
    """The checked REST API."""
    return Account(town.http, published)


@pytest.fixture
def carrier(town: Town) -> Iterator[TwilioCarrier]:
    """The product's client."""
    client = TwilioCarrier(town.address, SID, TOKEN, HOTLINE, patience_seconds=1.0)
    yield client
    client.close()


def tone(length: int = 1) -> bytes:
    """Seconds of sound as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as target:
        target.setparams((1, 2, 8000, 0, "NONE", ""))
        target.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(n / 3))) for n in range(8000 * length)))
    return out.getvalue()


def seconds(wav: bytes) -> float:
    """How long a WAV file is."""
    with wave.open(io.BytesIO(wav)) as source:
        return source.getnframes() / source.getframerate()


def record(phones: Phones) -> str:
    """Leave a recording; its sid."""
    phone = phones.new()
    call = phones.do(phone, "call", to=RECORDER)["call"]
    phones.saw("recording", call=call)
    phones.speak(phone, tone())
    return str(phones.saw("recorded", call=call)["recording"])


# -- every answer is as published --------------------------------------------------------------------------------------


def test_every_address_of_the_carrier_is_a_published_one(town: Town, published: Published) -> None:
    known = {(method.upper(), shape(path)) for path, item in published.file["paths"].items() for method in item}
    assert town.asks() <= known
    assert town.asks() == set().union(*(town.asks(resource) for resource in RESOURCES))
    assert all(town.asks(resource) for resource in RESOURCES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "talking"},
        {"status": None},
        {"sid": "CA1"},
        {"duration": 3},
        {"date_created": "2026-01-01T00:00:00Z"},
        {"surplus": 1},
    ],
)
def test_a_wrong_answer_does_not_pass_the_check(
    town: Town, account: Account, published: Published, wrong: dict[str, object]
) -> None:
    call = account.ask("POST", "/Calls.json", 201, data=town.place(town.phones.new()))
    with pytest.raises((ValidationError, AssertionError)):
        published.check("GET", f"{BASE}/Calls/{call['sid']}.json", 200, call | wrong)
    with pytest.raises(AssertionError):
        published.check("GET", f"{BASE}/Calls/{call['sid']}.json", 200, {k: v for k, v in call.items() if k != "price"})
    with pytest.raises((ValidationError, AssertionError)):
        published.check("GET", f"{BASE}/Calls.json", 200, account.ask("GET", "/Calls.json") | {"calls": [call | wrong]})


def test_calls_are_as_published_from_start_to_end(town: Town, account: Account, phones: Phones) -> None:
    phone, inbound = phones.new(), phones.new()
    call = account.ask("POST", "/Calls.json", 201, data=town.place(phone))
    one = f"/Calls/{call['sid']}.json"
    assert (call["to"], call["from"], call["direction"]) == (phone, HOTLINE, "outbound-api")
    phones.saw("ringing", call=call["sid"])
    assert account.ask("GET", one)["status"] == "ringing"
    phones.do(phone, "answer")
    phones.saw("answered", call=call["sid"])
    assert account.ask("GET", one)["start_time"]
    answer = account.ask("GET", "/Calls.json", params={"To": phone, "Status": "in-progress"})
    assert [found["sid"] for found in answer["calls"]] == [call["sid"]]
    told = phones.do(inbound, "call", to=HOTLINE)["call"]
    assert account.ask("GET", f"/Calls/{told}.json")["direction"] == "inbound"
    assert {call["sid"], told} <= {found["sid"] for found in account.ask("GET", "/Calls.json")["calls"]}

    moved = account.ask("POST", one, data={"Url": town.url("/wait?moved")})
    assert moved["status"] == "in-progress"
    phones.saw("webhook", url=town.url("/wait?moved"), status=200)
    assert account.ask("POST", one, data={"Status": "completed"})["status"] == "completed"
    over = account.ask("GET", one)
    assert over["end_time"]
    assert over["duration"].isdigit()
    assert account.asked == town.asks("Calls")


@pytest.mark.parametrize(
    ("behaviour", "status"), [({"answers": "busy"}, "busy"), ({"answers": "no"}, "no-answer"), ({}, "canceled")]
)
def test_calls_that_are_not_answered_are_as_published(
    town: Town, account: Account, phones: Phones, behaviour: dict[str, str], status: str
) -> None:
    phone = phones.new(**behaviour)
    call = account.ask("POST", "/Calls.json", 201, data=town.place(phone, Timeout="5" if behaviour else "100"))
    if not behaviour:
        phones.saw("ringing", call=call["sid"])
        account.ask("POST", f"/Calls/{call['sid']}.json", data={"Status": "canceled"})
    phones.saw("ended", call=call["sid"], status=status)
    found = account.ask("GET", f"/Calls/{call['sid']}.json")
    assert (found["status"], found["duration"]) == (status, None)


def test_a_dialled_leg_names_its_parent(town: Town, account: Account, phones: Phones) -> None:
    phone, other = phones.new(answers="yes", after=0), phones.new(answers="yes", after=0)
    call = account.ask("POST", "/Calls.json", 201, data=town.place(phone, f"/dial/{other}"))
    phones.saw("bridged", call=call["sid"])
    (leg,) = account.ask("GET", "/Calls.json", params={"To": other})["calls"]
    assert (leg["parent_call_sid"], leg["direction"]) == (call["sid"], "outbound-dial")


def test_a_finished_call_lasted_as_long_as_its_callback_says(town: Town, account: Account, phones: Phones) -> None:
    phone = phones.new(answers="yes", after=0, hang_up_after=10)
    told = town.place(phone, StatusCallback=town.url("/told/length"))
    call = account.ask("POST", "/Calls.json", 201, data=told)
    phones.saw("webhook", url=town.url("/told/length"))
    length = account.ask("GET", f"/Calls/{call['sid']}.json")["duration"]
    (form,) = (form for path, form in town.webhooks.told if path == "/told/length")
    assert form["CallDuration"] == length
    assert 10 <= int(length) < 60


def test_cancelling_a_call_in_progress_changes_nothing(town: Town, account: Account, phones: Phones) -> None:
    phone = phones.new(answers="yes", after=0)
    call = account.ask("POST", "/Calls.json", 201, data=town.place(phone))
    phones.saw("answered", call=call["sid"])
    one = f"/Calls/{call['sid']}.json"
    assert account.ask("POST", one, data={"Status": "canceled"})["status"] == "in-progress"
    assert account.ask("POST", one, data={"Status": "completed"})["status"] == "completed"


def test_a_call_is_moved_to_twiml_even_while_it_rings(town: Town, account: Account, phones: Phones) -> None:
    phone = phones.new()
    call = account.ask("POST", "/Calls.json", 201, data=town.place(phone))
    phones.saw("ringing", call=call["sid"])
    for words in ("one", "two"):
        twiml = f'<Response><Say>{words}</Say><Pause length="600"/></Response>'
        account.ask("POST", f"/Calls/{call['sid']}.json", data={"Twiml": twiml})
        if words == "one":
            phones.do(phone, "answer")
        phones.saw("said", call=call["sid"], text=words)


def test_texts_are_as_published(town: Town, account: Account, phones: Phones) -> None:
    phone, lost = phones.new(), phones.new(text_error=30005)
    sent = account.ask("POST", "/Messages.json", 201, data={"To": phone, "From": HOTLINE, "Body": "Allô?"})
    phones.saw("text", sid=sent["sid"], body="Allô?", sender=HOTLINE)
    assert account.ask("GET", f"/Messages/{sent['sid']}.json")["status"] == "delivered"
    failed = account.ask("POST", "/Messages.json", 201, data={"To": lost, "From": HOTLINE, "Body": "x" * 1600})
    phones.saw("text lost", sid=failed["sid"])
    found = account.ask("GET", f"/Messages/{failed['sid']}.json")
    assert (found["status"], found["error_code"], found["num_segments"]) == ("undelivered", 30005, "11")
    phones.do(phone, "text", to=HOTLINE, body="Hello")
    directions = {
        one["direction"]
        for one in account.ask("GET", "/Messages.json")["messages"]
        if phone in (one["from"], one["to"])
    }
    assert directions == {"outbound-api", "inbound", "outbound-reply"}
    assert account.asked == town.asks("Messages")


def test_conferences_and_participants_are_as_published(town: Town, account: Account, phones: Phones) -> None:
    caller, rosa, jean = phones.new(), phones.new(), phones.new()
    call = phones.do(caller, "call", to=HOTLINE)["call"]
    phones.saw("gathering", call=call)
    phones.do(caller, "press", digits="1")
    phones.saw("joined", call=call, conference="lobby")
    (room,) = account.ask("GET", "/Conferences.json", params={"FriendlyName": "lobby", "Status": "init"})["conferences"]
    one = f"/Conferences/{room['sid']}"

    form = {"To": rosa, "From": HOTLINE, "Label": "rosa", "EndConferenceOnExit": "false"}
    coming = account.ask("POST", f"{one}/Participants.json", 201, data=form)
    assert (coming["status"], coming["label"], coming["conference_sid"]) == ("queued", "rosa", room["sid"])
    phones.saw("ringing", call=coming["call_sid"])
    phones.do(rosa, "answer")
    phones.saw("joined", call=coming["call_sid"], conference="lobby")
    assert account.ask("GET", f"{one}.json")["status"] == "in-progress"
    inside = account.ask("GET", f"{one}/Participants.json")["participants"]
    assert [(p["call_sid"], p["end_conference_on_exit"]) for p in inside] == [
        (call, True),
        (coming["call_sid"], False),
    ]

    assert account.ask("GET", f"{one}/Participants/rosa.json")["call_sid"] == coming["call_sid"]
    who = f"{one}/Participants/{coming['call_sid']}.json"
    assert account.ask("POST", who, data={"Muted": "true"})["muted"] is True
    assert account.ask("POST", who, data={"Hold": "true", "Muted": "false"})["hold"] is True
    found = account.ask("GET", who)
    assert (found["muted"], found["hold"], found["status"]) == (False, True, "connected")
    account.ask("DELETE", who, 204)
    phones.saw("left", call=coming["call_sid"])
    assert account.ask("GET", f"{one}.json")["status"] == "in-progress"

    third = account.ask("POST", "/Calls.json", 201, data=town.place(jean, "/room/lobby"))["sid"]
    phones.saw("ringing", call=third)
    phones.do(jean, "answer")
    phones.saw("joined", call=third, conference="lobby")
    ended = account.ask("POST", f"{one}.json", data={"Status": "completed"})
    assert (ended["status"], ended["reason_conference_ended"]) == ("completed", "conference-ended-via-api")
    phones.saw("left", call=third)
    assert account.asked >= town.asks("Conferences")


def test_a_conference_tells_whose_leaving_ended_it(town: Town, account: Account, phones: Phones) -> None:
    calls = []
    for phone in (phones.new(answers="yes", after=0), phones.new(answers="yes", after=0)):
        calls.append(account.ask("POST", "/Calls.json", 201, data=town.place(phone, "/room/short"))["sid"])
        phones.saw("joined", call=calls[-1])
    account.ask("POST", f"/Calls/{calls[0]}.json", data={"Status": "completed"})
    phones.saw("ended", call=calls[1])
    (room,) = account.ask("GET", "/Conferences.json", params={"FriendlyName": "short"})["conferences"]
    assert room["status"] == "completed"
    assert room["reason_conference_ended"] == "participant-with-end-conference-on-exit-left"
    assert room["call_sid_ending_conference"] == calls[0]


def test_recordings_are_as_published_and_can_be_heard_until_deleted(
    town: Town, account: Account, phones: Phones
) -> None:
    recording = record(phones)
    one = f"/Recordings/{recording}.json"
    found = account.ask("GET", one)
    assert (found["duration"], found["source"], found["status"]) == ("31", "RecordVerb", "completed")
    assert found in account.ask("GET", "/Recordings.json")["recordings"]
    for address in (found["media_url"], f"{found['media_url']}.wav"):
        sound = town.http.get(address).raise_for_status()
        assert sound.headers["content-type"] == "audio/x-wav"
        assert seconds(sound.content) == pytest.approx(31.0, abs=0.1)
    account.ask("DELETE", one, 204)
    assert recording not in {other["sid"] for other in account.ask("GET", "/Recordings.json")["recordings"]}
    assert town.http.get(found["media_url"]).status_code == 404
    assert account.asked == town.asks("Recordings")


def test_numbers_are_as_published(town: Town, account: Account) -> None:
    found = account.ask("GET", "/IncomingPhoneNumbers.json")["incoming_phone_numbers"]
    assert {one["phone_number"] for one in found} == {HOTLINE, RECORDER, SPARE}
    (spare,) = account.ask("GET", "/IncomingPhoneNumbers.json", params={"PhoneNumber": SPARE})["incoming_phone_numbers"]
    changed = account.ask("POST", f"/IncomingPhoneNumbers/{spare['sid']}.json", data={"VoiceUrl": town.url("/menu")})
    assert changed["voice_url"] == town.url("/menu")
    assert changed["sms_url"] == spare["sms_url"]
    assert account.asked == town.asks("IncomingPhoneNumbers")


# -- refusals ----------------------------------------------------------------------------------------------------------


def refused(answer: httpx.Response, status: int, code: int) -> None:
    """The answer is Twilio's way to say no."""
    told = answer.json()
    assert (answer.status_code, told["code"], told["status"]) == (status, code, status), told
    assert told["message"]
    assert told["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert set(told) == {"code", "message", "more_info", "status"}


@pytest.mark.parametrize("auth", [(SID, "wrong"), ("AC" + "1" * 32, TOKEN), ("", ""), None])
@pytest.mark.parametrize("path", ["/Calls.json", "/Recordings/RE0.wav"])
def test_wrong_credentials_are_refused(town: Town, auth: tuple[str, str] | None, path: str) -> None:
    refused(httpx.get(town.address + BASE + path, auth=auth), 401, 20003)


def test_another_account_is_unknown(town: Town) -> None:
    refused(town.http.get(BASE.replace("0" * 32, "1" * 32) + "/Calls.json"), 404, 20404)


NOWHERE = "0" * 32


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/Calls/CA{NOWHERE}.json"),
        ("POST", f"/Calls/CA{NOWHERE}.json"),
        ("GET", f"/Messages/SM{NOWHERE}.json"),
        ("GET", f"/Conferences/CF{NOWHERE}.json"),
        ("POST", f"/Conferences/CF{NOWHERE}.json"),
        ("GET", f"/Conferences/CF{NOWHERE}/Participants.json"),
        ("POST", f"/Conferences/CF{NOWHERE}/Participants.json"),
        ("GET", f"/Conferences/CF{NOWHERE}/Participants/CA{NOWHERE}.json"),
        ("POST", f"/Conferences/CF{NOWHERE}/Participants/CA{NOWHERE}.json"),
        ("DELETE", f"/Conferences/CF{NOWHERE}/Participants/CA{NOWHERE}.json"),
        ("GET", f"/Recordings/RE{NOWHERE}.json"),
        ("DELETE", f"/Recordings/RE{NOWHERE}.json"),
        ("GET", f"/Recordings/RE{NOWHERE}.wav"),
        ("POST", f"/IncomingPhoneNumbers/PN{NOWHERE}.json"),
    ],
)
def test_what_does_not_exist_is_not_found(town: Town, method: str, path: str) -> None:
    form = {"Status": "completed", "To": town.phones.new(), "From": HOTLINE} if method == "POST" else None
    refused(town.http.request(method, BASE + path, data=form), 404, 20404)


@pytest.mark.parametrize(
    ("path", "form", "code"),
    [
        ("/Calls.json", {"To": "12", "From": HOTLINE, "Url": "http://127.0.0.1"}, 21211),
        ("/Calls.json", {"To": "+1617", "From": HOTLINE, "Url": "http://127.0.0.1"}, 21211),
        ("/Calls.json", {"To": "+16175551999", "From": FOREIGN, "Url": "http://127.0.0.1"}, 21210),
        ("/Calls.json", {"From": HOTLINE, "Url": "http://127.0.0.1"}, 21201),
        ("/Calls.json", {"To": "+16175551999", "Url": "http://127.0.0.1"}, 21213),
        ("/Calls.json", {"To": "+16175551999", "From": HOTLINE}, 21205),
        ("/Messages.json", {"To": "nobody", "From": HOTLINE, "Body": "Hello"}, 21211),
        ("/Messages.json", {"To": "+16175551999", "From": FOREIGN, "Body": "Hello"}, 21210),
        ("/Messages.json", {"From": HOTLINE, "Body": "Hello"}, 21604),
        ("/Messages.json", {"To": "+16175551999", "Body": "Hello"}, 21603),
        ("/Messages.json", {"To": "+16175551999", "From": HOTLINE}, 21602),
        ("/Messages.json", {"To": "+16175551999", "From": HOTLINE, "Body": "x" * 1601}, 21617),
        ("/Conferences/lobby/Participants.json", {"To": "12", "From": HOTLINE}, 21211),
        ("/Conferences/lobby/Participants.json", {"To": "+16175551999", "From": FOREIGN}, 21210),
    ],
)
def test_bad_requests_are_refused_with_the_carriers_code(
    town: Town, path: str, form: dict[str, str], code: int
) -> None:
    refused(town.http.post(BASE + path, data=form), 400, code)


def test_who_unsubscribed_gets_no_text_until_they_return(town: Town, account: Account, phones: Phones) -> None:
    phone = phones.new()
    form = {"To": phone, "From": HOTLINE, "Body": "Hello"}
    phones.do(phone, "text", to=HOTLINE, body="stop")
    refused(town.http.post(f"{BASE}/Messages.json", data=form), 400, 21610)
    phones.do(phone, "text", to=HOTLINE, body="START")
    account.ask("POST", "/Messages.json", 201, data=form)


@pytest.mark.parametrize("form", [{"Url": "http://127.0.0.1"}, {"Twiml": "<Response/>"}, {"Status": "completed"}])
def test_a_finished_call_cannot_be_updated(town: Town, phones: Phones, form: dict[str, str]) -> None:
    phone = phones.new(answers="busy")
    call = town.http.post(f"{BASE}/Calls.json", data=town.place(phone)).json()["sid"]
    phones.saw("ended", call=call)
    refused(town.http.post(f"{BASE}/Calls/{call}.json", data=form), 400, 21220)


# -- the product's client ----------------------------------------------------------------------------------------------


def test_our_client_sends_texts(town: Town, phones: Phones, carrier: TwilioCarrier) -> None:
    phone = phones.new()
    message = carrier.send_text(phone, "Can you take a call?", town.url("/told/text"))
    phones.saw("text", phone=phone, sid=message, sender=HOTLINE, body="Can you take a call?")
    phones.saw("webhook", url=town.url("/told/text"), status=200)
    (form,) = (form for path, form in town.webhooks.told if path == "/told/text")
    assert (form["MessageSid"], form["MessageStatus"], form["To"]) == (message, "delivered", phone)


def test_our_client_places_moves_and_ends_calls(town: Town, phones: Phones, carrier: TwilioCarrier) -> None:
    phone, machine = phones.new(), town.url("/told/machine")
    call = carrier.place_call(phone, town.url("/wait?placed"), town.url("/told/call"), 60, machine)
    phones.saw("ringing", call=call, phone=phone)
    assert carrier.call_status(call) == "ringing"
    phones.do(phone, "answer")
    phones.saw("webhook", url=town.url("/wait?placed"), status=200)
    assert carrier.call_status(call) == "in-progress"
    phones.saw("webhook", url=machine, status=200)
    carrier.move_call(call, town.url("/wait?on"))
    phones.saw("webhook", url=town.url("/wait?on"), status=200)
    carrier.end_call(call)
    phones.saw("ended", call=call, status="completed")
    assert carrier.call_status(call) == "completed"
    phones.saw("webhook", url=town.url("/told/call"), status=200)
    told = {path: form for path, form in town.webhooks.told if form.get("CallSid") == call}
    assert told["/told/machine"]["AnsweredBy"] == "human"
    assert told["/told/call"]["CallStatus"] == "completed"


def test_our_client_leaves_calls_alone_that_are_over(town: Town, phones: Phones, carrier: TwilioCarrier) -> None:
    call = carrier.place_call(phones.new(answers="busy"), town.url("/wait"), town.url("/told/busy"), 60)
    phones.saw("ended", call=call, status="busy")
    for one in (call, f"CA{NOWHERE}"):
        carrier.end_call(one)
        carrier.move_call(one, town.url("/wait"))
    assert carrier.call_status(call) == "busy"
    assert carrier.call_status(f"CA{NOWHERE}") == "completed"


def test_our_client_fetches_and_deletes_recordings(phones: Phones, carrier: TwilioCarrier) -> None:
    recording = record(phones)
    assert seconds(carrier.recording(recording)) == pytest.approx(31.0, abs=0.1)
    carrier.delete_recording(recording)
    carrier.delete_recording(recording)
    with pytest.raises(CarrierError) as gone:
        carrier.recording(recording)
    assert (gone.value.code, gone.value.retryable) == (20404, True)


def test_what_was_said_until_a_call_is_moved_is_kept_and_told(
    town: Town, phones: Phones, carrier: TwilioCarrier
) -> None:
    phone, words = phones.new(), tone(10)
    call = phones.do(phone, "call", to=RECORDER)["call"]
    phones.saw("recording", call=call)
    phones.speak(phone, words)
    carrier.move_call(call, town.url("/wait"))
    kept = phones.saw("recorded", call=call)["recording"]
    told = town.webhooks.told_of("/told/recording", call)
    assert [(form["RecordingSid"], form["RecordingStatus"]) for form in told] == [(kept, "completed")]
    assert carrier.recording(kept)


def test_our_client_configures_a_number(town: Town, phones: Phones, carrier: TwilioCarrier) -> None:
    carrier.configure_number(SPARE, town.url("/wait?spare"), town.url("/text?spare"), town.url("/told/spare"))
    phone = phones.new()
    phones.do(phone, "text", to=SPARE, body="Hello")
    phones.saw("webhook", url=town.url("/text?spare"), status=200)
    phones.do(phone, "call", to=SPARE)
    phones.saw("webhook", url=town.url("/wait?spare"), status=200)
    phones.do(phone, "hang-up")
    phones.saw("webhook", url=town.url("/told/spare"), status=200)
    with pytest.raises(CarrierError) as unknown:
        carrier.configure_number(FOREIGN, town.url("/wait"), town.url("/text"), town.url("/told/spare"))
    assert (unknown.value.code, unknown.value.retryable) == (21210, False)


def test_our_client_names_what_the_carrier_refused(town: Town, phones: Phones, carrier: TwilioCarrier) -> None:
    phone = phones.new()
    phones.do(phone, "text", to=HOTLINE, body="STOP")
    with pytest.raises(CarrierError) as refusal:
        carrier.send_text(phone, "Hello", town.url("/told/refused"))
    assert (refusal.value.code, refusal.value.retryable) == (21610, False)
