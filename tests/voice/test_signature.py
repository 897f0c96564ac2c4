"""Who can make webhooks that are taken as the carrier's: whoever knows a token that is a secret, and nobody else."""

import pytest
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from dispatch.settings import Settings
from voice.signature import Signature

URL = "https://interpreters.example.org"
LOCAL = "http://127.0.0.1:4010"
REAL = "https://api.twilio.com"


def taken(token: str, carrier: str) -> bool:
    """Whether a webhook is taken that somebody signed with that very token."""
    settings = Settings(_env_file=None, auth_token=SecretStr(token), carrier_url=carrier, public_url=URL)  # type: ignore[call-arg]
    form = {"CallSid": "CA1", "From": "+16175550150"}
    signature = RequestValidator(token).compute_signature(f"{URL}/voice", form)
    return Signature(settings.signing_token, URL).genuine("/voice", form, signature)


@pytest.mark.parametrize(
    ("token", "carrier", "is_taken"),
    [
        ("a token of their own", REAL, True),
        ("", REAL, False),
        ("local-carrier-token", REAL, False),
        ("local-carrier-token", LOCAL, True),
        ("", LOCAL, False),
    ],
)
def test_a_token_that_everybody_knows_signs_nothing(token: str, carrier: str, is_taken: bool) -> None:
    assert taken(token, carrier) is is_taken


def test_without_a_token_no_stream_is_taken_either() -> None:
    signature = RequestValidator("").compute_signature("wss://interpreters.example.org/stream", {})
    assert not Signature("", URL).genuine_stream("/stream", signature)
    assert Signature("own", URL).genuine_stream(
        "/stream", RequestValidator("own").compute_signature("wss://interpreters.example.org/stream", {})
    )
