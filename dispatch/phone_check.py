"""A test call to an interpreter's phone: what can happen on it, and what it shows. Plain functions, no I/O.

It is no offer: it belongs to no request, holds nobody, and nothing of it counts in how somebody answers.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.people import Availability, Interpreter


class CheckState(StrEnum):
    """Where a test call stands."""

    QUEUED = "queued"
    """A worker is about to hand it to the carrier."""
    RINGING = "ringing"
    """The carrier has taken it and the phone rings, as far as anybody can tell."""
    ANSWERED = "answered"
    """Picked up, by a person or a mailbox; the announcement plays."""
    PRESSED = "key pressed"
    """Somebody pressed 1: a person is there, and keys arrive."""
    NO_KEY = "no key pressed"
    """Picked up and put down again without a key."""
    VOICEMAIL = "voicemail"
    """A mailbox picked up."""
    NO_ANSWER = "no answer"
    BUSY = "busy"
    FAILED = "failed"


OVER = frozenset(
    {
        CheckState.PRESSED,
        CheckState.NO_KEY,
        CheckState.VOICEMAIL,
        CheckState.NO_ANSWER,
        CheckState.BUSY,
        CheckState.FAILED,
    }
)
"""A key that was pressed is the last word; every other end may still be told more exactly by late news."""

SILENCE = timedelta(seconds=150)
"""Ring, announcement and goodbye take well under two minutes; no news for longer is news."""

NEXT = {
    CheckState.PRESSED: "The phone works: it can be rung for requests.",
    CheckState.NO_KEY: "They were reached but pressed nothing. Ask them to press 1 when they hear the test, "
    "and try again.",
    CheckState.VOICEMAIL: "A mailbox picked up, which counts as no answer. Ask them to switch it off or to let "
    "the phone ring longer, then try again.",
    CheckState.NO_ANSWER: "Nobody picked up. Try at another hour, or send a test text.",
    CheckState.BUSY: "The line was busy. Try again in a few minutes.",
    CheckState.FAILED: "See the reason, correct the number on the roster if it is wrong, and try again.",
}
"""What to do next, by how it ended."""

_ENDS = {
    "busy": CheckState.BUSY,
    "no-answer": CheckState.NO_ANSWER,
    "failed": CheckState.FAILED,
    "canceled": CheckState.NO_ANSWER,
}


@dataclass(frozen=True)
class PhoneCheck:
    """One test call."""

    id: str
    interpreter_id: str
    account: str
    """Who asked for it."""
    language: str
    """ISO 639-3: the interpreter's first language beside English; "eng" where there is no other."""
    started_at: datetime
    state: CheckState = CheckState.QUEUED
    words: str = ""
    """The reason, where the carrier or the service gave one."""
    call_sid: str | None = None
    steps: tuple[tuple[CheckState, datetime], ...] = ()
    """Every state it came to, and when."""

    @property
    def over(self) -> bool:
        """Whether nothing more is awaited."""
        return self.state in OVER


@dataclass(frozen=True)
class Placed:
    """The carrier has taken the call."""

    call_sid: str


@dataclass(frozen=True)
class NotPlaced:
    """It could not be handed to the carrier; `words` say why."""

    words: str


@dataclass(frozen=True)
class PickedUp:
    """The phone was picked up."""


@dataclass(frozen=True)
class MachineHeard:
    """The carrier recognised a mailbox."""


@dataclass(frozen=True)
class KeyPressed:
    """A key was pressed."""

    digits: str


@dataclass(frozen=True)
class PutDown:
    """The call is over; `how` is the carrier's word."""

    how: str


CheckEvent = Placed | NotPlaced | PickedUp | MachineHeard | KeyPressed | PutDown


def step(check: PhoneCheck, event: CheckEvent, now: datetime) -> PhoneCheck:
    """The test call after the event. News that comes twice, late or in another order ends in the same state."""
    if isinstance(event, Placed) and check.call_sid is None:
        check = replace(check, call_sid=event.call_sid)
    state, words = _after(check, event)
    if state is check.state:
        return check
    return replace(check, state=state, words=words, steps=(*check.steps, (state, now)))


def as_of(check: PhoneCheck, now: datetime) -> PhoneCheck:
    """The test call as it is to be shown at `now`: one without news for SILENCE has failed."""
    if check.over or now - check.started_at < SILENCE:
        return check
    words = "The carrier sent no news of the call: check that it reaches DISPATCH_PUBLIC_URL, and that workers run."
    return replace(check, state=CheckState.FAILED, words=words)


def refusal(one: Interpreter, last: PhoneCheck | None, now: datetime) -> str:
    """Why no test call is made at all now, in words; "" where one may be."""
    if one.engaged:
        return f"{one.name} is being rung or in a session: test the phone afterwards."
    if last is not None and not as_of(last, now).over:
        return f"A test call to {one.name} is on its way already."
    return ""


def disturbance(one: Interpreter, away: str, now: datetime, agency_zone: str) -> str:
    """What the interpreter asked for that a test call would disregard now, in words; "" where nothing is.

    `away`: why their shifts or time off keep them from being rung, "" where they do not.
    """
    local = one.local(now, agency_zone)
    quiet = one.terms.quiet
    if quiet is not None and quiet.hold(local.time()):
        return (
            f"It is {local:%H:%M} where they live, within their quiet hours ({quiet.start:%H:%M} to {quiet.end:%H:%M})."
        )
    if one.availability is Availability.OFF:
        return "They have signed off."
    if one.availability is Availability.BUSY and (one.busy_until is None or now < one.busy_until):
        return "They have asked not to be rung for now (BUSY)."
    return f"They are not on call now: {away}." if away else ""


def first_language(one: Interpreter) -> str:
    """The language of the test beside English: their best one."""
    return next((skill.language for skill in one.skills if skill.language != "eng"), "eng")


def _after(check: PhoneCheck, event: CheckEvent) -> tuple[CheckState, str]:
    """The state after the event, and the words that go with it."""
    same = (check.state, check.words)
    if check.state is CheckState.PRESSED:
        return same
    match event:
        case KeyPressed(digits="1"):
            return CheckState.PRESSED, ""
        case MachineHeard():
            return CheckState.VOICEMAIL, ""
        case Placed() if check.state is CheckState.QUEUED:
            return CheckState.RINGING, ""
        case NotPlaced() if check.state is CheckState.QUEUED:
            return CheckState.FAILED, event.words
        case PickedUp() if check.state in (CheckState.QUEUED, CheckState.RINGING):
            return CheckState.ANSWERED, ""
        case PutDown(how="completed") if not check.over:
            return CheckState.NO_KEY, ""
        case PutDown() if not check.over and event.how in _ENDS:
            failed = "The carrier could not put the call through." if event.how == "failed" else ""
            return _ENDS[event.how], failed
        case _:
            return same
