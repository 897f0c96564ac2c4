"""The coming week against who is on call, and with one more shift: what the coverage page and the API both show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from dispatch import languages, what_if
from dispatch.coverage import Array, Line, Speaker, cover
from dispatch.errors import UnknownInterpreter
from dispatch.people import Interpreter
from dispatch.shifts import zone_named
from dispatch.supply import Town, next_week
from dispatch.what_if import Change, Draft


@dataclass(frozen=True, eq=False)
class Week:
    """The 168 hours from now on."""

    town: Town
    hours: Sequence[datetime]
    demand: Mapping[str, Array]
    speakers: Mapping[str, Speaker]
    lines: Mapping[str, Line]
    """By language, the most expected misses first."""

    def with_shift(self, draft: Draft) -> list[Change]:
        """What that shift would change, the most saved first. Raises ShiftInvalid."""
        return what_if.try_out(self.town, draft, self.hours, self.demand, self.speakers)


def week_of(town: Town) -> Week:
    """The week from the hour that has begun."""
    hours = next_week(town.now)
    demand = town.demand.over(hours, town.zone)
    speakers = town.speakers(hours, demand)
    return Week(town, hours, demand, speakers, cover(demand, list(speakers.values()), town.terms))


def draft_of(
    town: Town, code: str, language: str, days: Sequence[int], begin: time, end: time
) -> tuple[Draft, Interpreter | None]:
    """A shift to try out: of the interpreter with that number, or of one more speaker of `language` where it is "".

    Raises UnknownInterpreter, UnknownLanguage.
    """
    person = next((one for one in town.people if one.code == code), None) if code else None
    if code and person is None:
        raise UnknownInterpreter(f"Nobody on the roster has the number {code}.")
    zone = zone_named((person.terms.timezone if person else "") or town.zone.key).key
    who = person.id if person else what_if.NEW
    spoken = languages.get(language).code if language else ""
    return Draft(who, spoken, tuple(days), begin, end, zone, what_if.first_day(town.now, town)), person
