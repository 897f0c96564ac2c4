"""What a request does when the dispatcher steps in. Handlers of `steps.step`, plain functions.

What makes no sense any more changes nothing; the console then says so.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dispatch import asking, escalation, events, languages, override_events, ringing, sessions, writing
from dispatch.effects import Effect, HangUp, HoldLeg, MuteLeg, SendText
from dispatch.eligibility import in_writing
from dispatch.offer import Offer, OfferState
from dispatch.people import Role
from dispatch.policy import Do, Policy
from dispatch.request import DeadlineKind, LegRole, LegState, Request, RequestState
from dispatch.values import replace

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
        # The same language: then it is the variety that the dispatcher knows.
        return asking.variety_named(request, events.VarietyNamed(event.variety, event.by), now, policy)
    chosen = events.LanguageChosen(event.language, "set by the dispatcher", event.variety or "?")
    request = replace(request, need=replace(request.need, variety=""))
    after, effects = asking.language_chosen(replace(request, language=None), chosen, now, policy)
    return after, (*effects, *asking.move(after, LegRole.REQUESTER))


def interpreter_rung(
    request: Request, event: override_events.InterpreterRung, now: datetime, policy: Policy
) -> Outcome:
    """One more phone than the wave would ring; never that of somebody who is kept out."""
    held = any(offer.active and offer.interpreter_id == event.interpreter_id for offer in request.offers)
    seat = request.open_seat
    if request.state not in SEARCHING or request.language is None or seat is None or held:
        return request, ()
    if event.interpreter_id in request.need.kept_out:
        return request, ()
    if not languages.get(request.language).voice_call:
        return request, ()
    written = in_writing(request)
    offer = Offer(
        writing.next_offer_id(request) if written else ringing.next_leg_id(request),
        event.interpreter_id,
        OfferState.PENDING,
        now,
        reason=f"asked for by {event.by}" + (f": {event.reason}" if event.reason else ""),
        seat=seat,
        language=request.reach.bridge if seat == 2 else "",
    )
    reserve = writing.reserve if written else ringing.reserve
    request, call = reserve(request, offer, now, policy)
    return request.without(DeadlineKind.MATCH_AGAIN).to(RequestState.OFFERING), (call,)


def handed_to_vendor(request: Request, event: override_events.HandedToVendor, now: datetime, policy: Policy) -> Outcome:
    """A line outside has it. Nobody who is on the line is hung up on: the desk, having taken over, stays with them, and
    the request ends as handed over when they hang up."""
    waiting = request.leg_of(LegRole.REQUESTER)
    if request.state in _BROUGHT_TOGETHER:
        return request, ()
    if waiting is not None and waiting.live:
        if not with_desk(request) or request.reach.vendor:
            return request, ()
        return replace(request, reach=replace(request.reach, vendor=event.vendor)), ()
    outcome = f"handed to {event.vendor} by {event.by}"
    request, effects = ringing.finish(request, RequestState.VENDOR_HANDOFF, outcome, now)
    if request.role is Role.OFFICER:
        effects += (asking.text_requester(request, "officer_handed_on", vendor=event.vendor),)
    return request, effects


def can_call_vendor(request: Request) -> bool:
    """Whether a vendor line can be dialled into this request now: nobody holds the seat, no other line is dialled."""
    looked_for = request.state in escalation.LOOKING or with_desk(request)
    by_phone = request.language is not None and not in_writing(request)
    return looked_for and by_phone and not request.seated and not request.leg_of(LegRole.VENDOR)


def with_desk(request: Request) -> bool:
    """Whether the duty desk has them: taken over, its phone up or ringing."""
    return request.state is RequestState.CONFIRMING and request.leg_of(LegRole.AGENCY) is not None


def vendor_called(request: Request, event: override_events.VendorCalled, now: datetime, policy: Policy) -> Outcome:
    """Dial the line with its access code. Our own phones ring on until it answers; who waits hears what is done."""
    line = policy.vendor(event.vendor)
    if line is None or not line.takes(request.language) or not can_call_vendor(request):
        return request, ()
    request, called = ringing.call_vendor(request, line)
    if with_desk(request):
        return request, called
    request = replace(request, reach=replace(request.reach, told=Do.VENDOR.value))
    return request, (*called, *escalation.tell(request, Do.VENDOR))


def full_needed(
    request: Request, event: override_events.FullInterpreterNeeded, now: datetime, policy: Policy
) -> Outcome:
    """In a session the interpreter is replaced and the call goes on; before one, others are rung instead."""
    if request.state in _BROUGHT_TOGETHER and request.accepted is not None:
        return sessions.another_wanted(request, events.AnotherWanted("dispatcher", "full"), now, policy)
    if request.need.full or request.state in _BROUGHT_TOGETHER:
        return request, ()
    request = replace(request, need=replace(request.need, full=True, exception=""))
    if request.state not in escalation.LOOKING:
        return request, ()
    request, withdrawn = ringing.withdraw(request, now)
    again = ringing.search(request, policy)
    return request.to(RequestState.MATCHING) if again else request, (*again, *withdrawn)


def mute_set(request: Request, event: override_events.MuteSet, now: datetime, policy: Policy) -> Outcome:
    """Ask the carrier; the request knows it once the carrier has said so."""
    leg = request.leg(event.leg_id)
    if leg is None or leg.state is not LegState.IN_CONFERENCE or leg.muted is event.muted:
        return request, ()
    return request, (MuteLeg(leg.id, event.muted),)


def hold_set(request: Request, event: override_events.HoldSet, now: datetime, policy: Policy) -> Outcome:
    """The same for hold. They hear an announcement in their language, then music, in turns."""
    leg = request.leg(event.leg_id)
    if leg is None or leg.state is not LegState.IN_CONFERENCE or leg.held is event.held:
        return request, ()
    return request, (HoldLeg(leg.id, event.held),)


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
    override_events.VendorCalled: vendor_called,
    override_events.FullInterpreterNeeded: full_needed,
    override_events.MuteSet: mute_set,
    override_events.HoldSet: hold_set,
    override_events.LegRemoved: leg_removed,
}
