"""Offers and phones as part of a request's life: ring, accept, withdraw, bring everybody in, and end.

Plain functions in the service of `steps.step`: they take a request and return the new one with effects.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.effects import (
    Effect,
    FindInterpreters,
    FreeInterpreter,
    HangUp,
    MoveCall,
    PlaceCall,
    SendGist,
    SendText,
    To,
)
from dispatch.events import CandidatesFound
from dispatch.offer import Offer, OfferState
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.request import Channel, DeadlineKind, Leg, LegRole, LegState, Request, RequestState
from dispatch.ring_plan import Pace, Phone, Ringing, RingPlan, Strategy, plan

Outcome = tuple[Request, tuple[Effect, ...]]


def offer_to(request: Request, found: CandidatesFound, now: datetime, policy: Policy) -> Outcome:
    """Reserve and ring these interpreters: those whom the strategy names, otherwise as far as the wave has room."""
    room = policy.ring_at_once[request.need.urgency] - len(request.open_offers)
    engaged = {offer.interpreter_id for offer in request.offers if offer.active}
    told = dict(zip(found.interpreter_ids, found.reasons, strict=False))
    free = [interpreter_id for interpreter_id in found.interpreter_ids if interpreter_id not in engaged]
    if policy.strategy is not None:
        planned = _planned(request, policy.strategy, found, now, policy)
        room, free = len(planned.ring), list(planned.ring)
        if planned.look_again is not None:
            request = request.due(DeadlineKind.LOOK_AGAIN, now + timedelta(seconds=planned.look_again))
    effects: list[Effect] = []
    for interpreter_id in free[: max(room, 0)]:
        leg_id = _next_leg_id(request)
        reason = told.get(interpreter_id, "")
        request = request.with_offer(Offer(leg_id, interpreter_id, OfferState.PENDING, now, reason=reason))
        request = request.with_leg(Leg(leg_id, LegRole.INTERPRETER, LegState.DIALLING))
        request = request.due(DeadlineKind.OFFER_EXPIRES, now + timedelta(seconds=policy.offer_seconds), leg_id)
        effects.append(PlaceCall(leg_id, To.INTERPRETER, interpreter_id, policy.ring_seconds))
    if not effects:
        return request, ()
    return request.without(DeadlineKind.MATCH_AGAIN).to(RequestState.OFFERING), tuple(effects)


def _planned(request: Request, strategy: Strategy, found: CandidatesFound, now: datetime, policy: Policy) -> RingPlan:
    """The strategy's word on whom to ring now, given those who ring already and how long the search has lasted."""
    known = dict(zip(found.interpreter_ids, found.chances, strict=False))
    groups = dict(zip(found.interpreter_ids, found.groups, strict=False))
    phones = [Phone(one, known.get(one, 0.5), group=groups.get(one, 0)) for one in found.interpreter_ids]
    ringing = [
        Ringing(
            Phone(offer.interpreter_id, known.get(offer.interpreter_id, 0.5)),
            (now - (offer.answered_at or now)).total_seconds() if offer.state is OfferState.RINGING else -1.0,
        )
        for offer in request.open_offers
    ]
    began = min((offer.offered_at for offer in request.offers), default=now)
    aim = policy.aims[request.need.urgency]
    return plan(strategy, phones, ringing, (now - began).total_seconds(), aim, Pace(ahead=found.ahead))


def lose(request: Request, offer: Offer, state: OfferState, reason: str, now: datetime, policy: Policy) -> Outcome:
    """This interpreter is not coming: stop their phone, and look for the next one."""
    request, effects = _end_offer(request, offer, state, reason, now)
    if not request.open_offers:
        request = request.to(RequestState.MATCHING)
    room = policy.ring_at_once[request.need.urgency] - len(request.open_offers)
    return request, (*effects, FindInterpreters(room))


def accept(request: Request, offer: Offer, now: datetime, policy: Policy) -> Outcome:
    """First yes wins the seat; the others hear that it is taken; the requester's phone comes in."""
    if request.accepted is not None or request.state is not RequestState.OFFERING:
        return request, ()
    request = request.with_offer(offer.to(OfferState.ACCEPTED, now, "accepted"))
    request = request.without(DeadlineKind.OFFER_EXPIRES, offer.id).to(RequestState.CONNECTING)
    request = request.without(DeadlineKind.LOOK_AGAIN)
    request, withdrawn = withdraw(request, now)
    request = request.due(DeadlineKind.CONNECT_TIMES_OUT, now + timedelta(seconds=policy.connect_seconds))
    request = request.due(DeadlineKind.CHECK_CALLS, now + timedelta(seconds=policy.check_calls_seconds))
    request, interpreter = _bring_interpreter(request, offer)
    request, requester = call_requester(request, now)
    request, desk = call_desk(request, policy)
    told = (SendGist(offer.interpreter_id),) if request.role is not Role.OFFICER else ()
    return request, (*requester, *interpreter, *withdrawn, *desk, *told)


def call_requester(request: Request, now: datetime, attempt: int = 1) -> Outcome:
    """Bring the requester in: move the call they wait on, or ring their phone."""
    waiting = request.leg_of(LegRole.REQUESTER)
    if waiting is not None:
        return request, (MoveCall(waiting.id),) if waiting.live else ()
    leg = Leg(_next_leg_id(request), LegRole.REQUESTER, LegState.DIALLING, attempt=attempt)
    call = PlaceCall(leg.id, To.REQUESTER, request.requester_id, ring_seconds=30)
    if request.language is None:
        return request.with_leg(leg), (call,)
    if request.role is Role.OFFICER:
        told = SendText(
            To.REQUESTER, request.requester_id, "officer_ringing", "eng", {"language": request.language or ""}
        )
    else:
        told = SendText(To.REQUESTER, request.requester_id, "text_your_phone_rings", request.language or "eng", {})
    return request.with_leg(leg), (call, told)


def withdraw(request: Request, now: datetime) -> Outcome:
    """Close every open offer: ringing phones stop at once, people who are listening hear that it is taken."""
    effects: tuple[Effect, ...] = ()
    for offer in request.open_offers:
        request, more = _end_offer(request, offer, OfferState.WITHDRAWN, "not needed any more", now)
        effects += more
    return request, effects


def replace_interpreter(request: Request, offer: Offer, now: datetime, policy: Policy) -> Outcome:
    """The interpreter who accepted was lost before the talk began: search again; a requester on the line holds."""
    request = request.with_offer(offer.to(OfferState.FINISHED, now, "lost before the session began"))
    request = request.without(DeadlineKind.CONNECT_TIMES_OUT).without(DeadlineKind.CHECK_CALLS)
    request = request.to(RequestState.MATCHING)
    leg = request.leg_of(LegRole.REQUESTER)
    moved = (MoveCall(leg.id),) if leg and leg.live else ()
    search = FindInterpreters(policy.ring_at_once[request.need.urgency])
    return request, (FreeInterpreter(offer.interpreter_id), search, *moved)


def finish(request: Request, state: RequestState, outcome: str, now: datetime) -> Outcome:
    """It is over: every phone hears so and is hung up, every interpreter is free again."""
    request, effects = withdraw(request, now)
    if request.accepted is not None:
        seat = request.accepted
        request = request.with_offer(seat.to(OfferState.FINISHED, now, outcome))
        effects += (FreeInterpreter(seat.interpreter_id),)
    for leg in request.legs:
        if leg.state is LegState.DIALLING:
            request = request.with_leg(replace(leg, state=LegState.ENDED))
            effects += (HangUp(leg.id),)
        elif leg.live:
            effects += (MoveCall(leg.id),)
    if request.state is RequestState.CONNECTED and request.channel is Channel.TEXT:
        key, language = ("officer_completed", "eng")
        if request.role is not Role.OFFICER:
            key, language = ("text_completed", request.language or "eng")
        effects += (SendText(To.REQUESTER, request.requester_id, key, language, {}),)
    request = request.to(state)
    return replace(request, ended_at=now, outcome=outcome, deadlines=()), effects


def _end_offer(request: Request, offer: Offer, state: OfferState, reason: str, now: datetime) -> Outcome:
    request = request.with_offer(offer.to(state, now, reason)).without(DeadlineKind.OFFER_EXPIRES, offer.id)
    leg = request.leg(offer.id)
    if leg is None or leg.state is LegState.ENDED:
        return request, ()
    if leg.live:
        return request, (MoveCall(leg.id),)
    return request.with_leg(replace(leg, state=LegState.ENDED)), (HangUp(leg.id),)


def _bring_interpreter(request: Request, offer: Offer) -> Outcome:
    """A yes by key is on the line already. A yes by text: their phone rings on, or is rung again."""
    leg = request.leg(offer.id)
    if leg is None or leg.state is not LegState.ENDED:
        # Somebody who said yes by text while listening to the question is moved on; harmless after a key.
        return request, ()
    request = request.with_leg(replace(leg, state=LegState.DIALLING, call_sid=None, attempt=leg.attempt + 1))
    return request, (PlaceCall(leg.id, To.INTERPRETER, offer.interpreter_id),)


def call_desk(request: Request, policy: Policy) -> Outcome:
    """Ring the duty desk, once, for a community member."""
    if request.role is Role.OFFICER or not policy.desk or request.leg_of(LegRole.AGENCY) is not None:
        return request, ()
    leg = Leg(_next_leg_id(request), LegRole.AGENCY, LegState.DIALLING)
    return request.with_leg(leg), (PlaceCall(leg.id, To.DESK),)


def _next_leg_id(request: Request) -> str:
    return f"{request.id}-{len(request.legs) + 1}"
