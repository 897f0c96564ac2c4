"""An expected arrival of people: values, and how its form is read. How often they need an interpreter: `contacts`."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from dispatch import languages
from dispatch.errors import ArrivalInvalid
from dispatch.shifts import zone_named

CONTACTS_PER_DAY = 0.5
LONGEST = timedelta(days=14)
FARTHEST = timedelta(days=366)
LONGEST_NAME = 120
MOST_PEOPLE = 100_000
_HOUR = timedelta(hours=1)


class Shape(StrEnum):
    """How a day's conversations are spread over its hours."""

    INTAKE = "intake"
    """Half of the first day's in the four hours after people come, whatever the hour; the rest, and later days, as
    DAYTIME."""
    DAYTIME = "daytime"
    """Evenly from 8:00 to 20:00, half as many in the hour before and after, hardly any (one in twenty) at night."""
    EVEN = "even"
    """Around the clock."""


class ArrivalState(StrEnum):
    """Where an arrival stands."""

    EXPECTED = "expected"
    CALLED_OFF = "called_off"


@dataclass(frozen=True)
class Share:
    """One language of those who come."""

    language: str
    """ISO 639-3."""
    people: float
    """How many of them speak it first."""
    variety: str = ""
    """Dialect, district or country, in the words that were written."""


@dataclass(frozen=True)
class Arrival:
    """What is known of an arrival. Place, liaison and note are sealed in the store and forgotten some time after."""

    id: str
    name: str
    """What it is called on the console; no names of people."""
    starts: datetime
    ends: datetime
    """Until when interpreters are needed on account of it."""
    zone: str
    people: int
    languages: tuple[Share, ...]
    area: str = ""
    """The part of town, as interpreters are told."""
    place: str = ""
    contacts_per_day: float = CONTACTS_PER_DAY
    shape: Shape = Shape.INTAKE
    liaison: str = ""
    liaison_phone: str = ""
    """E.164."""
    note: str = ""
    state: ArrivalState = ArrivalState.EXPECTED
    version: int = 0

    @property
    def hours(self) -> list[datetime]:
        """Every hour that it touches, from full hour to full hour."""
        first = self.starts.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return [first + number * _HOUR for number in range(-(-(self.ends - first) // _HOUR))]

    @property
    def not_known(self) -> float:
        """How many people's language nobody has said."""
        return max(self.people - sum(share.people for share in self.languages), 0.0)


def check(arrival: Arrival, now: datetime) -> None:
    """Raises ArrivalInvalid, naming what cannot be and what to do."""
    zone_named(arrival.zone)
    if not arrival.name.strip():
        raise ArrivalInvalid("Give the arrival a name, like: bus from the south.")
    if max(len(arrival.name), len(arrival.area)) > LONGEST_NAME:
        raise ArrivalInvalid(f"Name and part of town: {LONGEST_NAME} characters at most.")
    if arrival.ends <= arrival.starts:
        raise ArrivalInvalid("It ends before it begins; put in how long interpreters are needed.")
    if arrival.ends - arrival.starts > LONGEST:
        raise ArrivalInvalid(f"Plan {LONGEST.days} days at most; enter a longer stay in parts.")
    if arrival.ends <= now or arrival.starts > now + FARTHEST:
        raise ArrivalInvalid("An arrival is planned for a time to come, a year ahead at most.")
    if not 1 <= arrival.people <= MOST_PEOPLE:
        raise ArrivalInvalid(f"How many people? A number from 1 to {MOST_PEOPLE}.")
    if not 0 < arrival.contacts_per_day <= 20:
        raise ArrivalInvalid("Conversations for each person a day: a number above 0, 20 at most.")
    if not arrival.languages:
        raise ArrivalInvalid("Name at least one language; where nobody knows, the likeliest, like: Spanish.")
    if sum(share.people for share in arrival.languages) > arrival.people * 1.001:
        raise ArrivalInvalid("The languages come to more people than are expected; put in smaller numbers.")


_PART = re.compile(
    r"(?P<name>[^\d%()]+?)\s*(?:\((?P<variety>[^()]{1,60})\))?\s*[:=]?\s*(?:(?P<number>\d+(?:\.\d+)?)\s*(?P<share>%)?)?"
)


def read_languages(text: str, people: int) -> tuple[Share, ...]:
    """ "Mam (Todos Santos) 40%, Spanish 30, French": shares or counts; who has neither shares what is left equally.

    Raises ArrivalInvalid naming the part that cannot be read, UnknownLanguage with the nearest name.
    """
    found: list[tuple[str, float | None, str]] = []
    for part in (part.strip() for part in re.split(r"[,;\n]", text) if part.strip()):
        read = _PART.fullmatch(part)
        if read is None:
            raise ArrivalInvalid(f"{part!r} cannot be read; write it like: Mam 40%, Spanish 30, French")
        code = languages.normalise(read["name"])
        if any(code == known for known, _, _ in found):
            raise ArrivalInvalid(f"{languages.get(code).english} stands there twice; put it in once.")
        number = float(read["number"]) * (people / 100 if read["share"] else 1.0) if read["number"] else None
        found.append((code, number, (read["variety"] or "").strip()))
    told = sum(number for _, number, _ in found if number is not None)
    open_ones = sum(number is None for _, number, _ in found)
    each = max(people - told, 0.0) / open_ones if open_ones else 0.0
    shares = (Share(code, each if number is None else number, variety) for code, number, variety in found)
    return tuple(sorted(shares, key=lambda share: -share.people))


def write_languages(arrival: Arrival) -> str:
    """The languages as `read_languages` reads them."""
    parts = []
    for share in arrival.languages:
        variety = f" ({share.variety})" if share.variety else ""
        parts.append(f"{languages.get(share.language).english}{variety} {share.people:g}")
    return ", ".join(parts)


def days_of(arrival: Arrival) -> list[date]:
    """The days that it touches, by the clock of its place."""
    zone = zone_named(arrival.zone)
    return sorted({hour.astimezone(zone).date() for hour in arrival.hours})
