"""`step`: every change to a request, in one place. Read it from top to bottom as a request's life.

A plain function of the request, what happened, and `now`. It returns the new request and what is to be done; it does
nothing itself. News that is late, repeated or no longer matters changes nothing (design promise 2).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from dispatch import (
    asking,
    asking_events,
    escalation,
    events,
    ladder,
    languages,
    on_site,
    outcomes,
    overrides,
    phrases,
    ringing,
    sessions,
    writing,
    written_sessions,
)
from dispatch.effects import (
    AlertDispatcher,
    CheckCalls,
    DeleteRecording,
    Effect,
    HangUp,
    SendGist,
)
from dispatch.eligibility import channel, in_writing
from dispatch.escalation import LOOKING
from dispatch.gist import graver
from dispatch.offer import OfferState
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.request import (
    Channel,
    DeadlineKind,
    Leg,
    LegRole,
    LegState,
    Request,
    RequestState,
)
from dispatch.values import replace

Outcome = tuple[Request, tuple[Effect, ...]]


def step(request: Request, event: events.Event, now: datetime, policy: Policy) -> Outcome:
    """The request after `event`, and the effects to perform. Never raises for news that comes late or twice."""
    if request.over:
        return _after_the_end(request, event)
    after, effects = _HANDLERS[type(event)](request, event, now, policy)
    return outcomes.account(request, after, now, policy), effects


# -- ringing -----------------------------------------------------------------------------------------------------------


def _candidates_found(request: Request, event: events.CandidatesFound, now: datetime, policy: Policy) -> Outcome:
    if request.state not in LOOKING or request.language is None or event.seat != request.open_seat:
        return request, ()
    if channel(request) == "in_person":
        return request, ()  # somebody is asked to come instead
    if request.reach.since is None and (request.offers or not event.interpreter_ids):
        # It was booked ahead, and who was booked does not come: from here on it is stretched like any other.
        request = ladder.begin(request, request.created_at, policy)
    if event.interpreter_ids:
        if in_writing(request):
            return writing.offer_to(request, event, now, policy)
        return ringing.offer_to(request, event, now, policy)
    return (request, ()) if request.open_offers else _nobody_free(request, event, now, policy)


def _nobody_free(request: Request, event: events.CandidatesFound, now: datetime, policy: Policy) -> Outcome:
    """Nobody can be rung: say so, tell the dispatcher once, and keep trying (design promise 4)."""
    first = request.failed_rounds == 0
    reach = replace(request.reach, because=event.because, wait_minutes=event.wait_minutes)
    request = replace(request, failed_rounds=request.failed_rounds + 1, reach=reach)
    if request.state is not RequestState.CALLBACK_SCHEDULED:
        request = request.to(RequestState.WAITING)
    again = now + timedelta(seconds=policy.match_again_seconds)
    sooner = event.on_call_at is not None and now < event.on_call_at < again
    request = request.due(DeadlineKind.MATCH_AGAIN, event.on_call_at if sooner and event.on_call_at else again)
    request = ladder.hasten(request.without(DeadlineKind.LOOK_AGAIN), now, policy)
    if not first:
        return request, ()
    name = languages.get(request.language or "").english
    why = f" ({event.because})" if event.because else ""
    alert = AlertDispatcher(f"Nobody is free for {name}{why}. The requester waits; we keep trying.")
    if in_writing(request):
        return request, (alert,)  # they were told that they are written to, and nobody calls them
    key = "officer_nobody_free" if request.role is Role.OFFICER else "text_nobody_free"
    spoken = "eng" if request.role is Role.OFFICER else request.language or "eng"
    if event.wait_minutes and phrases.has(f"{key}_wait", spoken):
        key += "_wait"
    told = (
        (asking.text_requester(request, key, minutes=str(event.wait_minutes)),)
        if request.channel is Channel.TEXT
        else asking.move(request, LegRole.REQUESTER)
    )
    return request, (alert, *told)


def _offer_answered(request: Request, event: events.OfferAnswered, now: datetime, policy: Policy) -> Outcome:
    offer = request.offer(event.offer_id)
    if offer is None or offer not in request.open_offers:
        return request, ()
    if not event.accepted:
        return ringing.lose(request, offer, OfferState.DECLINED, "declined", now, policy)
    accept = writing.accept if in_writing(request) else ringing.accept
    return accept(request, offer, now, policy)


def _call_placed(request: Request, event: events.CallPlaced, now: datetime, policy: Policy) -> Outcome:
    leg = request.leg(event.leg_id)
    if leg is None or leg.state is LegState.ENDED:
        # Withdrawn while the carrier was starting it: stop it now that we know its name.
        leg = leg and replace(leg, call_sid=event.call_sid)
        return (request.with_leg(leg), (HangUp(leg.id),)) if leg else (request, ())
    request = request.with_leg(replace(leg, call_sid=event.call_sid))
    offer = request.offer(leg.id)
    if offer is None or offer.state is not OfferState.PENDING:
        return request, ()
    # It may have waited for its turn at the carrier: its own time begins now.
    expires = now + timedelta(seconds=policy.offer_seconds)
    request = request.with_offer(offer.to(OfferState.RINGING, now))
    return request.due(DeadlineKind.OFFER_EXPIRES, expires, offer.id), ()


def _leg_answered(request: Request, event: events.LegAnswered, now: datetime, policy: Policy) -> Outcome:
    leg = request.leg(event.leg_id)
    if leg is None or leg.state is LegState.ENDED:
        return request, ()
    offer = request.offer(leg.id)
    if event.machine:
        if offer and offer in request.open_offers:
            return ringing.lose(request, offer, OfferState.EXPIRED, "answering machine", now, policy)
        if offer and offer in request.seated and leg.attempt > 1:
            return sessions.mailbox_took_it(request, offer, now, policy)
        return request, ()
    if leg.state is not LegState.DIALLING:
        return request, ()
    request = request.with_leg(replace(leg, state=LegState.ON_LINE))
    return sessions.vendor_answered(request, now, policy) if leg.role is LegRole.VENDOR else (request, ())


# -- talking -----------------------------------------------------------------------------------------------------------


def _gist_written(request: Request, event: events.GistWritten, now: datetime, policy: Policy) -> Outcome:
    """The first words are known: danger makes it more urgent, never less; the interpreter reads them."""
    effects: tuple[Effect, ...] = (SendGist(request.accepted.interpreter_id),) if request.accepted else ()
    if not event.danger:
        return request, effects
    if not graver(event.urgency, request.need.urgency):
        return request, (*effects, AlertDispatcher(f"The caller's words suggest danger: {event.danger}."))
    request = replace(request, need=replace(request.need, urgency=event.urgency))
    alert = AlertDispatcher(f"The caller's words suggest danger: {event.danger}. Now {event.urgency.value}.")
    if request.state not in LOOKING:
        return request, (alert, *effects)
    request = ladder.hurry(request, now, policy)
    return request, (*ringing.search(request, policy), alert, *effects)


def _call_ended(request: Request, event: events.CallEnded, now: datetime, policy: Policy) -> Outcome:
    leg = request.leg(event.leg_id)
    if leg is None or leg.state is LegState.ENDED:
        return request, ()
    request = request.with_leg(replace(leg, state=LegState.ENDED))
    if leg.role is LegRole.INTERPRETER:
        return sessions.interpreter_gone(request, leg, event.how, now, policy)
    if leg.role is LegRole.VENDOR:
        return sessions.vendor_gone(request, leg, event.how, now, policy)
    if leg.role is LegRole.REQUESTER:
        return _requester_gone(request, leg, event.how, now, policy)
    if request.state is RequestState.CONFIRMING:
        # They were talking, or were to talk, to somebody about which language it is: back to the menu.
        return request, asking.move(request, LegRole.REQUESTER)
    missed = not leg.live and request.state in (RequestState.CONNECTING, RequestState.CONNECTED)
    return request, (AlertDispatcher("The duty desk did not pick up a community call."),) if missed else ()


def _call_failed(request: Request, event: events.CallFailed, now: datetime, policy: Policy) -> Outcome:
    request, effects = _call_ended(request, events.CallEnded(event.leg_id, "failed"), now, policy)
    return request, (*effects, AlertDispatcher(event.reason))


def _requester_gone(request: Request, leg: Leg, how: str, now: datetime, policy: Policy) -> Outcome:
    if request.state is RequestState.CONNECTED:
        return ringing.finish(request, RequestState.COMPLETED, "requester hung up", now)
    if request.state in LOOKING and request.need.withheld and request.connected_at is None:
        # Nobody can call them back, so nobody is woken for them.
        return ringing.finish(request, RequestState.ABANDONED, "requester hung up, and their number is withheld", now)
    if request.connected_at is not None:
        return ringing.finish(request, RequestState.COMPLETED, "requester hung up while a replacement was rung", now)
    kept = request.state in LOOKING and (request.reach.callback or not leg.live)
    if kept or request.state in (RequestState.WAITING, RequestState.CALLBACK_SCHEDULED):
        # They were told that we call back, or have not picked up while we look: nobody has given up. The request
        # keeps its place; a search that is under way, and phones that ring, go on.
        return (request.to(RequestState.CALLBACK_SCHEDULED) if request.state is RequestState.WAITING else request), ()
    desk = request.leg_of(LegRole.AGENCY)
    if request.state is RequestState.CONFIRMING and leg.live and desk is not None and desk.live:
        if request.reach.vendor:
            outcome = f"the duty desk spoke with the caller and {request.reach.vendor}"
            return ringing.finish(request, RequestState.VENDOR_HANDOFF, outcome, now)
        return ringing.finish(request, RequestState.CANCELLED, "the duty desk spoke with the caller", now)
    if request.state is RequestState.CONNECTING and request.reach.callback and leg.state is LegState.ON_LINE:
        # They took us at our word in the moment in which somebody accepted.
        return ringing.call_requester(request, now)
    if leg.live:
        return ringing.finish(request, RequestState.ABANDONED, "requester hung up before the interpreter", now)
    if request.state is not RequestState.CONNECTING:
        return _not_picked_up(request, leg, policy)
    if leg.attempt < policy.requester_calls:
        return ringing.call_requester(request, now, attempt=leg.attempt + 1)
    request, effects = ringing.finish(request, RequestState.FAILED, f"requester not reached: {how}", now)
    missed = "officer_called_missed" if request.role is Role.OFFICER else "text_nobody_free"
    alert = AlertDispatcher("An interpreter was ready but the requester's phone did not answer.")
    return request, (*effects, asking.text_requester(request, missed), alert)


def _not_picked_up(request: Request, leg: Leg, policy: Policy) -> Outcome:
    """They were rung to be listened to, or because the desk has taken over. It stays open: they are asked by text for a
    language that is not known, and a dispatcher sees it."""
    if leg.attempt < policy.requester_calls:
        request, call = ringing.ring_requester(request, leg.attempt + 1)
        return request, (call,)
    if request.language is not None:
        told = "It was taken over, and the requester's phone did not answer. Nobody is rung for it: step in."
        return request, (AlertDispatcher(told),)
    request, asked = asking.ask_by_text(request)
    told = "The requester's phone did not answer when it was rung to hear the language. They are asked by text."
    return request, (*asked, AlertDispatcher(told))


# -- ending, deadlines, trouble ----------------------------------------------------------------------------------------


def _request_dropped(request: Request, event: events.RequestDropped, now: datetime, policy: Policy) -> Outcome:
    served = request.connected_at is not None or request.reach.on_site == "here"
    state = RequestState.COMPLETED if served else RequestState.CANCELLED
    told = writing.tell_over(request, policy, interpreters=True)
    request, effects = ringing.finish(request, state, f"ended by the {event.by}", now)
    key = "officer_dropped" if request.role is Role.OFFICER else "text_dropped"
    return request, (*effects, asking.text_requester(request, key), *told)


def _session_done(request: Request, event: events.SessionDone, now: datetime, policy: Policy) -> Outcome:
    if request.accepted is None:
        return request, ()
    if request.open_seat is not None and request.connected_at is None:
        # The first of a relay's two does not want to wait any longer.
        return sessions.search_again(request, request.accepted, "left before the relay began", now, policy)
    told: tuple[Effect, ...] = writing.tell_over(request, policy)
    if told or in_writing(request):
        told += (writing.tell_closed(request),)
    request, effects = ringing.finish(request, RequestState.COMPLETED, "interpreter said that it is done", now)
    return request, (*effects, *told)


def _supply_changed(request: Request, event: events.SupplyChanged, now: datetime, policy: Policy) -> Outcome:
    waiting = request.state in (RequestState.WAITING, RequestState.CALLBACK_SCHEDULED)
    return request, ringing.search(request, policy) if waiting else ()


def _encounter_set(request: Request, event: events.EncounterSet, now: datetime, policy: Policy) -> Outcome:
    """Another credential is asked for from now on; who rings already is still the best there was."""
    if (request.need.encounter or "routine") == event.encounter:
        return request, ()
    request = replace(request, need=replace(request.need, encounter=event.encounter))
    return request, ringing.search(request, policy) if request.state in LOOKING else ()


def _credential_waived(request: Request, event: events.CredentialWaived, now: datetime, policy: Policy) -> Outcome:
    if not event.reason.strip():
        return request, ()
    request = replace(request, need=replace(request.need, exception=event.reason.strip()))
    alert = AlertDispatcher(f"An interpreter without the credential may be asked: {event.reason.strip()}")
    return request, (*(ringing.search(request, policy) if request.state in LOOKING else ()), alert)


def _kept_out(request: Request, event: events.KeptOut, now: datetime, policy: Policy) -> Outcome:
    """A conflict of interest: they are not asked, and if their phone rings it stops. Who has accepted and does not talk
    with them yet is let go, and somebody else is looked for."""
    out = tuple(dict.fromkeys((*request.need.kept_out, event.interpreter_id)))
    request = replace(request, need=replace(request.need, kept_out=out))
    rung = next((offer for offer in request.open_offers if offer.interpreter_id == event.interpreter_id), None)
    if rung is not None:
        return ringing.lose(request, rung, OfferState.WITHDRAWN, "conflict of interest", now, policy)
    seat = next((offer for offer in request.seated if offer.interpreter_id == event.interpreter_id), None)
    if seat is None or request.connected_at is not None:
        return request, ()
    return sessions.search_again(request, seat, "conflict of interest", now, policy)


def _send_failed(request: Request, event: events.SendFailed, now: datetime, policy: Policy) -> Outcome:
    return replace(request, trouble=event.reason), (AlertDispatcher(event.reason),)


def _deadline_passed(request: Request, event: events.DeadlinePassed, now: datetime, policy: Policy) -> Outcome:
    request = request.without(event.kind, event.subject)
    match event.kind:
        case DeadlineKind.OFFER_EXPIRES:
            offer = request.offer(event.subject)
            if offer is None or offer not in request.open_offers:
                return request, ()
            return ringing.lose(request, offer, OfferState.EXPIRED, "no answer", now, policy)
        case DeadlineKind.IDENTIFY_TIMES_OUT:
            slow = "Working out the language took too long; the person was asked instead."
            return asking.language_failed(request, events.LanguageFailed(slow), now, policy)
        case DeadlineKind.MATCH_AGAIN:
            if request.state not in (RequestState.WAITING, RequestState.CALLBACK_SCHEDULED):
                return request, ()
            if request.leg_of(LegRole.REQUESTER) is None and request.channel is Channel.VOICE:
                request = request.to(RequestState.CALLBACK_SCHEDULED)
            again = now + timedelta(seconds=policy.match_again_seconds)
            return _supply_changed(request.due(event.kind, again), events.SupplyChanged(), now, policy)
        case DeadlineKind.LOOK_AGAIN:
            return request, ringing.search(request, policy) if request.state in LOOKING else ()
        case DeadlineKind.ESCALATE:
            return escalation.due(request, now, policy)
        case DeadlineKind.HANDOVER:
            return sessions.handover_due(request, event.subject, now, policy)
        case DeadlineKind.VENDOR_SPEAKS:
            return sessions.vendor_speaks_due(request, now, policy)
        case DeadlineKind.CONNECT_TIMES_OUT:
            if request.state in LOOKING:
                return sessions.relay_given_up(request, now, policy)
            if request.state is not RequestState.CONNECTING:
                return request, ()
            if in_writing(request):
                return written_sessions.waited_in_vain(request, now, policy)
            return request, (CheckCalls(), AlertDispatcher("An interpreter accepted, but nobody is connected yet."))
        case DeadlineKind.WRITING_QUIET:
            return written_sessions.quiet(request, now, policy)
        case DeadlineKind.CHECK_CALLS:
            return request.due(event.kind, now + timedelta(seconds=policy.check_calls_seconds)), (CheckCalls(),)


def _after_the_end(request: Request, event: events.Event) -> Outcome:
    """The request is over; only phones that are still up matter."""
    leg = (
        request.leg(event.leg_id)
        if isinstance(event, events.CallEnded | events.CallFailed | events.CallPlaced)
        else None
    )
    if isinstance(event, events.SpeechRecorded | events.MessageLeft) and event.recording_sid:
        return request, (DeleteRecording(event.recording_sid),)
    if leg is None:
        return request, ()
    if isinstance(event, events.CallPlaced):
        return request.with_leg(replace(leg, call_sid=event.call_sid)), (HangUp(leg.id),)
    return request.with_leg(replace(leg, state=LegState.ENDED)), ()


_HANDLERS: dict[type, Callable[[Request, Any, datetime, Policy], Outcome]] = {
    events.TextReceived: asking.text_received,
    events.ListenByPhone: asking.listen_by_phone,
    events.RequestPlaced: asking.request_placed,
    events.CallArrived: asking.call_arrived,
    events.SpeechRecorded: asking.speech_recorded,
    events.LanguageHeard: asking.language_heard,
    events.LanguageFailed: asking.language_failed,
    events.LanguageChosen: asking.language_chosen,
    events.VarietyNamed: asking.variety_named,
    events.LanguageWrong: asking.language_wrong,
    events.OtherLanguageFirst: asking.other_language_first,
    events.OriginChosen: asking.origin_chosen,
    events.PersonWanted: asking.person_wanted,
    events.GistWritten: _gist_written,
    events.CandidatesFound: _candidates_found,
    events.CallPlaced: _call_placed,
    events.CallFailed: _call_failed,
    events.LegAnswered: _leg_answered,
    events.OfferAnswered: _offer_answered,
    events.LegJoined: sessions.leg_joined,
    events.LegLeft: sessions.leg_left,
    events.ParticipantChanged: sessions.participant_changed,
    events.CallEnded: _call_ended,
    events.DeadlinePassed: _deadline_passed,
    events.RequestDropped: _request_dropped,
    events.SessionDone: _session_done,
    events.EncounterSet: _encounter_set,
    events.CredentialWaived: _credential_waived,
    events.KeptOut: _kept_out,
    events.AlsoSpeaks: escalation.also_speaks,
    events.AnotherWanted: sessions.another_wanted,
    events.OnSiteNews: on_site.news,
    events.InterpreterSpeaks: sessions.interpreter_speaks,
    events.VendorHolds: sessions.vendor_holds,
    events.MessageLeft: escalation.message_left,
    events.SupplyChanged: _supply_changed,
    events.SendFailed: _send_failed,
    asking_events.MoreSaid: asking.more_said,
    **overrides.HANDLERS,
    **written_sessions.HANDLERS,
}
