"""Webhooks that are not what they should be, sent to the running web process."""

import secrets

import httpx
import pytest
from twilio.request_validator import RequestValidator

from dispatch.clock import SystemClock
from dispatch.people import PhoneNumber
from tests.stories.installation import HOTLINE, OFFICER, Installation

STRANGER = "+16175550177"


def send(town: Installation, path: str, sign: bool = True, **form: str) -> httpx.Response:
    """One webhook, signed as the carrier signs it or not at all."""
    url = town.settings.public_url + path
    token = town.settings.auth_token.get_secret_value()
    signature = RequestValidator(token).compute_signature(url, form) if sign else "bm90IHNpZ25lZA=="
    return httpx.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=10.0)


def a_text(**changed: str) -> dict[str, str]:
    """The fields of an incoming text."""
    fields = {"MessageSid": "SM" + secrets.token_hex(16), "From": STRANGER, "To": HOTLINE, "Body": "hola"}
    return {name: value for name, value in (fields | changed).items() if value != "(left out)"}


def test_unsigned_is_refused_and_nothing_stored_or_logged(town: Installation) -> None:
    text = a_text(From="+16175550178")
    assert send(town, "/text", sign=False, **text).status_code == 403
    with town.store.transaction() as tx:
        assert tx.requester_by_number(PhoneNumber(text["From"])) is None
        assert tx.remember(text["MessageSid"], "text", "", SystemClock().now()), "the text was taken in"
    log = (town.settings.state_dir / "logs" / "web.log").read_text()
    assert "wrongly signed webhook at /text refused" in log
    assert text["From"][-7:] not in log


@pytest.mark.parametrize(
    ("path", "form", "named"),
    [
        ("/text", a_text(MessageSid="(left out)"), "MessageSid"),
        ("/text", a_text(MessageSid="SMxyz"), "MessageSid"),
        ("/text", a_text(From="(left out)"), "From"),
        ("/text", a_text(From="not a number"), "From"),
        ("/text", a_text(Body="(left out)"), "Body"),
        ("/voice", {"From": STRANGER}, "CallSid"),
        ("/voice", {"CallSid": "CA" + "0" * 32}, "From"),
        ("/voice/x/x-1/key", {"CallSid": "CA" + "0" * 32, "Digits": "1"}, "asked"),
        ("/voice/x/x-1/prompt?turn=abc", {"CallSid": "CA" + "0" * 32}, "turn"),
        ("/voice/x/x-1/status", {"CallSid": "CA" + "0" * 32}, "CallStatus"),
    ],
)
def test_missing_and_malformed_fields_are_named(
    town: Installation, path: str, form: dict[str, str], named: str
) -> None:
    answer = send(town, path, **form)
    assert answer.status_code == 400
    assert answer.text.startswith(named)


def test_a_request_of_another_installation_is_not_found(town: Installation) -> None:
    answer = send(town, "/voice/nosuch/nosuch-1/prompt?turn=0", CallSid="CA" + "0" * 32, Direction="outbound-api")
    assert answer.status_code == 404


def test_an_unknown_number_is_a_community_member(town: Installation) -> None:
    assert send(town, "/text", **a_text(Body="necesito ayuda con mi vecino por favor")).status_code == 200
    town.heard(STRANGER, "usted escribe en español")
    shown = town.eventually("it is on the board", lambda b: b["open"])[0]
    assert shown["who"] == "Caller +1…77"
    send(town, "/text", **a_text(Body="DROP"))
    town.heard(STRANGER, "Su solicitud está cerrada")


@pytest.mark.parametrize("told", ["anonymous", "+86282452253", "12"])
def test_a_withheld_number_is_answered_like_everybody(town: Installation, told: str) -> None:
    sid = "CA" + secrets.token_hex(16)
    answer = send(town, "/voice", CallSid=sid, From=told, To=HOTLINE, CallStatus="ringing", Direction="inbound")
    assert answer.status_code == 200
    assert "<Record" in answer.text
    shown = town.eventually("it is on the board", lambda b: b["open"])[0]
    assert shown["who"] == "Caller, number withheld"
    send(town, "/voice/status", CallSid=sid, CallStatus="completed")
    town.ended("abandoned")


def test_the_same_text_twice_is_one_text(town: Installation) -> None:
    form = a_text(From=OFFICER, Body="status")
    assert send(town, "/text", **form).status_code == 200
    town.heard(OFFICER, "You have no open request")
    before = town.board()["seq"]
    assert send(town, "/text", **form).status_code == 200
    assert town.board()["seq"] == before


@pytest.mark.parametrize("path", ["/audio/xxx/greeting.wav", "/audio/spa/nosuch.wav", "/audio/spa/../x.wav"])
def test_no_sound_for_what_there_is_not(town: Installation, path: str) -> None:
    assert httpx.get(town.settings.public_url + path).status_code == 404
