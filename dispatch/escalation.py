"""Stretching the search step by step, by the clock: more phones, the next tier, other ways to be understood, a person.

Handlers of `steps.step`, plain functions. Each step of the policy is taken at its time (`ladder`), or at once where no
phone is left to ring; the person waiting is told of it in their language.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from dispatch import asking, events, ladder, languages, phrases, related, ringing, varieties
from dispatch.effects import AlertDispatcher, DeleteRecording, Effect, HearMessage, MoveCall, SendText
from dispatch.eligibility import in_writing
from dispatch.people import Role
from dispatch.policy import Do, Policy
from dispatch.request import Channel, DeadlineKind, LegRole, Request, RequestState
from dispatch.values import replace

Outcome = tuple[Request, tuple[Effect, ...]]
LOOKING = asking.LOOKING

MESSAGE_LEFT = "A caller left a message: read it and call them back."
"""The alert that opens the message on the board; handling the message clears it."""

_SILENT = frozenset({Do.ALERT})
"""Steps that the person waiting is not told of."""
_HEARD_LATER = frozenset({Do.WIDEN, Do.NEXT_TIER})
"""Steps that are heard at the next announcement, within seconds: music is not cut short for them."""


def due(request: Request, now: datetime, policy: Policy) -> Outcome:
    """The next step's time has come."""
    steps = policy.escalation[request.need.urgency]
    if request.state not in LOOKING or request.reach.step >= len(steps):
        return request, ()
    do = steps[request.reach.step].do
    request = replace(request, reach=replace(request.reach, step=request.reach.step + 1))
    taken = _STEPS[do](request, now, policy)
    if taken is None:
        # There is no such way here (no related language, no vendor line...): the next one is not kept waiting for it.
        return ladder.hasten(ladder.schedule(request, now, policy), now, policy), ()
    after, effects = taken
    again = after.reach.step < request.reach.step
    request = ladder.schedule(after, now, policy)
    if again:
        request = request.due(DeadlineKind.ESCALATE, now + timedelta(seconds=_ANSWER_SECONDS))
    if do in _SILENT:
        return request, effects
    request = replace(request, reach=replace(request.reach, told=do.value))
    return request, (*effects, *tell(request, do))


def also_speaks(request: Request, event: events.AlsoSpeaks, now: datetime, policy: Policy) -> Outcome:
    """They speak the related language too: interpreters of either will do. Phones that ring go on ringing."""
    if varieties.known(event.language):
        return _also_understands(request, event.language, policy)
    known = request.language is None or event.language in (request.language, *request.need.alternatives)
    if request.state not in LOOKING or known:
        return request, ()
    either = tuple(dict.fromkeys((request.language or "", *request.need.alternatives, event.language)))
    request = replace(request, need=replace(request.need, alternatives=either))
    return request, (*ringing.search(request, policy), *asking.move(request, LegRole.REQUESTER))


def _also_understands(request: Request, variety: str, policy: Policy) -> Outcome:
    """They understand a near variety: who speaks it may be asked from now on."""
    need = request.need
    if request.state not in LOOKING or variety in (need.variety, *need.also_varieties) or not request.variety:
        return request, ()
    request = replace(request, need=replace(need, also_varieties=(*need.also_varieties, variety)))
    return request, (*ringing.search(request, policy), *asking.move(request, LegRole.REQUESTER))


def message_left(request: Request, event: events.MessageLeft, now: datetime, policy: Policy) -> Outcome:
    """The caller has left a message, or said nothing: either way they are called back, and keep their place."""
    if request.reach.told != Do.VOICEMAIL or request.state not in LOOKING:
        # An interpreter came while they spoke: nobody needs it. What was taken already is with who listens to it.
        unneeded = event.recording_sid is not None and request.reach.told != "left"
        return request, (DeleteRecording(event.recording_sid or ""),) if unneeded else ()
    told = "left" if event.recording_sid is not None else "nothing_left"
    request = replace(request, reach=replace(request.reach, told=told, callback=True))
    request = request.to(RequestState.CALLBACK_SCHEDULED)
    if event.recording_sid is None:
        return request, (AlertDispatcher("A caller for whom nobody was found left no message. They are called back."),)
    return request, (HearMessage(event.recording_sid), AlertDispatcher(MESSAGE_LEFT))


# -- the steps ---------------------------------------------------------------------------------------------------------


def _widen(request: Request, now: datetime, policy: Policy) -> Outcome:
    request = replace(request, reach=replace(request.reach, wider=request.reach.wider + 1))
    return request, ringing.search(request, policy)


def _next_tier(request: Request, now: datetime, policy: Policy) -> Outcome | None:
    last = max(request.reach.tier, policy.first_tiers[request.need.urgency])
    if last >= _LAST_TIER:
        return None
    request = replace(request, reach=replace(request.reach, tier=last + 1))
    return request, ringing.search(request, policy)


def _related(request: Request, now: datetime, policy: Policy) -> Outcome | None:
    """Near varieties first, one question at a time; then a related language."""
    close = _near_variety(request)
    if close is not None:
        # The step is taken again when they have had time to answer.
        return replace(request, reach=replace(request.reach, asked=close, step=request.reach.step - 1)), ()
    known = (*request.need.alternatives, *request.need.excluded)
    asked = next((code for code in related.also_spoken(request.language) if code not in known), None)
    if asked is None or (request.channel is Channel.VOICE and not phrases.has("wait_related", asked)):
        return None
    return replace(request, reach=replace(request.reach, asked=asked)), ()


def _near_variety(request: Request) -> str | None:
    """A variety that the person may understand and has not been asked about."""
    if not request.variety or (request.channel is Channel.VOICE and not phrases.has("wait_related", _own(request))):
        return None
    near = varieties.near(request.variety)
    asked = near.index(request.reach.asked) + 1 if request.reach.asked in near else 0
    known = (*request.need.also_varieties, *request.need.not_varieties)
    return next((code for code in near[asked:_MOST_NEAR] if code not in known), None)


def _relay(request: Request, now: datetime, policy: Policy) -> Outcome | None:
    bridge = next((code for code in related.bridges(request.language) if code not in request.need.excluded), None)
    if bridge is None or request.reach.bridge or in_writing(request):
        return None
    request = replace(request, reach=replace(request.reach, bridge=bridge))
    return request, ringing.search(request, policy)


def _vendor(request: Request, now: datetime, policy: Policy) -> Outcome | None:
    vendor = next((one for one in policy.vendors if one.takes(request.language)), None)
    if vendor is None or request.reach.vendor or in_writing(request) or request.leg_of(LegRole.VENDOR) is not None:
        return None
    request, called = ringing.call_vendor(request, vendor)
    return request, called


def _callback(request: Request, now: datetime, policy: Policy) -> Outcome | None:
    leg = request.leg_of(LegRole.REQUESTER)
    if leg is None or not leg.live or request.need.withheld:
        return None  # nobody is on the line, and is called in any case; or nobody knows their number
    return replace(request, reach=replace(request.reach, callback=True)), ()


def _voicemail(request: Request, now: datetime, policy: Policy) -> Outcome | None:
    leg = request.leg_of(LegRole.REQUESTER)
    if leg is None or not leg.live or request.role is Role.OFFICER or request.need.withheld:
        return None  # who leaves a message is called back
    if not phrases.has("wait_voicemail", _own(request)):
        return None
    return request, ()


def _alert(request: Request, now: datetime, policy: Policy) -> Outcome:
    waited = (now - request.created_at).total_seconds()
    name = languages.get(request.language or "").english
    why = f" ({request.reach.because})" if request.reach.because else ""
    return request, (AlertDispatcher(f"{name}: nobody has accepted after {waited:.0f} s{why}. Step in."),)


_LAST_TIER = 5
_ANSWER_SECONDS = 15.0
"""For the answer to one question before the next is asked: a text is read and answered in about that time."""
_MOST_NEAR = 2
"""Near varieties asked about: more questions than that are a burden to who waits."""
_STEPS: dict[Do, Callable[[Request, datetime, Policy], Outcome | None]] = {
    Do.WIDEN: _widen,
    Do.NEXT_TIER: _next_tier,
    Do.RELATED: _related,
    Do.RELAY: _relay,
    Do.VENDOR: _vendor,
    Do.CALLBACK: _callback,
    Do.VOICEMAIL: _voicemail,
    Do.ALERT: _alert,
}


# -- telling -----------------------------------------------------------------------------------------------------------


def tell(request: Request, do: Do) -> tuple[Effect, ...]:
    """The person who waits learns what is being done: on the phone by the next prompt, otherwise by text."""
    leg = request.leg_of(LegRole.REQUESTER)
    if leg is not None and leg.live:
        return () if do in _HEARD_LATER else (MoveCall(leg.id),)
    if request.channel is Channel.VOICE or (in_writing(request) and do is not Do.RELATED):
        return ()  # they have hung up, and are called when there is somebody
    return (_text(request, do),)


def _text(request: Request, do: Do) -> SendText:
    reach = request.reach
    params = {"language": request.spoken, "also": reach.asked, "bridge": reach.bridge, "first": reach.bridge}
    if request.role is Role.OFFICER:
        return asking.text_requester(request, f"officer_step_{do.value}", **params)
    key = f"text_step_{do.value}"
    has = phrases.has(key, request.language or "eng")
    return asking.text_requester(request, key if has else "text_status_waiting", **params)


def _own(request: Request) -> str:
    return "eng" if request.role is Role.OFFICER else request.language or "eng"
