"""Finding people on the roster: by words, language, status, tier and certificate. Plain functions."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dispatch import varieties
from dispatch.people import Certificate, Interpreter, Skill

SOON = timedelta(days=60)
"""A certificate that ends within that is shown as expiring: renewing one takes weeks."""
PAGE = 50


class Proof(StrEnum):
    """What is asked of a certificate."""

    TESTED = "tested"
    CERTIFIED = "certified"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    NONE = "none"


PROOF_WORDS = {
    Proof.TESTED: "tested, valid",
    Proof.CERTIFIED: "certified, valid",
    Proof.EXPIRING: f"expiring within {SOON.days} days",
    Proof.EXPIRED: "expired",
    Proof.NONE: "no certificate",
}


@dataclass(frozen=True)
class Sought:
    """What somebody looks for; "" where they do not mind."""

    find: str = ""
    language: str = ""
    status: str = ""
    tier: str = ""
    proof: str = ""


def fits(one: Interpreter, status: str, sought: Sought, today: date) -> bool:
    """Whether this interpreter, whose status that is, is looked for. A certificate is asked of the language sought, or
    of any where none is."""
    words = sought.find.casefold()
    text = " ".join(
        (one.code, one.name, *(varieties.spoken_as(skill.language, skill.varieties) for skill in one.skills))
    ).casefold()
    skills = [skill for skill in one.skills if sought.language in ("", skill.language)]
    return (
        words in text
        and bool(skills)
        and sought.status in ("", status)
        and sought.tier in ("", str(one.tier))
        and (sought.proof not in set(Proof) or any(proves(skill, Proof(sought.proof), today) for skill in skills))
    )


def proves(skill: Skill, wanted: Proof, today: date) -> bool:
    """Whether the certificate in one language is as asked, on that day."""
    if skill.certificate is Certificate.NONE:
        return wanted is Proof.NONE
    over = skill.expires is not None and today > skill.expires
    match wanted:
        case Proof.EXPIRED:
            return over
        case Proof.EXPIRING:
            return skill.expires is not None and not over and skill.expires - today <= SOON
        case Proof.NONE:
            return False
        case _:
            return not over and skill.certificate.value == wanted.value


def told(skill: Skill, today: date) -> str:
    """A language with its proficiency and certificate, as the roster shows it."""
    words = f"{varieties.spoken_as(skill.language, skill.varieties)} {skill.proficiency}"
    if skill.certificate is Certificate.NONE:
        return words
    words += f", {skill.certificate.value}"
    if skill.expires is None:
        return words
    if proves(skill, Proof.EXPIRED, today):
        return f"{words}, expired {skill.expires.isoformat()}"
    return f"{words} until {skill.expires.isoformat()}"


def page_of(found: int, asked: str) -> tuple[int, int]:
    """The page to show, from 1, and how many there are."""
    pages = max(1, -(-found // PAGE))
    return min(max(int(asked) if asked.isdecimal() else 1, 1), pages), pages
