"""The optional columns of the interpreters' file: credentials, hours, limits, cost. Read, checked, and written back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, time

from dispatch import languages
from dispatch.errors import ShiftInvalid
from dispatch.people import Certificate, Interpreter, QuietHours, Skill, Terms
from dispatch.policy import ENCOUNTERS
from dispatch.shifts import zone_named

TERM_COLUMNS = (
    "certificate",
    "expires",
    "timezone",
    "quiet",
    "daily_limit",
    "weekly_limit",
    "cost",
    "english",
    "channels",
    "not_for",
)
_CHANNELS = ("voice", "text", "in_person")
_QUIET = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")


class BadField(ValueError):
    """One field of one row; the message names the field."""


def read_terms(row: Mapping[str, str]) -> Terms:
    """The terms in a row; an empty or missing cell limits nothing. Raises BadField."""
    daily, weekly = _limit(row, "daily_limit", 1440), _limit(row, "weekly_limit", 10_080)
    if daily is not None and weekly is not None and weekly < daily:
        raise BadField(f"weekly_limit: {weekly} minutes a week is less than daily_limit allows in one day ({daily})")
    return Terms(
        timezone=_zone(row.get("timezone", "")),
        quiet=_quiet(row.get("quiet", "")),
        daily_minutes=daily,
        weekly_minutes=weekly,
        cost=_cost(row.get("cost", "")),
        english=_yes(row.get("english", "")),
        channels=_listed(row.get("channels", ""), "channels", _CHANNELS),
        not_for=_listed(row.get("not_for", ""), "not_for", ENCOUNTERS),
    )


def proven(skills: tuple[Skill, ...], row: Mapping[str, str]) -> tuple[Skill, ...]:
    """The skills with their certificates. Raises BadField."""
    held = _by_language(row.get("certificate", ""), "certificate", skills)
    until = _by_language(row.get("expires", ""), "expires", skills)
    for code in until:
        if code not in held:
            raise BadField(f"expires: there is no certificate in {languages.get(code).english} that could expire")
    return tuple(
        replace(
            skill,
            certificate=_certificate(held[skill.language]) if skill.language in held else Certificate.NONE,
            expires=_day(until[skill.language]) if skill.language in until else None,
        )
        for skill in skills
    )


def written_terms(interpreter: Interpreter) -> dict[str, str]:
    """The cells that `read_terms` and `proven` read back."""
    terms, held = interpreter.terms, [one for one in interpreter.skills if one.certificate is not Certificate.NONE]
    limits = (terms.daily_minutes, terms.weekly_minutes)
    return {
        "certificate": "; ".join(f"{skill.language}:{skill.certificate.value}" for skill in held),
        "expires": "; ".join(f"{skill.language}:{skill.expires.isoformat()}" for skill in held if skill.expires),
        "timezone": terms.timezone,
        "quiet": f"{terms.quiet.start:%H:%M}-{terms.quiet.end:%H:%M}" if terms.quiet else "",
        "daily_limit": "" if limits[0] is None else str(limits[0]),
        "weekly_limit": "" if limits[1] is None else str(limits[1]),
        "cost": f"{terms.cost:g}" if terms.cost else "",
        "english": "" if terms.english else "no",
        "channels": "; ".join(terms.channels),
        "not_for": "; ".join(terms.not_for),
    }


def whole(text: str, field: str, low: int, high: int) -> int:
    """A whole number within these bounds. Raises BadField."""
    if not text.isdecimal() or not low <= int(text) <= high:
        raise BadField(f"{field}: {text!r} is not a whole number from {low} to {high}")
    return int(text)


def _limit(row: Mapping[str, str], field: str, most: int) -> int | None:
    return whole(row[field], field, 1, most) if row.get(field) else None


def _zone(text: str) -> str:
    try:
        return zone_named(text).key if text else ""
    except ShiftInvalid as error:
        raise BadField(f"timezone: {error.words}") from error


def _quiet(text: str) -> QuietHours | None:
    if not text:
        return None
    found = _QUIET.fullmatch(text)
    try:
        start, end = (time.fromisoformat(part.zfill(5)) for part in found.groups()) if found else (None, None)
    except ValueError:
        start = end = None
    if start is None or end is None:
        raise BadField(f"quiet: {text!r} are not hours; write them like 22:00-07:00")
    if start == end:
        raise BadField(f"quiet: {text!r} begin and end at the same time; sign the interpreter off instead")
    return QuietHours(start, end)


def _cost(text: str) -> float:
    if not text:
        return 0.0
    if not re.fullmatch(r"\d{1,6}(\.\d{1,4})?", text):
        raise BadField(f"cost: {text!r} is not an amount per minute; write it like 0.75")
    return float(text)


def _yes(text: str) -> bool:
    if text.lower() not in ("", "yes", "no"):
        raise BadField(f"english: {text!r} is not yes or no")
    return text.lower() != "no"


def _listed(text: str, field: str, known: Iterable[str]) -> tuple[str, ...]:
    named = [part.strip().lower() for part in re.split(r"[;,]", text) if part.strip()]
    for name in named:
        if name not in known:
            raise BadField(f"{field}: {name!r} is not one of {', '.join(known)}")
    return tuple(dict.fromkeys(named))


def _by_language(text: str, field: str, skills: tuple[Skill, ...]) -> dict[str, str]:
    """ "spa:tested; hat:certified" by language; a value without one is for every language of the row."""
    found: dict[str, str] = {}
    spoken = [skill.language for skill in skills]
    for part in (part.strip() for part in text.split(";")):
        if not part:
            continue
        name, colon, value = part.rpartition(":")
        if not colon:
            found = dict.fromkeys(spoken, value.strip()) | found
            continue
        try:
            code = languages.normalise(name.strip())
        except languages.UnknownLanguage as error:
            raise BadField(f"{field}: {error}") from error
        if code not in spoken:
            raise BadField(f"{field}: {languages.get(code).english} is not among this row's languages")
        found[code] = value.strip()
    return found


def _certificate(text: str) -> Certificate:
    if text.lower() not in set(Certificate):
        raise BadField(f"certificate: {text!r} is not one of {', '.join(Certificate)}")
    return Certificate(text.lower())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadField(f"expires: {text!r} is not a day; write it like 2027-06-30") from error
