"""One webhook as the carrier sent it: its fields, each read with a check that names it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.errors import InvalidNumber
from dispatch.people import PhoneNumber

_SIDS = {"CallSid": "CA", "MessageSid": "SM", "RecordingSid": "RE", "ConferenceSid": "CF"}
_SID = re.compile(r"[0-9a-fA-F]{32}")
_WITHHELD_WORDS = ("anonymous", "restricted", "unavailable", "unknown", "private", "blocked", "withheld")
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_WITHHELD = frozenset({"", *_WITHHELD_WORDS, *("+" + word.translate(_KEYPAD) for word in _WITHHELD_WORDS)})
"""How the carrier writes a caller who withholds the number: in words, or the word as a telephone's keys spell it
(+266696687 is "anonymous"), which may look like somebody's number."""


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
        """Who calls; None where they withhold their number, or what came with the call is none. Raises BadWebhook where
        the field is missing: whoever is on the line is answered, from whatever network they come."""
        return None if self.text("From").strip().lower() in _WITHHELD else self.number_if_any("From", region)

    def number_if_any(self, name: str, region: str) -> PhoneNumber | None:
        """A phone number; None where the field is missing, or holds none."""
        try:
            return PhoneNumber.parse(self.form.get(name, ""), region)
        except InvalidNumber:
            return None

    def count(self, name: str, default: int = 0) -> int:
        """A small number from the address. Raises BadWebhook."""
        value = self.query.get(name, str(default))
        if not re.fullmatch(r"\d{1,6}", value):
            raise BadWebhook(f"{name} must be a number.")
        return int(value)
