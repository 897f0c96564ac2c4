"""Who could be asked for a request, best first, and of everybody else who speaks the language why not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dispatch.offer import OfferState
from dispatch.people import Availability, Interpreter
from dispatch.request import Request
from dispatch.routing import rank, wanted_languages


@dataclass(frozen=True)
class Standing:
    """One interpreter as seen from one request."""

    interpreter: Interpreter
    place: int | None
    """1 is asked next; None: the rules would not ask them now."""
    why: str
    can_ring: bool
    """Whether the dispatcher may ring them by hand all the same."""


def standings(request: Request, roster: Iterable[Interpreter], now: datetime) -> list[Standing]:
    """Every interpreter who speaks what is wanted: those the rules would ask, in order, then the others."""
    wanted = wanted_languages(request)
    speakers = [one for one in roster if any(one.speaks(code) for code in wanted)]
    ranked = {candidate.interpreter_id: candidate for candidate in rank(request, speakers, now)}
    order = {interpreter_id: place for place, interpreter_id in enumerate(ranked, 1)}
    found = []
    for one in speakers:
        why = ranked[one.id].reason if one.id in ranked else _why_not(request, one, now)
        found.append(Standing(one, order.get(one.id), why, not one.engaged))
    return sorted(found, key=lambda one: (one.place is None, one.place or 0, one.interpreter.code))


def _why_not(request: Request, one: Interpreter, now: datetime) -> str:
    offers = [offer for offer in request.offers if offer.interpreter_id == one.id]
    if any(offer.active for offer in offers):
        return "is being asked for this request"
    if one.engaged:
        return "is held by another request"
    if one.availability is Availability.OFF:
        return "has signed off"
    if one.availability is Availability.BUSY and (one.busy_until is None or now < one.busy_until):
        return f"busy until {one.busy_until:%H:%M} UTC" if one.busy_until else "busy"
    if one.wrap_up_until is not None and now < one.wrap_up_until:
        return f"in wrap-up until {one.wrap_up_until:%H:%M} UTC"
    if any(offer.state is OfferState.DECLINED for offer in offers):
        return "declined this request"
    if any(offer.state is OfferState.FAILED for offer in offers):
        return "could not be reached for this request"
    return "does not fit what was asked for: " + (
        ", ".join(request.need.constraints).replace("_", " ") or "see the rules"
    )
