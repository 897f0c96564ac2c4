"""Is this webhook really from the carrier? The carrier signs every request with the account's token."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator


class Signature:
    """Checks and makes signatures for one account token, over the address the carrier was given for us."""

    def __init__(self, auth_token: str, public_url: str) -> None:
        """`public_url`: scheme and host as the carrier knows them; never taken from the request's own headers.

        Without a token nothing is genuine: whoever knows that there is none could sign.
        """
        self._known = bool(auth_token)
        self._validator = RequestValidator(auth_token)
        self._public_url = public_url.rstrip("/")

    def genuine(self, path_and_query: str, form: Mapping[str, str], signature: str) -> bool:
        """Whether `signature` was made with our token for exactly this address and these fields."""
        return (
            self._known
            and bool(signature)
            and bool(self._validator.validate(self._public_url + path_and_query, dict(form), signature))
        )

    def genuine_stream(self, path: str, signature: str) -> bool:
        """The same for a websocket's handshake: signed over its ws address, or over the http one it stands for."""
        if not (self._known and signature):
            return False
        over = self._public_url + path
        addresses = (over, "ws" + over.removeprefix("http"))
        return any(
            self._validator.validate(address + slash, {}, signature) for address in addresses for slash in ("", "/")
        )


def fields(body: bytes) -> dict[str, str]:
    """A form-encoded body's fields; the first of a repeated one."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        found.setdefault(name, value)
    return found
