"""One search of the roster: candidates by index, what is known of them, the choice, and the record of why.

Called by the intake within its transaction; decides nothing itself (`routing`, `eligibility`, `answering` do).
"""

from datetime import datetime, timedelta

from dispatch import coming_free, eligibility, routing
from dispatch.answering import Answers, PastOffer, Pool, hour_of
from dispatch.errors import Conflict
from dispatch.events import CandidatesFound
from dispatch.offer import Offer, OfferState
from dispatch.people import Interpreter
from dispatch.policy import Policy
from dispatch.request import Request
from dispatch.steps import Outcome, step
from dispatch.store import Transaction
from dispatch.store.speakers import PAGE
from dispatch.values import replace
from dispatch.waiting import expected_minutes

_HALF_LIFE = timedelta(days=60)
"""Of what is known of an interpreter's answers: see `answering.learn`."""
_MEASURED = timedelta(days=56)
"""How far back waits are measured: eight weeks hold a few of each weekday."""
_TOLD_OF = 30
"""Candidates handed on: more would not be rung before the next search."""
_PAGES = 10
"""Of the roster, at most: where hardly anybody may be asked, three hundred are looked at."""
_KEPT = 60
"""Lines kept of each answer to "why"."""
_UNSAID_GROUP = 5
"""Who has not said which variety they speak comes after every tier of those who have."""
_MISSED_GROUP = 10
"""Who missed this request's call comes after every tier."""
_ENDED = {
    OfferState.ACCEPTED: True,
    OfferState.DECLINED: False,
    OfferState.EXPIRED: False,
    OfferState.WITHDRAWN: False,
}


def look(
    tx: Transaction, request: Request, asked: tuple[int, int], pool: Pool, now: datetime, policy: Policy
) -> CandidatesFound:
    """Who may be asked now, best first: at least as many as `asked` says where there are so many, and for which seat.

    Keeps why everybody considered was or was not asked.
    """
    choice, people, _ = choose(tx, request, asked, pool, now, policy)
    tx.keep_decision(request.id, asked[1], policy.version, choice.considered[:_KEPT], now)
    found = _found(tx, request, asked[1], choice, people, now)
    return found if found.interpreter_ids else replace(found, on_call_at=_on_call_at(tx, people, now, policy))


def choose(
    tx: Transaction, request: Request, asked: tuple[int, int], pool: Pool, now: datetime, policy: Policy
) -> tuple[routing.Choice, list[Interpreter], dict[str, eligibility.Facts]]:
    """The choice of a search made now, everybody it looked at and what is known of each. Changes nothing."""
    most, seat = asked
    seek = eligibility.wanted(request, seat)
    chances = Chances(pool, now, policy.timezone)
    # Who speaks the variety asked for, found by index wherever they stand in the order of asking; none is usual.
    people: list[Interpreter] = tx.speaking_variety(eligibility.fitting_varieties(request.need), PAGE)
    facts = tx.facts(request, people, now, policy.timezone, chances.of) if people else {}
    for page in range(_PAGES):
        more = tx.meet(request, seek, now, policy.timezone, page, chances.of)
        for one, known in more:
            if one.id not in facts:
                people.append(one)
                facts[one.id] = known
        choice = routing.choose(request, people, now, policy, facts, seat)
        if len(more) < PAGE or len(choice.candidates) >= min(most, _TOLD_OF):
            break
    return choice, people, facts


def would_find(
    tx: Transaction, request: Request, pool: Pool, now: datetime, policy: Policy
) -> tuple[CandidatesFound, routing.Choice, list[Interpreter], dict[str, eligibility.Facts]]:
    """What a search made now would hand on to the ring plan, and what it rests on. Changes nothing."""
    asked = (policy.ring_at_once[request.need.urgency], request.open_seat or 1)
    choice, people, facts = choose(tx, request, asked, pool, now, policy)
    return _found(tx, request, asked[1], choice, people, now).first(asked[0]), choice, people, facts


def _found(
    tx: Transaction, request: Request, seat: int, choice: routing.Choice, people: list[Interpreter], now: datetime
) -> CandidatesFound:
    best = choice.candidates[:_TOLD_OF]
    tiers = {one.id: one.tier for one in people}
    missed = {offer.interpreter_id for offer in request.offers if offer.state is OfferState.EXPIRED}
    return CandidatesFound(
        tuple(one.interpreter_id for one in best),
        tuple(one.reason for one in best),
        tuple(one.chance for one in best),
        tuple(
            tiers[one.interpreter_id] + _UNSAID_GROUP * one.unsaid + _MISSED_GROUP * (one.interpreter_id in missed)
            for one in best
        ),
        tuple(one.through for one in best),
        seat,
        tx.calls_waiting(),
        choice.because,
        0 if best else _wait(tx, request, now),
    )


def _on_call_at(tx: Transaction, people: list[Interpreter], now: datetime, policy: Policy) -> datetime | None:
    """When one of those looked at comes on call before the next turn to look."""
    until = now + timedelta(seconds=policy.match_again_seconds)
    calendars = tx.calendars([one.id for one in people]) if people else {}
    return coming_free.next_on_call(people, calendars, now, until, policy.timezone)


class Chances:
    """The chance that each speaker accepts now: one hour for everybody in a zone."""

    def __init__(self, pool: Pool, now: datetime, agency_zone: str) -> None:
        self._pool, self._now, self._agency_zone = pool, now, agency_zone
        self._hours: dict[str, int] = {}

    def of(self, packed: str, one: Interpreter) -> float:
        """The chance of somebody with these packed answers ("" for none)."""
        return self._pool.accepts_packed(packed, self._hour(one))

    def _hour(self, one: Interpreter) -> int:
        zone = one.terms.timezone
        if zone not in self._hours:
            self._hours[zone] = hour_of(one.local(self._now, self._agency_zone))
        return self._hours[zone]


def claimed(
    tx: Transaction, request: Request, found: CandidatesFound, seats: int, now: datetime, policy: Policy
) -> tuple[CandidatesFound, Outcome]:
    """The step on the best `seats` of those found, with everybody it rings claimed; the next in order replace the rest.

    Raises Conflict where others were quicker with everybody.
    """
    while True:
        asked = found.first(seats)
        outcome = step(request, asked, now, policy)
        rung = {offer.interpreter_id for offer in outcome[0].offers[len(request.offers) :]}
        taken = rung - tx.claim(sorted(rung))
        if not taken:
            return asked, outcome
        found = found.without(taken)
        if not found.interpreter_ids:
            raise Conflict("Everybody who was found is being rung for somebody else by now; search again.")


def remember_answers(tx: Transaction, before: Request, after: Request, now: datetime, policy: Policy) -> None:
    """Learn from the offers that have just ended: who accepted, who did not, and how soon."""
    if eligibility.in_writing(after):
        return  # how soon a text is answered says nothing of a phone
    known = {offer.id: offer for offer in before.offers}
    for offer in after.offers:
        was = known.get(offer.id)
        if was is None or was.state is offer.state or offer.state not in _ENDED or was.state is OfferState.ACCEPTED:
            continue
        rang = was.answered_at if was.state is OfferState.RINGING else None
        if rang is None and offer.state is not OfferState.ACCEPTED:
            continue  # their phone never rang: this says nothing of them
        tx.keep_answers(offer.interpreter_id, _learned(tx, offer, rang or was.offered_at, now, policy))


def _learned(tx: Transaction, offer: Offer, rang: datetime, now: datetime, policy: Policy) -> Answers:
    one = tx.interpreter(offer.interpreter_id)
    past = PastOffer(
        one.id,
        one.local(rang, policy.timezone),
        offer.state is OfferState.ACCEPTED,
        max((now - rang).total_seconds(), 0.0),
        withdrawn=offer.state is OfferState.WITHDRAWN,
    )
    return tx.answers([one.id]).get(one.id, Answers()).after(past, _HALF_LIFE)


def _wait(tx: Transaction, request: Request, now: datetime) -> int:
    """Minutes that somebody who finds nobody free may still have to wait, from measured waits."""
    measured = tx.measured_waits(request.language or "", now - _MEASURED)
    return expected_minutes(measured, (now - request.created_at).total_seconds())
