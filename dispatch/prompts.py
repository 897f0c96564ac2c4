"""What a phone hears next, worked out from stored state alone: asking twice gives the same answer.

`next_prompt(request, leg_id, turn, policy)` is a plain function. `voice.twiml` turns its value into TwiML.
"""

from dataclasses import dataclass

from dispatch import origins, phrases
from dispatch.offer import OfferState
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.request import DeadlineKind, Leg, LegRole, Request, RequestState

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
class Hold:
    """Say the lines, play music for `music_seconds`, and come back with `turn + 1`. Key 9 corrects the language."""

    lines: tuple[Line, ...]
    turn: int
    correctable: bool
    music_seconds: int
    other_first: bool = False
    """Key 8 says "I speak another language first"."""


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


@dataclass(frozen=True)
class Farewell:
    """Say the lines and hang up."""

    lines: tuple[Line, ...]


Prompt = AskLanguage | ChooseLanguage | ChooseOrigin | Hold | OfferQuestion | Join | Farewell


def next_prompt(request: Request, leg_id: str, turn: int, policy: Policy) -> Prompt:
    """What leg `leg_id` hears now. `turn` counts how often it came back to hold or to a menu, from 0."""
    leg = request.leg(leg_id)
    if leg is None:
        return Farewell((Line("trouble", request.language or "eng"),))
    if leg.role is LegRole.INTERPRETER:
        return _for_interpreter(request, leg, policy)
    if leg.role is LegRole.AGENCY:
        return _for_desk(request, policy)
    return _for_requester(request, leg, turn, policy)


def _for_interpreter(request: Request, leg: Leg, policy: Policy) -> Prompt:
    offer = request.offer(leg.id)
    if offer is not None and offer.state is OfferState.EXPIRED:
        return Farewell((Line("interpreter_no_key", "eng"),))
    if offer is None or offer.state in (OfferState.WITHDRAWN, OfferState.FAILED):
        return Farewell((Line("interpreter_taken", "eng"),))
    if offer.state is OfferState.DECLINED:
        return Farewell((Line("interpreter_declined", "eng"),))
    if offer.state is OfferState.FINISHED or request.over:
        return Farewell((Line("interpreter_call_over", "eng"),))
    if offer.state is OfferState.ACCEPTED:
        lines = (Line("interpreter_accepted", "eng"),)
        return Join(lines, request.conference, LegRole.INTERPRETER, starts=True, ends=False)
    params = (("agency", policy.agency), ("language", request.language or ""), ("urgency", request.need.urgency.value))
    return OfferQuestion(Line("interpreter_offer", "eng", params))


def _for_desk(request: Request, policy: Policy) -> Prompt:
    if not request.over and request.state is RequestState.CONFIRMING:
        key = "desk_unknown_language" if request.language is None else "desk_taken_over"
        line = Line(key, "eng", (("agency", policy.agency),))
        return Join((line,), request.conference, LegRole.AGENCY, starts=True, ends=False)
    if request.over or request.accepted is None:
        return Farewell((Line("request_over", "eng"),))
    line = Line("desk_joining", "eng", (("agency", policy.agency), ("language", request.language or "")))
    return Join((line,), request.conference, LegRole.AGENCY, starts=True, ends=False)


def _for_requester(request: Request, leg: Leg, turn: int, policy: Policy) -> Prompt:
    own = "eng" if request.role is Role.OFFICER else request.language or policy.agency_languages[0]
    if request.over:
        return Farewell((Line("goodbye", own),))
    match request.state:
        case RequestState.CONNECTING | RequestState.CONNECTED:
            return Join((Line("joined", own),), request.conference, LegRole.REQUESTER, starts=True, ends=True)
        case RequestState.RECEIVED | RequestState.IDENTIFYING:
            return _ask_or_listen(request, turn, policy)
        case RequestState.CONFIRMING if request.leg_of(LegRole.AGENCY) is not None:
            lines = tuple(Line("person_coming", code) for code in policy.agency_languages[: policy.greeting_languages])
            return Join(lines, request.conference, LegRole.REQUESTER, starts=True, ends=True)
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
    if request.state in (RequestState.WAITING, RequestState.CALLBACK_SCHEDULED):
        lines: tuple[Line, ...] = (Line("nobody_free", own),)
    elif turn == 0:
        lines = (Line("connecting", own, (("language", request.language or ""),)), Line("press_to_correct", own))
        if request.role is Role.OFFICER and request.language not in (None, own):
            # The person beside the officer hears it in their own language too.
            lines += (Line("connecting", request.language or "", (("language", request.language or ""),)),)
    else:
        lines = (Line("please_wait", own),)
    if turn == 0 and request.role is Role.COMMUNITY and phrases.has("reassurance", own):
        lines += (Line("reassurance", own),)
    other_first = request.language == origins.SECOND_LANGUAGE
    if other_first and turn < 2:
        lines += (Line("first_other_language", origins.SECOND_LANGUAGE),)
    return Hold(lines, turn, True, policy.hold_music_seconds, other_first)
