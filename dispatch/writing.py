"""A session in writing: requester, interpreter and duty desk text, and every text goes through the service's number.

Handlers of `steps.step`, plain functions. Nobody's phone rings: interpreters are asked by text. What is said once one
is there is in `written_sessions`.
"""

from datetime import datetime, timedelta

from dispatch import ladder, languages, ringing, writing_events
from dispatch.effects import CallOffOnSite, Effect, HangUp, SendText, To
from dispatch.eligibility import in_writing
from dispatch.events import CandidatesFound
from dispatch.offer import Offer, OfferState
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.request import Channel, DeadlineKind, LegRole, LegState, Request, RequestState
from dispatch.values import replace

Outcome = tuple[Request, tuple[Effect, ...]]
TALKING = (RequestState.CONNECTING, RequestState.CONNECTED)
ASKED_AT_ONCE = 3
"""Interpreters asked by text together: a text is read when it is read, and each of them is held until they answer."""

_LONGEST = 1400
"""Characters of one text; the carrier takes 1600, and who writes is named in front."""


def code(request: Request) -> str:
    """What the duty desk puts in front of a text where several sessions go on."""
    return request.id[:4].upper()


# -- finding somebody --------------------------------------------------------------------------------------------------


def begin(request: Request, now: datetime, policy: Policy) -> Outcome:
    """The language is known: interpreters who write are looked for, and the requester is told so."""
    request = ladder.begin(request.to(RequestState.MATCHING), now, policy)
    return request, (*ringing.search(request, policy), tell_waiting(request))


def wanted(request: Request, event: writing_events.WritingWanted, now: datetime, policy: Policy) -> Outcome:
    """They cannot, or would rather not, talk: phones that ring for them stop, and they are written with instead."""
    if request.channel is not Channel.TEXT or in_writing(request) or request.state is RequestState.CONNECTED:
        return request, ()
    if request.language is not None and not languages.get(request.language).voice_call:
        return request, ()  # signs cannot be written: somebody is asked to come
    others = tuple(one for one in request.need.constraints if one != "in_person")
    need = replace(request.need, constraints=(*others, "text"))
    off: tuple[Effect, ...] = (CallOffOnSite("they write instead"),) if request.reach.on_site else ()
    if request.language is None:
        return replace(request, need=need), ()
    request, gone = ringing.let_everybody_go(request, now)
    for leg in request.legs:
        if leg.state is not LegState.ENDED and leg.role is not LegRole.INTERPRETER:
            request = request.with_leg(replace(leg, state=LegState.ENDED))
            gone += (HangUp(leg.id),)
    request = replace(request.without(DeadlineKind.CHECK_CALLS), need=need)
    request, effects = begin(request, now, policy)
    return request, (*gone, *off, *effects)


def offer_to(request: Request, found: CandidatesFound, now: datetime, policy: Policy) -> Outcome:
    """Ask the best of these by text; the next ones when somebody declines or is silent."""
    held = {offer.interpreter_id for offer in request.offers if offer.active}
    free = [n for n, one in enumerate(found.interpreter_ids) if one not in held]
    effects: list[Effect] = []
    for n in free[: max(ASKED_AT_ONCE - len(request.open_offers), 0)]:
        offer = Offer(
            next_offer_id(request),
            found.interpreter_ids[n],
            OfferState.PENDING,
            now,
            reason=found.reasons[n] if n < len(found.reasons) else "",
        )
        request, asked = reserve(request, offer, now, policy)
        effects.append(asked)
    if not effects:
        return request, ()
    return request.without(DeadlineKind.MATCH_AGAIN).to(RequestState.OFFERING), tuple(effects)


def next_offer_id(request: Request) -> str:
    """The id of the next offer, which has no phone."""
    return f"{request.id}-w{len(request.offers) + 1}"


def reserve(request: Request, offer: Offer, now: datetime, policy: Policy) -> tuple[Request, SendText]:
    """Hold this interpreter and ask them by text; unanswered, the offer expires by itself."""
    request = request.with_offer(offer.to(OfferState.RINGING, now))
    request = request.due(DeadlineKind.OFFER_EXPIRES, now + timedelta(seconds=policy.writing_offer_seconds), offer.id)
    params = {"language": request.spoken, "urgency": request.need.urgency.value}
    return request, to_interpreter(offer, "interpreter_offer_writing", **params)


def accept(request: Request, offer: Offer, now: datetime, policy: Policy) -> Outcome:
    """First yes wins; everybody learns that they may write now."""
    if request.open_seat != offer.seat or request.state not in ringing.LOOKING:
        return request, ()
    request = request.with_offer(offer.to(OfferState.ACCEPTED, now, "accepted"))
    request = request.without(DeadlineKind.OFFER_EXPIRES, offer.id)
    request, withdrawn = ringing.withdraw(request, now)
    for kind in (DeadlineKind.ESCALATE, DeadlineKind.MATCH_AGAIN, DeadlineKind.LOOK_AGAIN):
        request = request.without(kind)
    request = request.to(RequestState.CONNECTING)
    request = request.due(DeadlineKind.CONNECT_TIMES_OUT, now + timedelta(seconds=policy.writing_first_seconds))
    who = "an officer" if request.role is Role.OFFICER else "the person"
    began = to_interpreter(offer, "interpreter_writing", language=request.spoken, who=who)
    desk = (to_desk(request, "desk_writing"),) if _has_desk(request, policy) else ()
    return request, (began, tell_ready(request), *desk, *withdrawn)


# -- telling -----------------------------------------------------------------------------------------------------------


def tell_waiting(request: Request) -> SendText:
    """Where it stands while nobody is there yet."""
    return _to_requester(request, "officer_onsite_text_only", "onsite_text_only")


def tell_ready(request: Request) -> SendText:
    """That an interpreter is there, and how to go about it."""
    return _to_requester(request, "officer_writing_ready", "text_writing_ready")


def tell_closed(request: Request) -> SendText:
    """That it is over."""
    return _to_requester(request, "officer_dropped", "text_dropped")


def tell_over(request: Request, policy: Policy, interpreters: bool = False) -> tuple[SendText, ...]:
    """The desk, and where they do not know it themselves the interpreters, learn that it is over."""
    if not in_writing(request) or request.state not in TALKING:
        return ()
    desk = (to_desk(request, "desk_writing_over"),) if _has_desk(request, policy) else ()
    return (*desk, *(tell_interpreters(request) if interpreters else ()))


def tell_interpreters(request: Request) -> tuple[SendText, ...]:
    """Who sat with them learns that it is over."""
    return tuple(to_interpreter(offer, "interpreter_writing_over") for offer in request.seated)


def parts(words: str) -> list[str]:
    """What somebody wrote, in pieces that each fit one text."""
    return [words[n : n + _LONGEST] for n in range(0, len(words), _LONGEST)]


def words(request: Request) -> str:
    """The state in words for the dispatcher, where it differs from that of a call; "" where it does not."""
    return _WORDS.get(request.state, "") if in_writing(request) else ""


_WORDS = {
    RequestState.OFFERING: "asking interpreters by text",
    RequestState.CONNECTING: "an interpreter is there and has not written yet",
    RequestState.CONNECTED: "writing with an interpreter",
}


def _has_desk(request: Request, policy: Policy) -> bool:
    return policy.desk and request.role is Role.COMMUNITY


def to_interpreter(offer: Offer, key: str, **params: str) -> SendText:
    """A text to the interpreter of that offer."""
    return SendText(To.INTERPRETER, offer.interpreter_id, key, "eng", params)


def to_desk(request: Request, key: str, **params: str) -> SendText:
    """A text to the duty desk, with the session's code."""
    return SendText(To.DESK, "", key, "eng", {"code": code(request), "language": request.spoken, **params})


def _to_requester(request: Request, officer: str, community: str) -> SendText:
    key, spoken = (officer, "eng") if request.role is Role.OFFICER else (community, request.language or "eng")
    return SendText(To.REQUESTER, request.requester_id, key, spoken, {"language": request.spoken})
