"""Coverage as the API takes and tells it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from dispatch.api.shapes import In, LanguageOut, Moment, Out, Short, Tongue

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Stands = Literal["covered", "thin", "gap", "nobody", "quiet"]
_Chance = Annotated[float, Field(ge=0, le=1)]


def _once_each(days: list[Weekday]) -> list[Weekday]:
    return list(dict.fromkeys(days))


Days = Annotated[list[Weekday], Field(min_length=1, max_length=7), AfterValidator(_once_each)]


class CoverageQuery(In):
    """Which weeks and which day."""

    weeks: int = Field(default=8, ge=1, le=26)
    day: Weekday | None = None


class HourOut(Out):
    """One hour of the day."""

    hour: int
    asked: int
    missed: int = Field(description="Not connected, or later than the target.")


class CoverageLine(Out):
    """A language."""

    language: LanguageOut | None
    speakers: int = Field(description="On the roster.")
    free_now: int
    hours: list[HourOut]


class CoverageOut(Out):
    """When which languages were asked for and missed, the worst first."""

    first: date
    last: date
    time_zone: str
    languages: list[CoverageLine]


class WeekQuery(In):
    """What the coming week is worked out from, and of which language."""

    weeks: int = Field(default=8, ge=1, le=26, description="Of history; older weeks count less.")
    language: Tongue | Literal[""] = Field(default="", description="Only this one.")


class WeekHour(Out):
    """One hour of the coming week."""

    starts: Moment
    day: Weekday = Field(description="By the agency's clock, as `hour`.")
    hour: int
    expected: float = Field(description="Requests.")
    nobody: _Chance = Field(description="The chance that a request finds nobody who answers within the target.")
    relay: _Chance = Field(description="The chance that two interpreters would answer who work through a bridge.")
    stands: Stands = Field(description="`quiet`: nothing is expected.")


class WeekLine(Out):
    """A language in the coming week."""

    language: LanguageOut | None
    expected: float = Field(description="Requests in the week.")
    missed: float = Field(description="Of them, those expected to find nobody in time.")
    relayed: float = Field(description="Of these, those in which a relay would answer all the same.")
    bridge: LanguageOut | None = Field(description="Of such a relay; null where there is none.")
    worst: list[str] = Field(
        description="The worst hours in words.", examples=[["Sat 22:00, 8 h: nobody (1.2 missed)"]]
    )
    speakers: list[str] = Field(description="Who counts, and how; only for tokens with the scope `roster`.")
    hours: list[WeekHour]


class WeekOut(Out):
    """The coming week, the most expected misses first."""

    starts: Moment
    time_zone: str
    weeks_known: float = Field(description="Effective weeks of history: few tell little.")
    session_minutes: float = Field(description="Assumed length of a session.")
    languages: list[WeekLine]


class TriedShift(In):
    """A shift of every week that nobody has yet."""

    interpreter: Annotated[Short, Field(description='Their number; "" for one more speaker of `language`.')] = ""
    language: Tongue | Literal[""] = Field(default="", description="Needed where no interpreter is named.")
    days: Days
    begins: _Clock = Field(description="By the clock of where they live.", examples=["22:00"])
    ends: _Clock = Field(description="Earlier than `begins`: on the next day.", examples=["06:00"])
    weeks: int = Field(default=8, ge=1, le=26, description="Of history; older weeks count less.")

    @model_validator(mode="after")
    def _somebody(self) -> "TriedShift":
        if not self.interpreter and not self.language:
            raise ValueError("name an interpreter, or the language of one more speaker")
        return self


class KeptShift(TriedShift):
    """A shift of somebody on the roster."""

    interpreter: Annotated[Short, Field(min_length=1, description="Their number.", examples=["103"])]


class ChangedHour(Out):
    """An hour that the shift changes."""

    starts: Moment
    day: Weekday
    hour: int
    expected: float
    nobody_before: _Chance
    nobody_after: _Chance
    saved: float = Field(description="Misses not expected any more.")


class SavedLine(Out):
    """A language that the shift changes."""

    language: LanguageOut | None
    saved: float = Field(description="Misses a week not expected any more; below zero: more are.")
    hours: list[ChangedHour]


class WhatIfOut(Out):
    """What the shift would change, the most saved first."""

    interpreter: str | None
    zone: str = Field(description="By whose clock it is.")
    beside_usual: bool = Field(
        description="True: they have no usual shifts, so it would be a promise beside being rung whenever ON."
    )
    saved: float = Field(description="Misses a week, of all languages.")
    languages: list[SavedLine]


class InvitedOut(Out):
    """Whether somebody was asked."""

    interpreter: str
    invited: bool = Field(description="False: they were asked for the same before.")
