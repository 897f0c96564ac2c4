"""Which language? From the first word to the moment it is settled: the first half of a request's life.

Handlers of `steps.step`, plain functions: they take a request and news, and return the new request with effects.
"""

from datetime import datetime, timedelta

from dispatch import asking_events, events, ladder, languages, on_site, origins, phrases, ringing, varieties, writing
from dispatch.effects import (
    AlertDispatcher,
    CallOffOnSite,
    DeleteRecording,
    Effect,
    HangUp,
    HearSpeech,
    MoveCall,
    ReadText,
    SendText,
    To,
)
from dispatch.eligibility import channel, in_writing
from dispatch.gist import graver
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.request import Channel, DeadlineKind, Leg, LegRole, LegState, Need, Reach, Request, RequestState
from dispatch.values import replace

Outcome = tuple[Request, tuple[Effect, ...]]
LOOKING = ringing.LOOKING
_UNKNOWN = (RequestState.IDENTIFYING, RequestState.CONFIRMING)
_WAYS = frozenset({"text", "in_person"})
"""Of a need's constraints: how they are to meet."""


def text_received(request: Request, event: events.TextReceived, now: datetime, policy: Policy) -> Outcome:
    """A text: a language named in it is settled at once, otherwise its own language is worked out."""
    wanted = event.need.languages or event.need.alternatives
    need = _besides(request.need, event.need)
    if request.language is not None and in_writing(request) and "text" not in event.need.constraints:
        need = _spoken(need)  # they are content with a call after all
    request, gone = ringing.withdraw(request, now) if in_writing(request) else (request, ())
    request = replace(request, need=need)
    if not wanted and not event.text.strip():
        return _ask_which(request, moved=False)
    if not wanted:
        request = request.to(RequestState.IDENTIFYING)
        request = request.due(DeadlineKind.IDENTIFY_TIMES_OUT, now + timedelta(seconds=policy.identify_seconds))
        return request, (ReadText(event.text),)
    first = origins.mentioned(event.text) if wanted[0] == origins.SECOND_LANGUAGE else ()
    request = replace(request, need=replace(request.need, first=first))
    request, effects = _settle(request, wanted[0], 1.0, "named in the text", now, policy)
    effects = (*gone, *effects)
    if len(event.need.languages) > 1:
        others = ", ".join(languages.get(code).english for code in event.need.languages[1:])
        effects += (AlertDispatcher(f"The officer also needs {others}: ring a second interpreter."),)
    if request.role is Role.OFFICER and not request.variety and varieties.asked_for(request.language):
        known = ", ".join(one.name for one in varieties.of_language(request.language)[:3])
        effects += (text_requester(request, "officer_which_variety", language=request.language or "", examples=known),)
    if first and request.role is Role.OFFICER:
        names = ", ".join(languages.get(code).english for code in first[:4])
        effects += (text_requester(request, "officer_other_first", first=names),)
    return request, effects


def _besides(before: Need, said: Need) -> Need:
    """What several texts ask for together, while the language is asked for: who answers "spanish, female" to "which
    language?" has said where they are, and how urgent it is, before."""
    named = said if said.languages or said.alternatives else before
    genders = {"female", "male"} if {"female", "male"} & set(said.constraints) else set[str]()
    kept = tuple(one for one in before.constraints if one not in {*said.constraints, *genders})
    excluded = tuple(dict.fromkeys((*before.excluded, *said.excluded)))
    return replace(
        before,
        languages=named.languages,
        alternatives=named.alternatives,
        excluded=tuple(code for code in excluded if code not in (*said.languages, *said.alternatives)),
        constraints=(*said.constraints, *kept),
        urgency=said.urgency if graver(said.urgency, before.urgency) else before.urgency,
        place=said.place or before.place,
        encounter=said.encounter or before.encounter,
        variety=said.variety or before.variety,
        not_varieties=tuple(dict.fromkeys((*before.not_varieties, *said.not_varieties))),
    )


def listen_by_phone(request: Request, event: events.ListenByPhone, now: datetime, policy: Policy) -> Outcome:
    """Nobody knows the language: ring the officer, whose phone asks the person beside them."""
    if request.state in (RequestState.CONNECTING, RequestState.CONNECTED) or request.leg_of(LegRole.REQUESTER):
        return request, ()
    request, withdrawn = ringing.let_everybody_go(request, now)
    # From here on this is a phone call: prompts and menus are spoken, to the person beside the officer.
    request = replace(request.to(RequestState.IDENTIFYING), channel=Channel.VOICE, language=None, guesses=(), listens=1)
    need = replace(_besides(request.need, event.need), hints=event.need.hints or request.need.hints)
    request = replace(request, need=_spoken(need))
    request, called = ringing.call_requester(request, now)
    return request.without(DeadlineKind.IDENTIFY_TIMES_OUT), (*withdrawn, *called)


def more_said(request: Request, event: asking_events.MoreSaid, now: datetime, policy: Policy) -> Outcome:
    """How urgent it is, where, and whom they would have: kept, and heeded by every search from now on. How they are to
    meet stays as it is: that is asked for in a word of its own."""
    theirs = tuple(one for one in event.need.constraints if one not in _WAYS)
    said = Need(constraints=theirs, urgency=event.need.urgency, place=event.need.place, encounter=event.need.encounter)
    before, need = request.need, _besides(request.need, said)
    request = replace(request, need=need)
    if request.state not in LOOKING or replace(need, place=before.place) == before:
        return request, ()
    if need.urgency is not before.urgency:
        request = ladder.hurry(request, now, policy)
    return request, ringing.search(request, policy)


def _spoken(need: Need) -> Need:
    """The same on the phone."""
    return replace(need, constraints=tuple(one for one in need.constraints if one != "text"))


def request_placed(request: Request, event: events.RequestPlaced, now: datetime, policy: Policy) -> Outcome:
    """As if they had texted it."""
    if not event.need.languages:
        return listen_by_phone(request, events.ListenByPhone(event.need), now, policy)
    request, effects = text_received(request, events.TextReceived(event.need), now, policy)
    return replace(request, found_by=f"named by {event.by}"), effects


def call_arrived(request: Request, event: events.CallArrived, now: datetime, policy: Policy) -> Outcome:
    """The hotline rings: we will listen. Who has texted, is to be called back or is rung goes on from there."""
    leg = Leg(event.leg_id, LegRole.REQUESTER, LegState.ON_LINE, event.call_sid)
    if request.state is not RequestState.RECEIVED:
        return _calls_instead(request, leg, now, policy) if waiting_for_call(request) else (request, ())
    need = replace(request.need, withheld=event.withheld)
    return replace(request.with_leg(leg).to(RequestState.IDENTIFYING), listens=1, need=need), ()


def waiting_for_call(request: Request | None) -> Request | None:
    """The request, if a call of its requester is about it: they texted, or have hung up and keep their place, or we
    ring their phone while they ring us."""
    if request is None or request.reach.on_site:
        return None
    rung = request.leg_of(LegRole.REQUESTER)
    if rung is not None:
        return request if rung.state is LegState.DIALLING and request.state is not RequestState.CONNECTED else None
    return request if request.state in LOOKING or _asked_by_text(request) else None


def _asked_by_text(request: Request) -> bool:
    return request.channel is Channel.TEXT and request.state in _UNKNOWN


def _calls_instead(request: Request, leg: Leg, now: datetime, policy: Policy) -> Outcome:
    """Who is being rung comes straight in. Who was asked for the language by text is listened to. Everybody else hears
    that we are looking, in their language, and how to correct it: a telephone may be shared."""
    rung = request.leg_of(LegRole.REQUESTER)
    if rung is not None:
        return request.with_leg(replace(rung, state=LegState.ENDED)).with_leg(leg), (HangUp(rung.id),)
    request, gone = ringing.withdraw(request, now) if in_writing(request) else (request, ())
    request = replace(request.with_leg(leg), channel=Channel.VOICE, need=_spoken(request.need))
    if request.state in _UNKNOWN:
        request = replace(request.to(RequestState.IDENTIFYING), guesses=(), listens=1)
        return request.without(DeadlineKind.IDENTIFY_TIMES_OUT), gone
    request = replace(request, reach=replace(request.reach, told="", callback=True))
    if request.state in (RequestState.WAITING, RequestState.CALLBACK_SCHEDULED):
        request = request.to(RequestState.MATCHING)
    return request, (*gone, *ringing.search(request, policy))


def speech_recorded(request: Request, event: events.SpeechRecorded, now: datetime, policy: Policy) -> Outcome:
    """Somebody spoke, or said nothing."""
    if request.state is not RequestState.IDENTIFYING:
        return request, (DeleteRecording(event.recording_sid),) if event.recording_sid else ()
    if event.recording_sid is None:
        return _nothing_heard(request, moved=False, policy=policy)
    due = now + timedelta(seconds=policy.identify_seconds)
    return request.due(DeadlineKind.IDENTIFY_TIMES_OUT, due), (HearSpeech(event.recording_sid),)


def language_heard(request: Request, event: events.LanguageHeard, now: datetime, policy: Policy) -> Outcome:
    """A worker has listened or read: settle, ask which of the guesses, or ask openly."""
    if request.state is not RequestState.IDENTIFYING:
        return request, ()
    request = request.without(DeadlineKind.IDENTIFY_TIMES_OUT)
    named = [code for code in event.named if code not in request.need.excluded]
    if named:
        if varieties.known(event.variety):
            request = replace(request, need=replace(request.need, variety=event.variety))
        return _settle(request, named[0], 0.9, "named aloud", now, policy)
    # An officer who writes or speaks English is not asking for English: that guess says nothing.
    officer = request.channel is Channel.TEXT or request.role is Role.OFFICER
    ignored = {"eng"} if officer else set[str]()
    guesses = tuple(g for g in event.guesses if g.language not in ignored | set(request.need.excluded))
    if event.decision == "accept" and guesses and guesses[0] == event.guesses[0]:
        best = guesses[0]
        return _settle(request, best.language, best.confidence, event.found_by, now, policy)
    if event.decision == "no_speech":
        return _nothing_heard(request, moved=True, policy=policy)
    asked = guesses[:3] if event.decision in ("accept", "confirm") and guesses == event.guesses else ()
    return _ask_which(replace(request, guesses=asked), moved=True)


def language_failed(request: Request, event: events.LanguageFailed, now: datetime, policy: Policy) -> Outcome:
    """The machine cannot tell: the person is asked, the dispatcher learns why."""
    request, effects = replace(request, trouble=event.reason), (AlertDispatcher(event.reason),)
    if request.state is not RequestState.IDENTIFYING:
        return request, effects
    request, more = _ask_which(request.without(DeadlineKind.IDENTIFY_TIMES_OUT), moved=True)
    return request, effects + more


def _nothing_heard(request: Request, moved: bool, policy: Policy) -> Outcome:
    """Silence: ask to speak once more, then offer the spoken menu."""
    if request.channel is Channel.TEXT or request.listens >= policy.listens:
        return _ask_which(request, moved)
    return replace(request, listens=request.listens + 1), move(request, LegRole.REQUESTER) if moved else ()


def _ask_which(request: Request, moved: bool) -> Outcome:
    """Ask the person which language it is: by menu on the phone, by question in a text."""
    request = request.to(RequestState.CONFIRMING)
    if request.channel is Channel.VOICE:
        return request, move(request, LegRole.REQUESTER) if moved else ()
    codes = [guess.language for guess in request.guesses[:2]]
    stem = "officer" if request.role is Role.OFFICER else "text"
    if not codes:
        return request, (text_requester(request, f"{stem}_which_language"),)
    if len(codes) == 1 or request.role is not Role.OFFICER:
        return request, (text_requester(request, f"{stem}_confirm_language", language=codes[0], speak=codes[0]),)
    return request, (text_requester(request, "officer_confirm_choices", first=codes[0], second=codes[1]),)


def ask_by_text(request: Request) -> Outcome:
    """Ask in a text which language it is: their phone was not answered."""
    return _ask_which(replace(request, channel=Channel.TEXT), moved=False)


def language_chosen(request: Request, event: events.LanguageChosen, now: datetime, policy: Policy) -> Outcome:
    """A person has said which: that settles it. Who came by the menu of places is asked for the variety as well."""
    if request.language == event.language or request.state in (RequestState.CONNECTING, RequestState.CONNECTED):
        return request, ()
    origin = request.need.origin
    if origin is not None and not event.variety and len(varieties.at(origin, event.language)) > 1:
        return replace(request, need=replace(request.need, which_variety=event.language)), ()
    if varieties.known(event.variety):
        request = replace(request, need=replace(request.need, variety=event.variety))
    request, withdrawn = ringing.let_everybody_go(request, now)
    request, effects = _settle(request, event.language, 1.0, event.by, now, policy)
    return request, withdrawn + effects


def variety_named(request: Request, event: events.VarietyNamed, now: datetime, policy: Policy) -> Outcome:
    """Which variety it is, or that it is not known after all: whoever rings for it in vain is let go, others are rung.

    While they talk nobody is replaced: it is kept for whoever comes next.
    """
    need = request.need
    if event.variety == need.variety or (event.variety and not varieties.known(event.variety)):
        return request, ()
    told = tuple(code for code in need.not_varieties if code != event.variety)
    request = replace(request, need=replace(need, variety=event.variety, also_varieties=(), not_varieties=told))
    if request.state not in LOOKING or request.language is None:
        return request, ()
    request, withdrawn = ringing.withdraw(request, now)
    searched = request if request.seated else request.to(RequestState.MATCHING)
    searched = ladder.again(searched.without(DeadlineKind.LOOK_AGAIN).without(DeadlineKind.MATCH_AGAIN), now, policy)
    told_so: tuple[Effect, ...] = ()
    if searched.channel is Channel.TEXT:
        told_so = (_understood(searched),)
    return searched, (*ringing.search(searched, policy), *withdrawn, *told_so)


def language_wrong(request: Request, event: events.LanguageWrong, now: datetime, policy: Policy) -> Outcome:
    """It is not this language: nobody is rung for it any more, and the person is asked."""
    if request.state in (RequestState.CONNECTING, RequestState.CONNECTED):
        return request, ()
    request, withdrawn = ringing.let_everybody_go(request, now)
    request, effects = _ask_which(replace(request, language=None, certainty=None, guesses=()), moved=False)
    return request, withdrawn + effects


def other_language_first(request: Request, event: events.OtherLanguageFirst, now: datetime, policy: Policy) -> Outcome:
    """They speak another language first: ask where they are from, then which of the languages spoken there."""
    if request.channel is not Channel.VOICE or request.language != origins.SECOND_LANGUAGE:
        return request, ()
    if request.state in (RequestState.CONNECTING, RequestState.CONNECTED):
        return request, ()
    request, withdrawn = ringing.let_everybody_go(request, now)
    request = replace(request.to(RequestState.CONFIRMING), language=None, certainty=None, guesses=())
    return replace(request, need=replace(request.need, origin="")).without(DeadlineKind.MATCH_AGAIN), withdrawn


def origin_chosen(request: Request, event: events.OriginChosen, now: datetime, policy: Policy) -> Outcome:
    """They said where from: the next question is narrower."""
    if request.state is not RequestState.CONFIRMING or request.need.origin is None:
        return request, ()
    return replace(request, need=replace(request.need, origin=event.place)), ()


def person_wanted(request: Request, event: events.PersonWanted, now: datetime, policy: Policy) -> Outcome:
    """No menu helps: bring the duty desk in while the language is not known; without a desk, tell the dispatcher."""
    if request.state is not RequestState.CONFIRMING or request.channel is not Channel.VOICE:
        return request, ()
    if request.leg_of(LegRole.AGENCY) is not None:
        return request, ()
    alert = AlertDispatcher("A person on the line could not say which language they speak. Speak to them.")
    request, called = ringing.call_desk(request, policy)
    return request, (*called, alert)


def _settle(request: Request, language: str, certainty: float, found_by: str, now: datetime, policy: Policy) -> Outcome:
    """The language is known: say so, and look for interpreters."""
    request = replace(request, language=language, certainty=certainty, found_by=found_by, guesses=())
    request = replace(request, need=replace(request.need, origin=None, hints=(), which_variety=""))
    off: tuple[Effect, ...] = ()
    if request.reach.on_site:
        # It was another language, and somebody was asked to come for that.
        off, request = (CallOffOnSite("another language"),), replace(request, reach=Reach())
    request = request.without(DeadlineKind.IDENTIFY_TIMES_OUT)
    if in_writing(request):
        request, arranged = writing.begin(request, now, policy)
        return request, (*off, *arranged)
    if channel(request) == "in_person":
        request, arranged = on_site.begin(request)
        return request, (*off, *arranged)
    request = request.to(RequestState.MATCHING)
    request = ladder.begin(request, now, policy)
    # The ring goes out first, the words after: seconds count more for the phone that rings.
    told = move(request, LegRole.REQUESTER) if found_by in ("heard", "named aloud") else ()
    if request.channel is Channel.TEXT:
        told = (_understood(request),)
        if request.role is Role.COMMUNITY and phrases.has("text_or_write", language):
            told += (text_requester(request, "text_or_write"),)
    return request, (*ringing.search(request, policy), *told, *off)


def _understood(request: Request) -> SendText:
    details = [request.need.place, "" if request.need.urgency == "routine" else request.need.urgency.value]
    details += [constraint.replace("_", " ") for constraint in request.need.constraints]
    told = "".join(f", {detail}" for detail in details if detail)
    if request.role is Role.OFFICER:
        return text_requester(request, "officer_understood", language=request.spoken, details=told)
    return text_requester(request, "text_understood", language=request.spoken)


def move(request: Request, role: LegRole) -> tuple[Effect, ...]:
    """Let that phone ask at once what it hears next."""
    leg = request.leg_of(role)
    return (MoveCall(leg.id),) if leg and leg.live else ()


def text_requester(request: Request, key: str, speak: str = "", **params: str) -> SendText:
    """A text to the requester: English to officers, the person's own language to everybody else."""
    language = "eng" if request.role is Role.OFFICER else speak or request.language or "eng"
    return SendText(To.REQUESTER, request.requester_id, key, language, params)
