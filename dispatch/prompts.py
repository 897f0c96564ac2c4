"""What a phone hears next, worked out from stored state alone: asking twice gives the same answer.

`next_prompt(request, leg_id, turn, policy)` is a plain function. `voice.twiml` turns its value into TwiML.
"""

from dataclasses import dataclass

from dispatch import origins, phrases, varieties
from dispatch.offer import Offer, OfferState
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.request import Channel, DeadlineKind, Leg, LegRole, Request, RequestState

_TALKING = (RequestState.CONNECTING, RequestState.CONNECTED)
_LOOKING = (RequestState.MATCHING, RequestState.OFFERING, RequestState.WAITING, RequestState.CALLBACK_SCHEDULED)
_KEYS = 9
"""Keys a menu can use; 0 is for none of them."""


@dataclass(frozen=True)
class Line:
    """One sentence: phrase `key` in `language` (ISO 639-3) with `params`."""

    key: str
    language: str
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class AskLanguage:
    """Say the lines, then record what the caller says."""

    lines: tuple[Line, ...]
    listen: int = 1
    """How often we have asked by now: tells one silence from the next."""


@dataclass(frozen=True)
class ChooseLanguage:
    """Say each language's line in its own voice; digit i+1 chooses `languages[i]`."""

    lines: tuple[Line, ...]
    languages: tuple[str, ...]
    turn: int = 0
    last: bool = False
    """Whether silence after this one brings a person in."""


@dataclass(frozen=True)
class ChooseOrigin:
    """Say each place's line; digit i+1 chooses `places[i]`, 0 says that it is none of them."""

    lines: tuple[Line, ...]
    places: tuple[str, ...]
    none: str
    """The path that stands for "none of them"."""
    turn: int = 0


@dataclass(frozen=True)
class ChooseVariety:
    """Say each variety's line; digit i+1 chooses `varieties[i]`, 0 or silence says that they do not know."""

    lines: tuple[Line, ...]
    language: str
    """ISO 639-3."""
    varieties: tuple[str, ...]
    turn: int = 0


@dataclass(frozen=True)
class Hold:
    """Say the lines, play music for `music_seconds`, and come back with `turn + 1`. Key 9 corrects the language."""

    lines: tuple[Line, ...]
    turn: int
    correctable: bool
    music_seconds: int
    other_first: bool = False
    """Key 8 says "I speak another language first"."""
    also: str = ""
    """Key 1 says "I speak this language (ISO 639-3), or understand this variety, too"."""


@dataclass(frozen=True)
class OfferQuestion:
    """Ask the interpreter: 1 accepts, 2 declines. Says the line up to `repeats` times."""

    line: Line
    repeats: int = 2


@dataclass(frozen=True)
class Join:
    """Say the lines, then enter the conference. `ends` : the conference is over when this phone leaves."""

    lines: tuple[Line, ...]
    conference: str
    role: LegRole
    starts: bool
    ends: bool
    muted: bool = False
    """Whether they are not heard there: they were muted before they left for a moment."""
    listen: bool = False
    """Whether this phone's sound is forked to the service until an interpreter speaks: a vendor's line, on hold."""


@dataclass(frozen=True)
class Held:
    """On hold within the conference: say the lines, play music for `music_seconds`, and again."""

    lines: tuple[Line, ...]
    music_seconds: int


@dataclass(frozen=True)
class SessionMenu:
    """Somebody left the conference for a moment by the star key: digit i+1 chooses `choices[i]`, silence goes back."""

    lines: tuple[Line, ...]
    choices: tuple[str, ...]
    """Of "done", "language", "known", "other", "speaks" (the vendor's interpreter)."""
    by: str
    """ "requester" or "interpreter"."""


@dataclass(frozen=True)
class LeaveMessage:
    """Say the lines, then record a message of two minutes at most."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Farewell:
    """Say the lines and hang up."""

    lines: tuple[Line, ...]


Prompt = (
    AskLanguage
    | ChooseLanguage
    | ChooseOrigin
    | ChooseVariety
    | Hold
    | OfferQuestion
    | Join
    | Held
    | SessionMenu
    | LeaveMessage
    | Farewell
)


def next_prompt(request: Request, leg_id: str, turn: int, policy: Policy) -> Prompt:
    """What leg `leg_id` hears now. `turn` counts how often it came back to hold or to a menu, from 0."""
    leg = request.leg(leg_id)
    if leg is None:
        return Farewell((Line("trouble", request.language or "eng"),))
    if leg.role is LegRole.INTERPRETER:
        return _for_interpreter(request, leg, policy)
    if leg.role is LegRole.AGENCY:
        return _for_desk(request, policy)
    if leg.role is LegRole.VENDOR:
        return _for_vendor(request, policy)
    return _for_requester(request, leg, turn, policy)


def session_menu(request: Request, leg_id: str, policy: Policy) -> Prompt:
    """What a phone hears that left the conference by the star key; whatever it hears next, if nobody talks any more."""
    leg = request.leg(leg_id)
    offer = request.offer(leg_id)
    if leg is not None and leg.role is LegRole.REQUESTER and _vendor_holds(request):
        own = _own(request, policy)
        spoken = own if phrases.has("session_vendor", own) else policy.agency_languages[0]
        return SessionMenu((Line("session_vendor", spoken),), ("speaks",), "requester")
    if leg is None or request.state is not RequestState.CONNECTED:
        return next_prompt(request, leg_id, 1, policy)
    if offer is not None and offer.state is OfferState.ACCEPTED:
        return SessionMenu((_told(offer, "interpreter_session"),), ("done", "language", "known", "full"), "interpreter")
    if leg.role is LegRole.REQUESTER:
        own = _own(request, policy)
        spoken = own if phrases.has("session_menu", own) else policy.agency_languages[0]
        if request.role is Role.OFFICER:
            lines = (Line("session_menu", spoken), Line("session_full", "eng"))
            return SessionMenu(lines, ("language", "known", "other", "full"), "requester")
        return SessionMenu((Line("session_menu", spoken),), ("language", "known", "other"), "requester")
    return next_prompt(request, leg_id, 1, policy)


def held_prompt(request: Request, leg_id: str, policy: Policy) -> Held:
    """What a phone hears that was put on hold: callers in their own language, everybody else in English."""
    leg = request.leg(leg_id)
    caller = leg is not None and leg.role is LegRole.REQUESTER
    own = _own(request, policy) if caller else "eng"
    lines = _where_known("wait_held", own) or (Line("please_wait", own),)
    return Held(lines, policy.hold_music_seconds)


def _vendor_holds(request: Request) -> bool:
    vendor = request.leg_of(LegRole.VENDOR)
    return request.state is RequestState.CONNECTING and vendor is not None and vendor.live and not request.seated


def _for_interpreter(request: Request, leg: Leg, policy: Policy) -> Prompt:
    offer = request.offer(leg.id)
    if offer is not None and offer.state is OfferState.EXPIRED:
        return Farewell((_told(offer, "interpreter_no_key"),))
    if offer is None or offer.state in (OfferState.WITHDRAWN, OfferState.FAILED):
        return Farewell((_told(offer, "interpreter_taken"),))
    if offer.state is OfferState.DECLINED:
        return Farewell((_told(offer, "interpreter_declined"),))
    if offer.state is OfferState.FINISHED or request.over:
        return Farewell((_told(offer, "interpreter_call_over"),))
    if offer.state is OfferState.ACCEPTED:
        alone = offer.seat == 1 and request.open_seat is not None
        lines = (_told(offer, "interpreter_relay_wait" if alone else "interpreter_accepted"),)
        return Join(lines, request.conference, LegRole.INTERPRETER, starts=True, ends=False, muted=leg.muted)
    params = (("agency", policy.agency), ("language", request.spoken), ("urgency", request.need.urgency.value))
    if offer.language:
        key = "interpreter_offer_relay" if offer.seat == 1 else "interpreter_offer_bridge"
        return OfferQuestion(_told(offer, key, (*params, ("first", offer.language))))
    return OfferQuestion(Line("interpreter_offer", "eng", params))


def _told(offer: Offer | None, key: str, params: tuple[tuple[str, str], ...] = ()) -> Line:
    """To an interpreter: in English, or in the bridge language to who works between their own languages only."""
    bridge = offer.language if offer is not None and offer.seat == 1 else ""
    return Line(key, bridge if bridge and phrases.has(key, bridge) else "eng", params)


def _for_vendor(request: Request, policy: Policy) -> Prompt:
    """The vendor's menu and their interpreter: straight into the conference, nothing said over their own words."""
    if request.over:
        return Farewell(())
    line = policy.vendor(request.reach.vendor)
    listen = line is not None and line.listen and _vendor_holds(request)
    return Join((), request.conference, LegRole.VENDOR, starts=True, ends=False, listen=listen)


def _for_desk(request: Request, policy: Policy) -> Prompt:
    if not request.over and request.state is RequestState.CONFIRMING:
        key = "desk_unknown_language" if request.language is None else "desk_taken_over"
        line = Line(key, "eng", (("agency", policy.agency),))
        return Join((line,), request.conference, LegRole.AGENCY, starts=True, ends=False)
    if request.over or (request.accepted is None and request.state not in _TALKING and request.connected_at is None):
        return Farewell((Line("request_over", "eng"),))
    line = Line("desk_joining", "eng", (("agency", policy.agency), ("language", request.spoken)))
    return Join((line,), request.conference, LegRole.AGENCY, starts=True, ends=False)


def _for_requester(request: Request, leg: Leg, turn: int, policy: Policy) -> Prompt:
    own = _own(request, policy)
    if request.reach.told in ("left", "nothing_left") and request.state is RequestState.CALLBACK_SCHEDULED:
        # What becomes of their message, where the language has the sentence; that they are called back was said before.
        return Farewell((*_where_known(f"wait_{request.reach.told}", own), Line("goodbye", own)))
    if request.over:
        return Farewell((Line("goodbye", own),))
    match request.state:
        case RequestState.CONNECTING | RequestState.CONNECTED:
            back = turn > 0 and request.state is RequestState.CONNECTED
            joining: tuple[Line, ...] = () if back else (Line("joined", own),)
            if not back and _rung_by_us(request, leg):
                joining += _where_known("session_star", own)
            # The conference outlives a phone that leaves it: who presses the star key comes back.
            return Join(joining, request.conference, LegRole.REQUESTER, starts=True, ends=False, muted=leg.muted)
        case RequestState.RECEIVED | RequestState.IDENTIFYING:
            return _ask_or_listen(request, turn, policy)
        case RequestState.CONFIRMING if request.leg_of(LegRole.AGENCY) is not None:
            lines = tuple(Line("person_coming", code) for code in policy.agency_languages[: policy.greeting_languages])
            return Join(lines, request.conference, LegRole.REQUESTER, starts=True, ends=True)
        case RequestState.CONFIRMING if request.need.which_variety and request.need.origin is not None:
            return _which_variety(request.need.origin, request.need.which_variety, turn)
        case RequestState.CONFIRMING if request.need.origin is not None:
            return _which_first_language(request, request.need.origin, turn)
        case RequestState.CONFIRMING:
            return _which_language(request, turn, policy)
        case _:
            return _hold(request, own, turn, policy)


def _ask_or_listen(request: Request, turn: int, policy: Policy) -> Prompt:
    top = policy.agency_languages[: policy.greeting_languages]
    if any(deadline.kind is DeadlineKind.IDENTIFY_TIMES_OUT for deadline in request.deadlines):
        # A worker is listening to what they said; it takes well under a second, so say nothing yet.
        return Hold((), turn, correctable=False, music_seconds=2)
    if request.role is Role.OFFICER:
        return _ask_beside_officer(request, policy)
    if request.listens > 1:
        return AskLanguage(tuple(Line("say_again", code) for code in top), request.listens)
    greeting = Line("greeting", top[0], (("agency", policy.agency),))
    return AskLanguage((greeting, *(Line("speak_now", code) for code in top)))


def _ask_beside_officer(request: Request, policy: Policy) -> Prompt:
    """On speaker: the officer may name the language; the person is asked in the likeliest ones, hints first."""
    hinted = (*request.need.languages, *request.need.alternatives, *request.need.hints)
    likely = dict.fromkeys((*hinted, *policy.agency_languages))
    asked = [code for code in likely if code != "eng" and code not in request.need.excluded][: policy.listen_languages]
    key = "speak_now" if request.listens == 1 else "say_again"
    lines = (Line("officer_listening", "eng"), *(Line(key, code) for code in asked))
    return AskLanguage(lines, request.listens)


def _which_first_language(request: Request, origin: str, turn: int) -> Prompt:
    """Where from, district first, then the languages spoken there; asked in the language they also understand."""
    spoken = origins.SECOND_LANGUAGE
    places = origins.countries() if not origin else origins.inside(origin)
    if places:
        lines = tuple(
            Line("first_choose_origin", spoken, (("origin", place.name), ("digit", str(digit))))
            for digit, place in enumerate(places[:_KEYS], 1)
        )
        asked = (Line("first_ask_origin", spoken), *lines, Line("first_no_origin", spoken))
        return ChooseOrigin(asked, tuple(place.path for place in places[:_KEYS]), f"{origin}/?", turn)
    listed = origins.languages_of(origin)
    pages = -(-len(listed) // _KEYS)
    codes = listed[turn % pages * _KEYS :][:_KEYS]
    lines = tuple(
        Line("choose_language", spoken, (("language", code), ("digit", str(digit))))
        for digit, code in enumerate(codes, 1)
    )
    return ChooseLanguage((*lines, Line("person_key", spoken)), codes, turn, last=turn >= pages)


def _which_variety(origin: str, language: str, turn: int) -> Prompt:
    """Which of the varieties spoken there; asked, like the place, in the language they also understand."""
    spoken = origins.SECOND_LANGUAGE
    listed = varieties.at(origin, language)
    pages = -(-len(listed) // _KEYS)
    page = listed[turn % pages * _KEYS :][:_KEYS]
    lines = tuple(
        Line("first_choose_origin", spoken, (("origin", one.name), ("digit", str(digit))))
        for digit, one in enumerate(page, 1)
    )
    asked = (Line("first_ask_variety", spoken, (("language", language),)), *lines, Line("first_no_origin", spoken))
    return ChooseVariety(asked, language, tuple(one.code for one in page), turn)


def _which_language(request: Request, turn: int, policy: Policy) -> Prompt:
    guessed = tuple(guess.language for guess in request.guesses)
    asked_back = bool(guessed) and turn == 0
    listed = dict.fromkeys((*guessed, *policy.agency_languages))
    codes = (
        guessed if asked_back else tuple(c for c in listed if c not in request.need.excluded)[: policy.menu_languages]
    )
    lines = tuple(
        Line("choose_language", code, (("language", code), ("digit", str(digit))))
        for digit, code in enumerate(codes, 1)
    )
    person = () if asked_back else (Line("person_key", policy.agency_languages[0]),)
    return ChooseLanguage((*lines, *person), codes, turn, last=policy.desk and turn + 1 >= policy.menu_rounds)


def _hold(request: Request, own: str, turn: int, policy: Policy) -> Prompt:
    reach, also = request.reach, ""
    if reach.told == "voicemail" and request.state in _LOOKING:
        return LeaveMessage((Line("wait_voicemail", own),))
    told = f"wait_{reach.told}"
    if request.connected_at is not None:
        lines: tuple[Line, ...] = _where_known("wait_replacing", own) or (Line("please_wait", own),)
    elif reach.told == "related" and varieties.known(reach.asked):
        if reach.asked not in request.need.also_varieties and phrases.has(told, own):
            also = reach.asked
            lines = (Line("please_wait", own), Line(told, own, (("language", also),)))
        else:
            lines = (Line("please_wait", own),)
    elif reach.told == "related" and reach.asked not in request.need.alternatives and phrases.has(told, reach.asked):
        # Asked in the language itself: who understands the question knows the answer.
        also = reach.asked
        lines = (Line("please_wait", own), Line(told, also, (("language", also),)))
    elif reach.told and phrases.has(told, own):
        lines = (Line(told, own, (("bridge", reach.bridge), ("first", reach.bridge))),)
    elif request.state in (RequestState.WAITING, RequestState.CALLBACK_SCHEDULED):
        lines = (Line("nobody_free", own),)
        lines += _where_known("session_star", own) if turn == 0 else ()
    elif turn == 0:
        lines = (Line("connecting", own, (("language", request.language or ""),)), Line("press_to_correct", own))
        if request.role is Role.OFFICER and request.language not in (None, own):
            # The person beside the officer hears it in their own language too.
            lines += (Line("connecting", request.language or "", (("language", request.language or ""),)),)
        # Said while they wait in any case: in front of the conference it would cost seconds of the talk.
        lines += _where_known("session_star", own)
    else:
        lines = (Line("please_wait", own),)
    if turn == 0 and request.role is Role.COMMUNITY and not reach.told and phrases.has("reassurance", own):
        lines += (Line("reassurance", own),)
    if request.state is RequestState.WAITING and reach.wait_minutes and phrases.has("wait_minutes", own):
        lines += (Line("wait_minutes", own, (("minutes", str(reach.wait_minutes)),)),)
    other_first = request.language == origins.SECOND_LANGUAGE and request.connected_at is None
    if other_first and turn < 2:
        lines += (Line("first_other_language", origins.SECOND_LANGUAGE),)
    return Hold(lines, turn, request.connected_at is None, policy.hold_music_seconds, other_first, also)


def _rung_by_us(request: Request, leg: Leg) -> bool:
    """Whether it is a community member who has not waited on the line: they hear only now how to ask for another
    interpreter."""
    arrived = request.channel is Channel.VOICE and leg.id == f"{request.id}-1"
    return request.role is Role.COMMUNITY and not arrived and request.state is RequestState.CONNECTING


def _where_known(key: str, language: str) -> tuple[Line, ...]:
    """The sentence, where that language has it: one that an agency added may lack some."""
    return (Line(key, language),) if phrases.has(key, language) else ()


def _own(request: Request, policy: Policy) -> str:
    return "eng" if request.role is Role.OFFICER else request.language or policy.agency_languages[0]
