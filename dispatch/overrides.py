"""What a request does when the dispatcher steps in. Handlers of `steps.step`, plain functions.

What makes no sense any more changes nothing; the console then says so.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from dispatch import asking, events, override_events, ringing
from dispatch.effects import Effect, HangUp, SendText
from dispatch.offer import Offer, OfferState
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.request import DeadlineKind, LegRole, Request, RequestState

Outcome = tuple[Request, tuple[Effect, ...]]
_BROUGHT_TOGETHER = (RequestState.CONNECTING, RequestState.CONNECTED)
SEARCHING = (RequestState.MATCHING, RequestState.OFFERING, RequestState.WAITING, RequestState.CALLBACK_SCHEDULED)
"""States in which an interpreter can be rung by hand."""
WAITING = (RequestState.WAITING, RequestState.CALLBACK_SCHEDULED)
"""States in which the requester can be rung by hand."""


def language_set(request: Request, event: override_events.LanguageSet, now: datetime, policy: Policy) -> Outcome:
    """As if the person had said so themselves; a request that was taken over goes on by itself from here."""
    if request.state in _BROUGHT_TOGETHER:
        return request, ()
    if request.language == event.language and request.state is not RequestState.CONFIRMING:
        return request, ()
    chosen = events.LanguageChosen(event.language, "set by the dispatcher")
    after, effects = asking.language_chosen(replace(request, language=None), chosen, now, policy)
    return after, (*effects, *asking.move(after, LegRole.REQUESTER))


def interpreter_rung(
    request: Request, event: override_events.InterpreterRung, now: datetime, policy: Policy
) -> Outcome:
    """One more phone than the wave would ring."""
    held = any(offer.active and offer.interpreter_id == event.interpreter_id for offer in request.offers)
    seat = request.open_seat
    if request.state not in SEARCHING or request.language is None or seat is None or held:
        return request, ()
    offer = Offer(
        ringing.next_leg_id(request),
        event.interpreter_id,
        OfferState.PENDING,
        now,
        reason=f"asked for by {event.by}",
        seat=seat,
        language=request.reach.bridge if seat == 2 else "",
    )
    request, call = ringing.reserve(request, offer, now, policy)
    return request.without(DeadlineKind.MATCH_AGAIN).to(RequestState.OFFERING), (call,)


def handed_to_vendor(request: Request, event: override_events.HandedToVendor, now: datetime, policy: Policy) -> Outcome:
    """The commercial line has it. Nobody who is on the line is hung up on: then the desk has to take over first."""
    waiting = request.leg_of(LegRole.REQUESTER)
    if request.state in _BROUGHT_TOGETHER or (waiting is not None and waiting.live):
        return request, ()
    outcome = f"handed to {event.vendor} by {event.by}"
    request, effects = ringing.finish(request, RequestState.VENDOR_HANDOFF, outcome, now)
    if request.role is Role.OFFICER:
        effects += (asking.text_requester(request, "officer_handed_on", vendor=event.vendor),)
    return request, effects


def requester_called(
    request: Request, event: override_events.RequesterCalled, now: datetime, policy: Policy
) -> Outcome:
    """Ring them; they hear the hold prompt in their language. Unanswered, the request keeps its place."""
    if request.state not in WAITING or request.leg_of(LegRole.REQUESTER) is not None:
        return request, ()
    request, call = ringing.ring_requester(request.to(RequestState.WAITING))
    return request, (call,)


def message_written(request: Request, event: override_events.MessageWritten, now: datetime, policy: Policy) -> Outcome:
    """As it is, in the dispatcher's own words."""
    known = {request.requester_id, *(offer.interpreter_id for offer in request.offers)}
    if event.person_id not in known:
        return request, ()
    return request, (SendText(event.to, event.person_id, "desk_message", "eng", {"words": event.text}),)


def taken_over(request: Request, event: override_events.TakenOver, now: datetime, policy: Policy) -> Outcome:
    """Nobody is rung any more; requester and duty desk are brought together."""
    if request.state in _BROUGHT_TOGETHER or not policy.desk or request.leg_of(LegRole.AGENCY) is not None:
        return request, ()
    request, effects = ringing.let_everybody_go(request, now)
    request = replace(request.to(RequestState.CONFIRMING), need=replace(request.need, origin=None))
    request = request.without(DeadlineKind.IDENTIFY_TIMES_OUT)
    request, desk = ringing.ring_desk(request)
    if request.leg_of(LegRole.REQUESTER) is None:
        request, requester = ringing.ring_requester(request)
        return request, (*effects, desk, requester)
    return request, (*effects, desk, *asking.move(request, LegRole.REQUESTER))


def leg_removed(request: Request, event: override_events.LegRemoved, now: datetime, policy: Policy) -> Outcome:
    """Hang that phone up; what follows is what follows when its person hangs up."""
    leg = request.leg(event.leg_id)
    return (request, (HangUp(leg.id),)) if leg is not None and leg.live else (request, ())


HANDLERS: dict[type, Callable[[Request, Any, datetime, Policy], Outcome]] = {
    override_events.LanguageSet: language_set,
    override_events.InterpreterRung: interpreter_rung,
    override_events.HandedToVendor: handed_to_vendor,
    override_events.RequesterCalled: requester_called,
    override_events.MessageWritten: message_written,
    override_events.TakenOver: taken_over,
    override_events.LegRemoved: leg_removed,
}
