"""What happened. Everything that changes a request arrives at `step` as one of these values.

Events carry no phone numbers and no audio; the shell that makes them has already matched people to ids.
"""

from dataclasses import dataclass, field

from dispatch.override_events import OverrideEvent
from dispatch.request import DeadlineKind, Guess, Need, Urgency


@dataclass(frozen=True)
class TextReceived:
    """The requester texted, and this is what we understood. Names no language: then `text` itself is read for one."""

    need: Need
    text: str = ""


@dataclass(frozen=True)
class ListenByPhone:
    """Nobody knows the language: ring the requester's phone and listen to the person beside them.

    `need` holds what their text said besides: languages it guessed at, urgency, place.
    """

    need: Need = field(default_factory=Need)


@dataclass(frozen=True)
class RequestPlaced:
    """Another system, or the desk, asks for somebody who has neither texted nor called. A need that names no language:
    their phone rings, and asks the person beside them."""

    need: Need
    by: str


@dataclass(frozen=True)
class CallArrived:
    """The requester is on the line: their call is leg `leg_id`."""

    leg_id: str
    call_sid: str


@dataclass(frozen=True)
class SpeechRecorded:
    """The caller spoke and the carrier holds the recording. `recording_sid` is None when nothing was recorded."""

    leg_id: str
    recording_sid: str | None


@dataclass(frozen=True)
class LanguageHeard:
    """A worker listened to the speech, or read the text.

    `decision` is "accept" (sure), "confirm" (ask which of the guesses), "menu" (no idea) or "no_speech".
    """

    decision: str
    guesses: tuple[Guess, ...]
    found_by: str
    named: tuple[str, ...] = ()
    """Languages (ISO 639-3) that an officer on the phone named aloud in English."""


@dataclass(frozen=True)
class LanguageFailed:
    """The language could not be worked out for a technical reason, given in words for the dispatcher."""

    reason: str


@dataclass(frozen=True)
class LanguageChosen:
    """A person said which language it is: by key, by text, or the dispatcher on the console."""

    language: str
    by: str


@dataclass(frozen=True)
class LanguageWrong:
    """The person says that it is not this language."""


@dataclass(frozen=True)
class OtherLanguageFirst:
    """The person understands the language they were answered in, but speaks another one first."""


@dataclass(frozen=True)
class OriginChosen:
    """Where the person's family is from, by key: a path of `dispatch.origins`, or one that names no place of ours."""

    place: str


@dataclass(frozen=True)
class PersonWanted:
    """The person asks for somebody to talk to, or the menus have led nowhere."""


@dataclass(frozen=True)
class GistWritten:
    """The caller's first words have been put into English; `danger` says why that is urgent, "" where it is not."""

    danger: str = ""
    urgency: Urgency = Urgency.ROUTINE


@dataclass(frozen=True)
class CandidatesFound:
    """The roster was searched: interpreters who may be asked now, best first. Empty: nobody is free.

    The fields that run beside `interpreter_ids` may be left out: then everybody is as likely to accept, and equally
    preferred.
    """

    interpreter_ids: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    chances: tuple[float, ...] = ()
    """That each accepts if rung now."""
    groups: tuple[int, ...] = ()
    """Whom to prefer: lower first. Within a group the likelier may be rung first."""
    through: tuple[str, ...] = ()
    """The bridge language of a relay that each would take half of, or ""."""
    seat: int = 1
    ahead: int = 0
    """Calls of other requests that the carrier starts before ours."""
    because: str = ""
    """Where nobody is free: why, in words for the dispatcher."""
    wait_minutes: int = 0
    """Where nobody is free: how long it may take, from measured waits; 0 where too few were measured."""


@dataclass(frozen=True)
class CallPlaced:
    """The carrier took our call to that leg."""

    leg_id: str
    call_sid: str


@dataclass(frozen=True)
class CallFailed:
    """The carrier would not place our call to that leg; `reason` is for the dispatcher."""

    leg_id: str
    reason: str


@dataclass(frozen=True)
class LegAnswered:
    """Somebody, or something, picked up that phone."""

    leg_id: str
    machine: bool = False


@dataclass(frozen=True)
class OfferAnswered:
    """The interpreter said yes or no: by key or by text. Silence is not an answer."""

    offer_id: str
    accepted: bool


@dataclass(frozen=True)
class LegJoined:
    """That phone is in the conference."""

    leg_id: str


@dataclass(frozen=True)
class LegLeft:
    """That phone left the conference; its call may still be up."""

    leg_id: str


@dataclass(frozen=True)
class CallEnded:
    """That phone's call is over. `how` is the carrier's word: completed, busy, no-answer, failed, canceled."""

    leg_id: str
    how: str


@dataclass(frozen=True)
class DeadlinePassed:
    """A deadline row came due."""

    kind: DeadlineKind
    subject: str = ""


@dataclass(frozen=True)
class RequestDropped:
    """The requester, or the dispatcher, ends it. `by` is "requester" or "dispatcher"."""

    by: str


@dataclass(frozen=True)
class SessionDone:
    """The interpreter texted DONE."""


@dataclass(frozen=True)
class EncounterSet:
    """The dispatcher says what the meeting is about; it sets the credential that is asked for."""

    encounter: str
    """Of `policy.ENCOUNTERS`."""


@dataclass(frozen=True)
class CredentialWaived:
    """The dispatcher lets somebody without the credential be asked, for a reason that is kept."""

    reason: str


@dataclass(frozen=True)
class KeptOut:
    """This interpreter is not to be asked for this request: a conflict of interest."""

    interpreter_id: str


@dataclass(frozen=True)
class AlsoSpeaks:
    """The person waiting says that they speak this language (ISO 639-3) too: either will do."""

    language: str


@dataclass(frozen=True)
class AnotherWanted:
    """Somebody in the session asks for another interpreter; the call goes on.

    `by` is "requester", "interpreter" or "dispatcher"; `why` is "language" (wrong, or not well enough), "known" (they
    know each other) or "other". `leg_id` names the interpreter where there are two; "" for the first.
    """

    by: str
    why: str
    leg_id: str = ""
    language: str = ""
    """The right language (ISO 639-3), where they named it."""


@dataclass(frozen=True)
class InterpreterSpeaks:
    """The vendor's hold is over: the requester says that an interpreter speaks."""


@dataclass(frozen=True)
class MessageLeft:
    """The caller left a message while nobody could be found. `recording_sid` is None when nothing was recorded."""

    recording_sid: str | None


@dataclass(frozen=True)
class SupplyChanged:
    """An interpreter came free or signed on: a waiting request may look again."""


@dataclass(frozen=True)
class SendFailed:
    """An effect was given up on; `reason` is for the dispatcher."""

    reason: str


Event = (
    TextReceived
    | ListenByPhone
    | RequestPlaced
    | CallArrived
    | SpeechRecorded
    | LanguageHeard
    | LanguageFailed
    | LanguageChosen
    | LanguageWrong
    | OtherLanguageFirst
    | OriginChosen
    | PersonWanted
    | GistWritten
    | CandidatesFound
    | CallPlaced
    | CallFailed
    | LegAnswered
    | OfferAnswered
    | LegJoined
    | LegLeft
    | CallEnded
    | DeadlinePassed
    | RequestDropped
    | SessionDone
    | EncounterSet
    | CredentialWaived
    | KeptOut
    | AlsoSpeaks
    | AnotherWanted
    | InterpreterSpeaks
    | MessageLeft
    | SupplyChanged
    | SendFailed
    | OverrideEvent
)
