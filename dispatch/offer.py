"""Offers: one interpreter asked for one request. States, and the only ways between them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.values import replace


class OfferState(StrEnum):
    """Where one offer stands."""

    PENDING = "pending"
    """Reserved for this interpreter; their phone has not been dialled yet."""
    RINGING = "ringing"
    """The carrier has the call: it rings, or the interpreter is listening to the question."""
    ACCEPTED = "accepted"
    """The interpreter pressed 1 or texted YES: theirs is the seat until the session ends."""
    DECLINED = "declined"
    """The interpreter pressed 2, texted NO, or hung up after hearing the question."""
    EXPIRED = "expired"
    """Nobody answered in time."""
    WITHDRAWN = "withdrawn"
    """Somebody else took it, or the request is over; they hear so."""
    FAILED = "failed"
    """The carrier could not reach the number."""
    FINISHED = "finished"
    """It was accepted, and the session is over: the interpreter is free again."""


ACTIVE = frozenset({OfferState.PENDING, OfferState.RINGING, OfferState.ACCEPTED})
"""States that hold the interpreter: the store allows one active offer per interpreter."""

TRANSITIONS: dict[OfferState, frozenset[OfferState]] = {
    OfferState.PENDING: frozenset(
        {
            OfferState.RINGING,
            OfferState.ACCEPTED,  # a text YES can overtake the carrier's word that the phone rings
            OfferState.DECLINED,
            OfferState.EXPIRED,
            OfferState.WITHDRAWN,
            OfferState.FAILED,
        }
    ),
    OfferState.RINGING: frozenset(
        {
            OfferState.ACCEPTED,
            OfferState.DECLINED,
            OfferState.EXPIRED,
            OfferState.WITHDRAWN,
            OfferState.FAILED,
        }
    ),
    OfferState.ACCEPTED: frozenset({OfferState.FINISHED}),
    OfferState.DECLINED: frozenset(),
    OfferState.EXPIRED: frozenset(),
    OfferState.WITHDRAWN: frozenset(),
    OfferState.FAILED: frozenset(),
    OfferState.FINISHED: frozenset(),
}


@dataclass(frozen=True)
class Offer:
    """One interpreter asked for one request. The interpreter's leg has the same id as the offer."""

    id: str
    interpreter_id: str
    state: OfferState
    offered_at: datetime
    answered_at: datetime | None = None
    reason: str = ""
    """Why this interpreter was asked, or why the offer ended, in words for the dispatcher."""
    seat: int = 1
    """Which chair in the conference: 1, and 2 for the second interpreter of a relay."""
    language: str = ""
    """The bridge language (ISO 639-3) of a relay that they are asked for; "" for the whole way by themselves."""
    chance: float = 0.5
    """That they accept, as it was reckoned when they were asked."""
    accepted_at: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether the interpreter is held by this offer."""
        return self.state in ACTIVE

    def to(self, state: OfferState, now: datetime, reason: str = "") -> "Offer":
        """The offer in its new state; unchanged where that way does not exist (late and repeated news is harmless)."""
        if state not in TRANSITIONS[self.state]:
            return self
        accepted_at = now if state is OfferState.ACCEPTED else self.accepted_at
        return replace(self, state=state, answered_at=now, reason=reason or self.reason, accepted_at=accepted_at)
