"""From a ranked roster to the phones that ring now: the strategy's answer, as the event that `step` understands.

A plain function between `routing.rank` and `steps.step`: the search calls it in its own transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.events import CandidatesFound
from dispatch.offer import OfferState
from dispatch.policy import Policy
from dispatch.request import Request
from dispatch.ring_plan import FixedRing, Pace, Phone, Ringing, plan


@dataclass(frozen=True)
class Ranked:
    """Somebody who may be rung, as the planner sees them, and why they stand where they stand."""

    phone: Phone
    reason: str = ""


def ring_now(
    request: Request,
    ranked: Sequence[Ranked],
    ringing: Mapping[str, Phone],
    now: datetime,
    policy: Policy,
    pace: Pace,
) -> CandidatesFound:
    """Whom to ring now of `ranked`, best first. `ringing` has the phones of the request's open offers, by interpreter.

    The reasons keep what the strategy made of each. Nobody named, and nobody ringing, means that nobody is free.
    """
    strategy = policy.strategy or FixedRing(policy.ring_at_once[request.need.urgency])
    aim = policy.aims[request.need.urgency]
    waited = (now - request.created_at).total_seconds()
    planned = plan(strategy, [one.phone for one in ranked], _ringing(request, ringing, now, pace), waited, aim, pace)
    reasons = {one.phone.interpreter_id: one.reason for one in ranked}
    chances = {one.phone.interpreter_id: one.phone.accepts for one in ranked}
    told = tuple(f"{reasons[one]}, {chances[one]:.0%} likely to accept".lstrip(", ") for one in planned.ring)
    return CandidatesFound(planned.ring, told, planned.look_again)


def _ringing(request: Request, phones: Mapping[str, Phone], now: datetime, pace: Pace) -> list[Ringing]:
    """The open offers as the planner sees them; those the carrier has not started yet wait for their turn."""
    found: list[Ringing] = []
    queued = 0
    for offer in request.open_offers:
        phone = phones.get(offer.interpreter_id, Phone(offer.interpreter_id, 0.5))
        if offer.state is OfferState.RINGING and offer.answered_at is not None:
            found.append(Ringing(phone, (now - offer.answered_at).total_seconds()))
        else:
            found.append(Ringing(phone, -pace.start(queued)))
            queued += 1
    return found
