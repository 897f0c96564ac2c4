"""What to do. `step` returns these values; they are stored in the outbox with the new state and performed by workers.

Effects name people by id, never by number. Each may be performed twice after a crash, so each is harmless to repeat.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class To(StrEnum):
    """Who a text goes to."""

    REQUESTER = "requester"
    INTERPRETER = "interpreter"
    DESK = "desk"
    VENDOR = "vendor"


@dataclass(frozen=True)
class SendText:
    """Text a person the phrase `key` in `language` (ISO 639-3), filled with `params`."""

    to: To
    person_id: str
    key: str
    language: str
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlaceCall:
    """Ring the phone of leg `leg_id`. `person_id` is the interpreter's or requester's id, a vendor line's name, or ""
    for the duty desk."""

    leg_id: str
    to: To
    person_id: str = ""
    ring_seconds: int = 25


@dataclass(frozen=True)
class HearSpeech:
    """Fetch the recording, work out its language, delete the recording at the carrier."""

    recording_sid: str


@dataclass(frozen=True)
class ReadText:
    """Work out the language of the requester's own writing."""

    text: str


@dataclass(frozen=True)
class FindInterpreters:
    """Search the roster for interpreters to ring now for seat `seat`, `seats` of them at most."""

    seats: int = 1
    seat: int = 1


@dataclass(frozen=True)
class MoveCall:
    """Interrupt what leg `leg_id` hears: fetch its next prompt now."""

    leg_id: str


@dataclass(frozen=True)
class SendGist:
    """Text the interpreter the machine's gist of the caller's first words, where there is one by now."""

    interpreter_id: str


@dataclass(frozen=True)
class MuteLeg:
    """Let leg `leg_id` be heard in its conference, or not."""

    leg_id: str
    muted: bool


@dataclass(frozen=True)
class HoldLeg:
    """Take leg `leg_id` out of the conversation to our hold announcement, or back into it."""

    leg_id: str
    held: bool


@dataclass(frozen=True)
class HangUp:
    """End leg `leg_id`'s call, whether it rings or talks."""

    leg_id: str


@dataclass(frozen=True)
class DeleteRecording:
    """Remove a recording from the carrier that will not be listened to."""

    recording_sid: str


@dataclass(frozen=True)
class CheckCalls:
    """Ask the carrier which of the request's calls are still up, and report those that are not."""


@dataclass(frozen=True)
class AlertDispatcher:
    """Show the dispatcher, in words, that something needs a person."""

    reason: str


@dataclass(frozen=True)
class HearMessage:
    """Fetch the message that a caller left, keep the machine's gist of it, delete the recording at the carrier."""

    recording_sid: str


@dataclass(frozen=True)
class MatchWaiting:
    """An interpreter is free while requests wait: let the one that needs somebody most look again."""

    interpreter_id: str


@dataclass(frozen=True)
class KeepApart:
    """Do not bring this interpreter and this requester together again. Done in the state change's transaction."""

    interpreter_id: str
    requester_id: str
    reason: str


@dataclass(frozen=True)
class ArrangeOnSite:
    """Ask interpreters to come: an appointment as soon as possible. Done in the state change's transaction."""


@dataclass(frozen=True)
class CallOffOnSite:
    """Nobody needs to come any more. Done in the state change's transaction."""

    why: str


@dataclass(frozen=True)
class TellOnSite:
    """Tell the request whether somebody comes (`on_site.NEWS`), and in how many minutes."""

    request_id: str
    what: str
    minutes: int = 0


@dataclass(frozen=True)
class PlaceCheckCall:
    """Ring the interpreter's phone for the test call `check_id`. Belongs to no request."""

    check_id: str
    ring_seconds: int = 25


@dataclass(frozen=True)
class EndCheckCall:
    """End the test call `check_id`: a mailbox has picked up."""

    check_id: str


@dataclass(frozen=True)
class FreeInterpreter:
    """The session is over: start wrap-up. Done in the transaction of the state change itself, not by a worker."""

    interpreter_id: str


Effect = (
    SendText
    | PlaceCall
    | HearSpeech
    | ReadText
    | FindInterpreters
    | MoveCall
    | SendGist
    | MuteLeg
    | HoldLeg
    | HangUp
    | DeleteRecording
    | CheckCalls
    | AlertDispatcher
    | HearMessage
    | MatchWaiting
    | KeepApart
    | ArrangeOnSite
    | CallOffOnSite
    | TellOnSite
    | PlaceCheckCall
    | EndCheckCall
    | FreeInterpreter
)
