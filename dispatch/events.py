"""What happened. Everything that changes a request arrives at `step` as one of these values.

Events carry no phone numbers and no audio; the shell that makes them has already matched people to ids.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from dispatch.asking_events import AskingEvent
from dispatch.override_events import OverrideEvent
from dispatch.request import DeadlineKind, Guess, Need, Urgency
from dispatch.values import replace
from dispatch.writing_events import WritingEvent

_Value = TypeVar("_Value")


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
    withheld: bool = False
    """Whether their number came with the call: without it nobody can call them back."""


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
    variety: str = ""
    """Which variety of the first of them they named with it."""


@dataclass(frozen=True)
class LanguageFailed:
    """The language could not be worked out for a technical reason, given in words for the dispatcher."""

    reason: str


@dataclass(frozen=True)
class LanguageChosen:
    """A person said which language it is: by key, by text, or the dispatcher on the console."""

    language: str
    by: str
    variety: str = ""
    """Which variety of it, where they said so; "?": they were asked and do not know."""


@dataclass(frozen=True)
class VarietyNamed:
    """A person said which variety of the language it is, a code of `varieties`; "" takes back what was said before."""

    variety: str
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
    on_call_at: datetime | None = None
    """Where nobody is free: when somebody comes on call before the next turn to look (`coming_free`)."""

    def without(self, gone: Collection[str]) -> "CandidatesFound":
        """The same without those interpreters."""
        return self._only([n for n, one in enumerate(self.interpreter_ids) if one not in gone])

    def first(self, most: int) -> "CandidatesFound":
        """The same with the best `most` of them."""
        return self._only(range(min(most, len(self.interpreter_ids))))

    def _only(self, places: Sequence[int]) -> "CandidatesFound":
        return replace(
            self,
            interpreter_ids=_picked(self.interpreter_ids, places),
            reasons=_picked(self.reasons, places),
            chances=_picked(self.chances, places),
            groups=_picked(self.groups, places),
            through=_picked(self.through, places),
        )


def _picked(values: tuple[_Value, ...], places: Sequence[int]) -> tuple[_Value, ...]:
    return tuple(values[n] for n in places if n < len(values))


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
    conference: str = ""
    """The carrier's id of the conference; "" where it is not known."""
    sequence: int = 0
    """The carrier's own number of the news in that conference, by which late news is known; 0 for none."""


@dataclass(frozen=True)
class LegLeft:
    """That phone left the conference; its call may still be up."""

    leg_id: str
    conference: str = ""
    sequence: int = 0
    """As of `LegJoined`."""


@dataclass(frozen=True)
class ParticipantChanged:
    """The carrier says whether that phone is muted and held in its conference.

    `sequence` is the carrier's own number of the news; what comes late is older than what is known.
    """

    leg_id: str
    muted: bool
    held: bool
    sequence: int
    conference: str = ""
    """The carrier's id of the conference; "" where we asked the carrier ourselves."""


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
    by: str = "the dispatcher"


@dataclass(frozen=True)
class CredentialWaived:
    """The dispatcher lets somebody without the credential be asked, for a reason that is kept."""

    reason: str
    by: str = "the dispatcher"


@dataclass(frozen=True)
class KeptOut:
    """This interpreter is not to be asked for this request: a conflict of interest."""

    interpreter_id: str
    by: str = "the dispatcher"


@dataclass(frozen=True)
class AlsoSpeaks:
    """The person waiting says that they speak this language (ISO 639-3), or understand this variety, too."""

    language: str
    by: str = "the requester"


@dataclass(frozen=True)
class AnotherWanted:
    """Somebody in the session asks for another interpreter; the call goes on.

    `by` is "requester", "interpreter" or "dispatcher"; `why` is "language" (the wrong one), "full" (the right one, but
    a basic command of it is not enough: from now on a full interpreter is asked for), "known" (they know each other)
    or "other". `leg_id` names the interpreter where there are two; "" for the first.
    """

    by: str
    why: str
    leg_id: str = ""
    language: str = ""
    """The right language (ISO 639-3), where they named it."""
    variety: str = ""
    """The right variety, where they named it."""
    varieties: tuple[str, ...] = ()
    """What the interpreter who is sent away speaks of the language. Filled in by the intake, from the roster."""


@dataclass(frozen=True)
class OnSiteNews:
    """Whether somebody comes on site (`on_site.NEWS`), and in how many minutes."""

    what: str
    minutes: int = 0


@dataclass(frozen=True)
class InterpreterSpeaks:
    """The vendor's hold is over: an interpreter speaks. `how` of `vendor_hold.Spoke`."""

    how: str = "key"
    ago: float = 0.0
    """Seconds since they began to speak: hearing it takes a moment."""


@dataclass(frozen=True)
class VendorHolds:
    """The vendor's menu or announcement was heard just now: no interpreter speaks yet."""


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
    | VarietyNamed
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
    | ParticipantChanged
    | CallEnded
    | DeadlinePassed
    | RequestDropped
    | SessionDone
    | EncounterSet
    | CredentialWaived
    | KeptOut
    | AlsoSpeaks
    | AnotherWanted
    | OnSiteNews
    | InterpreterSpeaks
    | VendorHolds
    | MessageLeft
    | SupplyChanged
    | SendFailed
    | AskingEvent
    | OverrideEvent
    | WritingEvent
)
