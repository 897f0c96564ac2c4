"""What the product needs from a telephone carrier, and how a carrier says no.

Implemented by `voice.twilio.TwilioCarrier`; the local carrier is the same client with another base URL.
"""

import re
from dataclasses import dataclass
from typing import Protocol

from dispatch.errors import DispatchError

PATIENCE = "#ct=2000&rt=5000&rc=4&rp=all"
"""Ends every address we give the carrier: connect within 2 s, answer within 5 s, four more tries for any failure.

The fragment is for the carrier alone: it is neither sent to us nor signed (Twilio, webhook connection overrides).
"""

GONE = 20404
"""The carrier's code for what it does not know, or not any more."""

WORDS: dict[int, str] = {
    20003: "The carrier refused our account's credentials: check DISPATCH_ACCOUNT_SID and DISPATCH_AUTH_TOKEN.",
    20404: "The carrier does not know this call, message or recording any more.",
    20429: "The carrier asks us to slow down; we try again.",
    21205: "The carrier cannot reach our address: check DISPATCH_PUBLIC_URL.",
    21210: "The number we call from is not one of ours at the carrier: check DISPATCH_HOTLINE.",
    21211: "That is not a phone number that can be reached: correct it on the roster.",
    21212: "The number we call from is not valid: check DISPATCH_HOTLINE.",
    21215: "Calls to that country are not switched on in the carrier's account.",
    21217: "That is not a phone number that can be called: correct it on the roster.",
    21219: "A trial account calls verified numbers only: verify this one with the carrier, or upgrade the account.",
    21220: "The call is over already.",
    21408: "Texts to that country are not switched on in the carrier's account.",
    21608: "A trial account texts verified numbers only: verify this one with the carrier, or upgrade the account.",
    21610: "This person has unsubscribed at the carrier: call them; they return by texting START.",
    21612: "The carrier cannot bring a text from our number to that number.",
    21614: "That number cannot receive texts (it is not a mobile): call them.",
    30003: "The phone is switched off or out of reach: call them a little later.",
    30004: "That phone blocks our texts: call them.",
    30005: "That number does not exist any more: correct it on the roster.",
    30006: "That number is a landline and cannot receive texts: call them.",
    30007: "The text was filtered as unwanted by a network: call them, and see the carrier's registration rules.",
    30008: "The text was not delivered and the network does not say why: call them.",
    13224: "That is not a number that can be dialled.",
    13225: "That number is forbidden by the carrier.",
}
"""Carrier error codes in the dispatcher's words. Codes from Twilio's error dictionary."""


_NUMBER = re.compile(r"\+?\d[\d\s().-]{5,}\d")
"""A phone number within what the carrier says: "The number +1617555 is unverified"."""


class CarrierError(DispatchError):
    """The carrier did not do it. `retryable`: whether the same request may work a moment later.

    The words are logged, stored and shown: numbers that the carrier repeats in its own are left out.
    """

    def __init__(self, code: int, retryable: bool, said: str = "") -> None:
        self.code = code
        self.retryable = retryable
        said = _NUMBER.sub("(number)", said)
        self.words = WORDS.get(code) or (f"The carrier said: {said}" if said else "The carrier does not answer.")
        super().__init__(f"{self.words} (carrier error {code})")


@dataclass(frozen=True)
class Participant:
    """One call in a conference."""

    muted: bool
    held: bool


class Carrier(Protocol):
    """Texts and calls. Numbers are E.164; every method raises CarrierError."""

    def send_text(self, to: str, body: str, status_url: str) -> str:
        """Send a text; its delivery is reported to `status_url`. Returns the message's carrier id."""
        ...

    def place_call(
        self, to: str, url: str, status_url: str, ring_seconds: int, machine_url: str = "", send_digits: str = ""
    ) -> str:
        """Ring a phone; once it is picked up the carrier asks `url` what to say. Returns the call's carrier id.

        `send_digits` are pressed once it is answered ("w" waits half a second). With `machine_url` the carrier reports
        there, while the call goes on, whether a person or a mailbox answered.
        """
        ...

    def move_call(self, call_sid: str, url: str) -> None:
        """Interrupt what the call hears; the carrier asks `url` instead. A call that is over is left alone."""
        ...

    def end_call(self, call_sid: str) -> None:
        """Hang up, whether it rings or talks. A call that is over is left alone."""
        ...

    def mute(self, conference: str, call_sid: str, muted: bool) -> "Participant | None":
        """Let a call be heard in the conference of that name, or not; how it stands then, None when it is not there."""
        ...

    def hold(self, conference: str, call_sid: str, held: bool, url: str) -> "Participant | None":
        """Take a call out of the conversation, or back; on hold the carrier asks `url` what it hears. As `mute`."""
        ...

    def call_status(self, call_sid: str) -> str:
        """The carrier's word for where the call stands; "completed" for one it does not know any more."""
        ...

    def recording(self, recording_sid: str) -> bytes:
        """The recording as WAV bytes. A recording may take a moment to appear; this waits a few seconds for it."""
        ...

    def delete_recording(self, recording_sid: str) -> None:
        """Remove the recording at the carrier; gone already is fine."""
        ...
