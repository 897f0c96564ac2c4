"""Who may be asked at all: the hard constraints, each with its reason in words.

A plain function of the request, one interpreter, what the store knows of them, `now` and the policy. Preferences among
those who may be asked are in `routing`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dispatch import languages
from dispatch.offer import OfferState
from dispatch.people import Certificate, Interpreter, Skill
from dispatch.policy import TIERS, Policy
from dispatch.request import Request

GENDERS = frozenset({"female", "male"})
_CHANNELS = {"text": "text", "in_person": "in_person"}


@dataclass(frozen=True)
class Facts:
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


def required(request: Request, policy: Policy) -> Certificate:
    """The credential that the encounter, or the requester's own word, asks for; none with an exception on record."""
    if request.need.exception:
        return Certificate.NONE
    if "certified" in request.need.constraints:
        return Certificate.CERTIFIED
    return policy.credentials.get(request.need.encounter or "routine", Certificate.NONE)


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
            next((_CHANNELS[one] for one in constraints if one in _CHANNELS), "voice"),
        )


def consider(
    request: Request, interpreter: Interpreter, facts: Facts, now: datetime, policy: Policy, seat: int = 1
) -> Verdict:
    """Whether this interpreter may be asked for that seat now. The first reason against it is the one that is told."""
    return weigh(Asked.of(request, policy, seat), interpreter, facts, now, policy)


def weigh(asked: Asked, interpreter: Interpreter, facts: Facts, now: datetime, policy: Policy) -> Verdict:
    """The same, for one of many who are considered."""
    seek = asked.seek
    skills = [skill for code in seek.any_of if (skill := interpreter.speaks(code)) is not None]
    if not skills:
        return Verdict(False, "does not speak the language")
    through = ""
    if not interpreter.terms.english:
        through = seek.bridge if seek.bridge and interpreter.speaks(seek.bridge) is not None else ""
        if not through:
            return Verdict(False, "works between their own languages only: for a relay")
    against = (
        _kept_apart(asked.request, interpreter, facts)
        or interpreter.unavailable(now)
        or _off_the_clock(interpreter, facts, now, policy)
        or _not_this_kind(asked, interpreter)
    )
    if against:
        return Verdict(False, against)
    certificate = asked.certificate
    proven = skills
    if certificate is not Certificate.NONE:
        today = interpreter.local(now, policy.timezone).date()
        proven = [skill for skill in skills if not skill.lacks(certificate, today)]
        if not proven:
            kind = asked.request.need.encounter or "this request"
            why = skills[0].lacks(certificate, today)
            return Verdict(False, f"{why} in {_name(skills[0].language)}; {kind} asks for {certificate.value}")
    best = proven[0] if len(proven) == 1 else max(proven, key=_proficiency)
    if interpreter.tier > asked.last_tier:
        named = TIERS.get(interpreter.tier, f"tier {interpreter.tier}")
        return Verdict(False, f"{named} are asked later", later=True, skill=best, through=through)
    return Verdict(True, "may be asked", skill=best, through=through)


def last_tier(request: Request, policy: Policy) -> int:
    """The last tier whose turn it is."""
    return max(request.reach.tier, policy.first_tiers.get(request.need.urgency, 1))


def _kept_apart(request: Request, interpreter: Interpreter, facts: Facts) -> str:
    """Reasons between these two people."""
    if facts.own_request:
        return "asked for this interpreter themselves"
    if interpreter.id in request.need.kept_out:
        return "kept out of this request"
    if facts.apart:
        return f"kept apart from this requester: {facts.apart}"
    for offer in reversed(request.offers):
        if offer.interpreter_id != interpreter.id:
            continue
        if offer.state is OfferState.DECLINED:
            return "declined this request"
        if offer.state is OfferState.FAILED:
            return "could not be reached for this request"
        if offer.state is OfferState.ACCEPTED:
            return "is in this session already"
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


def _proficiency(skill: Skill) -> int:
    return skill.proficiency


def _name(code: str) -> str:
    return languages.get(code).english
