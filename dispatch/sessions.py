"""Talking, and what can go wrong with it: joining, leaving, handing over, asking for somebody else, the vendor's line.

Handlers of `steps.step`, plain functions.
"""

from datetime import datetime, timedelta

from dispatch import asking, escalation, events, ladder, languages, ringing
from dispatch.effects import AlertDispatcher, Effect, KeepApart, SendText, To
from dispatch.eligibility import in_writing
from dispatch.offer import Offer, OfferState
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.request import Channel, DeadlineKind, Leg, LegRole, LegState, Request, RequestState
from dispatch.values import replace
from dispatch.vendor_hold import Spoke

Outcome = tuple[Request, tuple[Effect, ...]]
TALKING = (RequestState.CONNECTING, RequestState.CONNECTED)
_WORDS = {
    "language": "the language or dialect was wrong",
    "full": "a full interpreter is needed",
    "known": "they know each other",
    "other": "another interpreter was asked for",
}


def leg_joined(request: Request, event: events.LegJoined, now: datetime, policy: Policy) -> Outcome:
    """Somebody is in the conference; with the requester and every interpreter in it, they talk."""
    leg = request.leg(event.leg_id)
    if leg is None or leg.state is LegState.ENDED or _overtaken(leg, event):
        return request, ()
    request = request.with_leg(replace(_placed(leg, event), state=LegState.IN_CONFERENCE))
    if request.state is not RequestState.CONNECTING or not _inside(request, LegRole.REQUESTER):
        return request, ()
    vendor = request.leg_of(LegRole.VENDOR)
    if vendor is not None and not request.seated:
        if vendor.state is not LegState.IN_CONFERENCE:
            return request, ()
        if request.reach.vendor_spoke:
            return connected(request, now), ()  # their interpreter was quicker than the requester
        line = policy.vendor(request.reach.vendor)
        hold = line.hold_seconds if line else 0.0
        return request.due(DeadlineKind.VENDOR_SPEAKS, now + timedelta(seconds=hold)), ()
    seats = [request.leg(offer.id) for offer in request.seated]
    if request.open_seat is not None or any(one is None or one.state is not LegState.IN_CONFERENCE for one in seats):
        return request, ()
    return connected(request, now), ()


def connected(request: Request, now: datetime) -> Request:
    """They talk. After a handover the clock is not set again: it ran until the first interpreter spoke."""
    request = replace(request.to(RequestState.CONNECTED), connected_at=request.connected_at or now, trouble="")
    return request.without(DeadlineKind.CONNECT_TIMES_OUT).without(DeadlineKind.VENDOR_SPEAKS)


def leg_left(request: Request, event: events.LegLeft, now: datetime, policy: Policy) -> Outcome:
    """Somebody left the conference. Word of it that came before word of their coming is remembered."""
    leg = request.leg(event.leg_id)
    if leg is None or leg.state is LegState.ENDED or _overtaken(leg, event):
        return request, ()
    if leg.state is not LegState.IN_CONFERENCE:
        return request.with_leg(_placed(leg, event)), ()
    if event.conference and leg.conference and event.conference != leg.conference:
        return request, ()  # they have joined another since
    request = request.with_leg(replace(_placed(leg, event), state=LegState.ON_LINE))
    if request.state is RequestState.CONNECTED and leg.role is not LegRole.AGENCY:
        # Usually they have hung up and the carrier says so next; should that word be lost, we ask within seconds.
        request = request.due(DeadlineKind.CHECK_CALLS, now + timedelta(seconds=policy.check_left_seconds))
    return request, ()


def _overtaken(leg: Leg, event: events.LegJoined | events.LegLeft) -> bool:
    """Whether the carrier has told us something later of the same conference already."""
    return bool(event.conference) and event.conference == leg.conference and event.sequence < leg.placed


def _placed(leg: Leg, event: events.LegJoined | events.LegLeft) -> Leg:
    return replace(leg, conference=event.conference, placed=event.sequence) if event.conference else leg


def participant_changed(request: Request, event: events.ParticipantChanged, now: datetime, policy: Policy) -> Outcome:
    """Who is muted or on hold by now. Older news than the last changes nothing, nor does news of who has left."""
    leg = request.leg(event.leg_id)
    if leg is None or leg.state is not LegState.IN_CONFERENCE or event.sequence < leg.told:
        return request, ()
    if event.conference and leg.conference and event.conference != leg.conference:
        return request, ()
    return request.with_leg(replace(leg, muted=event.muted, held=event.held, told=event.sequence)), ()


# -- losing the interpreter --------------------------------------------------------------------------------------------


def interpreter_gone(request: Request, leg: Leg, how: str, now: datetime, policy: Policy) -> Outcome:
    """An interpreter's call is over."""
    offer = request.offer(leg.id)
    if offer is None:
        return request, ()
    if offer in request.open_offers:
        state, reason = (OfferState.DECLINED, "hung up") if leg.live else (OfferState.EXPIRED, how)
        return ringing.lose(request, offer, OfferState.FAILED if how == "failed" else state, reason, now, policy)
    if offer.state is not OfferState.ACCEPTED:
        return request, ()
    if request.state is RequestState.CONNECTED:
        return _goodbye_or_dropped(request, leg.id, "interpreter hung up", now, policy)
    return search_again(request, offer, "lost before the session began", now, policy)


def mailbox_took_it(request: Request, offer: Offer, now: datetime, policy: Policy) -> Outcome:
    """They said yes by text, and their mailbox picked up: it must not hear the session. Nobody has talked yet."""
    if request.connected_at is not None and offer.accepted_at is not None and request.connected_at >= offer.accepted_at:
        request = replace(request, connected_at=None)
    return search_again(request, offer, "answering machine", now, policy)


def vendor_gone(request: Request, leg: Leg, how: str, now: datetime, policy: Policy) -> Outcome:
    """The vendor line's call is over, or was never taken."""
    if request.state is RequestState.CONNECTED and not request.seated:
        return _goodbye_or_dropped(request, leg.id, "vendor's interpreter hung up", now, policy)
    alert = AlertDispatcher(f"The vendor line {request.reach.vendor} could not be used ({how}).")
    if request.state is not RequestState.CONNECTING or request.seated:
        return request, (alert,) if request.state in (*escalation.LOOKING, RequestState.CONFIRMING) else ()
    request, effects = _vendor_lost(request, now, policy)
    return request, (*effects, alert)


def handover_due(request: Request, leg_id: str, now: datetime, policy: Policy) -> Outcome:
    """Some seconds after the interpreter left: is the requester still there? Then they were cut off."""
    if request.state is not RequestState.CONNECTED:
        return request, ()
    requester = request.leg_of(LegRole.REQUESTER)
    if requester is None or not requester.live:
        return ringing.finish(request, RequestState.COMPLETED, "everybody hung up", now)
    offer = request.offer(leg_id)
    alert = AlertDispatcher("An interpreter was cut off in the middle of a session; a replacement is being rung.")
    if offer is not None and offer.state is OfferState.ACCEPTED:
        lost = request.leg(leg_id)
        if lost is not None and lost.state is not LegState.ENDED:
            return request, ()
        request, effects = search_again(request, offer, "cut off in the session", now, policy)
        return request, (*effects, alert, *_tell_the_other(request))
    if request.seated or request.leg_of(LegRole.VENDOR) is not None:
        return request, ()
    request, effects = _vendor_lost(request, now, policy)
    return request, (*effects, alert)


def _goodbye_or_dropped(request: Request, leg_id: str, why: str, now: datetime, policy: Policy) -> Outcome:
    """After a goodbye the requester hangs up too; if they have not within seconds, somebody was cut off."""
    requester = request.leg_of(LegRole.REQUESTER)
    if requester is None or not requester.live:
        return ringing.finish(request, RequestState.COMPLETED, why, now)
    return request.due(DeadlineKind.HANDOVER, now + timedelta(seconds=policy.goodbye_seconds), leg_id), ()


def search_again(request: Request, offer: Offer, why: str, now: datetime, policy: Policy) -> Outcome:
    """A seat is empty again: look for somebody else. What the search has learned is kept; its steps begin anew."""
    request, effects = ringing.replace_interpreter(request, offer, why, now, policy)
    request = ladder.again(request, now, policy)
    if request.connected_at is None:
        return request, effects
    request = replace(request, reach=replace(request.reach, told="replacing"))
    return request, (*effects, *_tell_requester(request))


def _vendor_lost(request: Request, now: datetime, policy: Policy) -> Outcome:
    request = request.to(RequestState.MATCHING).without(DeadlineKind.VENDOR_SPEAKS)
    request = replace(request, reach=replace(request.reach, told="replacing", vendor_spoke=""))
    request = ladder.again(request.without(DeadlineKind.CONNECT_TIMES_OUT), now, policy)
    return request, (*ringing.search(request, policy), *asking.move(request, LegRole.REQUESTER))


def _tell_requester(request: Request) -> tuple[Effect, ...]:
    """Officers read it too: they may hold the phone to somebody else's ear."""
    if request.role is Role.OFFICER and request.channel is Channel.TEXT and not in_writing(request):
        return (asking.text_requester(request, "officer_replacing", language=request.language or ""),)
    return ()


def _tell_the_other(request: Request) -> tuple[Effect, ...]:
    """The other interpreter of a relay, who stays."""
    return tuple(
        SendText(To.INTERPRETER, offer.interpreter_id, "interpreter_relay_replacing", "eng", {})
        for offer in request.seated
    )


def relay_given_up(request: Request, now: datetime, policy: Policy) -> Outcome:
    """The second interpreter of a relay could not be found in time: the first is let go, and the search goes on."""
    first = request.accepted
    if first is None or request.open_seat is None or request.connected_at is not None:
        return request, ()
    request, withdrawn = ringing.withdraw(request, now)
    request, effects = search_again(request, first, "no second interpreter for the relay", now, policy)
    alert = AlertDispatcher("A relay was given up: no second interpreter was found in time.")
    return request, (*withdrawn, *effects, alert)


# -- asking for somebody else ------------------------------------------------------------------------------------------


def another_wanted(request: Request, event: events.AnotherWanted, now: datetime, policy: Policy) -> Outcome:
    """The wrong language, or two people who know each other: another interpreter, without hanging up."""
    offer = request.offer(event.leg_id) if event.leg_id else request.accepted
    if request.state in TALKING and not request.seated and event.by != "dispatcher":
        # Whom a vendor sends is the vendor's: only a person can ask them for somebody else.
        why = _WORDS.get(event.why, _WORDS["other"])
        told = f"The {event.by} is not content with {request.reach.vendor}: {why}. Step in."
        return request, (AlertDispatcher(told),)
    if request.state not in TALKING or offer is None or offer.state is not OfferState.ACCEPTED:
        return request, ()
    out = tuple(dict.fromkeys((*request.need.kept_out, offer.interpreter_id)))
    request = replace(request, need=replace(request.need, kept_out=out))
    if event.why == "full":
        request = replace(request, need=replace(request.need, full=True, exception=""))
    why = _WORDS.get(event.why, _WORDS["other"])
    apart: tuple[Effect, ...] = ()
    if event.why == "known":
        apart = (KeepApart(offer.interpreter_id, request.requester_id, f"{why}, said by the {event.by}"),)
    if event.why == "language":
        request = _wrong_variety(request, event)
    corrected = event.language and event.language != request.language
    if corrected and languages.get(event.language).voice_call:
        request = replace(request, language=event.language, certainty=1.0, found_by=f"named by the {event.by}")
        request = replace(request, need=replace(request.need, alternatives=()))
    request, effects = search_again(request, offer, why, now, policy)
    for other in request.seated if corrected else ():
        request, more = ringing.replace_interpreter(request, other, why, now, policy)
        effects += more
    return request, (*effects, *apart, *_tell_the_other(request))


def _wrong_variety(request: Request, event: events.AnotherWanted) -> Request:
    """What this interpreter speaks is remembered as wrong for this request. Was it the variety asked for, then that was
    a mistake too, and any other may be sent; the right one, where they named it, is asked for instead."""
    need, right = request.need, event.variety
    wrong = tuple(code for code in dict.fromkeys((*need.not_varieties, *event.varieties)) if code != right)
    asked = right or ("" if need.variety in event.varieties else need.variety)
    also = tuple(code for code in need.also_varieties if code not in wrong)
    return replace(request, need=replace(need, variety=asked, not_varieties=wrong, also_varieties=also))


# -- the vendor --------------------------------------------------------------------------------------------------------


def vendor_answered(request: Request, now: datetime, policy: Policy) -> Outcome:
    """The vendor line has picked up: everybody else's phone stops, and the requester comes to the conference. Half a
    relay does not wait any longer for its other half: the vendor goes the whole way."""
    if request.state not in (*escalation.LOOKING, RequestState.CONFIRMING):
        return request, ()
    request, withdrawn = ringing.let_interpreters_go(request, "the vendor line goes the whole way", now)
    request = request.to(RequestState.CONNECTING)
    for kind in (DeadlineKind.ESCALATE, DeadlineKind.MATCH_AGAIN, DeadlineKind.LOOK_AGAIN):
        request = request.without(kind)
    request = request.due(DeadlineKind.CONNECT_TIMES_OUT, now + timedelta(seconds=policy.connect_seconds))
    request = request.due(DeadlineKind.CHECK_CALLS, now + timedelta(seconds=policy.check_calls_seconds))
    request, requester = ringing.call_requester(request, now, key="officer_vendor")
    request, desk = ringing.call_desk(request, policy)
    return request, (*requester, *withdrawn, *desk)


def interpreter_speaks(request: Request, event: events.InterpreterSpeaks, now: datetime, policy: Policy) -> Outcome:
    """The vendor's interpreter speaks: then the clock stops, or when the requester comes in, if that is later."""
    if not vendor_held(request):
        return request, ()
    due = next((one for one in request.deadlines if one.kind is DeadlineKind.VENDOR_SPEAKS), None)
    line = policy.vendor(request.reach.vendor)
    request = replace(request, reach=replace(request.reach, vendor_spoke=event.how))
    if not _inside(request, LegRole.REQUESTER):
        return request.without(DeadlineKind.VENDOR_SPEAKS), ()
    # They may have begun before we understood it, but not before the requester was there to hear it.
    both = due.at - timedelta(seconds=line.hold_seconds) if due and line else now
    return connected(request, max(now - timedelta(seconds=max(event.ago, 0.0)), min(both, now))), ()


def vendor_holds(request: Request, event: events.VendorHolds, now: datetime, policy: Policy) -> Outcome:
    """Their hold goes on, as heard: it is not taken to be over before they have been quiet for a while."""
    due = next((one for one in request.deadlines if one.kind is DeadlineKind.VENDOR_SPEAKS), None)
    later = now + timedelta(seconds=policy.vendor_quiet_seconds)
    if not vendor_held(request) or due is None or due.at >= later:
        return request, ()
    return request.due(DeadlineKind.VENDOR_SPEAKS, later), ()


def vendor_speaks_due(request: Request, now: datetime, policy: Policy) -> Outcome:
    """Nobody has told us when the vendor's hold was over: it is taken to have lasted as long as usual."""
    return interpreter_speaks(request, events.InterpreterSpeaks(Spoke.ASSUMED.value), now, policy)


def vendor_held(request: Request) -> bool:
    """Whether the vendor line is on and no interpreter of theirs has spoken yet."""
    vendor = request.leg_of(LegRole.VENDOR)
    waits = request.state is RequestState.CONNECTING and vendor is not None and vendor.live and not request.seated
    return waits and not request.reach.vendor_spoke


def _inside(request: Request, role: LegRole) -> bool:
    return any(leg.role is role and leg.state is LegState.IN_CONFERENCE for leg in request.legs)
