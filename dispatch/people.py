"""The people on the line: phone numbers, requesters and interpreters, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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

    def __str__(self) -> str:
        return f"{self.e164[:2]}…{self.e164[-2:]}"

    def __repr__(self) -> str:
        return f"PhoneNumber({self})"


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


@dataclass(frozen=True)
class Skill:
    """One language an interpreter works in. Proficiency 1 (gets by) to 5 (native, tested)."""

    language: str
    proficiency: int = 4


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

    def speaks(self, language: str) -> Skill | None:
        """The skill for an ISO 639-3 language, or None."""
        return next((skill for skill in self.skills if skill.language == language), None)

    def can_be_rung(self, now: datetime) -> bool:
        """Whether this interpreter may be offered a request at `now`."""
        if self.engaged or self.availability is Availability.OFF:
            return False
        if self.availability is Availability.BUSY and (self.busy_until is None or now < self.busy_until):
            return False
        return self.wrap_up_until is None or now >= self.wrap_up_until
