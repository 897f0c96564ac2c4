"""How a request ended, and why a target was missed. Plain functions, applied by `step` after every change.

The clock runs from the first text or word to a human interpreter speaking; a vendor's own hold counts.
"""

from datetime import datetime
from enum import StrEnum

from dispatch import languages
from dispatch.offer import OfferState
from dispatch.on_site import TARGET_SECONDS, came
from dispatch.policy import Policy
from dispatch.request import LegRole, Request, RequestState
from dispatch.values import replace
from dispatch.vendor_hold import SPOKE_WORDS


class Result(StrEnum):
    """How a request ended. There is no "refused": a person who gets no interpreter has not refused one."""

    CONNECTED = "connected"
    """An interpreter and the requester spoke."""
    INTERPRETER_NOT_REACHED = "interpreter_not_reached"
    """Nobody could be found, or nobody in time."""
    REQUESTER_NOT_REACHED = "requester_not_reached"
    """An interpreter was ready; the requester's phone was not answered."""
    LANGUAGE_NOT_FOUND = "language_not_found"
    """It ended before anybody knew the language."""
    IN_PERSON = "in_person"
    """No telephone could serve: the dispatcher arranged a person on site or by video."""
    WITHDRAWN = "withdrawn"
    """The requester or the dispatcher ended it while the target could still be kept."""
    ABANDONED = "abandoned"
    """The caller hung up while the target could still be kept."""


def account(before: Request, after: Request, now: datetime, policy: Policy) -> Request:
    """`after` with its result once it is over, and the cause once its target is missed."""
    if after.connected_at is not None and before.connected_at is None:
        after = replace(after, miss=_miss(after, now, policy))
    if after.over and not before.over:
        result = _result(after, now, policy)
        missed = result is Result.INTERPRETER_NOT_REACHED and after.connected_at is None
        after = replace(after, result=result.value, miss=_miss(after, now, policy) if missed else after.miss)
    return after


def seconds_to_connect(request: Request) -> float | None:
    """From the first text or word to an interpreter speaking; None where none did."""
    return (request.connected_at - request.created_at).total_seconds() if request.connected_at else None


def _result(request: Request, now: datetime, policy: Policy) -> Result:
    if request.connected_at is not None:
        return Result.CONNECTED
    if request.language is None:
        return Result.LANGUAGE_NOT_FOUND
    by_hand = "dispatcher" in request.outcome  # who closes a sign language's request has arranged somebody
    if came(request) or (by_hand and not languages.get(request.language).voice_call):
        return Result.IN_PERSON
    if any(offer.accepted_at is not None for offer in request.offers):
        called = [leg for leg in request.legs if leg.role is LegRole.REQUESTER]
        if request.state is RequestState.FAILED and called:
            return Result.REQUESTER_NOT_REACHED
    if request.failed_rounds or (now - request.created_at).total_seconds() > target_seconds(request, policy):
        return Result.INTERPRETER_NOT_REACHED
    return Result.ABANDONED if request.state is RequestState.ABANDONED else Result.WITHDRAWN


def target_seconds(request: Request, policy: Policy) -> float:
    """How long this requester should wait at most."""
    return TARGET_SECONDS if request.reach.on_site else policy.target(request.language)


def _miss(request: Request, now: datetime, policy: Policy) -> str:
    """Why it took longer than the target, the weightiest cause named; "" where it did not."""
    target = target_seconds(request, policy)
    took = (now - request.created_at).total_seconds()
    if took <= target and request.connected_at is not None:
        return ""
    return f"{took:.0f} s instead of {target:.0f} s: {_cause(request, target)}"


def _cause(request: Request, target: float) -> str:
    if request.reach.vendor:
        how = SPOKE_WORDS.get(request.reach.vendor_spoke)  # type: ignore[call-overload]
        known = f"; that their interpreter spoke was {how}" if how else ""
        return f"the vendor line ({request.reach.vendor}) had to be called, its hold included{known}"
    # A search that begins anew, after an interpreter was lost, says nothing of when the language was settled.
    begun = [offer.offered_at for offer in request.offers] + ([request.reach.since] if request.reach.since else [])
    settling = (min(begun) - request.created_at).total_seconds() if begun else 0.0
    if settling > target / 2:
        return f"the language was settled only after {settling:.0f} s"
    if request.failed_rounds:
        return f"nobody was free ({request.reach.because or 'none could be rung'})"
    counted = {
        "did not answer": sum(offer.state is OfferState.EXPIRED for offer in request.offers),
        "declined": sum(offer.state is OfferState.DECLINED for offer in request.offers),
        "could not be reached": sum(offer.state is OfferState.FAILED for offer in request.offers),
        "was lost again": sum(
            offer.state is OfferState.FINISHED and offer.answered_at != request.ended_at for offer in request.offers
        ),
    }
    told = ", ".join(f"{count} {how}" for how, count in counted.items() if count)
    if told:
        return told
    if request.trouble:
        return request.trouble
    calls = [leg for leg in request.legs if leg.role is LegRole.REQUESTER]
    if any(leg.attempt > 1 for leg in calls):
        return "the requester's phone had to be rung twice"
    seated = request.accepted
    if seated is not None and seated.accepted_at is not None:
        asked = (seated.accepted_at - request.created_at).total_seconds()
        if asked < target:
            return f"an interpreter had accepted after {asked:.0f} s; joining the phones took the rest"
        return f"the interpreter who came accepted only after {asked:.0f} s"
    return "no interpreter accepted in time"
