"""The people on the line: phone numbers, requesters and interpreters, as values."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

import phonenumbers

from dispatch.errors import InvalidNumber


@dataclass(frozen=True)
class PhoneNumber:
    """A dialable number in E.164. Printing it shows the country code and the last two digits only."""

    e164: str

    @classmethod
    def parse(cls, text: str, region: str = "US") -> "PhoneNumber":
        """Read a number as people write it; `region` is assumed where no country code is given.

        Raises InvalidNumber for anything that could not be a phone number.
        """
        try:
            parsed = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException as error:
            raise InvalidNumber("This is not a phone number; write it like +1 617 555 0100.") from error
        if not phonenumbers.is_possible_number(parsed):
            raise InvalidNumber("This number has too many or too few digits; write it like +1 617 555 0100.")
        return cls(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))

    @classmethod
    def of_nobody(cls, key: str) -> "PhoneNumber":
        """Stands for a number that is not known, withheld or forgotten; `key` keeps one apart from the next."""
        return cls(f"withheld:{key}")

    @property
    def withheld(self) -> bool:
        """Whether it is nobody's number: it cannot be called or texted, and is not told."""
        return self.e164.startswith("withheld")

    @property
    def written(self) -> str:
        """The whole number as people write it: "+1 617 555 0100". For numbers that everybody may know."""
        international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        return str(phonenumbers.format_number(phonenumbers.parse(self.e164), international)).replace("-", " ")

    def __str__(self) -> str:
        return f"{self.e164[:2]}…{self.e164[-2:]}"

    def __repr__(self) -> str:
        return f"PhoneNumber({self})"


UNOPENED = PhoneNumber("")
"""Stands for a number that was left sealed, because nobody is to be called yet."""


class Role(StrEnum):
    """Who asks for an interpreter."""

    OFFICER = "officer"
    """Agency staff, known by their number; the person who needs the interpreter stands beside them."""
    COMMUNITY = "community"
    """Anybody else: the LEP caller or texter themselves."""


@dataclass(frozen=True)
class Requester:
    """A person who asks for an interpreter. Community members are known by number only."""

    id: str
    number: PhoneNumber
    role: Role
    name: str = ""
    unit: str = ""
    language: str | None = None
    """ISO 639-3 of a community member's language once known; None for officers."""


class Availability(StrEnum):
    """What an interpreter has told us about being rung."""

    ON = "on"
    OFF = "off"
    BUSY = "busy"
    """Not to be rung until `busy_until`, then on again."""


class Certificate(StrEnum):
    """What has been proven of an interpreter in one language, least first."""

    NONE = "none"
    """Nobody has tested it."""
    TESTED = "tested"
    """The agency, or somebody it trusts, has tested them in this language."""
    CERTIFIED = "certified"
    """A certifying body has (court, medical or state certificate)."""


_PROVEN = {certificate: rank for rank, certificate in enumerate(Certificate)}


@dataclass(frozen=True)
class Skill:
    """One language an interpreter works in. Proficiency 1 (gets by) to 5 (native, tested)."""

    language: str
    proficiency: int = 4
    certificate: Certificate = Certificate.NONE
    expires: date | None = None
    """The last day on which the certificate is good; None: it does not end."""
    varieties: tuple[str, ...] = ()
    """Codes of `varieties` that they speak; none: they have not said which."""

    def lacks(self, wanted: Certificate, today: date) -> str:
        """Why this skill does not reach `wanted` on that day, in words; "" where it does."""
        if _PROVEN[self.certificate] < _PROVEN[wanted]:
            return f"not {wanted.value}" if self.certificate is Certificate.NONE else f"only {self.certificate.value}"
        if wanted is not Certificate.NONE and self.expires is not None and today > self.expires:
            return f"{self.certificate.value} until {self.expires.isoformat()} only"
        return ""


@dataclass(frozen=True)
class QuietHours:
    """When an interpreter is not to be rung, by the clock where they live. May reach over midnight."""

    start: time
    end: time

    def hold(self, at: time) -> bool:
        """Whether that time of day lies within: from `start` on, up to but without `end`."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True)
class Terms:
    """On what terms an interpreter works. What is not said does not limit anything."""

    timezone: str = ""
    """IANA name of where they live; "" for the agency's own zone."""
    quiet: QuietHours | None = None
    daily_minutes: int | None = None
    """Most minutes of interpreting a day, from midnight where they live."""
    weekly_minutes: int | None = None
    """The same for a week, from Monday."""
    cost: float = 0.0
    """Per minute, in the agency's currency."""
    english: bool = True
    """False: they work between their own languages only, so they can take one half of a relay."""
    channels: tuple[str, ...] = ()
    """Of "voice", "text", "in_person"; none named: all of them."""
    not_for: tuple[str, ...] = ()
    """Encounter types that they do not take, such as "custodial"."""


@dataclass(frozen=True)
class Interpreter:
    """One roster entry. `code` is the interpreter's number, used instead of a name on calls and in texts."""

    id: str
    code: str
    name: str
    number: PhoneNumber
    skills: tuple[Skill, ...]
    tier: int = 1
    """Whom to ask first: 1 own bilingual staff, 2 contractors, 3 volunteers, 4 partner agencies."""
    gender: str | None = None
    availability: Availability = Availability.ON
    busy_until: datetime | None = None
    wrap_up_until: datetime | None = None
    last_offered_at: datetime | None = None
    engaged: bool = False
    """True while an offer to this interpreter is open or they are in a session. Derived by the store, never set."""
    terms: Terms = Terms()

    def speaks(self, language: str) -> Skill | None:
        """The skill for an ISO 639-3 language, or None."""
        return next((skill for skill in self.skills if skill.language == language), None)

    def can_be_rung(self, now: datetime) -> bool:
        """Whether this interpreter may be offered a request at `now`, as far as their own word and work go."""
        return not self.unavailable(now)

    def unavailable(self, now: datetime) -> str:
        """Why this interpreter cannot be rung at `now`, in words; "" where they can."""
        if self.engaged:
            return "being rung or in a session"
        if self.availability is Availability.OFF:
            return "signed off"
        if self.availability is Availability.BUSY and (self.busy_until is None or now < self.busy_until):
            return f"busy until {self.busy_until:%H:%M} UTC" if self.busy_until else "busy"
        if self.wrap_up_until is not None and now < self.wrap_up_until:
            return "in wrap-up after a session"
        return ""

    def local(self, now: datetime, agency_zone: str = "UTC") -> datetime:
        """`now` by the clock where they live."""
        return now.astimezone(ZoneInfo(self.terms.timezone or agency_zone))
