"""Who may be asked at all: the hard constraints, each with its reason in words.

A plain function of the request, one interpreter, what the store knows of them, `now` and the policy. Preferences among
those who may be asked are in `routing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from dispatch import languages, varieties
from dispatch.offer import OfferState
from dispatch.people import Availability, Certificate, Interpreter, Skill
from dispatch.policy import TIERS, Policy
from dispatch.request import Need, Request
from dispatch.values import replace
from dispatch.varieties import Fit

FULL_PROFICIENCY = 4
"""Of 5: what a full interpreter has, where a basic command of the language was not enough."""
GENDERS = frozenset({"female", "male"})
_CHANNELS = {"text": "text", "in_person": "in_person"}


class Facts(NamedTuple):
    """What is known of an interpreter besides the roster, with this request in mind."""

    minutes_today: float = 0.0
    """In sessions since midnight where they live."""
    minutes_week: float = 0.0
    """In sessions since Monday where they live."""
    offers_week: int = 0
    """Offers in the last seven days."""
    away: str = ""
    """Why their shifts or time off keep them from being rung now, in words; "" where they do not."""
    own_request: bool = False
    """They asked for this interpreter themselves."""
    apart: str = ""
    """Why they and the requester are kept apart, in words; "" where they are not."""
    held_back: Mapping[str, str] = MappingProxyType({})
    """Encounter types that they are not asked for until a task is cleared, with the reason; "" is all of them."""
    served_before: bool = False
    """They interpreted for this requester lately."""
    answers: float = 0.5
    """The chance that they accept if rung now."""


class Verdict(NamedTuple):
    """Whether an interpreter may be asked, and why or why not, in words for the dispatcher."""

    ok: bool
    reason: str
    later: bool = False
    """True where only their tier's turn has not come."""
    skill: Skill | None = None
    """The language they would work in."""
    through: str = ""
    """The bridge language of a relay that they would take half of; "" for the whole way."""
    fit: Fit = Fit.SAME
    """How what they speak fits the variety asked for; SAME too where none was."""


@dataclass(frozen=True)
class Wanted:
    """The languages of one seat: any of `any_of`, and where it is half of a relay, `bridge` as well."""

    any_of: tuple[str, ...]
    bridge: str = ""


def wanted(request: Request, seat: int = 1) -> Wanted:
    """What the interpreter in that seat must speak (ISO 639-3). Seat 2 of a relay speaks the bridge and English."""
    if request.language is None:
        return Wanted(())
    if seat == 2:
        bridge = next((offer.language for offer in request.seated if offer.seat == 1), request.reach.bridge)
        return Wanted((bridge,)) if bridge else Wanted(())
    others = request.need.alternatives if request.language in request.need.alternatives else ()
    return Wanted(tuple(dict.fromkeys((request.language, *others))), request.reach.bridge)


def channel(request: Request) -> str:
    """How they are to meet: "voice", "text" or "in_person". Sign languages are never a voice call."""
    asked = next((_CHANNELS[one] for one in request.need.constraints if one in _CHANNELS), "")
    signed = request.language is not None and not languages.get(request.language).voice_call
    return "in_person" if signed else asked or "voice"


def in_writing(request: Request) -> bool:
    """Whether they are to write instead of talking."""
    return channel(request) == "text"


def required(request: Request, policy: Policy) -> Certificate:
    """The credential that the encounter, or the requester's own word, asks for; none with an exception on record."""
    if request.need.exception:
        return Certificate.NONE
    if "certified" in request.need.constraints:
        return Certificate.CERTIFIED
    asked = policy.credentials.get(request.need.encounter or "routine", Certificate.NONE)
    return Certificate.TESTED if request.need.full and asked is Certificate.NONE else asked


def least_proficiency(request: Request) -> int:
    """How well the language must be spoken at least, 1 to 5."""
    return FULL_PROFICIENCY if request.need.full and not request.need.exception else 1


def fits(request: Request, interpreter: Interpreter, facts: Facts, at: datetime, policy: Policy) -> bool:
    """Whether this interpreter may be asked for something that begins at `at`, if they are free by then.

    Whether they are on, busy or in quiet hours now says nothing about then, and nobody waits for a tier's turn.
    """
    free = replace(
        interpreter,
        availability=Availability.ON,
        busy_until=None,
        wrap_up_until=None,
        engaged=False,
        terms=replace(interpreter.terms, quiet=None, daily_minutes=None, weekly_minutes=None),
    )
    verdict = consider(request, free, facts._replace(away=""), at, policy)
    return verdict.ok or verdict.later


@dataclass(frozen=True)
class Asked:
    """What one request asks of whoever takes that seat: worked out once, weighed against everybody."""

    request: Request
    seek: Wanted
    certificate: Certificate
    last_tier: int
    encounter: str
    gender: str | None
    channel: str
    proficiency: int
    """At least."""
    varied: bool
    """A variety was asked for, or ruled out."""
    had: Mapping[str, str]
    """Why interpreters who were asked before are not asked again, in words."""

    @classmethod
    def of(cls, request: Request, policy: Policy, seat: int = 1) -> "Asked":
        """What this request asks."""
        constraints = request.need.constraints
        return cls(
            request,
            wanted(request, seat),
            required(request, policy),
            last_tier(request, policy),
            request.need.encounter or "routine",
            next((one for one in constraints if one in GENDERS), None),
            channel(request),
            least_proficiency(request),
            bool(request.need.variety or request.need.also_varieties or request.need.not_varieties),
            {offer.interpreter_id: _HAD[offer.state] for offer in request.offers if offer.state in _HAD},
        )


def consider(
    request: Request, interpreter: Interpreter, facts: Facts, now: datetime, policy: Policy, seat: int = 1
) -> Verdict:
    """Whether this interpreter may be asked for that seat now. The first reason against it is the one that is told."""
    return weigh(Asked.of(request, policy, seat), interpreter, facts, now, policy)


def weigh(asked: Asked, interpreter: Interpreter, facts: Facts, now: datetime, policy: Policy) -> Verdict:
    """The same, for one of many who are considered."""
    seek, need = asked.seek, asked.request.need
    skills = [skill for skill in interpreter.skills if skill.language in seek.any_of]
    if not skills:
        return Verdict(False, "does not speak the language")
    if len(skills) > 1:
        skills.sort(key=lambda skill: seek.any_of.index(skill.language))
    if asked.varied:
        of_variety = [skill for skill in skills if fitting(need, skill) is not Fit.OTHER]
        if not of_variety:
            return Verdict(False, _another_variety(need, skills[0]))
        skills = of_variety
    through = ""
    if not interpreter.terms.english:
        through = seek.bridge if seek.bridge and interpreter.speaks(seek.bridge) is not None else ""
        if not through:
            return Verdict(False, "works between their own languages only: for a relay")
    against = (
        kept_apart(asked.request, interpreter, facts)
        or asked.had.get(interpreter.id, "")
        or (_held_back(asked.request, facts) if facts.held_back else "")
        or interpreter.unavailable(now)
        or _off_the_clock(interpreter, facts, now, policy)
        or _not_this_kind(asked, interpreter)
    )
    if against:
        return Verdict(False, against)
    today = interpreter.local(now, policy.timezone).date() if asked.certificate is not Certificate.NONE else None
    proven = [skill for skill in skills if today is None or not skill.lacks(asked.certificate, today)]
    good = [skill for skill in proven if skill.proficiency >= asked.proficiency]
    if not good:
        return Verdict(False, _not_proven(asked, skills, proven, today))
    best = good[0] if len(good) == 1 else min(good, key=lambda skill: (fitting(need, skill), -skill.proficiency))
    fit = fitting(need, best) if asked.varied else Fit.SAME
    if interpreter.tier > asked.last_tier:
        named = TIERS.get(interpreter.tier, f"tier {interpreter.tier}")
        return Verdict(False, f"{named} are asked later", True, best, through, fit)
    return Verdict(True, "may be asked", False, best, through, fit)


def fitting(need: Need, skill: Skill) -> Fit:
    """How what they speak of this language fits the variety asked for. SAME where none was, or of another language."""
    if not (need.variety or need.also_varieties or need.not_varieties):
        return Fit.SAME  # as almost always
    theirs = frozenset(skill.varieties)
    if theirs and theirs <= frozenset(need.not_varieties):
        return Fit.OTHER
    asked = [code for code in (need.variety, *need.also_varieties) if code.partition("-")[0] == skill.language]
    return varieties.fit(theirs - frozenset(need.not_varieties), asked) if asked else Fit.SAME


def fitting_varieties(need: Need) -> tuple[str, ...]:
    """Every variety whose speakers may be asked; none where no variety was asked for."""
    asked = tuple(code for code in (need.variety, *need.also_varieties) if code)
    others = (code for one in asked for code in sorted(varieties.understood(one)))
    return tuple(code for code in dict.fromkeys((*asked, *others)) if code not in need.not_varieties)


def _another_variety(need: Need, skill: Skill) -> str:
    """Why their variety will not do, in words."""
    spoken = varieties.spoken_as(skill.language, skill.varieties)
    if frozenset(skill.varieties) <= frozenset(need.not_varieties):
        return f"speaks {spoken}: said to be the wrong variety for this request"
    one = next(code for code in (need.variety, *need.also_varieties) if code.partition("-")[0] == skill.language)
    asked, close = varieties.get(one).name, any(code in varieties.near(one) for code in skill.varieties)
    known = "may be understood, but only the person can say so" if close else "not known to be understood there"
    return f"speaks {spoken}, not {asked}: {known}"


def last_tier(request: Request, policy: Policy) -> int:
    """The last tier whose turn it is."""
    return max(request.reach.tier, policy.first_tiers.get(request.need.urgency, 1))


_HAD = {
    OfferState.DECLINED: "declined this request",
    OfferState.FAILED: "could not be reached for this request",
    OfferState.ACCEPTED: "is in this session already",
}
"""Of offers that are not made twice; who only missed one is asked again, last."""


KEPT_OUT = "kept out of this request"


def kept_apart(request: Request, interpreter: Interpreter, facts: Facts) -> str:
    """What stands between these two people whoever rings, a search or a dispatcher, in words; "" where nothing does."""
    if facts.own_request:
        return "asked for this interpreter themselves"
    if interpreter.id in request.need.kept_out:
        return KEPT_OUT
    return f"kept apart from this requester: {facts.apart}" if facts.apart else ""


def _held_back(request: Request, facts: Facts) -> str:
    """After a complaint, until somebody has cleared it."""
    encounter = request.need.encounter or "routine"
    for kind, told in (("", ""), (encounter, f" for {encounter} encounters")):
        if kind in facts.held_back:
            return f"not asked{told} until it is cleared: {facts.held_back[kind]}"
    return ""


def _off_the_clock(interpreter: Interpreter, facts: Facts, now: datetime, policy: Policy) -> str:
    """Hours and limits, by the clock where they live."""
    terms = interpreter.terms
    if facts.away:
        return facts.away
    if terms.quiet is not None:
        local = interpreter.local(now, policy.timezone)
        if terms.quiet.hold(local.time()):
            return f"quiet hours until {terms.quiet.end:%H:%M} where they live ({local:%H:%M} there now)"
    if terms.daily_minutes is not None and facts.minutes_today >= terms.daily_minutes:
        return f"has reached the limit of {terms.daily_minutes} minutes today"
    if terms.weekly_minutes is not None and facts.minutes_week >= terms.weekly_minutes:
        return f"has reached the limit of {terms.weekly_minutes} minutes this week"
    return ""


def _not_this_kind(asked: Asked, interpreter: Interpreter) -> str:
    """What was asked for, or what they do not take."""
    if asked.gender is not None and interpreter.gender != asked.gender:
        return f"a {asked.gender} interpreter was asked for"
    if asked.encounter in interpreter.terms.not_for:
        return f"does not take {asked.encounter} encounters"
    channel = asked.channel
    if interpreter.terms.channels and channel not in interpreter.terms.channels:
        return f"does not work {'by ' if channel != 'in_person' else ''}{channel.replace('_', ' ')}"
    return ""


def _not_proven(asked: Asked, skills: list[Skill], proven: list[Skill], today: date | None) -> str:
    """What is missing of the credential, or where they have it of how well they speak."""
    if not proven and today is not None:
        kind = asked.request.need.encounter or "this request"
        why = skills[0].lacks(asked.certificate, today)
        return f"{why} in {_name(skills[0].language)}; {kind} asks for {asked.certificate.value}"
    known = max(skill.proficiency for skill in proven)
    return f"proficiency {known} of 5; a full interpreter is needed, {asked.proficiency} at least"


def _name(code: str) -> str:
    return languages.get(code).english
