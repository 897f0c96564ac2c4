"""The request: what was asked for, where it stands, and who is on the line. Values only; `step` lives in steps.py."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from dispatch.offer import Offer, OfferState
from dispatch.people import Role
from dispatch.values import replace


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    """Stored; nothing decided yet."""
    IDENTIFYING = "identifying"
    """We are listening for, or working out, the language."""
    CONFIRMING = "confirming"
    """The person has been asked which language it is."""
    MATCHING = "matching"
    """The language is known; interpreters are being looked up."""
    OFFERING = "offering"
    """At least one interpreter has an open offer."""
    CONNECTING = "connecting"
    """An interpreter accepted; phones are being brought into the conference."""
    CONNECTED = "connected"
    """Requester and interpreter are in the conference together."""
    COMPLETED = "completed"
    """They spoke and have hung up."""
    WAITING = "waiting"
    """Nobody is free; we try again, and the person knows the plan."""
    CALLBACK_SCHEDULED = "callback_scheduled"
    """Nobody is on the line; the person is called when an interpreter has accepted."""
    VENDOR_HANDOFF = "vendor_handoff"
    """Handed to the commercial line by the dispatcher."""
    CANCELLED = "cancelled"
    """The requester or the dispatcher ended it before anybody spoke."""
    ABANDONED = "abandoned"
    """The caller hung up before an interpreter was on."""
    FAILED = "failed"
    """We could not do it; the dispatcher was told why."""


OVER = frozenset(
    {
        RequestState.COMPLETED,
        RequestState.VENDOR_HANDOFF,
        RequestState.CANCELLED,
        RequestState.ABANDONED,
        RequestState.FAILED,
    }
)

_UNCONNECTED = frozenset(
    {RequestState.CANCELLED, RequestState.ABANDONED, RequestState.FAILED, RequestState.VENDOR_HANDOFF}
)
_SEARCH = frozenset({RequestState.MATCHING, RequestState.CONFIRMING, RequestState.IDENTIFYING, RequestState.WAITING})
_LOOKING = frozenset(
    {
        RequestState.OFFERING,
        RequestState.CONNECTING,
        RequestState.CALLBACK_SCHEDULED,
        RequestState.COMPLETED,
    }
)

TRANSITIONS: dict[RequestState, frozenset[RequestState]] = {
    RequestState.RECEIVED: frozenset({RequestState.IDENTIFYING}) | _SEARCH | _UNCONNECTED,
    RequestState.IDENTIFYING: frozenset({RequestState.COMPLETED}) | _SEARCH | _UNCONNECTED,
    # CONNECTING: a dispatcher who has taken over brings a vendor's interpreter in.
    RequestState.CONFIRMING: frozenset({RequestState.COMPLETED, RequestState.CONNECTING}) | _SEARCH | _UNCONNECTED,
    # COMPLETED from a search: they spoke, the interpreter was lost, and the requester left before the next one came.
    RequestState.MATCHING: _LOOKING | _SEARCH | _UNCONNECTED,
    RequestState.OFFERING: _LOOKING | _SEARCH | _UNCONNECTED,
    RequestState.WAITING: _LOOKING | _SEARCH | _UNCONNECTED,
    RequestState.CALLBACK_SCHEDULED: _LOOKING | _SEARCH | _UNCONNECTED,
    RequestState.CONNECTING: frozenset({RequestState.CONNECTED, RequestState.MATCHING, RequestState.COMPLETED})
    | _UNCONNECTED,
    # An interpreter who drops out is replaced: the requester is still there, so the search begins again.
    RequestState.CONNECTED: frozenset({RequestState.COMPLETED, RequestState.MATCHING}),
    **{state: frozenset() for state in OVER},
}


class Channel(StrEnum):
    """How the requester reached us."""

    TEXT = "text"
    VOICE = "voice"


class Urgency(StrEnum):
    """How soon somebody must be on the line."""

    ROUTINE = "routine"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class LegRole(StrEnum):
    """Whose phone a leg is."""

    REQUESTER = "requester"
    """The officer who texted, or the LEP caller."""
    INTERPRETER = "interpreter"
    AGENCY = "agency"
    """The duty desk."""
    VENDOR = "vendor"
    """The commercial line: one of their interpreters, or still their menu."""


class LegState(StrEnum):
    """Where one phone stands."""

    DIALLING = "dialling"
    """We asked, or are about to ask, the carrier to ring it."""
    ON_LINE = "on_line"
    """Somebody is on it, hearing our prompts; not in the conference."""
    IN_CONFERENCE = "in_conference"
    ENDED = "ended"


@dataclass(frozen=True)
class Leg:
    """One phone in a request. `call_sid` is the carrier's name for the call, once there is one."""

    id: str
    role: LegRole
    state: LegState
    call_sid: str | None = None
    attempt: int = 1
    muted: bool = False
    """Not heard by the others, as the carrier last said. Kept while the phone is out of the conference for a moment."""
    held: bool = False
    """Out of the conversation, hearing the hold announcement, as the carrier last said."""
    told: int = 0
    """The carrier's number of the conference news that `muted` and `held` are from: older news changes nothing."""

    conference: str = ""
    """The carrier's id of the conference that it last joined or left: each counts its news from 1."""
    placed: int = 0
    """The carrier's number of that news, within that conference: what was sent before it says nothing any more."""

    @property
    def live(self) -> bool:
        """Whether somebody is on this phone now."""
        return self.state in (LegState.ON_LINE, LegState.IN_CONFERENCE)


class DeadlineKind(StrEnum):
    """What is to happen when nothing else has. Deadlines are rows; the ticker turns them into events."""

    OFFER_EXPIRES = "offer_expires"
    IDENTIFY_TIMES_OUT = "identify_times_out"
    MATCH_AGAIN = "match_again"
    CONNECT_TIMES_OUT = "connect_times_out"
    CHECK_CALLS = "check_calls"
    LOOK_AGAIN = "look_again"
    """The phones that ring now have had their chance: see whether more should ring."""
    ESCALATE = "escalate"
    """The next step of the escalation."""
    HANDOVER = "handover"
    """An interpreter left; was it goodbye, or were they cut off? `subject` is the offer."""
    WRITING_QUIET = "writing_quiet"
    """Nobody has written for long in a session in writing."""
    VENDOR_SPEAKS = "vendor_speaks"
    """The vendor's hold is taken to be over: an interpreter speaks."""


_Item = TypeVar("_Item", Offer, Leg)


@dataclass(frozen=True)
class Deadline:
    """At `at`, tell the request that `kind` is due for `subject` (an offer id, or "")."""

    kind: DeadlineKind
    at: datetime
    subject: str = ""


@dataclass(frozen=True)
class Guess:
    """A language the person may speak (ISO 639-3) and how likely that is, 0 to 1."""

    language: str
    confidence: float


@dataclass(frozen=True)
class Need:
    """What was asked for, as understood from the requester's own words."""

    languages: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    urgency: Urgency = Urgency.ROUTINE
    place: str = ""
    encounter: str = ""
    """Of `policy.ENCOUNTERS`; "" is routine. Sets the credential that the interpreter must have."""
    exception: str = ""
    """Why that credential is not asked for this time, in the dispatcher's words; "" while it is."""
    full: bool = False
    """Whether a basic command of the language has turned out not to be enough: a tested interpreter of full proficiency
    is asked for, whatever the encounter."""
    first: tuple[str, ...] = ()
    """Languages (ISO 639-3) that many speak first at the place an officer's text named. Shown to the dispatcher."""
    kept_out: tuple[str, ...] = ()
    """Interpreters (ids) who are not asked for this request: they know the person, or were sent away."""
    hints: tuple[str, ...] = ()
    """Languages to ask in first, by the countries an officer's text names. Forgotten once the language is settled."""
    variety: str = ""
    """The variety (a code of `varieties`) that was asked for; "" where nobody has said which."""
    also_varieties: tuple[str, ...] = ()
    """Others that the person says they understand too."""
    not_varieties: tuple[str, ...] = ()
    """Varieties that were said, or turned out, to be the wrong one for this request."""
    which_variety: str = ""
    """The language (ISO 639-3) whose variety the person is being asked for by key; "" while they are not."""
    origin: str | None = None
    """Set while somebody who speaks another language first is asked which: the place chosen so far, "" for none yet.
    Forgotten once the language is settled."""
    withheld: bool = False
    """Whether the caller's number was withheld: nobody can call them back, and they are never told that somebody does.
    """


@dataclass(frozen=True)
class Reach:
    """How far the search for an interpreter has been stretched so far."""

    since: datetime | None = None
    """When the search for this language began; the escalation's seconds count from here."""
    step: int = 0
    """How many steps of the escalation have been taken."""
    wider: int = 0
    """How often the ring has been widened."""
    tier: int = 0
    """The last tier that is asked; 0 for the policy's first."""
    asked: str = ""
    """The related language (ISO 639-3) that the person was asked about."""
    bridge: str = ""
    """The language (ISO 639-3) that a relay goes through, once a relay is looked for."""
    vendor: str = ""
    """The vendor line that is being called, or was."""
    vendor_spoke: str = ""
    """How it is known that the vendor's interpreter speaks, of `vendor_hold.Spoke`; "" while they do not."""
    callback: bool = False
    """They were told that they may hang up and are called back."""
    told: str = ""
    """The last step that the person waiting was told of."""
    wait_minutes: int = 0
    """The wait that they were told to expect; 0 for none."""
    on_site: str = ""
    """Where somebody is to come: "asked", or the last of `on_site.NEWS`; "" where a telephone serves."""
    arrives: datetime | None = None
    """When who comes said that they would be there."""
    because: str = ""
    """Why the last search found nobody to ring, in words for the dispatcher."""


@dataclass(frozen=True)
class Request:
    """Everything `step` needs to know about one request. Holds no phone numbers."""

    id: str
    requester_id: str
    role: Role
    channel: Channel
    state: RequestState
    created_at: datetime
    version: int = 0
    """Counts saves: the store refuses to overwrite a version it has not shown (compare-and-set)."""
    need: Need = Need()
    language: str | None = None
    """ISO 639-3 once settled."""
    certainty: float | None = None
    found_by: str = ""
    """How the language was found: "named in the text", "heard", "their writing", "chosen by key"."""
    guesses: tuple[Guess, ...] = ()
    listens: int = 0
    """How often we have asked the caller to speak."""
    failed_rounds: int = 0
    """How often a search found nobody who took it."""
    offers: tuple[Offer, ...] = ()
    legs: tuple[Leg, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""
    """How it ended, in words for the dispatcher."""
    trouble: str = ""
    """What is going wrong on our side right now, in words for the dispatcher; "" when nothing is."""
    reach: Reach = Reach()
    result: str = ""
    """How it ended, one word of `outcomes.Result`; "" while it is open."""
    miss: str = ""
    """Why the target time was missed, in words; "" where it was kept or is not yet over."""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in OVER

    @property
    def variety(self) -> str:
        """The variety asked for of the language that is settled; "" where none was, or where it is another language."""
        return self.need.variety if self.need.variety.partition("-")[0] == self.language else ""

    @property
    def spoken(self) -> str:
        """What is to be interpreted, as exactly as is known: a code of `varieties`, a language (ISO 639-3), or ""."""
        return self.variety or self.language or ""

    @property
    def conference(self) -> str:
        """The carrier-side conference name: the request id, nothing about a person."""
        return self.id

    def leg(self, leg_id: str) -> Leg | None:
        """The leg with that id, or None."""
        return next((leg for leg in self.legs if leg.id == leg_id), None)

    def leg_of(self, role: LegRole) -> Leg | None:
        """The newest leg of that role that has not ended, or None."""
        return next((leg for leg in reversed(self.legs) if leg.role is role and leg.state is not LegState.ENDED), None)

    def offer(self, offer_id: str) -> Offer | None:
        """The offer with that id, or None."""
        return next((offer for offer in self.offers if offer.id == offer_id), None)

    @property
    def accepted(self) -> Offer | None:
        """The offer that holds the interpreter's seat, or None; of a relay the first seat taken."""
        return next(iter(self.seated), None)

    @property
    def seated(self) -> tuple[Offer, ...]:
        """The offers that hold a seat, by seat."""
        held = (offer for offer in self.offers if offer.state is OfferState.ACCEPTED)
        return tuple(sorted(held, key=lambda offer: offer.seat))

    @property
    def spoken_by(self) -> str | None:
        """The interpreter whom a remark about the session is about: who accepted last. None of a relay, where it may be
        about either of the two, and where nobody accepted."""
        sat = [(offer.accepted_at, offer.seat, offer) for offer in self.offers if offer.accepted_at is not None]
        if any(seat > 1 for _, seat, _ in sat):
            return None
        return max(sat, key=lambda one: one[0])[2].interpreter_id if sat else None

    @property
    def open_seat(self) -> int | None:
        """The seat to find somebody for: 1, or 2 once the first of a relay's two interpreters is there; else None."""
        taken = {offer.seat: offer for offer in self.seated}
        if 1 not in taken:
            return 1
        return 2 if taken[1].language and 2 not in taken else None

    @property
    def open_offers(self) -> tuple[Offer, ...]:
        """Offers still waiting for an answer."""
        return tuple(o for o in self.offers if o.state in (OfferState.PENDING, OfferState.RINGING))

    def with_offer(self, offer: Offer) -> "Request":
        """This request with that offer put in place of the one with its id, or added."""
        return replace(self, offers=_put(self.offers, offer))

    def with_leg(self, leg: Leg) -> "Request":
        """This request with that leg put in place of the one with its id, or added."""
        if leg.state is not LegState.IN_CONFERENCE:
            # Hold and the count of news are the conference's own; a phone that comes back begins both anew.
            leg = replace(leg, held=False, told=0)
        return replace(self, legs=_put(self.legs, leg))

    def to(self, state: RequestState) -> "Request":
        """This request in its new state; unchanged where the table has no such way."""
        return replace(self, state=state) if state in TRANSITIONS[self.state] else self

    def due(self, kind: DeadlineKind, at: datetime, subject: str = "") -> "Request":
        """This request with one deadline set (replacing the one of the same kind and subject)."""
        return replace(self, deadlines=(*self._other_deadlines(kind, subject), Deadline(kind, at, subject)))

    def without(self, kind: DeadlineKind, subject: str = "") -> "Request":
        """This request with that deadline lifted."""
        kept = self._other_deadlines(kind, subject)
        return self if len(kept) == len(self.deadlines) else replace(self, deadlines=kept)

    def _other_deadlines(self, kind: DeadlineKind, subject: str) -> tuple[Deadline, ...]:
        return tuple(due for due in self.deadlines if due.kind is not kind or due.subject != subject)


def _put(items: tuple[_Item, ...], item: _Item) -> tuple[_Item, ...]:
    if any(old.id == item.id for old in items):
        return tuple(item if old.id == item.id else old for old in items)
    return items + (item,)  # noqa: RUF005 (unpacking loses the item type)
