"""One webhook as the carrier sent it: its fields, each read with a check that names it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.errors import InvalidNumber
from dispatch.people import PhoneNumber

_SIDS = {"CallSid": "CA", "MessageSid": "SM", "RecordingSid": "RE", "ConferenceSid": "CF"}
_SID = re.compile(r"[0-9a-fA-F]{32}")
_WITHHELD = frozenset({"", "anonymous", "restricted", "unavailable", "unknown", "private", "+266696687", "+7378742833"})
"""How the carrier writes a caller who withholds the number."""


class BadWebhook(Exception):
    """A field is missing or malformed; the message names it."""


@dataclass(frozen=True)
class Hook:
    """One genuine webhook: its form fields, the query of its address, and the address itself."""

    form: Mapping[str, str]
    query: Mapping[str, str]
    address: str
    path: Mapping[str, str]

    def sid(self, name: str) -> str:
        """A carrier id. Raises BadWebhook."""
        value = self.text(name)
        if not (value.startswith(_SIDS[name]) or (name == "MessageSid" and value.startswith("MM"))):
            raise BadWebhook(f"{name} must begin with {_SIDS[name]}.")
        if not _SID.fullmatch(value[2:]):
            raise BadWebhook(f"{name} must be {_SIDS[name]} and 32 hexadecimal digits.")
        return value

    def text(self, name: str) -> str:
        """A field that must be there, possibly empty. Raises BadWebhook."""
        if name not in self.form:
            raise BadWebhook(f"{name} is missing.")
        return self.form[name]

    def number(self, name: str, region: str) -> PhoneNumber:
        """A phone number. Raises BadWebhook."""
        try:
            return PhoneNumber.parse(self.text(name), region)
        except InvalidNumber as error:
            raise BadWebhook(f"{name} is not a phone number.") from error

    def caller(self, region: str) -> PhoneNumber | None:
        """Who calls; None where they withhold their number. Raises BadWebhook."""
        return None if self.text("From").lower() in _WITHHELD else self.number("From", region)

    def count(self, name: str, default: int = 0) -> int:
        """A small number from the address. Raises BadWebhook."""
        value = self.query.get(name, str(default))
        if not re.fullmatch(r"\d{1,6}", value):
            raise BadWebhook(f"{name} must be a number.")
        return int(value)
