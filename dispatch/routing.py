"""Whom to ask, in what order. A plain function over the interpreters who could be rung."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from dispatch.offer import OfferState
from dispatch.people import Interpreter, Skill
from dispatch.request import Request

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_GENDERS = frozenset({"female", "male"})


@dataclass(frozen=True)
class Candidate:
    """An interpreter to ask, and why, in words for the dispatcher."""

    interpreter_id: str
    reason: str


def wanted_languages(request: Request) -> tuple[str, ...]:
    """ISO 639-3 codes any one of which will do: the settled language, then the requester's own alternatives."""
    if request.language is None:
        return ()
    others = request.need.alternatives if request.language in request.need.alternatives else ()
    return tuple(dict.fromkeys((request.language, *others)))


def rank(request: Request, interpreters: Iterable[Interpreter], now: datetime) -> tuple[Candidate, ...]:
    """Interpreters to ask, best first: own staff before contractors, then proficiency, then who rested longest.

    Somebody who declined this request is not asked again; somebody who missed the call is asked last.
    """
    wanted = wanted_languages(request)
    declined = {o.interpreter_id for o in request.offers if o.state in (OfferState.DECLINED, OfferState.FAILED)}
    missed = {o.interpreter_id for o in request.offers if o.state is OfferState.EXPIRED}
    gender = next((c for c in request.need.constraints if c in _GENDERS), None)
    ranked: list[tuple[tuple[object, ...], Candidate]] = []
    for interpreter in interpreters:
        skill = _best_skill(interpreter, wanted)
        if skill is None or interpreter.id in declined or not interpreter.can_be_rung(now):
            continue
        if gender is not None and interpreter.gender != gender:
            continue
        rested = interpreter.last_offered_at or _LONG_AGO
        key = (interpreter.id in missed, interpreter.tier, -skill.proficiency, rested, interpreter.id)
        reason = f"tier {interpreter.tier}, proficiency {skill.proficiency} of 5"
        ranked.append((key, Candidate(interpreter.id, reason)))
    return tuple(candidate for _, candidate in sorted(ranked, key=lambda pair: pair[0]))


def _best_skill(interpreter: Interpreter, wanted: tuple[str, ...]) -> Skill | None:
    skills = [skill for code in wanted if (skill := interpreter.speaks(code)) is not None]
    return max(skills, key=lambda skill: skill.proficiency, default=None)
