"""Offers and phones as part of a request's life: ring, accept, withdraw, bring everybody in, and end.

Plain functions in the service of `steps.step`: they take a request and return the new one with effects.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from dispatch.effects import (
    CallOffOnSite,
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
from dispatch.eligibility import channel, in_writing
from dispatch.events import CandidatesFound
from dispatch.offer import Offer, OfferState
from dispatch.people import Role
from dispatch.policy import Policy, Vendor
from dispatch.request import Channel, DeadlineKind, Leg, LegRole, LegState, Request, RequestState
from dispatch.ring_plan import Pace, Phone, Ringing, RingPlan, plan
from dispatch.values import replace

Outcome = tuple[Request, tuple[Effect, ...]]
_SOONEST = 0.25
"""Seconds: the ticker's own pace."""
_UNPACED = 1000.0
"""Calls a second where the carrier sets no limit."""
_LET_GO = (OfferState.WITHDRAWN, OfferState.FINISHED)
LOOKING = frozenset(
    {RequestState.MATCHING, RequestState.OFFERING, RequestState.WAITING, RequestState.CALLBACK_SCHEDULED}
)
"""States in which an interpreter is looked for. Phones may ring in each of them, and a yes counts in each of them: who
leaves a message is called back while they ring on."""
_Value = TypeVar("_Value")


def search(request: Request, policy: Policy) -> tuple[Effect, ...]:
    """Look for somebody for the seat that is open; nothing where none is, or no telephone could serve."""
    seat = request.open_seat
    if seat is None or request.language is None or channel(request) == "in_person":
        return ()
    room = policy.ring_at_once[request.need.urgency] - len(request.open_offers)
    return (FindInterpreters(max(room, 0), seat),) if room > 0 else ()


def offer_to(request: Request, found: CandidatesFound, now: datetime, policy: Policy) -> Outcome:
    """Reserve and ring as many of these as the ring plan asks for now; the rest wait for the next look."""
    engaged = {offer.interpreter_id for offer in request.offers if offer.active}
    phones = {
        interpreter_id: Phone(interpreter_id, _nth(found.chances, n, 0.5), group=_nth(found.groups, n, 0))
        for n, interpreter_id in enumerate(found.interpreter_ids)
        if interpreter_id not in engaged
    }
    planned = _planned(request, tuple(phones.values()), found.ahead, now, policy)
    room = policy.ring_at_once[request.need.urgency] - len(request.open_offers)
    effects: list[Effect] = []
    for interpreter_id in planned.ring[: max(room, 0)]:
        n = found.interpreter_ids.index(interpreter_id)
        offer = Offer(
            next_leg_id(request),
            interpreter_id,
            OfferState.PENDING,
            now,
            reason=_nth(found.reasons, n, ""),
            seat=found.seat,
            language=_nth(found.through, n, "") if found.seat == 1 else request.reach.bridge,
            chance=phones[interpreter_id].accepts,
        )
        request, call = reserve(request, offer, now, policy)
        effects.append(call)
    if planned.look_again is not None and phones:
        request = request.due(DeadlineKind.LOOK_AGAIN, now + timedelta(seconds=max(planned.look_again, _SOONEST)))
    if not effects:
        return request, ()
    return request.without(DeadlineKind.MATCH_AGAIN).to(RequestState.OFFERING), tuple(effects)


def would_ring(request: Request, found: CandidatesFound, now: datetime, policy: Policy) -> tuple[str, ...]:
    """Whom the ring plan would ring of these now, first to last."""
    after, _ = offer_to(request, found, now, policy)
    return tuple(offer.interpreter_id for offer in after.offers[len(request.offers) :])


def reserve(request: Request, offer: Offer, now: datetime, policy: Policy) -> tuple[Request, PlaceCall]:
    """Hold this interpreter and ring them; unanswered, the offer expires by itself. Its id is `next_leg_id`."""
    request = request.with_offer(offer).with_leg(Leg(offer.id, LegRole.INTERPRETER, LegState.DIALLING))
    request = request.due(DeadlineKind.OFFER_EXPIRES, now + timedelta(seconds=policy.offer_seconds), offer.id)
    return request, PlaceCall(offer.id, To.INTERPRETER, offer.interpreter_id, policy.ring_seconds)


def _planned(request: Request, phones: tuple[Phone, ...], ahead: int, now: datetime, policy: Policy) -> RingPlan:
    """The strategy's word on whom to ring now, given those who ring already and how long the person has waited."""
    aim = policy.aims[request.need.urgency]
    if request.reach.wider:
        # Each widening halves the chance of failure that is put up with, and what an interruption counts.
        missed = (1 - aim.chance) / 2**request.reach.wider
        aim = replace(aim, chance=1 - missed, ring_worth=aim.ring_worth / 2**request.reach.wider)
    started = {OfferState.PENDING: None, OfferState.RINGING: now}
    ringing = [
        Ringing(
            Phone(offer.interpreter_id, min(max(offer.chance, 0.001), 0.999)),
            -1.0 if started[offer.state] is None else (now - (offer.answered_at or now)).total_seconds(),
        )
        for offer in request.open_offers
    ]
    waited = (now - (request.reach.since or request.created_at)).total_seconds()
    carrier = Pace(policy.calls_per_second or _UNPACED, ahead)
    return plan(policy.strategy, phones, ringing, waited, aim, carrier)


def lose(request: Request, offer: Offer, state: OfferState, reason: str, now: datetime, policy: Policy) -> Outcome:
    """This interpreter is not coming: stop their phone, and look for the next one."""
    request, effects = _end_offer(request, offer, state, reason, now)
    if not request.open_offers:
        request = request.to(RequestState.MATCHING).without(DeadlineKind.LOOK_AGAIN)
    return request, (*effects, *search(request, policy))


def accept(request: Request, offer: Offer, now: datetime, policy: Policy) -> Outcome:
    """First yes wins the seat; the others hear that it is taken; the requester's phone comes in."""
    if request.open_seat != offer.seat or request.state not in LOOKING:
        return request, ()
    request = request.with_offer(offer.to(OfferState.ACCEPTED, now, "accepted"))
    request = request.without(DeadlineKind.OFFER_EXPIRES, offer.id).without(DeadlineKind.LOOK_AGAIN)
    request, withdrawn = withdraw(request, now)
    request, let_go = _let_bridge_go(request, now)
    request = request.due(DeadlineKind.CHECK_CALLS, now + timedelta(seconds=policy.check_calls_seconds))
    request, interpreter = _bring_interpreter(request, offer)
    told = (SendGist(offer.interpreter_id),) if request.role is not Role.OFFICER else ()
    if request.open_seat is not None:
        # The first half of a relay: they stay on the line while the second is found.
        request = request.to(RequestState.MATCHING)
        request = request.due(DeadlineKind.CONNECT_TIMES_OUT, now + timedelta(seconds=policy.relay_seconds))
        return request, (*interpreter, *search(request, policy), *withdrawn, *told)
    request = request.to(RequestState.CONNECTING)
    for kind in (DeadlineKind.ESCALATE, DeadlineKind.MATCH_AGAIN):
        request = request.without(kind)
    request = request.due(DeadlineKind.CONNECT_TIMES_OUT, now + timedelta(seconds=policy.connect_seconds))
    request, vendor = drop_vendor(request)
    request, requester = call_requester(request, now)
    request, desk = call_desk(request, policy)
    return request, (*requester, *interpreter, *withdrawn, *vendor, *let_go, *desk, *told)


def _let_bridge_go(request: Request, now: datetime) -> Outcome:
    """Somebody goes the whole way: the second interpreter of a relay is not needed any more."""
    first = next((offer for offer in request.seated if offer.seat == 1), None)
    second = next((offer for offer in request.seated if offer.seat == 2), None)
    if first is None or first.language or second is None:
        return request, ()
    request, moved = _end_offer(request, second, OfferState.FINISHED, "somebody goes the whole way", now)
    return request, (FreeInterpreter(second.interpreter_id), *moved)


def call_requester(request: Request, now: datetime, attempt: int = 1, key: str = "officer_ringing") -> Outcome:
    """Bring the requester in: move the call they wait on, or ring their phone and text an officer `key`."""
    waiting = request.leg_of(LegRole.REQUESTER)
    if waiting is not None:
        # Who is in the conference already, with the other interpreter of a relay, stays there.
        return request, (MoveCall(waiting.id),) if waiting.state is LegState.ON_LINE else ()
    request, call = ring_requester(request, attempt)
    if request.language is None:
        return request, (call,)
    if request.role is Role.OFFICER:
        told = SendText(To.REQUESTER, request.requester_id, key, "eng", {"language": request.language or ""})
    else:
        told = SendText(To.REQUESTER, request.requester_id, "text_your_phone_rings", request.language or "eng", {})
    return request, (call, told)


def ring_requester(request: Request, attempt: int = 1) -> tuple[Request, PlaceCall]:
    """Ring the requester's phone, without a word by text."""
    leg = Leg(next_leg_id(request), LegRole.REQUESTER, LegState.DIALLING, attempt=attempt)
    return request.with_leg(leg), PlaceCall(leg.id, To.REQUESTER, request.requester_id, ring_seconds=30)


def withdraw(request: Request, now: datetime) -> Outcome:
    """Close every open offer: ringing phones stop at once, people who are listening hear that it is taken."""
    effects: tuple[Effect, ...] = ()
    for offer in request.open_offers:
        request, more = _end_offer(request, offer, OfferState.WITHDRAWN, "not needed any more", now)
        effects += more
    return request, effects


def let_interpreters_go(request: Request, why: str, now: datetime) -> Outcome:
    """Nobody rings any more, and whoever holds a seat is free."""
    request, effects = withdraw(request, now)
    for seat in request.seated:
        request, more = _end_offer(request, seat, OfferState.FINISHED, why, now)
        request = request.without(DeadlineKind.HANDOVER, seat.id)
        effects += (*more, FreeInterpreter(seat.interpreter_id))
    return request, effects


def let_everybody_go(request: Request, now: datetime) -> Outcome:
    """The search is over as it stood: nobody rings any more, and who was kept for a relay is free."""
    request, effects = let_interpreters_go(request, "not needed any more", now)
    request, vendor = drop_vendor(request)
    for kind in (DeadlineKind.ESCALATE, DeadlineKind.LOOK_AGAIN, DeadlineKind.MATCH_AGAIN):
        request = request.without(kind)
    return request.without(DeadlineKind.CONNECT_TIMES_OUT), (*effects, *vendor)


def drop_vendor(request: Request) -> Outcome:
    """The vendor line is not needed: its call ends, wherever it stands."""
    leg = request.leg_of(LegRole.VENDOR)
    if leg is None:
        return request, ()
    return request.with_leg(replace(leg, state=LegState.ENDED)), (HangUp(leg.id),)


def replace_interpreter(request: Request, offer: Offer, why: str, now: datetime, policy: Policy) -> Outcome:
    """The interpreter in a seat is lost: search again. A requester on the line holds, or stays with the other half."""
    request, moved = _end_offer(request, offer, OfferState.FINISHED, why, now)
    request = request.without(DeadlineKind.CONNECT_TIMES_OUT).without(DeadlineKind.HANDOVER, offer.id)
    for other in request.open_offers:
        if other.seat != request.open_seat:
            # The second half of a relay was being rung for, and the first is gone.
            request, more = _end_offer(request, other, OfferState.WITHDRAWN, "the relay's first half was lost", now)
            moved += more
    request = request.to(RequestState.MATCHING)
    leg = request.leg_of(LegRole.REQUESTER)
    others = [one for one in request.seated if (seat := request.leg(one.id)) and seat.state is LegState.IN_CONFERENCE]
    held: tuple[Effect, ...] = ()
    if leg and leg.live and not others:
        # Out of the empty conference, to somebody who speaks to them; back in it with the next interpreter.
        request, held = request.with_leg(replace(leg, state=LegState.ON_LINE)), (MoveCall(leg.id),)
    return request, (FreeInterpreter(offer.interpreter_id), *search(request, policy), *moved, *held)


def finish(request: Request, state: RequestState, outcome: str, now: datetime) -> Outcome:
    """It is over: every phone hears so and is hung up, every interpreter is free again."""
    request, effects = withdraw(request, now)
    for seat in request.seated:
        request = request.with_offer(seat.to(OfferState.FINISHED, now, outcome))
        effects += (FreeInterpreter(seat.interpreter_id),)
    for leg in request.legs:
        if leg.state is LegState.DIALLING:
            request = request.with_leg(replace(leg, state=LegState.ENDED))
            effects += (HangUp(leg.id),)
        elif leg.live:
            effects += (MoveCall(leg.id),)
    if request.reach.on_site and request.reach.on_site != "done":
        effects += (CallOffOnSite(outcome),)
    if request.state is RequestState.CONNECTED and request.channel is Channel.TEXT and not in_writing(request):
        key, language = ("officer_completed", "eng")
        if request.role is not Role.OFFICER:
            key, language = ("text_completed", request.language or "eng")
        effects += (SendText(To.REQUESTER, request.requester_id, key, language, {}),)
    request = request.to(state)
    return replace(request, ended_at=now, outcome=outcome, deadlines=()), effects


def _end_offer(request: Request, offer: Offer, state: OfferState, reason: str, now: datetime) -> Outcome:
    request = request.with_offer(offer.to(state, now, reason)).without(DeadlineKind.OFFER_EXPIRES, offer.id)
    leg = request.leg(offer.id)
    if leg is None and state in _LET_GO and in_writing(request):
        # They were asked by text, and must not go on thinking that they are needed.
        return request, (SendText(To.INTERPRETER, offer.interpreter_id, "interpreter_writing_over", "eng", {}),)
    if leg is None or leg.state is LegState.ENDED:
        return request, ()
    if leg.live:
        return request, (MoveCall(leg.id),)
    return request.with_leg(replace(leg, state=LegState.ENDED)), (HangUp(leg.id),)


def _bring_interpreter(request: Request, offer: Offer) -> Outcome:
    """A yes by key is on the line already. A yes by text: their phone rings on, or is rung again."""
    leg = request.leg(offer.id)
    if leg is None or leg.live:
        # Somebody who said yes by text while listening to the question is moved on; harmless after a key.
        return request, ()
    # From here on it is a call that nobody has pressed a key on: a mailbox may be the one who picks up.
    leg = replace(leg, attempt=leg.attempt + 1)
    if leg.state is LegState.DIALLING:
        return request.with_leg(leg), ()
    request = request.with_leg(replace(leg, state=LegState.DIALLING, call_sid=None))
    return request, (PlaceCall(leg.id, To.INTERPRETER, offer.interpreter_id),)


def call_desk(request: Request, policy: Policy) -> Outcome:
    """Ring the duty desk, once, for a community member."""
    if request.role is Role.OFFICER or not policy.desk or request.leg_of(LegRole.AGENCY) is not None:
        return request, ()
    request, call = ring_desk(request)
    return request, (call,)


def ring_desk(request: Request) -> tuple[Request, PlaceCall]:
    """Ring the duty desk's phone, whoever asks."""
    leg = Leg(next_leg_id(request), LegRole.AGENCY, LegState.DIALLING)
    return request.with_leg(leg), PlaceCall(leg.id, To.DESK)


def call_vendor(request: Request, vendor: Vendor) -> Outcome:
    """Ring the commercial line; its access code follows once it answers."""
    leg = Leg(next_leg_id(request), LegRole.VENDOR, LegState.DIALLING)
    request = replace(request.with_leg(leg), reach=replace(request.reach, vendor=vendor.name, vendor_spoke=""))
    return request, (PlaceCall(leg.id, To.VENDOR, vendor.name, ring_seconds=30),)


def _nth(values: Sequence[_Value], number: int, otherwise: _Value) -> _Value:
    return values[number] if number < len(values) else otherwise


def next_leg_id(request: Request) -> str:
    """The id of the next phone, which is also that of its offer. Ids are never used twice."""
    return f"{request.id}-{len(request.legs) + 1}"
